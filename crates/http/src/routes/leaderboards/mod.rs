//! Who stands where: the main board in the form that released clients read, and every board of the
//! definition in its own words.

mod friends;
mod global;
mod list;
mod params;
mod player;
mod row;
mod show;
mod update_nickname;
mod user;

use crate::access::Endpoint;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        global::endpoint(),
        user::endpoint(),
        update_nickname::endpoint(),
        list::endpoint(),
        show::endpoint(),
        player::endpoint(),
        friends::endpoint(),
    ]
}
