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
/// Where the list of users is cut: the same places as in Gatehouse.
const BOUNDS: [&str; 11] = ["am", "b", "d", "f", "i", "k", "m", "n", "p", "s", "u"];
/// Groups in one batch.
const TOGETHER: usize = 20;
/// Batches at a time.
const BATCHES: usize = 8;

pub(super) async fn batches(client: &Client, users: UserList) -> Result<(), Problem> {
    beside_the_lists(client, users, Fetching { together: TOGETHER, parallel: BATCHES }).await
}

pub(super) async fn gets(client: &Client, parallel: usize, users: UserList) -> Result<(), Problem> {
    beside_the_lists(client, users, Fetching { together: 1, parallel }).await
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
    together: usize,
    parallel: usize,
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
                        list(&client, Kind::Members, link, |_| {}).await?;
                        Ok((Vec::new(), false))
                    });
                }
            }
            received = groups.recv_many(&mut next, fetching.together), if more && first_pages < fetching.parallel => {
                more = received > 0;
                if more {
                    let places = next.drain(..).map(|group| members_of(&group, 999)).collect();
                    first_pages += 1;
                    let client = client.clone();
                    tasks.spawn(async move { Ok((first_pages_of(&client, places, fetching.together).await?, true)) });
                }
            }
            else => return Ok(()),
        }
    }
}

/// The links to the second pages of these groups.
async fn first_pages_of(
    client: &Client,
    places: Vec<String>,
    together: usize,
) -> Result<Vec<String>, Problem> {
    let pages = if together > 1 {
        client.batch(places).await?
    } else {
        try_join_all(places.iter().map(|place| client.page(Kind::Members, place))).await?
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
