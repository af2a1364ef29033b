//! What every bundle holds.

use std::sync::LazyLock;

use bundle::{BundleFile, CredentialReference, FileMode, GatewayConfig};
use secrecy::ExposeSecret;

use super::{
    OutputCredential, OutputSource, self_test,
    writing::{file, json, refused, secret_file},
};
use crate::fault::{Fault, FaultCode};

/// The config for people's programs.
pub(super) const CONFIG: &str = "gateway.json";
/// The connection in the variables that the Azure SDKs read.
pub(super) const ENVIRONMENT: &str = "gateway.env";
/// The client secret's value and nothing else, not even a line break.
pub(super) const SECRET: &str = "client-secret";
/// The certificate and its private key.
pub(super) const CERTIFICATE: &str = "client-certificate.pem";
/// The certificate authority of endpoints on loopback addresses.
pub(super) const AUTHORITY: &str = "gateway-ca.pem";
/// What a gateway tries, to learn whether everything works.
pub(super) const SELF_TEST: &str = "self-test.json";
const SCHEMA: &str = "gateway.schema.json";
/// The same for every bundle, and dearer to make than all the rest.
static SCHEMA_TEXT: LazyLock<String> = LazyLock::new(bundle::json_schema);

/// The variable of the Azure SDKs for the client secret.
pub(super) const SECRET_VARIABLE: &str = "AZURE_CLIENT_SECRET";

/// The name of the file that holds the credential by itself.
pub(super) fn credential_file(source: &OutputSource<'_>) -> &'static str {
    match source.credential {
        OutputCredential::Secret(_) => SECRET,
        OutputCredential::CertificatePem(_) => CERTIFICATE,
    }
}

/// The config with the credential's place in the bundle: a path relative to the folder of `gateway.json`.
pub(super) fn placed(source: &OutputSource<'_>) -> Result<GatewayConfig, Fault> {
    let mut config = source.config.clone();
    let found = match (&mut config.credential, source.credential) {
        (CredentialReference::ClientSecret { reference, .. }, OutputCredential::Secret(_))
        | (CredentialReference::ClientCertificate { reference, .. }, OutputCredential::CertificatePem(_)) => {
            reference
        }
        _ => {
            return Err(Fault::new(
                FaultCode::Internal,
                "The credential is of another kind than the config says.",
                "Prove the connection again, then export.",
            ));
        }
    };
    *found = format!("file:{}", credential_file(source));
    config.check().map_err(|problem| refused(&problem))?;
    Ok(config)
}

pub(super) fn files(source: &OutputSource<'_>) -> Result<Vec<BundleFile>, Fault> {
    let (OutputCredential::Secret(credential) | OutputCredential::CertificatePem(credential)) =
        source.credential;
    let mut files = vec![
        file(CONFIG, FileMode::Group, source.config.to_json())?,
        environment(source)?,
        file(SCHEMA, FileMode::Public, SCHEMA_TEXT.as_bytes().to_vec())?,
        file(SELF_TEST, FileMode::Public, json(&self_test::of(source.config, source.ca_pem.is_some()))?)?,
        secret_file(credential_file(source), credential)?,
    ];
    if let Some(pem) = source.ca_pem {
        files.push(file(AUTHORITY, FileMode::Public, pem.to_vec())?);
    }
    Ok(files)
}

/// `gateway.env`. It names files by where they are installed: a relative path would depend on where a program starts.
fn environment(source: &OutputSource<'_>) -> Result<BundleFile, Fault> {
    let mut config = source.config.clone();
    let secret = match (&mut config.credential, source.credential) {
        (CredentialReference::ClientSecret { reference, .. }, OutputCredential::Secret(secret)) => {
            *reference = format!("env:{SECRET_VARIABLE}");
            Some(secret)
        }
        (credential, _) => {
            if let CredentialReference::ClientCertificate { reference, .. } = credential {
                *reference = format!("file:{}", source.installed_in.path_of(CERTIFICATE));
            }
            None
        }
    };
    let authority = source.ca_pem.map(|_| source.installed_in.path_of(AUTHORITY));
    let text =
        bundle::gateway_env(&config, secret, authority.as_deref()).map_err(|problem| refused(&problem))?;
    file(ENVIRONMENT, FileMode::Private, text.expose_secret().as_bytes().to_vec())
}
