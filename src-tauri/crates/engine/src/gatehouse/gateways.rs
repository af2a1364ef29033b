//! The gateways of a connection: the list, their keys, and their receipts.

use super::Gatehouse;
use crate::{
    connection::Connection,
    fault::Fault,
    gateways::{
        self, Gateway, GatewayEntry, GatewayStore, ImportOutcome, ImportRequest, KeyPreview, KeyRequest,
        KeysOutcome, Received, TablePreview,
    },
    store::SetAside,
    words,
};

/// The gateways of a connection, and files that had to be set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayList {
    /// The gateways, by name.
    pub gateways: Vec<Gateway>,
    /// Damaged files that were kept under another name.
    pub set_aside: Vec<SetAside>,
}

/// What it means that gateways were removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewaysRemoved {
    /// Those that a rotation under way had not heard of that they work with the new credential. Nobody waits for them any
    /// more, and the rotation's record names them.
    pub unconfirmed: Vec<String>,
    /// Some are unconfirmed, and now nothing keeps the old credential from being removed.
    pub old_may_go: bool,
}

impl GatewaysRemoved {
    /// What that means for the rotation under way, in sentences; none when it means nothing.
    pub fn says(&self) -> Option<String> {
        if self.unconfirmed.is_empty() {
            return None;
        }
        let had = if self.unconfirmed.len() == 1 { "has" } else { "have" };
        let may_go = if self.old_may_go {
            " Nothing keeps the old credential from being removed any more."
        } else {
            ""
        };
        Some(format!(
            "{} {had} not confirmed the new credential and may still hold the old one. The rotation’s record keeps that.{may_go}",
            words::names(&self.unconfirmed)
        ))
    }
}

impl Gatehouse {
    /// The gateways of a connection. One from variables, or a copy of a saved one, has those of its id.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer Gatehouse.
    pub fn gateways(&self, id: &str) -> Result<GatewayList, Fault> {
        let (gateways, set_aside) = self.gateway_store().all(id, &*self.inner.clock)?;
        Ok(GatewayList { gateways, set_aside })
    }

    /// Adds a gateway, or changes what was entered about it. A key is given with [`give_keys`](Self::give_keys).
    ///
    /// # Errors
    /// A field cannot be used, or the list cannot be read or saved.
    pub fn save_gateway(&self, id: &str, entry: &GatewayEntry) -> Result<Gateway, Fault> {
        let connection = self.connection(id)?;
        let checked = gateways::checked_entry(entry, &connection.profile)?;
        self.change_gateways(id, |gateways| Ok(gateways::enter(gateways, checked)))
    }

    /// Removes gateways from the list. Receipts for their bundles are no longer believed. A rotation under way keeps in
    /// its record which of them had not confirmed the new credential.
    ///
    /// # Errors
    /// One of them is not in the list, and then nothing is removed; or the list or the record cannot be read or saved.
    pub fn remove_gateways(&self, id: &str, names: &[String]) -> Result<GatewaysRemoved, Fault> {
        let listed = self.gateways(id)?.gateways;
        if let Some(unknown) = names.iter().find(|name| gateways::find(&listed, name).is_none()) {
            return Err(gateways::unknown_gateway(unknown));
        }
        // The record comes first: a crash in between leaves a name in it that is in the list still, and does not count.
        let unconfirmed = self.record_removal(id, &listed, names)?;
        self.change_gateways(id, |gateways| {
            gateways
                .retain(|gateway| !names.iter().any(|name| gateway.name.as_str().eq_ignore_ascii_case(name)));
            Ok(())
        })?;
        let old_may_go =
            !unconfirmed.is_empty() && self.rotation(id)?.is_some_and(|standing| standing.locked.is_none());
        Ok(GatewaysRemoved { unconfirmed, old_may_go })
    }

    /// What a text of keys holds, and what giving them would change.
    ///
    /// # Errors
    /// The gateway it is about has no usable name, or the list cannot be read.
    pub fn preview_keys(&self, id: &str, request: &KeyRequest) -> Result<KeyPreview, Fault> {
        gateways::preview_keys(&self.gateways(id)?.gateways, request)
    }

    /// Gives the keys of a text to their gateways; when an unconfirmed one would replace another, nothing is changed.
    ///
    /// # Errors
    /// As [`preview_keys`](Self::preview_keys), or the list cannot be saved.
    pub fn give_keys(&self, id: &str, request: &KeyRequest) -> Result<KeysOutcome, Fault> {
        self.connection(id)?;
        self.change_gateways(id, |gateways| gateways::give_keys(gateways, request))
    }

    /// What a table of gateways would change.
    ///
    /// # Errors
    /// It is too large or no table, or the list cannot be read.
    pub fn preview_table(&self, id: &str, table: &[u8]) -> Result<TablePreview, Fault> {
        let connection = self.connection(id)?;
        gateways::preview_table(&self.gateways(id)?.gateways, table, &connection.profile)
    }

    /// Takes a table of gateways over, whole or not at all.
    ///
    /// # Errors
    /// As [`preview_table`](Self::preview_table), or the list cannot be saved.
    pub fn import_table(&self, id: &str, request: &ImportRequest) -> Result<ImportOutcome, Fault> {
        let connection = self.connection(id)?;
        self.change_gateways(id, |gateways| gateways::import_table(gateways, request, &connection.profile))
    }

    /// The list as a table that can be imported again: CSV with commas, UTF-8.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn export_table(&self, id: &str) -> Result<Vec<u8>, Fault> {
        Ok(gateways::write_table(&self.gateways(id)?.gateways))
    }

    /// Takes a gateway's receipt.
    ///
    /// # Errors
    /// It is not believed, and why; or the list cannot be read or saved.
    pub fn receive(&self, id: &str, receipt: &[u8]) -> Result<Received, Fault> {
        self.receive_all(id, &[receipt])?.into_iter().next().unwrap_or_else(|| Err(gateways::no_receipt()))
    }

    /// Takes many receipts; each is believed or refused by itself.
    ///
    /// # Errors
    /// The list cannot be read or saved.
    pub fn receive_all<R: AsRef<[u8]>>(
        &self,
        id: &str,
        receipts: &[R],
    ) -> Result<Vec<Result<Received, Fault>>, Fault> {
        let (connection, now) = (self.connection(id)?, self.now());
        self.change_gateways(id, |gateways| {
            let each = receipts.iter().map(|receipt| {
                let received = gateways::judge_receipt(gateways, &connection, receipt.as_ref(), now)?;
                if let Some(gateway) = gateways::find_mut(gateways, received.gateway.as_str()) {
                    gateway.answered(&received.confirmed, received.news);
                }
                Ok(received)
            });
            Ok(each.collect())
        })
    }

    /// The connection, and the gateway of this name.
    ///
    /// # Errors
    /// There is none, or the list cannot be read.
    pub fn gateway(&self, id: &str, name: &str) -> Result<(Connection, Gateway), Fault> {
        let connection = self.connection(id)?;
        let gateways = self.gateways(id)?.gateways;
        let gateway = gateways::find(&gateways, name).ok_or_else(|| gateways::unknown_gateway(name))?;
        Ok((connection, gateway.clone()))
    }

    pub(super) fn change_gateways<T>(
        &self,
        id: &str,
        change: impl FnOnce(&mut Vec<Gateway>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let app = gateways::App::of(&self.connection(id)?);
        self.gateway_store().of(app).update(id, &*self.inner.clock, |gateways| {
            let before = gateways.clone();
            let answer = change(gateways)?;
            self.wait_again(id, &before, gateways)?;
            Ok(answer)
        })
    }

    /// Forgets the gateways of a connection that is removed; a copy in memory has none of its own.
    pub(super) fn forget_gateways(&self, id: &str) -> Result<(), Fault> {
        if self.inner.store.is_detached(id) {
            return Ok(());
        }
        self.gateway_store().remove(id)
    }

    pub(super) fn gateway_store(&self) -> GatewayStore {
        GatewayStore::below(self.home())
    }
}
