//! Events that the definition did not allow.

mod discard;
mod list;
mod requeue;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![list::endpoint(), discard::endpoint(), requeue::endpoint()]
}
