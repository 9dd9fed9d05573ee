//! One session of one player: what happens between opening the game and putting it away.
//!
//! Everything that happens is told as the event a device would send, in the order of time. Balances,
//! levels and scores add up over a player's sessions.

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use crate::players::{Player, one_of};

mod economy;
mod games;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// When, in simulated time.
    pub at_ms: i64,
    pub event_type: &'static str,
    /// The fields of its type.
    pub fields: Map<String, Value>,
}

/// The tournament that players enter.
#[derive(Debug, Clone)]
pub(crate) struct Contest {
    pub id: String,
    pub name: String,
}

/// A session being played.
pub(crate) struct Session<'s> {
    player: &'s mut Player,
    rng: &'s mut StdRng,
    contest: &'s Contest,
    now_ms: i64,
    moments: Vec<Moment>,
    /// How many moments there were when the device last had a reason to send.
    sent_after: Vec<usize>,
}

impl<'s> Session<'s> {
    /// Plays a session that starts at `start_ms`. Answers the requests that the device sends, each
    /// with what it has to tell. None is empty.
    pub fn play(
        player: &'s mut Player,
        rng: &'s mut StdRng,
        contest: &'s Contest,
        start_ms: i64,
        request_events_max: usize,
    ) -> Vec<Vec<Moment>> {
        let mut session = Self {
            player,
            rng,
            contest,
            now_ms: start_ms,
            moments: Vec::new(),
            sent_after: vec![],
        };
        session.open();
        session.look_around();
        for _ in 0..session.rng.random_range(1..=6) {
            if session.rng.random_bool(0.65) {
                session.endless_game();
            } else {
                session.story_level();
            }
            session.spend();
            session.send();
        }
        session.close();
        session.send();
        session.player.last_session_end_ms = Some(session.now_ms);
        session.into_requests(request_events_max)
    }

    fn into_requests(self, request_events_max: usize) -> Vec<Vec<Moment>> {
        let mut moments = self.moments;
        let mut requests = Vec::new();
        for after in self.sent_after.into_iter().rev() {
            let tail = moments.split_off(after);
            requests.extend(tail.chunks(request_events_max).rev().map(<[Moment]>::to_vec));
        }
        requests.extend(moments.chunks(request_events_max).rev().map(<[Moment]>::to_vec));
        requests.retain(|request| !request.is_empty());
        requests.reverse();
        requests
    }

    fn open(&mut self) {
        if !self.player.installed {
            self.install();
        }
        self.player.sessions += 1;
        let since = self.player.last_session_end_ms.map_or(0, |end| (self.now_ms - end) / 1_000);
        if self.chance(0.15) {
            let opened = self.chance(0.6);
            let kind = self.pick(&["daily_reward", "tournament", "comeback"]);
            self.tell(
                "notification_received",
                json!({
                    "notification_type": kind,
                    "notification_title": "Your jet is ready",
                    "opened": opened,
                }),
            );
        }
        self.tell(
            "app_launched",
            json!({"session_number": self.player.sessions, "time_since_last_session": since.max(0)}),
        );
        self.wait(1, 4);
    }

    fn install(&mut self) {
        self.player.installed = true;
        let device = self.player.device.clone();
        self.tell(
            "app_installed",
            json!({
                "device_model": device.model,
                "os_version": device.os_version,
                "country": device.country,
                "timezone": device.timezone,
                "install_source": device.install_source,
            }),
        );
        self.wait(1, 5);
        let method = self.pick(&["device_id", "device_id", "anonymous"]);
        self.tell("user_registered", json!({"registration_method": method}));
    }

    /// What a player does before the first game.
    fn look_around(&mut self) {
        self.claim_streak();
        if self.chance(0.5) {
            let (id, name) = (self.contest.id.clone(), self.contest.name.clone());
            self.tell("tournament_entered", json!({"tournament_id": id, "tournament_name": name}));
            self.wait(1, 6);
        }
        if self.chance(0.06) {
            let old = self.player.sound;
            self.player.sound = !old;
            self.tell(
                "settings_changed",
                json!({"setting_name": "sound", "old_value": old, "new_value": !old}),
            );
        }
    }

    fn claim_streak(&mut self) {
        let today = self.now_ms.div_euclid(DAY_MS);
        let last = self.player.last_streak_day.replace(today);
        if last == Some(today) {
            return;
        }
        let kept = last == Some(today - 1);
        self.player.streak_day = if kept { self.player.streak_day % 7 + 1 } else { 1 };
        let day = self.player.streak_day;
        let coins = 50 * i64::from(day);
        let gems = i64::from(day == 7) * 5;
        self.tell(
            "daily_streak_claimed",
            json!({
                "streak_day": day,
                "coins_reward": coins,
                "gems_reward": gems,
                "streak_reset": last.is_some() && !kept,
            }),
        );
        self.earn("coins", coins, "daily_streak", &format!("day_{day}"));
        self.earn("gems", gems, "daily_streak", &format!("day_{day}"));
        self.wait(1, 5);
    }

    fn close(&mut self) {
        if self.chance(0.02) {
            let last_seen_at = Value::Number(self.now_ms.into());
            self.tell("app_uninstalled", json!({"last_seen_at": last_seen_at}));
            self.player.installed = false;
        }
    }

    /// Notes what happened now.
    fn tell(&mut self, event_type: &'static str, fields: Value) {
        let Value::Object(fields) = fields else {
            unreachable!("the fields of an event are written as an object")
        };
        self.moments.push(Moment { at_ms: self.now_ms, event_type, fields });
        self.now_ms += self.rng.random_range(5..200);
    }

    /// The device sends what it has not sent yet.
    fn send(&mut self) {
        self.sent_after.push(self.moments.len());
    }

    fn wait(&mut self, least_seconds: i64, most_seconds: i64) {
        self.now_ms += self.rng.random_range(least_seconds * 1_000..=most_seconds * 1_000);
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        one_of(self.rng, choices)
    }
}
