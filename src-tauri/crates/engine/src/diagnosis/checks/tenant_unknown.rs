//! Entra ID knows no such tenant in this cloud.

use entra::{Fault, Operation};

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words, aadsts},
    evidence::Fact,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "tenant-unknown",
    link: Link::Tenant,
    words: Words {
        title: "This cloud has no tenant called {tenant}",
        meaning: "No gateway can sign in to a tenant that does not exist here. Waiting does not help.",
        fix: &[
            "Open the registration’s **Overview**.",
            "Copy **Directory (tenant) ID** and paste it as the tenant.",
            "If it is the same, choose the cloud in which the tenant lives.",
        ],
        who: Who::You,
        page: Some(PortalPage::Overview),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let evidence = case.evidence;
    if let Some(fault) = refusal(case) {
        // A tenant that another cloud knows is `wrong-cloud`.
        if !evidence.other_clouds.is_empty() {
            return Outcome::Pass;
        }
        return Problem::broken(refused_request::saw(fault))
            .because_of(fault)
            .with("tenant", case.tenant_words())
            .word("Not found")
            .found();
    }
    match &evidence.tenant {
        Fact::Seen(_) => Outcome::Pass,
        Fact::Refused(refused) if aadsts::finding(&refused.fault) == Some("wrong-cloud") => Outcome::Pass,
        Fact::Refused(refused) => Outcome::CouldNotTell(format!(
            "Entra ID refused to say anything about the tenant: {}.",
            refused_request::codes(&refused.fault)
        )),
        Fact::CouldNotTell(untold) => Outcome::CouldNotTell(untold.because.clone()),
        Fact::NotTried => Outcome::Skipped,
    }
}

/// The refusal which says that this cloud has no such tenant.
pub(super) fn refusal<'a>(case: &Case<'a>) -> Option<&'a Fault> {
    let unknown = |fault: &&Fault| {
        aadsts::finding(fault) == Some("tenant-unknown")
            || (fault.operation == Operation::Discovery
                && fault.aadsts.is_none()
                && fault.oauth_error.as_deref() == Some("invalid_tenant"))
    };
    let refusals = [case.evidence.tenant.refusal(), case.evidence.token.refusal()];
    refusals.into_iter().flatten().map(|refused| &refused.fault).find(unknown)
}

#[cfg(test)]
mod tests {
    use entra::{Cloud, FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_when_discovery_or_the_token_endpoint_knows_no_such_tenant() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 90_002, "invalid_request");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "This cloud has no tenant called contoso.com");
        connection.evidence.token = Fact::NotTried;
        let mut fault = fixture::refusal(FaultKind::Refused, Operation::Discovery);
        fault.oauth_error = Some("invalid_tenant".to_owned());
        connection.evidence.tenant = fixture::refused_with(fault);
        assert!(fixture::finding(&connection, &CHECK).is_some());
    }

    #[test]
    fn a_tenant_that_another_cloud_knows_is_not_unknown() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 90_002, "invalid_request");
        connection.evidence.other_clouds = vec![Cloud::China];
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        let chain = fixture::chain(&connection);
        assert_eq!(chain.findings[0].id, "wrong-cloud");
    }

    #[test]
    fn another_refusal_of_discovery_is_never_green() {
        let mut connection = fixture::healthy();
        let mut fault = fixture::refusal(FaultKind::Refused, Operation::Discovery);
        fault.aadsts = Some(90_099);
        connection.evidence.tenant = fixture::refused_with(fault);
        let Outcome::CouldNotTell(because) = fixture::judge(&connection, &CHECK) else {
            panic!("a refusal without a known number is not told");
        };
        assert!(because.contains("AADSTS90099"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
