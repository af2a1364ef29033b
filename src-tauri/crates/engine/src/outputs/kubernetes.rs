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
use crate::{export::hex, fault::Fault};

const MANIFEST: &str = "kubernetes/secret.yaml";

/// Adds the manifest of the Secrets.
///
/// Source: Kubernetes API reference, Secret v1 core; "Object Names and IDs".
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    let name = object_name(source);
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

/// A name that Kubernetes takes: the gateway's, and eight digits that follow from it as it is written, from the app
/// registration and from the profile. So two connections with a gateway of the same name have an object each, unless both
/// prove the same profile of the same app, and the object of a gateway is the same one in every bundle.
fn object_name(source: &OutputSource<'_>) -> String {
    let (config, gateway) = (source.config, source.gateway);
    let plain: String = gateway
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    // No part has a line break in it.
    let whole = format!("{}\n{}\n{}\n{gateway}", config.tenant_id, config.client_id, config.profile);
    format!("gatehouse-{plain}-{}", hex(&Sha256::digest(whole)[..4]))
}

#[cfg(test)]
mod tests {
    use bundle::GatewayConfig;
    use secrecy::SecretString;

    use super::{super::InstallFolder, *};

    fn config() -> GatewayConfig {
        GatewayConfig::from_json(include_bytes!("../../../bundle/gateway.example.json")).unwrap()
    }

    fn name(gateway: &str, config: &GatewayConfig) -> String {
        let secret = SecretString::from("secret");
        let credential = OutputCredential::Secret(&secret);
        let installed_in = &InstallFolder::default();
        object_name(&OutputSource { gateway, config, credential, ca_pem: None, installed_in })
    }

    #[test]
    fn no_two_gateways_share_an_object() {
        let another_app = GatewayConfig { client_id: uuid::Uuid::from_u128(7), ..config() };
        let another_tenant = GatewayConfig { tenant_id: uuid::Uuid::from_u128(7), ..config() };
        let another_profile = GatewayConfig { profile: "contoso-door".to_owned(), ..config() };
        let mut names: Vec<String> =
            ["plant-3", "Plant_3", "plant.3", "PLANT-3"].map(|gateway| name(gateway, &config())).into();
        names.extend([another_app, another_tenant, another_profile].map(|config| name("plant-3", &config)));
        for name in &names {
            let plain =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(name.starts_with("gatehouse-plant-3-") && name.len() == 26, "{name}");
            assert!(name.chars().all(plain), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 7);
    }

    #[test]
    fn the_object_of_a_gateway_stays_the_same_whatever_its_bundle_is_called_and_numbered() {
        let later = GatewayConfig { sequence: 9, name: "Renamed".to_owned(), ..config() };
        assert_eq!(name("plant-3", &config()), name("plant-3", &later));
    }
}
