//! Two programs, or two ways to set one up, measured in alternation.
//!
//! A machine is never the same for two minutes. So each round measures both sides, one right after the
//! other, in the order A B, then B A, and so on, each on a store of its own that is empty; what is
//! reported is the ratio of a round, over all rounds. What slows the machine slows both.

mod interval;
mod side;

use std::path::{Path, PathBuf};
use std::time::Duration;

use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::report::{Bound, Report, Table};

use crate::error::Result;
use crate::measured::Measured;
use crate::measurement::{Profile, folder};
use crate::processor_time;
use crate::shared::database::Database;
use crate::shared::servers::{self, Redis};
use scoreline_throwaway::Postgres;

pub use interval::{CONFIDENCE, Interval, ROUNDS_LEAST};
pub use side::Side;

/// What is compared, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program that measures.
    pub program: PathBuf,
    /// The two sides.
    pub sides: [Side; 2],
    /// What servers store in.
    pub profile: Profile,
    /// How many rounds.
    pub rounds: usize,
    /// How long each side is measured in a round.
    pub duration: Duration,
    /// How long each side is loaded before that.
    pub warm_up: Duration,
    /// Over how many connections.
    pub connections: usize,
    /// The least part of A's events a second that B must reach, if it must. It is missed only where the
    /// whole interval lies below.
    pub wanted: Option<f64>,
    /// Told what is being measured.
    pub note: crate::Note,
}

/// What one side was measured to do in a round.
#[derive(Debug, Clone, Copy)]
struct Figures {
    events_per_second: f64,
    p99_ms: f64,
    /// Microseconds of the server's processor time for each event; `None` where the system does not tell.
    processor_us: Option<f64>,
    megabytes: Option<f64>,
}

/// A figure of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What it is.
    pub name: &'static str,
    /// The median of each side.
    pub medians: [f64; 2],
    /// B by A.
    pub interval: Interval,
}

/// Takes one out of the figures of a side.
type Figure = fn(&Figures) -> Option<f64>;

/// The figures by their names.
const FIGURES: [(&str, Figure); 4] = [
    (EVENTS, |figures| Some(figures.events_per_second)),
    ("p99 of answers at saturation, ms", |figures| Some(figures.p99_ms)),
    (PROCESSOR, |figures| figures.processor_us),
    ("memory, MB", |figures| figures.megabytes),
];
/// The name of the rate.
pub const EVENTS: &str = "events/s";
/// The name of the processor time.
pub const PROCESSOR: &str = "server's processor time an event, µs";

/// The databases of a comparison.
struct Databases {
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    made: u32,
}

/// Measures both sides in all rounds. Answers what compares how.
pub async fn rounds(options: &Options) -> Result<Vec<Compared>> {
    let shared = options.profile != Profile::Embedded;
    let postgres = if shared { Some(servers::postgres()?) } else { None };
    let redis = if options.profile == Profile::Queue { Some(Redis::start()?) } else { None };
    let mut databases = Databases { postgres, redis, made: 0 };
    let mut found: [Vec<Figures>; 2] = Default::default();
    for round in 0..options.rounds {
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for side in order {
            let figures = measure(options, &options.sides[side], &mut databases).await?;
            found[side].push(figures);
        }
        let rates = [0, 1].map(|side: usize| found[side][round].events_per_second);
        (options.note)(format_args!(
            "  round {}: A {:.0} events/s, B {:.0} events/s, B by A {:.3}",
            round + 1,
            rates[0],
            rates[1],
            rates[1] / rates[0]
        ));
    }
    Ok(FIGURES.iter().filter_map(|(name, figure)| compared(name, *figure, &found)).collect())
}

fn compared(name: &'static str, figure: Figure, [a, b]: &[Vec<Figures>; 2]) -> Option<Compared> {
    let of = |side: &[Figures]| side.iter().map(figure).collect::<Option<Vec<f64>>>();
    let (a, b) = (of(a)?, of(b)?);
    let ratios: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b / a).collect();
    let interval = Interval::of(&ratios)?;
    let median = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Some(Compared { name, medians: [median(a), median(b)], interval })
}

/// Measures one side on an empty store.
async fn measure(options: &Options, side: &Side, databases: &mut Databases) -> Result<Figures> {
    let folder = folder()?;
    let mut settings: Vec<(String, String)> = side.settings.clone();
    databases.empty(&mut settings).await?;
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (&**name, &**value)).collect();
    let program = side.program.as_deref().unwrap_or(&options.program);
    let server = Measured::start(program, &side.command, folder.path(), &settings).await?;
    let figures = load(options, &server).await?;
    server.stop().await?;
    Ok(figures)
}

async fn load(options: &Options, server: &Measured) -> Result<Figures> {
    let bench = |duration| {
        let mut bench = BenchOptions::new(server.target.clone());
        bench.saturation_connections = options.connections;
        (bench.warm_up, bench.duration) = (Duration::ZERO, duration);
        Bench::new(bench)
    };
    bench(options.warm_up).saturation("warm-up").await?;
    let before = processor_time::of(server.pid());
    let phase = bench(options.duration).saturation("measured").await?;
    let after = processor_time::of(server.pid());
    let used = before.zip(after).map(|(before, after)| after.saturating_sub(before));
    let events = phase.accepted.max(1) as f64;
    Ok(Figures {
        events_per_second: phase.events_per_second,
        p99_ms: phase.p99_us as f64 / 1_000.0,
        processor_us: used.map(|used| used.as_secs_f64() * 1e6 / events),
        megabytes: server.resident_mb(),
    })
}

impl Databases {
    /// Makes empty ones, and says where they are.
    async fn empty(&mut self, settings: &mut Vec<(String, String)>) -> Result<()> {
        if let Some(postgres) = &self.postgres {
            let drop = format!("DROP DATABASE IF EXISTS compared_{} WITH (FORCE)", self.made);
            postgres.ask("postgres", &drop)?;
            self.made += 1;
            let database: Database =
                servers::database(postgres, &format!("compared_{}", self.made)).await?;
            settings.push(("DATABASE_URL".to_owned(), database.url));
        }
        if let Some(redis) = &self.redis {
            redis.empty()?;
            settings.push(("REDIS_URL".to_owned(), redis.url()));
        }
        Ok(())
    }
}

/// Compares two sides, and reports.
pub async fn compare(options: Options) -> Result<Report> {
    (options.note)(format_args!("{} rounds, both sides in each", options.rounds));
    let compared = rounds(&options).await?;
    let mut report = Report { started_at: SystemClock.now().to_string(), ..Report::default() };
    let sides = options.sides.each_ref().map(|side| shown(side, &options.program));
    for (name, side) in ["A", "B"].iter().zip(&sides) {
        report.setting.insert((*name).to_owned(), side.clone());
    }
    let rounds = options.rounds.to_string();
    report.setting.insert("profile".to_owned(), options.profile.as_str().to_owned());
    report.setting.insert("rounds".to_owned(), rounds);
    report.setting.insert(
        "intervals".to_owned(),
        format!(
            "hold the ratio with a confidence of {:.0} % (Hodges and Lehmann)",
            100.0 * CONFIDENCE
        ),
    );
    let mut table = Table::new("compared in alternation", &["A", "B", "B by A", "from", "to"]);
    for Compared { name, medians: [a, b], interval } in &compared {
        let word = if interval.tells() { "" } else { " (no difference shown)" };
        let Interval { ratio, low, high } = interval;
        table.add(&format!("{name}{word}"), &[*a, *b, *ratio, *low, *high]);
    }
    report.tables.push(table);
    let rate = compared.iter().find(|one| one.name == EVENTS);
    if let Some((wanted, rate)) = options.wanted.zip(rate) {
        let name = format!("upper end of {EVENTS}, B by A");
        report.expect(&name, rate.interval.high, Bound::AtLeast(wanted));
    }
    Ok(report)
}

fn shown(side: &Side, own: &Path) -> String {
    let program = side.program.as_deref().unwrap_or(own).display();
    let settings = side.settings.iter().map(|(name, value)| format!(" {name}={value}"));
    format!("{program}{}", settings.collect::<String>())
}
