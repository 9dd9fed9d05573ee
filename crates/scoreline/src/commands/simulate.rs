//! `scoreline simulate`: days of players against a server, every number compared.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, value_parser};
use scoreline_core::game::Definition;
use scoreline_core::store::Progress;
use scoreline_core::time::Clock;
use scoreline_proof::{Live, Options, Place, Report, Simulation, Stand, StandOptions, Tell};
use scoreline_server::SystemClock;
use scoreline_traffic::client::Target;

use super::bench::Made;
use crate::exit;
use crate::output::{note, say};
use crate::progress::Bar;

#[derive(Args)]
pub struct Arguments {
    /// Players of a day
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    dau: u32,
    /// One day, as fast as the server takes it
    #[arg(long, conflicts_with_all = ["days", "against"])]
    day: bool,
    /// So many days, as fast as the server takes them
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=24))]
    days: u16,
    /// The same seed plays the same days
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Over how many connections
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = value_parser!(u16).range(1..=2_000))]
    connections: u16,
    /// What the server of the simulation's own is made of. PostgreSQL and Redis are started out of the
    /// programs that are installed
    #[arg(long, value_enum, default_value_t = Made::Embedded, conflicts_with = "against")]
    profile: Made,
    /// The game definition; the sample otherwise. With --against it must be that of the server
    #[arg(long, value_name = "FILE")]
    game: Option<PathBuf>,
    /// Plays in real time against a server that runs already, by its address with its port. Its players stay
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// How long that lasts; Ctrl-C ends it before
    #[arg(long, value_name = "N", default_value_t = 60, requires = "against", value_parser = value_parser!(u64).range(1..=100_000))]
    minutes: u64,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let definition = definition(arguments)?;
    let stop = stopped_by_ctrl_c();
    let bar = Bar::new("minutes");
    let tell = shown(&bar);
    let report = match &arguments.against {
        Some(url) => against(arguments, definition, url, (tell, stop)).await,
        None => own(arguments, definition, (tell, stop)).await,
    };
    bar.done();
    publish(&report?, arguments.json.as_deref())
}

/// Prints a report, and writes it where it was asked for.
pub fn publish(report: &Report, json: Option<&std::path::Path>) -> anyhow::Result<ExitCode> {
    say!("{}", report.to_text())?;
    if let Some(path) = json {
        let written = std::fs::write(path, serde_json::to_string_pretty(report)?);
        written.with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(exit::FOUND) })
}

fn definition(arguments: &Arguments) -> anyhow::Result<Definition> {
    let Some(path) = &arguments.game else { return Ok(Definition::sample()) };
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    Definition::parse(&text).map_err(|mistakes| {
        anyhow::anyhow!("{}: {}; see 'scoreline check'", path.display(), mistakes[0])
    })
}

/// True once somebody has pressed Ctrl-C. The second time ends the program at once.
pub fn stopped_by_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if told.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(exit::FAILED));
            }
            note!("Ending after this step, with a report so far. Ctrl-C again ends at once.");
        }
    });
    stop
}

/// Shows how far it has come.
pub fn shown(bar: &Bar) -> Tell {
    let bar = bar.clone();
    Arc::new(move |live: &Live| {
        let minutes = |ms: i64| u64::try_from(ms / 60_000).unwrap_or(0);
        bar.show(Progress {
            done: minutes(live.done_ms),
            total: minutes(live.all_ms),
            ..Progress::default()
        });
        let differing = match live.differences {
            0 => String::new(),
            count => format!(", {count} DIFFER"),
        };
        let Live { time, events, events_per_second, .. } = live;
        bar.say(&format!("{time} {events} events, {events_per_second:.0}/s{differing}"));
    })
}

type Controls = (Tell, Arc<AtomicBool>);

/// Plays against a server of its own.
async fn own(
    arguments: &Arguments,
    definition: Definition,
    controls: Controls,
) -> anyhow::Result<Report> {
    let start = scoreline_proof::start_of_days(SystemClock.now(), arguments.days);
    let mut stand = Stand::start(StandOptions {
        program: std::env::current_exe()?,
        profile: arguments.profile.into(),
        game: arguments.game.clone(),
        virtual_start: Some(start),
    })
    .await?;
    let place = stand.place(start)?;
    let stop = Arc::clone(&controls.1);
    let simulation = Simulation::new(definition, options(arguments), place, controls);
    let mut report = simulation.play().await?;
    report.verified = stand.verify(&stop).await?;
    report.server_megabytes = stand.server_megabytes();
    report.own_megabytes = scoreline_proof::own_megabytes();
    stand.stop().await?;
    Ok(report)
}

fn options(arguments: &Arguments) -> Options {
    Options {
        daily_players: arguments.dau,
        days: arguments.days,
        seed: arguments.seed,
        connections: usize::from(arguments.connections),
    }
}

/// Plays against a server that runs already, in real time.
async fn against(
    arguments: &Arguments,
    definition: Definition,
    url: &str,
    controls: Controls,
) -> anyhow::Result<Report> {
    let place = Place {
        target: Target::parse(url)?,
        operator: None,
        clock: None,
        start: SystemClock.now().floor_to(24 * 60 * 60 * 1_000),
        is_alone: false,
        cup_length_ms: None,
    };
    let simulation = Simulation::new(definition, options(arguments), place, controls);
    let length = Duration::from_secs(60 * arguments.minutes);
    let mut report = simulation.play_in_real_time(length).await?;
    report.own_megabytes = scoreline_proof::own_megabytes();
    Ok(report)
}
