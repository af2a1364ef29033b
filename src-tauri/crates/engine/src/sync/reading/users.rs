//! The list of users, which only the number of its pages makes slow: long ones are read in shards at the same time.

use std::time::Duration;

use entra::{Countable, Graph, Pages};

use super::{Reader, Stop, Walk, limit_for};
use crate::sync::{
    staging::{List, Place, Rows},
    writer::Start,
};

/// Shards of a long list.
pub(in crate::sync) const SHARDS: usize = BOUNDS.len() + 1;

/// Where sign-in names are cut. Both neighbours include the cut, so that together they hold every name, however the
/// directory sorts; whoever comes twice is kept once.
const BOUNDS: [&str; 11] = ["am", "b", "d", "f", "i", "k", "m", "n", "p", "s", "u"];

/// Users from which on shards are worth their requests: fewer come in as many pages as there are shards.
pub(in crate::sync) const LONG: u64 = 12_000;
/// Where the pages would come quickly enough one after the other, one list is simpler and costs Graph less.
const QUICK: Duration = Duration::from_secs(1);

impl Reader {
    /// The lists to read: those that an earlier run has begun, else shards when there are many users.
    pub(super) fn user_lists(&self, start: &Start) -> Vec<(List, Place)> {
        if !start.users.is_empty() {
            let sharded = start.users.iter().any(|(list, _)| *list != List::Users(0));
            let place = |list: &List| {
                start
                    .users
                    .iter()
                    .find(|(known, _)| known == list)
                    .map_or(Place::Start, |(_, place)| place.clone())
            };
            let lists = if sharded { 1..SHARDS + 1 } else { 0..1 };
            return lists.map(List::Users).map(|list| (list.clone(), place(&list))).collect();
        }
        if self.journal.counted(Countable::Users).is_some_and(|users| users >= LONG && self.is_slow(users)) {
            return (1..=SHARDS).map(|shard| (List::Users(shard), Place::Start)).collect();
        }
        vec![(List::Users(0), Place::Start)]
    }

    fn is_slow(&self, users: u64) -> bool {
        let pages = u32::try_from(users / Graph::ITEMS_IN_A_PAGE).unwrap_or(u32::MAX);
        self.journal.median().is_some_and(|median| median.saturating_mul(pages) > QUICK)
    }

    /// Pages that are asked for before they are wanted, but none in a pause.
    fn ahead<T>(&self, pages: Pages<T>) -> Pages<T> {
        let control = self.control.clone();
        pages.looking_ahead(move || !control.is_paused())
    }

    pub(super) async fn users(self, (list, place): (List, Place)) -> Result<(), Stop> {
        let shard = if let List::Users(shard) = list { shard } else { 0 };
        let open = || {
            let pages = match shard.checked_sub(1) {
                None => self.graph.users(&super::USER_FIELDS),
                Some(number) => {
                    let from = number.checked_sub(1).and_then(|before| BOUNDS.get(before)).copied();
                    self.graph.users_between(&super::USER_FIELDS, from, BOUNDS.get(number).copied())
                }
            };
            Ok(self.ahead(pages))
        };
        let begun = match &place {
            Place::Done => return Ok(()),
            Place::At(link) => self.graph.users_at(link).ok().map(|pages| self.ahead(pages)),
            Place::Start => None,
        };
        let mut walk = match begun {
            Some(pages) => Walk::from(&self.control, pages, open),
            None => Walk::new(&self.control, open)?,
        };
        while let Some((page, onward)) = walk.next(limit_for(self.journal.counted(Countable::Users))).await? {
            self.store(Rows::Users { list: list.clone(), page, onward }).await?;
        }
        Ok(())
    }
}
