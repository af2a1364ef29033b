//! `gatehouse check`: the chain of proof.

use engine::{
    CheckRequest, Fault, FaultCode, Gatehouse, Report,
    diagnosis::{AccountSignIn, Link, Verdict},
    words,
};

use crate::{
    args::{self, Check},
    connection,
    exit::Exit,
    output::{json_v1, progress::Spinner, text},
};

pub(crate) async fn run(arguments: Check) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    if arguments.all {
        return Box::pin(all(&engine, &arguments)).await;
    }
    let id = connection::chosen(&engine, &arguments.target)?.id;
    let started = engine.now();
    let report = match check(&engine, &id, &arguments).await.map_err(connection::with_flags) {
        Err(fault) if super::is_circumstance(&fault) => {
            let profile = engine.connection(&id)?.profile;
            if arguments.json {
                let answer = json_v1::Check::impossible(&profile, &fault, started, engine.now());
                text::line(&json_v1::to_line(&answer));
            }
            text::complain(&fault.to_string());
            return Ok(Exit::Incomplete);
        }
        judged => judged?,
    };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Check::of(&report, started, engine.now())));
    } else {
        text::report(&report);
    }
    Ok(exit(&report, arguments.strict))
}

async fn all(engine: &Gatehouse, arguments: &Check) -> Result<Exit, Fault> {
    let (saved, aside) = engine.connections()?;
    let mut worst = Exit::Done;
    for file in &aside {
        text::complain(&connection::damaged(file));
        worst = Exit::Incomplete;
    }
    let mut counts = Counts { saved: saved.len(), ..Counts::default() };
    let mut checked = Vec::with_capacity(saved.len());
    for known in saved {
        if known.practice {
            text::note(&format!(
                "{} was left out: its practice tenant runs only as long as the program it is in.",
                known.id
            ));
            continue;
        }
        let started = engine.now();
        let report = match check(engine, &known.id, arguments).await {
            Ok(report) => report,
            Err(mut fault) => {
                if fault.code == FaultCode::SecretGone {
                    fault.fix = format!("Give it with `gatehouse check {} --secret-file FILE`.", known.id);
                }
                text::complain(&format!("{}: {fault}", known.id));
                worst = worst.max(Exit::Incomplete);
                counts.incomplete += 1;
                let answer = json_v1::Check::impossible(&known.profile, &fault, started, engine.now());
                checked.push((known.id, answer));
                continue;
            }
        };
        worst = worst.max(exit(&report, arguments.strict));
        counts.add(report.chain.verdict);
        if !arguments.json {
            text::report(&report);
        }
        checked.push((known.id, json_v1::Check::of(&report, started, engine.now())));
    }
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::CheckAll::of(checked)));
    } else {
        text::line(&counts.sentence());
    }
    // A scheduler with another data folder must not take silence for health.
    Ok(if counts.checked() == 0 { worst.max(Exit::Incomplete) } else { worst })
}

/// What became of the saved connections.
#[derive(Default)]
struct Counts {
    saved: usize,
    proven: usize,
    attention: usize,
    incomplete: usize,
    broken: usize,
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Proven => self.proven += 1,
            Verdict::Attention => self.attention += 1,
            Verdict::Incomplete => self.incomplete += 1,
            Verdict::Broken => self.broken += 1,
        }
    }

    fn checked(&self) -> usize {
        self.proven + self.attention + self.incomplete + self.broken
    }

    fn sentence(&self) -> String {
        let all = words::count(self.saved, "saved connection", "saved connections");
        if self.checked() == 0 {
            return format!("Nothing was checked, of {all}.");
        }
        let kinds = [
            (self.proven, "proven"),
            (self.attention, "working, with something that needs attention"),
            (self.incomplete, "not checked to the end"),
            (self.broken, "broken"),
        ];
        let told: Vec<String> = kinds
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        format!("{} of {all} checked: {}.", self.checked(), told.join("; "))
    }
}

async fn check(engine: &Gatehouse, id: &str, arguments: &Check) -> Result<Report, Fault> {
    let (started, deadline) = (engine.now(), args::seconds(arguments.deadline));
    let request = CheckRequest {
        through: Link::Gateway,
        consent_wait: args::seconds(arguments.consent_wait),
        deadline,
        patience: deadline,
        account: connection::account(
            arguments.device_code,
            arguments.target.name.is_none() && !arguments.all,
        ),
    };
    let profile = engine.profiles().get(&engine.connection(id)?.profile)?;
    let uses_account = profile.sign_in_account.is_some();
    match &request.account {
        Some(AccountSignIn::Password { .. }) if uses_account => text::note(
            "The sign-in account is tried with its password, which no second factor protects. --device-code is safer.",
        ),
        Some(AccountSignIn::DeviceCode { .. }) if !uses_account => {
            text::note(
                "--device-code has no use here: the gateway of this profile signs in as the app alone.",
            );
        }
        _ => {}
    }
    let spinner = Spinner::start(arguments.json);
    let connection = {
        let checking = engine.check(id, request, &spinner);
        tokio::pin!(checking);
        tokio::select! {
            checked = &mut checking => checked?,
            _ = tokio::signal::ctrl_c() => {
                engine.cancel(id);
                checking.await?
            }
        }
    };
    drop(spinner);
    if connection.checked_at.is_none_or(|at| at < started) {
        return Err(Fault::new(FaultCode::Cancelled, "You stopped the check.", "Run it again."));
    }
    let report = engine.judge(connection)?;
    super::keep_run(engine, &report, started);
    Ok(report)
}

/// What a judged connection ends with.
pub(crate) fn exit(report: &Report, strict: bool) -> Exit {
    match report.chain.verdict {
        Verdict::Proven => Exit::Done,
        Verdict::Attention if strict => Exit::Attention,
        Verdict::Attention => Exit::Done,
        Verdict::Incomplete => Exit::Incomplete,
        Verdict::Broken => Exit::Broken,
    }
}
