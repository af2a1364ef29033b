//! A connection: what the admin entered, and the evidence gathered with it.

use entra::{Cloud, Endpoints, TenantRef};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    evidence::Evidence,
    journey::Step,
    rotation::{FinishedRotation, Rotation},
    sync::Standing,
};

/// One connection of a gateway, or a fleet of them, to a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Stable id: lower-case letters, digits and hyphens.
    pub id: String,
    /// The admin's own name for it.
    pub name: String,
    /// Belongs to the practice tenant.
    #[serde(default)]
    pub practice: bool,
    /// Sign-in and Graph hosts.
    pub endpoints: Endpoints,
    /// Extra trust anchors for loopback endpoints, or the admin's CA file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Tenant ID or domain, as entered.
    #[serde(default)]
    pub tenant: Option<TenantEntry>,
    /// Application (client) ID, lower case.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The credential's particulars, never the credential.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Id of the gateway profile.
    pub profile: String,
    /// Permission names of the custom profile.
    #[serde(default)]
    pub custom_permissions: Vec<String>,
    /// Groups to roles.
    #[serde(default)]
    pub access: Vec<AccessRule>,
    /// The step the admin was at.
    pub current_step: Step,
    /// What was found out.
    #[serde(default)]
    pub evidence: Evidence,
    /// When anything was proven last.
    #[serde(default)]
    pub checked_at: Option<Timestamp>,
    /// When it was saved last.
    pub saved_at: Timestamp,
    /// How many configs were written from it.
    #[serde(default)]
    pub sequence: u64,
    /// How its syncs have gone lately.
    #[serde(default)]
    pub sync_standing: Standing,
    /// The rotation of its credential that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// The last rotation that came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rotation: Option<FinishedRotation>,
}

impl Connection {
    /// The cloud, when the endpoints are a cloud's own.
    pub fn cloud(&self) -> Option<Cloud> {
        self.endpoints.cloud()
    }

    /// Forgets what the tenant's address decides, with either credential of a rotation.
    pub(crate) fn forget_from_network(&mut self) {
        self.evidence.forget_from_network();
        self.forget_known();
    }

    /// Forgets what was learned about the app, with either credential of a rotation.
    pub(crate) fn forget_from_app(&mut self) {
        self.evidence.forget_from_app();
        self.forget_known();
    }

    fn forget_known(&mut self) {
        if let Some(rotation) = &mut self.rotation {
            rotation.known = None;
        }
    }

    /// The tenant as a reference for requests, once one was entered.
    pub fn tenant_ref(&self) -> Option<TenantRef> {
        self.tenant.as_ref().and_then(|tenant| tenant.text.parse().ok())
    }

    /// The tenant's id: as entered, or as discovery answered.
    pub fn tenant_id(&self) -> Option<String> {
        match self.tenant_ref() {
            Some(TenantRef::Id(id)) => Some(id.to_string()),
            _ => self.evidence.tenant.value().map(|tenant| tenant.id.to_string()),
        }
    }
}

/// The tenant as the admin entered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantEntry {
    /// A GUID or a domain, already cleaned.
    pub text: String,
}

/// What is known of a credential without knowing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Where it is kept.
    pub kept: Kept,
    /// In which of two entries there.
    #[serde(default, skip_serializing_if = "Slot::is_first")]
    pub slot: Slot,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// The last day on which it is good, in UTC, as the admin read it in the portal, Graph said, or its certificate says. It
    /// ends at a moment of that day: Entra ID keeps the second, the portal shows the day.
    #[serde(default)]
    pub ends_on: Option<Date>,
    /// Its particulars.
    #[serde(flatten)]
    pub look: CredentialLook,
}

/// What a credential looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CredentialLook {
    /// A certificate, whose private key signs an assertion.
    Certificate {
        /// The certificate.
        certificate: CertificateLook,
    },
    /// A client secret.
    Secret(SecretLook),
}

/// A certificate's public particulars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLook {
    /// SHA-1 in upper-case hexadecimal, as the portal shows it.
    pub thumbprint: String,
    /// SHA-256 in upper-case hexadecimal.
    pub sha256: String,
    /// Subject.
    pub subject: String,
    /// Start of its validity.
    pub starts: Timestamp,
    /// End of its validity.
    pub ends: Timestamp,
    /// The certificate itself and its key's whereabouts; absent when it was used by an older Gatehouse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldCertificate>,
}

/// The public half of a certificate, and what is known of its private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCertificate {
    /// The certificate, X.509 in DER as base64: public, and what is uploaded as `.cer`.
    pub public: String,
    /// The length of its RSA key in bits.
    pub key_bits: u32,
    /// The file that holds the private key, where the admin named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<String>,
}

/// A client secret's particulars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretLook {
    /// How it looks.
    pub shape: SecretShape,
    /// The first three characters, which Entra shows as well; absent for unusual shapes.
    #[serde(default)]
    pub hint: Option<String>,
    /// Stray white space, quotes or invisible characters were taken away.
    #[serde(default)]
    pub trimmed: bool,
}

impl Credential {
    /// The particulars of a client secret, when it is one.
    pub fn secret(&self) -> Option<&SecretLook> {
        match &self.look {
            CredentialLook::Secret(secret) => Some(secret),
            CredentialLook::Certificate { .. } => None,
        }
    }

    /// The particulars of a certificate, when it is one.
    pub fn certificate(&self) -> Option<&CertificateLook> {
        match &self.look {
            CredentialLook::Certificate { certificate } => Some(certificate),
            CredentialLook::Secret(_) => None,
        }
    }

    /// A label by which bundles and receipts name it, and never the credential: a certificate's SHA-1 thumbprint, or
    /// the moment when a secret was entered, such as `secret-20261120T143400.123Z`.
    pub fn id(&self) -> String {
        match &self.look {
            CredentialLook::Certificate { certificate } => certificate.thumbprint.clone(),
            CredentialLook::Secret(_) => self.entered_at.strftime("secret-%Y%m%dT%H%M%S%.3fZ").to_string(),
        }
    }

    /// Whether the app registration, as Graph told it last, has this certificate; none for a secret, and as long as the
    /// registration has not been read.
    pub fn is_registered(&self, evidence: &Evidence) -> Option<bool> {
        let thumbprint = &self.certificate()?.thumbprint;
        Some(evidence.registration.value()?.certificates.contains(thumbprint))
    }

    /// What it is, at the beginning of a sentence.
    pub fn noun(&self) -> &'static str {
        match self.look {
            CredentialLook::Secret(_) => "Secret",
            CredentialLook::Certificate { .. } => "Certificate",
        }
    }
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// In the keychain of the operating system.
    Keychain,
    /// In memory, until Gatehouse is closed.
    Session,
    /// It came by environment, file or standard input and is not kept.
    Caller,
    /// In a file that the admin named, readable by its owner only.
    File,
}

/// Two entries are there for a connection's credentials, so that a new one can stand beside the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// The first, where every journey begins.
    #[default]
    First,
    /// The second.
    Second,
}

impl Slot {
    /// The one that the other credential lies in.
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }

    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

/// What a pasted secret looks like, told before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretShape {
    /// As current client secrets look.
    Usual,
    /// Another shape; older secrets and those made by scripts differ.
    Unusual,
    /// A GUID: the Secret ID in place of the value.
    Guid,
    /// Spoiled on the way: HTML or URL encoding, a shortened display, a line break inside.
    Mangled,
}

/// One line of the access table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRule {
    /// The group's object ID.
    pub group_id: String,
    /// Its display name when it was chosen, for people only.
    pub group_name: String,
    /// A role id of the profile.
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_named_by_what_everybody_may_see() {
        let secret = SecretLook { shape: SecretShape::Usual, hint: Some("Ab1".to_owned()), trimmed: false };
        let mut credential = Credential {
            kept: Kept::Session,
            slot: Slot::First,
            entered_at: "2026-11-20T14:34:00.123456Z".parse().unwrap(),
            ends_on: None,
            look: CredentialLook::Secret(secret),
        };
        assert_eq!(credential.id(), "secret-20261120T143400.123Z");
        credential.look = CredentialLook::Certificate {
            certificate: CertificateLook {
                thumbprint: "0A".repeat(20),
                sha256: "0B".repeat(32),
                subject: "CN=gateway".to_owned(),
                starts: credential.entered_at,
                ends: credential.entered_at,
                held: None,
            },
        };
        assert_eq!(credential.id(), "0A".repeat(20));
    }
}
