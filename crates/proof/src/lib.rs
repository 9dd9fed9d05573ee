//! Shows that what Scoreline promises holds, on anybody's machine and with anybody's game.
//!
//! [`Simulation`] plays days of players against a server and compares everything that the server says
//! with a reckoning of its own. It speaks the public API only, and knows the server from outside.

mod api;
mod cable;
mod chance;
mod check;
mod cups;
mod error;
mod findings;
mod place;
mod players;
mod reference;
mod report;
mod run;
mod shape;
mod soak;
mod stand;
mod time_source;
mod worker;

pub use error::{Error, Result};
pub use findings::{Compared, Findings};
pub use place::Place;
pub use report::{Live, Report, Sent};
pub use run::{Options, Simulation, Tell, start_of_days};
pub use soak::{SoakOptions, soak};
pub use stand::{Stand, StandOptions, own_megabytes};
pub use time_source::ClockFile;
