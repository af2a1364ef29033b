//! The end of a rotation: the old credential is found removed.

use entra::FaultKind;
use futures_util::{FutureExt, future::BoxFuture};

use super::{
    Gatehouse,
    rotating::{DEADLINE, no_rotation, not_proven, same_rotation, stopped},
    work::same_inputs,
};
use crate::{
    connection::{Connection, Credential},
    diagnosis,
    fault::{Fault, FaultCode},
    gateways::Gateway,
    rotation::{
        self, Around, FinishedRotation, Locked, LostList, OldCredential, Removal, RemovedGateway, Rotation,
        RotationStanding, Stage,
    },
};

impl Gatehouse {
    /// Asks Entra ID whether it still takes the old credential, which the admin removed in the portal. When it
    /// refuses it, the rotation is at its end and the old credential is forgotten here as well.
    ///
    /// # Errors
    /// The old credential may not go yet, or the connection is busy.
    pub fn look_for_old_credential<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Connection, Fault>> {
        self.looked_for_old(id).boxed()
    }

    async fn looked_for_old(&self, id: &str) -> Result<Connection, Fault> {
        let running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let RotationStanding { old, rotation, .. } = self.unlocked(id)?;
        let seen = tokio::select! {
            seen = self.ask_with(&connection, &old) => seen,
            () = running.work.cancelled.cancelled() => return Err(stopped()),
        };
        if matches!(seen, OldCredential::Refused { .. }) {
            return self.finished(&connection, Seen::Refused);
        }
        let at = self.now();
        self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            same_rotation(saved, &rotation)?;
            if let Some(Rotation { stage: Stage::HandingOut { removal, .. }, .. }) = &mut saved.rotation {
                *removal = Some(Removal { at, seen });
            }
            Ok(())
        })
    }

    /// Ends the rotation on the admin's word, where Entra ID could not be asked with the old credential.
    ///
    /// # Errors
    /// The old credential may not go yet, or Entra ID still takes it.
    pub fn finish_rotation(&self, id: &str) -> Result<Connection, Fault> {
        let _running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let standing = self.unlocked(id)?;
        let Stage::HandingOut { removal, .. } = &standing.rotation.stage else { return Err(not_proven()) };
        match removal.as_ref().map(|removal| &removal.seen) {
            Some(OldCredential::CouldNotTell { .. }) => self.finished(&connection, Seen::Nothing),
            Some(OldCredential::Accepted) => Err(Fault::new(
                FaultCode::NotReady,
                "Entra ID still takes the old credential.",
                "Remove it under **Certificates & secrets**, wait a minute, and look again.",
            )),
            Some(OldCredential::Refused { .. }) | None => Err(Fault::new(
                FaultCode::NotReady,
                "Nobody has asked Entra ID yet whether it still takes the old credential.",
                "Look first.",
            )),
        }
    }

    /// Notes in the rotation under way which of the gateways that are about to be removed have not confirmed the new
    /// credential, and names them; none without a rotation.
    pub(super) fn record_removal(
        &self,
        id: &str,
        gateways: &[Gateway],
        names: &[String],
    ) -> Result<Vec<String>, Fault> {
        let connection = self.connection(id)?;
        let Some(standing) = rotation::standing(&connection, gateways, Around::default()) else {
            return Ok(Vec::new());
        };
        let is_removed = |gateway: &String| names.iter().any(|name| name.eq_ignore_ascii_case(gateway));
        let unconfirmed: Vec<String> = standing.unconfirmed().into_iter().filter(is_removed).collect();
        let at = self.now();
        let record = |saved: &mut Connection| {
            let Some(rotation) = &mut saved.rotation else { return Ok(()) };
            rotation.removed.retain(|earlier| !unconfirmed.contains(&earlier.gateway));
            rotation
                .removed
                .extend(unconfirmed.iter().map(|gateway| RemovedGateway { gateway: gateway.clone(), at }));
            Ok(())
        };
        if unconfirmed.is_empty() {
            return Ok(unconfirmed);
        }
        if self.inner.store.is_detached(id) {
            // The list belongs to the saved connection, of which this is a copy.
            self.inner.store.update_saved(id, &*self.inner.clock, record)?;
        }
        self.change(id, record)?;
        Ok(unconfirmed)
    }

    /// `asked` is the connection as it was when Entra ID was asked.
    fn finished(&self, asked: &Connection, seen: Seen) -> Result<Connection, Fault> {
        let id = asked.id.as_str();
        let _held = self.hold_credentials(id)?;
        let standing = self.unlocked(id)?;
        let finished = FinishedRotation {
            started_at: standing.rotation.started_at,
            finished_at: self.now(),
            old_id: standing.old.id(),
            new_id: standing.new.id(),
            exceptions: standing.unconfirmed(),
            removed: standing.removed.clone(),
            seen_refused: seen == Seen::Refused,
        };
        let saved = self.change(id, |saved| {
            same_inputs(saved, asked)?;
            same_rotation(saved, &standing.rotation)?;
            saved.rotation = None;
            saved.last_rotation = Some(finished);
            Ok(())
        })?;
        // It opens nothing any more, should a locked keychain keep it.
        self.forget(id, &standing.old).ok();
        Ok(saved)
    }

    /// The rotation, when its old credential may go.
    fn unlocked(&self, id: &str) -> Result<RotationStanding, Fault> {
        let standing = self.rotation(id)?.ok_or_else(no_rotation)?;
        match &standing.locked {
            None => Ok(standing),
            Some(Locked::NotProven) => Err(not_proven()),
            Some(Locked::ListLost(lost)) => Err(list_lost(lost)),
            Some(Locked::Unconfirmed(names)) => Err(Fault::new(
                FaultCode::NotReady,
                format!(
                    "{} not answered that they work with the new credential: {}.",
                    crate::words::count(names.len(), "gateway has", "gateways have"),
                    crate::words::names(names)
                ),
                "Wait for their receipts, or name them as exceptions.",
            )),
        }
    }

    /// Asks for a token with the old credential, which is not the connection's own any more.
    pub(super) async fn ask_with(&self, connection: &Connection, old: &Credential) -> OldCredential {
        let could_not = |because: String| OldCredential::CouldNotTell { because };
        let asking = Connection { credential: Some(old.clone()), ..connection.clone() };
        let key = match self.key(&asking) {
            Ok(key) => key,
            Err(fault) if fault.code == FaultCode::KeychainLocked => {
                return could_not("the keychain is locked".to_owned());
            }
            Err(_) => None,
        };
        let (Some(key), Some(tenant), Some(client)) =
            (key, connection.tenant_ref(), connection.client_id.as_deref())
        else {
            return could_not("the old credential is not kept here any more".to_owned());
        };
        let entra = match self.entra(connection, DEADLINE, DEADLINE) {
            Ok(entra) => entra,
            Err(fault) => return could_not(fault.what),
        };
        match key.token(&entra, &tenant, client, &*self.inner.clock).await {
            Ok(_) => OldCredential::Accepted,
            Err(fault) if fault.kind == FaultKind::Refused && refuses_credential(&fault) => {
                OldCredential::Refused { aadsts: fault.aadsts }
            }
            Err(fault) => could_not(fault.detail),
        }
    }
}

/// Without the whole list, nobody waits for those that are missing from it.
fn list_lost(LostList { connection, path }: &LostList) -> Fault {
    let what = format!(
        "The list of gateways was damaged and kept as {}, so it is not known which still hold the old credential.",
        path.display()
    );
    let fix = format!(
        "Enter the missing gateways again, then say that the list is whole: under Gateways, or with `gatehouse gateways {connection} whole`."
    );
    Fault::new(FaultCode::NotReady, what, fix)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Refused,
    Nothing,
}

/// The service knows the app and not this credential. Other refusals, such as one for a wrong clock, prove nothing of it.
fn refuses_credential(fault: &entra::Fault) -> bool {
    const GONE: [&str; 4] = ["secret-wrong", "secret-expired", "certificate-unknown", "certificate-expired"];
    const REVOKED: u32 = 7_000_214;
    let finding = diagnosis::aadsts::finding(fault);
    fault.aadsts == Some(REVOKED) || finding.is_some_and(|finding| GONE.contains(&finding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_credential_itself_says_that_it_is_gone() {
        let refused = |aadsts: u32| {
            let fault = serde_json::json!({
                "kind": FaultKind::Refused, "host": "login.microsoftonline.com", "operation": entra::Operation::Token,
                "path": null, "http_status": 401, "oauth_error": "invalid_client", "aadsts": aadsts,
                "graph_code": null, "trace_id": null, "correlation_id": null, "request_id": null, "timestamp": null, "retry_after": null,
                "detail": "",
            });
            refuses_credential(&serde_json::from_value(fault).unwrap())
        };
        assert!([7_000_215, 7_000_222, 700_027, 1_000_502, 7_000_214].into_iter().all(refused));
        assert!(![700_024, 50_012, 700_016, 7_000_112, 53_003, 1].into_iter().any(refused));
    }
}
