//! With a token at hand, Graph answers with a redirect. It is never followed: the token would go with it.

use entra::FaultKind;

use super::directory_forbidden::{answer, newest_fault, nothing_was_read, own_words};
use crate::diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "unexpected-redirect",
    link: Link::Directory,
    words: Words {
        title: "A request to Microsoft Graph was sent somewhere else",
        meaning: "Graph does not redirect these calls, so something on the way does, mostly a proxy or a \
                  sign-in page of the network. It was not followed, because the token would have gone with \
                  it. Waiting does not help.",
        fix: &[
            "Open a web page in a browser on this network, and sign in if the network asks for it.",
            "Have the proxy let the host pass unchanged.",
            "Check again.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if nothing_was_read(case) {
        return Outcome::Skipped;
    }
    match newest_fault(case) {
        Some(fault) if fault.kind == FaultKind::UnexpectedRedirect => {
            Problem::broken(answer(fault)).and_saw(own_words(fault)).because_of(fault).found()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::directory_forbidden::refused_by_graph, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_redirect_is_broken() {
        let connection = refused_by_graph(FaultKind::UnexpectedRedirect, Some(302));
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert!(found.saw[0].text.contains("HTTP 302"));
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
