//! Who stands where: boards in the memory of every node, and the change feed that keeps them right.
//!
//! [`Boards`] is the structure: order statistics with all that a row shows. [`Ranks`] is what readers
//! ask: it loads boards from the store, follows the change feed of the store, and says how old an
//! answer may be. The store is the truth, and [`compare`] finds what differs from it.

mod bans;
mod block;
mod board;
mod boards;
mod column;
mod compare;
mod erased;
mod fenwick;
mod follow;
mod following;
mod merge;
mod names;
mod order;
mod places;
mod player_no;
mod players;
mod ranks;
mod reviewed;
mod revocations;
mod seats;

pub use board::NotLoaded;
pub use boards::Boards;
pub use compare::compare;
pub use ranks::{Aged, Ranks, RanksError};
pub use reviewed::ReviewedPlayers;
