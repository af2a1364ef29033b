//! Where the admin's browser comes back to from Microsoft's consent page: one address on loopback, for one answer.
//!
//! The redirect is not signed, so it proves nothing; it is a hint to look again, and the page says what happens next.
//! Refused or not is decided by `error` alone: version 2 says `admin_consent=True` in refusals too.
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.

mod page;

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use url::{Url, form_urlencoded};

use crate::{explain, unique};

/// How the consent page sent the admin back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRedirect {
    /// The value of `error`; absent when the page says that consent was given.
    pub error: Option<String>,
    /// The AADSTS number in its description, for an explanation.
    pub aadsts: Option<u32>,
}

/// A listener on loopback that waits for one redirect. Dropping it closes the port.
#[derive(Debug)]
pub struct ConsentCallback {
    redirect: String,
    state: String,
    answer: oneshot::Receiver<ConsentRedirect>,
    server: JoinHandle<()>,
}

struct Waiting {
    state: String,
    answer: Mutex<Option<oneshot::Sender<ConsentRedirect>>>,
}

impl ConsentCallback {
    /// Opens a free port on loopback.
    ///
    /// # Errors
    /// No port can be opened.
    pub async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        // Entra ID takes any port for a redirect that is registered as http://localhost.
        let redirect = format!("http://localhost:{}/", listener.local_addr()?.port());
        let state = unique::id().simple().to_string();
        let (sender, answer) = oneshot::channel();
        let waiting = Waiting { state: state.clone(), answer: Mutex::new(Some(sender)) };
        let routes = Router::new().route("/", get(come_back)).with_state(Arc::new(waiting));
        let server = tokio::spawn(async move {
            // It ends with the listener; there is nobody to tell.
            axum::serve(listener, routes).await.ok();
        });
        Ok(Self { redirect, state, answer, server })
    }

    /// A consent link that leads back here.
    pub fn link(&self, consent: &Url) -> Url {
        let mut link = consent.clone();
        link.query_pairs_mut().append_pair("redirect_uri", &self.redirect).append_pair("state", &self.state);
        link
    }

    /// Waits for the browser; none when it did not come back in time.
    pub async fn answer(mut self, patience: Duration) -> Option<ConsentRedirect> {
        let answer = tokio::time::timeout(patience, &mut self.answer).await.ok()?.ok();
        // The page that was just answered with is still on its way.
        tokio::time::sleep(LAST_BYTES).await;
        answer
    }
}

const LAST_BYTES: Duration = Duration::from_millis(500);

impl Drop for ConsentCallback {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn come_back(State(waiting): State<Arc<Waiting>>, RawQuery(query): RawQuery) -> Response {
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let field =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if field("state") != Some(waiting.state.as_str()) {
        return shown(StatusCode::BAD_REQUEST, page::of_another_try());
    }
    let error =
        field("error").map(|error| error.chars().filter(|c| is_code(*c)).take(64).collect::<String>());
    let redirect =
        ConsentRedirect { aadsts: field("error_description").and_then(explain::first_entra_number), error };
    let told = match &redirect.error {
        None => page::accepted(),
        Some(error) => page::refused(error, redirect.aadsts),
    };
    let sender = waiting.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        // Whoever waited may have gone away meanwhile.
        sender.send(redirect).ok();
    }
    shown(StatusCode::OK, told)
}

/// Values of `error` are made of these (RFC 6749, section 4.1.2.1); nothing else of them is kept.
fn is_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn shown(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn visit(callback: &ConsentCallback, query: &str) -> String {
        let address = callback.redirect.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut stream =
            tokio::net::TcpStream::connect(address.replace("localhost", "127.0.0.1")).await.unwrap();
        let request = format!("GET /?{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn consent_page() -> Url {
        "https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=1".parse().unwrap()
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_error_whatever_else_the_address_says() {
        let callback = ConsentCallback::listen().await.unwrap();
        let query = format!(
            "admin_consent=True&error=access_denied&error_description=AADSTS65004%3A+%3Cb%3Eno%3C%2Fb%3E&state={}",
            callback.state
        );
        let answer = visit(&callback, &query).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("Nothing was granted") && answer.contains("AADSTS65004"), "{answer}");
        assert!(!answer.contains("<b>no"), "a service's text is not shown");
        let told = callback.answer(Duration::from_secs(5)).await.unwrap();
        assert_eq!(told, ConsentRedirect { error: Some("access_denied".to_owned()), aadsts: Some(65_004) });
    }

    #[tokio::test]
    async fn acceptance_says_what_happens_next() {
        let callback = ConsentCallback::listen().await.unwrap();
        let link = callback.link(&consent_page());
        let pairs: Vec<(String, String)> = link.query_pairs().into_owned().collect();
        assert_eq!(pairs[0].0, "client_id");
        assert_eq!((pairs[1].0.as_str(), &pairs[1].1), ("redirect_uri", &callback.redirect));
        let answer = visit(&callback, &format!("admin_consent=True&state={}", pairs[2].1)).await;
        assert!(answer.contains("You can close this page"), "{answer}");
        assert!(answer.to_lowercase().contains("content-security-policy: default-src 'none'"));
        let told = callback.answer(Duration::from_secs(5)).await.unwrap();
        assert_eq!(told, ConsentRedirect { error: None, aadsts: None });
    }

    #[tokio::test]
    async fn an_answer_to_another_try_does_not_count() {
        let callback = ConsentCallback::listen().await.unwrap();
        for query in ["admin_consent=True&state=forged", "admin_consent=True", ""] {
            assert!(visit(&callback, query).await.starts_with("HTTP/1.1 400"), "{query}");
        }
        assert_eq!(callback.answer(Duration::from_millis(10)).await, None);
    }
}
