//! One file per command.

pub(crate) mod bundle;
pub(crate) mod certificate;
mod check;
mod connections;
mod explain;
pub(crate) mod export;
pub(crate) mod gateways;
mod onboard;
mod practice;
pub(crate) mod profiles;
mod report;
pub(crate) mod rotate;
pub(crate) mod schedule;
mod sync;

use engine::{Fault, FaultCode, Gatehouse, Report};

use crate::{
    args::{Arguments, Command},
    exit::Exit,
    output::text,
};

/// Runs a command; what it cannot do is said on standard error.
pub(crate) async fn run(arguments: Arguments) -> Exit {
    let ended = match arguments.command {
        Command::Onboard(arguments) => Box::pin(onboard::run(arguments)).await,
        Command::Check(arguments) => Box::pin(check::run(arguments)).await,
        Command::Sync(arguments) => Box::pin(sync::run(arguments)).await,
        Command::Export(arguments) => Box::pin(export::run(arguments)).await,
        Command::Gateways(arguments) => gateways::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Connections(arguments) => connections::run(&arguments),
        Command::Certificate(arguments) => certificate::run(&arguments),
        Command::Profiles(arguments) => profiles::run(&arguments),
        Command::Bundle(arguments) => Box::pin(bundle::run(arguments)).await,
        Command::Rotate(arguments) => Box::pin(rotate::run(arguments)).await,
        Command::Schedule(arguments) => schedule::run(&arguments),
        Command::Practice(arguments) => practice::run(arguments).await,
    };
    ended.unwrap_or_else(|fault| {
        text::complain(&fault.to_string());
        exit_for(&fault)
    })
}

/// Something of this computer's, not of the command line: it ends with 3 and an answer, not with 2.
fn is_circumstance(fault: &Fault) -> bool {
    matches!(
        fault.code,
        FaultCode::NotReady
            | FaultCode::SecretGone
            | FaultCode::KeychainMissing
            | FaultCode::KeychainLocked
            | FaultCode::Busy
            | FaultCode::Quarantined
            | FaultCode::Cancelled
            | FaultCode::StorageFailed
            | FaultCode::StorageFull
    )
}

fn exit_for(fault: &Fault) -> Exit {
    match fault.code {
        FaultCode::InvalidInput
        | FaultCode::UnknownConnection
        | FaultCode::AlreadyThere
        | FaultCode::NotReady
        | FaultCode::SecretGone
        | FaultCode::StoreDamaged
        | FaultCode::StorageFailed => Exit::Usage,
        FaultCode::Busy
        | FaultCode::Quarantined
        | FaultCode::Cancelled
        | FaultCode::KeychainMissing
        | FaultCode::KeychainLocked
        | FaultCode::StorageFull
        | FaultCode::Network => Exit::Incomplete,
        FaultCode::Internal => Exit::Fault,
    }
}

/// Keeps a finished check or sync for comparison; when that fails, what was found still counts.
fn keep_run(engine: &Gatehouse, report: &Report, started: jiff::Timestamp) {
    if let Err(fault) = engine.record_run(report, seconds_between(started, engine.now())) {
        text::complain(&format!("This run was not kept for comparison. {fault}"));
    }
}

/// Seconds between two times.
pub(crate) fn seconds_between(from: jiff::Timestamp, until: jiff::Timestamp) -> f64 {
    until.duration_since(from).as_secs_f64()
}
