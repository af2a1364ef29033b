//! The paste box: the portal's Overview text, a JSON object, or what `az ad app show` prints.

use serde_json::Value;
use uuid::Uuid;

use super::clean;

/// What was found in a pasted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paste {
    /// Tenant ID or domain.
    pub tenant: Option<String>,
    /// Application (client) ID.
    pub client_id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Object ID, which is not needed.
    pub object_id: Option<String>,
    /// The text seems to hold a secret; it was not read.
    pub secret_seen: bool,
}

/// Finds the ids in a pasted text. A secret in it is noticed and not read.
pub fn read_paste(text: &str) -> Paste {
    let found = match serde_json::from_str::<Value>(text.trim()) {
        Ok(Value::Array(list)) => list.first().map(from_json),
        Ok(value @ Value::Object(_)) => Some(from_json(&value)),
        _ => None,
    };
    found.unwrap_or_else(|| from_labels(text))
}

fn from_json(value: &Value) -> Paste {
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| value.get(key)?.as_str())
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    };
    Paste {
        tenant: text(&["tenantId", "tenant", "appOwnerOrganizationId", "publisherDomain"]),
        client_id: text(&["appId", "clientId", "client_id"]),
        name: text(&["displayName", "name"]),
        object_id: text(&["id", "objectId"]),
        secret_seen: ["password", "clientSecret", "client_secret", "secretText"]
            .iter()
            .any(|key| value.get(key).is_some_and(|secret| !secret.is_null())),
    }
}

/// Labels as the portal writes them, followed by their value on the same or the next line.
fn from_labels(text: &str) -> Paste {
    let mut paste = Paste::default();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for (index, line) in lines.iter().enumerate() {
        let lower = line.to_lowercase();
        let value = |label: &str| {
            let rest = clean(
                lower.find(label).and_then(|at| line.get(at + label.len()..))?.trim_start_matches([':', '=']),
            );
            let own = rest.text.trim().to_owned();
            if own.is_empty() {
                lines.get(index + 1).map(|next| clean(next).text.into_owned())
            } else {
                Some(own)
            }
        };
        let id = |label: &str| value(label).filter(|text| Uuid::try_parse(text).is_ok());
        paste.client_id = paste
            .client_id
            .take()
            .or_else(|| id("application (client) id"))
            .or_else(|| id("azure_client_id"));
        paste.tenant =
            paste.tenant.take().or_else(|| id("directory (tenant) id")).or_else(|| value("azure_tenant_id"));
        paste.object_id = paste.object_id.take().or_else(|| id("object id"));
        paste.name = paste.name.take().or_else(|| value("display name").filter(|name| name.len() <= 100));
        paste.secret_seen |= lower.contains("client_secret") || lower.contains("secret value");
    }
    paste
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62";
    const TENANT: &str = "8c1f2b7e-4d3a-4f60-9a51-2e7b6c0d9f14";

    #[test]
    fn az_output_is_read() {
        let paste = read_paste(&format!(
            r#"{{"appId":"{APP}","displayName":"Print Sync","id":"b7d14c90-2f6e-4d05-8a3b-6ce1f5097d28","publisherDomain":"contoso.com"}}"#
        ));
        assert_eq!(paste.client_id.as_deref(), Some(APP));
        assert_eq!(paste.tenant.as_deref(), Some("contoso.com"));
        assert_eq!(paste.name.as_deref(), Some("Print Sync"));
        assert!(paste.object_id.is_some() && !paste.secret_seen);
    }

    #[test]
    fn the_portal_s_overview_is_read_with_values_on_the_next_line() {
        let paste = read_paste(&format!(
            "Display name\nPrint Sync\nApplication (client) ID\n{APP}\nObject ID : b7d14c90-2f6e-4d05-8a3b-6ce1f5097d28\nDirectory (tenant) ID: {TENANT}\n"
        ));
        assert_eq!(paste.client_id.as_deref(), Some(APP));
        assert_eq!(paste.tenant.as_deref(), Some(TENANT));
        assert_eq!(paste.name.as_deref(), Some("Print Sync"));
    }

    #[test]
    fn a_secret_is_noticed_and_not_read() {
        let paste = read_paste(r#"{"appId":"x","password":"canary-secret"}"#);
        assert!(paste.secret_seen);
        assert!(!format!("{paste:?}").contains("canary"));
    }

    #[test]
    fn other_texts_give_nothing() {
        assert_eq!(read_paste("hello"), Paste::default());
        assert_eq!(read_paste("{"), Paste::default());
    }
}
