//! Admin consent, versions 1 and 2, for a browser (facts: wire/admin-consent.http).
//!
//! Redirects go to loopback addresses only, so that a practice link cannot send anybody elsewhere.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, Response, StatusCode, Uri, header},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{Segment, Trace, token_errors::AuthorityError};
use crate::{
    http::Answer,
    pages::{self, Page},
    registration::{PermissionKind, Registration},
    scenario::ConsentPage,
    state::Tenant,
};

type Reply = Response<axum::body::Body>;

/// `GET` shows the page, `POST` is Accept or Cancel.
pub(crate) fn routes() -> Router<Arc<Tenant>> {
    Router::new()
        .route("/{tenant}/adminconsent", get(show).post(decide))
        .route("/{tenant}/v2.0/adminconsent", get(show).post(decide))
}

/// What the link carries; the form hands the same back.
#[derive(Clone, Debug, Default, Deserialize)]
struct Ask {
    #[serde(default)]
    client_id: String,
    redirect_uri: Option<String>,
    state: Option<String>,
    scope: Option<String>,
    decision: Option<String>,
}

async fn show(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Query(ask): Query<Ask>,
) -> Reply {
    match Checked::new(&tenant, &segment, uri.path(), ask) {
        Ok(checked) if tenant.plays().consent == Some(ConsentPage::NeedsAdmin) => {
            approval_page(&tenant, &headers, &checked, uri.path())
        }
        Ok(checked) => consent_page(&tenant, &checked, uri.path()),
        Err(error) => error_page(&tenant, &headers, &error),
    }
}

async fn decide(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Form(ask): Form<Ask>,
) -> Reply {
    if !pages::same_origin(&headers, &uri) {
        return pages::foreign_origin();
    }
    let accepted = ask.decision.as_deref() == Some("accept") && tenant.plays().consent.is_none();
    let checked = match Checked::new(&tenant, &segment, uri.path(), ask) {
        Ok(checked) => checked,
        Err(error) => return error_page(&tenant, &headers, &error),
    };
    if accepted {
        tenant.accept_consent();
    }
    match checked.destination(&tenant, &headers, accepted) {
        Some(url) => Answer::empty(StatusCode::FOUND)
            .header(header::LOCATION, url.as_str())
            .header(header::CACHE_CONTROL, "no-store")
            .into_response(),
        None => done_page(accepted),
    }
}

/// A link that was checked: known tenant, known app, loopback redirect, the scope that version 2 wants.
struct Checked {
    ask: Ask,
    redirect: Option<Url>,
    version_two: bool,
}

impl Checked {
    fn new(tenant: &Tenant, segment: &str, path: &str, ask: Ask) -> Result<Self, ConsentError> {
        Segment::read(tenant, segment)?;
        let version_two = path.contains("/v2.0/");
        if ask.client_id.is_empty() {
            return Err(AuthorityError::ParameterMissing("client_id").into());
        }
        let known = tenant.changing().registration.known;
        if !known || !ask.client_id.eq_ignore_ascii_case(&tenant.facts.client_id) {
            let directory = tenant.facts.tenant_id.clone();
            return Err(AuthorityError::ClientUnknown { client: ask.client_id, tenant: directory }.into());
        }
        if version_two && ask.scope.as_deref().is_none_or(str::is_empty) {
            return Err(AuthorityError::ParameterMissing("scope").into());
        }
        let redirect = match ask.redirect_uri.as_deref().filter(|uri| !uri.is_empty()) {
            None => None,
            Some(uri) => Some(loopback(uri).ok_or_else(|| ConsentError::Redirect(uri.to_owned()))?),
        };
        Ok(Self { ask, redirect, version_two })
    }

    fn redirect_origin(&self) -> Option<String> {
        self.redirect.as_ref().map(|url| url.origin().ascii_serialization())
    }

    fn destination(&self, tenant: &Tenant, headers: &HeaderMap, accepted: bool) -> Option<Url> {
        let mut url = self.redirect.clone()?;
        if let Some(played) = tenant.plays().consent {
            self.refused(&mut url, played, &Trace::new(tenant, headers));
            return Some(url);
        }
        let state = self.ask.state.as_deref();
        let tenant_id = tenant.facts.tenant_id.as_str();
        {
            let mut query = url.query_pairs_mut();
            match (self.version_two, accepted) {
                (false, true) => {
                    query.append_pair("tenant", tenant_id);
                    if let Some(state) = state {
                        query.append_pair("state", state);
                    }
                    query.append_pair("admin_consent", "True");
                }
                (false, false) => {
                    query.append_pair("error", "permission_denied");
                    query.append_pair("error_description", "The admin canceled the request");
                }
                (true, true) => {
                    query.append_pair("admin_consent", "True");
                    query.append_pair("tenant", tenant_id);
                    query.append_pair("scope", &granted_scope(&tenant.changing().registration));
                    if let Some(state) = state {
                        query.append_pair("state", state);
                    }
                }
                (true, false) => {
                    let trace = Trace::new(tenant, headers);
                    query.append_pair("admin_consent", "True");
                    query.append_pair("error", "consent_required");
                    let description = AuthorityError::AuthorizationDeclined.description(&trace);
                    query.append_pair("error_description", &description);
                    if let Some(state) = state {
                        query.append_pair("state", state);
                    }
                }
            }
        }
        Some(url)
    }
}

impl Checked {
    /// What a scenario's consent page answers, whatever was pressed.
    fn refused(&self, url: &mut Url, played: ConsentPage, trace: &Trace) {
        let description = match played {
            ConsentPage::Refuses => AuthorityError::AuthorizationDeclined,
            ConsentPage::NeedsAdmin => AuthorityError::AdminConsentRequired,
        }
        .description(trace);
        let mut query = url.query_pairs_mut();
        query.append_pair("admin_consent", "True");
        query.append_pair("error", "access_denied");
        query.append_pair("error_description", &description);
        if let Some(state) = self.ask.state.as_deref() {
            query.append_pair("state", state);
        }
    }
}

enum ConsentError {
    Authority(AuthorityError),
    Redirect(String),
}

impl From<AuthorityError> for ConsentError {
    fn from(error: AuthorityError) -> Self {
        Self::Authority(error)
    }
}

fn loopback(uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (web && here && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn granted_scope(registration: &Registration) -> String {
    let names = registration.requested.iter().filter_map(|requested| requested.name());
    names.map(|name| format!("https://graph.microsoft.com/{name}")).collect::<Vec<_>>().join(" ")
}

fn consent_page(tenant: &Tenant, checked: &Checked, path: &str) -> Reply {
    let mut page = Page::new("Permissions requested");
    page.text("p", &format!("Signed in as {}", tenant.facts.admin.username));
    page.open("p class=\"app\"").text("b", &tenant.facts.app_name).close("p");
    page.text("p", "Review for your organisation. This app would like to:");
    let changing = tenant.changing();
    let roles =
        changing.registration.requested.iter().filter(|requested| requested.kind == PermissionKind::Role);
    let names: Vec<&str> = roles.filter_map(|requested| requested.name()).collect();
    if names.is_empty() {
        page.text(
            "p class=\"note\"",
            "The app asks for no application permissions, so accepting grants it none.",
        );
    } else {
        page.open("ul");
        for name in names {
            page.open("li")
                .text("code", name)
                .text("span", "application permission, Microsoft Graph")
                .close("li");
        }
        page.close("ul");
    }
    drop(changing);
    page.text("p", "If you accept, this app gets these permissions for everybody in Contoso (practice).");
    open_form(&mut page, checked, path);
    page.button("decision", "cancel", "Cancel").button("decision", "accept", "Accept").close("form");
    page.answer(StatusCode::OK, checked.redirect_origin().as_deref())
}

/// What somebody sees who may not consent.
fn approval_page(tenant: &Tenant, headers: &HeaderMap, checked: &Checked, path: &str) -> Reply {
    let trace = Trace::new(tenant, headers);
    let mut page = Page::new("Need admin approval");
    page.text("p", &format!("Signed in as {}", tenant.facts.account.username));
    page.open("p class=\"app\"").text("b", &tenant.facts.app_name).close("p");
    page.text("p", "This app needs permission to access resources in your organisation that only an admin can grant. Ask an admin to grant it.");
    page.text("p class=\"small\"", &AuthorityError::AdminConsentRequired.description(&trace));
    open_form(&mut page, checked, path);
    page.button("decision", "cancel", "Return to the application without granting consent").close("form");
    page.answer(StatusCode::OK, checked.redirect_origin().as_deref())
}

/// The form with everything that the link carried.
fn open_form(page: &mut Page, checked: &Checked, path: &str) {
    page.open(&format!("form method=\"post\" action=\"{}\"", crate::http::escape(path)));
    let ask = &checked.ask;
    let fields = [
        ("client_id", Some(&ask.client_id)),
        ("redirect_uri", ask.redirect_uri.as_ref()),
        ("state", ask.state.as_ref()),
        ("scope", ask.scope.as_ref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            page.hidden(name, value);
        }
    }
}

fn done_page(accepted: bool) -> Reply {
    let mut page = Page::new(if accepted { "Consent was given" } else { "Consent was not given" });
    page.text(
        "p",
        if accepted {
            "The permissions are granted. You can close this page and go back to Gatehouse."
        } else {
            "Nothing was changed. You can close this page and go back to Gatehouse."
        },
    );
    page.answer(StatusCode::OK, None)
}

fn error_page(tenant: &Tenant, headers: &HeaderMap, error: &ConsentError) -> Reply {
    let trace = Trace::new(tenant, headers);
    let sentence = match error {
        ConsentError::Authority(error) => format!("AADSTS{}: {}", error.code(), error.text()),
        ConsentError::Redirect(uri) => format!(
            "AADSTS50011: The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{}'. The practice tenant redirects to loopback addresses only.",
            tenant.facts.client_id
        ),
    };
    let mut page = Page::new("Sign in: Sorry, but we’re having trouble");
    page.text("p role=\"alert\"", &sentence);
    page.text("p class=\"small\"", &format!("Trace ID: {}", trace.id));
    page.text("p class=\"small\"", &format!("Correlation ID: {}", trace.correlation));
    page.text("p class=\"small\"", &format!("Timestamp: {}", trace.timestamp()));
    page.answer(StatusCode::BAD_REQUEST, None)
}
