//! The thread that writes: pages to the staging file as they arrive, and at the end the result to the ledger.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::{
    Resume, SyncOptions,
    files::{LedgerLock, staging_beside, unapplied_beside},
    guard::RoleHolders,
    ledger::{Applied, Finish, Held, Ledger},
    staging::{About, Arrived, Links, List, Place, Rows, Staging, StoreProblem, Unsettled},
};
use crate::{
    access::Directory,
    connection::AccessRule,
    evidence::{SyncMode, SyncRecord},
    profile::ProfileRole,
};

/// Pages that are committed together when they wait already.
const TOGETHER: usize = 64;

/// What the reader asks of the thread.
pub(super) enum Order {
    /// Keeps pages.
    Rows(Rows),
    /// Prepares to read the changes since the newest links, and tells where to begin.
    CatchUp(oneshot::Sender<Links>),
    /// Brings everything into the ledger, without committing it.
    Apply(oneshot::Sender<(Applied, Vec<RoleHolders>)>),
    /// The end.
    Finish(Box<Ending>),
}

/// How a run ends.
pub(super) struct Ending {
    pub(super) record: SyncRecord,
    pub(super) groups_listed: bool,
    pub(super) fate: Fate,
}

/// What becomes of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was applied, and is committed.
    Commit,
    /// It stands beside the ledger, and the run can be gone on with.
    Aside,
    /// Nothing of it can be used again.
    Drop,
}

/// Where a run begins.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) mode: SyncMode,
    pub(super) resumed: bool,
    /// Users read in shards: the place of each. One place when they are read as one list, none when nobody has chosen.
    pub(super) users: Vec<(List, Place)>,
    pub(super) groups: Place,
    pub(super) changed_users: Place,
    pub(super) changed_groups: Place,
    pub(super) unsettled: Vec<Unsettled>,
    /// Groups whose members an earlier run has read to the end.
    pub(super) settled: Arc<HashSet<String>>,
    /// One of those that were not hidden.
    pub(super) group_read: Option<String>,
    pub(super) groups_read: u64,
    pub(super) groups_hidden: u64,
    pub(super) arrived: Arrived,
    pub(super) links: Links,
    pub(super) before: Held,
}

/// Rows as they arrive, for the counters that people watch.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) users: AtomicU64,
    pub(super) groups: AtomicU64,
    pub(super) memberships: AtomicU64,
    pub(super) changes: AtomicU64,
}

impl Stored {
    pub(super) fn add(&self, arrived: Arrived) {
        for (counter, number) in [
            (&self.users, arrived.users),
            (&self.groups, arrived.groups),
            (&self.memberships, arrived.members),
            (&self.changes, arrived.changes),
        ] {
            counter.fetch_add(number, Ordering::AcqRel);
        }
    }
}

/// Both files of a run.
pub(super) struct Writer {
    staging: Staging,
    ledger: Ledger,
    identity: String,
    unapplied: PathBuf,
    whole: bool,
    rules: Vec<AccessRule>,
    roles: Vec<ProfileRole>,
    _lock: Option<Arc<LedgerLock>>,
}

impl Writer {
    /// Opens the files: those of a run that stopped, when it is to be gone on with, else new ones.
    pub(super) fn open(options: &SyncOptions, now: Timestamp) -> Result<(Self, Start), StoreProblem> {
        let path = staging_beside(&options.store);
        let ledger = Ledger::open(&options.store, &options.identity)?;
        let known = ledger.links()?;
        let base = |mode: SyncMode| match mode {
            SyncMode::Full => "full".to_owned(),
            SyncMode::Delta => format!("delta {:?} {:?}", known.users, known.groups),
        };
        let mode = match options.mode {
            SyncMode::Delta if ledger.is_complete()? && known.users.is_some() && known.groups.is_some() => {
                SyncMode::Delta
            }
            _ => SyncMode::Full,
        };
        let mut found = None;
        if options.resume == Resume::GoOn {
            for candidate in [mode, SyncMode::Full, SyncMode::Delta] {
                if let Some(staging) = Staging::resume(&path, &options.identity, &base(candidate))?
                    && can_be_made_whole(&staging)
                {
                    found = Some((staging, candidate));
                    break;
                }
            }
        }
        let resumed = found.is_some();
        let (mut staging, mode) = match found {
            Some(found) => found,
            None => {
                let (identity, base) = (options.identity.clone(), base(mode));
                (Staging::create(&path, &About { identity, base, began_at: now })?, mode)
            }
        };
        if !resumed && mode == SyncMode::Delta {
            staging.take(std::iter::once(Rows::Links(known.clone())))?;
            staging.catch_up()?;
        }
        let start = start(&staging, ledger.held()?, mode, resumed)?;
        let writer = Self {
            staging,
            ledger,
            identity: options.identity.clone(),
            unapplied: unapplied_beside(&options.store),
            whole: mode == SyncMode::Full,
            rules: options.rules.clone(),
            roles: options.roles.clone(),
            _lock: options.lock.clone(),
        };
        Ok((writer, start))
    }

    /// Works until [`Order::Finish`]. When the senders go away before it, what was kept stays to be gone on with.
    pub(super) fn work(
        mut self,
        mut orders: mpsc::Receiver<Order>,
        stored: &Stored,
    ) -> Result<(), StoreProblem> {
        let mut next = orders.blocking_recv();
        while let Some(order) = next.take() {
            match order {
                Order::Rows(first) => {
                    let mut other = None;
                    let more = std::iter::from_fn(|| match orders.try_recv().ok()? {
                        Order::Rows(rows) => Some(rows),
                        order => {
                            other = Some(order);
                            None
                        }
                    });
                    let together = std::iter::once(first).chain(more).take(TOGETHER);
                    stored.add(self.staging.take(together)?);
                    next = other;
                }
                // Whoever asked may have gone away meanwhile.
                Order::CatchUp(reached) => {
                    self.ledger.undo()?;
                    self.staging.catch_up()?;
                    reached.send(self.staging.links()?).ok();
                }
                Order::Apply(reached) => {
                    reached.send(self.apply()?).ok();
                }
                Order::Finish(ending) => return self.finish(&ending),
            }
            if next.is_none() {
                next = orders.blocking_recv();
            }
        }
        Ok(())
    }

    fn apply(&mut self) -> Result<(Applied, Vec<RoleHolders>), StoreProblem> {
        let applied = self.ledger.apply(&mut self.staging, self.whole)?;
        let roles = if applied.changes.is_some() { self.role_holders()? } else { Vec::new() };
        Ok((applied, roles))
    }

    /// Who has which role before and after. A directory that cannot be asked stops the run: nothing is waved through.
    fn role_holders(&mut self) -> Result<Vec<RoleHolders>, StoreProblem> {
        let unreadable = |problem: crate::access::DirectoryProblem| StoreProblem::Sqlite(problem.to_string());
        if self.rules.is_empty() {
            return Ok(Vec::new());
        }
        let Some(known) = Directory::open(self.ledger.path()).map_err(unreadable)? else {
            return Ok(Vec::new());
        };
        let before = known.role_holders(&self.rules, &self.roles).map_err(unreadable)?;
        let after = self
            .ledger
            .as_directory(|directory| directory.role_holders(&self.rules, &self.roles))?
            .map_err(unreadable)?;
        let holders = self.roles.iter().zip(before.into_iter().zip(after));
        Ok(holders
            .map(|(role, (before, after))| RoleHolders {
                name: role.name.clone(),
                administers: role.administers,
                before: before.len() as u64,
                after: after.len() as u64,
                kept: before.intersection(&after).count() as u64,
            })
            .collect())
    }

    fn finish(mut self, ending: &Ending) -> Result<(), StoreProblem> {
        let links = self.staging.links()?;
        let finish = Finish { record: &ending.record, groups_listed: ending.groups_listed, links: &links };
        match ending.fate {
            Fate::Commit => {
                self.ledger.commit(&finish)?;
                // It is known from here on. What cannot be cleared away is overwritten by the next run.
                super::staging::remove(&self.unapplied).ok();
                self.staging.discard().ok();
                Ok(())
            }
            Fate::Aside => {
                self.ledger.undo()?;
                let like = (!self.whole).then_some(&self.ledger);
                let mut aside = Ledger::beside(&self.unapplied, &self.identity, like)?;
                aside.apply(&mut self.staging, self.whole)?;
                aside.commit(&finish)
            }
            Fate::Drop => {
                self.ledger.undo()?;
                super::staging::remove(&self.unapplied)?;
                self.staging.discard()
            }
        }
    }
}

/// Between the two halves of a run the directory moves; without links nothing tells how. A damaged file tells nothing.
fn can_be_made_whole(staging: &Staging) -> bool {
    let links = staging.links().unwrap_or_default();
    links.users.is_some() && links.groups.is_some() && staging.is_sound()
}

fn start(staging: &Staging, before: Held, mode: SyncMode, resumed: bool) -> Result<Start, StoreProblem> {
    let groups_begun = staging.groups_begun()?;
    let mut users = Vec::new();
    for shard in 0..=super::reading::SHARDS {
        let list = List::Users(shard);
        match staging.place(&list)? {
            Place::Start => {}
            place => users.push((list, place)),
        }
    }
    Ok(Start {
        mode,
        resumed,
        users,
        groups: staging.place(&List::Groups)?,
        changed_users: staging.place(&List::ChangedUsers)?,
        changed_groups: staging.place(&List::ChangedGroups)?,
        unsettled: groups_begun.unsettled,
        settled: Arc::new(groups_begun.settled),
        group_read: groups_begun.group_read,
        groups_read: groups_begun.read,
        groups_hidden: groups_begun.hidden,
        arrived: staging.arrived()?,
        links: staging.links()?,
        before,
    })
}
