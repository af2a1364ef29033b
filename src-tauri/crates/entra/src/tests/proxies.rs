//! Proxies that help, that ask for a sign-in, and that refuse.

use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::server::{TestServer, json, read_request};
use super::{options, tenant};
use crate::http::Proxies;
use crate::{Cloud, Destination, Endpoints, Entra, Fault, FaultKind, HttpOptions, ProxySource};

/// A proxy that answers CONNECT with this, and then forwards to the port if it said yes.
async fn proxy(answer: &'static str, forward_to: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await.unwrap();
            assert!(request.line.starts_with("CONNECT localhost:"), "{}", request.line);
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.contains(" 200 ") {
                let mut target = TcpStream::connect(("127.0.0.1", forward_to)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut target).await;
            }
        }
    });
    address
}

async fn fault_through(proxy_address: String) -> Fault {
    let server = TestServer::start(|_, _| json(400, r#"{"error":"invalid_tenant"}"#)).await;
    let endpoints = Endpoints::custom(&server.origin, &server.origin).unwrap();
    let entra = Entra::through(endpoints, &options(&server), &Proxies::Only(proxy_address)).unwrap();
    entra.tenant(&tenant()).await.unwrap_err()
}

#[tokio::test]
async fn a_tunnel_leads_to_the_server() {
    let server = TestServer::start(|_, _| json(400, r#"{"error":"invalid_tenant"}"#)).await;
    let address = proxy("HTTP/1.1 200 Connected\r\n\r\n", server.port).await;
    let endpoints = Endpoints::custom(&server.origin, &server.origin).unwrap();
    let entra = Entra::through(endpoints, &options(&server), &Proxies::Only(address)).unwrap();
    assert_eq!(entra.tenant(&tenant()).await.unwrap_err().kind, FaultKind::Refused);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in() {
    let address = proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 0).await;
    assert_eq!(fault_through(address).await.kind, FaultKind::ProxyRequired);
}

#[tokio::test]
async fn a_proxy_that_refuses() {
    for answer in
        ["HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n", ""]
    {
        assert_eq!(fault_through(proxy(answer, 0).await).await.kind, FaultKind::ProxyRefused, "{answer}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    drop(listener);
    assert_eq!(fault_through(address).await.kind, FaultKind::ProxyRefused);
}

#[tokio::test]
async fn a_proxy_of_the_connection_s_own_leads_to_loopback_only() {
    let server = TestServer::start(|_, _| json(400, r#"{"error":"invalid_tenant"}"#)).await;
    let address = proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 0).await;
    let options = HttpOptions { proxy: Some(address.clone()), ..options(&server) };
    let endpoints = Endpoints::custom(&server.origin, &server.origin).unwrap();
    let entra = Entra::new(endpoints, &options).unwrap();
    assert_eq!(entra.tenant(&tenant()).await.unwrap_err().kind, FaultKind::ProxyRefused);
    let way = entra.network_path(Destination::Authority).await.proxy.unwrap();
    assert_eq!((way.address, way.source, way.status), (address, ProxySource::Caller, Some(403)));
    assert!(server.seen().is_empty());

    let refused = Entra::new(Endpoints::of(Cloud::Global), &options).unwrap_err();
    assert_eq!(refused.kind, FaultKind::Setup);
}
