//! Why no answer came: reading the chain of causes below a failed request.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::exchange::Place;
use crate::fault::{Fault, FaultKind};

/// Why a request could not be sent, or got no answer.
pub(crate) fn classify(place: &Place, error: &reqwest::Error) -> Fault {
    let causes = causes(error);
    let (kind, detail) = tunnel(&causes)
        .or_else(|| causes.iter().find_map(|cause| tls(*cause)))
        .or_else(|| unresolved(&causes))
        .or_else(|| (error.is_connect() && error.is_timeout()).then_some(SILENT))
        .or_else(|| causes.iter().find_map(|cause| socket(*cause)))
        .unwrap_or((FaultKind::ConnectionBroken, "The connection ended before an answer came."));
    place.fault(kind, detail)
}

/// Why an answer broke off in its middle.
pub(crate) fn classify_body(place: &Place, error: &reqwest::Error) -> Fault {
    let garbled = causes(error)
        .iter()
        .find_map(|cause| io_kind(*cause))
        .is_some_and(|kind| matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
    if garbled {
        return place.fault(FaultKind::AnswerUnreadable, "The answer could not be decompressed.");
    }
    place.fault(FaultKind::ConnectionBroken, "The connection ended in the middle of the answer.")
}

/// Why a connection without HTTP, or the TLS handshake on it, failed.
pub(crate) fn classify_socket(error: &io::Error) -> (FaultKind, &'static str) {
    let causes = causes(error);
    causes
        .iter()
        .find_map(|cause| tls(*cause))
        .or_else(|| causes.iter().find_map(|cause| socket(*cause)))
        .unwrap_or((FaultKind::ConnectionBroken, "The connection ended before an answer came."))
}

type Cause<'a> = &'a (dyn Error + 'static);

/// Nothing answered at all.
pub(crate) const SILENT: (FaultKind, &str) =
    (FaultKind::PortBlocked, "Nothing answered within the connect deadline.");

fn causes(error: Cause<'_>) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut next: Option<Cause<'_>> = Some(error);
    while let Some(cause) = next {
        causes.push(cause);
        // An I/O error that wraps another error hides it from source().
        next = match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    causes
}

/// hyper-util keeps its tunnel and resolver errors private, so their first words are all there is to tell them by.
fn tunnel(causes: &[Cause<'_>]) -> Option<(FaultKind, &'static str)> {
    let texts = || causes.iter().map(ToString::to_string);
    if texts().any(|text| text.starts_with("tunnel error: proxy authorization required")) {
        return Some((FaultKind::ProxyRequired, "The proxy asks for a sign-in."));
    }
    if texts().any(|text| text.starts_with("tunnel error: failed to create underlying connection")) {
        return Some((FaultKind::ProxyRefused, "The proxy itself cannot be reached."));
    }
    if texts().any(|text| text.starts_with("tunnel error: ")) {
        return Some((FaultKind::ProxyRefused, "The proxy did not open a tunnel."));
    }
    None
}

fn unresolved(causes: &[Cause<'_>]) -> Option<(FaultKind, &'static str)> {
    let named = causes.iter().any(|cause| cause.to_string().starts_with("dns error"));
    named.then_some((FaultKind::HostUnresolved, "The name has no address."))
}

fn tls(cause: Cause<'_>) -> Option<(FaultKind, &'static str)> {
    use rustls::Error as Tls;
    let found = match cause.downcast_ref::<Tls>()? {
        Tls::InvalidCertificate(certificate) => certificate_fault(certificate),
        Tls::PeerIncompatible(_)
        | Tls::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::HandshakeFailure,
        )
        | Tls::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => {
            (FaultKind::TlsTooOld, "No TLS version or cipher in common.")
        }
        Tls::InvalidMessage(_) => (FaultKind::AnswerUnreadable, "Something other than TLS answered."),
        Tls::AlertReceived(_) => (FaultKind::ConnectionBroken, "The other side ended the TLS handshake."),
        _ => (FaultKind::ConnectionBroken, "The TLS connection could not be set up."),
    };
    Some(found)
}

fn certificate_fault(error: &CertificateError) -> (FaultKind, &'static str) {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (FaultKind::TlsCertificateExpired, "The certificate has expired.")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (FaultKind::TlsCertificateExpired, "The certificate is not valid yet.")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (FaultKind::TlsNameMismatch, "The certificate is for another name.")
        }
        CertificateError::UnknownIssuer => {
            (FaultKind::TlsIntercepted, "The certificate's issuer is not trusted on this machine.")
        }
        _ => (FaultKind::TlsIntercepted, "The certificate cannot be trusted."),
    }
}

fn socket(cause: Cause<'_>) -> Option<(FaultKind, &'static str)> {
    let found = match io_kind(cause)? {
        io::ErrorKind::ConnectionRefused => (FaultKind::PortBlocked, "The connection was refused."),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            (FaultKind::PortBlocked, "There is no way to the host.")
        }
        io::ErrorKind::PermissionDenied => {
            (FaultKind::PortBlocked, "This machine does not allow the connection.")
        }
        io::ErrorKind::AddrNotAvailable => {
            (FaultKind::PortBlocked, "This machine has no address to connect from.")
        }
        io::ErrorKind::TimedOut => SILENT,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            (FaultKind::ConnectionBroken, "The connection was reset.")
        }
        _ => return None,
    };
    Some(found)
}

fn io_kind(cause: Cause<'_>) -> Option<io::ErrorKind> {
    Some(cause.downcast_ref::<io::Error>()?.kind())
}
