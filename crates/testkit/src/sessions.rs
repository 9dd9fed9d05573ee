//! Requests as a game sends them all day long: sessions of the sample game, for benchmarks of stores.

use std::sync::Arc;

use scoreline_core::event::{ContentHash, Event};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// Events of one request.
pub const REQUEST_EVENTS: u64 = 20;
/// Players that the requests come from.
const PLAYERS: u64 = 100_000;
/// How far back a request's events reach: a session's part.
const SESSION_MS: i64 = 180_000;
/// Events that arrive in a millisecond.
const EVENTS_PER_MS: u64 = 80;

/// What a session of 20 events tells: the type, and the fields that differ between types.
const SESSION: [(&str, &str); 20] = [
    ("app_launched", r#""session_number":12,"time_since_last_session":86400"#),
    (
        "daily_streak_claimed",
        r#""streak_day":3,"coins_reward":150,"gems_reward":0,"streak_reset":false"#,
    ),
    (
        "currency_earned",
        r#""currency_type":"coins","amount":150,"source":"daily_streak","source_id":"day_3""#,
    ),
    ("tournament_entered", r#""tournament_id":"weekly_2026_48","tournament_name":"Week 48""#),
    ("game_started", r#""game_mode":"endless","jet_skin":"falcon","theme":"dawn""#),
    ("powerup_collected", r#""powerup_type":"shield","game_mode":"endless""#),
    ("powerup_collected", r#""powerup_type":"magnet","game_mode":"endless""#),
    ("currency_earned", r#""currency_type":"coins","amount":37,"source":"game","source_id":"g-1""#),
    (
        "game_ended",
        r#""game_mode":"endless","score":SCORE,"duration_seconds":600,"obstacles_dodged":41,"coins_collected":17,"gems_collected":1,"hearts_remaining":0,"cause_of_death":"missile","max_combo":9,"powerups_used":["shield","magnet"]"#,
    ),
    (
        "ad_watched",
        r#""ad_type":"rewarded","ad_placement":"game_over","reward_type":"coins","reward_amount":50,"completed":true"#,
    ),
    ("currency_earned", r#""currency_type":"coins","amount":50,"source":"ad","source_id":"a-1""#),
    ("game_started", r#""game_mode":"endless","jet_skin":"falcon","theme":"dawn""#),
    ("powerup_collected", r#""powerup_type":"shield","game_mode":"endless""#),
    ("continue_used", r#""continue_type":"gems","cost":5,"score_at_continue":300"#),
    (
        "currency_spent",
        r#""currency_type":"gems","amount":5,"item_type":"continue","item_id":"c-1""#,
    ),
    (
        "game_ended",
        r#""game_mode":"endless","score":SCORE,"duration_seconds":600,"obstacles_dodged":55,"coins_collected":23,"gems_collected":0,"hearts_remaining":0,"cause_of_death":"wall","max_combo":11,"powerups_used":["shield"]"#,
    ),
    ("level_started", r#""level_id":"2-4","world":2,"attempt_number":1"#),
    (
        "level_completed",
        r#""level_id":"2-4","world":2,"stars":3,"first_attempt":true,"time_seconds":71,"hearts_remaining":2"#,
    ),
    (
        "currency_earned",
        r#""currency_type":"coins","amount":90,"source":"level","source_id":"2-4""#,
    ),
    (
        "currency_spent",
        r#""currency_type":"coins","amount":200,"item_type":"skin","item_id":"hawk""#,
    ),
];

/// Spreads numbers over all 64 bits.
fn mixed(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).expect("a count")
}

/// The events of the `n`-th request since `epoch`.
fn request(epoch: Timestamp, n: u64) -> impl Iterator<Item = Event> {
    let received_at = epoch.plus_ms(signed(n * REQUEST_EVENTS / EVENTS_PER_MS));
    let player =
        PlayerId::new(&format!("device-{:016x}", mixed(mixed(n) % PLAYERS))).expect("an id");
    SESSION.iter().zip(0..).map(move |((event_type, fields), place)| {
        let no = n * REQUEST_EVENTS + place;
        let back_ms = SESSION_MS * (signed(REQUEST_EVENTS - place)) / signed(REQUEST_EVENTS);
        let time = received_at.plus_ms(signed(mixed(no) % 1_000) - back_ms);
        let id = Uuid::from_u64_pair(mixed(no ^ 0x55), mixed(no));
        let score = (mixed(no) % 10_000).to_string();
        let fields = fields.replace("SCORE", &score);
        let payload = format!(
            r#"{{"app_version":"1.4.2","platform":"ios","session_id":"s-{n:012}","locale":"en_US",{fields}}}"#
        );
        Event::from_stored(
            EventKey { player: player.clone(), id },
            time,
            Arc::from(*event_type),
            received_at,
            time,
            ContentHash(signed(no)),
            Box::from(payload),
        )
    })
}

/// Makes the batches of a run, one after the other; making them is not part of what is measured.
pub struct Batches {
    epoch: Timestamp,
    /// How many requests there were.
    pub next_request: u64,
    /// How many make a batch.
    pub requests: u64,
}

impl Batches {
    /// Batches of this many events, the first of them received at `epoch`.
    pub fn new(epoch: Timestamp, events: u64) -> Self {
        Self { epoch, next_request: 0, requests: events / REQUEST_EVENTS }
    }

    /// Makes the next one.
    pub fn make(&mut self) -> Vec<Event> {
        let first = self.next_request;
        self.next_request += self.requests;
        (first..self.next_request).flat_map(|n| request(self.epoch, n)).collect()
    }
}
