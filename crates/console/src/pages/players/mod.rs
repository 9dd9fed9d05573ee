//! Players: finding them, and one of them with everything that is known.

mod acts;
mod erase;
mod export;
mod prizes;
mod search;
mod show;
mod timeline;

pub(crate) use self::acts::{ban, move_to, rename, unban, unbind};
pub(crate) use self::erase::{
    erase, erasure, erasure_of_placeholder, erasure_path, erasure_stream,
};
pub(crate) use self::export::export;
pub(crate) use self::prizes::{award, revoke};
pub(crate) use self::search::show as search;
pub(crate) use self::show::show;
