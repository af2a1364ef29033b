//! The bridge: the window's real commands without a window, for tests of the page in any browser.
//!
//! It runs the shell on Tauri's mock runtime with data folders of its own, and serves the built page on loopback
//! under the window's content security policy. `bridge [--no-keychain] [PAGE-FOLDER]` prints one line of JSON,
//! [`Ready`], and ends when its standard input is closed.

use std::{
    collections::HashMap,
    convert::Infallible,
    error::Error,
    ffi::OsString,
    fs,
    io::{self, Read, Write},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use engine::{
    Gatehouse,
    clock::SystemClock,
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};
use futures_util::{Stream, StreamExt as _, stream};
use gatehouse_desktop::Setup;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tauri::{
    App, Listener, RunEvent, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets},
    webview::InvokeRequest,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::broadcast};

const SHIM: &str = include_str!("../bridge_shim.js");
const WINDOW: &str = include_str!("../../../src-tauri/tauri.conf.json");
const BUILT_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/dist");
/// More events than any test makes between two reads.
const EVENTS_KEPT: usize = 1 << 16;

type Failure = Box<dyn Error + Send + Sync>;

/// What is printed once requests are answered.
#[derive(Serialize)]
struct Ready {
    url: String,
    /// Gatehouse's own data.
    home: PathBuf,
    /// An empty folder to write configs to.
    folder: PathBuf,
}

fn main() -> Result<(), Failure> {
    let (flags, pages): (Vec<OsString>, Vec<OsString>) =
        std::env::args_os().skip(1).partition(|argument| argument == NO_KEYCHAIN);
    let page = pages.first().map_or_else(|| PathBuf::from(BUILT_PAGE), PathBuf::from);
    let keychain: Arc<dyn Vault> =
        if flags.is_empty() { Arc::new(MemoryVault::default()) } else { Arc::new(NoKeychain) };
    let folders = tempfile::Builder::new().prefix("gatehouse-bridge-").tempdir()?;
    let (home, folder) = (folders.path().join("home"), folders.path().join("gateway"));
    fs::create_dir(&home)?;
    fs::create_dir(&folder)?;
    let app = shell(&home, keychain)?;
    let bridge = Bridge {
        webview: WebviewWindowBuilder::new(&app, "main", WebviewUrl::default()).build()?,
        files: Arc::new(read_page(&page)?),
        policy: HeaderValue::from_str(&content_policy()?)?,
        events: Events::of(&app),
    };
    let mut begin = Some((bridge, folders));
    app.run(move |_, event| {
        // From here on the desk is there. The mock runtime never ends by itself, so the bridge ends the program.
        if let (RunEvent::Ready, Some((bridge, folders))) = (event, begin.take()) {
            let ready = |url| Ready { url, home: home.clone(), folder: folder.clone() };
            let _running = tauri::async_runtime::spawn(until_the_end(bridge, folders, ready(String::new())));
        }
    });
    Ok(())
}

/// The argument for [`NoKeychain`].
const NO_KEYCHAIN: &str = "--no-keychain";

/// A computer on which no keychain runs.
struct NoKeychain;

impl Vault for NoKeychain {
    fn state(&self) -> VaultState {
        VaultState { name: "Secret Service", unusable: Some(VaultFault::Missing) }
    }

    fn put(&self, _: &str, _: &SecretString) -> Result<(), VaultFault> {
        Err(VaultFault::Missing)
    }

    fn get(&self, _: &str) -> Result<Option<SecretString>, VaultFault> {
        Err(VaultFault::Missing)
    }

    fn remove(&self, _: &str) -> Result<(), VaultFault> {
        Err(VaultFault::Missing)
    }
}

/// The shell with its commands, on a runtime without windows, with secrets in memory.
fn shell(home: &Path, keychain: Arc<dyn Vault>) -> Result<App<MockRuntime>, Failure> {
    let engine = Gatehouse::new(engine::Setup {
        home: home.to_owned(),
        keychain,
        clock: Arc::new(SystemClock),
        user_agent: "Gatehouse/bridge".to_owned(),
    });
    let setup = Setup { engine, practice: false };
    Ok(gatehouse_desktop::attach(mock_builder(), setup).build(mock_context(noop_assets()))?)
}

async fn until_the_end(bridge: Bridge, folders: TempDir, ready: Ready) {
    let outcome = serve(bridge, ready).await;
    let removed = folders.close();
    let code = match outcome.and(removed.map_err(Failure::from)) {
        Ok(()) => 0,
        Err(error) => {
            drop(writeln!(io::stderr(), "bridge: {error}"));
            1
        }
    };
    std::process::exit(code);
}

async fn serve(bridge: Bridge, ready: Ready) -> Result<(), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let ready = Ready { url: format!("http://{}/", listener.local_addr()?), ..ready };
    writeln!(io::stdout(), "{}", serde_json::to_string(&ready)?)?;
    let routes = Router::new()
        .route("/bridge/ipc", post(call_command))
        .route("/bridge/events", get(follow_events))
        // A browser asks for it by itself; the window's page has none.
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .fallback(get(file))
        .with_state(bridge);
    tokio::select! {
        served = axum::serve(listener, routes) => Ok(served?),
        closed = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())) => {
            closed??;
            Ok(())
        }
    }
}

#[derive(Clone)]
struct Bridge {
    webview: WebviewWindow<MockRuntime>,
    files: Arc<HashMap<String, PageFile>>,
    policy: HeaderValue,
    events: Events,
}

#[derive(Deserialize)]
struct Call {
    cmd: String,
    args: Value,
}

/// Answers `{ok}` or `{error}`, and how many events were sent before.
async fn call_command(
    State(bridge): State<Bridge>,
    Json(call): Json<Call>,
) -> Result<Json<Value>, StatusCode> {
    let own = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
    let request = InvokeRequest {
        cmd: call.cmd,
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: own.parse().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?,
        body: InvokeBody::Json(call.args),
        headers: axum::http::HeaderMap::new(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    let webview = bridge.webview;
    let answer = tokio::task::spawn_blocking(move || get_ipc_response(&webview, request))
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let events = bridge.events.sent.load(Ordering::SeqCst);
    Ok(Json(match answer.map(|body| body.deserialize::<Value>()) {
        Ok(Ok(value)) => json!({ "ok": value, "events": events }),
        Ok(Err(error)) => json!({ "error": error.to_string(), "events": events }),
        Err(refused) => json!({ "error": refused, "events": events }),
    }))
}

async fn follow_events(State(bridge): State<Bridge>) -> impl IntoResponse {
    Sse::new(bridge.events.follow()).keep_alive(KeepAlive::default())
}

/// The progress that the shell sends, numbered from 1.
#[derive(Clone)]
struct Events {
    sent: Arc<AtomicU64>,
    channel: broadcast::Sender<(u64, String)>,
}

impl Events {
    fn of(app: &App<MockRuntime>) -> Self {
        let events = Self { sent: Arc::default(), channel: broadcast::channel(EVENTS_KEPT).0 };
        let Self { sent, channel } = events.clone();
        app.listen_any("progress-event", move |event| {
            let number = sent.fetch_add(1, Ordering::SeqCst) + 1;
            let data = format!(r#"{{"event":"progress-event","payload":{}}}"#, event.payload());
            // Nobody listens before the page has been opened.
            drop(channel.send((number, data)));
        });
        events
    }

    /// How many there were before, then the events from now on. Ends when the reader is so slow that some are lost.
    fn follow(&self) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
        let receiver = self.channel.subscribe();
        let before = self.sent.load(Ordering::SeqCst).to_string();
        let begin = stream::iter([Ok(Event::default().event("before").data(before))]);
        begin.chain(stream::unfold(receiver, |mut receiver| async move {
            let (number, data) = receiver.recv().await.ok()?;
            Some((Ok(Event::default().id(number.to_string()).data(data)), receiver))
        }))
    }
}

#[derive(Clone)]
struct PageFile {
    kind: &'static str,
    content: Bytes,
}

async fn file(State(bridge): State<Bridge>, uri: Uri) -> Response {
    let Some(file) = bridge.files.get(uri.path()).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind)),
        (header::CONTENT_SECURITY_POLICY, bridge.policy),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, file.content).into_response()
}

/// Every file of the built page by its path, with the shim as the first script.
fn read_page(folder: &Path) -> Result<HashMap<String, PageFile>, Failure> {
    let mut files = HashMap::new();
    read_folder(folder, "/", &mut files)?;
    let index = files.remove("/index.html").ok_or("the page is not built: npm --prefix ui run build")?;
    let html = String::from_utf8(index.content.to_vec())?;
    let with_shim = html.replacen("<head>", "<head><script src=\"/bridge/shim.js\"></script>", 1);
    if with_shim == html {
        return Err("the built page has no <head>: npm --prefix ui run build".into());
    }
    files.insert("/".to_owned(), PageFile { kind: kind("html"), content: with_shim.into() });
    files.insert("/bridge/shim.js".to_owned(), PageFile { kind: kind("js"), content: SHIM.into() });
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut HashMap<String, PageFile>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
            continue;
        }
        let mut content = Vec::new();
        fs::File::open(entry.path())?.read_to_end(&mut content)?;
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        files.insert(path.clone(), PageFile { kind: kind(ending), content: content.into() });
    }
    Ok(())
}

fn kind(ending: &str) -> &'static str {
    match ending {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// The window's own policy; only the way to the commands differs.
fn content_policy() -> Result<String, Failure> {
    let window: Value = serde_json::from_str(WINDOW)?;
    let directives =
        window.pointer("/app/security/csp").and_then(Value::as_object).ok_or("the window has no policy")?;
    let lines = directives.iter().map(|(name, value)| match name.as_str() {
        "connect-src" => "connect-src 'self'".to_owned(),
        _ => format!("{name} {}", value.as_str().unwrap_or("'none'")),
    });
    Ok(lines.collect::<Vec<_>>().join("; "))
}
