//! A refusal by the authority as a bare fact; shared by the checks that explain one.

use entra::{Fault, Operation};

use crate::{diagnosis::Saw, evidence::Source};

/// What was refused, with the status and the codes.
pub(super) fn saw(fault: &Fault) -> Saw {
    let request = match fault.operation {
        Operation::Discovery => "The question for the tenant",
        _ => "The token request",
    };
    Saw::new(Source::TokenEndpoint, format!("{request} was refused: {}.", codes(fault)))
}

/// The status and the codes: ``HTTP 401, `invalid_client`, `AADSTS7000215` ``.
pub(super) fn codes(fault: &Fault) -> String {
    let known = [
        fault.http_status.map(|status| format!("HTTP {status}")),
        fault.oauth_error.as_ref().map(|error| format!("`{error}`")),
        fault.aadsts.map(|number| format!("`AADSTS{number}`")),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() { "without a code".to_owned() } else { known.join(", ") }
}

/// The service's own words.
pub(super) fn own_words(fault: &Fault) -> Saw {
    Saw::new(Source::TokenEndpoint, format!("It says: “{}”", fault.detail))
}
