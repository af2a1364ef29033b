//! Graph answers 403 `Authorization_IdentityNotFound`: the token's app has no service principal in the
//! tenant.

use super::directory_forbidden::{answer, is_identity_not_found, newest_fault, nothing_was_read, own_words};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) const IDENTITY_NOT_FOUND: &str = "Authorization_IdentityNotFound";

pub(super) static CHECK: Check = Check {
    id: "identity-not-found",
    link: Link::Directory,
    words: Words {
        title: "Microsoft Graph finds no service principal for the app in this tenant",
        meaning: "The app is registered, and nothing in the tenant acts for it, so Graph refuses every call \
                  of the gateways. Waiting helps only in the first minutes after the enterprise application \
                  was made.",
        fix: &[
            "Look for the app in **Enterprise applications**, by its **Application (client) ID**.",
            "If it is not there, open the consent link: admin consent makes it.",
            "Check again after a minute.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::AdminConsent),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if nothing_was_read(case) {
        return Outcome::Skipped;
    }
    let Some(fault) = newest_fault(case).filter(|fault| is_identity_not_found(fault)) else {
        return Outcome::Pass;
    };
    let mut problem = Problem::broken(answer(fault)).and_saw(own_words(fault));
    let claims = case.token().and_then(|token| token.claims.as_ref());
    if claims.is_some_and(|claims| claims.oid.is_none()) {
        problem = problem.and_saw(Saw::new(Source::Token, "`oid` is not in the token."));
    }
    problem.because_of(fault).word("No principal").found()
}

#[cfg(test)]
mod tests {
    use entra::FaultKind;

    use super::{super::directory_forbidden, *};
    use crate::{
        connection::Connection,
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    fn refused(code: &str) -> Connection {
        let mut connection = directory_forbidden::refused_by_graph(FaultKind::Forbidden, Some(403));
        let Fact::Refused(refused) = &mut connection.evidence.directory else { panic!("it was refused") };
        refused.fault.graph_code = Some(code.to_owned());
        connection
    }

    #[test]
    fn the_code_tells_it_from_a_missing_permission() {
        let connection = refused(IDENTITY_NOT_FOUND);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert!(matches!(fixture::judge(&connection, &directory_forbidden::CHECK), Outcome::Pass));
        let connection = refused("Authorization_RequestDenied");
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        assert!(matches!(fixture::judge(&connection, &directory_forbidden::CHECK), Outcome::Problem(_)));
    }

    #[test]
    fn a_directory_that_was_read_passes_and_nothing_read_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.directory = Fact::NotTried;
        connection.evidence.sync = None;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
