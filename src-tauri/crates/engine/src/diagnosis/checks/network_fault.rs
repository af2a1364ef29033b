//! From a failure on the way to the finding that explains it; shared by the checks of the network.
//!
//! The same failure can meet either host, and shows where it met the request: at discovery, at Graph without a token,
//! or at the token endpoint.

use entra::{Fault, FaultKind, Operation};

use super::way::{self, FactOfWay};
use crate::{
    diagnosis::{Case, Outcome, Problem, Saw},
    evidence::{Refused, Source},
};

/// Broken when a failure leads to this finding; `{host}` is the first host that it met. `word` is the link's word.
/// A proxy on the way is told as well.
pub(super) fn judged(case: &Case<'_>, id: &str, word: &str) -> Outcome {
    judged_with(case, id, word, &[way::proxy])
}

/// The same, with these facts of the way to each host, where somebody has looked.
pub(super) fn judged_with(case: &Case<'_>, id: &str, word: &str, facts: &[FactOfWay]) -> Outcome {
    let evidence = case.evidence;
    if evidence.authority.is_untried() && evidence.graph.is_untried() && evidence.token.is_untried() {
        return Outcome::Skipped;
    }
    let faults: Vec<&Fault> =
        faults(case).into_iter().filter(|fault| finding(case, fault) == Some(id)).collect();
    let Some((first, others)) = faults.split_first() else { return Outcome::Pass };
    let problem = if first.kind == FaultKind::Throttled {
        Problem::unknown(saw(first))
    } else {
        Problem::broken(saw(first))
    };
    let problem = problem.because_of(first).with("host", &first.host).word(word);
    let others: Vec<&Fault> = others.iter().copied().filter(|other| other.host != first.host).collect();
    let problem = others.iter().fold(problem, |problem, other| problem.and_saw(saw(other)));
    [*first]
        .into_iter()
        .chain(others)
        .fold(problem, |problem, fault| seen(case, fault, facts, problem))
        .found()
}

/// Adds what the way to the failed host tells. Two ways through the same proxy to one host tell it once.
fn seen(case: &Case<'_>, fault: &Fault, facts: &[FactOfWay], problem: Problem) -> Problem {
    let Some(path) = case.evidence.network.way_to(&fault.host) else { return problem };
    let told = facts.iter().filter_map(|fact| fact(path));
    told.fold(problem, |problem, saw| if problem.saw.contains(&saw) { problem } else { problem.and_saw(saw) })
}

/// The finding that explains a failure; none when it is not the network's.
fn finding(case: &Case<'_>, fault: &Fault) -> Option<&'static str> {
    Some(match fault.kind {
        FaultKind::HostUnresolved => "host-unresolved",
        FaultKind::PortBlocked | FaultKind::DeadlineExceeded | FaultKind::ConnectionBroken => "port-blocked",
        FaultKind::ProxyRequired => "proxy-required",
        FaultKind::ProxyRefused => "proxy-refused",
        FaultKind::TlsIntercepted => "tls-intercepted",
        FaultKind::TlsNameMismatch => "tls-name-mismatch",
        FaultKind::TlsCertificateExpired => "tls-certificate-expired",
        FaultKind::TlsTooOld => "tls-too-old",
        FaultKind::UnexpectedRedirect => "unexpected-redirect",
        FaultKind::AnswerUnreadable
        | FaultKind::Unauthorized
        | FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::GraphRefused => "answer-unreadable",
        // At a cloud's own authority, a foreign token endpoint means that the tenant lives in another cloud.
        FaultKind::ForeignEndpoint if case.connection.endpoints.is_loopback() => "answer-unreadable",
        FaultKind::ServiceUnavailable | FaultKind::PatienceExhausted => "service-unavailable",
        // The token endpoint's throttling has a finding of its own.
        FaultKind::Throttled if fault.operation != Operation::Token => "service-unavailable",
        _ => return None,
    })
}

fn faults<'a>(case: &Case<'a>) -> Vec<&'a Fault> {
    let evidence = case.evidence;
    let graph = evidence.graph.refusal().filter(|refused| !is_left_to_directory(case, refused));
    [evidence.authority.refusal(), graph, evidence.tenant.refusal(), evidence.token.refusal()]
        .into_iter()
        .flatten()
        .map(|refused| &refused.fault)
        .collect()
}

/// Graph failed in the same manner once there was a token, so the failure is the directory's.
pub(in crate::diagnosis) fn is_left_to_directory(case: &Case<'_>, graph: &Refused) -> bool {
    let shared = |refused: &Refused| {
        matches!(
            refused.fault.kind,
            FaultKind::AnswerUnreadable
                | FaultKind::UnexpectedRedirect
                | FaultKind::ServiceUnavailable
                | FaultKind::PatienceExhausted
                | FaultKind::DeadlineExceeded
                | FaultKind::ConnectionBroken
                | FaultKind::PortBlocked
        )
    };
    let directory = case.evidence.directory.refusal();
    case.token().is_some()
        && shared(graph)
        && directory.is_some_and(|directory| shared(directory) && directory.at >= graph.at)
}

fn saw(fault: &Fault) -> Saw {
    let said = if fault.detail.is_empty() { fault.to_string() } else { fault.detail.clone() };
    let status = fault.http_status.map_or_else(String::new, |status| format!(" HTTP {status}."));
    Saw::new(Source::Network, format!("`{}`: {said}{status}", fault.host))
}
