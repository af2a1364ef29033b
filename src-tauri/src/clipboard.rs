//! A secret that was pasted here does not stay on the clipboard.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// How long a pasted secret may stay.
pub(crate) const STAYS: Duration = Duration::from_secs(60);

/// The clipboard of the desktop. It is asked at one moment only: when a pasted secret's time is over, or the program ends.
pub(crate) trait Clipboard: Send {
    /// The text on it, when there is one.
    fn text(&mut self) -> Option<Zeroizing<String>>;
    /// Takes away whatever is on it.
    fn clear(&mut self);
}

/// Clears the clipboard some time after a secret was pasted, and at the latest when the program ends, if the secret is
/// still on it.
pub(crate) struct ClipboardGuard {
    clipboard: Arc<Mutex<dyn Clipboard>>,
    last: Arc<Mutex<LastPaste>>,
}

/// Only the last paste's time runs.
#[derive(Default)]
struct LastPaste {
    number: u64,
    /// What was pasted, as long as it may be on the clipboard.
    secret: Option<SecretString>,
}

impl ClipboardGuard {
    pub(crate) fn new(clipboard: impl Clipboard + 'static) -> Self {
        Self { clipboard: Arc::new(Mutex::new(clipboard)), last: Arc::default() }
    }

    /// A secret was pasted: its time begins.
    pub(crate) fn pasted(&self, secret: SecretString) {
        let number = {
            let mut last = lock(&self.last);
            *last = LastPaste { number: last.number + 1, secret: Some(secret) };
            last.number
        };
        let (clipboard, last) = (self.clipboard.clone(), self.last.clone());
        tokio::spawn(async move {
            tokio::time::sleep(STAYS).await;
            let due = {
                let mut last = lock(&last);
                if last.number == number { last.secret.take() } else { None }
            };
            let Some(secret) = due else { return };
            let look = move || clear_if_still_there(&clipboard, &secret);
            // The clipboard's owner is another program, which may take its time to answer.
            tokio::task::spawn_blocking(look).await.ok();
        });
    }

    /// The program ends: what was pasted has no time left.
    pub(crate) fn leave(&self) {
        let due = lock(&self.last).secret.take();
        if let Some(secret) = due {
            clear_if_still_there(&self.clipboard, &secret);
        }
    }
}

fn clear_if_still_there(clipboard: &Mutex<dyn Clipboard>, secret: &SecretString) {
    let mut clipboard = lock(clipboard);
    // White space comes and goes between a clipboard and a field of one line.
    let is_ours = |text: &Zeroizing<String>| text.trim() == secret.expose_secret().trim();
    if clipboard.text().as_ref().is_some_and(is_ours) {
        clipboard.clear();
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The desktop's own clipboard; opened when it is first needed, and kept, because on X11 its owner has to stay.
#[derive(Default)]
pub(crate) struct DesktopClipboard {
    opened: Option<arboard::Clipboard>,
}

impl DesktopClipboard {
    fn open(&mut self) -> Option<&mut arboard::Clipboard> {
        if self.opened.is_none() {
            self.opened = arboard::Clipboard::new().ok();
        }
        self.opened.as_mut()
    }
}

impl Clipboard for DesktopClipboard {
    fn text(&mut self) -> Option<Zeroizing<String>> {
        self.open()?.get_text().ok().map(Zeroizing::new)
    }

    fn clear(&mut self) {
        if let Some(clipboard) = self.open() {
            clipboard.clear().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Fake(Arc<Mutex<Seen>>);

    #[derive(Default)]
    struct Seen {
        text: Option<String>,
        reads: u32,
        clears: u32,
    }

    impl Clipboard for Fake {
        fn text(&mut self) -> Option<Zeroizing<String>> {
            let mut seen = self.0.lock().unwrap();
            seen.reads += 1;
            seen.text.clone().map(Zeroizing::new)
        }

        fn clear(&mut self) {
            let mut seen = self.0.lock().unwrap();
            seen.clears += 1;
            seen.text = None;
        }
    }

    impl Fake {
        fn holding(text: &str) -> Self {
            let fake = Self::default();
            fake.put(text);
            fake
        }

        fn put(&self, text: &str) {
            self.0.lock().unwrap().text = Some(text.to_owned());
        }

        /// What is on it, how often it was read, and how often it was cleared.
        fn now(&self) -> (Option<String>, u32, u32) {
            let seen = self.0.lock().unwrap();
            (seen.text.clone(), seen.reads, seen.clears)
        }
    }

    /// Lets the time go on, and what is due happen.
    async fn wait(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        for _ in 0..50 {
            tokio::task::spawn_blocking(|| {}).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_secret_that_is_still_there_is_cleared_after_its_time_and_not_looked_at_before() {
        let fake = Fake::holding("value~1\n");
        let guard = ClipboardGuard::new(fake.clone());
        assert_eq!(fake.now().1, 0);
        guard.pasted(SecretString::from("value~1"));
        wait(59).await;
        assert_eq!(fake.now(), (Some("value~1\n".to_owned()), 0, 0));
        wait(2).await;
        assert_eq!(fake.now(), (None, 1, 1));
        wait(600).await;
        assert_eq!(fake.now(), (None, 1, 1), "and never again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_copied_since_stays() {
        let fake = Fake::holding("value~1");
        let guard = ClipboardGuard::new(fake.clone());
        guard.pasted(SecretString::from("value~1"));
        wait(30).await;
        fake.put("a shopping list");
        wait(31).await;
        assert_eq!(fake.now(), (Some("a shopping list".to_owned()), 1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_paste_counts() {
        let fake = Fake::holding("value~2");
        let guard = ClipboardGuard::new(fake.clone());
        guard.pasted(SecretString::from("value~1"));
        wait(30).await;
        guard.pasted(SecretString::from("value~2"));
        wait(40).await;
        assert_eq!(fake.now().1, 0, "the first one’s time does not run any more");
        wait(21).await;
        assert_eq!(fake.now(), (None, 1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_program_that_ends_leaves_no_secret_of_its_own_behind() {
        let fake = Fake::holding("value~1");
        let guard = ClipboardGuard::new(fake.clone());
        guard.leave();
        assert_eq!(
            fake.now(),
            (Some("value~1".to_owned()), 0, 0),
            "nothing was pasted, nothing is looked at"
        );
        guard.pasted(SecretString::from("value~1"));
        wait(30).await;
        guard.leave();
        assert_eq!(fake.now(), (None, 1, 1));
        guard.leave();
        wait(600).await;
        assert_eq!(fake.now(), (None, 1, 1), "and once only");

        guard.pasted(SecretString::from("value~2"));
        fake.put("a shopping list");
        guard.leave();
        assert_eq!(fake.now(), (Some("a shopping list".to_owned()), 2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clipboard_without_text_is_left_alone() {
        let fake = Fake::default();
        ClipboardGuard::new(fake.clone()).pasted(SecretString::from(""));
        wait(61).await;
        assert_eq!(fake.now(), (None, 1, 0));
    }
}
