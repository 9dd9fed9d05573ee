//! What operators do while the server runs.

mod compare_boards;
mod free_space;
mod pause;
mod projection;
mod queue;
mod rebuild;
mod rebuild_answer;
mod rebuild_status;
mod reload;
mod resume;
mod trust_clock;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        reload::endpoint(),
        rebuild::endpoint(),
        rebuild_status::endpoint(),
        compare_boards::endpoint(),
        pause::endpoint(),
        resume::endpoint(),
        trust_clock::endpoint(),
        free_space::endpoint(),
    ]
}
