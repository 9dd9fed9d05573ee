//! What players do, in words: events as devices send them, and the questions they ask.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Request;
use crate::test_app::{TestApp, eventually};

/// An id that no other event of this run has.
pub fn fresh_event_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128(0xfeed_0000_0000_4000_8000_0000_0000_0000 | u128::from(number)).to_string()
}

/// The same event with one field set to something else.
pub fn with(event: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut event = event.clone();
    event[field] = value.into();
    event
}

/// The same event without one of its fields.
pub fn without(event: &Value, field: &str) -> Value {
    let mut event = event.clone();
    event.as_object_mut().expect("an object").remove(field).expect("the event has it");
    event
}

impl TestApp {
    /// An endless game that ended just now, with an id of its own.
    pub fn game(&self, player: &str, score: i64) -> Value {
        json!({
            "event_type": "game_ended", "user_id": player, "event_id": fresh_event_id(),
            "timestamp": self.now().to_string(), "app_version": "1.0.0", "platform": "ios",
            "game_mode": "endless", "score": score, "duration_seconds": 60 + score.abs() / 20,
            "obstacles_dodged": 4, "coins_collected": 3, "gems_collected": 1,
            "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 2,
        })
    }

    /// An event whose type asks for little, with an id of its own.
    pub fn launch(&self, player: &str) -> Value {
        json!({
            "event_type": "app_launched", "user_id": player, "event_id": fresh_event_id(),
            "timestamp": self.now().to_string(), "app_version": "1.0.0", "platform": "android",
            "session_number": 1, "time_since_last_session": 0,
        })
    }

    /// Coins that a player earned just now.
    pub fn coins(&self, player: &str, amount: i64) -> Value {
        json!({
            "event_type": "currency_earned", "user_id": player, "event_id": fresh_event_id(),
            "timestamp": self.now().to_string(), "app_version": "1.0.0", "platform": "ios",
            "currency_type": "coins", "amount": amount, "source": "chest", "source_id": "c1",
            "balance_before": 0, "balance_after": 1,
        })
    }

    /// A player finishes a game.
    #[track_caller]
    pub fn plays(&self, player: &str, score: i64) -> impl Future<Output = ()> + use<> {
        let posted = self.post_events(&self.game(player, score));
        async move {
            let answer = posted.await;
            assert_eq!(answer["accepted"], 1, "{answer}");
        }
    }

    /// The global board as players and scores, best first, once it looks like `expected`.
    pub async fn board_shows(&self, expected: &[(&str, i64)]) {
        self.page_shows("/api/v2/leaderboard/global?limit=1000", "high_score", expected).await;
    }

    /// Any page of ranks, once its players and their scores are the `expected` ones.
    pub async fn page_shows(&self, path: &str, score: &str, expected: &[(&str, i64)]) {
        let expected: Vec<(String, i64)> =
            expected.iter().map(|(player, score)| ((*player).to_owned(), *score)).collect();
        // A page may be a fraction of a second old, and no older than a second.
        eventually(&format!("{path} with {expected:?}"), async || {
            let page = self.get(path).await;
            let seen: Vec<_> = page["leaderboard"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|row| {
                    let player = row["user_id"].as_str().expect("a player").to_owned();
                    (player, row[score].as_i64().expect("a score"))
                })
                .collect();
            if seen == expected { Ok(()) } else { Err(seen) }
        })
        .await;
    }

    /// What the main board says of a player; `null` while they are not on it.
    pub async fn player(&self, player: &str) -> Value {
        let answer = self.get(&format!("/api/v2/leaderboard/user/{player}")).await;
        assert_eq!(answer["success"], true, "{answer}");
        if answer["found"] == true {
            return answer["user"].clone();
        }
        assert_eq!(answer["message"], "User not in leaderboard yet", "{answer}");
        Value::Null
    }

    /// How many games the main board counts for a player.
    pub async fn games_of(&self, player: &str) -> u64 {
        self.player(player).await["total_games"].as_u64().unwrap_or(0)
    }

    /// Everything in quarantine, in the order it came.
    pub async fn quarantine(&self) -> Vec<Value> {
        let page = self.operator_get("/api/events/quarantine?limit=1000&raw=true").await;
        page["events"].as_array().expect("a list").clone()
    }

    /// All figures for Prometheus.
    pub async fn metrics(&self) -> String {
        let answer = self.send(Request::get("/metrics")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    /// One sample of the figures for Prometheus, by its name and labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.metrics().await;
        let sample = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let sample = sample.unwrap_or_else(|| panic!("there is no {name} in {text}"));
        sample.parse().expect("a number")
    }
}
