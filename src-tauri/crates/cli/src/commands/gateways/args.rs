//! The arguments of `gatehouse gateways`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::Target;

#[derive(Debug, Args)]
pub(crate) struct Gateways {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(subcommand)]
    pub(crate) action: Option<Action>,
    /// Print one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the gateways: key, newest bundle, and whether each has confirmed the current credential.
    #[command(override_usage = "gatehouse gateways [NAME] list [OPTIONS]")]
    List {
        /// Print the list as a table that can be imported again.
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Add a gateway, or change what is known of it.
    Add(Add),
    /// Give gateways their keys: from a .pub file, known_hosts, or what ssh-keyscan prints.
    Key(Key),
    /// Take a table over: CSV with a header of name, address, key, profile, outputs. Only name has to be there.
    Import(Import),
    /// Remove gateways from the list.
    #[command(override_usage = "gatehouse gateways [NAME] remove <GATEWAYS>... [OPTIONS]")]
    Remove {
        /// The gateways' names.
        #[arg(required = true)]
        gateways: Vec<String>,
    },
    /// Say that the list is whole again after its file was damaged: until then no old credential may be removed.
    #[command(override_usage = "gatehouse gateways [NAME] whole [OPTIONS]")]
    Whole,
    /// Take gateways' receipts: files, folders of them, or - for standard input.
    #[command(override_usage = "gatehouse gateways [NAME] receipt <FILE>... [OPTIONS]")]
    Receipt {
        /// The files or folders.
        #[arg(required = true, value_name = "FILE")]
        from: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse gateways [NAME] add <GATEWAY> [OPTIONS]")]
pub(crate) struct Add {
    /// The gateway's name, such as plant-3.
    pub(crate) gateway: String,
    /// Where it is: host or host:port.
    #[arg(long, value_name = "HOST")]
    pub(crate) address: Option<String>,
    /// File with its public SSH host key, or an age recipient.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// What its bundles hold besides what all hold; may stand several times. Without it, what the profile says.
    #[arg(long, value_name = "ID")]
    pub(crate) output: Vec<String>,
    /// Fingerprint of a new key that may take the place of the present one.
    #[arg(long, value_name = "SHA256:…", requires = "key")]
    pub(crate) confirm: Vec<String>,
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse gateways [NAME] key <FILE> [OPTIONS]")]
pub(crate) struct Key {
    /// The file; - reads standard input.
    #[arg(value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// The gateway that all keys in the file belong to. Without it, the host names in the file decide.
    #[arg(long, value_name = "NAME")]
    pub(crate) gateway: Option<String>,
    /// Pass over hosts that are no gateways yet, instead of making gateways of them.
    #[arg(long)]
    pub(crate) only_known: bool,
    /// Fingerprint of a new key that may take the place of a gateway's present one; may stand several times.
    #[arg(long, value_name = "SHA256:…")]
    pub(crate) confirm: Vec<String>,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(Debug, Args)]
#[command(override_usage = "gatehouse gateways [NAME] import <FILE> [OPTIONS]")]
pub(crate) struct Import {
    /// The file; - reads standard input.
    #[arg(value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Leave out rows that cannot be used, and take the others over.
    #[arg(long)]
    pub(crate) skip_faulty: bool,
    /// Fingerprint of a new key that may take the place of a gateway's present one; may stand several times.
    #[arg(long, value_name = "SHA256:…")]
    pub(crate) confirm: Vec<String>,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub(crate) preview: bool,
}
