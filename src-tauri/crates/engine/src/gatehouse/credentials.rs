//! Step 3 with a certificate, and what the connection signs in with.

use std::path::{Path, PathBuf};

use entra::{ClientCertificate, KeySize, NewCertificate};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{
    Gatehouse, NewCredential,
    keeping::{public_part, unusable},
};
use crate::{
    connection::{Connection, Credential, Kept},
    fault::{Fault, FaultCode},
    sign_in_key::SignInKey,
    store::atomic,
    unique,
    vault::key_file,
};

/// A certificate that is to be made here.
#[derive(Clone, Debug)]
pub struct CertificateOrder {
    /// How many days it is to be valid, [`CERTIFICATE_DAYS`].
    pub days: u16,
    /// The length of its key.
    pub key_size: KeySize,
    /// Where to keep its key.
    pub keep: KeepKey,
}

/// A certificate that comes with its key.
pub struct CertificateImport {
    /// The content of a PFX or PEM file.
    pub content: SecretSlice<u8>,
    /// What opens it.
    pub password: Option<SecretString>,
    /// Where to keep its key.
    pub keep: KeepKey,
}

/// Where a certificate's private key is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepKey {
    /// The keychain of the operating system.
    Keychain,
    /// Memory, until the program ends.
    Session,
    /// A new file with this whole path, readable by its owner only.
    File(PathBuf),
}

/// How many days a certificate may be valid.
pub const CERTIFICATE_DAYS: std::ops::RangeInclusive<u16> = 1..=730;

/// How far its validity begins before the present moment, for computers whose clock is slow.
const BACKDATED: SignedDuration = SignedDuration::from_mins(5);

/// What a connection signs in with, for sealing. It is never printed.
#[derive(Clone)]
pub enum CurrentCredential {
    /// A client secret.
    Secret(SecretString),
    /// A certificate and its private key in PKCS#8, as one PEM text.
    CertificatePem(SecretString),
}

impl Gatehouse {
    /// Makes a key and a certificate, `CN=gatehouse-ID`, and keeps them. It takes up to some seconds.
    ///
    /// # Errors
    /// The days are out of range, or the key cannot be made or kept; a file that is there already is not replaced.
    pub fn make_certificate(&self, id: &str, order: &CertificateOrder) -> Result<Connection, Fault> {
        let _held = self.hold_credentials(id)?;
        let before = self.connection(id)?.credential;
        let made = self.made(id, order)?;
        let slot = self.untried(id)?;
        let new = self.keep_certificate(id, slot, &made, &order.keep)?;
        self.entered(id, before.as_ref(), &new)
    }

    /// Keeps a certificate that was made elsewhere, together with its key.
    ///
    /// # Errors
    /// The file or its password cannot be used, or the key cannot be kept.
    pub fn import_certificate(&self, id: &str, import: &CertificateImport) -> Result<Connection, Fault> {
        let _held = self.hold_credentials(id)?;
        let before = self.connection(id)?.credential;
        let read = imported(import)?;
        let slot = self.untried(id)?;
        let new = self.keep_certificate(id, slot, &read, &import.keep)?;
        self.entered(id, before.as_ref(), &new)
    }

    /// Uses a certificate that the caller holds: as long as this program runs; it is not kept.
    ///
    /// # Errors
    /// There is none of this id, or it cannot be saved.
    pub fn use_certificate(&self, id: &str, certificate: &ClientCertificate) -> Result<Connection, Fault> {
        let before = self.connection(id)?.credential;
        let slot = self.untried(id)?;
        let new = self.keep_key(id, slot, certificate, Kept::Caller)?;
        self.entered(id, before.as_ref(), &new)
    }

    /// What the connection signs in with now.
    ///
    /// # Errors
    /// Nothing was entered yet, or it cannot be had from where it is kept.
    pub fn current_credential(&self, id: &str) -> Result<CurrentCredential, Fault> {
        match self.key(&self.connection(id)?)? {
            Some(SignInKey::Secret(secret)) => Ok(CurrentCredential::Secret(secret)),
            Some(SignInKey::Certificate(certificate)) => {
                certificate.to_pem().map(CurrentCredential::CertificatePem).map_err(unusable)
            }
            None => Err(Fault::new(
                FaultCode::NotReady,
                "There is no credential yet.",
                "Finish step 3, Credential, first.",
            )),
        }
    }

    /// Saves the public half of the connection's certificate for **Upload certificate** in the portal: X.509 in DER.
    ///
    /// # Errors
    /// The connection has no certificate, or the file cannot be written.
    pub fn save_public_part(&self, id: &str, path: &Path) -> Result<(), Fault> {
        let connection = self.connection(id)?;
        let look = connection.credential.as_ref().and_then(Credential::certificate);
        let der = look.and_then(public_part).ok_or_else(|| {
            Fault::new(FaultCode::NotReady, "There is no certificate to save.", "Make or import one first.")
        })?;
        atomic::write_private(path, &der).map_err(|error| Fault::storage("Could not write", path, &error))
    }

    /// Keeps a credential beside the one in use, which stays as it is.
    pub(super) fn keep_beside(
        &self,
        id: &str,
        current: &Credential,
        new: &NewCredential,
    ) -> Result<Credential, Fault> {
        let slot = current.slot.other();
        match new {
            NewCredential::Secret(entry) => self.keep_secret(id, slot, entry),
            NewCredential::Made(order) => {
                self.keep_certificate(id, slot, &self.made(id, order)?, &order.keep)
            }
            NewCredential::Imported(import) => {
                let read = imported(import)?;
                if current.certificate().is_some_and(|known| known.sha256 == read.sha256_thumbprint()) {
                    let what = "This is the certificate that is in use already.";
                    return Err(Fault::field("certificate", what, "Choose the file of the new one."));
                }
                self.keep_certificate(id, slot, &read, &import.keep)
            }
        }
    }

    fn made(&self, id: &str, order: &CertificateOrder) -> Result<ClientCertificate, Fault> {
        if !CERTIFICATE_DAYS.contains(&order.days) {
            return Err(Fault::field(
                "days",
                format!("A certificate cannot be valid for {} days.", order.days),
                format!("Choose {} to {} days.", CERTIFICATE_DAYS.start(), CERTIFICATE_DAYS.end()),
            ));
        }
        check_place(&order.keep)?;
        let not_before = self.now() - BACKDATED;
        ClientCertificate::make(&NewCertificate {
            common_name: common_name(id),
            key_size: order.key_size,
            not_before,
            not_after: not_before + SignedDuration::from_hours(24) * i32::from(order.days),
            serial: unique::id(),
        })
        .map_err(unusable)
    }
}

fn imported(import: &CertificateImport) -> Result<ClientCertificate, Fault> {
    check_place(&import.keep)?;
    ClientCertificate::from_file(import.content.expose_secret(), import.password.as_ref()).map_err(unusable)
}

fn check_place(keep: &KeepKey) -> Result<(), Fault> {
    match keep {
        KeepKey::File(path) => key_file::check(path),
        KeepKey::Keychain | KeepKey::Session => Ok(()),
    }
}

/// At most 64 characters (RFC 5280, `ub-common-name`).
fn common_name(id: &str) -> String {
    format!("gatehouse-{}", id.trim_start_matches("gatehouse-")).chars().take(64).collect()
}
