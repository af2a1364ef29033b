//! Arguments of `gatehouse rotate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::commands::certificate::args::Keep;

/// Replaces the credential of a connection without a gap: the old one works until every gateway has the new one.
#[derive(Debug, Args)]
#[command(override_usage = "gatehouse rotate <NAME> [COMMAND] [OPTIONS]")]
pub(crate) struct Rotate {
    /// A saved connection.
    pub(crate) name: String,
    #[command(subcommand)]
    pub(crate) action: Option<Action>,
    /// Print one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Say how far the rotation has come, and which gateway holds what. This is the default.
    Status,
    /// Enter the new credential. The old one stays in use until the new one is proven.
    Begin(Begin),
    /// Try the new credential for real: token, roles and a look at the directory. It is in use from then on.
    Prove,
    /// Name gateways whose receipt is not waited for. The list replaces an earlier one.
    Except {
        /// The gateways' names; none takes all exceptions back.
        gateways: Vec<String>,
        /// All that have the new credential and did not try it, as after opening a bundle with stock tools.
        #[arg(long)]
        untested: bool,
    },
    /// Ask Entra ID whether it still takes the old credential, after you removed it in the portal.
    Look,
    /// End the rotation on your word, where Entra ID could not be asked.
    Finish,
    /// Give the rotation up; after it was proven, go back to the old credential if Entra ID accepts that one now.
    Abandon {
        /// Go back also where it cannot be told whether the old one works. The new one is kept beside it.
        #[arg(long)]
        old_unproven: bool,
    },
}

/// The new credential: a client secret, unless a flag asks for a certificate. A secret comes by prompt, file or standard
/// input, never as an argument.
#[derive(Debug, Args)]
pub(crate) struct Begin {
    /// Read the new client secret from this file.
    #[arg(long, value_name = "FILE", group = "credential")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Read the new client secret from standard input.
    #[arg(long, group = "credential")]
    pub(crate) secret_stdin: bool,
    /// The day on which the new secret ends, such as 2027-05-19.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["certificate", "from"])]
    pub(crate) ends_on: Option<String>,
    /// Make a key and a certificate here, and save its public part in --cer for the portal.
    #[arg(long, group = "credential", requires = "cer")]
    pub(crate) certificate: bool,
    /// Take a certificate with its key from this PFX or PEM file.
    #[arg(long, value_name = "FILE", group = "credential")]
    pub(crate) from: Option<PathBuf>,
    /// Read that file’s password from here; without it, it is asked for where one is needed.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(crate) password_file: Option<PathBuf>,
    /// Days that a certificate made here is valid.
    #[arg(long, value_name = "N", default_value_t = 365, requires = "certificate", value_parser = clap::value_parser!(u16).range(1..=730))]
    pub(crate) days: u16,
    /// Length of its RSA key.
    #[arg(long, value_name = "BITS", default_value = "3072", requires = "certificate", value_parser = ["2048", "3072", "4096"])]
    pub(crate) bits: String,
    #[command(flatten)]
    pub(crate) keep: Keep,
    /// Save the new certificate’s public part here, for Upload certificate in the portal.
    #[arg(long, value_name = "FILE")]
    pub(crate) cer: Option<PathBuf>,
}
