//! Reads the lists of users and groups and the members of every group, at the same time and to their ends.

use std::sync::Arc;

use entra::{Countable, Fault, FaultKind, Graph, Group, Member};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
};

use super::{
    SyncControl,
    journal::Journal,
    snapshot::Rows,
    walk::{Distinct, Walk, limit_for, members_limit},
};

const USER_FIELDS: [&str; 6] =
    ["id", "userPrincipalName", "displayName", "mail", "accountEnabled", "userType"];
const HIDDEN_MEMBERSHIP: &str = "HiddenMembership";

/// When so many groups were refused and none was read, the permission is missing, not a group.
const REFUSED_BEFORE_ANY: u64 = 50;

/// What the tasks of one sync share.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) graph: Graph,
    pub(super) control: SyncControl,
    pub(super) journal: Arc<Journal>,
    pub(super) rows: mpsc::Sender<Rows>,
}

/// Why reading stopped before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The admin cancelled.
    Cancelled,
    /// Graph or the network.
    Fault(Box<Fault>),
    /// The file cannot be written any more; its writer knows why.
    StoreClosed,
    /// A task ended without a result.
    TaskLost,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// A group whose members are to be read.
struct Listed {
    id: String,
    hides_members: bool,
}

/// How reading one group's members ended.
enum Ending {
    Read,
    Hidden,
    Missing(String, Box<Fault>),
    Refused(Box<Fault>),
}

impl Reader {
    /// Reads everything. Ends every task when it returns or is dropped.
    pub(super) async fn read_everything(&self, parallel: usize) -> Result<(), Stop> {
        let (listed, to_read) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().first_count(Countable::Users));
        tasks.spawn(self.clone().first_count(Countable::Groups));
        tasks.spawn(self.clone().users());
        tasks.spawn(self.clone().groups(listed));
        tasks.spawn(self.clone().memberships(to_read, parallel.max(1)));
        while let Some(ended) = tasks.join_next().await {
            outcome(ended)?;
        }
        Ok(())
    }

    /// Asks for a count, and keeps the older one when there is no answer.
    pub(super) async fn count(&self, what: Countable) -> Result<u64, Fault> {
        self.control.turn().await;
        let counted = self.graph.count(what).await?;
        let mut notes = self.journal.notes();
        match what {
            Countable::Users => notes.users_counted = Some(counted),
            Countable::Groups => notes.groups_counted = Some(counted),
        }
        Ok(counted)
    }

    async fn first_count(self, what: Countable) -> Result<(), Stop> {
        if let Err(fault) = self.count(what).await {
            self.journal.notes().keep_first_fault(fault);
        }
        Ok(())
    }

    async fn users(self) -> Result<(), Stop> {
        let mut walk = Walk::new(&self.control, || self.graph.users(&USER_FIELDS));
        while let Some(page) = walk.next(limit_for(self.journal.counted(Countable::Users))).await? {
            self.store(Rows::Users(page)).await?;
        }
        self.journal.notes().users_listed = true;
        Ok(())
    }

    async fn groups(self, listed: mpsc::UnboundedSender<Listed>) -> Result<(), Stop> {
        let mut distinct = Distinct::default();
        let mut walk = Walk::new(&self.control, || self.graph.groups());
        while let Some(page) = walk.next(limit_for(self.journal.counted(Countable::Groups))).await? {
            let unseen: Vec<Listed> =
                page.iter().filter(|group| distinct.insert(&group.id)).map(Listed::of).collect();
            self.store(Rows::Groups(page)).await?;
            for group in unseen {
                listed.send(group).map_err(|_| Stop::TaskLost)?;
            }
        }
        self.journal.notes().groups_listed = true;
        Ok(())
    }

    async fn memberships(
        self,
        mut listed: mpsc::UnboundedReceiver<Listed>,
        parallel: usize,
    ) -> Result<(), Stop> {
        let mut reading = JoinSet::new();
        let mut more = true;
        loop {
            tokio::select! {
                Some(ended) = reading.join_next() => self.note(outcome(ended)?)?,
                group = listed.recv(), if more && reading.len() < parallel => match group {
                    Some(group) => { reading.spawn(self.clone().members(group)); }
                    None => more = false,
                },
                else => return Ok(()),
            }
        }
    }

    async fn members(self, group: Listed) -> Result<Ending, Stop> {
        let mut any = false;
        let mut distinct = Distinct::default();
        let mut walk = Walk::new(&self.control, || self.graph.members(&group.id));
        loop {
            let limit = members_limit(
                self.journal.counted(Countable::Users),
                self.journal.counted(Countable::Groups),
            );
            match walk.next(limit).await {
                Ok(Some(page)) => {
                    any |= !page.is_empty();
                    if walk.pages_read() > 1 {
                        walk.refuse_repetition(&mut distinct, page.iter().map(|member| member.id.as_str()))?;
                    }
                    self.store_members(&group.id, page).await?;
                }
                Ok(None) if group.hides_members && !any => return Ok(Ending::Hidden),
                Ok(None) => return Ok(Ending::Read),
                Err(fault) => return ending(group, fault),
            }
        }
    }

    async fn store_members(&self, group_id: &str, members: Vec<Member>) -> Result<(), Stop> {
        if members.is_empty() {
            return Ok(());
        }
        self.store(Rows::Members { group_id: group_id.to_owned(), members }).await
    }

    pub(super) async fn store(&self, rows: Rows) -> Result<(), Stop> {
        self.rows.send(rows).await.map_err(|_| Stop::StoreClosed)
    }

    fn note(&self, ending: Ending) -> Result<(), Stop> {
        let mut notes = self.journal.notes();
        match ending {
            Ending::Read => notes.groups_read += 1,
            Ending::Hidden => notes.groups_hidden += 1,
            Ending::Missing(id, fault) => {
                notes.groups_missing.push(id);
                notes.missing_fault.get_or_insert(*fault);
            }
            Ending::Refused(fault) => {
                notes.groups_refused += 1;
                if notes.groups_read == 0 && notes.groups_refused >= REFUSED_BEFORE_ANY {
                    return Err(Stop::Fault(fault));
                }
                notes.keep_first_fault(*fault);
            }
        }
        Ok(())
    }
}

impl Listed {
    fn of(group: &Group) -> Self {
        let hides_members = group.visibility.as_deref() == Some(HIDDEN_MEMBERSHIP);
        Self { id: group.id.clone(), hides_members }
    }
}

/// Some refusals concern this group only; every other one stops the whole sync.
fn ending(group: Listed, fault: Fault) -> Result<Ending, Stop> {
    match fault.kind {
        FaultKind::Forbidden if group.hides_members => Ok(Ending::Hidden),
        FaultKind::NotFound => Ok(Ending::Missing(group.id, Box::new(fault))),
        FaultKind::Forbidden
        | FaultKind::GraphRefused
        | FaultKind::AnswerUnreadable
        | FaultKind::ServiceUnavailable
        | FaultKind::PageExpired => Ok(Ending::Refused(Box::new(fault))),
        _ => Err(fault.into()),
    }
}

fn outcome<T>(ended: Result<Result<T, Stop>, JoinError>) -> Result<T, Stop> {
    ended.unwrap_or(Err(Stop::TaskLost))
}
