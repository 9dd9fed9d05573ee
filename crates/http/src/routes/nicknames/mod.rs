//! Names that operators have blocked.

mod block;
mod blocked;
mod unblock;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![block::endpoint(), unblock::endpoint(), blocked::endpoint()]
}
