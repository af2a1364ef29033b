//! The orders in which the bare program asks for pages.

use futures_util::future::try_join_all;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    UserList,
    client::{Client, Kind},
};
use crate::Problem;

const USERS: &str = "/users?$select=id,userPrincipalName,displayName,mail,accountEnabled,userType";
const GROUPS: &str = "/groups?$select=id,displayName,mail,securityEnabled,groupTypes,visibility";
/// The same of groups, and their members.
const GROUPS_WITH_MEMBERS: &str =
    "/groups/delta?$select=id,displayName,mail,securityEnabled,groupTypes,visibility,members";
/// Where the list of users is cut: the same places as in Gatehouse.
const BOUNDS: [&str; 11] = ["am", "b", "d", "f", "i", "k", "m", "n", "p", "s", "u"];
/// Batches at a time.
const BATCHES: usize = 8;

pub(super) async fn batches(client: &Client, users: UserList) -> Result<(), Problem> {
    beside_the_lists(client, users, Fetching { way: Way::Batches, parallel: BATCHES }).await
}

pub(super) async fn gets(client: &Client, parallel: usize, users: UserList) -> Result<(), Problem> {
    beside_the_lists(client, users, Fetching { way: Way::Gets, parallel }).await
}

pub(super) async fn delta(client: &Client) -> Result<(), Problem> {
    list(client, Kind::Delta, GROUPS_WITH_MEMBERS.to_owned(), |_| {}).await
}

pub(super) async fn deltas(client: &Client, parallel: usize) -> Result<(), Problem> {
    beside_the_lists(client, UserList::None, Fetching { way: Way::Deltas, parallel }).await
}

pub(super) async fn serial(client: &Client) -> Result<(), Problem> {
    for _ in 0..2 {
        list(client, Kind::Users, format!("{USERS}&$top=100"), |_| {}).await?;
    }
    let mut groups = Vec::new();
    list(client, Kind::Groups, format!("{GROUPS}&$top=100"), |id| groups.push(id)).await?;
    for group in groups {
        list(client, Kind::Members, members_of(&group, 100), |_| {}).await?;
    }
    Ok(())
}

/// How groups are asked for their members.
#[derive(Clone, Copy)]
struct Fetching {
    way: Way,
    parallel: usize,
}

#[derive(Clone, Copy)]
enum Way {
    Gets,
    Batches,
    Deltas,
}

impl Way {
    /// The most groups in one request: those that a batch takes, and the ids that the filter of a delta takes.
    fn together(self) -> usize {
        match self {
            Self::Gets => 1,
            Self::Batches => 20,
            Self::Deltas => 50,
        }
    }

    /// What its next-links lead to.
    fn kind(self) -> Kind {
        match self {
            Self::Gets | Self::Batches => Kind::Members,
            Self::Deltas => Kind::Delta,
        }
    }
}

async fn beside_the_lists(client: &Client, users: UserList, fetching: Fetching) -> Result<(), Problem> {
    let (found, groups) = mpsc::unbounded_channel();
    let (listing, fetched) = (client.clone(), client.clone());
    let tasks = [
        tokio::spawn(user_lists(client.clone(), users)),
        tokio::spawn(async move {
            list(&listing, Kind::Groups, format!("{GROUPS}&$top=999"), |id| {
                // Whoever listens has failed, and says so.
                found.send(id).ok();
            })
            .await
        }),
        tokio::spawn(async move { members(&fetched, groups, fetching).await }),
    ];
    for ended in try_join_all(tasks).await? {
        ended?;
    }
    Ok(())
}

async fn user_lists(client: Client, users: UserList) -> Result<(), Problem> {
    let first_pages = match users {
        UserList::None => Vec::new(),
        UserList::Whole => vec![format!("{USERS}&$top=999")],
        UserList::Shards => (0..=BOUNDS.len())
            .map(|part| {
                let from =
                    part.checked_sub(1).map(|before| format!("userPrincipalName ge '{}'", BOUNDS[before]));
                let to = BOUNDS.get(part).map(|bound| format!("userPrincipalName le '{bound}'"));
                let filter = [from, to].into_iter().flatten().collect::<Vec<_>>().join(" and ");
                format!("{USERS}&$top=999&$filter={filter}")
            })
            .collect(),
    };
    try_join_all(first_pages.into_iter().map(|first| list(&client, Kind::Users, first, |_| {}))).await?;
    Ok(())
}

/// Asks for the members of each group as soon as it is known. The later pages of long groups come beside the others.
async fn members(
    client: &Client,
    mut groups: mpsc::UnboundedReceiver<String>,
    fetching: Fetching,
) -> Result<(), Problem> {
    let mut tasks: JoinSet<Result<(Vec<String>, bool), Problem>> = JoinSet::new();
    let (mut more, mut first_pages, mut next) = (true, 0, Vec::new());
    loop {
        tokio::select! {
            Some(ended) = tasks.join_next() => {
                let (onward, was_first) = ended??;
                first_pages -= usize::from(was_first);
                for link in onward {
                    let client = client.clone();
                    tasks.spawn(async move {
                        list(&client, fetching.way.kind(), link, |_| {}).await?;
                        Ok((Vec::new(), false))
                    });
                }
            }
            received = groups.recv_many(&mut next, fetching.way.together()), if more && first_pages < fetching.parallel => {
                more = received > 0;
                if more {
                    let asked = std::mem::take(&mut next);
                    first_pages += 1;
                    let client = client.clone();
                    tasks.spawn(async move { Ok((first_pages_of(&client, &asked, fetching.way).await?, true)) });
                }
            }
            else => return Ok(()),
        }
    }
}

/// The links to the second pages of these groups.
async fn first_pages_of(client: &Client, groups: &[String], way: Way) -> Result<Vec<String>, Problem> {
    let places = groups.iter().map(|group| members_of(group, 999));
    let pages = match way {
        Way::Gets => {
            let places: Vec<String> = places.collect();
            try_join_all(places.iter().map(|place| client.page(Kind::Members, place))).await?
        }
        Way::Batches => client.batch(places.collect()).await?,
        Way::Deltas => vec![client.page(Kind::Delta, &delta_of(groups)).await?],
    };
    Ok(pages.into_iter().filter_map(|page| page.next).collect())
}

async fn list(
    client: &Client,
    kind: Kind,
    first: String,
    mut each: impl FnMut(String),
) -> Result<(), Problem> {
    let mut next = Some(first);
    while let Some(place) = next.take() {
        let page = client.page(kind, &place).await?;
        page.ids.into_iter().for_each(&mut each);
        next = page.next;
    }
    Ok(())
}

fn members_of(group: &str, top: u32) -> String {
    format!("/groups/{group}/members?$select=id&$top={top}")
}

fn delta_of(groups: &[String]) -> String {
    let ids: Vec<String> = groups.iter().map(|group| format!("id eq '{group}'")).collect();
    format!("/groups/delta?$select=id,members&$filter={}", ids.join(" or "))
}
