//! Where something is mended: the page's name in the portal, and its address.

use url::Url;

use super::Ids;
use crate::{
    connection::Connection,
    portal::{self, PortalPage, Whose},
};

/// A page of Microsoft's portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The way to it, in the portal's own words.
    pub name: &'static str,
    /// Its address; none for a practice connection, which has no portal.
    pub address: Option<Url>,
}

impl Place {
    /// The page; without whole ids, the nearest one whose address needs none.
    pub(super) fn of(connection: &Connection, page: PortalPage, ids: Ids) -> Self {
        let address = match ids {
            Ids::Full => portal::address(connection, page),
            Ids::Short => without_ids(connection, page),
        };
        Self { name: page.words(), address }
    }
}

fn without_ids(connection: &Connection, page: PortalPage) -> Option<Url> {
    let nobody = Whose::nobody(connection.endpoints.clone());
    let list = match page {
        PortalPage::AdminConsent => PortalPage::EnterprisePermissions,
        _ => PortalPage::AppRegistrations,
    };
    nobody.address(page).or_else(|| nobody.address(list))
}
