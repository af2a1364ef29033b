//! What `gatehouse export` takes besides, for sealed bundles.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct SealedArguments {
    /// Seal a bundle for each gateway of the connection instead: gateway.json, gateway.env and the credential, which
    /// only the gateway's own key opens.
    #[arg(long, conflicts_with = "with_secret")]
    pub(crate) sealed: bool,
    /// Only for this gateway; may stand several times.
    #[arg(long, value_name = "NAME", requires = "sealed", conflicts_with = "unconfirmed")]
    pub(crate) gateway: Vec<String>,
    /// Only for gateways that have not confirmed the current credential.
    #[arg(long, requires = "sealed")]
    pub(crate) unconfirmed: bool,
    /// Sign with this OpenSSH key (ssh-keygen -t ed25519 -N '') instead of the one in the keychain.
    #[arg(long, value_name = "FILE", requires = "sealed")]
    pub(crate) signing_key: Option<PathBuf>,
    /// Write an Ansible inventory and playbook beside the bundles.
    #[arg(long, requires = "sealed")]
    pub(crate) ansible: bool,
    /// The last day on which the bundles are good, in UTC; at the latest that of the credential.
    #[arg(long, value_name = "DATE", requires = "sealed")]
    pub(crate) ends_on: Option<String>,
    /// Seal although the connection is not proven, or was proven more than 24 hours ago.
    #[arg(long, requires = "sealed")]
    pub(crate) unproven: bool,
}
