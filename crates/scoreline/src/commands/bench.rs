//! `scoreline bench`: measures this machine with servers and data of its own, and reports.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum, value_parser};
use scoreline_bench::compare::{self, Side};
use scoreline_bench::{Options, Profile, acts, indexes, pages};
use scoreline_traffic::report::Report;
use tokio::signal::unix::{SignalKind, signal};

use crate::exit;
use crate::output::{aside, say};
use crate::progress::Bar;
use crate::settings::SettingFlags;

/// What a size may be at most.
const SIZE_MAX: u64 = 100_000_000;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    sizes: ProfileSizes,
}

#[derive(Subcommand)]
enum What {
    /// Measures what each index of PostgreSQL buys and costs, in the empty database that `DATABASE_URL`
    /// names or on a server of its own
    Indexes(IndexSizes),
    /// Measures how soon every page of the console and every figure of analytics is there, while 2,000 events a
    /// second come in
    Pages(PageSizes),
    /// Measures how soon events are acknowledged while an operator voids thousands of one player and lets them count
    /// again
    Acts(ActSizes),
    /// Compares two programs, or two ways to set one up, in alternation
    Compare(Comparison),
}

#[derive(Args)]
struct Comparison {
    /// What is compared with: `PROGRAM`, `PROGRAM:NAME=VALUE,…` or `:NAME=VALUE,…` for this program
    a: Side,
    /// What is compared: its figures are told as a part of those of A
    b: Side,
    /// What the servers are made of
    #[arg(long, value_enum, default_value_t = Made::Embedded)]
    profile: Made,
    /// How many rounds; each measures both
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u16).range(6..=1_000))]
    rounds: u16,
    /// How long each side is measured in a round
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// The least part of A's events a second that B must reach: exit 1 if the whole interval lies below
    #[arg(long, value_name = "PART")]
    wanted: Option<f64>,
    #[command(flatten)]
    publication: Publication,
}

#[derive(Args)]
struct PageSizes {
    /// What is measured: SQLite or PostgreSQL, which is started out of the programs that are installed
    #[arg(long, value_enum, default_value_t = Made::Embedded)]
    profile: Made,
    /// How long pages are asked for
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    seconds: u64,
    /// Players, each with a name
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(100..=SIZE_MAX))]
    players: u64,
    /// Stored events
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = value_parser!(u64).range(100..=SIZE_MAX))]
    stored: u64,
    #[command(flatten)]
    publication: Publication,
}

#[derive(Args)]
struct ActSizes {
    /// What is measured: SQLite or PostgreSQL, which is started out of the programs that are installed
    #[arg(long, value_enum, default_value_t = Made::Embedded)]
    profile: Made,
    /// How long each phase is measured
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    seconds: u64,
    /// Players on the board
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = value_parser!(u64).range(100..=SIZE_MAX))]
    players: u64,
    /// Stored events of the player
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u64).range(500..=SIZE_MAX))]
    stored: u64,
    #[command(flatten)]
    publication: Publication,
}

#[derive(Args)]
struct ProfileSizes {
    /// What is measured: SQLite, PostgreSQL, or PostgreSQL with the Redis queue. PostgreSQL and Redis
    /// are started out of the programs that are installed; `DATABASE_URL` and `REDIS_URL` are not used
    #[arg(long, value_enum, default_value_t = Made::Embedded)]
    profile: Made,
    /// How long each phase is measured
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    seconds: u64,
    /// Players on the board
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    players: u64,
    /// Events stored before the measurements of a filled store; 0 leaves them out
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = value_parser!(u64).range(0..=SIZE_MAX))]
    stored: u64,
    #[command(flatten)]
    publication: Publication,
}

#[derive(Args)]
struct IndexSizes {
    /// Players on the main board
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    players: u64,
    /// Stored events; one in a hundred more is dead
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    events: u64,
    /// Prizes
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..=SIZE_MAX))]
    prizes: u64,
    #[command(flatten)]
    publication: Publication,
}

/// Where a report goes beside standard output.
#[derive(Args)]
struct Publication {
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the report goes as Markdown
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The profiles by the names that are typed.
#[derive(Clone, Copy, ValueEnum)]
pub enum Made {
    Embedded,
    Postgres,
    Queue,
}

impl From<Made> for Profile {
    fn from(made: Made) -> Self {
        match made {
            Made::Embedded => Self::Embedded,
            Made::Postgres => Self::Postgres,
            Made::Queue => Self::Queue,
        }
    }
}

pub async fn run(settings: &SettingFlags, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        None => measure_profile(&arguments.sizes).await,
        Some(What::Indexes(sizes)) => measure_indexes(settings, sizes).await,
        Some(What::Pages(sizes)) => measure_pages(sizes).await,
        Some(What::Acts(sizes)) => measure_acts(sizes).await,
        Some(What::Compare(comparison)) => compare(comparison).await,
    }
}

/// A measurement of this program's own servers.
fn of_this_program(
    profile: Made,
    players: u64,
    stored: u64,
    seconds: u64,
) -> anyhow::Result<Options> {
    Ok(Options {
        program: std::env::current_exe()?,
        profile: profile.into(),
        players,
        stored,
        duration: Duration::from_secs(seconds),
        note: aside,
    })
}

async fn measure_acts(sizes: &ActSizes) -> anyhow::Result<ExitCode> {
    let ActSizes { profile, players, stored, seconds, publication } = sizes;
    let options = of_this_program(*profile, *players, *stored, *seconds)?;
    let report = until_interrupted(Box::pin(acts::measure(options))).await?;
    publication.publish(&report)
}

async fn measure_profile(sizes: &ProfileSizes) -> anyhow::Result<ExitCode> {
    let ProfileSizes { profile, players, stored, seconds, publication } = sizes;
    let options = of_this_program(*profile, *players, *stored, *seconds)?;
    let report = until_interrupted(Box::pin(scoreline_bench::measure(options))).await?;
    publication.publish(&report)
}

async fn measure_pages(sizes: &PageSizes) -> anyhow::Result<ExitCode> {
    let PageSizes { profile, players, stored, seconds, publication } = sizes;
    let options = of_this_program(*profile, *players, *stored, *seconds)?;
    let report = until_interrupted(Box::pin(pages::measure(options))).await?;
    publication.publish(&report)
}

async fn compare(comparison: &Comparison) -> anyhow::Result<ExitCode> {
    let options = compare::Options {
        program: std::env::current_exe()?,
        sides: [comparison.a.clone(), comparison.b.clone()],
        profile: comparison.profile.into(),
        rounds: usize::from(comparison.rounds),
        duration: Duration::from_secs(comparison.seconds),
        warm_up: Duration::from_secs(1),
        connections: 128,
        wanted: comparison.wanted,
        note: aside,
    };
    let report = until_interrupted(Box::pin(compare::compare(options))).await?;
    comparison.publication.publish(&report)
}

async fn measure_indexes(settings: &SettingFlags, sizes: &IndexSizes) -> anyhow::Result<ExitCode> {
    let config = settings.config()?;
    let bar = Bar::new("rows");
    let options = indexes::Options {
        players: sizes.players,
        events: sizes.events,
        prizes: sizes.prizes,
        note: aside,
        progress: Arc::new(move |progress| {
            bar.show(progress);
            if progress.finished {
                bar.done();
            }
        }),
    };
    let report = until_interrupted(Box::pin(indexes::measure(&config, &options))).await?;
    sizes.publication.publish(&report)
}

/// Measures until it is done or interrupted. The servers that were started end with it, and their
/// files are removed.
pub async fn until_interrupted<T>(
    measuring: impl Future<Output = scoreline_bench::Result<T>>,
) -> anyhow::Result<T> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        measured = measuring => Ok(measured?),
        _ = tokio::signal::ctrl_c() => anyhow::bail!("the measurement was interrupted"),
        _ = terminate.recv() => anyhow::bail!("the measurement was interrupted"),
    }
}

impl Publication {
    /// Prints the report and writes it where it was asked for.
    fn publish(&self, report: &Report) -> anyhow::Result<ExitCode> {
        let page = report.to_markdown();
        say!("{page}")?;
        for (path, text) in [(&self.json, &report.to_json()), (&self.report, &page)] {
            let Some(path) = path else { continue };
            let written = std::fs::write(path, text);
            written.with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(if report.all_met() { ExitCode::SUCCESS } else { ExitCode::from(exit::FOUND) })
    }
}
