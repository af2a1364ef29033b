//! Between the client and the tenant: listeners, the authority's port with its certificates, a proxy, and answers that
//! come from something else than the tenant.

mod front;
mod listening;
mod port;
mod proxy;

pub(crate) use front::{Room, answer_in_its_place};
pub(crate) use listening::Server;
pub(crate) use port::{Door, Face, Port, keep};
pub(crate) use proxy::Proxy;
