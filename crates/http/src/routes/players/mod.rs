//! Players: their statistics, and sessions that prove who a device is.

mod session;
mod stats;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![stats::endpoint(), session::endpoint()]
}
