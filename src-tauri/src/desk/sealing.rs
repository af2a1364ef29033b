//! Sealed bundles, with their progress sent to the page.

use std::{path::PathBuf, sync::Arc};

use engine::{
    export::Existing,
    gateways::{
        FleetFiles, OpeningCommands, SealFor, SealRequest, SealWatcher, Sealed, SigningKeyFrom, Unproven,
    },
};

use super::{Desk, open_outside};
use crate::wire::{
    ExistingFiles, FleetFilesId, GatewaysView, LeftOutView, OpeningWay, Problem, Progress, ProgressEvent,
    SealForm, SealWhich, SealedFileView, SealedView, beside,
};

impl Desk {
    pub(crate) async fn seal_bundles(
        &self,
        connection: String,
        form: SealForm,
    ) -> Result<SealedView, Problem> {
        self.journey(connection.clone()).await?;
        let request = request_of(form);
        let watcher = Told { connection: connection.clone(), progress: Arc::clone(&self.progress) };
        let (engine, id, asked) = (self.engine.clone(), connection.clone(), request.clone());
        // It keeps every core busy, and a keychain may ask the person for its password.
        let work = tokio::task::spawn_blocking(move || {
            let sealed = engine.seal(&id, &asked, &watcher)?;
            let signer = engine.bundle_signer(&id, &asked.signing_key)?;
            Ok::<_, engine::Fault>((sealed, signer.allowed_signers_line()))
        });
        let (sealed, signers) = work.await.map_err(|error| Problem::internal(&error.to_string()))??;
        self.sealed(&connection, &request, &sealed, signers)
    }

    /// Opens the folder that bundles were written to last.
    pub(crate) async fn open_bundles_folder(&self, connection: String) -> Result<(), Problem> {
        let gateways = self.engine.gateways(&connection)?.gateways;
        let newest =
            gateways.iter().filter_map(|gateway| gateway.newest()).max_by_key(|newest| newest.sealed_at);
        let folder = newest.and_then(|newest| PathBuf::from(&newest.file).parent().map(PathBuf::from));
        match folder {
            Some(folder) => open_outside(&folder.to_string_lossy()),
            None => Err(Problem::not_ready("No bundle has been sealed yet.", "Seal bundles first.")),
        }
    }

    fn sealed(
        &self,
        connection: &str,
        request: &SealRequest,
        sealed: &Sealed,
        allowed_signers: String,
    ) -> Result<SealedView, Problem> {
        let practice = self.engine.connection(connection)?.practice;
        let commands = sealed.files.first().map(|file| OpeningCommands::of(&file.gateway, practice));
        let with_ansible = !sealed.fleet.is_empty();
        Ok(SealedView {
            at: self.engine.now().to_string(),
            folder: request.folder.to_string_lossy().into_owned(),
            files: SealedFileView::all(sealed),
            left_out: LeftOutView::all(sealed),
            cancelled: sealed.cancelled,
            others: beside(sealed),
            signed_by: sealed.signed_by.clone(),
            allowed_signers,
            ways: commands.map(|commands| OpeningWay::all(&commands, with_ansible)).unwrap_or_default(),
            view: GatewaysView::of(&self.engine, connection)?,
        })
    }
}

fn request_of(form: SealForm) -> SealRequest {
    let key_file = form.signing_key_file.trim();
    SealRequest {
        gateways: match form.which {
            SealWhich::All => SealFor::All,
            SealWhich::Named => SealFor::Named(form.gateways),
            SealWhich::Unconfirmed => SealFor::HoldingOtherThanCurrent,
        },
        folder: PathBuf::from(form.folder.trim()),
        existing: match form.existing {
            ExistingFiles::Keep => Existing::Keep,
            ExistingFiles::Replace => Existing::Replace,
        },
        ends_at: None,
        signing_key: match key_file {
            "" => SigningKeyFrom::Keychain,
            file => SigningKeyFrom::File(PathBuf::from(file)),
        },
        unproven: Unproven::Refuse,
        fleet: match form.fleet {
            FleetFilesId::None => FleetFiles::None,
            FleetFilesId::Ansible => FleetFiles::Ansible,
        },
    }
}

/// Sends what it hears to the page.
struct Told {
    connection: String,
    progress: Arc<dyn Fn(ProgressEvent) + Send + Sync>,
}

impl SealWatcher for Told {
    fn sealed(&self, done: usize, of: usize) {
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let progress = Progress::Sealing { done: number(done), of: number(of) };
        (self.progress)(ProgressEvent { connection: self.connection.clone(), progress });
    }
}
