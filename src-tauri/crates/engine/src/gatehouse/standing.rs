//! A rotation with everything that it waits for: its own gateways, and those of other connections of the same app.

use super::Gatehouse;
use crate::{
    connection::Connection,
    fault::Fault,
    gateways::{self, Gateway},
    rotation::{self, Around, LostList, Rotation, RotationStanding, Stage, standing},
    store::SetAside,
};

impl Gatehouse {
    /// The rotation under way with its gateways; none when there is none.
    ///
    /// # Errors
    /// The connection is unknown, or the connections or gateways cannot be read.
    pub fn rotation(&self, id: &str) -> Result<Option<RotationStanding>, Fault> {
        let connection = self.connection(id)?;
        if connection.rotation.is_none() {
            return Ok(None);
        }
        let list = self.gateways(id)?;
        let lost = |connection: &str, aside: &[SetAside]| {
            let first = aside.first()?;
            Some(LostList { connection: connection.to_owned(), path: first.path.clone() })
        };
        let mut around = Around { elsewhere: Vec::new(), lost: lost(id, &list.set_aside) };
        let old = match &connection.rotation {
            Some(Rotation { stage: Stage::HandingOut { .. }, other, .. }) => Some(other),
            _ => connection.credential.as_ref(),
        };
        for other in self.of_the_same_app(&connection)? {
            let list = self.gateways(&other.id)?;
            around.lost = around.lost.or_else(|| lost(&other.id, &list.set_aside));
            around.elsewhere.extend(old.and_then(|old| rotation::elsewhere(&other, &list.gateways, old)));
        }
        Ok(standing(&connection, &list.gateways, around))
    }

    /// Takes the admin's word that a list of gateways that was damaged is whole again. The damaged file stays where it
    /// is kept.
    ///
    /// # Errors
    /// The connection is unknown, or the list cannot be saved.
    pub fn gateways_are_whole(&self, id: &str) -> Result<(), Fault> {
        self.connection(id)?;
        self.gateway_store().dismiss(id, &*self.inner.clock)
    }

    /// Names gateways whose receipt is not waited for. The list replaces an earlier one. A gateway of another connection
    /// of the same app is named with the id of that connection before it: `contoso-doors/door-1`.
    ///
    /// # Errors
    /// A name is not in the list of gateways, or the new credential is not proven yet.
    pub fn except_gateways(&self, id: &str, names: &[String]) -> Result<Connection, Fault> {
        let gateways = self.gateways(id)?.gateways;
        let standing = self.rotation(id)?;
        let elsewhere = standing.map(|standing| standing.unconfirmed()).unwrap_or_default();
        let mut named: Vec<String> = Vec::with_capacity(names.len());
        for name in names {
            let here = gateways::find(&gateways, name).map(|one| one.name.to_string());
            let there = || elsewhere.iter().find(|one| one.eq_ignore_ascii_case(name)).cloned();
            let known = here.or_else(there).ok_or_else(|| gateways::unknown_gateway(name))?;
            if !named.contains(&known) {
                named.push(known);
            }
        }
        self.change(id, |saved| match &mut saved.rotation {
            Some(Rotation { stage: Stage::HandingOut { exceptions, .. }, .. }) => {
                *exceptions = named;
                Ok(())
            }
            _ => Err(super::rotating::not_proven()),
        })
    }

    /// Waits again for gateways that were exceptions and have left the list of this connection, or have another key:
    /// nobody has said anything about the machine that has the name from now on.
    pub(super) fn wait_again(&self, id: &str, before: &[Gateway], after: &[Gateway]) -> Result<(), Fault> {
        let same = |gateway: &Gateway| {
            let now = gateways::find(after, gateway.name.as_str());
            now.is_some_and(|now| gateway.recipient.is_none() || now.recipient == gateway.recipient)
        };
        let other: Vec<&Gateway> = before.iter().filter(|gateway| !same(gateway)).collect();
        if other.is_empty() {
            return Ok(());
        }
        let retain = |connection: &mut Connection| {
            let its_own = connection.id == id;
            let Some(Rotation { stage: Stage::HandingOut { exceptions, .. }, .. }) = &mut connection.rotation
            else {
                return false;
            };
            let before = exceptions.len();
            exceptions.retain(|excepted| {
                !other.iter().any(|gateway| {
                    let name = gateway.name.as_str();
                    let called = if its_own { name.to_owned() } else { rotation::label(id, name) };
                    excepted.eq_ignore_ascii_case(&called)
                })
            });
            exceptions.len() < before
        };
        let forget = |connection: &mut Connection| {
            retain(connection);
            Ok(())
        };
        for mut connection in self.connections()?.0 {
            if retain(&mut connection) {
                self.inner.store.update_saved(&connection.id, &*self.inner.clock, forget)?;
            }
        }
        if self.inner.store.is_held(id) {
            self.change(id, forget)?;
        }
        Ok(())
    }

    fn of_the_same_app(&self, connection: &Connection) -> Result<Vec<Connection>, Fault> {
        let (mut saved, _) = self.connections()?;
        saved.retain(|other| other.id != connection.id && rotation::same_app(connection, other));
        Ok(saved)
    }
}
