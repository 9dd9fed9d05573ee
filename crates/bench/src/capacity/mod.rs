//! How much this machine takes: a ramp until a bound breaks, and what that means in daily players.
//!
//! Load is offered by a schedule that does not wait for answers, while probes ask how soon a score is on
//! the board. A step that breaks a bound ends the ramp; one more step lies half way to it. [`verdict`] says
//! what the last good step means.

mod page;
mod plot;
mod sampling;
pub mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use scoreline_server::DataDir;
use scoreline_throwaway::Postgres;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Target;
use scoreline_traffic::freshness::{self, Route};
use serde::Serialize;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::measured::Measured;
use crate::measurement::{Profile, folder, ms};
use crate::shared::database::Database;
use crate::shared::servers::{self, Redis};
use sampling::{Processes, bytes_in, parts, watch};
use verdict::{Bounds, Costs, Rung, Step, ends_first, rungs};

/// Events a second of the first step.
const FIRST: f64 = 500.0;
/// Each step offers so much more than the one before.
const GROWTH: f64 = 1.6;
/// More steps than any machine has.
const STEPS_MAX: usize = 24;
/// The part of a step before it is measured.
const WARM_UP: f64 = 0.25;

/// What is to be found out.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program whose server is loaded.
    pub program: PathBuf,
    /// What the server is made of.
    pub profile: Profile,
    /// Players on the board when the ramp begins.
    pub players: u64,
    /// How long each step is measured.
    pub duration: Duration,
    /// What must hold.
    pub bounds: Bounds,
    /// Told what is being measured.
    pub note: crate::Note,
}

/// What a machine takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// What the server was made of.
    pub profile: String,
    /// Processors, shared with the load generator.
    pub cores: usize,
    /// The steps in the order of their load.
    pub steps: Vec<Step>,
    /// Events a second of the greatest load within all bounds.
    pub reached: f64,
    /// The bounds.
    pub bounds: Bounds,
    /// What an event and a player take.
    pub costs: Costs,
    /// What that means.
    pub rungs: Vec<Rung>,
    /// Which resource ended first.
    pub ends_first: String,
}

/// The heads of the table of rungs.
const HEADS: [&str; 7] = [
    "daily players",
    "peak, events/s",
    "fits so often",
    "disk a day",
    "log a day",
    "memory",
    "what it takes",
];

/// The servers of a run.
struct Servers {
    server: Option<Measured>,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    database: Option<Database>,
    folder: TempDir,
}

/// Ramps until a bound breaks.
///
/// The server is started anew before the ramp and ended after it: what lies on disk then is all there is,
/// whatever the database had still in its log, and what it has in memory after its start is what boards
/// need.
pub async fn find(options: Options) -> Result<Capacity> {
    let mut servers = Servers::prepare(&options).await?;
    servers.start(&options).await?;
    let idle_mb = servers.megabytes();
    (options.note)(format_args!("Placing {} players", options.players));
    Run::on(&options, &servers)?.bench(options.duration, 1).place_players().await?;
    servers.stop().await?;
    let before = (servers.stored_bytes()?, servers.log_bytes().await?);
    servers.start(&options).await?;
    let filled_mb = servers.megabytes();
    let mut ramp = Ramp::default();
    ramp.climb(&Run::on(&options, &servers)?).await?;
    servers.stop().await?;
    let after = (servers.stored_bytes()?, servers.log_bytes().await?);
    let accepted = ramp.accepted.max(1.0);
    let log = after.1.zip(before.1).map(|(after, before)| (after - before) / accepted);
    let costs = Costs {
        disk_bytes_per_event: (after.0 - before.0).max(0.0) / accepted,
        log_bytes_per_event: log,
        memory_bytes: idle_mb * 1e6,
        memory_bytes_per_player: (filled_mb - idle_mb).max(0.0) * 1e6 / options.players as f64,
    };
    Ok(Capacity::of(&options, ramp.steps, costs))
}

/// The steps so far.
#[derive(Default)]
struct Ramp {
    steps: Vec<Step>,
    /// Events that were accepted in all of them, about.
    accepted: f64,
}

impl Ramp {
    /// Offers more and more until a bound breaks, then a load half way to that.
    async fn climb(&mut self, run: &Run<'_>) -> Result<()> {
        let mut offered = FIRST;
        while self.steps.len() < STEPS_MAX {
            let step = self.step(run, offered).await?;
            let has_broken = step.broke.is_some();
            self.steps.push(step);
            if has_broken {
                break;
            }
            offered *= GROWTH;
        }
        if let [.., good, broken] = &*self.steps {
            let between = f64::midpoint(good.offered, broken.offered);
            let step = self.step(run, between).await?;
            let last = self.steps.len() - 1;
            self.steps.insert(last, step);
        }
        Ok(())
    }

    async fn step(&mut self, run: &Run<'_>, offered: f64) -> Result<Step> {
        let (step, accepted) = run.step(offered, self.steps.len() as u64 + 2).await?;
        self.accepted += accepted;
        Ok(step)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl Capacity {
    fn of(options: &Options, steps: Vec<Step>, costs: Costs) -> Self {
        let good = steps.iter().rfind(|step| step.broke.is_none());
        let reached = good.map_or(0.0, |step| step.offered);
        // What was used where it broke says what ended.
        let broken = steps.iter().find(|step| step.broke.is_some());
        let ends_first = broken.or(good).map(ends_first).unwrap_or_default();
        Self {
            profile: options.profile.as_str().to_owned(),
            cores: cores(),
            reached,
            bounds: options.bounds,
            rungs: rungs(reached, &costs),
            ends_first,
            steps,
            costs,
        }
    }

    /// What was found, in sentences.
    fn words(&self) -> Vec<String> {
        let bounds = self.bounds;
        let broke = self.steps.iter().find_map(|step| Some((step.offered, step.broke.as_ref()?)));
        let mut words = vec![format!(
            "Profile {} on {} processors, load generator included: {:.0} events a second within all bounds \
             (answers p99 {:.0} ms, freshness p99 {:.0} ms, {:.0} s of work waiting).",
            self.profile,
            self.cores,
            self.reached,
            bounds.p99_ms,
            bounds.freshness_ms,
            bounds.backlog_s
        )];
        if let Some((offered, broke)) = broke {
            words.push(format!("At {offered:.0} events a second a bound broke: {broke}."));
        }
        words.push(format!("What ends first: {}.", self.ends_first));
        words.push(format!(
            "Reckoned with {} events a player a day, {} events a second at the peak for 1,000 daily \
             players, {} players ever for each daily one, and {} times the peak as headroom.",
            verdict::EVENTS_PER_PLAYER_DAY,
            1_000.0 * verdict::PEAK_PER_PLAYER,
            verdict::PLAYERS_EVER,
            verdict::HEADROOM
        ));
        words
    }

    /// The report for people: sentences, and a table with its heads first.
    pub fn told(&self) -> (Vec<String>, Vec<[String; 7]>) {
        let heads = HEADS.map(str::to_owned);
        let rows = self.rungs.iter().map(cells);
        (self.words(), std::iter::once(heads).chain(rows).collect())
    }

    /// The report as a page.
    pub fn to_html(&self) -> String {
        page::page(self)
    }
}

/// A rung as the table shows it.
fn cells(rung: &Rung) -> [String; 7] {
    let gb = |gb: f64| match gb {
        _ if gb >= 1_000.0 => format!("{:.1} TB", gb / 1_000.0),
        _ if gb >= 1.0 => format!("{gb:.1} GB"),
        _ => format!("{:.0} MB", gb * 1_000.0),
    };
    [
        grouped(rung.daily_players),
        format!("{:.0}", rung.peak),
        if rung.fits >= 10.0 { format!("{:.0}", rung.fits) } else { format!("{:.2}", rung.fits) },
        gb(rung.disk_gb_a_day),
        rung.log_gb_a_day.map_or_else(|| "cut back by itself".to_owned(), gb),
        gb(rung.memory_gb),
        rung.word.clone(),
    ]
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Servers {
    async fn prepare(options: &Options) -> Result<Self> {
        let folder = folder()?;
        let shared = options.profile != Profile::Embedded;
        let postgres = if shared { Some(servers::postgres()?) } else { None };
        let redis = if options.profile == Profile::Queue { Some(Redis::start()?) } else { None };
        let database = match &postgres {
            Some(postgres) => Some(servers::database(postgres, "capacity").await?),
            None => None,
        };
        Ok(Self { server: None, postgres, redis, database, folder })
    }

    async fn start(&mut self, options: &Options) -> Result<()> {
        let mut settings: Vec<(&str, String)> = Vec::new();
        settings.extend(self.database.iter().map(|one| ("DATABASE_URL", one.url.clone())));
        settings.extend(self.redis.iter().map(|redis| ("REDIS_URL", redis.url())));
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, &**value)).collect();
        let data = self.folder.path().join("data");
        self.server = Some(Measured::start(&options.program, "serve", &data, &settings).await?);
        Ok(())
    }

    async fn stop(&mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => server.stop().await,
            None => Ok(()),
        }
    }

    fn megabytes(&self) -> f64 {
        self.server.as_ref().and_then(Measured::resident_mb).unwrap_or(0.0)
    }

    fn processes(&self) -> Processes {
        let mut processes = Vec::new();
        processes.extend(self.server.as_ref().map(|server| ("server", server.pid())));
        let postgres = self.postgres.as_ref().and_then(Postgres::pid);
        processes.extend(postgres.map(|pid| ("PostgreSQL", pid)));
        processes.extend(self.redis.as_ref().and_then(Redis::pid).map(|pid| ("Redis", pid)));
        Processes(processes)
    }

    fn disk_bytes(&self) -> f64 {
        let mut folders = vec![self.folder.path().to_owned()];
        // Without the log, which is cut back.
        folders.extend(self.postgres.as_ref().map(|one| one.folder().join("data").join("base")));
        bytes_in(&folders)
    }

    /// Bytes of what is stored while no server runs. A file of SQLite is larger than what is in it.
    fn stored_bytes(&self) -> Result<f64> {
        if self.postgres.is_some() {
            return Ok(self.disk_bytes());
        }
        let path = DataDir::database(&self.folder.path().join("data"));
        let database = rusqlite::Connection::open(path)?;
        let number = |pragma: &str| {
            database.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
        };
        let pages = number("page_count")? - number("freelist_count")?;
        Ok(pages as f64 * number("page_size")? as f64)
    }

    async fn log_bytes(&self) -> Result<Option<f64>> {
        match &self.database {
            Some(database) => Ok(Some(database.log_bytes().await? as f64)),
            None => Ok(None),
        }
    }
}

/// A ramp under way.
struct Run<'r> {
    options: &'r Options,
    servers: &'r Servers,
    target: Target,
    cores: usize,
}

impl<'r> Run<'r> {
    fn on(options: &'r Options, servers: &'r Servers) -> Result<Self> {
        let server = servers.server.as_ref();
        let gone = || Error::Measured("does not run".to_owned());
        let target = server.ok_or_else(gone)?.target.clone();
        Ok(Self { options, servers, target, cores: cores() })
    }

    fn bench(&self, duration: Duration, run: u64) -> Bench {
        let mut bench = BenchOptions::new(self.target.clone());
        bench.players = self.options.players;
        bench.connections = 256;
        bench.warm_up = duration.mul_f64(WARM_UP);
        bench.duration = duration;
        bench.run = bench.run.wrapping_add(run);
        Bench::new(bench)
    }

    /// Offers a load, and looks what becomes of it. Answers how many events were accepted, too, about.
    async fn step(&self, offered: f64, number: u64) -> Result<(Step, f64)> {
        let duration = self.options.duration;
        let length = duration.mul_f64(1.0 + WARM_UP);
        let target = self.target.clone();
        let processes = self.servers.processes();
        let (begun, before) = (Instant::now(), processes.times());
        let watching = tokio::spawn(watch(target.clone(), length));
        let route = [Route { write: target.clone(), read: target }];
        let probing = freshness::probe(&route, length);
        let bench = self.bench(duration, number);
        let load = bench.events("load", offered);
        let (load, probed) = tokio::try_join!(load, probing)?;
        let (after, took) = (processes.times(), begun.elapsed().as_secs_f64());
        let seen = watching.await.map_err(Error::unexpected("looking at the server"))?;
        let (rank, _) = probed;
        let mut step = Step {
            offered,
            accepted: load.events_per_second,
            p50_ms: ms(load.p50_us),
            p99_ms: ms(load.p99_us),
            freshness_ms: ms(rank.p99_us),
            backlog: seen.backlog,
            errors: load.errors + rank.errors,
            processors: parts(&before, &after, took, self.cores),
            busy: seen.busy,
            memory_mb: processes.memory_mb(),
            disk_bytes: self.servers.disk_bytes(),
            broke: None,
        };
        step.broke = self.options.bounds.broken_by(&step);
        (self.options.note)(format_args!(
            "  {offered:.0} events/s: p99 {:.1} ms, freshness {:.0} ms, {:.0} waiting{}",
            step.p99_ms,
            step.freshness_ms,
            step.backlog,
            step.broke.as_ref().map(|broke| format!(", BREAKS {broke}")).unwrap_or_default()
        ));
        let accepted = load.events_per_second * length.as_secs_f64();
        Ok((step, accepted))
    }
}
