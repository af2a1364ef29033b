//! Pausing and cancelling a sync from outside.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

/// The handle on a running sync. Clones steer the same sync.
#[derive(Clone, Default)]
pub struct SyncControl {
    standing: Arc<watch::Sender<Standing>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Running,
    Paused,
    Cancelled,
}

impl SyncControl {
    /// Starts no new request; those on their way come to their end.
    pub fn pause(&self) {
        self.enter(Standing::Paused);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.enter(Standing::Running);
    }

    /// Stops the sync soon. What was read is kept as partial. Cannot be taken back.
    pub fn cancel(&self) {
        self.enter(Standing::Cancelled);
    }

    /// Whether [`SyncControl::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        *self.standing.borrow() == Standing::Cancelled
    }

    pub(super) fn is_paused(&self) -> bool {
        *self.standing.borrow() == Standing::Paused
    }

    /// Waits for the end of a pause. A cancelled sync never gets its turn: its tasks are ended from outside.
    pub(super) async fn turn(&self) {
        self.wait_for(Standing::Running).await;
    }

    pub(super) async fn cancelled(&self) {
        self.wait_for(Standing::Cancelled).await;
    }

    async fn wait_for(&self, wanted: Standing) {
        if *self.standing.borrow() == wanted {
            return;
        }
        if self.standing.subscribe().wait_for(|standing| *standing == wanted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn enter(&self, wanted: Standing) {
        self.standing.send_if_modified(|standing| {
            let changes = *standing != Standing::Cancelled && *standing != wanted;
            if changes {
                *standing = wanted;
            }
            changes
        });
    }
}

impl fmt::Debug for SyncControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SyncControl").field(&*self.standing.borrow()).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_pause_holds_the_turn_back_until_it_is_resumed() {
        let control = SyncControl::default();
        assert!(control.turn().now_or_never().is_some());
        control.pause();
        assert!(control.is_paused());
        assert!(control.turn().now_or_never().is_none());
        control.clone().resume();
        assert!(control.turn().now_or_never().is_some());
    }

    #[test]
    fn a_cancel_is_final() {
        let control = SyncControl::default();
        assert!(control.cancelled().now_or_never().is_none());
        control.cancel();
        control.resume();
        control.pause();
        assert!(control.is_cancelled() && !control.is_paused());
        assert!(control.cancelled().now_or_never().is_some());
        assert!(control.turn().now_or_never().is_none());
    }
}
