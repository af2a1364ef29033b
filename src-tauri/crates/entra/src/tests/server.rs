//! A small HTTPS server that says exactly what a test tells it to.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Method and target, such as `GET /v1.0/users?$top=1`.
    pub(super) line: String,
    /// The header block in lower case.
    pub(super) headers: String,
    pub(super) body: String,
}

/// What the server does with a request.
pub(super) enum Act {
    /// Sends these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes and closes.
    AnswerAndClose(Vec<u8>),
    /// Sends these bytes and then nothing more, without closing.
    Stall(Vec<u8>),
    /// Closes without a word.
    Close,
}

/// Serves until it is dropped.
pub(super) struct TestServer {
    pub(super) origin: String,
    pub(super) port: u16,
    pub(super) ca_pem: Vec<u8>,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

/// The certificate that a server shows.
pub(super) struct Identity {
    pub(super) name: &'static str,
    pub(super) years: (i32, i32),
}

impl Default for Identity {
    fn default() -> Self {
        Self { name: "localhost", years: (2020, 4000) }
    }
}

type Script = dyn Fn(&Seen, usize) -> Act + Send + Sync;

impl TestServer {
    /// Answers each request with what the script says; it is given the request's number, from 0.
    pub(super) async fn start(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> Self {
        Self::start_as(Identity::default(), script).await
    }

    pub(super) async fn start_as(
        identity: Identity,
        script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let (acceptor, ca_pem) = identity.acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let log = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, script.clone(), log.clone()));
            }
        });
        Self { origin: format!("https://localhost:{port}"), port, ca_pem, seen, task }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with a JSON body.
pub(super) fn json(status: u16, body: &str) -> Act {
    Act::Answer(http(status, &["Content-Type: application/json; charset=utf-8"], body))
}

/// An answer with these header lines.
pub(super) fn with(status: u16, headers: &[&str], body: &str) -> Act {
    Act::Answer(http(status, headers, body))
}

pub(super) fn http(status: u16, headers: &[&str], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Told\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, script: Arc<Script>, log: Arc<Mutex<Vec<Seen>>>) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    while let Some(request) = read_request(&mut stream).await {
        let act = {
            let mut log = log.lock().unwrap();
            log.push(request.clone());
            script(&request, log.len() - 1)
        };
        match act {
            Act::Answer(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::AnswerAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.flush().await;
                std::future::pending::<()>().await;
            }
            Act::Close => return,
        }
    }
}

/// Reads one HTTP/1.1 request with a `Content-Length`, or none at the end of the connection.
pub(super) async fn read_request(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let (first, headers) = head.split_once("\r\n")?;
    let headers = headers.to_ascii_lowercase();
    let length =
        headers.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let line = first.rsplit_once(' ')?.0.to_owned();
    Some(Seen { line, headers, body: String::from_utf8(body).ok()? })
}

impl Identity {
    fn acceptor(&self) -> (TlsAcceptor, Vec<u8>) {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = CertificateParams::default();
        ca_params.distinguished_name.push(DnType::CommonName, "Test authority");
        ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = ca_params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::from_params(&ca_params, &ca_key);

        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([self.name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(self.years.0, 1, 1);
        params.not_after = date_time_ymd(self.years.1, 1, 1);
        let certificate = params.signed_by(&key, &issuer).unwrap();

        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        (TlsAcceptor::from(Arc::new(config)), ca.pem().into_bytes())
    }
}
