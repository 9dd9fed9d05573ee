//! Events that were accepted and could not be applied.

mod discard;
mod list;
mod retry;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![list::endpoint(), discard::endpoint(), retry::endpoint()]
}
