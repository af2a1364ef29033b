//! Arguments of `gatehouse schedule`.

use std::path::PathBuf;

use clap::Args;

/// Reminds of a credential's end, and lets the system's own scheduler check every connection each day.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false))]
pub(crate) struct Schedule {
    /// The connection whose credential's end is written; with --ics.
    #[arg(requires = "ics", conflicts_with_all = ["systemd", "task_scheduler", "cron"])]
    pub(crate) name: Option<String>,
    /// Write the end of a connection's credential as a calendar file, with reminders.
    #[arg(long, value_name = "FILE", group = "what", requires = "name")]
    pub(crate) ics: Option<PathBuf>,
    /// Write a systemd service and timer into this folder, such as ~/.config/systemd/user.
    #[arg(long, value_name = "DIR", group = "what")]
    pub(crate) systemd: Option<PathBuf>,
    /// Write a task for Windows' Task Scheduler, XML in UTF-16.
    #[arg(long, value_name = "FILE", group = "what")]
    pub(crate) task_scheduler: Option<PathBuf>,
    /// Print a line for a crontab.
    #[arg(long, group = "what")]
    pub(crate) cron: bool,
    /// Replace files that are there already.
    #[arg(long)]
    pub(crate) force: bool,
}
