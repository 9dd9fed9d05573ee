//! How soon every page of the console and every answer of analytics is there, while events come in.
//!
//! Everything is asked twice: of a database of a hundredth of the size, and of the whole one. What only
//! looks things up takes as long on both; what walks through players or events takes a hundred times as
//! long.

mod paths;

use std::time::{Duration, Instant};

use rusqlite::Connection as Sqlite;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::{Connection, Target};
use scoreline_traffic::report::{Bound, Report, Table};
use serde_json::json;

use crate::error::{Error, Result};
use crate::measured::Measured;
use crate::measurement::{Measurement, Options};
use crate::shared::database::Database;
use crate::shared::servers;
use paths::{Kind, Path, paths};

/// What part of the database the small one is.
const SMALL: u64 = 100;
/// Rejected events, in this many groups, of which a page shows one.
const REJECTED: usize = 100_000;
const REJECTED_GROUPS: usize = 40;
const REJECTED_AT_ONCE: usize = 500;
/// How soon a page must be there, in 95 of 100 cases, and the figures of a month.
const PAGE_MS: f64 = 200.0;
const MONTH_MS: f64 = 50.0;
/// How often each is asked at least.
const ASKED_LEAST: usize = 20;

/// How long something took, each time it was asked.
struct Times {
    path: Path,
    ms: Vec<f64>,
}

impl Times {
    /// What this percentage of them stayed below.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// Measures pages and analytics on SQLite or PostgreSQL.
pub async fn measure(options: Options) -> Result<Report> {
    let (profile, players, stored) = (options.profile, options.players, options.stored);
    let mut measurement = Measurement::begin(options)?;
    let postgres = servers::of_profile(profile)?;
    let mut asked = Vec::new();
    for (name, part) in [("small", SMALL), ("whole", 1)] {
        let sizes = (players.div_ceil(part), stored.div_ceil(part));
        (measurement.say)(format_args!("{} players, {} events", sizes.0, sizes.1));
        let database = match &postgres {
            Some(postgres) => Some(servers::database(postgres, &format!("bench_{name}")).await?),
            None => None,
        };
        asked.push(stage(&mut measurement, name, sizes, database.as_ref()).await?);
    }
    let whole = asked.pop().unwrap_or_default();
    let small = asked.pop().unwrap_or_default();
    tell(&mut measurement.report, &small, &whole);
    Ok(measurement.report)
}

/// Fills a database and asks it everything.
async fn stage(
    measurement: &mut Measurement,
    name: &str,
    (players, stored): (u64, u64),
    database: Option<&Database>,
) -> Result<Vec<Times>> {
    let url = database.map(|database| database.url.clone());
    let settings: Vec<(&str, &str)> = url.iter().map(|url| ("DATABASE_URL", &**url)).collect();
    let server = measurement.serve("serve", name, &settings).await?;
    let bench = bench(measurement, &server, players);
    let placing = bench.place_players().await?;
    measurement.note(placing);
    let storing = bench.store(stored.saturating_sub(players)).await?;
    measurement.note(storing);
    reject(&server.target).await?;
    server.stop().await?;
    if let Some(database) = database {
        database.client.batch_execute(include_str!("../../queries/month_postgres.sql")).await?;
        database.settle().await?;
    } else {
        let file = measurement.folder.path().join(name).join("scoreline.db");
        Sqlite::open(file)?.execute_batch(include_str!("../../queries/month_sqlite.sql"))?;
    }
    let server = measurement.serve("serve", name, &settings).await?;
    let bench = self::bench(measurement, &server, players);
    let length = measurement.options.duration;
    let rate = measurement.options.events_beside_reads_per_second;
    let events = async { Ok(bench.events(&format!("events beside pages, {name}"), rate).await?) };
    let (events, times) = tokio::try_join!(events, ask_all(server.operator()?, length))?;
    measurement.note(events);
    server.stop().await?;
    Ok(times)
}

fn bench(measurement: &mut Measurement, server: &Measured, players: u64) -> Bench {
    measurement.options.run += 1;
    let options = &measurement.options;
    Bench::new(BenchOptions { target: server.target.clone(), players, ..options.clone() })
}

/// Sends events that the definition does not allow.
async fn reject(target: &Target) -> Result<()> {
    let mut connection = Connection::new(target.clone());
    for first in (0..REJECTED).step_by(REJECTED_AT_ONCE) {
        let event = |n: usize| {
            let kind = format!("unknown_{}", n % REJECTED_GROUPS);
            json!({ "event_type": kind, "user_id": format!("device-{n}"), "number": n })
        };
        let events: Vec<_> = (first..first + REJECTED_AT_ONCE).map(event).collect();
        let answer = connection.post_json("/api/events", &json!({ "events": events })).await?;
        if !answer.is_success() {
            return Err(Error::Unexpected(format!("rejected events: {}", answer.status)));
        }
    }
    Ok(())
}

/// Asks everything in turns for this long, one after the other.
async fn ask_all(target: Target, length: Duration) -> Result<Vec<Times>> {
    let mut connection = Connection::new(target);
    let mut times: Vec<Times> =
        paths().into_iter().map(|path| Times { path, ms: Vec::new() }).collect();
    let begun = Instant::now();
    while begun.elapsed() < length || times.iter().any(|one| one.ms.len() < ASKED_LEAST) {
        for one in &mut times {
            let asked = Instant::now();
            let answer = connection.get(&one.path.address).await?;
            one.ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
            if !answer.is_success() {
                let what = format!("{}: status {}", one.path.address, answer.status);
                return Err(Error::Unexpected(what));
            }
        }
    }
    Ok(times)
}

fn tell(report: &mut Report, small: &[Times], whole: &[Times]) {
    let columns = ["p50", "p95", "most", "p50 of a hundredth", "by a hundredth"];
    let mut table = Table::new("while 2,000 events/s come in, ms", &columns);
    for (one, before) in whole.iter().zip(small) {
        let (p50, small) = (one.percentile(50), before.percentile(50));
        let figures = [p50, one.percentile(95), one.percentile(100), small, p50 / small];
        table.add(&one.path.address, &figures);
    }
    report.tables.push(table);
    for (kind, name, wanted) in [
        (Kind::Page, "p95 of the slowest page in ms", PAGE_MS),
        (Kind::Figures, "p95 of the slowest figures of a month in ms", MONTH_MS),
    ] {
        let of_kind = whole.iter().filter(|one| one.path.kind == kind);
        let slowest = of_kind.map(|one| one.percentile(95)).fold(0.0, f64::max);
        report.expect(name, slowest, Bound::AtMost(wanted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times = Times { path: paths().remove(0), ms: (1..=20).rev().map(f64::from).collect() };
        for (percent, ms) in [(50, 10.0), (95, 19.0), (100, 20.0)] {
            assert!((times.percentile(percent) - ms).abs() < 1e-9, "{percent}");
        }
    }
}
