//! With a token at hand, Graph gives no answer, or only 5xx. A way that was open and broke counts here too.

use entra::FaultKind;

use super::{
    directory_forbidden::{answer, newest_fault, nothing_was_read, own_words},
    throttled::slowed_down,
};
use crate::diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "service-unavailable",
    link: Link::Directory,
    words: Words {
        title: "Microsoft Graph is not available at the moment",
        meaning: "A token is there, and the directory cannot be read with it. Gateways keep what they read \
                  last and learn of no changes. Waiting mostly helps.",
        fix: &[
            "Check again in some minutes.",
            "Look at Microsoft’s **Service health** for an outage of Microsoft Graph.",
            "If there is none, have the way from this computer to Microsoft Graph’s host checked.",
        ],
        who: Who::Microsoft,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if nothing_was_read(case) {
        return Outcome::Skipped;
    }
    match newest_fault(case) {
        Some(fault) if is_silence(fault.kind) && !slowed_down(fault) => Problem::broken(answer(fault))
            .and_saw(own_words(fault))
            .because_of(fault)
            .word("No answer")
            .found(),
        _ => Outcome::Pass,
    }
}

fn is_silence(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::ServiceUnavailable
            | FaultKind::PatienceExhausted
            | FaultKind::DeadlineExceeded
            | FaultKind::ConnectionBroken
            | FaultKind::HostUnresolved
            | FaultKind::PortBlocked
            | FaultKind::ProxyRequired
            | FaultKind::ProxyRefused
            | FaultKind::TlsIntercepted
            | FaultKind::TlsNameMismatch
            | FaultKind::TlsCertificateExpired
            | FaultKind::TlsTooOld
    )
}

#[cfg(test)]
mod tests {
    use super::{super::directory_forbidden::refused_by_graph, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::{Fact, Source},
    };

    #[test]
    fn a_503_and_a_way_that_broke_are_broken() {
        for (kind, status, source) in [
            (FaultKind::ServiceUnavailable, Some(503), Source::Graph),
            (FaultKind::DeadlineExceeded, None, Source::Network),
            (FaultKind::PatienceExhausted, None, Source::Network),
        ] {
            let Outcome::Problem(found) = fixture::judge(&refused_by_graph(kind, status), &CHECK) else {
                panic!("{kind:?} is a finding")
            };
            assert_eq!(found.severity, Severity::Broken);
            assert_eq!(found.saw[0].source, source);
        }
    }

    #[test]
    fn a_refusal_is_not_silence() {
        let refused = refused_by_graph(FaultKind::Forbidden, Some(403));
        assert!(matches!(fixture::judge(&refused, &CHECK), Outcome::Pass));
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
