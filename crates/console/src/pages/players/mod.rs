//! Players: finding them, and one of them with everything that is known.

mod acts;
mod export;
mod prizes;
mod search;
mod show;
mod timeline;

pub(crate) use self::acts::{ban, rename, unban, unbind};
pub(crate) use self::export::export;
pub(crate) use self::prizes::{award, revoke};
pub(crate) use self::search::show as search;
pub(crate) use self::show::show;
