//! Rows from one thread to another, in order and in bundles.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    vec,
};

use super::StoreProblem;

/// Rows that go over together; for rows that hold others, so many of these.
const TOGETHER: usize = 1024;
/// Bundles that wait; what bounds memory when one side is faster.
const WAITING: usize = 4;

enum Message<T> {
    Rows(Vec<T>),
    Failed(StoreProblem),
    /// Without it the rows are not all there.
    End,
}

pub(super) struct Sender<T>(SyncSender<Message<T>>);

/// The rows as they arrive. The end of the other thread before its last row is an error.
pub(super) struct Arriving<T> {
    from: Receiver<Message<T>>,
    ready: vec::IntoIter<T>,
    ended: bool,
}

pub(super) fn queue<T: Send>() -> (Sender<T>, Arriving<T>) {
    let (to, from) = sync_channel(WAITING);
    (Sender(to), Arriving { from, ready: Vec::new().into_iter(), ended: false })
}

/// Rows on their way; the last bundle goes with the end.
pub(super) struct Outgoing<'a, T> {
    to: &'a SyncSender<Message<T>>,
    bundle: Vec<T>,
    /// How much is in the bundle.
    weight: usize,
}

impl<T> Sender<T> {
    /// Sends every row that is pushed, and the end or what went wrong. False when there is nothing more to do.
    pub(super) fn send(self, push: impl FnOnce(&mut Outgoing<'_, T>) -> Result<(), StoreProblem>) -> bool {
        let mut outgoing = Outgoing { to: &self.0, bundle: Vec::new(), weight: 0 };
        match push(&mut outgoing).and_then(|()| outgoing.go()) {
            Ok(()) => self.0.send(Message::End).is_ok(),
            Err(problem) => {
                // Who does not listen any more has a problem already.
                self.0.send(Message::Failed(problem)).ok();
                false
            }
        }
    }
}

impl<T> Outgoing<'_, T> {
    /// An error when nobody listens any more.
    pub(super) fn push(&mut self, row: T) -> Result<(), StoreProblem> {
        self.push_weighing(row, 1)
    }

    /// A row that holds so many others.
    pub(super) fn push_weighing(&mut self, row: T, weight: usize) -> Result<(), StoreProblem> {
        self.bundle.push(row);
        self.weight += weight;
        if self.weight < TOGETHER { Ok(()) } else { self.go() }
    }

    fn go(&mut self) -> Result<(), StoreProblem> {
        self.weight = 0;
        let next = Vec::with_capacity(self.bundle.len());
        let bundle = std::mem::replace(&mut self.bundle, next);
        self.to.send(Message::Rows(bundle)).map_err(|_| lost())
    }
}

impl<T> Iterator for Arriving<T> {
    type Item = Result<T, StoreProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.from.recv() {
                Ok(Message::Rows(rows)) => self.ready = rows.into_iter(),
                Ok(Message::End) => self.ended = true,
                Ok(Message::Failed(problem)) => {
                    self.ended = true;
                    return Some(Err(problem));
                }
                Err(_) => {
                    self.ended = true;
                    return Some(Err(lost()));
                }
            }
        }
    }
}

/// The other thread ended before its time.
fn lost() -> StoreProblem {
    StoreProblem::Sqlite("a part of the work ended without a result".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_arrive_whole_and_in_order() {
        let (to, arriving) = queue();
        let rows: Vec<usize> = std::thread::scope(|scope| {
            scope.spawn(move || assert!(to.send(|rows| (0..10_000).try_for_each(|row| rows.push(row)))));
            arriving.collect::<Result<_, _>>().unwrap()
        });
        assert!(rows.into_iter().eq(0..10_000));
    }

    #[test]
    fn heavy_rows_go_over_alone() {
        let (to, arriving) = queue();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                to.send(|rows| [1, TOGETHER, 1].iter().try_for_each(|w| rows.push_weighing(*w, *w)))
            });
            let bundles: Vec<usize> = arriving
                .from
                .iter()
                .filter_map(|message| match message {
                    Message::Rows(rows) => Some(rows.len()),
                    Message::Failed(_) | Message::End => None,
                })
                .collect();
            assert_eq!(bundles, [2, 1]);
        });
    }

    #[test]
    fn a_row_that_cannot_be_read_ends_it_for_both() {
        let (to, arriving) = queue();
        let sent = to.send(|rows| {
            rows.push(1)?;
            Err(StoreProblem::Full)
        });
        assert!(!sent);
        assert!(matches!(arriving.collect::<Result<Vec<i32>, _>>(), Err(StoreProblem::Full)));
    }

    #[test]
    fn an_end_before_its_time_is_no_end() {
        let (to, mut arriving) = queue::<i32>();
        to.0.send(Message::Rows(vec![1])).unwrap();
        drop(to);
        assert!(matches!(arriving.next(), Some(Ok(1))));
        assert!(matches!(arriving.next(), Some(Err(StoreProblem::Sqlite(_)))));
        assert!(arriving.next().is_none());
    }

    #[test]
    fn nothing_is_sent_to_nobody() {
        let (to, arriving) = queue();
        drop(arriving);
        let mut pushed = 0;
        let sent = to.send(|rows| {
            (0..10 * TOGETHER).try_for_each(|row| {
                pushed += 1;
                rows.push(row)
            })
        });
        assert_eq!((sent, pushed), (false, TOGETHER));
    }
}
