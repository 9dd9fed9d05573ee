//! `scoreline soak`: players while one thing after the other breaks, and every number compared.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, value_parser};
use scoreline_core::game::Definition;
use scoreline_proof::{SoakOptions, soak};

use super::bench::Made;
use super::simulate::{publish, shown, stopped_by_ctrl_c};
use crate::progress::Bar;

#[derive(Args)]
pub struct Arguments {
    /// What the server is made of. PostgreSQL and Redis are started out of the programs that are installed
    #[arg(long, value_enum, default_value_t = Made::Queue)]
    profile: Made,
    /// How long, in minutes
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(1..=10_000))]
    minutes: u64,
    /// Seconds from one fault to the next
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u64).range(4..=3_600))]
    every: u64,
    /// Events a second, about; half of what `scoreline capacity` says is a good measure
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// The same seed lets the same players come and the same things break
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let options = SoakOptions {
        program: std::env::current_exe()?,
        profile: arguments.profile.into(),
        game: None,
        length: Duration::from_secs(60 * arguments.minutes),
        every: Duration::from_secs(arguments.every),
        events_per_second: f64::from(arguments.rate),
        seed: arguments.seed,
        connections: 64,
    };
    let stop = stopped_by_ctrl_c();
    let bar = Bar::new("minutes");
    let report = soak(Definition::sample(), options, (shown(&bar), stop)).await;
    bar.done();
    publish(&report?, arguments.json.as_deref())
}
