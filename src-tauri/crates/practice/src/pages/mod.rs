//! Pages for people. Every one carries the hatched strip, its own style and a strict Content-Security-Policy.

mod device;
mod portal;
mod secret;
mod upload;

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, Response, StatusCode, Uri, header},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    authority::consent,
    http::{Answer, escape, loopback_host},
    state::Tenant,
};

/// The portal page; also part of the authority and of Graph.
pub(crate) fn portal_routes() -> Router<Arc<Tenant>> {
    Router::new().route("/practice/", get(portal::show)).route("/practice", get(portal::show))
}

/// Everything that is served over plain HTTP for browsers, which distrust the throwaway CA.
pub(crate) fn routes() -> Router<Arc<Tenant>> {
    Router::new()
        .merge(portal_routes())
        .route("/practice/upload", post(upload::take))
        .route("/practice/new-secret", post(secret::make))
        .route("/practice/delete-secret", post(secret::remove))
        .route("/practice/delete-certificate", post(secret::remove_certificate))
        .merge(consent::routes())
        .route("/device", get(device::show).post(device::decide))
        .fallback(nothing_here)
}

async fn nothing_here(request: Request) -> Response<Body> {
    let mut page = Page::new("Nothing here");
    page.text("p", &format!("The practice tenant has no page at {}.", request.uri().path()));
    page.open("p").open("a href=\"/practice/\"").raw_text("The practice portal").close("a").close("p");
    page.answer(StatusCode::NOT_FOUND, None)
}

/// True unless a browser says that another site sent the form.
pub(crate) fn same_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(host) = loopback_host(headers, uri) else {
        return false;
    };
    match headers.get(header::ORIGIN).map(header::HeaderValue::to_str) {
        None => true,
        Some(Ok(origin)) => {
            origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(&host))
        }
        Some(Err(_)) => false,
    }
}

/// The answer to a form that came from another site.
pub(crate) fn foreign_origin() -> Response<Body> {
    let mut page = Page::new("This form came from another site");
    page.text("p", "Nothing was changed.");
    page.answer(StatusCode::FORBIDDEN, None)
}

/// An HTML page under construction. All texts are escaped; tags are written by this crate only.
pub(crate) struct Page {
    title: String,
    body: String,
}

impl Page {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: escape(title), body: String::new() }
    }

    /// An element with text; `tag` may carry attributes.
    pub(crate) fn text(&mut self, tag: &str, text: &str) -> &mut Self {
        let name = tag.split(' ').next().unwrap_or(tag).to_owned();
        self.open(tag).raw_text(text).close(&name)
    }

    pub(crate) fn raw_text(&mut self, text: &str) -> &mut Self {
        self.body.push_str(&escape(text));
        self
    }

    pub(crate) fn open(&mut self, tag: &str) -> &mut Self {
        self.body.push('<');
        self.body.push_str(tag);
        self.body.push('>');
        self
    }

    pub(crate) fn close(&mut self, tag: &str) -> &mut Self {
        self.body.push_str("</");
        self.body.push_str(tag);
        self.body.push('>');
        self
    }

    /// A hidden form field.
    pub(crate) fn hidden(&mut self, name: &str, value: &str) -> &mut Self {
        self.open(&format!("input type=\"hidden\" name=\"{}\" value=\"{}\"", escape(name), escape(value)))
    }

    /// A text field; its label is for the same name.
    pub(crate) fn input(&mut self, name: &str, value: &str) -> &mut Self {
        let (name, value) = (escape(name), escape(value));
        self.open(&format!(
            "input id=\"{name}\" name=\"{name}\" value=\"{value}\" required autocomplete=\"off\" spellcheck=\"false\""
        ))
    }

    /// A submit button that sends `name=value`.
    pub(crate) fn button(&mut self, name: &str, value: &str, label: &str) -> &mut Self {
        let tag = format!("button class=\"{value}\" name=\"{}\" value=\"{}\"", escape(name), escape(value));
        self.text(&tag, label)
    }

    /// The whole page. A form on it may lead to this server and, after that, to `form_target` (an origin).
    pub(crate) fn answer(&self, status: StatusCode, form_target: Option<&str>) -> Response<Body> {
        let policy = format!(
            "default-src 'none'; style-src '{}'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            *STYLE_HASH,
            form_target.unwrap_or_default(),
        );
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title} – practice</title><style>{STYLE}</style></head>\n<body><div class=\"strip\" aria-hidden=\"true\"></div><p class=\"mark\">Practice: a pretend tenant on this computer. Nothing here is Microsoft’s.</p>\n<main><h1>{title}</h1>{body}</main></body></html>\n",
            title = self.title,
            body = self.body,
        );
        Answer::new(status, "text/html; charset=utf-8", html)
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .header(header::CACHE_CONTROL, "no-store")
            // With "no-referrer" a browser calls the origin of its own form null.
            .header(header::REFERRER_POLICY, "same-origin")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .into_response()
    }
}

static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE.as_bytes()))));

const STYLE: &str = include_str!("practice.css");
