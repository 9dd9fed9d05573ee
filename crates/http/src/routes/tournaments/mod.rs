//! Tournaments: what runs, who leads, what is won; and for operators: an extra one, calling one off,
//! ending one now.

mod cancel;
mod changed;
mod create;
mod current;
mod end;
mod leaderboard;
mod list;
mod path;
mod prizes;
mod state;
mod tier;
mod view;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        list::endpoint(),
        create::endpoint(),
        current::endpoint(),
        leaderboard::endpoint(),
        prizes::endpoint(),
        cancel::endpoint(),
        end::endpoint(),
    ]
}
