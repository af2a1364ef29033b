use std::path::PathBuf;

use clap::{Args, Subcommand};
use engine::on_gateway::GatewayName;

/// Where bundles are installed unless another folder is named. Windows has no such default: every account may read, and
/// add to, what lies in `C:\ProgramData`.
#[cfg(not(windows))]
const FOLDER: &str = "/etc/gatehouse";
#[cfg(not(windows))]
const SIGNERS: &str = "/etc/gatehouse/allowed_signers";

#[derive(Debug, Args)]
pub(crate) struct Bundle {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Tell what a sealed file says of itself; with the private key also what is inside. Proves nothing.
    Inspect(Inspect),
    /// Check a sealed file as `open` does, and write nothing.
    Verify(Verify),
    /// Check a sealed file, install its files in one step, and keep the earlier ones.
    Open(Open),
    /// Sign a receipt for the bundle that is installed.
    Receipt(Receipt),
    /// Go back to the earlier bundle.
    Rollback(Rollback),
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The sealed file, such as plant-3.tar.age.
    pub(crate) file: PathBuf,
    /// The gateway's private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a bundle is checked against.
#[derive(Debug, Args)]
pub(crate) struct Checked {
    /// The sealed file, such as plant-3.tar.age.
    pub(crate) file: PathBuf,
    /// The keys that may sign bundles, as Gatehouse writes them into allowed_signers.
    #[arg(long, value_name = "FILE")]
    #[cfg_attr(not(windows), arg(default_value = SIGNERS))]
    pub(crate) signers: PathBuf,
    /// The gateway's private key; without it, this computer's SSH host key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The gateway that the bundle has to be for; without it, that of the installed bundle.
    #[arg(long, value_name = "NAME", value_parser = gateway_name)]
    pub(crate) gateway: Option<GatewayName>,
    /// Take bundles of a practice tenant too.
    #[arg(long)]
    pub(crate) practice: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) checked: Checked,
    /// Compare with the bundle that is installed in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    #[command(flatten)]
    pub(crate) checked: Checked,
    /// The folder that gets `current`; it is made when it is not there.
    #[arg(long, value_name = "DIR")]
    #[cfg_attr(not(windows), arg(default_value = FOLDER))]
    pub(crate) to: PathBuf,
    /// Fetch a token and a page with the new files first, and switch to them only if that works.
    #[arg(long)]
    pub(crate) self_test: bool,
    /// Switch to them although the self-test fails.
    #[arg(long, requires = "self_test")]
    pub(crate) force: bool,
    /// Seconds that the self-test may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) deadline: u64,
    /// Write the signed receipt to this file, or into this folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// The folder that the bundle was opened into.
    #[arg(long, value_name = "DIR")]
    #[cfg_attr(not(windows), arg(default_value = FOLDER))]
    pub(crate) from: PathBuf,
    /// The gateway's private key; without it, this computer's SSH host key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Write it to this file, or into this folder, instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The folder that holds `current` and `previous`.
    #[arg(long, value_name = "DIR")]
    #[cfg_attr(not(windows), arg(default_value = FOLDER))]
    pub(crate) to: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

fn gateway_name(text: &str) -> Result<GatewayName, String> {
    GatewayName::new(text).map_err(|problem| format!("it {}. {}", problem.what, problem.fix))
}
