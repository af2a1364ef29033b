//! The app's own registration and service principal, read with its own roles.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use entra::{AccessKind, GRAPH_APP_ID, Graph, KeyCredential};

use super::{refused, seen};
use crate::{
    clock::Clock,
    connection::{Connection, SecretLook},
    evidence::{CouldNotTell, Fact, Principal, Registration, SecretSeen, Source},
};

/// When the registration can be read, it knows the day better than the person who typed it.
pub(super) fn adopt_end_date(connection: &mut Connection) {
    let Some(registration) = connection.evidence.registration.value() else { return };
    let Some(credential) = &mut connection.credential else { return };
    let Some(SecretLook { hint: Some(hint), .. }) = credential.secret() else { return };
    let mut own = registration.secrets.iter().filter(|known| known.hint.as_ref() == Some(hint));
    if let (Some(SecretSeen { ends: Some(ends), .. }), None) = (own.next(), own.next()) {
        credential.ends_on = Some(ends.to_zoned(jiff::tz::TimeZone::UTC).date());
    }
}

pub(super) async fn read(graph: &Graph, client_id: &str, clock: &dyn Clock) -> Fact<Registration> {
    let answer = graph.application(client_id).await;
    let now = clock.now();
    match answer {
        Ok(Some(application)) => {
            let of_kind = |kind: AccessKind| -> Vec<String> {
                application
                    .required
                    .iter()
                    .filter(|access| access.kind == kind && access.resource_app_id == GRAPH_APP_ID)
                    .filter_map(|access| match kind {
                        AccessKind::Role => entra::app_role_name(access.permission_id),
                        AccessKind::Scope => entra::delegated_scope_name(access.permission_id),
                    })
                    .map(str::to_owned)
                    .collect()
            };
            let registration = Registration {
                application: of_kind(AccessKind::Role),
                delegated: of_kind(AccessKind::Scope),
                secrets: application
                    .passwords
                    .iter()
                    .filter_map(|password| Some((password, password.key_id?)))
                    .map(|(password, key_id)| SecretSeen {
                        key_id: key_id.to_string(),
                        hint: password.hint.clone(),
                        ends: password.end,
                    })
                    .collect(),
                certificates: application.keys.iter().filter_map(thumbprint).collect(),
                symmetric_signing_keys: symmetric_signing_keys(&application.keys),
                leads_back_to_localhost: application
                    .public_client_redirects
                    .iter()
                    .any(|address| matches!(address.as_str(), "http://localhost" | "http://localhost/")),
                object_id: application.id,
                display_name: application.display_name,
                is_fallback_public_client: application.is_fallback_public_client,
                is_disabled: application.is_disabled,
            };
            seen(registration, Source::Graph, now, Duration::ZERO)
        }
        Ok(None) => Fact::CouldNotTell(CouldNotTell {
            because: "The registration is in another tenant; only its enterprise application is here."
                .to_owned(),
            at: now,
        }),
        Err(fault) => refused(fault, Source::Graph, now),
    }
}

pub(super) async fn principal(graph: &Graph, client_id: &str, clock: &dyn Clock) -> Fact<Principal> {
    let found = match graph.service_principal(client_id).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Fact::CouldNotTell(CouldNotTell {
                because: "The tenant has no service principal for this app.".to_owned(),
                at: clock.now(),
            });
        }
        Err(fault) => return refused(fault, Source::Graph, clock.now()),
    };
    match graph.app_role_assignments(&found.id).await {
        Ok(assignments) => {
            let principal = Principal {
                granted: assignments
                    .iter()
                    .filter_map(|assignment| entra::app_role_name(assignment.app_role_id))
                    .map(str::to_owned)
                    .collect(),
                newest_grant: assignments.iter().filter_map(|assignment| assignment.created).max(),
                symmetric_signing_keys: symmetric_signing_keys(&found.keys),
                object_id: found.id,
                account_enabled: found.account_enabled,
            };
            seen(principal, Source::Graph, clock.now(), Duration::ZERO)
        }
        Err(fault) => refused(fault, Source::Graph, clock.now()),
    }
}

/// A certificate's thumbprint as the portal shows it. Graph gives it as base64; some tools have put hexadecimal there.
fn thumbprint(key: &KeyCredential) -> Option<String> {
    const SHA1_BYTES: usize = 20;
    let given = key.thumbprint.as_deref()?;
    if given.len() == SHA1_BYTES * 2 && given.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(given.to_uppercase());
    }
    let bytes = STANDARD.decode(given).ok().filter(|bytes| bytes.len() == SHA1_BYTES)?;
    Some(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}

/// Keys that make Entra ID fail when it issues a token, AADSTS50000.
fn symmetric_signing_keys(keys: &[KeyCredential]) -> usize {
    let is = |field: &Option<String>, wanted: &str| field.as_deref().is_some_and(|held| held == wanted);
    keys.iter().filter(|key| is(&key.kind, "Symmetric") && is(&key.usage, "Sign")).count()
}
