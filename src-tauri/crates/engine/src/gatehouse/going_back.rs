//! A rotation is given up: the new credential is forgotten, or the connection goes back to the old one.
//!
//! The new one is forgotten only when the one that stays is known to work, or was in use all the time.

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    Gatehouse,
    rotating::{no_rotation, not_proven, same_rotation, stopped},
    running,
    work::same_inputs,
};
use crate::{
    connection::Connection,
    fault::{Fault, FaultCode},
    rotation::{Known, OldCredential, Removal, Rotation, Stage},
};

impl Gatehouse {
    /// Gives the rotation up. A new credential that is not proven is forgotten; after it was proven, the connection goes
    /// back to the old one, when Entra ID accepts that one now.
    ///
    /// # Errors
    /// There is no rotation, the old credential works no more or could not be asked about, the connection is busy, or
    /// it cannot be saved. The new credential is kept then.
    pub fn abandon_rotation<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Connection, Fault>> {
        self.abandoned(id).boxed()
    }

    async fn abandoned(&self, id: &str) -> Result<Connection, Fault> {
        let running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let rotation = connection.rotation.clone().ok_or_else(no_rotation)?;
        if rotation.is_proven() || rotation.went_back_at.is_some() {
            let old =
                if rotation.is_proven() { Some(&rotation.other) } else { connection.credential.as_ref() };
            let old = old.ok_or_else(no_rotation)?;
            let seen = tokio::select! {
                seen = self.ask_with(&connection, old) => seen,
                () = running.work.cancelled.cancelled() => return Err(stopped()),
            };
            self.works_now(&connection, &rotation, seen)?;
        }
        let new = if rotation.is_proven() { connection.credential.clone() } else { None };
        let _held = self.hold_credentials(id)?;
        let saved = self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            same_rotation(saved, &rotation)?;
            if rotation.is_proven() {
                saved.credential = Some(rotation.other.clone());
                let known = saved.rotation.take().and_then(|rotation| rotation.known);
                known.map_or_else(Known::default, |known| *known).counts_again(saved);
            }
            saved.rotation = None;
            Ok(())
        })?;
        if let Some(new) = &new {
            self.remember_given_up(&connection, new);
        }
        // A locked keychain keeps it; it is not used any more.
        self.forget(id, new.as_ref().unwrap_or(&rotation.other)).ok();
        Ok(saved)
    }

    /// Goes back to the old credential on the admin's word, where Entra ID could not be asked about it. Nothing that was
    /// known with it counts, and the new one is kept beside it: proven again, it takes over as before, and it is forgotten
    /// when the rotation is given up after Entra ID was seen to accept the old one.
    ///
    /// # Errors
    /// The new credential is not proven, nobody has tried to go back with a question to Entra ID, it was seen to accept or
    /// refuse the old one, or it cannot be saved.
    pub fn go_back_unproven(&self, id: &str) -> Result<Connection, Fault> {
        let _running: running::Guard = self.inner.running.begin(id)?;
        let _held = self.hold_credentials(id)?;
        let at = self.now();
        self.change(id, |saved| {
            let rotation = saved.rotation.clone().ok_or_else(no_rotation)?;
            let Stage::HandingOut { removal, .. } = &rotation.stage else { return Err(not_proven()) };
            if !matches!(removal, Some(Removal { seen: OldCredential::CouldNotTell { .. }, .. })) {
                return Err(Fault::new(
                    FaultCode::NotReady,
                    "Entra ID has not been asked whether it still takes the old credential.",
                    "Go back with a question first.",
                ));
            }
            let Some(new) = saved.credential.replace(rotation.other) else { return Err(no_rotation()) };
            saved.rotation = Some(Rotation {
                other: new,
                stage: Stage::Entered { tried: None },
                known: None,
                went_back_at: Some(at),
                ..rotation
            });
            Known::default().counts_again(saved);
            saved.checked_at = None;
            Ok(())
        })
    }

    /// What Entra ID said to the credential that is to stay alone.
    fn works_now(
        &self,
        connection: &Connection,
        rotation: &Rotation,
        seen: OldCredential,
    ) -> Result<(), Fault> {
        let fault = match &seen {
            OldCredential::Accepted => return Ok(()),
            OldCredential::Refused { .. } if rotation.is_proven() => Fault::new(
                FaultCode::NotReady,
                "Entra ID refuses the old credential, so there is nothing to go back to.",
                "Go on with the new one: hand it out, then finish the rotation.",
            ),
            OldCredential::Refused { .. } => Fault::new(
                FaultCode::NotReady,
                "Entra ID refuses the old credential, so the new one is kept.",
                "Prove the new one again, or enter another one in step 3.",
            ),
            OldCredential::CouldNotTell { because } => Fault::new(
                FaultCode::NotReady,
                format!(
                    "It could not be told whether Entra ID still takes the old credential, because {because}. The new one is kept."
                ),
                "Try again when it can be asked.",
            ),
        };
        let at = self.now();
        self.change(&connection.id, |saved| {
            same_inputs(saved, connection)?;
            same_rotation(saved, rotation)?;
            if let Some(Rotation { stage: Stage::HandingOut { removal, .. }, .. }) = &mut saved.rotation {
                *removal = Some(Removal { at, seen });
            }
            Ok(())
        })?;
        Err(fault)
    }
}
