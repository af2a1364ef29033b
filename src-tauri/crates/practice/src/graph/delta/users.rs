//! The pages of `/users/delta`.

use super::{Items, Place, Round, appears};
use crate::changes::{Removal, Subject};

/// Writes one page and gives the place after it.
pub(super) fn page(round: &Round<'_>, place: Place, items: &mut Items) -> Place {
    match place {
        Place::First { started, number, .. } => first(round, started, number, items),
        Place::Later { since, until, at } => later(round, (since, until), at, items),
        Place::Link { .. } => place,
    }
}

/// Everybody, and those who could be restored.
fn first(round: &Round<'_>, started: u32, from: u32, items: &mut Items) -> Place {
    let directory = round.call.directory;
    for number in (from..directory.users_end()).filter(|number| round.wants(*number)) {
        if items.count == round.size {
            return Place::First { started, number, slot: 0 };
        }
        if directory.user_removal(number) != Some(Removal::Final) {
            write(round, number, items);
        }
    }
    Place::Link { since: started }
}

fn later(round: &Round<'_>, (since, until): (u32, u32), mut at: u32, items: &mut Items) -> Place {
    for change in round.call.directory.between(at, until) {
        if items.count == round.size {
            return Place::Later { since, until, at };
        }
        match change.subject {
            Subject::User(number) if round.wants(number) && appears(change, since) => {
                write(round, number, items);
            }
            _ => {}
        }
        at = change.sequence;
    }
    Place::Link { since: until }
}

fn write(round: &Round<'_>, number: u32, items: &mut Items) {
    let directory = round.call.directory;
    if let Some(removal) = directory.user_removal(number) {
        items.removed(directory.user_id(number), removal);
    } else if let Some(user) = directory.user(number) {
        items.begin();
        items.properties(&user, &round.names);
        items.json.push('}');
    }
}
