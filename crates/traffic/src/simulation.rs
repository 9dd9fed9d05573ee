//! Many players of the sample game, and what their devices send, in the order of time.
//!
//! The same seed gives the same players, games and event ids. Simulated time may run faster than the
//! times written into the events: at a pace of 60 an hour of playing takes a minute of theirs.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use scoreline_core::time::Timestamp;
use serde_json::{Map, Value};

use crate::players::{Player, bell};
use crate::session::{Contest, Moment, Session};

/// The most events that a device sends at once.
pub const REQUEST_EVENTS_MAX: usize = 20;
/// Within this simulated time all players have come for the first time.
const ARRIVAL_MS: i64 = 2 * 60 * 60 * 1000;

/// Players who play for ever.
pub struct Simulation {
    rng: StdRng,
    start: Timestamp,
    pace: i64,
    players: Vec<Player>,
    contest: Contest,
    /// What each player's device is going to send in the session that goes on.
    outgoing: Vec<VecDeque<Vec<Moment>>>,
    /// When each player does something next, in simulated time.
    due: BinaryHeap<Reverse<(i64, usize)>>,
}

/// What a device sends at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// When it is sent, since the start.
    pub offset: Duration,
    /// The same as a time.
    pub at: Timestamp,
    /// Whose device: from 0.
    pub player: usize,
    /// The player's id.
    pub player_id: String,
    /// The JSON text of each event.
    pub events: Vec<String>,
}

impl Request {
    /// The body to be sent.
    pub fn body(&self) -> String {
        format!(r#"{{"events":[{}],"sent_at":"{}"}}"#, self.events.join(","), self.at)
    }
}

impl Simulation {
    /// Players who begin to come at `start`, at the pace of real life.
    pub fn new(seed: u64, players: usize, start: Timestamp) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let players: Vec<Player> = (0..players as u64).map(|n| Player::new(n, &mut rng)).collect();
        let due = (0..players.len())
            .map(|player| Reverse((rng.random_range(0..ARRIVAL_MS), player)))
            .collect();
        let contest = Contest { id: "weekly".to_owned(), name: "Weekly Tournament".to_owned() };
        let outgoing = players.iter().map(|_| VecDeque::new()).collect();
        Self { rng, start, pace: 1, players, contest, outgoing, due }
    }

    /// The same with simulated time that runs `pace` times as fast.
    pub fn paced(mut self, pace: u32) -> Self {
        self.pace = i64::from(pace.max(1));
        self
    }

    /// From now on players enter this tournament.
    pub fn enter(&mut self, id: &str, name: &str) {
        self.contest = Contest { id: id.to_owned(), name: name.to_owned() };
    }

    /// How a player wants to be called.
    pub fn nickname(&self, player: usize) -> &str {
        &self.players[player].nickname
    }

    /// A player's id.
    pub fn player_id(&self, player: usize) -> &str {
        &self.players[player].id
    }

    /// How many players there are.
    pub fn players(&self) -> usize {
        self.players.len()
    }

    /// Plays a player's next session from `start_ms` on.
    fn play(&mut self, player: usize, start_ms: i64) {
        let requests = Session::play(
            &mut self.players[player],
            &mut self.rng,
            &self.contest,
            start_ms,
            REQUEST_EVENTS_MAX,
        );
        self.outgoing[player] = requests.into();
    }

    /// When a player comes back after a session.
    fn next_session(&mut self, player: usize) -> i64 {
        let ended = self.players[player].last_session_end_ms.unwrap_or(0);
        let hours = self.players[player].pause_hours * (1.0 + 0.9 * bell(&mut self.rng));
        #[expect(clippy::cast_possible_truncation, reason = "at most some days")]
        let pause_ms = (hours * 3_600_000.0) as i64;
        ended + pause_ms.max(60_000)
    }

    /// A simulated time as the events tell it.
    fn told(&self, at_ms: i64) -> Timestamp {
        self.start.plus_ms(at_ms / self.pace)
    }

    fn render(&mut self, player: usize, moment: Moment) -> String {
        let at = self.told(moment.at_ms);
        let ms = u64::try_from(at.as_ms()).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &self.rng.random()).into_uuid();
        let sender = &self.players[player];
        let mut event = Map::new();
        let mut put = |key: &str, value: &str| event.insert(key.to_owned(), Value::from(value));
        put("event_type", moment.event_type);
        put("event_id", &id.to_string());
        put("user_id", &sender.id);
        put("timestamp", &at.to_string());
        put("app_version", sender.device.app_version);
        put("platform", sender.device.platform);
        put("session_id", &format!("{}-{}", &sender.id[..8], sender.sessions));
        put("locale", sender.device.locale);
        put("country", sender.device.country);
        event.extend(moment.fields);
        if let Some(Value::Number(last_seen_ms)) = event.get("last_seen_at") {
            let seen = self.told(last_seen_ms.as_i64().unwrap_or_default());
            event.insert("last_seen_at".to_owned(), Value::from(seen.to_string()));
        }
        Value::Object(event).to_string()
    }
}

/// Never ends, unless there are no players.
impl Iterator for Simulation {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        loop {
            let Reverse((at_ms, player)) = self.due.pop()?;
            let Some(moments) = self.outgoing[player].pop_front() else {
                self.play(player, at_ms);
                let sent_ms = sent_ms(self.outgoing[player].front());
                self.due.push(Reverse((sent_ms.unwrap_or(at_ms), player)));
                continue;
            };
            let next = sent_ms(self.outgoing[player].front());
            let next = next.unwrap_or_else(|| self.next_session(player));
            self.due.push(Reverse((next, player)));
            let events = moments.into_iter().map(|moment| self.render(player, moment)).collect();
            let at = self.told(at_ms);
            let offset_ms = u64::try_from(at.ms_since(self.start)).unwrap_or_default();
            let offset = Duration::from_millis(offset_ms);
            let player_id = self.players[player].id.clone();
            return Some(Request { offset, at, player, player_id, events });
        }
    }
}

/// A request is sent when the last of what it tells has happened.
fn sent_ms(request: Option<&Vec<Moment>>) -> Option<i64> {
    request.and_then(|moments| moments.last()).map(|last| last.at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        Timestamp::parse("2026-11-23T10:00:00Z").expect("a time")
    }

    #[test]
    fn the_same_seed_tells_the_same_story_and_another_seed_another() {
        let story = |seed| Simulation::new(seed, 20, start()).take(200).collect::<Vec<_>>();
        assert_eq!(story(1), story(1));
        assert_ne!(story(1), story(2));
    }

    #[test]
    fn requests_come_in_the_order_of_time_and_tell_only_what_has_happened() {
        let requests: Vec<Request> = Simulation::new(3, 30, start()).take(2_000).collect();
        assert!(requests.is_sorted_by_key(|request| request.offset));
        for request in &requests {
            assert!((1..=REQUEST_EVENTS_MAX).contains(&request.events.len()));
            assert_eq!(
                request.at.ms_since(start()),
                i64::try_from(request.offset.as_millis()).expect("small")
            );
            for event in &request.events {
                let event: Value = serde_json::from_str(event).expect("JSON");
                assert_eq!(event["user_id"], request.player_id);
                let at = Timestamp::parse(event["timestamp"].as_str().expect("text"));
                assert!(at.is_some_and(|at| start() <= at && at <= request.at));
            }
        }
    }

    #[test]
    fn a_pace_shortens_the_time_but_not_the_games() {
        let at = |pace: u32| {
            let mut simulation = Simulation::new(3, 5, start()).paced(pace);
            let request = simulation.nth(50).expect("it does not end");
            let durations: Vec<i64> = request
                .events
                .iter()
                .filter_map(|event| {
                    serde_json::from_str::<Value>(event).expect("JSON")["duration_seconds"].as_i64()
                })
                .collect();
            (request.offset.as_secs(), durations)
        };
        let ((slow, slow_games), (fast, fast_games)) = (at(1), at(60));
        assert!(slow.abs_diff(fast * 60) <= 120, "{slow} s and {fast} s");
        assert_eq!(slow_games, fast_games);
    }
}
