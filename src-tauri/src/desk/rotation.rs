//! Rotation: the new credential is entered and proven, and the old one is found removed at the end.

use std::path::Path;

use engine::{Fault, Gatehouse, NewCredential, RotationTrial, diagnosis::Link, export::Existing};

use super::{Desk, certificate, entries, work::Reporter};
use crate::wire::{
    CertificateForm, CertificateImportForm, Problem, RotationTrialView, RotationView, SecretForm,
};

impl Desk {
    pub(crate) async fn rotation(&self, connection: String) -> Result<RotationView, Problem> {
        self.journey(connection.clone()).await?;
        Ok(RotationView::of(&self.engine, &connection)?)
    }

    pub(crate) async fn rotate_to_secret(
        &self,
        connection: String,
        form: SecretForm,
    ) -> Result<RotationView, Problem> {
        let new = NewCredential::Secret(entries::secret_entry(form, self.engine.now())?);
        self.begin_rotation(connection, new).await
    }

    pub(crate) async fn rotate_to_new_certificate(
        &self,
        connection: String,
        form: CertificateForm,
    ) -> Result<RotationView, Problem> {
        self.begin_rotation(connection, NewCredential::Made(certificate::order(&form))).await
    }

    pub(crate) async fn rotate_to_imported_certificate(
        &self,
        connection: String,
        form: CertificateImportForm,
    ) -> Result<RotationView, Problem> {
        self.begin_rotation(connection, NewCredential::Imported(certificate::import(&form)?)).await
    }

    pub(crate) async fn prove_rotation(&self, connection: String) -> Result<RotationTrialView, Problem> {
        self.journey(connection.clone()).await?;
        let reporter = Reporter { desk: self, connection: &connection };
        reporter.nothing_tried(Link::Directory);
        let began = self.engine.now();
        let trial: RotationTrial = self.engine.prove_rotation(&connection, &reporter).await?;
        if trial.proven {
            self.keep_run(&connection, began)?;
        }
        Ok(RotationTrialView::of(&self.engine, &trial)?)
    }

    pub(crate) async fn except_gateways(
        &self,
        connection: String,
        gateways: Vec<String>,
    ) -> Result<RotationView, Problem> {
        self.engine.except_gateways(&connection, &gateways)?;
        self.rotation(connection).await
    }

    pub(crate) async fn look_for_old_credential(&self, connection: String) -> Result<RotationView, Problem> {
        self.journey(connection.clone()).await?;
        self.engine.look_for_old_credential(&connection).await?;
        self.rotation(connection).await
    }

    pub(crate) async fn finish_rotation(&self, connection: String) -> Result<RotationView, Problem> {
        self.engine.finish_rotation(&connection)?;
        self.rotation(connection).await
    }

    pub(crate) async fn abandon_rotation(&self, connection: String) -> Result<RotationView, Problem> {
        self.engine.abandon_rotation(&connection).await?;
        self.rotation(connection).await
    }

    pub(crate) async fn go_back_unproven(&self, connection: String) -> Result<RotationView, Problem> {
        self.engine.go_back_unproven(&connection)?;
        self.rotation(connection).await
    }

    /// The list is that of `listed`, which may be another connection of the same app.
    pub(crate) async fn gateways_are_whole(
        &self,
        connection: String,
        listed: String,
    ) -> Result<RotationView, Problem> {
        self.engine.gateways_are_whole(&listed)?;
        self.rotation(connection).await
    }

    pub(crate) fn save_new_public_part(&self, connection: &str, path: &Path) -> Result<(), Problem> {
        Ok(self.engine.save_new_public_part(connection, path)?)
    }

    /// The name that is suggested for the calendar file: `contoso-print-end.ics`.
    pub(crate) fn calendar_name(&self, connection: &str) -> Result<String, Problem> {
        Ok(format!("{}-end.ics", self.engine.connection(connection)?.id))
    }

    /// The platform's dialog has asked before it named a file that is there.
    pub(crate) fn save_calendar(&self, connection: &str, path: &Path) -> Result<(), Problem> {
        Ok(self.engine.save_calendar(connection, path, Existing::Replace)?)
    }

    /// Making a key takes a while, and a keychain may ask the person for its password.
    async fn begin_rotation(&self, connection: String, new: NewCredential) -> Result<RotationView, Problem> {
        let (engine, id): (Gatehouse, String) = (self.engine.clone(), connection.clone());
        let begun = tokio::task::spawn_blocking(move || engine.begin_rotation(&id, &new).map(drop)).await;
        let done: Result<(), Fault> = begun.map_err(|error| Problem::internal(&error.to_string()))?;
        done?;
        self.rotation(connection).await
    }
}
