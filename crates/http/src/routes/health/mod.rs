//! Health and metrics. Never limited, never cached, cheap at any volume.

mod condition;
mod events;
mod livez;
mod metrics;
mod pool;
mod readyz;
mod server;
mod services;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        server::endpoint(),
        server::short_endpoint(),
        pool::endpoint(),
        events::endpoint(),
        livez::endpoint(),
        readyz::endpoint(),
        metrics::endpoint(),
    ]
}
