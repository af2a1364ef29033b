//! With a token at hand, Graph's answer cannot be used: HTML, half a JSON, or a list that leads astray.

use entra::FaultKind;

use super::directory_forbidden::{answer, newest_fault, nothing_was_read, own_words};
use crate::diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "answer-unreadable",
    link: Link::Directory,
    words: Words {
        title: "What answers in Microsoft Graph’s place cannot be used",
        meaning: "The gateways would read the same and know nobody. Most often a proxy answers with a page \
                  of its own, or cuts long answers short. Waiting helps only when Microsoft has an outage.",
        fix: &[
            "Have the proxy let the host pass without looking into it or keeping its answers.",
            "Check again.",
            "If it stays without a proxy, give Microsoft support the request ID and the time.",
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
        Some(fault)
            if matches!(
                fault.kind,
                FaultKind::AnswerUnreadable
                    | FaultKind::ForeignNextLink
                    | FaultKind::RepeatedNextLink
                    | FaultKind::EndlessList
            ) =>
        {
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
    fn spoiled_answers_and_lists_that_lead_astray_are_broken() {
        for kind in [
            FaultKind::AnswerUnreadable,
            FaultKind::ForeignNextLink,
            FaultKind::RepeatedNextLink,
            FaultKind::EndlessList,
        ] {
            let Outcome::Problem(found) = fixture::judge(&refused_by_graph(kind, Some(200)), &CHECK) else {
                panic!("{kind:?} is a finding")
            };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.fault.is_some());
        }
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
