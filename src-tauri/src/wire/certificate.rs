//! Step 3 with a certificate.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A certificate that is to be made here.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateForm {
    /// 1 to 730.
    pub days: u16,
    /// 2048, 3072 or 4096.
    pub key_bits: u16,
    pub keep: KeepKeyIn,
    /// The new file's whole path, where `keep` is `file`.
    pub key_file: String,
}

/// A certificate that comes with its key. The password goes in and never comes back.
#[derive(Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateImportForm {
    /// The whole path of a PFX or PEM file.
    pub file: String,
    /// Empty where none is needed.
    #[specta(type = String)]
    pub password: secrecy::SecretString,
    pub keep: KeepKeyIn,
    /// The new file's whole path, where `keep` is `file`.
    pub key_file: String,
}

/// Where a certificate's private key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum KeepKeyIn {
    Keychain,
    /// In memory until Gatehouse is closed.
    Session,
    /// In a new file that only its owner may read.
    File,
}

/// The public particulars of the certificate in use.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CertificateView {
    /// The subject without `CN=`: `gatehouse-contoso-print`.
    pub name: String,
    /// SHA-1 in upper-case hexadecimal, as the portal shows it.
    pub thumbprint: String,
    pub starts: String,
    pub ends: String,
    /// How many days it is valid in all.
    pub days: i32,
    pub key_bits: Option<u32>,
    pub key_file: Option<String>,
    /// Graph lists it on the app registration; absent when that could not be read.
    pub registered: Option<bool>,
    /// Its public half can be saved as `.cer`.
    pub has_public_part: bool,
}

/// What came of trying the credential once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialTryView {
    Accepted,
    /// Entra ID does not know it yet.
    NotYet,
    /// Waiting does not mend it; a check says why.
    Refused,
    /// Entra ID could not be reached.
    Unreached,
}
