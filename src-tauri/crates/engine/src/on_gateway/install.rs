//! Opens a sealed file into a folder: judged first, tried second, switched to last.

use std::{
    io,
    path::{Path, PathBuf},
};

use bundle::{GatewayKey, Manifest, OpenedBundle, Receipt, SelfTest};
use jiff::Timestamp;

use super::{
    environment_file::EnvironmentFile,
    folder::{self, Installed, LockedFolder, Over},
    inputs::{SealedFile, read_secret},
    judge::{self, Judged, Refusal, Stopped, Trust},
    pointer::{Pointer, RELEASES},
    readers::Readers,
    receipt::{self, in_whole_seconds},
    release::{self, OpenedRecord},
    rights::Rights,
    self_test::{SelfTestOptions, TestRun, self_test},
};
use crate::{
    clock::Clock,
    fault::{Fault, FaultCode},
    gateways::HELD_BACK,
};

/// What to open, and where.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    /// The sealed file.
    pub sealed: &'a SealedFile,
    /// The gateway's private key.
    pub key: &'a GatewayKey,
    /// What is trusted and expected.
    pub trust: Trust<'a>,
    /// The folder that holds `current`; it is made when it is not there.
    pub into: &'a Path,
    /// Whether the bundle is tried before the gateway gets it.
    pub test: TestPlan<'a>,
}

/// Whether a bundle is tried before the gateway gets it.
#[derive(Clone, Copy, Debug)]
pub enum TestPlan<'a> {
    /// It is not tried.
    Skip,
    /// It is tried where it lies, and installed only if that goes well: the gateway never runs with what does not work.
    MustPass(&'a SelfTestOptions),
    /// It is tried, and installed whatever comes of it.
    InstallAnyway(&'a SelfTestOptions),
}

/// What became of a bundle that was not refused.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The bundle.
    pub bundle: Judged,
    /// Where it stands now.
    pub standing: Standing,
    /// What came of trying it.
    pub test: TestRun,
    /// Its release; with [`Standing::HeldBack`], that of the bundle which stays.
    pub folder: Option<PathBuf>,
    /// The number of the bundle that was there before, if there was one; that of the bundle itself when its files were
    /// altered and are mended now.
    pub replaced: Option<u64>,
    /// What the person who installs should know, as sentences.
    pub notes: Vec<String>,
    receipt: Receipt,
}

/// Where a bundle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is installed now.
    Installed,
    /// It was installed before, and is whole.
    AlreadyThere,
    /// It did not pass its test, so what was there before stays.
    HeldBack,
}

impl Installation {
    /// The signed receipt; for a bundle that was held back, one that says why.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn receipt(&self, key: &GatewayKey) -> Result<Vec<u8>, Stopped> {
        receipt::sign(&self.receipt, &self.bundle.manifest.recipient, key)
    }
}

/// Checks a sealed file as [`verify`](super::verify) does and installs it.
///
/// # Errors
/// The bundle is refused, and nothing is written; or the folder cannot be used, and `current` is as it was.
pub async fn open(request: &OpenRequest<'_>, clock: &dyn Clock) -> Result<Installation, Stopped> {
    let root = request.into;
    let now = clock.now();
    let before = folder::installed(root, Pointer::Current)?;
    let (bundle, _) = judge::judge(request.sealed, request.key, &request.trust, before.as_ref(), now)?;
    let folder = LockedFolder::take(root)?;
    let before = folder::installed(root, Pointer::Current)?;
    let bundle_sha256 = bundle.manifest_sha256();
    let same = before.as_ref().filter(|before| before.manifest_sha256 == bundle_sha256);
    judge::refuse_another_with_the_same_number(
        bundle.manifest().sequence,
        before.as_ref(),
        same.is_some(),
        request.sealed,
    )?;
    let opened_at = in_whole_seconds(now);
    let mut opening = Opening { request, bundle, root, folder, before, opened_at, clock };
    let there = opening.before.take_if(|before| {
        before.manifest_sha256 == bundle_sha256
            && release::altered(&before.folder, &before.manifest).is_none()
    });
    match there {
        Some(there) => opening.keep(there).await,
        None => opening.install().await,
    }
}

/// Lets `current` name what `previous` names, and the other way round. Gives what is installed now; its receipt says that it
/// has been since `now`, and that it was not tried since.
///
/// # Errors
/// There is no earlier bundle, or it is no longer whole.
pub fn roll_back(root: &Path, now: Timestamp) -> Result<Judged, Stopped> {
    let none = || {
        let what = format!("{} holds no earlier bundle.", root.display());
        Fault::new(FaultCode::NotReady, what, "Open the bundle that you want.")
    };
    if !root.join(RELEASES).is_dir() {
        return Err(none().into());
    }
    let folder = LockedFolder::take(root)?;
    let current = folder::installed(root, Pointer::Current)?.ok_or_else(none)?;
    let previous = folder::installed(root, Pointer::Previous)?;
    let previous = previous.filter(|previous| previous.name != current.name).ok_or_else(none)?;
    if let Some(name) = release::altered(&previous.folder, &previous.manifest) {
        let text = format!(
            "files \"{name}\": of the earlier bundle is no longer the file that was signed. Open the bundle that you want."
        );
        return Err(Refusal { code: "file-altered", text }.into());
    }
    OpenedRecord::untested(in_whole_seconds(now))
        .write(&previous.folder)
        .and_then(|()| folder.swap(&current.name, &previous.name))
        .map_err(|error| storage(root, &error))?;
    let Installed { manifest, manifest_sha256, .. } = previous;
    Ok(Judged { manifest, manifest_sha256, already_installed: true })
}

struct Opening<'a> {
    request: &'a OpenRequest<'a>,
    bundle: OpenedBundle,
    root: &'a Path,
    folder: LockedFolder,
    before: Option<Installed>,
    /// The one moment that the record beside the files and the receipt both tell, of opening and of the test.
    opened_at: Timestamp,
    clock: &'a dyn Clock,
}

impl Opening<'_> {
    /// Draft, test, release, switch, sweep: whatever happens between two of them, `current` is whole.
    async fn install(self) -> Result<Installation, Stopped> {
        let root = self.root;
        let failed = |error: io::Error| storage(root, &error);
        let draft = self.folder.write_draft(&self.bundle).map_err(|error| {
            self.folder.drop_draft().ok();
            failed(error)
        })?;
        let test = self.test(&draft).await;
        if matches!((&test, self.request.test), (TestRun::Failed { .. }, TestPlan::MustPass(_))) {
            self.folder.drop_draft().map_err(failed)?;
            let folder = self.before.as_ref().map(|before| before.folder.clone());
            return Ok(self.finish(Standing::HeldBack, test, folder));
        }
        self.record(&draft, &test).map_err(failed)?;
        let sequence = self.bundle.manifest().sequence;
        let name = self.folder.place_draft(sequence).map_err(failed)?;
        let same = self.before.as_ref().is_some_and(|before| before.manifest.sequence == sequence);
        let over = if same { Over::TheSameAltered } else { Over::Another };
        self.folder.switch(&name, over).map_err(failed)?;
        let folder = self.root.join(RELEASES).join(name);
        Ok(self.finish(Standing::Installed, test, Some(folder)))
    }

    /// The bundle is there and whole: it is only tried, and what came of it noted.
    async fn keep(self, there: Installed) -> Result<Installation, Stopped> {
        let root = self.root;
        let failed = |error: io::Error| storage(root, &error);
        let test = self.test(&there.folder).await;
        if test != TestRun::NotRun {
            self.record(&there.folder, &test).map_err(failed)?;
        }
        let mut kept = self.finish(Standing::AlreadyThere, test, Some(there.folder.clone()));
        if let Some(record) = OpenedRecord::read(&there.folder) {
            kept.receipt.opened_at = record.opened_at;
            kept.receipt.tested_at = record.tested_at;
            kept.receipt.self_test = record.self_test;
        }
        Ok(kept)
    }

    async fn test(&self, release: &Path) -> TestRun {
        match self.request.test {
            TestPlan::Skip => TestRun::NotRun,
            TestPlan::MustPass(options) | TestPlan::InstallAnyway(options) => {
                self_test(release, options, self.clock).await
            }
        }
    }

    fn record(&self, release: &Path, test: &TestRun) -> io::Result<()> {
        let before = OpenedRecord::read(release).unwrap_or_else(|| OpenedRecord::untested(self.opened_at));
        before.tested(self.opened_at, test.outcome()).write(release)
    }

    fn finish(self, standing: Standing, test: TestRun, folder: Option<PathBuf>) -> Installation {
        let notes = match standing {
            Standing::HeldBack => Vec::new(),
            _ => self.remarks(folder.as_deref()),
        };
        Installation {
            receipt: Receipt {
                tested_at: (test != TestRun::NotRun).then_some(self.opened_at),
                ..Receipt::of(&self.bundle, self.opened_at, told(standing, &test))
            },
            bundle: Judged {
                manifest: self.bundle.manifest().clone(),
                manifest_sha256: self.bundle.manifest_sha256(),
                already_installed: standing == Standing::AlreadyThere,
            },
            standing,
            test,
            folder,
            replaced: self.before.map(|before| before.manifest.sequence),
            notes,
        }
    }

    /// What is told beside the result. The bundle is installed by now, so nothing here can make it fail.
    fn remarks(&self, release: Option<&Path>) -> Vec<String> {
        let elsewhere = release.into_iter().flat_map(|release| self.notes(release));
        elsewhere.chain(self.unreadable()).chain(self.leftovers()).chain(self.unchecked()).collect()
    }

    /// Takes earlier releases away, and tells those that stay.
    fn leftovers(&self) -> Vec<String> {
        let told = |what: &Path, error: &io::Error| {
            format!(
                "{} could not be taken away: {error}. It may hold an earlier credential; take it away yourself.",
                what.display()
            )
        };
        match self.folder.sweep() {
            Ok(left) => left.iter().map(|(release, error)| told(release, error)).collect(),
            Err(error) => vec![told(&self.root.join(RELEASES), &error)],
        }
    }

    /// oauth2-proxy runs as an account of its own, and finds its secret in the release.
    fn unreadable(&self) -> Option<String> {
        let for_others = bundle_has(self.bundle.manifest(), OAUTH2_PROXY);
        if !cfg!(unix) || !for_others || self.folder.readers().ok()? != Readers::Nobody {
            return None;
        }
        let releases = self.root.join(RELEASES);
        let releases = releases.display();
        Some(format!(
            "Only the owner of {releases} may read what is installed. For oauth2-proxy, or another program with an account \
             of its own, name its group once, for this bundle and all later ones: chgrp -R GROUP {releases} && chmod -R \
             g+rX {releases}"
        ))
    }

    fn unchecked(&self) -> Option<String> {
        match self.folder.rights() {
            Rights::Checked => None,
            Rights::NotChecked(told) => Some(told.clone()),
        }
    }

    /// `gateway.env` names its files by whole paths, so it has to be told when they lie elsewhere.
    fn notes(&self, release: &Path) -> Vec<String> {
        let Some(environment) = environment_of(release) else { return Vec::new() };
        let current = Pointer::Current.leads_to(self.root, release);
        let is_ours = |name: &str| bundle_has(self.bundle.manifest(), name);
        // By file: several variables name the same one.
        let mut elsewhere: Vec<(&Path, PathBuf, Vec<&str>)> = Vec::new();
        for variable in PATH_VARIABLES {
            let Some(named) = environment.path(variable) else { continue };
            let name = named.file_name().and_then(|name| name.to_str()).filter(|name| is_ours(name));
            let Some(here) = name.map(|name| current.join(name)).filter(|here| *here != named) else {
                continue;
            };
            match elsewhere.iter_mut().find(|(known, ..)| *known == named) {
                Some((.., variables)) => variables.push(variable),
                None => elsewhere.push((named, here, vec![variable])),
            }
        }
        let told = elsewhere.iter().map(|(named, here, variables)| {
            let which = if variables.len() == 1 { "the variable" } else { "the variables" };
            format!(
                "gateway.env names {} ({}), and the file is {}. Set {which} to that where the gateway starts, or \
                 install into the folder that the bundle was made for.",
                named.display(),
                variables.join(", "),
                here.display()
            )
        });
        told.collect()
    }
}

/// The variables of `gateway.env` that name a file of the bundle.
const PATH_VARIABLES: [&str; 4] =
    ["AZURE_CLIENT_CERTIFICATE_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

const OAUTH2_PROXY: &str = "oauth2-proxy/oauth2-proxy.cfg";

fn bundle_has(manifest: &Manifest, name: &str) -> bool {
    manifest.files.iter().any(|file| file.name.as_str() == name)
}

fn environment_of(release: &Path) -> Option<EnvironmentFile> {
    use secrecy::{ExposeSecret, SecretString};
    let bytes = read_secret(&release.join("gateway.env"), 1024 * 1024).ok()?;
    let text = std::str::from_utf8(bytes.expose_secret()).ok()?;
    Some(EnvironmentFile::of(&SecretString::from(text.to_owned())))
}

fn storage(root: &Path, error: &io::Error) -> Stopped {
    Stopped::Fault(Fault::storage("Could not install into", root, error))
}

/// A receipt says of a bundle that was held back that the gateway does not have it.
fn told(standing: Standing, test: &TestRun) -> SelfTest {
    const CODE_AT_MOST: usize = 64;
    match test.outcome() {
        SelfTest::Failed { code } if standing == Standing::HeldBack => {
            let code = format!("{HELD_BACK}{code}").chars().take(CODE_AT_MOST).collect();
            SelfTest::Failed { code }
        }
        outcome => outcome,
    }
}
