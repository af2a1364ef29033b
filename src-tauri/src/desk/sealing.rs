//! Sealed bundles, with their progress sent to the page.

use std::{path::PathBuf, sync::Arc};

use engine::{
    export::Existing,
    gateways::{
        self, FleetFiles, OpeningCommands, SealFor, SealRequest, SealWatcher, Sealed, SigningKeyFrom,
        Unproven,
    },
    input::{self, Verdict},
    words,
};
use jiff::Timestamp;

use super::{Desk, open_outside};
use crate::wire::{
    ExistingFiles, FleetFilesId, GatewaysView, LeftOutView, OpeningWay, Problem, Progress, ProgressEvent,
    SealForm, SealOutlookView, SealWhich, SealedFileView, SealedView, UnprovenId, beside,
};

impl Desk {
    pub(crate) async fn seal_outlook(&self, connection: String) -> Result<SealOutlookView, Problem> {
        Ok(SealOutlookView::of(&self.engine.seal_outlook(&connection)?))
    }

    pub(crate) async fn seal_bundles(
        &self,
        connection: String,
        form: SealForm,
    ) -> Result<SealedView, Problem> {
        self.journey(connection.clone()).await?;
        let request = request_of(form, self.engine.now())?;
        let watcher = Told { connection: connection.clone(), progress: Arc::clone(&self.progress) };
        let (engine, id, asked) = (self.engine.clone(), connection.clone(), request.clone());
        // It keeps every core busy, and a keychain may ask the person for its password.
        let work = tokio::task::spawn_blocking(move || engine.seal(&id, &asked, &watcher));
        let sealed = work.await.map_err(|error| Problem::internal(&error.to_string()))??;
        self.sealed(&connection, &request, &sealed)
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
    ) -> Result<SealedView, Problem> {
        let practice = self.engine.connection(connection)?.practice;
        let commands =
            sealed.files.first().map(|file| OpeningCommands::of(&file.gateway, file.kind, practice));
        let with_ansible = !sealed.fleet.is_empty();
        Ok(SealedView {
            at: self.engine.now().to_string(),
            folder: request.folder.to_string_lossy().into_owned(),
            files: SealedFileView::all(sealed),
            left_out: LeftOutView::all(sealed),
            cancelled: sealed.cancelled,
            others: beside(sealed),
            signed_by: sealed.signed_by.clone(),
            allowed_signers: sealed.signer_line.clone(),
            ways: commands.map(|commands| OpeningWay::all(&commands, with_ansible)).unwrap_or_default(),
            view: GatewaysView::of(&self.engine, connection)?,
        })
    }
}

fn request_of(form: SealForm, now: Timestamp) -> Result<SealRequest, Problem> {
    let key_file = form.signing_key_file.trim();
    Ok(SealRequest {
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
        ends_at: form.ends_on.as_deref().map(|day| end_of(day, now)).transpose()?,
        signing_key: match key_file {
            "" => SigningKeyFrom::Keychain,
            file => SigningKeyFrom::File(PathBuf::from(file)),
        },
        unproven: match form.unproven {
            UnprovenId::Refuse => Unproven::Refuse,
            UnprovenId::SealAnyway => Unproven::SealAnyway,
        },
        fleet: match form.fleet {
            FleetFilesId::None => FleetFiles::None,
            FleetFilesId::Ansible => FleetFiles::Ansible,
        },
    })
}

/// The last good day, to its end.
fn end_of(day: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let wrong = |what: String, fix: &str| Problem::field("bundlesEnd", what, fix);
    let day = match input::day(day, now) {
        Verdict::Fine { value, .. } => value,
        Verdict::Wrong { what, .. } => return Err(wrong(what, "Write a day as year-month-day.")),
        Verdict::Empty => {
            return Err(wrong(
                "No day is given.".to_owned(),
                "Give one, or let them end with the credential.",
            ));
        }
    };
    match gateways::end_of(day) {
        Some(end) if end > now => Ok(end),
        _ => Err(wrong(format!("{} is past.", words::day(day)), "Choose a later day.")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_good_to_the_end_of_their_last_day() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let end = |day: &str| end_of(day, now).map(|end| end.to_string()).map_err(|problem| problem.what);
        assert_eq!(end(" 2027-02-28 ").unwrap(), "2027-03-01T00:00:00Z");
        assert_eq!(end("2026-11-20").unwrap(), "2026-11-21T00:00:00Z", "today is not over");
        assert_eq!(end("2026-11-19").unwrap_err(), "19 Nov 2026 is past.");
        for none in ["", "soon", "2027-02-30", "2999-01-01"] {
            assert_eq!(end_of(none, now).unwrap_err().field.as_deref(), Some("bundlesEnd"), "{none}");
        }
    }
}
