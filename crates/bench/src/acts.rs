//! What devices feel while an operator takes back and gives back thousands of events of one player.

use std::time::{Duration, Instant};

use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Connection;
use scoreline_traffic::players::player_id;
use scoreline_traffic::report::{Bound, Report, Table};
use serde::Deserialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::measured::Measured;
use crate::measurement::{Measurement, Options, ms};
use crate::shared::servers;

/// Events a second that come in meanwhile.
const EVENTS_PER_SECOND: f64 = 2_000.0;
/// From the beginning of one act to that of the next.
const ACT_EVERY: Duration = Duration::from_secs(2);
/// The addresses of the two acts.
const VOID: &str = "/api/events/void";
const UNVOID: &str = "/api/events/unvoid";
/// How many times as long as without acts an acknowledgement may take beside them, in 99 of 100 cases.
const TIMES_MAX: f64 = 3.0;

/// What an act answers.
#[derive(Deserialize)]
struct Acted {
    changed: u64,
}

/// Measures acknowledgements beside acts on players of about `stored` events each, on SQLite or PostgreSQL.
pub async fn measure(options: Options) -> Result<Report> {
    let (profile, stored) = (options.profile, options.stored);
    let mut measurement = Measurement::begin(options)?;
    let postgres = servers::of_profile(profile)?;
    let database = match &postgres {
        Some(postgres) => Some(servers::database(postgres, "bench_acts").await?),
        None => None,
    };
    let url = database.as_ref().map(|database| database.url.clone());
    let settings: Vec<(&str, &str)> = url.iter().map(|url| ("DATABASE_URL", &**url)).collect();
    let server = measurement.serve("serve", "acts", &settings).await?;

    let placing = measurement.bench(&server).place_players().await?;
    measurement.note(placing);
    let length = measurement.options.warm_up + measurement.options.duration;
    // Each is voided once: what was voided often has a history, which takes long to read.
    let players = length.as_secs().div_ceil(2 * ACT_EVERY.as_secs()).max(1);
    let all = players + 1;
    let storing = of_some(&measurement, &server, all).store_in_turn(stored * all).await?;
    let storing = measurement.note(storing);
    let acting = || -> Result<Acting> {
        // Requests hold hundreds of events, so that one may have some more than another.
        let at_least = storing.accepted / all / 2;
        Ok(Acting { connection: Connection::new(server.operator()?), at_least })
    };
    let bench = measurement.bench(&server);
    let before = bench.events("events alone, before", EVENTS_PER_SECOND).await?;
    let before = measurement.note(before);
    let once = async { Ok(bench.events("events beside one void", EVENTS_PER_SECOND).await?) };
    let (once, first) = tokio::try_join!(once, act_once(acting()?, players, length / 2))?;
    let once = measurement.note(once);
    let beside = async { Ok(bench.events("events beside acts", EVENTS_PER_SECOND).await?) };
    let (beside, [mut voids, unvoids]) = tokio::try_join!(beside, act_on(acting()?, players))?;
    voids.push(first);
    let beside = measurement.note(beside);
    let after = bench.events("events alone, after", EVENTS_PER_SECOND).await?;
    let after = measurement.note(after);
    server.stop().await?;
    tell(&mut measurement.report, [("void", voids), ("unvoid", unvoids)]);
    let report = &mut measurement.report;
    // What filling leaves behind is still being written at first.
    let alone = ms(before.p99_us.min(after.p99_us));
    for (what, measured) in [("one void", once), ("acts", beside)] {
        let p99 = ms(measured.p99_us);
        report.compare(&format!("p99 beside {what} by p99 alone"), p99, alone);
        let wanted = format!("beside {what}, times as long as alone");
        report.expect(&wanted, p99 / alone, Bound::AtMost(TIMES_MAX));
    }
    Ok(measurement.report)
}

/// The load of the first `players`.
fn of_some(measurement: &Measurement, server: &Measured, players: u64) -> Bench {
    let options = measurement.options.clone();
    let run = options.run + 1;
    Bench::new(BenchOptions { target: server.target.clone(), players, run, ..options })
}

/// An operator at work.
struct Acting {
    connection: Connection,
    /// How many events of each player are sure to be there.
    at_least: u64,
}

impl Acting {
    /// Turns all events of a player. Answers how many milliseconds that took.
    async fn act(&mut self, path: &str, player: u64) -> Result<f64> {
        let body = json!({ "filter": { "user_id": player_id(player) }, "note": "measured" });
        let asked = Instant::now();
        let answer = self.connection.post_json(path, &body).await?;
        let took_ms = asked.elapsed().as_secs_f64() * 1_000.0;
        if !answer.is_success() {
            return Err(Error::Unexpected(format!("{path}: status {}", answer.status)));
        }
        let Acted { changed } = answer.json()?;
        if changed < self.at_least {
            let what = format!("{path}: {changed} events changed of at least {}", self.at_least);
            return Err(Error::Unexpected(what));
        }
        Ok(took_ms)
    }
}

/// Voids all events of a player, once this time is over.
async fn act_once(mut acting: Acting, player: u64, wait: Duration) -> Result<f64> {
    tokio::time::sleep(wait).await;
    acting.act(VOID, player).await
}

/// Voids all events of each of the first `players`, and lets them count again. Answers how long each act took.
async fn act_on(mut acting: Acting, players: u64) -> Result<[Vec<f64>; 2]> {
    let mut took = [Vec::new(), Vec::new()];
    let mut next = tokio::time::interval(ACT_EVERY);
    for player in 0..players {
        for (path, took) in [VOID, UNVOID].into_iter().zip(&mut took) {
            next.tick().await;
            took.push(acting.act(path, player).await?);
        }
    }
    Ok(took)
}

fn tell(report: &mut Report, acts: [(&str, Vec<f64>); 2]) {
    let mut table = Table::new("acts, ms", &["acts", "mean", "longest"]);
    for (name, took) in acts {
        let (count, longest) = (took.len() as f64, took.iter().copied().fold(0.0, f64::max));
        let mean = took.iter().sum::<f64>() / count.max(1.0);
        table.add(name, &[count, mean, longest]);
    }
    report.tables.push(table);
}
