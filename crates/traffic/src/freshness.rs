//! How long after its acknowledgement by one node a score can be seen on another.
//!
//! A probe sends the game of a player who never played, better than any before, and waits for the
//! answer. From then on it asks another node for the player's rank and for the top of the board,
//! until each shows them.

use std::time::Duration;

use hdrhistogram::Histogram;
use scoreline_core::time::Clock;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::{ClientError, Connection, EVENTS_PATH, Target};
use crate::load::SystemClock;
use crate::report::{Phase, rate};

/// How long a score may take before it counts as not seen.
const SEEN_LONGEST: Duration = Duration::from_secs(20);
/// The pause between two questions: short enough not to distort what is measured, and long enough
/// for the questions to be no load.
const ASK_EVERY: Duration = Duration::from_millis(5);
/// The pause between two probes.
const PROBE_EVERY: Duration = Duration::from_millis(20);
/// Probes under way on a route at once: most of the time each of them waits.
const LANES: usize = 4;
/// Where the top is looked for: enough rows for all probes under way.
const TOP_PATH: &str = "/api/v2/leaderboard/global?limit=50";
/// More than any score of other workloads.
const BEST_SCORE: u64 = 1_000_000;
/// A game so long that such a score is plausible, and no longer than the sample game's may be.
const GAME_SECONDS: u64 = 86_400;

/// A node that takes scores, and one where they are looked for.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where scores are sent.
    pub write: Target,
    /// Where they are looked for.
    pub read: Target,
}

/// What probes of one kind have found.
struct Seen {
    waits: Histogram<u64>,
    unseen: u64,
    first_error: Option<String>,
}

impl Seen {
    fn new() -> Self {
        let longest = u64::try_from(SEEN_LONGEST.as_micros()).unwrap_or(u64::MAX);
        let waits = Histogram::new_with_bounds(1, longest, 3)
            .expect("the bounds and digits are ones that a histogram takes");
        Self { waits, unseen: 0, first_error: None }
    }

    fn note(&mut self, wait: Result<Duration, String>) {
        match wait {
            Ok(wait) => {
                let us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
                self.waits.saturating_record(us.max(1));
            }
            Err(reason) => {
                self.unseen += 1;
                self.first_error.get_or_insert(reason);
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.waits.add(&other.waits).expect("all histograms have the same bounds");
        self.unseen += other.unseen;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    fn phase(self, name: &str, seconds: f64) -> Phase {
        let probes = self.waits.len() + self.unseen;
        Phase {
            name: name.to_owned(),
            requests: probes,
            seconds,
            per_second: rate(self.waits.len(), seconds),
            p50_us: self.waits.value_at_quantile(0.5),
            p90_us: self.waits.value_at_quantile(0.9),
            p99_us: self.waits.value_at_quantile(0.99),
            p999_us: self.waits.value_at_quantile(0.999),
            max_us: self.waits.max(),
            errors: self.unseen,
            first_error: self.first_error,
            ..Phase::default()
        }
    }
}

/// The name of the phase that says when a player's rank could be seen.
pub const RANK_SEEN: &str = "from acknowledgement to the player's rank";
/// The name of the phase that says when the top of the board showed a score.
pub const TOP_SEEN: &str = "from acknowledgement to the top of the board";

/// Probes all routes at once for this long. Answers how soon ranks were seen, and how soon the top
/// of the board.
pub async fn probe(routes: &[Route], length: Duration) -> Result<(Phase, Phase), ClientError> {
    let begun = Instant::now();
    let until = begun + length;
    let lanes: Vec<Route> = routes.iter().flat_map(|route| vec![route.clone(); LANES]).collect();
    let stride = lanes.len() as u64;
    let mut probing = tokio::task::JoinSet::new();
    for (first, route) in (0..).zip(lanes) {
        probing.spawn(along(route, first, stride, until));
    }
    let (mut ranks, mut tops) = (Seen::new(), Seen::new());
    while let Some(found) = probing.join_next().await {
        let (rank, top) = match found {
            Ok(found) => found?,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        ranks.add(rank);
        tops.add(top);
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok((ranks.phase(RANK_SEEN, seconds), tops.phase(TOP_SEEN, seconds)))
}

/// One probe after the other: the `first`, and then every `stride`-th.
async fn along(
    route: Route,
    first: u64,
    stride: u64,
    until: Instant,
) -> Result<(Seen, Seen), ClientError> {
    let mut write = Connection::new(route.write);
    let (mut rank, mut top) = (Connection::new(route.read.clone()), Connection::new(route.read));
    for connection in [&mut write, &mut rank, &mut top] {
        connection.open().await?;
    }
    let (mut ranks, mut tops) = (Seen::new(), Seen::new());
    let started_ms = SystemClock.now().as_ms();
    let mut n = first;
    while Instant::now() < until {
        let player = format!("probe-{started_ms}-{n}");
        let answer = write.post_json(EVENTS_PATH, &game(&player, BEST_SCORE + n)).await?;
        let acknowledged = Instant::now();
        if answer.is_success() {
            let path = format!("/api/v2/leaderboard/user/{player}");
            let of_rank = seen(&mut rank, &path, acknowledged, |body| body["found"] == true);
            let of_top = seen(&mut top, TOP_PATH, acknowledged, |body| {
                let rows = body["leaderboard"].as_array();
                rows.is_some_and(|rows| rows.iter().any(|row| row["user_id"] == *player))
            });
            let (of_rank, of_top) = tokio::join!(of_rank, of_top);
            ranks.note(of_rank);
            tops.note(of_top);
        } else {
            ranks.note(Err(format!("status {} for a score", answer.status)));
        }
        n += stride;
        tokio::time::sleep(PROBE_EVERY).await;
    }
    Ok((ranks, tops))
}

/// How long after `since` the first answer was there that holds what is looked for.
async fn seen(
    connection: &mut Connection,
    path: &str,
    since: Instant,
    holds: impl Fn(&Value) -> bool,
) -> Result<Duration, String> {
    let mut last = String::from("nothing was answered");
    while since.elapsed() < SEEN_LONGEST {
        match connection.get(path).await {
            Ok(answer) if answer.is_success() => {
                let body: Value = answer.json().map_err(|error| error.to_string())?;
                if holds(&body) {
                    return Ok(since.elapsed());
                }
                "answers without the score".clone_into(&mut last);
            }
            Ok(answer) => last = format!("status {}", answer.status),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Err(format!("not seen within {} s: {last}", SEEN_LONGEST.as_secs()))
}

fn game(player: &str, score: u64) -> Value {
    json!({
        "event_type": "game_ended", "user_id": player, "timestamp": SystemClock.now().to_string(),
        "app_version": "1.4.2", "platform": "ios", "game_mode": "endless", "score": score,
        "duration_seconds": GAME_SECONDS, "obstacles_dodged": 40, "coins_collected": 25,
        "gems_collected": 1, "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 12,
    })
}
