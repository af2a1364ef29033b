//! The environment block of a module of Azure IoT Edge.

use std::collections::BTreeMap;

use bundle::{BundleFile, FileMode};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{
    OutputCredential, OutputSource,
    always::{AUTHORITY, CERTIFICATE, SECRET_VARIABLE},
    writing::{PRACTICE, file, json, json_line, remarks},
};
use crate::fault::Fault;

const BLOCK: &str = "iot-edge/module.json";
const NOTES: &str = "iot-edge/README.txt";

/// Adds the block, and notes beside it, as JSON takes no remarks.
///
/// Source: Microsoft, "Learn how to deploy modules and establish routes in IoT Edge", `modulesContent`; Docker Engine API,
/// container create, `HostConfig.Binds`.
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    files.push(file(
        BLOCK,
        FileMode::Private,
        json(&Module { env: environment(source), settings: settings(source)? })?,
    )?);
    files.push(file(NOTES, FileMode::Public, notes(source).into_bytes())?);
    Ok(())
}

#[derive(Serialize)]
struct Module {
    env: BTreeMap<&'static str, Variable>,
    settings: Settings,
}

#[derive(Serialize)]
struct Variable {
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    create_options: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOptions {
    host_config: HostConfig,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    binds: Vec<String>,
}

fn environment(source: &OutputSource<'_>) -> BTreeMap<&'static str, Variable> {
    let config = source.config;
    let mut variables = BTreeMap::new();
    let mut set = |name, value| {
        variables.insert(name, Variable { value });
    };
    set("AZURE_TENANT_ID", config.tenant_id.to_string());
    set("AZURE_CLIENT_ID", config.client_id.to_string());
    set("AZURE_AUTHORITY_HOST", config.authority.as_str().trim_end_matches('/').to_owned());
    match source.credential {
        OutputCredential::Secret(secret) => set(SECRET_VARIABLE, secret.expose_secret().to_owned()),
        OutputCredential::CertificatePem(_) => {
            set("AZURE_CLIENT_CERTIFICATE_PATH", source.installed_in.path_of(CERTIFICATE));
        }
    }
    if source.ca_pem.is_some() {
        for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            set(variable, source.installed_in.path_of(AUTHORITY));
        }
    }
    if config.practice {
        set("GATEHOUSE_PRACTICE", PRACTICE.to_owned());
    }
    variables
}

/// `createOptions` is a text with JSON in it, as the device gets it; tools that make manifests take it so too.
fn settings(source: &OutputSource<'_>) -> Result<Settings, Fault> {
    let folder = source.installed_in;
    let host_config = HostConfig { binds: vec![format!("{folder}:{folder}:ro")] };
    Ok(Settings { create_options: json_line(&CreateOptions { host_config })? })
}

fn notes(source: &OutputSource<'_>) -> String {
    remarks(
        source,
        "Azure IoT Edge module settings",
        &[
            "Merge module.json into the module's entry in the deployment manifest, below modulesContent, $edgeAgent,",
            "properties.desired, modules. createOptions is a text with JSON in it; keep what the module has there already.",
            &format!(
                "The bind lets the module read {} of the device, where bundles are installed.",
                source.installed_in
            ),
            "ATTENTION: whoever may read the deployment in IoT Hub reads every value of module.json. With a client secret in",
            "it, prefer a certificate, or leave AZURE_CLIENT_SECRET out and read the file client-secret from the bind.",
        ],
    )
}
