//! Events in, and what became of them.

mod post;
pub(crate) mod reject_reason;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![post::endpoint()]
}
