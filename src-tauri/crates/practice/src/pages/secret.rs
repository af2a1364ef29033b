//! The portal's **New client secret** and **Delete**, as forms.

use std::sync::Arc;

use axum::{
    Form,
    body::Body,
    extract::State,
    http::{HeaderMap, Response, StatusCode, Uri},
};
use serde::Deserialize;

use super::{Page, foreign_origin, same_origin};
use crate::{NewSecret, certificate::ClientCertificate, registration::Password, state::Tenant};

/// The form on the portal page.
pub(super) fn form(page: &mut Page) {
    page.open("form method=\"post\" action=\"/practice/new-secret\"")
        .open("p")
        .text("label for=\"description\"", "Description of a new client secret: ")
        .open(
            "input id=\"description\" name=\"description\" value=\"gateway, new\" required autocomplete=\"off\" spellcheck=\"false\"",
        )
        .button("action", "add", "New client secret")
        .close("p")
        .close("form");
}

/// The button beside a secret.
pub(super) fn delete(page: &mut Page, password: &Password) {
    let label = format!("Delete {}", password.display_name.as_deref().unwrap_or("the secret"));
    page.open("form method=\"post\" action=\"/practice/delete-secret\"")
        .hidden("secret_id", &password.key_id.to_string())
        .button("action", "delete", &label)
        .close("form");
}

#[derive(Deserialize)]
pub(super) struct Wish {
    description: String,
}

/// `POST /practice/new-secret`: shows the value, once.
pub(super) async fn make(
    State(tenant): State<Arc<Tenant>>,
    uri: Uri,
    headers: HeaderMap,
    Form(wish): Form<Wish>,
) -> Response<Body> {
    if !same_origin(&headers, &uri) {
        return foreign_origin();
    }
    let wish = NewSecret { description: Some(wish.description), ..NewSecret::default() };
    match tenant.new_secret(&wish) {
        Ok(made) => {
            let mut page = Page::new("The new client secret");
            page.text("p", "Copy the value now. It is not shown again.");
            page.open("p").raw_text("Value: ").text("code id=\"value\"", &made.value).close("p");
            page.open("p").raw_text("Secret ID: ").text("code", &made.secret_id).close("p");
            page.text("p", &format!("Expires: {}", made.ends.strftime("%Y-%m-%d")));
            back(&mut page);
            page.answer(StatusCode::OK, None)
        }
        Err(problem) => refused("No client secret was made", &problem),
    }
}

#[derive(Deserialize)]
pub(super) struct Goner {
    secret_id: String,
}

/// `POST /practice/delete-secret`
pub(super) async fn remove(
    State(tenant): State<Arc<Tenant>>,
    uri: Uri,
    headers: HeaderMap,
    Form(goner): Form<Goner>,
) -> Response<Body> {
    if !same_origin(&headers, &uri) {
        return foreign_origin();
    }
    if !tenant.remove_secret(&goner.secret_id) {
        return refused("Nothing was deleted", "The app has no client secret of this id.");
    }
    let mut page = Page::new("The client secret is deleted");
    page.text("p", "The token endpoint refuses it from now on.");
    back(&mut page);
    page.answer(StatusCode::OK, None)
}

/// The button beside a certificate.
pub(super) fn delete_certificate(page: &mut Page, certificate: &ClientCertificate) {
    page.open("form method=\"post\" action=\"/practice/delete-certificate\"")
        .hidden("thumbprint", &certificate.thumbprint())
        .button("action", "delete", &format!("Delete {}", certificate.subject))
        .close("form");
}

#[derive(Deserialize)]
pub(super) struct GoneCertificate {
    thumbprint: String,
}

/// `POST /practice/delete-certificate`
pub(super) async fn remove_certificate(
    State(tenant): State<Arc<Tenant>>,
    uri: Uri,
    headers: HeaderMap,
    Form(goner): Form<GoneCertificate>,
) -> Response<Body> {
    if !same_origin(&headers, &uri) {
        return foreign_origin();
    }
    if !tenant.remove_certificate(&goner.thumbprint) {
        return refused("Nothing was deleted", "The app has no certificate of this thumbprint.");
    }
    let mut page = Page::new("The certificate is deleted");
    page.text("p", "The token endpoint refuses it from now on.");
    back(&mut page);
    page.answer(StatusCode::OK, None)
}

fn refused(title: &str, problem: &str) -> Response<Body> {
    let mut page = Page::new(title);
    page.text("p", problem);
    back(&mut page);
    page.answer(StatusCode::BAD_REQUEST, None)
}

fn back(page: &mut Page) {
    page.open("p").open("a href=\"/practice/\"").raw_text("The practice portal").close("a").close("p");
}
