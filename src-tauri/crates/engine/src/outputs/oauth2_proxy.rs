//! The configuration of oauth2-proxy, as far as Gatehouse knows it.

use bundle::{BundleFile, FileMode, GatewayConfig};
use serde::Serialize;

use super::{
    OutputCredential, OutputSource,
    always::{AUTHORITY, SECRET},
    writing::{file, remarks},
};
use crate::fault::{Fault, FaultCode};

const CONFIG: &str = "oauth2-proxy/oauth2-proxy.cfg";
const NO_ACCESS: &str = "no-access";

/// Adds the configuration.
///
/// Source: oauth2-proxy 7.14, "Configuration" and "Microsoft Entra ID".
///
/// # Errors
/// The credential is a certificate, which oauth2-proxy cannot sign in with.
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    if let OutputCredential::CertificatePem(_) = source.credential {
        return Err(Fault::new(
            FaultCode::InvalidInput,
            format!(
                "oauth2-proxy cannot sign in with a certificate, and {} is to get its configuration.",
                source.gateway
            ),
            "Give this gateway a client secret, or take oauth2-proxy off its outputs.",
        ));
    }
    let settings = Settings::of(source);
    let readers = format!("  chgrp -R GROUP {0}/releases && chmod -R g+rX {0}/releases", source.installed_in);
    let mut lines = vec![
        "Start it with: oauth2-proxy --config oauth2-proxy.cfg. Version 7.9 or later.",
        "Gatehouse does not know these, so they are not here; without them oauth2-proxy does not start:",
        "  cookie_secret_file: a file with exactly 32 random bytes: dd if=/dev/urandom bs=32 count=1 of=FILE",
        "  redirect_url: https://HOST/oauth2/callback, which also stands in the app registration under Web",
        "  email_domains: whose addresses may sign in, or \"*\" for everybody who is in an allowed group",
        "  upstreams: what it protects",
        "Only root may read the files it names. For the account of oauth2-proxy, name its group once, for all bundles:",
        &readers,
        "The app registration needs the groups claim: Token configuration, Add groups claim. People in more than 200",
        "groups also need the delegated permission User.Read, and it in scope: \"openid User.Read\".",
        "allowed_groups are the groups with a role. Which of the roles it is, oauth2-proxy does not tell apart.",
    ];
    if has_exceptions(source.config) {
        lines.push(
            "ATTENTION: gateway.json also has groups without access. oauth2-proxy cannot refuse by group: a person in \
             such a group and in an allowed one gets in.",
        );
    }
    let mut text = remarks(source, "oauth2-proxy configuration", &lines);
    text.push_str(&toml::to_string(&settings).map_err(|_| {
        Fault::new(
            FaultCode::Internal,
            "The configuration of oauth2-proxy cannot be written.",
            "This is a fault of Gatehouse. Please report it.",
        )
    })?);
    files.push(file(CONFIG, FileMode::Public, text.into_bytes())?);
    Ok(())
}

#[derive(Serialize)]
struct Settings {
    provider: &'static str,
    provider_display_name: &'static str,
    oidc_issuer_url: String,
    client_id: String,
    client_secret_file: String,
    scope: &'static str,
    code_challenge_method: &'static str,
    allowed_groups: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_ca_files: Option<Vec<String>>,
}

impl Settings {
    fn of(source: &OutputSource<'_>) -> Self {
        let config = source.config;
        Self {
            provider: "entra-id",
            provider_display_name: "Microsoft Entra ID",
            oidc_issuer_url: format!("{}{}/v2.0", config.authority, config.tenant_id),
            client_id: config.client_id.to_string(),
            client_secret_file: source.installed_in.path_of(SECRET),
            scope: "openid",
            code_challenge_method: "S256",
            allowed_groups: allowed_groups(config),
            provider_ca_files: source.ca_pem.map(|_| vec![source.installed_in.path_of(AUTHORITY)]),
        }
    }
}

/// The groups with a role. An empty list would let everybody in, so without a role an id stands here that no group has.
fn allowed_groups(config: &GatewayConfig) -> Vec<String> {
    let mut groups: Vec<String> = config
        .access
        .rules
        .iter()
        .filter(|rule| rule.role != NO_ACCESS)
        .map(|rule| rule.group_id.to_string())
        .collect();
    if groups.is_empty() {
        groups.push(uuid::Uuid::nil().to_string());
    }
    groups
}

fn has_exceptions(config: &GatewayConfig) -> bool {
    config.access.rules.iter().any(|rule| rule.role == NO_ACCESS)
}
