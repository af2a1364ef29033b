//! `gatehouse export --sealed`: a bundle for each gateway.

use std::{path::PathBuf, time::Duration};

use engine::{
    CheckRequest, Fault, FaultCode, Gatehouse,
    gateways::{self, FleetFiles, SealFor, SealRequest, SealWatcher, Sealed, SigningKeyFrom, Unproven},
    input::{self, Verdict},
    words,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    args::Export,
    exit::Exit,
    output::{json_v1::to_line, progress::Spinner, text},
};

pub(super) async fn run(
    engine: &Gatehouse,
    id: &str,
    arguments: &Export,
    folder: PathBuf,
) -> Result<Exit, Fault> {
    let given = &arguments.sealed;
    let request = SealRequest {
        gateways: match (given.unconfirmed, given.gateway.is_empty()) {
            (true, _) => SealFor::HoldingOtherThanCurrent,
            (false, true) => SealFor::All,
            (false, false) => SealFor::Named(given.gateway.clone()),
        },
        folder,
        existing: super::existing(arguments),
        ends_at: given.ends_on.as_deref().map(|day| end_of(day, engine.now())).transpose()?,
        signing_key: given.signing_key.clone().map_or(SigningKeyFrom::Keychain, SigningKeyFrom::File),
        unproven: if given.unproven { Unproven::SealAnyway } else { Unproven::Refuse },
        fleet: if given.ansible { FleetFiles::Ansible } else { FleetFiles::None },
    };
    let target = &arguments.target;
    // What came with this call was not proven by an earlier one, and what was proven long ago need not hold any more.
    if target.name.is_none()
        || target.secret_file.is_some()
        || target.secret_stdin
        || target.profile.is_some()
        || (!given.unproven && engine.seal_outlook(id)?.proof_too_old)
    {
        prove(engine, id, arguments.json).await?;
    }
    let sealed = Box::pin(seal(engine, id, request, arguments.json)).await.map_err(|fault| {
        let mut fault = super::with_flags(fault);
        match (fault.field, fault.code) {
            (Some("signingKey"), _) => fault.field = Some("--signing-key"),
            (Some("endsAt"), _) => fault.field = Some("--ends-on"),
            (None, FaultCode::NotReady) if fault.what.ends_with("No bundle was sealed.") => {
                fault.fix.push_str(" Or seal all the same with --unproven.");
            }
            _ => {}
        }
        fault
    })?;
    if arguments.json {
        text::line(&to_line(&Answer::of(&sealed)));
    } else {
        say(&sealed);
    }
    let whole = !sealed.cancelled && sealed.left_out.is_empty() && !sealed.files.is_empty();
    Ok(if whole { Exit::Done } else { Exit::Incomplete })
}

/// The last good day, to its end.
fn end_of(day: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    const FIX: &str = "Write it as 2027-05-19.";
    match input::day(day, now) {
        Verdict::Fine { value, .. } => {
            gateways::end_of(value).ok_or_else(|| Fault::field("--ends-on", "The calendar ends there.", FIX))
        }
        Verdict::Wrong { what, .. } => Err(Fault::field("--ends-on", what, FIX)),
        Verdict::Empty => Err(Fault::field("--ends-on", "No day is given.", FIX)),
    }
}

/// Looks at every link once; what is wrong is said by the sealing, which refuses.
async fn prove(engine: &Gatehouse, id: &str, quiet: bool) -> Result<(), Fault> {
    let spinner = Spinner::start(quiet);
    let request = CheckRequest { deadline: Duration::from_secs(30), ..CheckRequest::default() };
    engine.check(id, request, &spinner).await.map(drop)
}

async fn seal(engine: &Gatehouse, id: &str, request: SealRequest, quiet: bool) -> Result<Sealed, Fault> {
    let (worker, owned, bar) = (engine.clone(), id.to_owned(), Bar::start(quiet));
    let mut sealing = tokio::task::spawn_blocking(move || worker.seal(&owned, &request, &bar));
    let ended = tokio::select! {
        ended = &mut sealing => ended,
        _ = tokio::signal::ctrl_c() => {
            engine.cancel(id);
            sealing.await
        }
    };
    ended.unwrap_or_else(|_| {
        Err(Fault::new(FaultCode::Internal, "Sealing stopped by a fault of Gatehouse.", "Please report it."))
    })
}

struct Bar(ProgressBar);

impl Bar {
    fn start(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("Sealing      {bar:32} {human_pos} of {human_len} gateways");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::with_draw_target(None, target).with_style(style))
    }
}

impl SealWatcher for Bar {
    fn sealed(&self, done: usize, of: usize) {
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn say(sealed: &Sealed) {
    for left in &sealed.left_out {
        text::line(&format!("  – {}: {}", left.gateway, left.because));
    }
    let folder = sealed.allowed_signers.parent().unwrap_or(&sealed.allowed_signers).display();
    let (made, good) = match sealed.files.len() {
        1 => ("1 bundle sealed, to its gateway’s own key".to_owned(), "It is good"),
        many => {
            let bundles = words::count(many, "bundle", "bundles");
            (format!("{bundles} sealed, each to its gateway’s own key"), "They are good")
        }
    };
    text::line(&format!("{made}, in {folder}."));
    if let Some(file) = sealed.files.iter().min_by_key(|file| file.ends_at) {
        text::line(&format!("{good} until {}.", words::moment(file.ends_at)));
    }
    text::line(&format!("Signed by {}; allowed_signers holds its public half.", sealed.signed_by));
    text::line(
        "OPEN.txt has the commands that open a bundle on its gateway, and those that make its receipt.",
    );
    if sealed.cancelled {
        text::note("You stopped it. Every bundle that is there is whole, and recorded.");
    }
}

/// `gatehouse.sealed-export/1`.
#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    cancelled: bool,
    allowed_signers: String,
    signed_by: String,
    files: Vec<AnswerFile>,
    left_out: Vec<AnswerLeftOut>,
    fleet: Vec<String>,
}

#[derive(Serialize)]
struct AnswerFile {
    gateway: String,
    path: String,
    sha256: String,
    bytes: u64,
    sequence: u64,
    recipient: String,
    ends_at: String,
}

#[derive(Serialize)]
struct AnswerLeftOut {
    gateway: String,
    because: String,
}

impl Answer {
    fn of(sealed: &Sealed) -> Self {
        let files = sealed.files.iter().map(|file| AnswerFile {
            gateway: file.gateway.to_string(),
            path: file.path.display().to_string(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            sequence: file.sequence,
            recipient: file.recipient.clone(),
            ends_at: file.ends_at.to_string(),
        });
        let left_out = sealed.left_out.iter();
        let left_out = left_out
            .map(|left| AnswerLeftOut { gateway: left.gateway.to_string(), because: left.because.clone() });
        Self {
            schema: "gatehouse.sealed-export/1",
            cancelled: sealed.cancelled,
            allowed_signers: sealed.allowed_signers.display().to_string(),
            signed_by: sealed.signed_by.clone(),
            files: files.collect(),
            left_out: left_out.collect(),
            fleet: sealed.fleet.iter().map(|path| path.display().to_string()).collect(),
        }
    }
}
