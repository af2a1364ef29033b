//! Reads from Graph and hands the pages to the writer: whole lists, or what changed since a link was taken.

mod changes;
mod members;
mod users;
mod walk;

use std::{collections::HashSet, sync::Arc};

use entra::{Countable, Fault, Graph};
use futures_util::TryFutureExt;
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinError, JoinSet},
};

use super::{
    SyncControl,
    journal::Journal,
    staging::{Links, Place, Rows, hides_members},
    writer::{Order, Start},
};
use crate::evidence::SyncMode;
use members::ToRead;
use walk::{Distinct, Walk, limit_for};

pub(super) use changes::is_forgotten;
pub(super) use members::REQUESTS;
pub(super) use users::{LONG, SHARDS};

const USER_FIELDS: [&str; 6] =
    ["id", "userPrincipalName", "displayName", "mail", "accountEnabled", "userType"];
const GROUP_FIELDS: [&str; 6] = ["id", "displayName", "mail", "securityEnabled", "groupTypes", "visibility"];

/// What the tasks of one sync share.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) graph: Graph,
    pub(super) control: SyncControl,
    pub(super) journal: Arc<Journal>,
    pub(super) orders: mpsc::Sender<Order>,
}

/// What a task has read to its end.
enum Part {
    Users,
    Groups,
    Memberships,
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

impl Reader {
    /// Reads what the run is about, from where it begins. Ends every task when it returns or is dropped.
    pub(super) async fn read(&self, start: &Start) -> Result<(), Stop> {
        match start.mode {
            SyncMode::Full => self.everything(start).await?,
            SyncMode::Delta => {
                let counted = async {
                    tokio::join!(self.first_count(Countable::Users), self.first_count(Countable::Groups));
                    Ok(())
                };
                tokio::try_join!(
                    counted,
                    self.changes(start.changed_users.clone(), start.changed_groups.clone())
                )?;
            }
        }
        // Between the two halves of a resumed run the directory moved.
        if start.mode == SyncMode::Full && start.resumed {
            self.catch_up().await?;
        }
        Ok(())
    }

    async fn everything(&self, start: &Start) -> Result<(), Stop> {
        tokio::join!(self.first_count(Countable::Users), self.first_count(Countable::Groups), async {
            if start.links == Links::default() {
                self.take_links().await;
            }
        });
        let (listed, to_read) = mpsc::unbounded_channel();
        for group in &start.unsettled {
            listed.send(ToRead::again(group)).map_err(|_| Stop::TaskLost)?;
        }
        let mut tasks = JoinSet::new();
        let shards = self.user_lists(start);
        let mut user_lists = shards.len();
        for shard in shards {
            tasks.spawn(self.clone().users(shard).map_ok(|()| Part::Users));
        }
        if start.groups == Place::Done {
            self.journal.notes().groups_listed = true;
            drop(listed);
        } else {
            let known = start.unsettled.iter().map(|group| group.id.as_str());
            let mut distinct = Distinct::default();
            known.for_each(|id| {
                distinct.insert(id);
            });
            let reading = self.clone().groups(start.groups.clone(), start.settled.clone(), distinct, listed);
            tasks.spawn(reading.map_ok(|()| Part::Groups));
        }
        tasks.spawn(self.clone().memberships(to_read).map_ok(|()| Part::Memberships));
        while let Some(ended) = tasks.join_next().await {
            let mut notes = self.journal.notes();
            match outcome(ended)? {
                Part::Users => {
                    user_lists -= 1;
                    notes.users_listed = user_lists == 0;
                }
                Part::Groups => notes.groups_listed = true,
                Part::Memberships => {}
            }
        }
        Ok(())
    }

    /// The links that will tell what changed from now on. A directory that cannot tell is read whole every time.
    async fn take_links(&self) {
        self.control.turn().await;
        let taken_at = self.journal.wall_time();
        let (users, groups) = tokio::join!(
            self.graph.delta_link(Countable::Users, &USER_FIELDS),
            self.graph.delta_link(Countable::Groups, &GROUP_FIELDS),
        );
        let links = Links { users: users.ok(), groups: groups.ok(), taken_at: Some(taken_at) };
        // Half of them would be no use.
        if links.users.is_some() && links.groups.is_some() {
            self.store(Rows::Links(links)).await.ok();
        }
    }

    async fn groups(
        self,
        place: Place,
        settled: Arc<HashSet<String>>,
        mut distinct: Distinct,
        listed: mpsc::UnboundedSender<ToRead>,
    ) -> Result<(), Stop> {
        let open = || Ok(self.graph.groups());
        let begun = match &place {
            Place::At(link) => self.graph.groups_at(link).ok(),
            Place::Start | Place::Done => None,
        };
        let mut walk = match begun {
            Some(pages) => Walk::from(&self.control, pages, open),
            None => Walk::new(&self.control, open)?,
        };
        while let Some((page, onward)) = walk.next(limit_for(self.journal.counted(Countable::Groups))).await?
        {
            let mut unseen = Vec::new();
            for group in &page {
                if distinct.insert(&group.id) && !settled.contains(&group.id) {
                    unseen.push(ToRead {
                        id: group.id.clone(),
                        hides_members: hides_members(group),
                        next: None,
                    });
                }
            }
            self.store(Rows::Groups { page, onward }).await?;
            for group in unseen {
                listed.send(group).map_err(|_| Stop::TaskLost)?;
            }
        }
        Ok(())
    }

    /// Asks Graph for its own count.
    pub(super) async fn count(&self, what: Countable) -> Result<u64, Fault> {
        self.control.turn().await;
        let counted = self.graph.count(what).await?;
        if what == Countable::Users {
            self.graph.expect_users(counted);
        }
        let mut notes = self.journal.notes();
        match what {
            Countable::Users => notes.users_counted = Some(counted),
            Countable::Groups => notes.groups_counted = Some(counted),
        }
        Ok(counted)
    }

    /// A directory that cannot be counted is read all the same; it is not complete then.
    async fn first_count(&self, what: Countable) {
        if let Err(fault) = self.count(what).await {
            self.journal.notes().keep_first_fault(fault);
        }
    }

    pub(super) async fn store(&self, rows: Rows) -> Result<(), Stop> {
        self.order(Order::Rows(rows)).await
    }

    pub(super) async fn order(&self, order: Order) -> Result<(), Stop> {
        self.orders.send(order).await.map_err(|_| Stop::StoreClosed)
    }

    /// Asks the writer, and waits until everything before it is done.
    pub(super) async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T, Stop> {
        let (reached, reply) = oneshot::channel();
        self.order(order(reached)).await?;
        reply.await.map_err(|_| Stop::StoreClosed)
    }
}

fn outcome<T>(ended: Result<Result<T, Stop>, JoinError>) -> Result<T, Stop> {
    ended.unwrap_or(Err(Stop::TaskLost))
}
