use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    config::{CredentialReference, GatewayConfig},
    problem::ConfigProblem,
    spelling::origin,
};

/// The variables with which the common HTTP stacks are told of a certificate authority: OpenSSL and httpx, Python's
/// requests, Node.js.
const CA_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// The variables of the Azure SDKs that this file sets by itself.
const OWN_VARIABLES: [&str; 4] =
    ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST", "AZURE_CLIENT_CERTIFICATE_PATH"];

/// The text of `gateway.env`: the connection in the variables that the Azure SDKs read.
///
/// The client secret is in it only when `secret` is given. `ca_file` is the path, on the gateway, of the certificate
/// authority of endpoints on loopback addresses. The text ends with a line break; store it with mode 0600.
///
/// # Errors
/// What [`GatewayConfig::check`] refuses; a value with a line break or another control character; a secret although
/// the config refers to a certificate or to a file; a `ca_file` although the endpoints are Microsoft's.
pub fn gateway_env(
    config: &GatewayConfig,
    secret: Option<&SecretString>,
    ca_file: Option<&str>,
) -> Result<SecretString, ConfigProblem> {
    config.check()?;
    let mut file = EnvFile::with_room_for(secret);
    file.comment(&format!(
        "gateway.env of {}, number {}, {}",
        config.name, config.sequence, config.written_at
    ));
    if config.practice {
        file.comment("PRACTICE: made against the practice tenant. It opens nothing real.");
    }
    file.comment("Read it with: set -a; . ./gateway.env; set +a, or EnvironmentFile= of systemd.");
    file.set("AZURE_TENANT_ID", &config.tenant_id.to_string())?;
    file.set("AZURE_CLIENT_ID", &config.client_id.to_string())?;
    file.set("AZURE_AUTHORITY_HOST", origin::text(&config.authority))?;
    file.credential(&config.credential, secret)?;
    if let Some(path) = ca_file {
        if !config.is_loopback() {
            return Err(ConfigProblem::new(
                "ca_file",
                "is given, but the endpoints are Microsoft's",
                "Leave it out. Microsoft's endpoints are trusted through the system's own authorities.",
            ));
        }
        for variable in CA_VARIABLES {
            file.set(variable, path)?;
        }
    }
    Ok(SecretString::from(file.text))
}

/// Whether a secret may be kept in the variable `name`: upper-case letters, digits and underscores, and not one of
/// the variables that have another meaning here.
pub(crate) fn is_free_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(known)
        && !OWN_VARIABLES.contains(&name)
        && !CA_VARIABLES.contains(&name)
}

struct EnvFile {
    text: String,
}

impl EnvFile {
    /// Room for everything at once: a growing text would leave copies of the secret in freed memory.
    fn with_room_for(secret: Option<&SecretString>) -> Self {
        let secret = secret.map_or(0, |secret| secret.expose_secret().len());
        Self { text: String::with_capacity(32 * 1024 + 2 * secret) }
    }

    fn comment(&mut self, comment: &str) {
        let _ = writeln!(self.text, "# {comment}");
    }

    fn credential(
        &mut self,
        credential: &CredentialReference,
        secret: Option<&SecretString>,
    ) -> Result<(), ConfigProblem> {
        let reference = credential.reference();
        let variable = reference.strip_prefix("env:");
        let path = reference.strip_prefix("file:").unwrap_or_default();
        match (credential, variable, secret) {
            (CredentialReference::ClientSecret { .. }, Some(name), Some(secret)) => {
                self.set(name, secret.expose_secret())
            }
            (CredentialReference::ClientSecret { .. }, Some(name), None) => {
                self.comment(&format!(
                    "The client secret is not in this file. Set {name} to the secret's value where the gateway \
                     starts, or add it below as {name}=value."
                ));
                Ok(())
            }
            (CredentialReference::ClientSecret { .. }, None, None) => {
                self.comment(&format!(
                    "The client secret is not in this file. The gateway reads it from {path}"
                ));
                Ok(())
            }
            (CredentialReference::ClientCertificate { .. }, _, None) => {
                self.set("AZURE_CLIENT_CERTIFICATE_PATH", path)
            }
            (_, _, Some(_)) => Err(ConfigProblem::new(
                "credential",
                "does not refer to an environment variable, so there is no place for a secret",
                "Leave the secret out, or let the config refer to env:AZURE_CLIENT_SECRET.",
            )),
        }
    }

    /// Appends `name=value` as `sh` and systemd both read it. A plain value stands without quotation marks, because
    /// `docker --env-file` would keep them; any other value stands in double quotation marks, with a backslash
    /// before the four characters that are special between them.
    fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigProblem> {
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(ConfigProblem::new(
                name,
                "is empty, or holds a line break or another control character",
                "Enter the value again, on one line.",
            ));
        }
        if is_plain(value) {
            let _ = writeln!(self.text, "{name}={value}");
            return Ok(());
        }
        self.comment("Quoted for sh and systemd. docker --env-file would keep the quotation marks.");
        let _ = write!(self.text, "{name}=\"");
        for character in value.chars() {
            if matches!(character, '"' | '\\' | '`' | '$') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
        self.text.push_str("\"\n");
        Ok(())
    }
}

/// Whether `sh`, systemd and docker all read the value as it stands. `~` is only special to `sh` at the start of a
/// value and after a colon (POSIX, Tilde Expansion).
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~:/+,@%=-".contains(&byte))
        && !value.starts_with('~')
        && !value.contains(":~")
}
