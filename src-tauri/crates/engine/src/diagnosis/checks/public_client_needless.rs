//! Public client flows are on, and nothing needs them.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Fact, Source},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "public-client-needless",
    link: Link::App,
    words: Words {
        title: "Public client flows are on, and this gateway does not need them",
        meaning: "With them on, anybody who knows the client ID can start a sign-in in the app’s name, without its secret. Waiting changes nothing.",
        fix: &[
            "Make sure that no other product signs in with this registration.",
            "Open the registration’s **Authentication**.",
            "Under **Advanced settings**, set **Allow public client flows** to **No**.",
            "Choose **Save**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::Authentication),
    },
    run,
};

/// “Client is public so neither 'client_assertion' nor 'client_secret' should be presented.”
const PUBLIC_CLIENT_WITH_CREDENTIAL: u32 = 700_025;

fn run(case: &Case<'_>) -> Outcome {
    if case.profile.public_client.needed {
        return if case.evidence.public_client.is_untried() { Outcome::Skipped } else { Outcome::Pass };
    }
    let refusal = case.evidence.token.refusal().map(|refused| &refused.fault);
    if refusal.is_some_and(|fault| fault.aadsts == Some(PUBLIC_CLIENT_WITH_CREDENTIAL)) {
        // Another finding says what the setting breaks.
        return Outcome::Pass;
    }
    let Fact::Seen(seen) = &case.evidence.public_client else { return Outcome::Skipped };
    if !seen.value.on {
        return Outcome::Pass;
    }
    let text = match seen.source {
        Source::Graph => "The registration says `isFallbackPublicClient` is true.",
        _ => {
            "A request without a secret passed the check of the client and failed only on its invented code."
        }
    };
    Problem::attention(Saw::new(seen.source, text)).found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};
    use crate::{connection::Connection, evidence::Fact};

    fn switched_on() -> Connection {
        let mut connection = fixture::healthy();
        if let Fact::Seen(seen) = &mut connection.evidence.public_client {
            seen.value.on = true;
        }
        connection
    }

    #[test]
    fn it_fires_only_for_a_profile_that_does_not_need_them() {
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
        let mut connection = switched_on();
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Attention);
        connection.profile = "gespage-print".to_owned();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn what_the_setting_breaks_is_another_finding() {
        let mut connection = switched_on();
        fixture::token_refused(&mut connection, 700_025, "invalid_client");
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        let chain = fixture::chain(&connection);
        assert_eq!(chain.findings[0].id, "public-client-breaks-certificate");
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
