//! Pages of the portal for somebody who has no connection at hand: by name, and by address as far as ids are known.

use entra::{Cloud, Endpoints};
use jiff::Timestamp;
use url::Url;

use super::Place;
use crate::{
    connection::{Connection, TenantEntry},
    evidence::Evidence,
    journey::Step,
    portal::{self, PortalPage},
};

/// The ids that addresses of the portal are made of.
#[derive(Clone, Debug)]
pub(super) struct Whose {
    pub(super) cloud: Cloud,
    pub(super) tenant: Option<String>,
    pub(super) client_id: Option<String>,
}

impl Whose {
    /// Nobody's: the global cloud, and no id.
    pub(super) fn nobody() -> Self {
        Self { cloud: Cloud::Global, tenant: None, client_id: None }
    }
}

/// A page, with its address where the ids are enough for it.
pub(super) fn of(page: PortalPage, whose: &Whose) -> Place {
    Place { page, name: page.words(), address: address(page, whose) }
}

pub(super) fn address(page: PortalPage, whose: &Whose) -> Option<Url> {
    let tenant = whose.tenant.clone().map(|text| TenantEntry { text });
    let connection = Connection {
        id: String::new(),
        name: String::new(),
        practice: false,
        endpoints: Endpoints::of(whose.cloud),
        ca_file: None,
        tenant,
        client_id: whose.client_id.clone(),
        credential: None,
        profile: String::new(),
        custom_permissions: Vec::new(),
        access: Vec::new(),
        current_step: Step::Prepare,
        evidence: Evidence::default(),
        checked_at: None,
        saved_at: Timestamp::UNIX_EPOCH,
        sequence: 0,
    };
    portal::address(&connection, page)
}
