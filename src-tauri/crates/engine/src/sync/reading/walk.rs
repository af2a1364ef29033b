//! One list, page by page: the pause, the second tries, and the ways in which a list may never end.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Duration,
};

use entra::{Changes, Fault, FaultKind, Listed, Operation, Pages};

use crate::sync::{SyncControl, fault_of_ours, staging::Onward};

/// Tries of one page after an answer that may be better the next time.
const TRIES: u32 = 4;
/// Times that a list is read again from its start because Graph forgot a page.
const RESTARTS: u32 = 3;
/// Empty pages in a row that are still believed.
const EMPTY_PAGES: u32 = 1_000;
/// Items that are read without any count to compare them with.
const ITEMS_WITHOUT_COUNT: u64 = 5_000_000;
/// Members that are neither users nor groups, such as devices, which nobody counts.
const OTHER_MEMBERS: u64 = 1_000_000;

/// Something that is read page by page.
pub(super) trait Paged: Send + Sized {
    type Item: Send;

    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Self::Item>>, Fault>> + Send;
    /// Where it goes on after the pages that were read.
    fn onward(&self) -> Onward;
}

impl<T: Listed + Send> Paged for Pages<T> {
    type Item = T;

    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<T>>, Fault>> + Send {
        Pages::next(self)
    }

    fn onward(&self) -> Onward {
        match self.next_link() {
            Some(link) => Onward::Page(link.to_owned()),
            None if self.is_at_end() => Onward::End(None),
            None => Onward::Nowhere,
        }
    }
}

impl<T: Listed + Send> Paged for Changes<T> {
    type Item = T;

    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<T>>, Fault>> + Send {
        Changes::next(self)
    }

    fn onward(&self) -> Onward {
        match self.next_link() {
            Some(link) => Onward::Page(link.to_owned()),
            None => self.delta_link().map_or(Onward::Nowhere, |link| Onward::End(Some(link.to_owned()))),
        }
    }
}

/// A list that is being read.
pub(super) struct Walk<'a, P, F> {
    control: &'a SyncControl,
    open: F,
    pages: P,
    items: u64,
    empty_in_a_row: u32,
    restarts: u32,
}

impl<'a, P: Paged, F: Fn() -> Result<P, Fault>> Walk<'a, P, F> {
    pub(super) fn new(control: &'a SyncControl, open: F) -> Result<Self, Fault> {
        let pages = open()?;
        Ok(Self::from(control, pages, open))
    }

    /// Goes on with pages that were begun elsewhere; `open` begins the list anew when Graph has forgotten them.
    pub(super) fn from(control: &'a SyncControl, pages: P, open: F) -> Self {
        Self { control, open, pages, items: 0, empty_in_a_row: 0, restarts: 0 }
    }

    /// The next page with the place after it, or none after the last one. After a restart items come again; the ledger
    /// keeps them once.
    ///
    /// # Errors
    /// [`FaultKind::EndlessList`] beyond `limit` items, and what Graph refuses for good.
    pub(super) async fn next(&mut self, limit: u64) -> Result<Option<(Vec<P::Item>, Onward)>, Fault> {
        let Some(page) = self.fetch().await? else { return Ok(None) };
        self.items += page.len() as u64;
        self.empty_in_a_row = if page.is_empty() { self.empty_in_a_row + 1 } else { 0 };
        if self.items > limit {
            return Err(endless(format!(
                "{} items were read, and at most {limit} can be right.",
                self.items
            )));
        }
        if self.empty_in_a_row > EMPTY_PAGES {
            return Err(endless(format!("{} empty pages came in a row.", self.empty_in_a_row)));
        }
        Ok(Some((page, self.pages.onward())))
    }

    /// How often it was begun anew because Graph had forgotten a page.
    pub(super) fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Stops a list that goes round in a circle under ever new links: more than twice its distinct items, and 1 000.
    pub(super) fn refuse_repetition<'b>(
        &self,
        distinct: &mut Distinct,
        ids: impl Iterator<Item = &'b str>,
    ) -> Result<(), Fault> {
        for id in ids {
            distinct.insert(id);
        }
        if distinct.offered > limit_for(Some(distinct.seen.len() as u64)) {
            return Err(endless(format!(
                "{} items were read, and only {} of them are different.",
                distinct.offered,
                distinct.seen.len()
            )));
        }
        Ok(())
    }

    async fn fetch(&mut self) -> Result<Option<Vec<P::Item>>, Fault> {
        let mut tries = 1;
        loop {
            self.control.turn().await;
            match self.pages.next().await {
                Ok(page) => return Ok(page),
                Err(fault) if fault.kind == FaultKind::PageExpired && self.restarts < RESTARTS => {
                    self.restarts += 1;
                    self.items = 0;
                    self.pages = (self.open)()?;
                }
                Err(fault) if may_be_better(fault.kind) && tries < TRIES => {
                    tokio::time::sleep(Duration::from_secs(1 << (tries - 1))).await;
                    tries += 1;
                }
                Err(fault) => return Err(fault),
            }
        }
    }
}

/// Ids that were seen. Two ids that share a hash count as one: for a group's members that only loosens a limit, and
/// with 64 bits it does not happen in a directory's list of groups.
#[derive(Default)]
pub(super) struct Distinct {
    seen: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
    offered: u64,
}

impl Distinct {
    /// True for an id that was not seen before.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        self.offered += 1;
        let hash = self.seen.hasher().hash_one(id);
        self.seen.insert(hash)
    }
}

/// How many items a list may have that was counted.
pub(super) fn limit_for(counted: Option<u64>) -> u64 {
    counted.map_or(ITEMS_WITHOUT_COUNT, |counted| counted.saturating_mul(2).saturating_add(1_000))
}

/// How many direct members one group may have.
pub(super) fn members_limit(users: Option<u64>, groups: Option<u64>) -> u64 {
    match (users, groups) {
        (Some(users), Some(groups)) => {
            limit_for(Some(users.saturating_add(groups))).saturating_add(OTHER_MEMBERS)
        }
        _ => ITEMS_WITHOUT_COUNT,
    }
}

pub(super) fn may_be_better(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::DeadlineExceeded
            | FaultKind::ConnectionBroken
            | FaultKind::ServiceUnavailable
            | FaultKind::PortBlocked
            | FaultKind::HostUnresolved
    )
}

fn endless(detail: String) -> Fault {
    fault_of_ours(FaultKind::EndlessList, Operation::Graph, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_have_twice_its_count_and_a_thousand() {
        assert_eq!(limit_for(Some(0)), 1_000);
        assert_eq!(limit_for(Some(240)), 1_480);
        assert_eq!(limit_for(Some(u64::MAX)), u64::MAX);
        assert_eq!(limit_for(None), ITEMS_WITHOUT_COUNT);
        assert_eq!(members_limit(Some(10), Some(5)), 1_030 + OTHER_MEMBERS);
        assert_eq!(members_limit(Some(10), None), ITEMS_WITHOUT_COUNT);
    }

    #[test]
    fn distinct_ids_are_told_from_repeated_ones() {
        let mut distinct = Distinct::default();
        assert!(distinct.insert("a"));
        assert!(!distinct.insert("a"));
        assert!(distinct.insert("b"));
        assert_eq!((distinct.offered, distinct.seen.len()), (3, 2));
    }
}
