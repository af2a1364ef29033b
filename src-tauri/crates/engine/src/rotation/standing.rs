//! Who holds which credential, and whether the old one may go. Pure.

use std::path::PathBuf;

use bundle::{RecipientKind, SelfTest};
use jiff::Timestamp;

use super::{Elsewhere, RemovedGateway, Rotation, Stage};
use crate::{
    connection::{Connection, Credential},
    gateways::{Gateway, find},
};

/// A rotation with its gateways.
#[derive(Clone, Debug, PartialEq)]
pub struct RotationStanding {
    /// The credential that goes.
    pub old: Credential,
    /// The credential that comes.
    pub new: Credential,
    /// How far it has come.
    pub rotation: Rotation,
    /// Every gateway, in the order of the list.
    pub holders: Vec<Holder>,
    /// Gateways that were removed from the list without having confirmed the new credential, and are not in it again.
    pub removed: Vec<RemovedGateway>,
    /// Other connections of the same app that use the old credential, or whose gateways may hold it.
    pub elsewhere: Vec<Elsewhere>,
    /// Why the old credential may not be removed yet; none when it may.
    pub locked: Option<Locked>,
}

/// One gateway in a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The gateway's name.
    pub gateway: String,
    /// What it holds, as far as its receipts tell.
    pub holds: Holds,
    /// When its newest receipt was received.
    pub receipt_at: Option<Timestamp>,
    /// Its newest bundle carries the new credential.
    pub sealed: bool,
    /// The admin named it as an exception.
    pub excepted: bool,
    /// It can sign no receipt: an age key cannot.
    pub cannot_answer: bool,
}

/// What a gateway holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It answered that it works with the new credential.
    New,
    /// It has the new credential and did not try it.
    NewUntested,
    /// Its test with the new credential failed with this code.
    NewFailed(String),
    /// It did not install the new credential, because its test failed with this code, and goes on with what it had.
    HeldBack(String),
    /// Its newest receipt is about the old credential, or an earlier one.
    Old,
    /// It never answered.
    Unknown,
}

/// What a rotation has to know besides its own connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Other connections of the same app that use the old credential, or whose gateways may hold it.
    pub elsewhere: Vec<Elsewhere>,
    /// A list of gateways that was damaged, and of which nobody has said that it is whole again.
    pub lost: Option<LostList>,
}

/// A damaged list of gateways: some that hold the old credential may be missing from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostList {
    /// The id of the connection whose list it is.
    pub connection: String,
    /// Where the damaged file is kept.
    pub path: PathBuf,
}

/// Why the old credential may not be removed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// The new one is not proven.
    NotProven,
    /// A list of gateways was damaged, and nobody has said that it is whole again.
    ListLost(LostList),
    /// These gateways have not confirmed the new one, and are no exceptions. One of another connection stands with the id
    /// of that connection before it: `contoso-doors/door-1`.
    Unconfirmed(Vec<String>),
}

impl RotationStanding {
    /// How many gateways answered that they work with the new credential.
    pub fn confirmed(&self) -> usize {
        self.holders.iter().filter(|holder| holder.holds == Holds::New).count()
    }

    /// The gateways that have not confirmed the new credential, exceptions included; those of other connections with the
    /// id of theirs before them.
    pub fn unconfirmed(&self) -> Vec<String> {
        let waiting = self.holders.iter().filter(|holder| holder.holds != Holds::New);
        waiting.map(|holder| holder.gateway.clone()).chain(labels(&self.elsewhere)).collect()
    }

    /// Those of the unconfirmed that are no exceptions.
    pub fn waiting(&self) -> Vec<String> {
        let mut waiting = self.unconfirmed();
        waiting.retain(|gateway| !is_excepted(exceptions(&self.rotation), gateway));
        waiting
    }
}

/// The gateways of other connections, as exceptions name them.
fn labels(elsewhere: &[Elsewhere]) -> impl Iterator<Item = String> {
    elsewhere.iter().flat_map(|other| other.gateways.iter().map(|gateway| other.label(gateway)))
}

fn exceptions(rotation: &Rotation) -> &[String] {
    match &rotation.stage {
        Stage::HandingOut { exceptions, .. } => exceptions,
        Stage::Entered { .. } => &[],
    }
}

fn is_excepted(exceptions: &[String], gateway: &str) -> bool {
    exceptions.iter().any(|excepted| excepted.eq_ignore_ascii_case(gateway))
}

/// The standing of the rotation under way; none when there is none.
pub fn standing(connection: &Connection, gateways: &[Gateway], around: Around) -> Option<RotationStanding> {
    let rotation = connection.rotation.clone()?;
    let current = connection.credential.clone()?;
    let (old, new) = match rotation.stage {
        Stage::Entered { .. } => (current, rotation.other.clone()),
        Stage::HandingOut { .. } => (rotation.other.clone(), current),
    };
    let exceptions = exceptions(&rotation);
    let holders: Vec<Holder> =
        gateways.iter().map(|gateway| holder(gateway, &new.id(), exceptions)).collect();
    let removed = rotation.removed.iter().filter(|removed| find(gateways, &removed.gateway).is_none());
    let removed = removed.cloned().collect();
    let Around { elsewhere, lost } = around;
    let mut standing = RotationStanding { old, new, rotation, holders, removed, elsewhere, locked: None };
    standing.locked = locked(&standing, lost);
    Some(standing)
}

fn holder(gateway: &Gateway, new: &str, exceptions: &[String]) -> Holder {
    let name = gateway.name.to_string();
    let holds = match &gateway.confirmed {
        None => Holds::Unknown,
        Some(confirmed) if confirmed.credential_id != new => Holds::Old,
        Some(confirmed) => match (&confirmed.self_test, confirmed.held_back()) {
            (_, Some(code)) => Holds::HeldBack(code.to_owned()),
            (SelfTest::Failed { code }, None) => Holds::NewFailed(code.clone()),
            (SelfTest::Ok, None) => Holds::New,
            (SelfTest::NotRun, None) => Holds::NewUntested,
        },
    };
    Holder {
        holds,
        receipt_at: gateway.confirmed.as_ref().map(|confirmed| confirmed.received_at),
        sealed: gateway.newest().is_some_and(|newest| newest.credential_id == new),
        excepted: is_excepted(exceptions, &name),
        cannot_answer: gateway.key().is_some_and(|key| key.kind() == RecipientKind::X25519),
        gateway: name,
    }
}

fn locked(standing: &RotationStanding, lost: Option<LostList>) -> Option<Locked> {
    if !standing.rotation.is_proven() {
        return Some(Locked::NotProven);
    }
    let unconfirmed = || {
        let waiting = standing.waiting();
        (!waiting.is_empty()).then_some(Locked::Unconfirmed(waiting))
    };
    lost.map(Locked::ListLost).or_else(unconfirmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnosis::checks::fixture,
        gateways::{Confirmed, gateway_name},
    };

    fn rotating(stage: Stage) -> Connection {
        let mut connection = fixture::healthy();
        let mut other = connection.credential.clone().unwrap();
        other.entered_at = fixture::now() - jiff::SignedDuration::from_hours(5000);
        connection.rotation = Some(Rotation { stage, ..Rotation::entered(other) });
        connection
    }

    fn handing_out(exceptions: &[&str]) -> Connection {
        let exceptions = exceptions.iter().map(|name| (*name).to_owned()).collect();
        rotating(Stage::HandingOut { proven_at: fixture::now(), exceptions, removal: None })
    }

    fn answered(name: &str, credential: Option<String>, self_test: SelfTest) -> Gateway {
        let mut gateway = Gateway::named(gateway_name(name).unwrap());
        gateway.confirmed = credential.map(|credential_id| Confirmed {
            sequence: 1,
            credential_id,
            opened_at: fixture::now(),
            tested_at: None,
            received_at: fixture::now(),
            self_test,
        });
        gateway
    }

    fn fleet(connection: &Connection) -> Vec<Gateway> {
        let label = |credential: &Credential| Some(credential.id());
        let (new, old) = (connection.credential.as_ref(), connection.rotation.as_ref().map(|one| &one.other));
        vec![
            answered("a", new.and_then(label), SelfTest::Ok),
            answered("b", old.and_then(label), SelfTest::Ok),
            answered("c", None, SelfTest::NotRun),
            answered("d", new.and_then(label), SelfTest::Failed { code: "AADSTS7000222".to_owned() }),
            answered("e", new.and_then(label), SelfTest::NotRun),
        ]
    }

    #[test]
    fn the_old_one_stays_until_every_gateway_works_with_the_new_one() {
        let connection = handing_out(&[]);
        let standing = standing(&connection, &fleet(&connection), Around::default()).unwrap();
        let holds: Vec<&Holds> = standing.holders.iter().map(|holder| &holder.holds).collect();
        assert_eq!(
            holds,
            [
                &Holds::New,
                &Holds::Old,
                &Holds::Unknown,
                &Holds::NewFailed("AADSTS7000222".to_owned()),
                &Holds::NewUntested
            ]
        );
        let waiting = ["b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(standing.locked, Some(Locked::Unconfirmed(waiting.clone())));
        assert_eq!((standing.confirmed(), standing.unconfirmed()), (1, waiting));
        assert!(standing.old.entered_at < standing.new.entered_at);
    }

    #[test]
    fn a_gateway_that_did_not_install_the_new_one_keeps_the_old_one_here() {
        let connection = handing_out(&[]);
        let id = connection.credential.as_ref().map(Credential::id);
        let held_back = SelfTest::Failed { code: "held-back.AADSTS7000215".to_owned() };
        let standing = standing(&connection, &[answered("a", id, held_back)], Around::default()).unwrap();
        assert_eq!(standing.holders[0].holds, Holds::HeldBack("AADSTS7000215".to_owned()));
        assert_eq!(standing.locked, Some(Locked::Unconfirmed(vec!["a".to_owned()])));
    }

    #[test]
    fn exceptions_unlock_only_by_name() {
        let connection = handing_out(&["B", "c"]);
        let gateways = fleet(&connection);
        let locked = standing(&connection, &gateways, Around::default()).unwrap().locked;
        assert_eq!(locked, Some(Locked::Unconfirmed(vec!["d".to_owned(), "e".to_owned()])));
        assert_eq!(standing(&connection, &gateways[..3], Around::default()).unwrap().locked, None);
        assert_eq!(
            standing(&connection, &gateways[..3], Around::default()).unwrap().unconfirmed(),
            ["b", "c"]
        );
    }

    #[test]
    fn nothing_is_removed_before_the_new_one_is_proven() {
        let connection = rotating(Stage::Entered { tried: None });
        let standing = standing(&connection, &[], Around::default()).unwrap();
        assert_eq!(standing.locked, Some(Locked::NotProven));
        assert!(standing.new.entered_at < standing.old.entered_at, "the other one is the new one here");
    }

    #[test]
    fn without_a_rotation_there_is_no_standing() {
        assert_eq!(standing(&fixture::healthy(), &[], Around::default()), None);
    }
}
