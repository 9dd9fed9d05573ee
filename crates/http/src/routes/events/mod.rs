//! Events in, and what became of them.

mod dead;
mod post;
mod quarantine;
mod recent;
mod reject_reason;
mod set_aside;
mod stats;
mod unvoid;
mod void;
mod voiding;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![post::endpoint(), stats::endpoint(), recent::endpoint()];
    endpoints.extend([void::endpoint(), unvoid::endpoint()]);
    endpoints.extend(dead::endpoints());
    endpoints.extend(quarantine::endpoints());
    endpoints
}
