//! Certificates and versions that must not be accepted.

use super::server::{Act, Identity, TestServer};
use super::{entra, entra_with, options, tenant};
use crate::http::Proxies;
use crate::{Endpoints, Entra, Fault, FaultKind, HttpOptions};

async fn fault_of(identity: Identity) -> Fault {
    let server = TestServer::start_as(identity, |_, _| Act::Close).await;
    let fault = entra(&server).tenant(&tenant()).await.unwrap_err();
    assert!(server.seen().is_empty(), "nothing may be sent over an untrusted connection");
    fault
}

#[tokio::test]
async fn an_unknown_issuer_is_interception() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let other = TestServer::start(|_, _| Act::Close).await;
    let fault = entra_with(&server, &options(&other)).tenant(&tenant()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TlsIntercepted);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn without_a_ca_file_the_test_authority_is_unknown() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let fault = entra_with(&server, &HttpOptions::default()).tenant(&tenant()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TlsIntercepted);
}

#[tokio::test]
async fn another_name_is_a_mismatch() {
    let fault = fault_of(Identity { name: "elsewhere.example", ..Identity::default() }).await;
    assert_eq!(fault.kind, FaultKind::TlsNameMismatch);
}

#[tokio::test]
async fn certificates_outside_their_time_are_expired() {
    let past = fault_of(Identity { years: (2020, 2021), ..Identity::default() }).await;
    assert_eq!(
        (past.kind, past.detail.as_str()),
        (FaultKind::TlsCertificateExpired, "The certificate has expired.")
    );
    let future = fault_of(Identity { years: (3999, 4000), ..Identity::default() }).await;
    assert_eq!(future.kind, FaultKind::TlsCertificateExpired);
    assert_eq!(future.detail, "The certificate is not valid yet.");
}

#[tokio::test]
async fn a_server_that_only_knows_old_versions_is_too_old() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        const FATAL_ALERT_PROTOCOL_VERSION: [u8; 7] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46];
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(&FATAL_ALERT_PROTOCOL_VERSION).await;
        let _ = stream.read(&mut hello).await;
    });
    let endpoints = Endpoints::custom(&origin, &origin).unwrap();
    let entra = Entra::through(endpoints, &HttpOptions::default(), &Proxies::None).unwrap();
    assert_eq!(entra.tenant(&tenant()).await.unwrap_err().kind, FaultKind::TlsTooOld);
}

#[test]
fn a_ca_file_without_a_certificate_is_a_setup_fault() {
    let endpoints = Endpoints::custom("https://localhost:1", "https://localhost:1").unwrap();
    for pem in [b"".as_slice(), b"not pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        let options = HttpOptions { ca_pem: Some(pem.to_vec()), ..HttpOptions::default() };
        let fault = Entra::through(endpoints.clone(), &options, &Proxies::None).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Setup);
    }
}
