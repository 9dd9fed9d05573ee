//! Players: their statistics, sessions that prove who a device is, and what operators do to them.

mod ban;
mod ban_answer;
mod dismiss_request;
mod erase;
mod erasure_requests;
mod export;
mod job;
mod move_player;
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
        move_player::endpoint(),
        export::endpoint(),
        erase::endpoint(),
        job::endpoint(),
        erasure_requests::endpoint(),
        dismiss_request::endpoint(),
    ]
}
