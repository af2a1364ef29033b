use std::{collections::HashSet, hash::Hash};

use url::{Host, Url};

use crate::{
    access::{AccessRule, AccessRules},
    config::{CredentialReference, GatewayConfig, Permission, SyncSettings},
    env_file,
    json::MAX_BYTES,
    problem::ConfigProblem,
    spelling::origin,
    text,
};

/// The greatest whole number that every JSON reader keeps exactly (RFC 8259, section 6).
const MOST_EXACT: u64 = 9_007_199_254_740_991;

impl GatewayConfig {
    /// Whether the config keeps every rule of `FORMAT.md` that its types do not already enforce.
    ///
    /// # Errors
    /// The first rule that is broken, in the order of the fields.
    pub fn check(&self) -> Result<(), ConfigProblem> {
        text::check_name("name", &self.name, 100)?;
        if !(1..=MOST_EXACT).contains(&self.sequence) {
            return Err(out_of_range("sequence", 1, MOST_EXACT));
        }
        self.check_endpoints()?;
        self.check_domain()?;
        check_credential(&self.credential)?;
        text::check_id("profile", &self.profile)?;
        check_permissions(&self.permissions)?;
        check_sync(&self.sync)?;
        check_access(&self.access)?;
        check_length("notes", self.notes.len(), 0, 50)?;
        for (index, note) in self.notes.iter().enumerate() {
            text::check(&format!("notes[{index}]"), note, 500)?;
        }
        if self.to_json().len() > MAX_BYTES {
            return Err(ConfigProblem::file("would be larger than 1 MiB", "Shorten the names and reasons."));
        }
        Ok(())
    }

    /// Whether both endpoints are on this machine's loopback addresses.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.authority) && is_loopback(&self.graph)
    }

    fn check_endpoints(&self) -> Result<(), ConfigProblem> {
        check_origin("authority", &self.authority)?;
        check_origin("graph", &self.graph)?;
        let Some(cloud) = self.cloud else {
            for (field, url) in [("authority", &self.authority), ("graph", &self.graph)] {
                if !is_loopback(url) {
                    return Err(ConfigProblem::new(
                        field,
                        "is an address of its own that is not on this machine",
                        "Name the cloud it belongs to, or use localhost, 127.0.0.1 or [::1].",
                    ));
                }
            }
            return Ok(());
        };
        for (field, url, expected) in
            [("authority", &self.authority, cloud.authority()), ("graph", &self.graph, cloud.graph())]
        {
            if origin::text(url) != expected {
                return Err(ConfigProblem::new(
                    field,
                    format!("does not belong to the cloud {}", cloud.id()),
                    format!("For that cloud it is {expected}."),
                ));
            }
        }
        if self.practice {
            return Err(ConfigProblem::new(
                "practice",
                "is true, but the endpoints are Microsoft's",
                "Export the connection again. A practice file only ever points at this machine.",
            ));
        }
        Ok(())
    }

    fn check_domain(&self) -> Result<(), ConfigProblem> {
        let Some(domain) = &self.tenant_domain else { return Ok(()) };
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label) {
            return Ok(());
        }
        Err(ConfigProblem::new(
            "tenant_domain",
            "is not a domain name",
            "Write it like contoso.onmicrosoft.com, or use null.",
        ))
    }
}

fn check_origin(field: &str, url: &Url) -> Result<(), ConfigProblem> {
    let problem = |what: &str, fix: &str| Err(ConfigProblem::new(field, what, fix));
    if url.scheme() != "https" {
        return problem("is not an https:// address", "Use https://; tokens and secrets travel there.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return problem("holds a user name or password", "Remove everything up to the @ sign.");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return problem("is more than scheme, host and port", "Remove everything after the host and port.");
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn check_credential(credential: &CredentialReference) -> Result<(), ConfigProblem> {
    let field = "credential.reference";
    text::check(field, credential.reference(), 4_096)?;
    let path = credential.reference().strip_prefix("file:").is_some_and(|path| !path.is_empty());
    match credential {
        CredentialReference::ClientSecret { reference, .. } => {
            if !path && !reference.strip_prefix("env:").is_some_and(env_file::is_free_name) {
                return Err(ConfigProblem::new(
                    field,
                    "does not name a place for the secret",
                    "Write env: and a variable, such as env:AZURE_CLIENT_SECRET, or file: and a path. The secret \
                     itself never belongs here.",
                ));
            }
        }
        CredentialReference::ClientCertificate { thumbprint, .. } => {
            if !path {
                return Err(ConfigProblem::new(
                    field,
                    "does not name the certificate's file",
                    "Write file: and the path of the PEM or PKCS#12 file on the gateway.",
                ));
            }
            let hex = thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hex || ![40, 64].contains(&thumbprint.len()) {
                return Err(ConfigProblem::new(
                    "credential.thumbprint",
                    "is not a thumbprint of 40 or 64 hex digits",
                    "Copy it from Certificates & secrets, without colons or spaces.",
                ));
            }
        }
    }
    Ok(())
}

fn check_permissions(permissions: &[Permission]) -> Result<(), ConfigProblem> {
    check_length("permissions", permissions.len(), 0, 256)?;
    for (index, permission) in permissions.iter().enumerate() {
        let name = &permission.name;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 200 || !name.bytes().all(known) {
            return Err(ConfigProblem::new(
                format!("permissions[{index}].name"),
                "is not the name of a permission",
                "Write it as the portal shows it, such as User.Read.All.",
            ));
        }
        text::check(&format!("permissions[{index}].reason"), &permission.reason, 500)?;
    }
    check_unique(
        "permissions",
        "name",
        permissions.iter().map(|permission| permission.name.to_ascii_lowercase()),
    )?;
    check_unique("permissions", "id", permissions.iter().map(|permission| permission.id))
}

fn check_sync(sync: &SyncSettings) -> Result<(), ConfigProblem> {
    if !(5..=10_080).contains(&sync.interval_minutes) {
        return Err(out_of_range("sync.interval_minutes", 5, 10_080));
    }
    check_length("sync.user_fields", sync.user_fields.len(), 1, 100)?;
    for (index, name) in sync.user_fields.iter().enumerate() {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let letter_first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if !letter_first || name.len() > 200 || !name.bytes().all(known) {
            return Err(ConfigProblem::new(
                format!("sync.user_fields[{index}]"),
                "is not the name of a user property",
                "Write it as Microsoft Graph does, such as userPrincipalName.",
            ));
        }
    }
    check_unique("sync.user_fields", "", sync.user_fields.iter())?;
    if !(1..=100).contains(&sync.deletion_fuse_percent) {
        return Err(out_of_range("sync.deletion_fuse_percent", 1, 100));
    }
    Ok(())
}

fn check_access(access: &AccessRules) -> Result<(), ConfigProblem> {
    check_length("access.rules", access.rules.len(), 0, 5_000)?;
    check_length("access.roles", access.roles.len(), 0, 64)?;
    for (index, role) in access.roles.iter().enumerate() {
        text::check_id(&format!("access.roles[{index}].id"), &role.id)?;
        if role.id == AccessRule::NO_ACCESS {
            return Err(ConfigProblem::new(
                format!("access.roles[{index}].id"),
                "is no-access, which is reserved",
                "Give the role another id.",
            ));
        }
        text::check_name(&format!("access.roles[{index}].name"), &role.name, 100)?;
    }
    for (index, rule) in access.rules.iter().enumerate() {
        text::check(&format!("access.rules[{index}].group_name"), &rule.group_name, 256)?;
        if rule.role != AccessRule::NO_ACCESS && !access.roles.iter().any(|role| role.id == rule.role) {
            return Err(ConfigProblem::new(
                format!("access.rules[{index}].role"),
                "is not one of the roles in access.roles",
                "Use the id of one of them, or no-access.",
            ));
        }
    }
    check_unique("access.rules", "group_id", access.rules.iter().map(|rule| rule.group_id))?;
    check_unique("access.roles", "id", access.roles.iter().map(|role| role.id.as_str()))?;
    check_unique("access.roles", "rank", access.roles.iter().map(|role| role.rank))
}

fn check_length(field: &str, length: usize, least: usize, most: usize) -> Result<(), ConfigProblem> {
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(ConfigProblem::new(
        field,
        format!("has {length} entries"),
        format!("Keep it between {least} and {most} entries."),
    ))
}

fn check_unique<T: Eq + Hash>(
    list: &str,
    key: &str,
    values: impl Iterator<Item = T>,
) -> Result<(), ConfigProblem> {
    let mut seen = HashSet::new();
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            let dot = if key.is_empty() { "" } else { "." };
            return Err(ConfigProblem::new(
                format!("{list}[{index}]{dot}{key}"),
                "repeats an earlier entry",
                "Keep one of the two.",
            ));
        }
    }
    Ok(())
}

fn out_of_range(field: &str, least: u64, most: u64) -> ConfigProblem {
    ConfigProblem::new(
        field,
        format!("is not between {least} and {most}"),
        format!("Use a whole number from {least} to {most}."),
    )
}
