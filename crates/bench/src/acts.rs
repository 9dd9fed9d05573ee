//! What devices feel while an operator takes back and gives back thousands of events of one player.

use std::time::{Duration, Instant};

use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::{Connection, Target};
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
    let storing = of_some(&measurement, &server, players).store(stored * players).await?;
    let storing = measurement.note(storing);
    let bench = measurement.bench(&server);
    let before = bench.events("events alone, before", EVENTS_PER_SECOND).await?;
    let before = measurement.note(before);
    let beside = async { Ok(bench.events("events beside acts", EVENTS_PER_SECOND).await?) };
    let acts = act_on(server.operator()?, players, storing.accepted);
    let (beside, acts) = tokio::try_join!(beside, acts)?;
    let beside = measurement.note(beside);
    let after = bench.events("events alone, after", EVENTS_PER_SECOND).await?;
    let after = measurement.note(after);
    server.stop().await?;
    tell(&mut measurement.report, &acts);
    let report = &mut measurement.report;
    // What filling leaves behind is still being written at first.
    let alone = ms(before.p99_us.min(after.p99_us));
    report.compare("p99 beside acts by p99 alone", ms(beside.p99_us), alone);
    let times = ms(beside.p99_us) / alone;
    report.expect("times as long as alone", times, Bound::AtMost(TIMES_MAX));
    Ok(measurement.report)
}

/// The load of the first `players`, any of whom may play next.
fn of_some(measurement: &Measurement, server: &Measured, players: u64) -> Bench {
    let options = measurement.options.clone();
    let run = options.run + 1;
    Bench::new(BenchOptions { target: server.target.clone(), players, run, ..options })
}

/// Voids all events of each of the first `players`, and lets them count again. Answers how long each act took. Of
/// `events` of all of them together, half of what falls to one is sure to be there.
async fn act_on(target: Target, players: u64, events: u64) -> Result<[Vec<f64>; 2]> {
    let mut connection = Connection::new(target);
    let events = events / players / 2;
    let mut took = [Vec::new(), Vec::new()];
    let mut next = tokio::time::interval(ACT_EVERY);
    for player in 0..players {
        let body = json!({ "filter": { "user_id": player_id(player) }, "note": "measured" });
        for (path, took) in ["/api/events/void", "/api/events/unvoid"].into_iter().zip(&mut took) {
            next.tick().await;
            let asked = Instant::now();
            let answer = connection.post_json(path, &body).await?;
            took.push(asked.elapsed().as_secs_f64() * 1_000.0);
            if !answer.is_success() {
                return Err(Error::Unexpected(format!("{path}: status {}", answer.status)));
            }
            let Acted { changed } = answer.json()?;
            if changed < events {
                let what = format!("{path}: {changed} events changed of at least {events}");
                return Err(Error::Unexpected(what));
            }
        }
    }
    Ok(took)
}

fn tell(report: &mut Report, [voids, unvoids]: &[Vec<f64>; 2]) {
    let mut table = Table::new("acts, ms", &["acts", "mean", "longest"]);
    for (name, took) in [("void", voids), ("unvoid", unvoids)] {
        let (count, longest) = (took.len() as f64, took.iter().copied().fold(0.0, f64::max));
        let mean = took.iter().sum::<f64>() / count.max(1.0);
        table.add(name, &[count, mean, longest]);
    }
    report.tables.push(table);
}
