//! The token, or the discovery document, is another tenant’s than the one that was entered.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "tenant-mismatch",
    link: Link::Tenant,
    words: Words {
        title: "The answer comes from another tenant than the one entered",
        meaning: "A gateway would read another directory’s people. Nothing it reads may be used until the two agree. Waiting does not help.",
        fix: &[
            "Open the registration’s **Overview** in the tenant that the gateways are for.",
            "Copy **Directory (tenant) ID** and paste it as the tenant.",
            "Copy **Application (client) ID** from the same page.",
        ],
        who: Who::You,
        page: Some(PortalPage::Overview),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(expected) = case.connection.tenant_id() else { return Outcome::Skipped };
    let evidence = case.evidence;
    let discovered = evidence.tenant.value().map(|tenant| tenant.id.to_string());
    let claims = case.token().and_then(|token| token.claims.as_ref());
    let claimed = claims.and_then(|claims| claims.tid.clone());
    let told = [
        (discovered, Source::TokenEndpoint, "The discovery document’s `issuer` names"),
        (claimed, Source::Token, "The token’s `tid` is"),
    ];
    let mut looked = false;
    for (found, source, words) in told {
        let Some(found) = found else { continue };
        looked = true;
        if !found.eq_ignore_ascii_case(&expected) {
            let text = format!("{words} `{found}`; the tenant that was entered is `{expected}`.");
            return Problem::broken(Saw::new(source, text)).word("Other tenant").found();
        }
    }
    if looked { Outcome::Pass } else { Outcome::Skipped }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::connection::TenantEntry;
    use crate::diagnosis::{Outcome, checks::fixture};

    const OTHER: &str = "99999999-9999-4999-8999-999999999999";

    #[test]
    fn it_fires_on_a_token_of_another_tenant() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::claims(&mut connection).tid = Some(OTHER.to_owned());
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.starts_with("The token’s `tid` is `99999999-"));
        fixture::claims(&mut connection).tid = Some(fixture::TENANT_ID.to_uppercase());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn it_fires_when_discovery_answers_for_another_id() {
        let mut connection = fixture::healthy();
        connection.tenant = Some(TenantEntry { text: OTHER.to_owned() });
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.starts_with("The discovery document"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
