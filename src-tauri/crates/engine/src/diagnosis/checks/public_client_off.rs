//! The gateway’s sign-in needs public client flows, and they are off.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Fact, Source},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "public-client-off",
    link: Link::App,
    words: Words {
        title: "Public client flows are off, and this gateway’s sign-in needs them",
        meaning: "People cannot sign in at the gateway; its own sign-in as an app goes without it. After the switch it can take a few minutes.",
        fix: &[
            "Open the registration’s **Authentication**.",
            "Under **Advanced settings**, set **Allow public client flows** to **Yes**.",
            "Choose **Save**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::Authentication),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Fact::Seen(seen) = &case.evidence.public_client else { return Outcome::Skipped };
    if seen.value.on || !case.profile.public_client.needed {
        return Outcome::Pass;
    }
    let text = match seen.source {
        Source::Graph => "The registration does not say `isFallbackPublicClient` is true.",
        _ => "A request without a secret was refused because the app may not act as a public client.",
    };
    Problem::attention(Saw::new(seen.source, text)).found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_only_for_a_profile_that_needs_them() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.profile = "gespage-print".to_owned();
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Attention);
        if let Fact::Seen(seen) = &mut connection.evidence.public_client {
            seen.value.on = true;
        }
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
