//! What a player won. The store decides every claim before the answer.

mod acted;
mod award;
mod claim;
mod history;
mod owner;
mod pending;
mod revoke;
mod stats;
mod won;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        pending::endpoint(),
        claim::endpoint(),
        history::endpoint(),
        stats::endpoint(),
        award::endpoint(),
        revoke::endpoint(),
    ]
}
