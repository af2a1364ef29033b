//! A Graph on loopback whose every answer the test writes itself.

mod faults;
mod plain;

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, Response, header},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use entra::{AccessToken, Endpoints, Entra};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

pub(crate) use plain::{Plain, changes, list, member_json, page, refusal, three_groups};

/// A request, or one of a batch: its path and query without the origin and the version.
pub(crate) struct Asked<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
}

/// An answer. A bare number goes out as text.
pub(crate) struct Told {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
    travel: Travel,
}

/// What happens to an answer on its way; not to those inside a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Travel {
    /// It arrives.
    Whole,
    /// The connection ends after its first half.
    BreaksOff,
    /// It arrives, compressed.
    Gzip,
    /// The connection ends after half of what was compressed.
    GzipBreaksOff,
    /// Somebody cut what was compressed to its half, and says that this is all.
    GzipCut,
    /// It arrives, and what it holds is not what was compressed.
    GzipGarbled,
}

/// What a connection is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

type Script = dyn Fn(&Asked<'_>) -> Option<Told> + Send + Sync;

/// A running script.
pub(crate) struct Scripted {
    /// A client that trusts it.
    pub(crate) entra: Entra,
    handle: Handle<SocketAddr>,
    log: Arc<Mutex<Vec<String>>>,
}

/// What the server's tasks share.
struct Desk {
    script: Box<Script>,
    plain: Plain,
    origin: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl From<(u16, Value)> for Told {
    fn from((status, body): (u16, Value)) -> Self {
        Self { status, headers: Vec::new(), body, travel: Travel::Whole }
    }
}

impl Told {
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn travelling(self, travel: Travel) -> Self {
        Self { travel, ..self }
    }
}

impl Scripted {
    /// Any token will do.
    pub(crate) fn token(&self) -> AccessToken {
        AccessToken::new("any".to_owned().into(), std::time::Duration::from_secs(3600))
    }

    /// How often this was asked: a path, or the begin of a path with its query. Those inside batches count too.
    pub(crate) fn times(&self, asked: &str) -> usize {
        let is = |line: &&String| {
            line.strip_prefix(asked)
                .is_some_and(|rest| asked.contains('?') || rest.is_empty() || rest.starts_with('?'))
        };
        self.log.lock().unwrap().iter().filter(is).count()
    }

    /// Forgets what was asked.
    pub(crate) fn forget(&self) {
        self.log.lock().unwrap().clear();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Serves the plain directory; answers of `first` come before its own. The origin stands in for `{origin}`.
pub(crate) async fn serve(
    plain: Plain,
    first: impl Fn(&Asked<'_>) -> Option<Told> + Send + Sync + 'static,
) -> Scripted {
    serve_over(Protocol::Http2, plain, first).await
}

/// As [`serve`], with a protocol of the test's choice.
pub(crate) async fn serve_over(
    protocol: Protocol,
    plain: Plain,
    first: impl Fn(&Asked<'_>) -> Option<Told> + Send + Sync + 'static,
) -> Scripted {
    let (tls, pem) = tls(protocol);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let log = Arc::new(Mutex::new(Vec::new()));
    let desk =
        Arc::new(Desk { script: Box::new(first), plain, origin: origin.clone(), log: Arc::clone(&log) });
    let app = Router::new().fallback(move |request: Request<Body>| {
        let desk = Arc::clone(&desk);
        async move { desk.answer(request).await }
    });
    let handle = Handle::new();
    let server = axum_server::from_tcp_rustls(listener, tls).unwrap().handle(handle.clone());
    tokio::spawn(server.serve(app.into_make_service()));
    handle.listening().await;
    let endpoints = Endpoints::custom(&origin, &origin).unwrap();
    let entra = Entra::new(endpoints, &crate::patient(&pem)).unwrap();
    Scripted { entra, handle, log }
}

fn tls(protocol: Protocol) -> (RustlsConfig, String) {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = match protocol {
        Protocol::Http1 => vec![b"http/1.1".to_vec()],
        Protocol::Http2 => vec![b"h2".to_vec()],
    };
    (RustlsConfig::from_config(Arc::new(config)), made.cert.pem())
}

impl Desk {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let uri = request.uri().clone();
        let path = uri.path().strip_prefix("/v1.0").unwrap_or(uri.path()).to_owned();
        let items = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let told = match self.told(&path, uri.query().unwrap_or_default()) {
            Some(told) => told,
            None => self.batch(&serde_json::from_slice(&items).unwrap()),
        };
        let kind = if told.body.is_number() { "text/plain" } else { "application/json" };
        let text = told.body.to_string().replace("{origin}", &self.origin);
        let mut response = Response::builder().status(told.status).header(header::CONTENT_TYPE, kind);
        for (name, value) in &told.headers {
            response = response.header(*name, value);
        }
        if !matches!(told.travel, Travel::Whole | Travel::BreaksOff) {
            response = response.header(header::CONTENT_ENCODING, "gzip");
        }
        response.body(sent(text.into_bytes(), told.travel)).unwrap()
    }

    /// None for a batch that the script leaves to its items.
    fn told(&self, path: &str, query: &str) -> Option<Told> {
        let line = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.log.lock().unwrap().push(line);
        let told = (self.script)(&Asked { path, query });
        told.or_else(|| (path != "/$batch").then(|| self.plain.answer(path).into()))
    }

    /// Each item is answered as if it had come alone.
    fn batch(&self, body: &Value) -> Told {
        let item = |request: &Value| {
            let url = request["url"].as_str().unwrap();
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            let told = self.told(&format!("/{}", path.trim_start_matches('/')), query).unwrap();
            let headers: serde_json::Map<String, Value> =
                told.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({ "id": request["id"], "status": told.status, "headers": headers, "body": told.body })
        };
        let responses: Vec<Value> = body["requests"].as_array().unwrap().iter().map(item).collect();
        (200, json!({ "responses": responses })).into()
    }
}

fn sent(body: Vec<u8>, travel: Travel) -> Body {
    let half = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    match travel {
        Travel::Whole => body.into(),
        Travel::BreaksOff => breaking_off(half(body)),
        Travel::Gzip => gzip(&body).into(),
        Travel::GzipBreaksOff => breaking_off(half(gzip(&body))),
        Travel::GzipCut => half(gzip(&body)).into(),
        Travel::GzipGarbled => {
            let mut bytes = gzip(&body);
            // The last eight are the checksum and the length.
            let checksum = bytes.len() - 8;
            bytes[checksum] ^= 0xFF;
            bytes.into()
        }
    }
}

/// These bytes reach the client, and then the connection ends (or with HTTP/2 the stream).
fn breaking_off(bytes: Vec<u8>) -> Body {
    let first = stream::once(async move { Ok(Bytes::from(bytes)) });
    let end = stream::once(async {
        // What was written leaves before the end.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(first.chain(end))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
