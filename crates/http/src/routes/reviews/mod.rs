//! The review list.

mod decide;
mod list;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![list::endpoint(), decide::endpoint()]
}
