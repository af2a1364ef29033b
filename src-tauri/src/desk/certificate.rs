//! Step 3 with a certificate. Its private key never goes to the page.

use std::{fs, path::Path};

use engine::{CertificateImport, CertificateOrder, CredentialTry, Gatehouse, KeepKey, KeySize};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::Desk;
use crate::wire::{
    CertificateForm, CertificateImportForm, CredentialTryView, JourneyView, KeepKeyIn, Problem,
};

/// Larger than any PFX or PEM file of one certificate.
const LONGEST_FILE: u64 = 1 << 20;

impl Desk {
    pub(crate) async fn make_certificate(
        &self,
        connection: String,
        form: CertificateForm,
    ) -> Result<JourneyView, Problem> {
        let order = order(&form);
        self.keep(connection, move |engine, id| engine.make_certificate(id, &order)).await
    }

    pub(crate) async fn import_certificate(
        &self,
        connection: String,
        form: CertificateImportForm,
    ) -> Result<JourneyView, Problem> {
        let import = import(&form)?;
        self.keep(connection, move |engine, id| engine.import_certificate(id, &import)).await
    }

    pub(crate) async fn try_credential(&self, connection: String) -> Result<CredentialTryView, Problem> {
        self.journey(connection.clone()).await?;
        Ok(match self.engine.try_credential(&connection).await? {
            CredentialTry::Accepted => CredentialTryView::Accepted,
            CredentialTry::NotYet => CredentialTryView::NotYet,
            CredentialTry::Refused { .. } => CredentialTryView::Refused,
            CredentialTry::Unreached => CredentialTryView::Unreached,
        })
    }

    /// The name that is suggested for the public part: `gatehouse-contoso-print.cer`.
    pub(crate) fn public_part_name(&self, connection: &str) -> Result<String, Problem> {
        Ok(format!("gatehouse-{}.cer", self.engine.connection(connection)?.id))
    }

    pub(crate) fn save_public_part(&self, connection: &str, path: &Path) -> Result<(), Problem> {
        Ok(self.engine.save_public_part(connection, path)?)
    }

    pub(crate) async fn secret_pasted(&self, secret: SecretString) -> Result<(), Problem> {
        self.clipboard.pasted(secret);
        Ok(())
    }

    /// Making a key takes a while, and a keychain may ask the person for its password.
    async fn keep(
        &self,
        connection: String,
        work: impl FnOnce(&Gatehouse, &str) -> Result<engine::connection::Connection, engine::Fault>
        + Send
        + 'static,
    ) -> Result<JourneyView, Problem> {
        let (engine, id) = (self.engine.clone(), connection.clone());
        let kept = tokio::task::spawn_blocking(move || work(&engine, &id)).await;
        kept.map_err(|error| Problem::internal(&error.to_string()))??;
        JourneyView::of(&self.engine, &connection)
    }
}

/// The form of a certificate that is made here.
pub(super) fn order(form: &CertificateForm) -> CertificateOrder {
    let key_size = KeySize::ALL.into_iter().find(|size| size.bits() == u32::from(form.key_bits));
    CertificateOrder {
        days: form.days,
        key_size: key_size.unwrap_or_default(),
        keep: place(form.keep, &form.key_file),
    }
}

/// The form of a certificate that was made elsewhere, with its file read.
pub(super) fn import(form: &CertificateImportForm) -> Result<CertificateImport, Problem> {
    let content = read(Path::new(form.file.trim()))?;
    let is_given = !form.password.expose_secret().is_empty();
    let password = is_given.then(|| form.password.clone());
    Ok(CertificateImport { content, password, keep: place(form.keep, &form.key_file) })
}

fn place(keep: KeepKeyIn, key_file: &str) -> KeepKey {
    match keep {
        KeepKeyIn::Keychain => KeepKey::Keychain,
        KeepKeyIn::Session => KeepKey::Session,
        KeepKeyIn::File => KeepKey::File(key_file.trim().into()),
    }
}

fn read(path: &Path) -> Result<SecretSlice<u8>, Problem> {
    let refused = |what: String| {
        Problem::field("certificate", what, "Choose the PFX or PEM file with the certificate and its key.")
    };
    let size = fs::metadata(path).map(|found| if found.is_file() { found.len() } else { u64::MAX });
    match size {
        Err(error) => Err(refused(format!("The file cannot be read: {error}."))),
        Ok(size) if size > LONGEST_FILE => Err(refused("This is no certificate file.".to_owned())),
        Ok(_) => fs::read(path)
            .map(SecretSlice::from)
            .map_err(|error| refused(format!("The file cannot be read: {error}."))),
    }
}
