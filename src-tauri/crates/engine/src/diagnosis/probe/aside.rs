//! Work that goes on beside other work, and holds it up never.

use std::{future::poll_fn, pin::Pin, task::Poll, time::Duration};

/// A future that is polled while others are waited for.
pub(super) struct Aside<'a, T> {
    work: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
    done: Option<T>,
}

impl<'a, T: Unpin> Aside<'a, T> {
    pub(super) fn new(work: impl Future<Output = T> + Send + 'a) -> Self {
        Self { work: Box::pin(work), done: None }
    }

    /// Waits for `main` alone; this goes on meanwhile.
    pub(super) async fn along<O>(&mut self, main: impl Future<Output = O>) -> O {
        let mut main = std::pin::pin!(main);
        poll_fn(|context| {
            self.go_on(context);
            main.as_mut().poll(context)
        })
        .await
    }

    /// The result, if it is there already.
    pub(super) fn so_far(&self) -> Option<&T> {
        self.done.as_ref()
    }

    /// Waits for the result.
    pub(super) async fn result(mut self) -> T {
        poll_fn(|context| {
            self.go_on(context);
            self.done.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Waits for the result for this long and no longer.
    pub(super) async fn within(self, patience: Duration) -> Option<T> {
        tokio::time::timeout(patience, self.result()).await.ok()
    }

    fn go_on(&mut self, context: &mut std::task::Context<'_>) {
        if self.done.is_none()
            && let Poll::Ready(result) = self.work.as_mut().poll(context)
        {
            self.done = Some(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    async fn after(seconds: u64) -> u64 {
        sleep(Duration::from_secs(seconds)).await;
        seconds
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_beside_holds_nothing_up() {
        let began = Instant::now();
        let mut slow = Aside::new(after(60));
        assert_eq!(slow.along(after(2)).await, 2);
        assert_eq!((began.elapsed().as_secs(), slow.so_far()), (2, None));
        assert_eq!(slow.within(Duration::from_secs(1)).await, None);
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_ends_meanwhile_is_kept() {
        let mut quick = Aside::new(after(1));
        quick.along(after(2)).await;
        assert_eq!(quick.so_far(), Some(&1));
        quick.along(after(2)).await;
        assert_eq!(quick.within(Duration::ZERO).await, Some(1));
    }
}
