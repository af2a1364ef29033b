//! The practice portal: the values that an admin copies, under the labels of the Microsoft Entra admin center.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{Response, StatusCode},
};

use super::{Page, secret, upload};
use crate::{
    registration::{PermissionKind, Registration},
    state::Tenant,
};

/// `GET /practice/`
pub(super) async fn show(State(tenant): State<Arc<Tenant>>) -> Response<Body> {
    let mut page = Page::new("The practice portal");
    let facts = &tenant.facts;
    let changing = tenant.changing();
    let scenario = tenant.scenario();
    page.text("p", &format!("{}. {}", scenario.title(), scenario.story()));
    page.text("h2", "Overview");
    rows(
        &mut page,
        &[
            ("Display name", &facts.app_name),
            ("Application (client) ID", &facts.client_id),
            ("Object ID", &facts.app_object_id),
            ("Directory (tenant) ID", &facts.tenant_id),
            ("Primary domain", &facts.domain),
        ],
    );
    page.text("h2", "Certificates & secrets");
    secrets(&mut page, &changing.registration, tenant.ids.secret);
    secret::form(&mut page);
    upload::form(&mut page);
    page.text("h2", "API permissions");
    permissions(&mut page, &changing.registration, tenant.now());
    page.open("p")
        .open(&format!("a href=\"/{}/adminconsent?client_id={}\"", facts.tenant_id, facts.client_id));
    page.raw_text("Grant admin consent for Contoso (practice)").close("a").close("p");
    page.text("h2", "Authentication");
    let flows = if changing.registration.public_client == Some(true) { "Yes" } else { "No" };
    rows(&mut page, &[("Allow public client flows", flows)]);
    page.text("h2", "Sign-in accounts");
    rows(
        &mut page,
        &[
            ("Global Administrator", &format!("{}  {}", facts.admin.username, facts.admin.password)),
            ("Gateway’s account", &format!("{}  {}", facts.account.username, facts.account.password)),
        ],
    );
    page.answer(StatusCode::OK, None)
}

fn rows(page: &mut Page, rows: &[(&str, &str)]) {
    page.open("table").open("tbody");
    for (label, value) in rows {
        page.open("tr")
            .text("th scope=\"row\"", label)
            .open("td")
            .text("code", value)
            .close("td")
            .close("tr");
    }
    page.close("tbody").close("table");
}

/// Only the value of the first secret, which the practice tenant gives away from its start, is shown again.
fn secrets(page: &mut Page, registration: &Registration, first: uuid::Uuid) {
    head(page, &["Description", "Expires", "Value", "Secret ID", ""]);
    for password in &registration.passwords {
        page.open("tr");
        page.text("td", password.display_name.as_deref().unwrap_or("-"));
        page.text("td", &password.end.strftime("%Y-%m-%d").to_string());
        let value = if password.key_id == first {
            password.value.clone()
        } else {
            format!("{}******************", password.value.chars().take(3).collect::<String>())
        };
        page.open("td").text("code", &value).close("td");
        page.open("td").text("code", &password.key_id.to_string()).close("td");
        page.open("td");
        secret::delete(page, password);
        page.close("td").close("tr");
    }
    page.close("tbody").close("table");
    if registration.keys.is_empty() {
        return;
    }
    head(page, &["Certificate", "Expires", "Thumbprint", "Certificate ID", ""]);
    for key in &registration.keys {
        page.open("tr");
        page.text("td", &key.certificate.subject);
        page.text("td", &key.end.strftime("%Y-%m-%d").to_string());
        page.open("td").text("code", &key.certificate.thumbprint()).close("td");
        page.open("td").text("code", &key.key_id.to_string()).close("td");
        page.open("td");
        secret::delete_certificate(page, &key.certificate);
        page.close("td").close("tr");
    }
    page.close("tbody").close("table");
}

fn permissions(page: &mut Page, registration: &Registration, now: jiff::Timestamp) {
    head(page, &["API / permission name", "Type", "Status"]);
    for requested in &registration.requested {
        let (kind, granted) = match requested.kind {
            PermissionKind::Role => {
                ("Application", registration.arrived(now).any(|grant| grant.role == requested.id))
            }
            PermissionKind::Scope => ("Delegated", registration.delegated.contains(&requested.id)),
        };
        let status =
            if granted { "Granted for Contoso (practice)" } else { "Not granted for Contoso (practice)" };
        let name = requested.name().map_or_else(|| requested.id.to_string(), str::to_owned);
        page.open("tr")
            .open("td")
            .text("code", &name)
            .close("td")
            .text("td", kind)
            .text("td", status)
            .close("tr");
    }
    page.close("tbody").close("table");
}

fn head(page: &mut Page, labels: &[&str]) {
    page.open("table").open("thead").open("tr");
    for label in labels {
        page.text("th scope=\"col\"", label);
    }
    page.close("tr").close("thead").open("tbody");
}
