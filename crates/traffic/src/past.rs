//! What players did on the days before: a month with newcomers every day, of whom fewer and fewer come
//! back, as in a real game.
//!
//! It is told as devices would have told it, session by session, in the order of time. The same seed
//! tells the same month.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use scoreline_core::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::players::{Player, one_of};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Of the players of an ordinary game, how many come back on the next day. On the n-th day it is this
/// by n to the power of [`FALL`].
const RETURN_NEXT_DAY: f64 = 0.42;
/// How fast players fall away.
const FALL: f64 = 0.6;

/// The days before a moment.
#[derive(Debug, Clone, Copy)]
pub struct Past {
    /// The same seed tells the same.
    pub seed: u64,
    /// How many players came in all.
    pub players: usize,
    /// Over how many days.
    pub days: u32,
    /// Up to when.
    pub until: Timestamp,
}

/// A session that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct PastSession {
    /// Whose device.
    pub player_id: String,
    /// When it ended.
    pub at: Timestamp,
    /// The JSON text of each event.
    pub events: Vec<String>,
}

impl Past {
    /// All sessions, in the order in which they ended.
    pub fn sessions(&self) -> Vec<PastSession> {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let mut sessions = Vec::new();
        for number in 0..self.players as u64 {
            let player = Player::new(number, &mut rng);
            self.live(player, &mut rng, &mut sessions);
        }
        sessions.sort_by(|a, b| (a.at, &a.player_id).cmp(&(b.at, &b.player_id)));
        sessions
    }

    /// The days of one player, from the first on.
    fn live(&self, mut player: Player, rng: &mut StdRng, sessions: &mut Vec<PastSession>) {
        let days = i64::from(self.days);
        let start = self.until.plus_ms(-days * DAY_MS);
        let first = rng.random_range(0..days);
        // Some like the game more than others.
        let loyalty = rng.random_range(0.5..1.5_f64);
        for day in first..days {
            let after = (day - first) as f64;
            let likely = (RETURN_NEXT_DAY * after.max(1.0).powf(-FALL) * loyalty).min(1.0);
            if day > first && !rng.random_bool(likely) {
                continue;
            }
            let mut at = start.plus_ms(day * DAY_MS + rng.random_range(0..DAY_MS * 9 / 10));
            for _ in 0..rng.random_range(1..=3) {
                let mut session = Told::new(&mut player, rng, at);
                session.play();
                let Told { at: ended, events, player: Player { id, .. }, .. } = session;
                if ended >= self.until {
                    return;
                }
                sessions.push(PastSession { player_id: id.clone(), at: ended, events });
                at = ended.plus_ms(rng.random_range(10..240) * 60_000);
            }
        }
    }
}

/// A session being told.
struct Told<'s> {
    player: &'s mut Player,
    rng: &'s mut StdRng,
    at: Timestamp,
    events: Vec<String>,
}

impl<'s> Told<'s> {
    fn new(player: &'s mut Player, rng: &'s mut StdRng, at: Timestamp) -> Self {
        player.sessions += 1;
        Self { player, rng, at, events: Vec::new() }
    }

    fn play(&mut self) {
        if !self.player.installed {
            self.player.installed = true;
            let device = self.player.device.clone();
            let source = device.install_source;
            let (model, os, country) = (device.model, device.os_version, device.country);
            self.tell("app_installed", json!({
                "device_model": model, "os_version": os, "country": country, "install_source": source,
            }));
        }
        let number = self.player.sessions;
        self.tell(
            "app_launched",
            json!({ "session_number": number, "time_since_last_session": 0 }),
        );
        for _ in 0..self.rng.random_range(1..=3) {
            if self.rng.random_bool(0.6) { self.fly() } else { self.climb() }
        }
        if self.rng.random_bool(0.05) {
            self.buy();
        }
    }

    fn fly(&mut self) {
        let seconds = self.player.game_seconds(self.rng);
        let score = self.player.score(seconds, self.rng);
        self.wait(seconds);
        let coins = seconds / 5 + 1;
        self.tell(
            "game_ended",
            json!({
                "game_mode": "endless", "score": score, "duration_seconds": seconds,
                "obstacles_dodged": seconds / 2, "coins_collected": coins, "gems_collected": 0,
                "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 3,
            }),
        );
        self.earn(coins, "endless_run");
    }

    fn climb(&mut self) {
        let (level, seconds) = (self.player.level, self.rng.random_range(30..180));
        self.wait(seconds);
        // Higher levels are harder.
        let passes = 0.95_f64.powf(f64::from(level));
        if self.rng.random_bool(passes.max(0.2)) {
            self.player.level += 1;
            self.tell(
                "level_completed",
                json!({
                    "level_id": level, "zone_id": level.div_ceil(10), "score": 100, "stars": 2,
                    "time_seconds": seconds, "hearts_remaining": 1, "first_attempt": true,
                }),
            );
            self.earn(i64::from(level) * 10, "level_complete");
        } else {
            self.tell("level_failed", json!({
                "level_id": level, "zone_id": level.div_ceil(10), "level_name": format!("Level {level}"),
                "score": 40, "objective_target": 100, "objective_type": "score",
                "cause_of_death": "wall", "time_survived_seconds": seconds, "hearts_remaining": 0,
                "continues_used": 0,
            }));
        }
    }

    fn earn(&mut self, amount: i64, source: &str) {
        let before = self.player.coins;
        self.player.coins += amount;
        self.tell(
            "currency_earned",
            json!({
                "currency_type": "coins", "amount": amount, "source": source, "source_id": "past",
                "balance_before": before, "balance_after": before + amount,
            }),
        );
        if self.player.coins > 400 {
            let before = self.player.coins;
            self.player.coins -= 300;
            let sink = one_of(self.rng, &["skin", "powerup", "continue"]);
            self.tell(
                "currency_spent",
                json!({
                    "currency_type": "coins", "amount": 300, "spent_on": sink, "item_id": "past",
                    "balance_before": before, "balance_after": before - 300,
                }),
            );
        }
    }

    fn buy(&mut self) {
        let price = one_of(self.rng, &[0.99, 1.99, 4.99, 9.99]);
        let product = json!({
            "product_id": "gems", "product_type": "consumable", "price_usd": price,
            "currency_code": "USD",
        });
        self.tell("purchase_initiated", product.clone());
        if self.rng.random_bool(0.5) {
            let mut completed = product;
            completed["transaction_id"] = Value::from(format!("past-{}", self.at.as_ms()));
            self.wait(20);
            self.tell("purchase_completed", completed);
        }
    }

    fn wait(&mut self, seconds: i64) {
        self.at = self.at.plus_ms(seconds * 1_000 + self.rng.random_range(0..1_000));
    }

    fn tell(&mut self, event_type: &str, fields: Value) {
        self.wait(1);
        let ms = u64::try_from(self.at.as_ms()).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &self.rng.random()).into_uuid();
        let device = &self.player.device;
        let session = format!("{}-past-{}", &self.player.id[..8], self.player.sessions);
        let mut event = Map::new();
        for (key, value) in [
            ("event_type", event_type),
            ("event_id", &id.to_string()),
            ("user_id", &self.player.id),
            ("timestamp", &self.at.to_string()),
            ("app_version", device.app_version),
            ("platform", device.platform),
            ("session_id", &session),
            ("country", device.country),
        ] {
            event.insert(key.to_owned(), Value::from(value));
        }
        if let Value::Object(fields) = fields {
            event.extend(fields);
        }
        self.events.push(Value::Object(event).to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn past() -> Past {
        let until = Timestamp::parse("2026-11-23T10:00:00Z").expect("a time");
        Past { seed: 7, players: 600, days: 29, until }
    }

    #[test]
    fn the_same_seed_tells_the_same_month() {
        assert_eq!(past().sessions(), past().sessions());
        assert_ne!(past().sessions(), Past { seed: 8, ..past() }.sessions());
    }

    #[test]
    fn a_month_lies_before_its_end_and_in_order() {
        let sessions = past().sessions();
        assert!(sessions.is_sorted_by_key(|session| session.at));
        let start = past().until.plus_ms(-29 * DAY_MS);
        for session in &sessions {
            assert!(start <= session.at && session.at < past().until);
            assert!((2..=20).contains(&session.events.len()), "{}", session.events.len());
        }
    }

    #[test]
    fn fewer_and_fewer_come_back() {
        let mut days: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for session in past().sessions() {
            let day = session.at.as_ms() / DAY_MS;
            days.entry(session.player_id).or_default().insert(day);
        }
        assert!(days.len() > 590, "{} players", days.len());
        let returned = |after: i64| {
            let there = |days: &&BTreeSet<i64>| {
                days.first().is_some_and(|first| days.contains(&(first + after)))
            };
            days.values().filter(there).count()
        };
        let (next_day, third, week) = (returned(1), returned(3), returned(7));
        assert!(next_day > third && third > week && week > 5, "{next_day}, {third}, {week}");
        assert!((120..360).contains(&next_day), "{next_day} of 600");
    }
}
