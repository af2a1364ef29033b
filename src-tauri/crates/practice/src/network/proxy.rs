//! A small HTTP proxy for `CONNECT` (RFC 9110, section 9.3.6). It leads to this tenant's own ports and nowhere else.

use std::{
    io,
    net::{IpAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    task::{JoinHandle, JoinSet},
};

use crate::{scenario::Network, state::Tenant};

const LARGEST_HEAD: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// A proxy that serves in the background. Dropping it stops it with all its connections.
pub(crate) struct Proxy {
    task: JoinHandle<()>,
}

/// Where the tenant's own listeners are.
#[derive(Clone, Copy)]
struct Here(IpAddr);

impl Proxy {
    pub(crate) fn start(listener: TcpListener, tenant: Arc<Tenant>) -> io::Result<Self> {
        let here = Here(listener.local_addr()?.ip());
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(Self { task: tokio::spawn(serve(listener, here, tenant)) })
    }

    /// Stops, and waits until the listener is gone.
    pub(crate) async fn stop(&mut self) {
        self.task.abort();
        // The only error is that it was stopped.
        (&mut self.task).await.ok();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: tokio::net::TcpListener, here: Here, tenant: Arc<Tenant>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let tenant = tenant.clone();
                    connections.spawn(async move { connection(stream, here, &tenant).await });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, to its end. What breaks in it concerns only this one.
async fn connection(mut client: TcpStream, here: Here, tenant: &Tenant) -> io::Result<()> {
    let head = tokio::time::timeout(PATIENCE, read_head(&mut client)).await??;
    let answer = match Target::read(&head, tenant) {
        Ok(target) => match TcpStream::connect((here.0, target.port)).await {
            Ok(mut server) => {
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
                copy_bidirectional(&mut client, &mut server).await?;
                return Ok(());
            }
            Err(_) => Refusal { status: "502 Bad Gateway", more: "", text: "The host does not answer." },
        },
        Err(refusal) => refusal,
    };
    client.write_all(answer.write().as_bytes()).await?;
    client.shutdown().await
}

async fn read_head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LARGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(client.read_u8().await?);
    }
    String::from_utf8(head).map_err(|_| io::ErrorKind::InvalidData.into())
}

struct Target {
    port: u16,
}

impl Target {
    /// The port that is asked for, once the scenario and the rules of this proxy have nothing against it.
    fn read(head: &str, tenant: &Tenant) -> Result<Self, Refusal> {
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if method != "CONNECT" {
            return Err(Refusal {
                status: "405 Method Not Allowed",
                more: "Allow: CONNECT\r\n",
                text: "The practice proxy takes CONNECT only.",
            });
        }
        match tenant.plays().network {
            Some(Network::ProxyAsks) if !knows_the_password(head, tenant) => Err(Refusal {
                status: "407 Proxy Authentication Required",
                more: "Proxy-Authenticate: Basic realm=\"Contoso (practice)\"\r\n",
                text: "This proxy asks for a user and a password.",
            }),
            Some(Network::ProxyRefuses) => Err(Refusal {
                status: "403 Forbidden",
                more: "",
                text: "This host is not on the list of those that may be reached.",
            }),
            _ => own_port(target, tenant).map(|port| Self { port }).ok_or(Refusal {
                status: "403 Forbidden",
                more: "",
                text: "The practice proxy leads to the practice tenant only.",
            }),
        }
    }
}

fn own_port(target: &str, tenant: &Tenant) -> Option<u16> {
    let (host, port) = target.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| host.eq_ignore_ascii_case(here));
    let own = [&tenant.facts.authority, &tenant.facts.graph]
        .iter()
        .any(|origin| origin.rsplit_once(':').is_some_and(|(_, own)| own.parse() == Ok(port)));
    (here && own).then_some(port)
}

/// The proxy knows the gateway's account, by HTTP Basic.
fn knows_the_password(head: &str, tenant: &Tenant) -> bool {
    let account = &tenant.facts.account;
    let right = STANDARD.encode(format!("{}:{}", account.username, account.password));
    head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        name.eq_ignore_ascii_case("proxy-authorization")
            && value.trim().strip_prefix("Basic ").is_some_and(|shown| shown.trim() == right)
    })
}

struct Refusal {
    status: &'static str,
    /// Further headers, each with its end of line.
    more: &'static str,
    text: &'static str,
}

impl Refusal {
    fn write(&self) -> String {
        format!(
            "HTTP/1.1 {}\r\nx-gatehouse-practice: 1\r\n{}Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
            self.status,
            self.more,
            self.text.len(),
            self.text
        )
    }
}
