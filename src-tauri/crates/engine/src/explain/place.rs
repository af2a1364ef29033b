//! Pages of the portal for somebody who has no connection at hand: by name, and by address as far as ids are known.

use entra::{Cloud, Endpoints};

use super::Place;
use crate::portal::{PortalPage, Whose};

/// A page, with its address where the ids are enough for it.
pub(super) fn of(page: PortalPage, whose: &Whose) -> Place {
    Place { page, name: page.words(), address: whose.address(page) }
}

/// A page of the global cloud, for nobody in particular.
pub(super) fn of_nobody(page: PortalPage) -> Place {
    of(page, &Whose::nobody(Endpoints::of(Cloud::Global)))
}
