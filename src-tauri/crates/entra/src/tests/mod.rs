//! The crate against servers on loopback that behave, and that misbehave.

mod account;
mod assertion;
mod certificate;
mod claims;
mod device_code;
mod graph_ahead;
mod graph_batch;
mod graph_changes;
mod graph_links;
mod graph_lists;
mod graph_refusals;
mod graph_renewal;
mod network;
mod network_path;
mod new_certificate;
mod other_clouds;
mod proxies;
mod server;
mod tls;
mod token;

use std::time::Duration;

use secrecy::SecretString;

use crate::http::Proxies;
use crate::{AccessToken, Endpoints, Entra, Graph, HttpOptions, TenantRef};
use server::{Seen, TestServer};

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const CLIENT: &str = "22222222-2222-4222-8222-222222222222";
const TOKEN: &str = "header.payload.signature-of-the-token";

fn options(server: &TestServer) -> HttpOptions {
    HttpOptions { ca_pem: Some(server.ca_pem.clone()), ..HttpOptions::default() }
}

/// A client of a server that plays both the authority and Graph.
fn entra(server: &TestServer) -> Entra {
    entra_with(server, &options(server))
}

fn entra_with(server: &TestServer, options: &HttpOptions) -> Entra {
    let endpoints = Endpoints::custom(&server.origin, &server.origin).unwrap();
    Entra::through(endpoints, options, &Proxies::None).unwrap()
}

fn graph(server: &TestServer) -> Graph {
    entra(server).graph(&access_token())
}

fn impatient_graph(server: &TestServer, patience: Duration) -> Graph {
    entra_with(server, &HttpOptions { patience, ..options(server) }).graph(&access_token())
}

fn access_token() -> AccessToken {
    AccessToken::new(SecretString::from(TOKEN), Duration::from_secs(3600))
}

fn tenant() -> TenantRef {
    TENANT.parse().unwrap()
}

/// A field of the form that was sent.
fn field(seen: &Seen, name: &str) -> Option<String> {
    let mut fields = url::form_urlencoded::parse(seen.body.as_bytes());
    fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
