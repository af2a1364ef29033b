//! A Graph on loopback whose every answer the test writes itself.

mod faults;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, header},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use entra::{AccessToken, Endpoints, Entra, HttpOptions};
use serde_json::{Value, json};

/// Answers a path and its query, both without the origin, with a status and a body. A bare number goes out as text.
type Script = dyn Fn(&str, &str) -> (u16, Value) + Send + Sync;

/// A running script.
pub(crate) struct Scripted {
    /// A client that trusts it.
    pub(crate) entra: Entra,
    handle: Handle<SocketAddr>,
}

impl Scripted {
    /// Any token will do.
    pub(crate) fn token(&self) -> AccessToken {
        AccessToken::new("any".to_owned().into(), std::time::Duration::from_secs(3600))
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Serves the script. The origin stands in for `{origin}` in next-links.
async fn serve(script: impl Fn(&str, &str) -> (u16, Value) + Send + Sync + 'static) -> Scripted {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    let tls =
        RustlsConfig::from_pem(pem.clone().into(), made.signing_key.serialize_pem().into()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let handle = Handle::new();
    let (script, base): (Arc<Script>, _) = (Arc::new(script), origin.clone());
    let app = Router::new().fallback(move |request: Request<Body>| {
        let answer = answer(&*script, &base, &request);
        async move { answer }
    });
    let server = axum_server::from_tcp_rustls(listener, tls).unwrap().handle(handle.clone());
    tokio::spawn(server.serve(app.into_make_service()));
    handle.listening().await;
    let options = HttpOptions { ca_pem: Some(pem.into_bytes()), ..HttpOptions::default() };
    let entra = Entra::new(Endpoints::custom(&origin, &origin).unwrap(), &options).unwrap();
    Scripted { entra, handle }
}

fn answer(script: &Script, origin: &str, request: &Request<Body>) -> Response<Body> {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let (status, body) = script(path.strip_prefix("/v1.0").unwrap_or(path), query);
    let kind = if body.is_number() { "text/plain" } else { "application/json" };
    let body = body.to_string().replace("{origin}", origin);
    Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
}

/// A directory that answers as Graph does, one page for each list; tests put other answers in front of it.
#[derive(Clone, Default)]
struct Plain {
    users: Vec<String>,
    /// Members of each group by the group's id, as `user:ada`.
    groups: BTreeMap<String, Vec<String>>,
    /// Groups whose visibility is `HiddenMembership`.
    hidden: Vec<String>,
}

impl Plain {
    fn new(users: &[&str], groups: &[(&str, &[&str])]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Self {
            users: owned(users),
            groups: groups.iter().map(|(id, members)| ((*id).to_owned(), owned(members))).collect(),
            hidden: Vec::new(),
        }
    }

    fn answer(&self, path: &str) -> (u16, Value) {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match segments.as_slice() {
            ["users", "$count"] => (200, json!(self.users.len())),
            ["groups", "$count"] => (200, json!(self.groups.len())),
            ["users"] => list(self.users.iter().map(|id| json!({ "id": id, "accountEnabled": true }))),
            ["groups"] => list(self.groups.keys().map(|id| self.group(id))),
            ["groups", id, "members"] => match self.groups.get(*id) {
                Some(members) => list(members.iter().map(|member| member_json(member))),
                None => refusal(404, "Request_ResourceNotFound"),
            },
            _ => refusal(400, "BadRequest"),
        }
    }

    fn group(&self, id: &String) -> Value {
        let visibility = self.hidden.contains(id).then_some("HiddenMembership");
        json!({ "id": id, "displayName": id, "groupTypes": [], "visibility": visibility })
    }
}

/// A member from `user:ada`; without a kind it comes without a type, as for an app that may not read it.
fn member_json(member: &str) -> Value {
    match member.split_once(':') {
        Some((kind, id)) => json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "id": id }),
        None => json!({ "id": member }),
    }
}

/// The last page of a list.
fn list(items: impl Iterator<Item = Value>) -> (u16, Value) {
    (200, json!({ "value": items.collect::<Vec<_>>() }))
}

/// A refusal in Graph's shape.
fn refusal(status: u16, code: &str) -> (u16, Value) {
    (status, json!({ "error": { "code": code, "message": "No." } }))
}
