//! `gatehouse bundle`: what happens on a gateway. No connection is needed, and none is saved.

pub(crate) mod args;
mod json;
mod text;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use engine::{
    Fault,
    clock::{Clock, SystemClock},
    on_gateway::{
        self, GatewayKey, OpenRequest, PracticeBundles, Refusal, SealedFile, SelfTestOptions, Shortfall,
        Standing, Stopped, TestPlan, TestRun, Trust,
    },
    settings::ProcessEnvironment,
};

use crate::{
    exit::Exit,
    output::{json_v1, text as out},
};
use args::{Action, Bundle, Checked};

pub(crate) async fn run(arguments: Bundle) -> Result<Exit, Fault> {
    match arguments.action {
        Action::Inspect(arguments) => inspect(&arguments),
        Action::Verify(arguments) => verify(&arguments),
        Action::Open(arguments) => open(&arguments).await,
        Action::Receipt(arguments) => receipt(&arguments),
        Action::Rollback(arguments) => roll_back(&arguments),
    }
}

fn inspect(arguments: &args::Inspect) -> Result<Exit, Fault> {
    let sealed = SealedFile::read(&arguments.file)?;
    let key = arguments.key.as_deref().map(on_gateway::read_key).transpose()?;
    let report = json::Report::new("inspect", Some(&sealed));
    match on_gateway::inspect(&sealed, key.as_ref()) {
        Ok(seen) if arguments.json => out::line(&json_v1::to_line(&report.seen(&seen))),
        Ok(seen) => text::seen(&sealed, &seen),
        Err(refusal) => return refused(refusal.into(), report, arguments.json),
    }
    Ok(Exit::Done)
}

fn verify(arguments: &args::Verify) -> Result<Exit, Fault> {
    let checked = &arguments.checked;
    let given = Given::of(checked)?;
    let into = arguments.to.as_deref().map(absolute).transpose()?;
    let report = json::Report::new("verify", Some(&given.sealed));
    let now = SystemClock.now();
    match on_gateway::verify(&given.sealed, &given.key, &given.trust(checked), into.as_deref(), now) {
        Ok(judged) if checked.json => out::line(&json_v1::to_line(&report.judged("verified", &judged))),
        Ok(judged) => text::verified(&judged),
        Err(stopped) => return refused(stopped, report, checked.json),
    }
    Ok(Exit::Done)
}

async fn open(arguments: &args::Open) -> Result<Exit, Fault> {
    let checked = &arguments.checked;
    let given = Given::of(checked)?;
    let into = absolute(&arguments.to)?;
    let options = SelfTestOptions {
        deadline: Duration::from_secs(arguments.deadline),
        user_agent: concat!("gatehouse/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let request = OpenRequest {
        sealed: &given.sealed,
        key: &given.key,
        trust: given.trust(checked),
        into: &into,
        test: match (arguments.self_test, arguments.force) {
            (false, _) => TestPlan::Skip,
            (true, false) => TestPlan::MustPass(&options),
            (true, true) => TestPlan::InstallAnyway(&options),
        },
    };
    let report = json::Report::new("open", Some(&given.sealed));
    let opened = match on_gateway::open(&request, &SystemClock).await {
        Ok(opened) => opened,
        Err(stopped) => return refused(stopped, report, checked.json),
    };
    if checked.json {
        out::line(&json_v1::to_line(&report.opened(&opened)));
    } else {
        text::opened(&opened, &into);
    }
    if let Some(path) = &arguments.receipt {
        match opened.receipt(&given.key) {
            Ok(receipt) => save_receipt(path, &opened.bundle.manifest.gateway, &receipt)?,
            Err(stopped) => {
                out::complain(&format!("No receipt was made. {}", fault_or_text(stopped)?));
                return Ok(Exit::Broken);
            }
        }
    }
    Ok(match (&opened.test, opened.standing) {
        (TestRun::Failed { shortfall: Shortfall::CouldNotTell, .. }, _) => Exit::Incomplete,
        (TestRun::Failed { .. }, _) | (_, Standing::HeldBack) => Exit::Broken,
        _ => Exit::Done,
    })
}

fn receipt(arguments: &args::Receipt) -> Result<Exit, Fault> {
    let from = absolute(&arguments.from)?;
    let installed = on_gateway::installed_manifest(&from)?;
    let fits = |key: &GatewayKey| key.recipient().fingerprint() == installed.recipient;
    let key = on_gateway::gateway_key(arguments.key.as_deref(), &ProcessEnvironment, fits)?;
    match on_gateway::receipt(&from, &key, SystemClock.now()) {
        Ok(receipt) => match &arguments.out {
            Some(path) => save_receipt(path, &installed.gateway, &receipt)?,
            None => out::line(String::from_utf8_lossy(&receipt).trim_end_matches('\n')),
        },
        Err(stopped) => return refused(stopped, json::Report::new("receipt", None), false),
    }
    Ok(Exit::Done)
}

fn roll_back(arguments: &args::Rollback) -> Result<Exit, Fault> {
    let report = json::Report::new("rollback", None);
    match on_gateway::roll_back(&absolute(&arguments.to)?, SystemClock.now()) {
        Ok(judged) if arguments.json => {
            out::line(&json_v1::to_line(&report.judged("rolled-back", &judged)));
        }
        Ok(judged) => text::rolled_back(&judged),
        Err(stopped) => return refused(stopped, report, arguments.json),
    }
    Ok(Exit::Done)
}

/// What `verify` and `open` are given, read.
struct Given {
    sealed: SealedFile,
    key: GatewayKey,
    signers: on_gateway::AllowedSigners,
}

impl Given {
    fn of(checked: &Checked) -> Result<Self, Fault> {
        let sealed = SealedFile::read(&checked.file)?;
        let signers = on_gateway::read_signers(&checked.signers).map_err(|fault| Fault {
            field: Some("--signers"),
            fix: format!("{} It is the allowed_signers that lies beside the sealed bundles.", fault.fix),
            ..fault
        })?;
        let key = on_gateway::key_for(&sealed, checked.key.as_deref(), &ProcessEnvironment)?;
        Ok(Self { sealed, key, signers })
    }

    fn trust<'a>(&'a self, checked: &'a Checked) -> Trust<'a> {
        Trust {
            signers: &self.signers,
            gateway: checked.gateway.as_ref(),
            practice: if checked.practice { PracticeBundles::Take } else { PracticeBundles::Refuse },
        }
    }
}

/// A bundle that is refused ends with 1; what this computer cannot do goes on as a fault.
fn refused(stopped: Stopped, report: json::Report<'_>, as_json: bool) -> Result<Exit, Fault> {
    let refusal = match stopped {
        Stopped::Refused(refusal) => with_flags(refusal),
        Stopped::Fault(fault) => return Err(fault),
    };
    if as_json {
        out::line(&json_v1::to_line(&report.refused(&refusal)));
    } else {
        out::complain(&format!("Refused, and nothing was written. {refusal}"));
    }
    Ok(Exit::Broken)
}

/// The engine knows no flags.
fn with_flags(mut refusal: Refusal) -> Refusal {
    if refusal.code == "practice" {
        refusal.text.push_str(" On a gateway for practice, add --practice.");
    }
    refusal
}

fn fault_or_text(stopped: Stopped) -> Result<String, Fault> {
    match stopped {
        Stopped::Refused(refusal) => Ok(refusal.text),
        Stopped::Fault(fault) => Err(fault),
    }
}

fn save_receipt(path: &Path, gateway: &on_gateway::GatewayName, receipt: &[u8]) -> Result<(), Fault> {
    let written = on_gateway::write_receipt(&absolute(path)?, gateway, receipt)?;
    out::note(&format!("The receipt was written to {}.", written.display()));
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf, Fault> {
    std::path::absolute(path)
        .map_err(|error| Fault::field("DIR", format!("It cannot be used: {error}."), "Give a folder."))
}
