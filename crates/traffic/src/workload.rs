//! What the load generator sends: prepared requests, into which only what differs is written.
//!
//! Preparing may be slow. Sending must cost little, because the generator shares its processors
//! with the server that it measures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use scoreline_core::time::Timestamp;
use serde_json::{Value, json};

use crate::client::EVENTS_PATH;
use crate::players::{ID_BYTES, player_id, scatter, write_player_id};
use crate::simulation::Simulation;

/// Prepared bodies among which requests take turns.
const BODIES: usize = 64;
/// Bytes of a time as [`Timestamp`] writes it.
const TIME_BYTES: usize = 24;
/// Scores have four digits, so that they fit where another one was.
const SCORES: std::ops::Range<u64> = 1_000..10_000;
/// A game so long that every such score is plausible.
const GAME_SECONDS: u64 = 600;

/// Players in a request of [`FirstGames`]: as many as a batch may hold.
const FIRST_GAMES: u64 = 500;

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Ask for a path.
    Get {
        /// With its query.
        path: String,
    },
    /// Send a body.
    Post {
        /// Where to.
        path: &'static str,
        /// What.
        body: Bytes,
    },
}

/// A kind of traffic.
pub trait Workload: Send + Sync + 'static {
    /// The `n`-th request, with `now` as the time of what it tells.
    fn request(&self, n: u64, now: Timestamp) -> Request;

    /// How many events each request holds.
    fn events_per_request(&self) -> u64;
}

/// Events of one player in each request, all of them new.
pub struct Ingest {
    bodies: Vec<Body>,
    players: u64,
    /// Whether players come one after another, and not as they are drawn.
    in_turn: bool,
    events: u64,
    /// Sets the ids of one run apart from those of any other.
    run: u64,
    /// Ids given so far: distinct even if a request is built twice.
    ids: AtomicU64,
}

/// A request body, and where in it something else goes each time.
struct Body {
    text: Vec<u8>,
    player_ids: Vec<usize>,
    event_ids: Vec<usize>,
    times: Vec<usize>,
    scores: Vec<usize>,
}

impl Ingest {
    /// `events` events a request, of players drawn from the first `players` of [`player_id`]. Two
    /// runs with different `run` numbers send different events.
    pub fn new(events: usize, players: u64, run: u64) -> Self {
        let events = events.max(1);
        let mut played =
            Simulation::new(1, 200, Timestamp::EPOCH).flat_map(|request| request.events);
        let bodies = (0..BODIES).map(|_| Body::prepare(played.by_ref().take(events))).collect();
        Self {
            bodies,
            players: players.max(1),
            in_turn: false,
            events: events as u64,
            run: scatter(run),
            ids: AtomicU64::new(0),
        }
    }

    /// The same of players who come one after another, so that one has as many events as another.
    #[must_use]
    pub fn in_turn(self) -> Self {
        Self { in_turn: true, ..self }
    }
}

impl Workload for Ingest {
    fn request(&self, n: u64, now: Timestamp) -> Request {
        let chosen = scatter(n ^ self.run);
        let place = usize::try_from(n % BODIES as u64).expect("small");
        let body = &self.bodies[place];
        let mut text = body.text.clone();
        let mut player = [0; ID_BYTES];
        let next = if self.in_turn { n } else { chosen };
        write_player_id(next % self.players, &mut player);
        for at in &body.player_ids {
            text[*at..at + ID_BYTES].copy_from_slice(&player);
        }
        let time = now.to_string();
        if time.len() == TIME_BYTES {
            for at in &body.times {
                text[*at..at + TIME_BYTES].copy_from_slice(time.as_bytes());
            }
        }
        let first = self.ids.fetch_add(body.event_ids.len() as u64, Ordering::Relaxed);
        for (id, at) in (first..).zip(&body.event_ids) {
            let bits = u128::from(self.run) << 64 | u128::from(scatter(id));
            let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
            id.hyphenated().encode_lower(&mut text[*at..at + ID_BYTES]);
        }
        for (salt, at) in (0..).zip(&body.scores) {
            let luck = scatter(chosen.wrapping_add(salt));
            let score = SCORES.start + luck % (SCORES.end - SCORES.start);
            text[*at..at + 4].copy_from_slice(score.to_string().as_bytes());
        }
        Request::Post { path: EVENTS_PATH, body: text.into() }
    }

    fn events_per_request(&self) -> u64 {
        self.events
    }
}

impl Body {
    fn prepare(events: impl Iterator<Item = String>) -> Self {
        let mut body = Self {
            text: b"{\"events\":[".to_vec(),
            player_ids: Vec::new(),
            event_ids: Vec::new(),
            times: Vec::new(),
            scores: Vec::new(),
        };
        for (n, event) in events.enumerate() {
            if n > 0 {
                body.text.push(b',');
            }
            body.add(&event);
        }
        body.text.extend_from_slice(b"],\"sent_at\":\"");
        body.times.push(body.text.len());
        body.text.extend_from_slice(Timestamp::EPOCH.to_string().as_bytes());
        body.text.extend_from_slice(b"\"}");
        body
    }

    fn add(&mut self, event: &str) {
        let mut event: Value = serde_json::from_str(event).expect("simulated events are JSON");
        let counts = event["event_type"] == "game_ended" && event["game_mode"] == "endless";
        if counts {
            event["score"] = json!(SCORES.start);
            event["duration_seconds"] = json!(GAME_SECONDS);
        }
        let text = event.to_string();
        let base = self.text.len();
        let after = |key: &str| {
            let at = text.find(key).expect("every simulated event has it") + key.len();
            base + at
        };
        self.player_ids.push(after("\"user_id\":\""));
        self.event_ids.push(after("\"event_id\":\""));
        self.times.push(after("\"timestamp\":\""));
        if counts {
            self.scores.push(after("\"score\":"));
        }
        self.text.extend_from_slice(text.as_bytes());
    }
}

/// One game of each player, many players in a request.
pub struct FirstGames {
    players: u64,
}

impl FirstGames {
    /// Of the first `players` of [`player_id`].
    pub fn new(players: u64) -> Self {
        Self { players }
    }

    /// How many requests hold all of them.
    pub fn requests(&self) -> u64 {
        self.players.div_ceil(FIRST_GAMES)
    }
}

impl Workload for FirstGames {
    fn request(&self, n: u64, now: Timestamp) -> Request {
        let players = n * FIRST_GAMES..self.players.min((n + 1) * FIRST_GAMES);
        let games = players.map(|player| {
            let luck = scatter(player);
            json!({
                "event_type": "game_ended", "user_id": player_id(player),
                "timestamp": now.to_string(), "app_version": "1.4.2", "platform": "ios",
                "session_id": format!("first-{player}"), "game_mode": "endless",
                "score": SCORES.start + luck % (SCORES.end - SCORES.start),
                "duration_seconds": GAME_SECONDS, "obstacles_dodged": luck % 90,
                "coins_collected": luck % 40, "gems_collected": luck % 2, "hearts_remaining": 0,
                "cause_of_death": "missile", "max_combo": luck % 20,
            })
        });
        let body = json!({"events": games.collect::<Vec<_>>()}).to_string();
        Request::Post { path: EVENTS_PATH, body: body.into() }
    }

    fn events_per_request(&self) -> u64 {
        FIRST_GAMES
    }
}

/// The rank of one player in each request.
pub struct RankReads {
    players: u64,
    path: Arc<str>,
}

impl RankReads {
    /// Ranks on the main board, of the first `players` of [`player_id`].
    pub fn new(players: u64) -> Self {
        Self::of("/api/v2/leaderboard/user/", players)
    }

    /// The same with another path, to which the player's id is added.
    pub fn of(path: &str, players: u64) -> Self {
        Self { players: players.max(1), path: Arc::from(path) }
    }
}

impl Workload for RankReads {
    fn request(&self, n: u64, _now: Timestamp) -> Request {
        Request::Get { path: format!("{}{}", self.path, player_id(scatter(n) % self.players)) }
    }

    fn events_per_request(&self) -> u64 {
        0
    }
}

/// Several kinds of traffic in turns.
pub struct Mixed {
    parts: Vec<(u64, Arc<dyn Workload>)>,
    turns: u64,
}

impl Mixed {
    /// Of as many requests as all shares together, each part sends its share.
    pub fn new(parts: Vec<(u64, Arc<dyn Workload>)>) -> Self {
        let turns = parts.iter().map(|(share, _)| share).sum::<u64>();
        assert!(turns > 0, "some part has a share");
        Self { parts, turns }
    }
}

impl Workload for Mixed {
    fn request(&self, n: u64, now: Timestamp) -> Request {
        let mut turn = n % self.turns;
        for (share, part) in &self.parts {
            if turn < *share {
                return part.request(n, now);
            }
            turn -= share;
        }
        unreachable!("the shares add up to the turns")
    }

    fn events_per_request(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-23T10:00:00.123Z").expect("a time")
    }

    fn events(request: &Request) -> Vec<Value> {
        let Request::Post { body, .. } = request else { panic!("{request:?}") };
        let body: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(body["sent_at"], now().to_string());
        body["events"].as_array().expect("a list").clone()
    }

    #[test]
    fn every_event_is_new_and_of_now_and_of_one_player_a_request() {
        let ingest = Ingest::new(20, 50, 1);
        let mut ids = HashSet::new();
        let mut players = HashSet::new();
        for n in 0..300 {
            let events = events(&ingest.request(n, now()));
            assert_eq!(events.len(), 20);
            let player = &events[0]["user_id"];
            for event in &events {
                assert!(ids.insert(event["event_id"].to_string()));
                assert_eq!(event["timestamp"], now().to_string());
                assert_eq!(&event["user_id"], player);
            }
            players.insert(player.to_string());
        }
        assert_eq!(players.len(), 50);
    }

    #[test]
    fn players_who_come_in_turn_have_as_many_events_each() {
        let ingest = Ingest::new(5, 3, 1).in_turn();
        let player = |n| events(&ingest.request(n, now()))[0]["user_id"].clone();
        let came: Vec<Value> = (0..6).map(player).collect();
        assert_eq!(came[..3], came[3..]);
        assert!(came[0] != came[1] && came[1] != came[2] && came[0] != came[2]);
    }

    #[test]
    fn first_games_hold_every_player_once() {
        let games = FirstGames::new(1_200);
        assert_eq!(games.requests(), 3);
        let mut players = HashSet::new();
        for n in 0..games.requests() {
            let Request::Post { body, .. } = games.request(n, now()) else { panic!("a body") };
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            for event in body["events"].as_array().expect("a list") {
                assert!(players.insert(event["user_id"].to_string()));
            }
        }
        assert_eq!(players.len(), 1_200);
    }

    #[test]
    fn two_runs_share_no_event() {
        let id = |run| events(&Ingest::new(1, 1, run).request(0, now()))[0]["event_id"].clone();
        assert_ne!(id(1), id(2));
    }

    #[test]
    fn scores_move_and_stay_plausible() {
        let ingest = Ingest::new(20, 50, 1);
        let mut scores = HashSet::new();
        for n in 0..200 {
            for event in events(&ingest.request(n, now())) {
                if event["event_type"] == "game_ended" && event["game_mode"] == "endless" {
                    let score = event["score"].as_u64().expect("a score");
                    let seconds = event["duration_seconds"].as_u64().expect("a duration");
                    assert!(score <= 20 * seconds);
                    scores.insert(score);
                }
            }
        }
        assert!(scores.len() > 100, "{}", scores.len());
    }

    #[test]
    fn mixed_traffic_keeps_its_shares() {
        let (ingest, reads) = (Arc::new(Ingest::new(1, 9, 1)), Arc::new(RankReads::new(9)));
        let mixed = Mixed::new(vec![(1, ingest), (3, reads)]);
        let gets =
            (0..400).filter(|n| matches!(mixed.request(*n, now()), Request::Get { .. })).count();
        assert_eq!(gets, 300);
    }
}
