//! Progress on a terminal; nothing when it is piped.

use std::time::Duration;

use engine::{
    diagnosis::{ConsentTry, DeviceCodeShown, Link, ProbeWatcher},
    evidence::Tally,
    sync::{SyncPhase, SyncProgress, SyncWatcher},
};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

const EVERY: Duration = Duration::from_millis(100);

/// Says which link is being tried.
pub(crate) struct Spinner {
    bar: ProgressBar,
}

impl Spinner {
    pub(crate) fn start(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        bar.enable_steady_tick(EVERY);
        Self { bar }
    }
}

impl ProbeWatcher for Spinner {
    fn looking_at(&self, link: Link) {
        self.bar.set_message(format!("Trying {}", link.name()));
    }

    fn device_code(&self, shown: &DeviceCodeShown) {
        self.bar.suspend(|| show_device_code(shown));
    }

    fn not_yet(&self, next_in: Duration) {
        let says = format!("Entra ID does not know it yet, next try in {} s", next_in.as_secs());
        if self.bar.is_hidden() {
            // It takes up to a minute, and a log without a line of it looks stuck.
            super::text::note(&format!("{says}."));
        }
        self.bar.set_message(says);
    }

    fn consent_try(&self, attempt: &ConsentTry) {
        let next =
            attempt.next_in.map_or_else(String::new, |wait| format!(", next try in {} s", wait.as_secs()));
        self.bar.set_message(format!(
            "Fresh token {}: {} missing{next}",
            attempt.number,
            attempt.missing.join(", ")
        ));
    }
}

/// Wherever standard output goes, somebody has to see the code.
fn show_device_code(shown: &DeviceCodeShown) {
    super::text::note(&format!("Open {} and enter {}.", shown.address, shown.user_code));
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// One bar for each kind of thing that is read.
pub(crate) struct SyncBars {
    all: MultiProgress,
    users: ProgressBar,
    groups: ProgressBar,
    memberships: ProgressBar,
}

impl SyncBars {
    pub(crate) fn start(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let all = MultiProgress::with_draw_target(target);
        let bar = |name: &'static str| {
            let style =
                ProgressStyle::with_template("{prefix:<12} {bar:32} {human_pos} of {human_len} {msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
            all.add(ProgressBar::new(0).with_style(style).with_prefix(name))
        };
        let (users, groups, memberships) = (bar("Users"), bar("Groups"), bar("Members of"));
        Self { all, users, groups, memberships }
    }
}

impl SyncWatcher for SyncBars {
    fn progress(&self, progress: &SyncProgress) {
        let set = |bar: &ProgressBar, tally: Tally| {
            bar.set_length(tally.counted.unwrap_or(tally.read).max(tally.read));
            bar.set_position(tally.read);
        };
        set(&self.users, progress.users);
        set(&self.groups, progress.groups);
        set(&self.memberships, Tally { read: progress.groups_done, counted: Some(progress.groups.read) });
        let message = match (progress.waiting, progress.phase) {
            (Some(wait), _) => format!("groups · Microsoft asked us to wait {} s", wait.as_secs()),
            (None, SyncPhase::Storing) => "groups · comparing and storing".to_owned(),
            (None, SyncPhase::Changes) => format!("groups · {} changes", progress.changed),
            (None, _) => "groups".to_owned(),
        };
        self.memberships.set_message(message);
    }
}

impl Drop for SyncBars {
    fn drop(&mut self) {
        // A terminal that has gone away needs no clearing.
        self.all.clear().ok();
    }
}
