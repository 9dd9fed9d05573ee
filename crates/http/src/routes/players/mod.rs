//! Players: their statistics, sessions that prove who a device is, and what operators do to them.

mod ban;
mod ban_answer;
mod erase;
mod export;
mod job;
mod rename;
mod session;
mod stats;
mod unban;
mod unbind;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        stats::endpoint(),
        session::endpoint(),
        ban::endpoint(),
        unban::endpoint(),
        rename::endpoint(),
        unbind::endpoint(),
        export::endpoint(),
        erase::endpoint(),
        job::endpoint(),
    ]
}
