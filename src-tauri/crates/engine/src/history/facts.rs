//! Facts of a run that a later run can be compared with. What was not seen is absent, and then nothing is compared.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    connection::Credential,
    evidence::{Evidence, Fact, HostAnswer, NetworkSeen},
    gatehouse::Report,
};

/// What was seen, without secrets, tokens and people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The tenant as it was entered: an id or a domain.
    pub tenant: Option<String>,
    /// Application (client) ID.
    pub client_id: Option<String>,
    /// The hosts that answered.
    pub hosts: Vec<HostFact>,
    /// The credential in use.
    pub credential: Option<CredentialFact>,
    /// The client secrets that the registration lists.
    pub registered_secrets: Option<Vec<RegisteredSecret>>,
    /// The newest token.
    pub token: Option<TokenFact>,
    /// Application permissions that the registration requests.
    pub requested: Option<Vec<String>>,
    /// Roles that are assigned to the service principal.
    pub assigned: Option<Vec<String>>,
    /// **Allow public client flows** is on.
    pub public_client: Option<bool>,
    /// The service principal may sign in.
    pub sign_in_enabled: Option<bool>,
    /// The last test sync.
    pub directory: Option<DirectoryFact>,
}

/// A host that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFact {
    /// Host name, with the port when it is not 443.
    pub host: String,
    /// Milliseconds to its answer.
    pub took_ms: u32,
    /// Issuer of the certificate it showed, common name and organisation, when that was looked at.
    #[serde(default)]
    pub issuer: Option<String>,
}

/// The credential in use, without the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialFact {
    /// What it is.
    pub kind: CredentialKind,
    /// When it was entered; another time is another credential.
    pub entered_at: Timestamp,
    /// A secret's first three characters, as Entra shows them; a certificate's thumbprint begins so.
    pub hint: Option<String>,
    /// The day it ends.
    pub ends_on: Option<Date>,
}

/// What kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
}

/// A client secret as the registration lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredSecret {
    /// The Secret ID, which is not the secret.
    pub key_id: String,
    /// Its first three characters, as Entra shows them.
    pub hint: Option<String>,
    /// End of its validity.
    pub ends: Option<Timestamp>,
}

/// What a token said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFact {
    /// Application permissions in it, sorted; absent when it could not be read.
    pub roles: Option<Vec<String>>,
    /// It speaks for a user.
    pub delegated: bool,
    /// Seconds from its issue to its end.
    pub lifetime_seconds: u64,
}

/// What a test sync read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryFact {
    /// Read to the end, and the counts agree.
    pub complete: bool,
    /// Users read.
    pub users: u64,
    /// Groups read.
    pub groups: u64,
    /// Direct memberships read.
    pub memberships: u64,
}

impl Facts {
    /// The facts of a judged connection.
    pub(super) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let evidence = &connection.evidence;
        let registration = evidence.registration.value();
        Self {
            tenant: connection.tenant.as_ref().map(|tenant| tenant.text.clone()),
            client_id: connection.client_id.clone(),
            hosts: [&evidence.authority, &evidence.graph]
                .into_iter()
                .filter_map(|answer| host(answer, &evidence.network))
                .collect(),
            credential: connection.credential.as_ref().map(credential),
            registered_secrets: registration.map(|registration| {
                let secrets = registration.secrets.iter().map(|secret| RegisteredSecret {
                    key_id: secret.key_id.clone(),
                    hint: secret.hint.clone(),
                    ends: secret.ends,
                });
                secrets.collect()
            }),
            token: token(evidence),
            requested: registration.map(|registration| sorted(&registration.application)),
            assigned: evidence.principal.value().map(|principal| sorted(&principal.granted)),
            public_client: evidence.public_client.value().map(|setting| setting.on),
            sign_in_enabled: evidence.principal.value().and_then(|principal| principal.account_enabled),
            directory: evidence.sync.as_ref().map(|sync| DirectoryFact {
                complete: sync.complete,
                users: sync.users.read,
                groups: sync.groups.read,
                memberships: sync.memberships.read,
            }),
        }
    }
}

fn host(answer: &Fact<HostAnswer>, network: &NetworkSeen) -> Option<HostFact> {
    let Fact::Seen(seen) = answer else { return None };
    let host = seen.value.host.clone();
    let issuer = network.way_to(&host).and_then(|way| way.tls.as_ref()).map(|tls| tls.issuer.clone());
    Some(HostFact { host, took_ms: seen.took_ms, issuer })
}

fn credential(credential: &Credential) -> CredentialFact {
    let (kind, hint) = match credential.certificate() {
        Some(certificate) => {
            (CredentialKind::Certificate, Some(certificate.thumbprint.chars().take(8).collect()))
        }
        None => (CredentialKind::Secret, credential.secret().and_then(|secret| secret.hint.clone())),
    };
    CredentialFact { kind, entered_at: credential.entered_at, hint, ends_on: credential.ends_on }
}

fn token(evidence: &Evidence) -> Option<TokenFact> {
    let token = evidence.token.value()?;
    let claims = token.claims.as_ref();
    Some(TokenFact {
        roles: claims.map(|claims| sorted(&claims.roles)),
        delegated: claims.is_some_and(|claims| claims.scp.is_some()),
        lifetime_seconds: token.expires_in,
    })
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}
