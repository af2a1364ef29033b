//! Arguments of `gatehouse certificate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Makes, imports or shows the certificate of a connection.
#[derive(Debug, Args)]
#[command(override_usage = "gatehouse certificate <NAME> <COMMAND> [OPTIONS]")]
pub(crate) struct Certificate {
    /// A saved connection.
    pub(crate) name: Option<String>,
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Make a key and a certificate here. Only the .cer file is uploaded; the key stays.
    New(New),
    /// Keep a certificate that comes with its key, from a PFX or PEM file.
    Import(Import),
    /// Show the certificate in use, and compare its thumbprint with the portal’s.
    Show(Show),
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse certificate <NAME> new --cer <FILE> [OPTIONS]")]
pub(crate) struct New {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Days that it is valid.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
    pub(crate) days: u16,
    /// Length of its RSA key.
    #[arg(long, value_name = "BITS", default_value = "3072", value_parser = ["2048", "3072", "4096"])]
    pub(crate) bits: String,
    #[command(flatten)]
    pub(crate) keep: Keep,
    /// Save the public part here, for Upload certificate in the portal.
    #[arg(long, value_name = "FILE")]
    pub(crate) cer: PathBuf,
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse certificate <NAME> import --from <FILE> [OPTIONS]")]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) named: Named,
    /// The PFX or PEM file with certificate and key.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Read the file’s password from here; without it, it is asked for where one is needed.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keep: Keep,
    /// Save the public part here as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) cer: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse certificate <NAME> show [OPTIONS]")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) named: Named,
    /// The thumbprint that the portal shows, in any spelling.
    #[arg(long, value_name = "THUMBPRINT")]
    pub(crate) compare: Option<String>,
    /// Save the public part here.
    #[arg(long, value_name = "FILE")]
    pub(crate) cer: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The name after the verb, as scripts have it from before it stood in front.
#[derive(Debug, Args)]
pub(crate) struct Named {
    #[arg(hide = true)]
    pub(crate) name: Option<String>,
}

/// Where the private key is kept.
#[derive(Debug, Args)]
pub(crate) struct Keep {
    /// Keep the private key in this new file, readable by you only.
    #[arg(long, value_name = "FILE", conflicts_with = "keychain")]
    pub(crate) key_file: Option<PathBuf>,
    /// Keep the private key in the keychain. This is the default.
    #[arg(long)]
    pub(crate) keychain: bool,
}
