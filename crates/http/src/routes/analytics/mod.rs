//! Exact analytics, for operators. What each figure means is said in its answer and in docs/analytics.md.

mod active;
mod answer;
mod asked;
mod economy;
mod funnel;
mod retention;
mod revenue;
mod sessions;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        active::endpoint(),
        retention::endpoint(),
        sessions::endpoint(),
        funnel::endpoint(),
        economy::endpoint(),
        revenue::endpoint(),
    ]
}
