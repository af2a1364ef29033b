//! The way to a host on loopback, gone to its end and cut short at each stage.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::server::{Act, Identity, TestServer, read_request};
use super::{entra, options, tenant};
use crate::http::Proxies;
use crate::network_path::{Chain, DeadEnd, TellNames};
use crate::{
    Cloud, Destination, Endpoints, Entra, FaultKind, HttpOptions, NetworkPath, ProxySource, Stage, Stop,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn entra_at(origin: &str, options: &HttpOptions, proxies: &Proxies) -> Entra {
    Entra::through(Endpoints::custom(origin, origin).unwrap(), options, proxies).unwrap()
}

fn impatient() -> HttpOptions {
    HttpOptions { connect_deadline: Duration::from_millis(300), ..HttpOptions::default() }
}

/// Stage, kind and sentence of where the way ended.
fn stop(path: &NetworkPath) -> (Stage, FaultKind, &str) {
    let Stop { stage, kind, detail } = path.stopped_at.as_ref().unwrap();
    (*stage, *kind, detail)
}

/// The way to a port that reads a hello, says these bytes, and closes; without bytes it stays silent.
async fn path_to_port_that(says: Option<&'static [u8]>) -> NetworkPath {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            match says {
                Some(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                    let _ = stream.read(&mut hello).await;
                }
                None => std::future::pending().await,
            }
        }
    });
    let options = if says.is_some() { HttpOptions::default() } else { impatient() };
    entra_at(&origin, &options, &Proxies::None).network_path(Destination::Authority).await
}

async fn path_of(identity: Identity) -> NetworkPath {
    let server = TestServer::start_as(identity, |_, _| Act::Close).await;
    let path = entra(&server).network_path(Destination::Graph).await;
    assert!(server.seen().is_empty(), "no request may be sent");
    path
}

#[tokio::test]
async fn a_way_that_can_be_gone_has_every_stage_and_sends_nothing() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let path = entra(&server).network_path(Destination::Authority).await;
    assert_eq!(path.stopped_at, None);
    assert_eq!((path.host.as_str(), path.port), ("localhost", server.port));
    assert_eq!(path.names, ["localhost"]);
    assert_eq!(path.addresses, [HERE, IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    assert_eq!((path.connected_to, &path.proxy), (Some(HERE), &None));
    assert!(path.resolve_ms.is_some() && path.connect_ms.is_some() && path.tls_ms.is_some());
    assert_eq!(path.tunnel_ms, None);
    let tls = path.tls.as_ref().unwrap();
    assert_eq!((tls.version.as_deref(), tls.trusted), (Some("TLS 1.3"), true));
    assert_eq!((tls.issuer.as_str(), &tls.names), ("Test authority", &vec!["localhost".to_owned()]));
    assert_eq!(tls.not_after.unwrap().to_string(), "4000-01-01T00:00:00Z");
    assert!(server.seen().is_empty());

    let again = entra(&server).network_path(Destination::Graph).await.tls.unwrap();
    assert_eq!((again.key_sha256.len(), &again.key_sha256), (64, &tls.key_sha256));
    let other = path_of(Identity::default()).await.tls.unwrap();
    assert_ne!(other.key_sha256, tls.key_sha256);

    let json = serde_json::to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<NetworkPath>(&json).unwrap(), path);
}

#[tokio::test]
async fn an_unknown_issuer_is_named() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let other = TestServer::start(|_, _| Act::Close).await;
    let path =
        entra_at(&server.origin, &options(&other), &Proxies::None).network_path(Destination::Graph).await;
    let (stage, kind, detail) = stop(&path);
    assert_eq!((stage, kind), (Stage::Tls, FaultKind::TlsIntercepted));
    assert_eq!(detail, "The certificate cannot be trusted.");
    let tls = path.tls.as_ref().unwrap();
    assert_eq!((tls.issuer.as_str(), tls.trusted, &tls.version), ("Test authority", false, &None));
    assert!(path.connect_ms.is_some() && path.tls_ms.is_some());
}

#[tokio::test]
async fn a_certificate_for_another_name_or_another_time_is_shown() {
    let path = path_of(Identity { name: "portal.hotel.example", ..Identity::default() }).await;
    assert_eq!((stop(&path).0, stop(&path).1), (Stage::Tls, FaultKind::TlsNameMismatch));
    assert_eq!(path.tls.unwrap().names, ["portal.hotel.example"]);
    let path = path_of(Identity { years: (2020, 2021), ..Identity::default() }).await;
    assert_eq!(stop(&path).2, "The certificate has expired.");
    assert_eq!(path.tls.unwrap().not_after.unwrap().to_string(), "2021-01-01T00:00:00Z");
    let path = path_of(Identity { years: (3999, 4000), ..Identity::default() }).await;
    assert_eq!(stop(&path).1, FaultKind::TlsCertificateExpired);
    assert_eq!(path.tls.unwrap().not_before.unwrap().to_string(), "3999-01-01T00:00:00Z");
}

#[tokio::test]
async fn what_is_not_tls_and_tls_that_is_refused_are_told_apart() {
    const ALERT_PROTOCOL_VERSION: &[u8] = &[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46];
    for (says, kind) in [
        (ALERT_PROTOCOL_VERSION, FaultKind::TlsTooOld),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", FaultKind::AnswerUnreadable),
        (b"", FaultKind::ConnectionBroken),
    ] {
        let path = path_to_port_that(Some(says)).await;
        assert_eq!((stop(&path).0, stop(&path).1), (Stage::Tls, kind));
        assert!(path.tls.is_none() && path.connect_ms.is_some());
    }
}

#[tokio::test]
async fn a_closed_port_ends_the_way_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let path =
        entra_at(&origin, &HttpOptions::default(), &Proxies::None).network_path(Destination::Authority).await;
    assert_eq!(stop(&path), (Stage::Connect, FaultKind::PortBlocked, "The connection was refused."));
    assert_eq!((path.addresses, path.connected_to, path.tls_ms), (vec![HERE], None, None));
    assert!(path.connect_ms.is_some());
}

#[tokio::test]
async fn a_silent_host_and_a_silent_proxy_meet_the_deadline() {
    let began = Instant::now();
    let path = path_to_port_that(None).await;
    assert_eq!(
        stop(&path),
        (Stage::Tls, FaultKind::PortBlocked, "Nothing answered within the connect deadline.")
    );
    assert!(path.tls_ms.unwrap() >= 200, "{path:?}");
    let proxy = proxy(None, 0).await;
    let path = entra_at("https://localhost:1", &impatient(), &Proxies::Only(proxy.address))
        .network_path(Destination::Authority)
        .await;
    assert_eq!((stop(&path).0, stop(&path).1), (Stage::Tunnel, FaultKind::ProxyRefused));
    assert!(path.tunnel_ms.unwrap() >= 200 && path.tls_ms.is_none(), "{path:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

struct TestProxy {
    address: String,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

/// A proxy that answers `CONNECT` with this, or not at all, and leads to the port when it said 200.
async fn proxy(answer: Option<&'static str>, leads_to: u16) -> TestProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let heard: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let log = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await.unwrap();
            log.lock().unwrap().push((request.line, request.headers));
            let Some(answer) = answer else { std::future::pending().await };
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.contains(" 200 ") {
                let mut target = TcpStream::connect(("127.0.0.1", leads_to)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut target).await;
            }
        }
    });
    TestProxy { address, heard }
}

#[tokio::test]
async fn a_tunnel_leads_to_the_certificate_behind_the_proxy() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let proxy = proxy(Some("HTTP/1.1 200 Connected\r\n\r\n"), server.port).await;
    let signed_in = proxy.address.replace("http://", "http://ada:canary-77aa@");
    let path = entra_at(&server.origin, &options(&server), &Proxies::Only(signed_in))
        .network_path(Destination::Authority)
        .await;
    assert_eq!(path.stopped_at, None);
    assert!(path.tls.as_ref().unwrap().trusted && path.tunnel_ms.is_some());
    assert_eq!(path.names, ["127.0.0.1"], "the proxy looks the host up");
    let shown = path.proxy.as_ref().unwrap();
    assert_eq!((&shown.address, shown.holds_sign_in, shown.status), (&proxy.address, true, Some(200)));
    assert_eq!(shown.source, ProxySource::Caller);
    let (line, headers) = proxy.heard.lock().unwrap()[0].clone();
    assert_eq!(line, format!("CONNECT localhost:{}", server.port));
    assert!(headers.contains("proxy-authorization: basic ") && headers.contains("user-agent: gatehouse/"));
    let texts = format!("{path:?} {}", serde_json::to_string(&path).unwrap());
    assert!(!texts.contains("canary") && !texts.contains("ada"), "{texts}");
}

#[tokio::test]
async fn a_proxy_that_asks_refuses_or_is_none_is_told() {
    let through = async |address: String| {
        entra_at("https://localhost:1", &HttpOptions::default(), &Proxies::Only(address))
            .network_path(Destination::Authority)
            .await
    };
    let asks = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n";
    let asking = proxy(Some(asks), 0).await;
    let path = through(asking.address).await;
    assert_eq!(stop(&path), (Stage::Tunnel, FaultKind::ProxyRequired, "The proxy asks for a sign-in."));
    let shown = path.proxy.unwrap();
    assert_eq!((shown.status, shown.asks_for.join(" ").as_str()), (Some(407), "Negotiate NTLM"));
    assert!(!asking.heard.lock().unwrap()[0].1.contains("authorization"));

    for (answer, status, detail) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", Some(403), "The proxy did not open a tunnel."),
        ("220 mail.example ESMTP\r\n\r\n", None, "Something other than an HTTP proxy answered."),
        ("", None, "The proxy ended the connection."),
    ] {
        let path = through(proxy(Some(answer), 0).await.address).await;
        assert_eq!(stop(&path), (Stage::Tunnel, FaultKind::ProxyRefused, detail));
        assert_eq!(path.proxy.unwrap().status, status);
    }

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let absent = (Stage::Connect, FaultKind::ProxyRefused, "The proxy itself cannot be reached.");
    assert_eq!(stop(&through(nobody).await), absent);
    let socks = through("socks5://127.0.0.1:1080".to_owned()).await;
    assert_eq!((stop(&socks).0, stop(&socks).1), (Stage::Connect, FaultKind::ProxyRefused));
}

#[tokio::test]
async fn a_proxy_may_be_reached_over_tls_itself() {
    let refusal = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    let proxy = TestServer::start(move |_, _| Act::AnswerAndClose(refusal.into())).await;
    let through = async |trusted: &TestServer| {
        entra_at("https://localhost:1", &options(trusted), &Proxies::Only(proxy.origin.clone()))
            .network_path(Destination::Authority)
            .await
    };
    let path = through(&proxy).await;
    assert_eq!(stop(&path), (Stage::Tunnel, FaultKind::ProxyRefused, "The proxy did not open a tunnel."));
    assert_eq!(proxy.lines(), ["CONNECT localhost:1"]);
    let path = through(&TestServer::start(|_, _| Act::Close).await).await;
    assert_eq!(stop(&path).2, "TLS with the proxy itself failed.");
    assert_eq!(proxy.lines().len(), 1);
}

/// Names that a test knows, and a note of who was asked for.
#[derive(Default)]
struct Book {
    addresses: Vec<IpAddr>,
    chain: Chain,
    asked: Mutex<Vec<String>>,
}

impl TellNames for Book {
    fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(name.to_owned());
        Ok(self.addresses.clone())
    }

    fn chain(&self, name: &str) -> Chain {
        self.asked.lock().unwrap().push(format!("{name} CNAME"));
        self.chain.clone()
    }
}

fn in_cloud(cloud: Cloud, options: &HttpOptions, proxies: &Proxies, book: &Arc<Book>) -> Entra {
    let entra = Entra::through(Endpoints::of(cloud), options, proxies).unwrap();
    Entra { ways: entra.ways.clone().with_names(book.clone()), ..entra }
}

#[tokio::test]
async fn a_name_without_an_address_says_where_its_chain_ends() {
    let further = vec!["login.mso.example".to_owned(), "tm.example".to_owned()];
    let servers = vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53))];
    let chain = Chain { further, end: Some(DeadEnd::NoSuchName), servers: servers.clone() };
    let book = Arc::new(Book { chain, ..Book::default() });
    let entra = in_cloud(Cloud::Global, &HttpOptions::default(), &Proxies::None, &book);
    let path = entra.network_path(Destination::Authority).await;
    let told = "The name server knows no name tm.example.";
    assert_eq!(stop(&path), (Stage::Resolve, FaultKind::HostUnresolved, told));
    assert_eq!(path.names, ["login.microsoftonline.com", "login.mso.example", "tm.example"]);
    assert_eq!((path.name_servers, path.addresses.len(), path.connect_ms), (servers, 0, None));
    assert!(path.resolve_ms.is_some());
}

#[tokio::test]
async fn through_a_proxy_the_host_is_not_looked_up_here() {
    let identity = Identity { name: "graph.microsoft.com", ..Identity::default() };
    let server = TestServer::start_as(identity, |_, _| Act::Close).await;
    let other = TestServer::start(|_, _| Act::Close).await;
    let proxy = proxy(Some("HTTP/1.1 200 Connected\r\n\r\n"), server.port).await;
    let book = Arc::new(Book::default());
    let proxies = Proxies::Only(proxy.address.clone());
    let path =
        in_cloud(Cloud::Global, &options(&server), &proxies, &book).network_path(Destination::Graph).await;
    assert_eq!(path.stopped_at, None, "an added anchor is trusted beside the system's");
    assert_eq!(proxy.heard.lock().unwrap()[0].0, "CONNECT graph.microsoft.com:443");
    let path =
        in_cloud(Cloud::Global, &options(&other), &proxies, &book).network_path(Destination::Graph).await;
    assert_eq!(stop(&path).1, FaultKind::TlsIntercepted);
    assert_eq!(path.tls.unwrap().issuer, "Test authority");
    assert_eq!(*book.asked.lock().unwrap(), [] as [String; 0]);

    let elsewhere = Proxies::Only("http://proxy.example:3128".to_owned());
    let path = in_cloud(Cloud::Global, &HttpOptions::default(), &elsewhere, &book)
        .network_path(Destination::Graph)
        .await;
    assert_eq!(
        stop(&path),
        (Stage::Resolve, FaultKind::ProxyRefused, "The proxy’s own name has no address.")
    );
    assert_eq!(path.names, ["proxy.example"]);
}

#[tokio::test]
async fn loopback_asks_no_name_server_and_no_outside_host() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let book = Arc::new(Book::default());
    let entra = entra(&server);
    let entra = Entra { ways: entra.ways.clone().with_names(book.clone()), ..entra };
    for destination in [Destination::Authority, Destination::Graph] {
        assert_eq!(entra.network_path(destination).await.stopped_at, None);
    }
    assert_eq!(entra.revocation_paths().await, []);
    assert_eq!(*book.asked.lock().unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn hosts_that_list_revoked_certificates_are_tried_on_port_80_without_tls() {
    let book = Arc::new(Book::default());
    let direct = in_cloud(Cloud::UsgovL4, &HttpOptions::default(), &Proxies::None, &book);
    let paths = direct.revocation_paths().await;
    assert_eq!(paths.len(), 12);
    assert!(paths.iter().all(|path| path.port == 80 && stop(path).0 == Stage::Resolve));
    let mut asked = book.asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!((asked.len(), asked[0].as_str()), (12, "crl.microsoft.com"));

    let proxied = Entra {
        ways: direct.ways.clone().with_variables(&|name| (name == "http_proxy").then(|| "p:1".to_owned())),
        ..direct
    };
    let paths = proxied.revocation_paths().await;
    assert!(paths.iter().all(|path| path.proxy.is_some() && path.stopped_at.is_none()));
    assert_eq!(book.asked.lock().unwrap().len(), 12, "nothing can be told through a proxy");
}

/// Variables belong to a process, so this test runs itself again with some.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test sets the variables of a process of its own")]
fn the_process_s_variables_lead_the_way_and_the_client_alike() {
    const CHILD: &str = "GATEHOUSE_TEST_PROXIED";
    const NAME: &str = "tests::network_path::the_process_s_variables_lead_the_way_and_the_client_alike";
    if let Ok(told) = std::env::var(CHILD) {
        let (expected, port) = told.split_once(' ').unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare_with_the_client(expected, port));
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Neither a proxy nor TLS: it hangs up on everybody.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    for (variable, exempt, expected) in [
        ("HTTPS_PROXY", "", "HTTPS_PROXY"),
        ("all_proxy", "graph.microsoft.com", "all_proxy"),
        ("https_proxy", "localhost", "direct"),
    ] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            child.env_remove(name);
        }
        child.args(["--exact", NAME]).env(variable, format!("http://127.0.0.1:{port}"));
        child.env("NO_PROXY", exempt).env(CHILD, format!("{expected} {port}"));
        let output = child.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{variable}: {told}");
    }
}

async fn compare_with_the_client(expected: &str, port: &str) {
    let origin = format!("https://localhost:{port}");
    let endpoints = Endpoints::custom(&origin, &origin).unwrap();
    let entra = Entra::new(endpoints, &HttpOptions::default()).unwrap();
    let client = entra.tenant(&tenant()).await.unwrap_err().kind;
    let path = entra.network_path(Destination::Authority).await;
    assert_eq!(stop(&path).1, client);
    let source = path.proxy.map_or_else(|| "direct".to_owned(), |proxy| proxy.source.to_string());
    assert_eq!(source, expected);
    let direct = expected == "direct";
    assert_eq!(client, if direct { FaultKind::ConnectionBroken } else { FaultKind::ProxyRefused });
}
