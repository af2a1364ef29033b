//! The arguments of `gatehouse profiles`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Profiles {
    #[command(subcommand)]
    pub(crate) action: Option<ProfilesAction>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesAction {
    /// Print a profile's file, as a start for one of your own.
    Show {
        /// The profile's id in the list.
        id: String,
    },
    /// Read a file as a profile, and say what is wrong with it.
    Check {
        /// The profile's file, TOML.
        file: PathBuf,
    },
    /// Take a profile over, so that connections can use it.
    Add {
        /// The profile's file, TOML.
        file: PathBuf,
        /// Replace the one of the same id.
        #[arg(long)]
        force: bool,
    },
    /// Print the JSON Schema of a profile's file.
    Schema,
}
