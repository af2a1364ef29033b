//! Where the credentials of a connection lie, and how they are had again.

use std::{fs::File, path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use entra::{CertificateField, CertificateProblem, ClientCertificate};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use super::{Gatehouse, Keep, KeepKey, SecretEntry, labels::given_up_name, vault_fault};
use crate::{
    connection::{
        CertificateLook, Connection, Credential, CredentialLook, HeldCertificate, Kept, SecretLook, Slot,
    },
    fault::{Fault, FaultCode},
    input,
    rotation::Rotation,
    sign_in_key::SignInKey,
    vault::{VaultFault, key_file},
};

impl Gatehouse {
    /// Keeps other programs from changing the entries of this connection's vault until the answer is dropped.
    ///
    /// # Errors
    /// There is no connection of this id, another program is at it, or the lock cannot be made.
    pub(super) fn hold_credentials(&self, id: &str) -> Result<Option<File>, Fault> {
        self.connection(id)?;
        self.inner.store.hold_credentials(id)
    }

    /// Drops what was proven with a credential that is about to be replaced, and answers which entry the next one belongs
    /// in. It comes before the vault: a crash in between leaves nothing green that was not tried.
    ///
    /// # Errors
    /// A new credential is being handed out, and both entries are in use; or it cannot be saved.
    pub(super) fn untried(&self, id: &str) -> Result<Slot, Fault> {
        let is_copy = self.inner.store.is_detached(id);
        let mut slot = Slot::First;
        self.change(id, |connection| {
            let rotation = connection.rotation.as_ref();
            if !is_copy && rotation.is_some_and(Rotation::is_proven) {
                return Err(being_handed_out(id));
            }
            if let (true, Some(current)) = (keeps_beside(rotation), &connection.credential) {
                slot = current.slot;
            }
            connection.forget_from_app();
            Ok(())
        })?;
        Ok(slot)
    }

    /// Puts a secret into its vault.
    ///
    /// # Errors
    /// Nothing was entered, or the vault cannot be used.
    pub(super) fn keep_secret(&self, id: &str, slot: Slot, entry: &SecretEntry) -> Result<Credential, Fault> {
        let looked = input::secret(&entry.secret).ok_or_else(no_secret_entered)?;
        let kept = match entry.keep {
            Keep::Keychain => Kept::Keychain,
            Keep::Session => Kept::Session,
            Keep::Caller => Kept::Caller,
        };
        let known_since = self.known_since(id, &looked.secret);
        self.vault_of(kept)
            .put(&secret_name(id, slot), &looked.secret)
            .map_err(|fault| vault_fault(&fault))?;
        Ok(Credential {
            kept,
            slot,
            entered_at: known_since.unwrap_or_else(|| self.now()),
            ends_on: entry.ends_on,
            look: CredentialLook::Secret(SecretLook {
                shape: looked.shape,
                hint: looked.hint,
                trimmed: looked.trimmed,
            }),
        })
    }

    /// Puts a certificate's private key where the admin wants it.
    ///
    /// # Errors
    /// It cannot be kept there.
    pub(super) fn keep_certificate(
        &self,
        id: &str,
        slot: Slot,
        certificate: &ClientCertificate,
        keep: &KeepKey,
    ) -> Result<Credential, Fault> {
        match keep {
            KeepKey::Keychain => self.keep_key(id, slot, certificate, Kept::Keychain),
            KeepKey::Session => self.keep_key(id, slot, certificate, Kept::Session),
            KeepKey::File(path) => {
                key_file::write(path, &certificate.to_pem().map_err(unusable)?)?;
                Ok(self.described(slot, certificate, Kept::File, Some(path)))
            }
        }
    }

    /// Puts a certificate's private key into its vault.
    ///
    /// # Errors
    /// The vault cannot be used.
    pub(super) fn keep_key(
        &self,
        id: &str,
        slot: Slot,
        certificate: &ClientCertificate,
        kept: Kept,
    ) -> Result<Credential, Fault> {
        let key = certificate.private_key_der().map_err(unusable)?;
        let put = self.vault_of(kept).put_bytes(&key_name(id, slot), &key);
        put.map_err(|fault| vault_fault(&fault))?;
        Ok(self.described(slot, certificate, kept, None))
    }

    fn described(
        &self,
        slot: Slot,
        certificate: &ClientCertificate,
        kept: Kept,
        file: Option<&Path>,
    ) -> Credential {
        let look = look_of(certificate, file);
        Credential {
            kept,
            slot,
            entered_at: self.now(),
            ends_on: Some(look.ends.to_zoned(TimeZone::UTC).date()),
            look: CredentialLook::Certificate { certificate: look },
        }
    }

    /// Saves the particulars of a credential that is kept already, and forgets the one before it. A new one of a rotation
    /// that nobody had proven goes as well, unless it is the only one that was seen to work.
    pub(super) fn entered(
        &self,
        id: &str,
        before: Option<&Credential>,
        new: &Credential,
    ) -> Result<Connection, Fault> {
        let mut beside = None;
        let saved = self.change(id, |connection| {
            connection.credential = Some(new.clone());
            if !keeps_beside(connection.rotation.as_ref()) {
                beside = connection.rotation.take().map(|rotation| rotation.other);
            }
            Ok(())
        })?;
        // What a caller holds replaces nothing that is kept: the saved connection goes on with all of it.
        let replaced = before.into_iter().chain(beside.as_ref()).filter(|_| new.kept != Kept::Caller);
        replaced.for_each(|old| self.forget_replaced(id, old, new));
        Ok(saved)
    }

    /// Forgets a credential that another one was kept in the place of, unless the new one lies in its very entry.
    pub(super) fn forget_replaced(&self, id: &str, old: &Credential, new: &Credential) {
        if place(old) != place(new) {
            // A locked keychain keeps it; it is not used any more.
            self.forget(id, old).ok();
        }
    }

    /// Takes a credential out of its vault. A file that the admin named is the admin's.
    pub(super) fn forget(&self, id: &str, old: &Credential) -> Result<(), VaultFault> {
        let vault = self.vault_of(old.kept);
        match old.look {
            CredentialLook::Secret(_) => vault.remove(&secret_name(id, old.slot)),
            CredentialLook::Certificate { .. } if old.kept == Kept::File => Ok(()),
            CredentialLook::Certificate { .. } => vault.remove_bytes(&key_name(id, old.slot)),
        }
    }

    /// Takes everything out of the keychain that stands there under the connection's id: what a locked keychain kept when
    /// it was replaced is in no list any more.
    pub(super) fn forget_leftovers(&self, id: &str) {
        for slot in [Slot::First, Slot::Second] {
            self.inner.keychain.remove(&secret_name(id, slot)).ok();
            self.inner.keychain.remove_bytes(&key_name(id, slot)).ok();
        }
        self.inner.keychain.remove(&given_up_name(id)).ok();
    }

    /// What the connection proves itself with; none when nothing was entered.
    pub(super) fn key(&self, connection: &Connection) -> Result<Option<SignInKey>, Fault> {
        let Some(credential) = &connection.credential else { return Ok(None) };
        let key = match credential.certificate() {
            Some(look) => SignInKey::Certificate(self.certificate(&connection.id, credential, look)?),
            None => SignInKey::Secret(self.secret(&connection.id, credential)?),
        };
        Ok(Some(key))
    }

    fn secret(&self, id: &str, credential: &Credential) -> Result<SecretString, Fault> {
        let kept = credential.kept;
        let secret = self.vault_of(kept).get(&secret_name(id, credential.slot));
        secret.map_err(|fault| vault_fault(&fault))?.ok_or_else(|| {
            let what = match kept {
                Kept::Keychain => "The keychain no longer holds this connection’s secret.",
                Kept::Session | Kept::Caller | Kept::File => {
                    "The secret was kept for an earlier session only."
                }
            };
            Fault::new(FaultCode::SecretGone, what, "Paste the secret again in step 3.")
        })
    }

    fn certificate(
        &self,
        id: &str,
        credential: &Credential,
        look: &CertificateLook,
    ) -> Result<Arc<ClientCertificate>, Fault> {
        let kept = credential.kept;
        let read = match (kept, look.held.as_ref().and_then(|held| held.key_file.as_deref())) {
            (Kept::File, Some(path)) => {
                let pem = key_file::read(Path::new(path))?;
                ClientCertificate::from_pem(pem.expose_secret(), None).map_err(unusable)?
            }
            _ => {
                let gone = || no_key(kept);
                let key = self.vault_of(kept).get_bytes(&key_name(id, credential.slot));
                let key = key.map_err(|fault| vault_fault(&fault))?;
                let public = public_part(look).ok_or_else(gone)?;
                ClientCertificate::from_parts(&public, &key.ok_or_else(gone)?).map_err(unusable)?
            }
        };
        if read.sha256_thumbprint() == look.sha256 {
            return Ok(Arc::new(read));
        }
        let fix = "Put the right file back, or import it in step 3.";
        Err(Fault::field("keyFile", "The file holds another certificate than it did.", fix))
    }
}

/// The one beside is kept until the one in use has been seen to work.
fn keeps_beside(rotation: Option<&Rotation>) -> bool {
    rotation.is_some_and(|rotation| rotation.went_back_at.is_some())
}

fn being_handed_out(id: &str) -> Fault {
    Fault::new(
        FaultCode::NotReady,
        "A new credential is being handed out to the gateways, and another one would end that.",
        format!(
            "Finish the rotation, or go back to the old one, under Rotate or with `gatehouse rotate {id}`."
        ),
    )
}

/// The name of a client secret in a vault: the connection's id, with a number for the second one. No id has a full stop
/// in it.
fn secret_name(id: &str, slot: Slot) -> String {
    match slot {
        Slot::First => id.to_owned(),
        Slot::Second => format!("{id}.2"),
    }
}

/// The name of a private key in a vault.
fn key_name(id: &str, slot: Slot) -> String {
    format!("{}.key", secret_name(id, slot))
}

/// Which entry of which vault a credential lies in.
fn place(credential: &Credential) -> (Kept, Slot, bool) {
    let kept = if credential.kept == Kept::Caller { Kept::Session } else { credential.kept };
    (kept, credential.slot, credential.certificate().is_some())
}

fn look_of(certificate: &ClientCertificate, file: Option<&Path>) -> CertificateLook {
    CertificateLook {
        thumbprint: certificate.sha1_thumbprint(),
        sha256: certificate.sha256_thumbprint(),
        subject: certificate.subject().to_owned(),
        starts: certificate.not_before(),
        ends: certificate.not_after(),
        held: Some(HeldCertificate {
            public: STANDARD.encode(certificate.certificate_der()),
            key_bits: u32::try_from(certificate.key_bits()).unwrap_or(u32::MAX),
            key_file: file.map(|path| path.to_string_lossy().into_owned()),
        }),
    }
}

/// X.509 in DER.
pub(super) fn public_part(look: &CertificateLook) -> Option<Vec<u8>> {
    STANDARD.decode(&look.held.as_ref()?.public).ok()
}

pub(super) fn no_secret_entered() -> Fault {
    Fault::field("secret", "The secret is empty.", "Paste the **Value** of the client secret.")
}

fn no_key(kept: Kept) -> Fault {
    let (what, fix) = match kept {
        Kept::Keychain => (
            "The keychain no longer holds this certificate’s private key.",
            "Import the certificate again in step 3, or make a new one.",
        ),
        Kept::Session | Kept::File => (
            "The certificate’s private key was kept for an earlier session only.",
            "Import the certificate again in step 3, or make a new one.",
        ),
        Kept::Caller => (
            "The certificate was given to an earlier program only.",
            "Give AZURE_CLIENT_CERTIFICATE_PATH again.",
        ),
    };
    Fault::new(FaultCode::NotReady, what, fix)
}

/// A certificate file that cannot be used, at the field it is about.
pub(super) fn unusable(problem: CertificateProblem) -> Fault {
    let text = problem.to_string();
    let (what, fix) = text.split_once("; ").unwrap_or((&text, "choose another file"));
    let field = match problem.field() {
        CertificateField::Password => "password",
        _ => "certificate",
    };
    Fault::field(field, sentence(what), sentence(fix))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
