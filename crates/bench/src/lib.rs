//! The measuring instrument: measures this machine, with servers and data of its own.
//!
//! Everything that is compared is measured in one run: the server as it is, the same server with a
//! store that does nothing ([`forgetful`]), and the bare insert of the same events into the same
//! database. [`measure`] measures a profile, [`indexes`] what each index of PostgreSQL buys, [`compare`] two programs or settings,
//! [`pages`] how soon operators see their pages, [`acts`] what devices feel of what operators do. The
//! servers under measurement are processes of a program that the caller names; the command line makes
//! them its own and prints the report. Nothing here is part of a server that serves a game.

#![expect(clippy::disallowed_methods, reason = "a measurement takes real time")]

pub mod acts;
mod bare;
pub mod capacity;
pub mod compare;
mod embedded;
mod error;
pub mod forgetful;
pub mod indexes;
mod measured;
mod measurement;
pub mod pages;
mod processor_time;
mod shared;

use std::fmt::Arguments;

use scoreline_traffic::report::Report;

pub use error::{Error, Result};
pub use measured::{Measured, forget_settings};
pub use measurement::{Options, Profile};
pub use shared::servers;

use measurement::Measurement;

/// Reports what is being measured, a line at a time.
pub type Note = fn(Arguments<'_>);

/// Measures a profile.
pub async fn measure(options: Options) -> Result<Report> {
    let profile = options.profile;
    let mut measurement = Measurement::begin(options)?;
    match profile {
        Profile::Embedded => embedded::measure(&mut measurement).await?,
        Profile::Postgres | Profile::Queue => {
            shared::measure(&mut measurement, profile == Profile::Queue).await?;
        }
    }
    Ok(measurement.report)
}
