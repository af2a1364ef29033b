//! Reminders of credentials that end, as notifications of the desktop while the window runs.

use std::{sync::Arc, time::Duration};

use engine::{Gatehouse, reminders::Reminder};

/// Where notifications are shown.
pub trait Notices: Send + Sync + 'static {
    /// Shows one. It may wait for the desktop.
    ///
    /// # Errors
    /// It was not shown; then it is tried again later.
    fn show(&self, title: &str, text: &str) -> Result<(), String>;
}

/// The notifications of this desktop.
#[derive(Clone, Copy, Debug, Default)]
pub struct DesktopNotices;

impl Notices for DesktopNotices {
    fn show(&self, title: &str, text: &str) -> Result<(), String> {
        let mut notice = notify_rust::Notification::new();
        notice.appname("Gatehouse").summary(title).body(text);
        // The id that the installer gives to the shortcut; without one, Windows shows notices as those of PowerShell.
        #[cfg(windows)]
        if !cfg!(debug_assertions) {
            notice.app_id("org.gatehouse.desktop");
        }
        notice.show().map(drop).map_err(|error| error.to_string())
    }
}

/// A day that begins while the window is open is noticed within the hour.
const EVERY: Duration = Duration::from_secs(3600);

/// Shows what is due now, and then what becomes due, until the program ends.
pub async fn remind(engine: Gatehouse, notices: impl Notices) {
    let notices: Arc<dyn Notices> = Arc::new(notices);
    let mut hours = tokio::time::interval(EVERY);
    loop {
        hours.tick().await;
        let (engine, notices) = (engine.clone(), Arc::clone(&notices));
        // Neither a desktop that does not answer nor a file that cannot be read ends the reminders.
        tokio::task::spawn_blocking(move || remind_once(&engine, &*notices)).await.ok();
    }
}

/// Shows what is due, and remembers what was shown.
fn remind_once(engine: &Gatehouse, notices: &dyn Notices) {
    let Ok(due) = engine.due_reminders() else { return };
    let shown: Vec<Reminder> =
        due.into_iter().filter(|one| notices.show(&one.title(), &one.says()).is_ok()).collect();
    if !shown.is_empty() {
        // What cannot be remembered is shown once more, which does no harm.
        engine.reminded(&shown).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    };

    use engine::{
        CertificateOrder, Cloud, Endpoints, KeepKey, KeySize, NewConnection, Setup, clock::Clock,
        vault::MemoryVault,
    };
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[derive(Default)]
    struct Fake {
        shown: Mutex<Vec<String>>,
        broken: AtomicBool,
    }

    impl Notices for Arc<Fake> {
        fn show(&self, title: &str, text: &str) -> Result<(), String> {
            if self.broken.load(Ordering::SeqCst) {
                return Err("no desktop".to_owned());
            }
            self.shown.lock().unwrap().push(format!("{title}. {text}"));
            Ok(())
        }
    }

    /// So many hours after a fixed moment.
    #[derive(Default)]
    struct Hours(AtomicI64);

    impl Clock for Hours {
        fn now(&self) -> Timestamp {
            let begin: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
            begin + SignedDuration::from_hours(self.0.load(Ordering::SeqCst))
        }
    }

    fn engine(home: &std::path::Path, clock: &Arc<Hours>, practice: bool) -> Gatehouse {
        let engine = Gatehouse::new(Setup {
            home: home.to_owned(),
            keychain: Arc::new(MemoryVault::default()),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            user_agent: "test".to_owned(),
        });
        let endpoints = Endpoints::of(Cloud::Global);
        let new = NewConnection { name: "Contoso print".to_owned(), endpoints, practice, ca_file: None };
        let id = engine.create(new).unwrap().id;
        let order = CertificateOrder { days: 32, key_size: KeySize::Rsa2048, keep: KeepKey::Session };
        engine.make_certificate(&id, &order).unwrap();
        engine
    }

    #[test]
    fn each_reminder_is_shown_once_also_after_a_restart() {
        let home = tempfile::tempdir().unwrap();
        let (clock, fake) = (Arc::new(Hours::default()), Arc::new(Fake::default()));
        let engine = engine(home.path(), &clock, false);
        for hour in 0..24 * 30 {
            clock.0.store(hour, Ordering::SeqCst);
            remind_once(&engine, &fake);
        }
        let shown = fake.shown.lock().unwrap().clone();
        let lefts = [60, 30, 14, 7].map(|_| "Contoso print: the certificate ends in ");
        assert_eq!(shown.len(), lefts.len(), "{shown:?}");
        assert!(shown.iter().all(|line| line.starts_with(lefts[0])), "{shown:?}");
        assert!(shown[0].contains("Rotate it while both work"));
    }

    #[test]
    fn what_the_desktop_did_not_show_comes_again() {
        let home = tempfile::tempdir().unwrap();
        let (clock, fake) = (Arc::new(Hours::default()), Arc::new(Fake::default()));
        let engine = engine(home.path(), &clock, false);
        fake.broken.store(true, Ordering::SeqCst);
        remind_once(&engine, &fake);
        fake.broken.store(false, Ordering::SeqCst);
        remind_once(&engine, &fake);
        remind_once(&engine, &fake);
        assert_eq!(fake.shown.lock().unwrap().len(), 1);
    }

    #[test]
    fn practice_reminds_of_nothing() {
        let home = tempfile::tempdir().unwrap();
        let (clock, fake) = (Arc::new(Hours::default()), Arc::new(Fake::default()));
        remind_once(&engine(home.path(), &clock, true), &fake);
        assert!(fake.shown.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_look_comes_at_once_and_the_next_within_the_hour() {
        let home = tempfile::tempdir().unwrap();
        let (clock, fake) = (Arc::new(Hours::default()), Arc::new(Fake::default()));
        let running = tokio::spawn(remind(engine(home.path(), &clock, false), Arc::clone(&fake)));
        let shown = || fake.shown.lock().unwrap().len();
        while shown() < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        clock.0.store(24 * 3, Ordering::SeqCst);
        while shown() < 2 {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        running.abort();
    }
}
