//! What can go wrong between this machine and Microsoft, as data.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One failed exchange. `kind` is for decisions; everything else is evidence and what a support request needs.
///
/// Texts from a server have been through a filter: no HTML, no control or bidirectional characters, no echo of the
/// secret or the token that was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// The host that was asked, with its port where it is not the usual one.
    pub host: String,
    /// What was being done.
    pub operation: Operation,
    /// The path as a template, such as `/groups/{id}/members`: no ids, no query.
    pub path: Option<String>,
    /// The HTTP status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// The `error` field of an OAuth refusal (RFC 6749, section 5.2).
    pub oauth_error: Option<String>,
    /// The AADSTS number.
    pub aadsts: Option<u32>,
    /// Graph's error code; the inner one where the outer says nothing.
    pub graph_code: Option<String>,
    /// Entra ID's trace id.
    pub trace_id: Option<String>,
    /// Entra ID's correlation id.
    pub correlation_id: Option<String>,
    /// The server's id of the request (`request-id`, `x-ms-request-id`).
    pub request_id: Option<String>,
    /// The server's time of the refusal, as it was written.
    pub timestamp: Option<String>,
    /// How long the server asked to wait; seconds when serialised.
    #[serde(with = "seconds")]
    pub retry_after: Option<Duration>,
    /// A sentence of ours, or the server's own text after the filter. At most 400 characters.
    pub detail: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The host's name has no address.
    HostUnresolved,
    /// The connection was refused, the host cannot be reached, or nothing answered within the connect deadline.
    PortBlocked,
    /// A proxy asks for a sign-in (407).
    ProxyRequired,
    /// The proxy cannot be reached, or does not open the way to the host.
    ProxyRefused,
    /// The certificate comes from an issuer that this machine does not trust.
    TlsIntercepted,
    /// The certificate is for another name.
    TlsNameMismatch,
    /// The certificate is out of date, or not valid yet.
    TlsCertificateExpired,
    /// The other side cannot do TLS 1.2 or later.
    TlsTooOld,
    /// The answer was not complete within the deadline.
    DeadlineExceeded,
    /// The connection broke off.
    ConnectionBroken,
    /// A redirect, which is never followed.
    UnexpectedRedirect,
    /// HTML, half a JSON, the wrong shape, or too much.
    AnswerUnreadable,
    /// The service answered with a 5xx.
    ServiceUnavailable,
    /// The service answered 429.
    Throttled,
    /// Nothing was answered successfully for as long as the caller was willing to wait.
    PatienceExhausted,
    /// An address outside the connection's own endpoints.
    ForeignEndpoint,
    /// A next-link that leaves Graph's own origin.
    ForeignNextLink,
    /// A next-link that was already followed.
    RepeatedNextLink,
    /// A list with more items than its limit.
    EndlessList,
    /// A page's token is no longer valid: the list must be read again from its start.
    PageExpired,
    /// A delta link is no longer valid: everything must be read again, and a new delta link taken.
    DeltaExpired,
    /// An OAuth refusal.
    Refused,
    /// Graph answered 401.
    Unauthorized,
    /// Graph answered 403.
    Forbidden,
    /// Graph answered 404.
    NotFound,
    /// Graph answered with another 4xx.
    GraphRefused,
    /// The client itself could not be prepared.
    Setup,
    /// The caller could not keep what was read: its own disk, not the network.
    StorageFailed,
}

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Reading the tenant's OpenID configuration.
    Discovery,
    /// Asking the token endpoint.
    Token,
    /// Asking Graph.
    Graph,
    /// Preparing the client.
    Setup,
}

impl Fault {
    pub(crate) fn new(
        kind: FaultKind,
        operation: Operation,
        host: String,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            host,
            operation,
            path: None,
            http_status: None,
            oauth_error: None,
            aadsts: None,
            graph_code: None,
            trace_id: None,
            correlation_id: None,
            request_id: None,
            timestamp: None,
            retry_after: None,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match self.kind {
            FaultKind::HostUnresolved => write!(f, "The name {host} could not be resolved."),
            FaultKind::PortBlocked => write!(f, "No connection to {host} could be opened."),
            FaultKind::ProxyRequired => write!(f, "The proxy on the way to {host} asks for a sign-in."),
            FaultKind::ProxyRefused => write!(f, "The proxy did not open the way to {host}."),
            FaultKind::TlsIntercepted => {
                write!(f, "The certificate shown for {host} comes from an issuer that is not trusted here.")
            }
            FaultKind::TlsNameMismatch => write!(f, "The certificate shown for {host} is for another name."),
            FaultKind::TlsCertificateExpired => {
                write!(f, "The certificate shown for {host} is not valid at this time.")
            }
            FaultKind::TlsTooOld => write!(f, "{host} offered no TLS version that is still safe."),
            FaultKind::DeadlineExceeded => write!(f, "{host} did not finish its answer in time."),
            FaultKind::ConnectionBroken => write!(f, "The connection to {host} broke off."),
            FaultKind::UnexpectedRedirect => {
                write!(f, "{host} answered with a redirect, which is not followed.")
            }
            FaultKind::AnswerUnreadable => write!(f, "The answer from {host} could not be read."),
            FaultKind::ServiceUnavailable => write!(f, "{host} is not available at the moment."),
            FaultKind::Throttled => write!(f, "{host} asked to slow down."),
            FaultKind::PatienceExhausted => write!(f, "{host} gave no successful answer for too long."),
            FaultKind::ForeignEndpoint => {
                write!(f, "An address outside this connection's endpoints was refused.")
            }
            FaultKind::ForeignNextLink => write!(f, "A link from {host} to another host was not followed."),
            FaultKind::RepeatedNextLink => write!(f, "{host} repeated a link, so its list never ends."),
            FaultKind::EndlessList => write!(f, "{host} listed more items than can be right."),
            FaultKind::PageExpired => {
                write!(f, "{host} no longer knows this page; the list must be read again.")
            }
            FaultKind::DeltaExpired => {
                write!(f, "{host} no longer knows what has changed since; everything must be read again.")
            }
            FaultKind::Refused => write!(f, "{host} refused the request."),
            FaultKind::Unauthorized => write!(f, "{host} did not accept the token."),
            FaultKind::Forbidden => write!(f, "{host} did not allow the request."),
            FaultKind::NotFound => write!(f, "{host} does not know what was asked for."),
            FaultKind::GraphRefused => write!(f, "{host} did not accept the request."),
            FaultKind::Setup => write!(f, "The connection could not be prepared."),
            FaultKind::StorageFailed => write!(f, "What was read could not be kept on this computer."),
        }
    }
}

impl std::error::Error for Fault {}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        value.map(|wait| wait.as_secs_f64()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(from)?
            .map(|wait| Duration::try_from_secs_f64(wait).map_err(serde::de::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_json_with_its_wait_in_seconds() {
        let mut fault =
            Fault::new(FaultKind::Throttled, Operation::Token, "login.example".into(), "Too Many Requests");
        fault.retry_after = Some(Duration::from_millis(1500));
        let json = serde_json::to_value(&fault).unwrap();
        assert_eq!(json["retry_after"], 1.5);
        assert_eq!(json["kind"], "throttled");
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
}
