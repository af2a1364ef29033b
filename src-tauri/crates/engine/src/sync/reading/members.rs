//! The members of every group: twenty groups in one request, and long groups page by page beside them.

use std::collections::VecDeque;

use entra::{Countable, Fault, FaultKind, Graph, Member, MembersAnswer};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Reader, Stop, outcome,
    walk::{Distinct, Walk, members_limit},
};
use crate::sync::staging::{MembersRead, Onward, Rows, Settled, Unsettled};

/// Requests for twenty groups on their way at once: what bounds the answers in memory.
pub(in crate::sync) const REQUESTS: usize = 8;
/// Groups with several pages that are read at once.
const LONGS: usize = 16;
/// When so many groups were refused one after the other, the permission is missing, not a group.
const REFUSED_IN_A_ROW: u64 = 50;

/// A group whose members are to be read.
#[derive(Clone)]
pub(super) struct ToRead {
    pub(super) id: String,
    pub(super) hides_members: bool,
    /// Where an earlier run has stopped.
    pub(super) next: Option<String>,
}

impl ToRead {
    pub(super) fn again(group: &Unsettled) -> Self {
        Self { id: group.id.clone(), hides_members: group.hides_members, next: group.next.clone() }
    }
}

/// How reading one group's members ended.
enum Ending {
    Read(String),
    Hidden,
    /// More pages follow.
    Open(ToRead),
    Missing(String, Box<Fault>),
    Refused(Box<Fault>),
}

impl Reader {
    pub(super) async fn memberships(self, mut listed: mpsc::UnboundedReceiver<ToRead>) -> Result<(), Stop> {
        let mut reading = JoinSet::new();
        let (mut more, mut batches, mut longs) = (true, 0, 0);
        let mut waiting = VecDeque::new();
        let mut groups = Vec::with_capacity(Graph::GROUPS_IN_A_BATCH);
        loop {
            while longs < LONGS
                && let Some(group) = waiting.pop_front()
            {
                longs += 1;
                reading.spawn(self.clone().long(group));
            }
            tokio::select! {
                Some(ended) = reading.join_next() => {
                    let (endings, of_batch): (Vec<Ending>, bool) = outcome(ended)?;
                    if of_batch { batches -= 1 } else { longs -= 1 }
                    for ending in endings {
                        if let Ending::Open(group) = ending {
                            waiting.push_back(group);
                        } else {
                            self.note(ending)?;
                        }
                    }
                }
                received = listed.recv_many(&mut groups, Graph::GROUPS_IN_A_BATCH), if more && batches < REQUESTS => {
                    more = received > 0;
                    let (begun, fresh): (Vec<_>, Vec<_>) = groups.drain(..).partition(|group| group.next.is_some());
                    waiting.extend(begun);
                    if !fresh.is_empty() {
                        batches += 1;
                        reading.spawn(self.clone().first_pages(fresh));
                    }
                }
                else => return self.may_still_read().await,
            }
        }
    }

    /// A group that the app may not see can be the first sign that it may see none any more. One that was seen before tells.
    async fn may_still_read(&self) -> Result<(), Stop> {
        let (forbidden, read) = {
            let notes = self.journal.notes();
            (notes.forbidden.clone(), notes.group_read.clone())
        };
        let (Some(forbidden), Some(read)) = (forbidden, read) else { return Ok(()) };
        self.control.turn().await;
        let answers = self.graph.members_of(&[read]).await;
        let denied = match &answers {
            Ok(answers) => {
                answers.first().and_then(|of_group| of_group.answer.as_ref().err()).map(|fault| &**fault)
            }
            Err(fault) => Some(fault),
        };
        let denies =
            |kind| matches!(kind, FaultKind::Forbidden | FaultKind::Unauthorized | FaultKind::Refused);
        if denied.is_some_and(|fault| denies(fault.kind)) { Err(forbidden.into()) } else { Ok(()) }
    }

    /// The first pages of up to twenty groups, kept in one go.
    async fn first_pages(self, groups: Vec<ToRead>) -> Result<(Vec<Ending>, bool), Stop> {
        self.control.turn().await;
        let ids: Vec<String> = groups.iter().map(|group| group.id.clone()).collect();
        let answers = self.again_if_it_may_help(&ids).await?;
        let (mut pages, mut endings) = (Vec::with_capacity(groups.len()), Vec::with_capacity(groups.len()));
        for (group, MembersAnswer { answer, .. }) in groups.into_iter().zip(answers) {
            match answer {
                Ok(page) => {
                    let (settled, ending) = match &page.next_link {
                        Some(next) => {
                            let group = ToRead { next: Some(next.clone()), ..group.clone() };
                            (Settled::Open, Ending::Open(group))
                        }
                        None => whole(&group, &page.members),
                    };
                    let (members, next) = (page.members, page.next_link);
                    pages.push(MembersRead { group_id: group.id, members, settled, next });
                    endings.push(ending);
                }
                Err(fault) => endings.push(self.unread(group, *fault, &mut pages)?),
            }
        }
        self.store(Rows::Members(pages)).await?;
        Ok((endings, true))
    }

    /// A whole request that broke off is asked once more; its items are asked again by the client itself.
    async fn again_if_it_may_help(&self, ids: &[String]) -> Result<Vec<MembersAnswer>, Stop> {
        match self.graph.members_of(ids).await {
            Err(fault) if super::walk::may_be_better(fault.kind) => {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                self.control.turn().await;
                Ok(self.graph.members_of(ids).await?)
            }
            answered => Ok(answered?),
        }
    }

    /// A group with several pages, from its second page or from where an earlier run has stopped.
    async fn long(self, group: ToRead) -> Result<(Vec<Ending>, bool), Stop> {
        let open = || Ok(self.graph.members(&group.id));
        let begun = group.next.as_deref().and_then(|link| self.graph.members_at(link).ok());
        let mut walk = match begun {
            Some(pages) => Walk::from(&self.control, pages, open),
            None => Walk::new(&self.control, open)?,
        };
        let (mut distinct, mut restarts) = (Distinct::default(), 0);
        loop {
            let counted = |what| self.journal.counted(what);
            let limit = members_limit(counted(Countable::Users), counted(Countable::Groups));
            let (members, onward) = match walk.next(limit).await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok((vec![Ending::Read(group.id)], false)),
                Err(fault) => {
                    let mut pages = Vec::new();
                    return Ok((vec![self.unread(group, fault, &mut pages)?], false));
                }
            };
            if std::mem::replace(&mut restarts, walk.restarts()) != walk.restarts() {
                distinct = Distinct::default();
            }
            walk.refuse_repetition(&mut distinct, members.iter().map(|member| member.id.as_str()))?;
            let (settled, next) = match onward {
                Onward::Page(link) => (Settled::Open, Some(link)),
                Onward::End(_) => (Settled::Read, None),
                Onward::Nowhere => (Settled::Open, None),
            };
            let page = MembersRead { group_id: group.id.clone(), members, settled, next };
            self.store(Rows::Members(vec![page])).await?;
        }
    }

    /// Some refusals concern this group only; every other one stops the whole sync.
    fn unread(&self, group: ToRead, fault: Fault, pages: &mut Vec<MembersRead>) -> Result<Ending, Stop> {
        match fault.kind {
            FaultKind::Forbidden if group.hides_members => {
                pages.push(MembersRead {
                    group_id: group.id,
                    members: Vec::new(),
                    settled: Settled::Hidden,
                    next: None,
                });
                Ok(Ending::Hidden)
            }
            FaultKind::NotFound => Ok(Ending::Missing(group.id, Box::new(fault))),
            FaultKind::Forbidden
            | FaultKind::GraphRefused
            | FaultKind::AnswerUnreadable
            | FaultKind::ServiceUnavailable
            | FaultKind::PageExpired => Ok(Ending::Refused(Box::new(fault))),
            _ => Err(fault.into()),
        }
    }

    fn note(&self, ending: Ending) -> Result<(), Stop> {
        let mut notes = self.journal.notes();
        match ending {
            Ending::Open(_) => {}
            Ending::Read(id) => {
                notes.group_read.get_or_insert(id);
                notes.groups_read += 1;
                notes.refused_in_a_row = 0;
            }
            Ending::Hidden => notes.groups_hidden += 1,
            Ending::Missing(id, fault) => {
                notes.groups_missing.push(id);
                notes.missing_fault.get_or_insert(*fault);
            }
            Ending::Refused(fault) => {
                notes.groups_refused += 1;
                if fault.kind == FaultKind::Forbidden {
                    notes.forbidden.get_or_insert_with(|| (*fault).clone());
                }
                notes.refused_in_a_row += 1;
                if notes.refused_in_a_row >= REFUSED_IN_A_ROW {
                    return Err(Stop::Fault(fault));
                }
                notes.keep_first_fault(*fault);
            }
        }
        Ok(())
    }
}

/// A group that was read in one page. One that hides its members looks empty.
fn whole(group: &ToRead, members: &[Member]) -> (Settled, Ending) {
    if group.hides_members && members.is_empty() {
        (Settled::Hidden, Ending::Hidden)
    } else {
        (Settled::Read, Ending::Read(group.id.clone()))
    }
}
