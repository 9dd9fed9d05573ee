//! Named keys of operators and game servers.

mod create;
mod list;
mod revoke;
mod view;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![create::endpoint(), list::endpoint(), revoke::endpoint()]
}
