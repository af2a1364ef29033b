//! Two Secrets for a pod: one for its environment, one to mount as a folder.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bundle::{BundleFile, FileMode};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    OutputCredential, OutputSource,
    always::{AUTHORITY, CERTIFICATE, CONFIG, SECRET_VARIABLE, SELF_TEST, credential_file},
    writing::{file, remarks, yaml},
};
use crate::fault::Fault;

const MANIFEST: &str = "kubernetes/secret.yaml";

/// Adds the manifest of the Secrets.
///
/// Source: Kubernetes API reference, Secret v1 core; "Object Names and IDs".
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    let name = object_name(source.gateway);
    let mounted = format!("{name}-files");
    let mut text = remarks(
        source,
        "Kubernetes Secrets",
        &[
            "This file holds the credential. Base64 is no encryption: keep it private, and out of version control.",
            "  kubectl apply --server-side -n NAMESPACE -f secret.yaml",
            &format!("Environment of a container:  envFrom: [{{secretRef: {{name: {name}}}}}]"),
            &format!(
                "Files of a container:  volumes: [{{name: gatehouse, secret: {{secretName: {mounted}, \
                      defaultMode: 0400}}}}]"
            ),
            &format!(
                "                       volumeMounts: [{{name: gatehouse, mountPath: {}, readOnly: true}}]",
                source.installed_in.current()
            ),
        ],
    );
    let in_files = |wanted: &str| files.iter().find(|file| file.name.as_str() == wanted);
    let folder = [CONFIG, SELF_TEST, AUTHORITY, credential_file(source)]
        .into_iter()
        .filter_map(in_files)
        .map(|file| (file.name.as_str().to_owned(), STANDARD.encode(file.content.expose_secret())))
        .collect();
    text.push_str(&yaml(&Secret::new(source, name, environment(source)))?);
    text.push_str("---\n");
    text.push_str(&yaml(&Secret::new(source, mounted, folder))?);
    files.push(file(MANIFEST, FileMode::Private, text.into_bytes())?);
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    r#type: &'static str,
    data: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
}

impl Secret {
    fn new(source: &OutputSource<'_>, name: String, data: BTreeMap<String, String>) -> Self {
        let config = source.config;
        let text = |text: &str| text.to_owned();
        let mut annotations = BTreeMap::from([
            ("gatehouse/gateway", text(source.gateway)),
            ("gatehouse/connection", config.name.clone()),
            ("gatehouse/sequence", config.sequence.to_string()),
        ]);
        if config.practice {
            annotations.insert(
                "gatehouse/practice",
                text("made against the practice tenant; it opens nothing real"),
            );
        }
        if let Some(day) = config.credential.ends_on() {
            annotations.insert("gatehouse/credential-ends-on", day.to_string());
        }
        let labels = BTreeMap::from([
            ("app.kubernetes.io/managed-by", text("gatehouse")),
            ("app.kubernetes.io/part-of", text("gatehouse-gateway")),
        ]);
        Self {
            api_version: "v1",
            kind: "Secret",
            metadata: Metadata { name, labels, annotations },
            r#type: "Opaque",
            data,
        }
    }
}

fn environment(source: &OutputSource<'_>) -> BTreeMap<String, String> {
    let config = source.config;
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: &str| {
        variables.insert(name.to_owned(), STANDARD.encode(value));
    };
    set("AZURE_TENANT_ID", &config.tenant_id.to_string());
    set("AZURE_CLIENT_ID", &config.client_id.to_string());
    set("AZURE_AUTHORITY_HOST", config.authority.as_str().trim_end_matches('/'));
    match source.credential {
        OutputCredential::Secret(secret) => set(SECRET_VARIABLE, secret.expose_secret()),
        OutputCredential::CertificatePem(_) => {
            set("AZURE_CLIENT_CERTIFICATE_PATH", &source.installed_in.path_of(CERTIFICATE));
        }
    }
    if source.ca_pem.is_some() {
        for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            set(variable, &source.installed_in.path_of(AUTHORITY));
        }
    }
    variables
}

/// A name that Kubernetes takes. A gateway's name that has to be changed for it gets six digits of its own, so that two
/// gateways never share an object.
fn object_name(gateway: &str) -> String {
    let plain: String = gateway
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    if plain == gateway {
        return format!("gatehouse-{plain}");
    }
    let digest = Sha256::digest(gateway.as_bytes());
    let digits = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("gatehouse-{plain}-{digits}")
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        assert_eq!(object_name("plant-3"), "gatehouse-plant-3");
        let changed = [object_name("Plant_3"), object_name("plant.3"), object_name("PLANT-3")];
        for name in &changed {
            assert!(name.starts_with("gatehouse-plant-3-") && name.len() == 24, "{name}");
        }
        assert!(changed[0] != changed[1] && changed[1] != changed[2]);
    }
}
