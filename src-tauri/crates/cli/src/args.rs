//! The command line. Secrets are never arguments: they come by environment, prompt, file or standard input.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

/// Connects gateways to Microsoft Entra ID: proves an app registration with a real token and a real directory sync,
/// and writes the gateway config.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version, after_help = ENVIRONMENT, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const ENVIRONMENT: &str = "\
Without a connection's name, these variables make one: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET or \
AZURE_CLIENT_CERTIFICATE_PATH (and AZURE_CLIENT_CERTIFICATE_PASSWORD), AZURE_AUTHORITY_HOST; AZURE_USERNAME and \
AZURE_PASSWORD are the gateway's sign-in account, where its profile has one. GATEHOUSE_HOME moves all data. \
HTTPS_PROXY and NO_PROXY are honoured, NO_COLOR too.

A connection's name stands right behind the command: gatehouse rotate NAME begin.

Exit codes: 0 proven or done, 1 broken, 2 usage, 3 incomplete, 4 attention (with --strict), 70 a fault of Gatehouse.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lead through the ten steps in the terminal.
    Onboard(Onboard),
    /// Check a connection, link by link, for real.
    Check(Check),
    /// Read users, groups and memberships to their end, and count them.
    Sync(Sync),
    /// Write the gateway config of a connection.
    Export(Export),
    /// Explain a finding, a number, an error, a log, a redirect address or a token. Offline.
    Explain(Explain),
    /// Write a report about a connection: what is known, without sending anything.
    Report(Report),
    /// List the saved connections, or remove one.
    Connections(Connections),
    /// Make, import or show the certificate of a connection.
    Certificate(crate::commands::certificate::args::Certificate),
    /// List the gateway profiles, or take over one of your own.
    Profiles(crate::commands::profiles::args::Profiles),
    /// Replace the credential of a connection without a gap.
    Rotate(crate::commands::rotate::args::Rotate),
    /// Remind of an end, and let the system’s scheduler check every day.
    Schedule(crate::commands::schedule::args::Schedule),
    /// On a gateway: look at, check and open a sealed bundle, and answer for it.
    Bundle(crate::commands::bundle::args::Bundle),
    /// The gateways of a connection: their keys, their bundles, and what they answered.
    Gateways(crate::commands::gateways::args::Gateways),
    /// Serve a practice tenant: a local Entra ID and Microsoft Graph on loopback.
    Practice(Practice),
}

/// Which connection, or how to make one.
#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    /// A saved connection; without it, the AZURE_* variables are used.
    pub(crate) name: Option<String>,
    /// Gateway profile.
    #[arg(long, value_name = "ID")]
    pub(crate) profile: Option<String>,
    /// Sign-in origin on loopback, such as https://localhost:8443.
    #[arg(long, value_name = "ORIGIN", requires = "graph")]
    pub(crate) authority: Option<String>,
    /// Microsoft Graph origin on loopback.
    #[arg(long, value_name = "ORIGIN", requires = "authority")]
    pub(crate) graph: Option<String>,
    /// Extra trust anchors, a PEM file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Read the client secret from this file.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Read the client secret from standard input.
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Check every saved connection.
    #[arg(long, conflicts_with_all = ["name", "profile", "authority", "graph", "ca_file", "secret_file", "secret_stdin"])]
    pub(crate) all: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// End with 4 when something needs attention.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Seconds to go on asking for fresh tokens while roles are missing.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) consent_wait: u64,
    /// Seconds that everything together may take, but for waiting for roles.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) deadline: u64,
    /// Try the gateway's sign-in account as well: somebody enters a code in a browser. Without it, AZURE_USERNAME and
    /// AZURE_PASSWORD are tried where they are set.
    #[arg(long)]
    pub(crate) device_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Read everything from the start. This is the default.
    #[arg(long, conflicts_with = "delta")]
    pub(crate) full: bool,
    /// Read what changed since the last complete sync; everything where that cannot be told any more.
    #[arg(long)]
    pub(crate) delta: bool,
    /// Go on where a sync that did not come to its end has stopped.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Say what a full sync will cost, and read nothing.
    #[arg(long, conflicts_with_all = ["full", "delta", "resume", "out", "accept_removals"])]
    pub(crate) forecast: bool,
    /// Agree that so many users, groups and memberships go, after a sync was held back because of them.
    #[arg(long, value_name = "NUMBER", requires = "resume")]
    pub(crate) accept_removals: Option<u64>,
    /// Before the sync, forget what holds it back or what it goes on from.
    #[arg(long, value_name = "WHAT", value_enum, conflicts_with = "forecast")]
    pub(crate) restart: Option<Restart>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write what was read to this SQLite file, also when it is partial.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Seconds without any successful answer after which the read gives up.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
}

/// What a restart forgets, as the portal's provisioning names it.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Restart {
    /// How often it failed.
    Escalations,
    /// The pause after repeated failures.
    Quarantine,
    /// What changes are counted from: everything is read.
    Watermarks,
    /// All of it.
    All,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Folder to write to: gateway.json, gateway.env and the schema, or the sealed bundles.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Put the client secret into gateway.env.
    #[arg(long)]
    pub(crate) with_secret: bool,
    /// Replace files that are there already.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) sealed: crate::commands::export::args::SealedArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A finding's id, a number such as AADSTS7000215, a code, an address or a text; - reads standard input.
    #[arg(required_unless_present = "list")]
    pub(crate) what: Option<String>,
    /// List the ids of all findings.
    #[arg(long, conflicts_with = "what")]
    pub(crate) list: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A saved connection; without it, the only one that is saved.
    pub(crate) name: Option<String>,
    /// How it is written; without it, what the file's ending says, else HTML.
    #[arg(long, value_enum)]
    pub(crate) format: Option<ReportFormat>,
    /// Write it to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file when it is there already.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Tell tenant, client and object IDs whole.
    #[arg(long)]
    pub(crate) full_ids: bool,
    /// Tell names of people, groups and folders, and what services said in their own words.
    #[arg(long)]
    pub(crate) with_names: bool,
    /// End with 4 when something needs attention.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum ReportFormat {
    /// One file for a browser or for paper.
    Html,
    /// For a ticket or a wiki.
    Markdown,
    /// For programs, gatehouse.report/1.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Connections {
    #[command(subcommand)]
    pub(crate) action: Option<ConnectionsAction>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsAction {
    /// Remove a connection with its secret, its stored directory and its earlier runs.
    Remove {
        /// The connection's name in the list.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Onboard {
    /// Go on with this connection instead of beginning a new one.
    pub(crate) name: Option<String>,
    /// Use a practice tenant that runs only as long as this command.
    #[arg(long)]
    pub(crate) practice: bool,
    /// Take every proposed answer; needs no keyboard.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Folder to write the gateway config to.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Practice {
    /// Address of the sign-in endpoint; loopback only.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// What is wrong with the tenant.
    #[arg(long, value_name = "ID", default_value = "healthy")]
    pub(crate) scenario: practice::Scenario,
    /// Number of users.
    #[arg(long, value_name = "N")]
    pub(crate) users: Option<u32>,
    /// Number of groups.
    #[arg(long, value_name = "N")]
    pub(crate) groups: Option<u32>,
    /// Number of direct memberships in all.
    #[arg(long, value_name = "N")]
    pub(crate) members: Option<u32>,
    /// Seed of the population.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Milliseconds before each answer.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Resource units per ten seconds; beyond them, requests are answered with 429.
    #[arg(long, value_name = "UNITS")]
    pub(crate) quota: Option<u32>,
    /// PEM file with the certificate that the app registration has beside its secret.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Print the facts as one JSON object on the first line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Seconds from the command line.
pub(crate) fn seconds(value: u64) -> Duration {
    Duration::from_secs(value)
}
