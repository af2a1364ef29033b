//! How long the bundles of many gateways take to be sealed, and one to be opened, against the `age` library and the start
//! of the program.

mod bare;
mod engine_of_one;
mod paper;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use bundle::{AllowedSigners, BundleContent, BundleFile, Expectations, GatewayKey, SigningKey};
use engine::clock::{Clock, SystemClock};
use tokio::time::Instant;

use self::engine_of_one::OneConnection;
use crate::{
    Problem,
    targets::{Limit, Target},
    tenant,
};

pub(crate) use paper::{NOTES, table};

/// Gateways of the measured connection.
pub(crate) const GATEWAYS: usize = 1_000;
const ROUNDS: usize = 7;
const OPENINGS: usize = 21;

/// What was measured; times are medians of the rounds.
pub(crate) struct Sealing {
    gateways: usize,
    threads: usize,
    /// Bytes inside one bundle.
    inside: usize,
    /// Bare age files in memory, and sealed bundles in memory.
    bare: Duration,
    sealed: Duration,
    /// Bare age files written and synced, and the engine's whole export.
    bare_written: Duration,
    exported: Duration,
    /// Medians of the ratios of throughput in one round.
    sealed_by_bare: f64,
    exported_by_bare: f64,
    /// Processes: `gatehouse --version`, and `gatehouse bundle open` of one bundle.
    start: Duration,
    opened: Duration,
}

impl Sealing {
    pub(crate) fn targets(&self) -> Vec<Target> {
        let target =
            |what, limit, measured, unit| Target { case: "e", what, limit, measured: Some(measured), unit };
        let over_start = self.opened.saturating_sub(self.start).as_secs_f64() * 1e3;
        vec![
            target("sealing / bare age, throughput", Limit::AtLeast(0.8), self.sealed_by_bare, "×"),
            target(
                "opening one bundle, beyond the start of the program",
                Limit::AtMost(50.0),
                over_start,
                "ms",
            ),
        ]
    }
}

/// Measures everything turn by turn.
///
/// # Errors
/// Anything does not go as it should.
pub(crate) fn measured(gateways: usize) -> Result<Sealing, Problem> {
    let folder = tempfile::tempdir()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = OneConnection::start(&folder.path().join("data"), gateways)?;
    let out = folder.path().join("bundles");
    one.export(&out)?;
    let inside = Inside::of(&one, &out)?;
    let recipients = one.age_recipients()?;
    let (mut bare, mut sealed, mut bare_written, mut exported) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let bare_folder = folder.path().join("bare");
    std::fs::create_dir(&bare_folder)?;
    for round in 1..=ROUNDS {
        bare.push(timed(|| {
            bare::in_parallel(&recipients, threads, |_, key| bare::seal(key, &inside.plain).map(drop))
        })?);
        sealed.push(timed(|| inside.seal(&one, threads))?);
        bare_written.push(timed(|| {
            bare::in_parallel(&recipients, threads, |number, key| {
                bare::write(&bare_folder.join(format!("{number}.age")), &bare::seal(key, &inside.plain)?)
            })
        })?);
        exported.push(timed(|| one.export(&out))?);
        crate::say(&format!("(e) round {round} of {ROUNDS}"));
    }
    let (mut start, mut opened) = (Vec::new(), Vec::new());
    one.write_key(&folder.path().join("key"))?;
    for number in 0..OPENINGS {
        start.push(timed(|| ended(tenant::gatehouse(folder.path()).arg("--version")))?);
        let to = folder.path().join(format!("gateway-{number}"));
        opened.push(timed(|| {
            ended(
                tenant::gatehouse(folder.path())
                    .args(["bundle", "open"])
                    .arg(out.join("plant-0.tar.age"))
                    .arg("--signers")
                    .arg(out.join("allowed_signers"))
                    .arg("--key")
                    .arg(folder.path().join("key"))
                    .arg("--to")
                    .arg(&to),
            )
        })?);
    }
    Ok(Sealing {
        gateways,
        threads,
        inside: inside.plain.len(),
        sealed_by_bare: ratio(&bare, &sealed),
        exported_by_bare: ratio(&bare_written, &exported),
        bare: median(bare),
        sealed: median(sealed),
        bare_written: median(bare_written),
        exported: median(exported),
        start: median(start),
        opened: median(opened),
    })
}

/// What a bundle of the export holds inside, for others to seal as well.
struct Inside {
    content: BundleContent,
    plain: Vec<u8>,
    signer: SigningKey,
}

impl Inside {
    fn of(one: &OneConnection, out: &Path) -> Result<Self, Problem> {
        let sealed = std::fs::read(out.join("plant-0.tar.age"))?;
        let signers = AllowedSigners::from_text(&std::fs::read_to_string(out.join("allowed_signers"))?)?;
        let key = GatewayKey::from_text(&one.private_key(0)?.into())?;
        let expected =
            Expectations { signers: &signers, gateway: None, installed: None, now: SystemClock.now() };
        let opened = bundle::open(&sealed, &key, &expected)?;
        let manifest = opened.manifest().clone();
        let content = BundleContent {
            gateway: manifest.gateway,
            practice: manifest.practice,
            connection: manifest.connection,
            credential_id: manifest.credential_id,
            sequence: manifest.sequence,
            created_at: manifest.created_at,
            ends_at: manifest.ends_at,
            files: opened.files().iter().map(BundleFile::clone).collect(),
        };
        let plain = bare::open(&sealed, &one.private_key(0)?)?;
        Ok(Self { content, plain, signer: SigningKey::from_seed(&[7; 32]) })
    }

    /// Seals it for every gateway, in memory.
    fn seal(&self, one: &OneConnection, threads: usize) -> Result<(), Problem> {
        bare::in_parallel(&one.recipients, threads, |_, recipient| {
            bundle::seal(&self.content, recipient, &self.signer)
                .map(drop)
                .map_err(|problem| format!("{} {}", problem.field, problem.what).into())
        })
    }
}

fn timed(work: impl FnOnce() -> Result<(), Problem>) -> Result<Duration, Problem> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

fn ended(program: &mut Command) -> Result<(), Problem> {
    let output = program.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        .into())
}

/// The median of what one takes as much longer than the other in the same round.
fn ratio(bare: &[Duration], ours: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> =
        bare.iter().zip(ours).map(|(bare, ours)| bare.as_secs_f64() / ours.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
