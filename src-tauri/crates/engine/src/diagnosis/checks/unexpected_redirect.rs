//! A redirect, which is never followed.

use super::network_fault;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "unexpected-redirect",
    link: Link::Network,
    words: Words {
        title: "Requests to {host} are sent elsewhere",
        meaning: "Microsoft does not redirect these requests; a sign-in page of the network or a proxy usually does. No secret follows a redirect. Waiting does not help.",
        fix: &[
            "If this network has a sign-in page, open a browser and sign in there.",
            "Ask for `{host}` to be let through without a redirect.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged(case, CHECK.id, "Redirected")
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::UnexpectedRedirect, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "Requests to graph.microsoft.com are sent elsewhere");
        assert_eq!(finding.word.as_deref(), Some("Redirected"));
        connection.evidence.authority = fixture::refused(FaultKind::UnexpectedRedirect, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
