//! Why a certificate was refused; shared by the three checks that explain it.

use entra::Fault;

use super::refused_request;
use crate::{
    connection::{CertificateLook, Credential},
    diagnosis::{Case, Outcome, Problem, Saw},
    evidence::Source,
    words,
};

/// The three fixes behind one number, AADSTS700027.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The registration has no such certificate.
    Unknown,
    /// The certificate is outside its validity.
    Expired,
    /// The registration has it, and the signature does not fit.
    Signature,
}

/// The refusal of a certificate and the likeliest of its three reasons.
///
/// The certificate's own dates come first. Otherwise Microsoft tells the three apart in the description only; it is read
/// as advice, to choose among three findings of one link, and *unknown* is what is said when it says something else.
pub(super) fn refusal<'a>(case: &Case<'a>) -> Option<(&'a Fault, Reason)> {
    let leading_to = |finding| case.refusal_leading_to(finding);
    if let Some(fault) = leading_to("certificate-expired") {
        return Some((fault, Reason::Expired));
    }
    if let Some(fault) = leading_to("certificate-signature") {
        return Some((fault, Reason::Signature));
    }
    let fault = leading_to("certificate-unknown")?;
    if certificate(case)
        .is_some_and(|certificate| certificate.ends <= case.now || certificate.starts > case.now)
    {
        return Some((fault, Reason::Expired));
    }
    let says = fault.detail.to_lowercase();
    let reason = if says.contains("is expired") || says.contains("has expired") {
        Reason::Expired
    } else if says.contains("signature") && !says.contains("not found") {
        Reason::Signature
    } else {
        Reason::Unknown
    };
    Some((fault, reason))
}

/// The certificate's particulars, when the credential is one.
pub(super) fn certificate<'a>(case: &Case<'a>) -> Option<&'a CertificateLook> {
    case.connection.credential.as_ref().and_then(Credential::certificate)
}

/// The finding of one reason.
pub(super) fn outcome(case: &Case<'_>, wanted: Reason, word: &str) -> Outcome {
    match refusal(case) {
        Some((fault, reason)) if reason == wanted => {
            let mut problem = Problem::broken(refused_request::saw(fault)).because_of(fault).word(word);
            if let Some(certificate) = certificate(case) {
                problem = problem.and_saw(saw(certificate));
            }
            problem.found()
        }
        None if certificate(case).is_none() || case.evidence.token.is_untried() => Outcome::Skipped,
        _ => Outcome::Pass,
    }
}

/// Thumbprint and validity.
pub(super) fn saw(certificate: &CertificateLook) -> Saw {
    let (from, until) = (words::moment(certificate.starts), words::moment(certificate.ends));
    Saw::new(
        Source::Computer,
        format!(
            "The certificate here has the thumbprint `{}`, valid from {from} to {until}.",
            certificate.thumbprint
        ),
    )
}
