//! What boards, tournaments and prizes must say, reckoned from what devices sent and when each event was
//! received. Written for itself: nothing here is core's fold.

use std::collections::{BTreeMap, BTreeSet};

use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::scenario::COINS;

const MINUTE_MS: i64 = 60_000;

/// An event that counts.
#[derive(Debug, Clone)]
pub struct Happened {
    pub player: PlayerId,
    pub id: Uuid,
    pub event_type: &'static str,
    pub value: i64,
    pub received_at: Timestamp,
    pub counted_at: Timestamp,
}

/// A row of a board: points, when they were reached, and of how many events.
pub type Row = (i64, Timestamp, i64);
/// A board: its rows by player.
pub type Rows = BTreeMap<PlayerId, Row>;

/// The best score of each player in runs received from `from` on and before `until`.
pub fn best(events: &[Happened], from: Timestamp, until: Timestamp) -> Rows {
    let mut rows = Rows::new();
    for run in runs(events).filter(|run| from <= run.received_at && run.received_at < until) {
        let new = (run.value, run.received_at, 1);
        let row = rows.entry(run.player.clone()).or_insert((i64::MIN, Timestamp::MAX, 0));
        let attempts = row.2 + 1;
        let is_better = new.0 > row.0 || (new.0 == row.0 && new.1 < row.1);
        *row = if is_better { new } else { *row };
        row.2 = attempts;
    }
    rows
}

/// The sums of each minute, by the minute.
pub fn minutes(events: &[Happened]) -> BTreeMap<Timestamp, Rows> {
    let mut boards: BTreeMap<Timestamp, Rows> = BTreeMap::new();
    for run in runs(events) {
        let minute = run.received_at.as_ms().div_euclid(MINUTE_MS) * MINUTE_MS;
        let rows = boards.entry(Timestamp::from_stored_ms(minute)).or_default();
        let row = rows.entry(run.player.clone()).or_insert((0, Timestamp::MIN, 0));
        *row = (row.0 + run.value, row.1.max(run.received_at), row.2 + 1);
    }
    boards
}

/// The latest walk of each player.
pub fn latest(events: &[Happened]) -> Rows {
    let mut by_player: BTreeMap<PlayerId, Vec<&Happened>> = BTreeMap::new();
    for walk in events.iter().filter(|event| event.event_type == "walk") {
        by_player.entry(walk.player.clone()).or_default().push(walk);
    }
    let row = |(player, walks): (PlayerId, Vec<&Happened>)| {
        let last = walks.iter().max_by_key(|walk| (walk.counted_at, walk.id))?;
        let attempts = i64::try_from(walks.len()).ok()?;
        Some((player, (last.value, last.received_at, attempts)))
    };
    by_player.into_iter().filter_map(row).collect()
}

/// How many runs each player had.
pub fn counts(events: &[Happened]) -> BTreeMap<PlayerId, i128> {
    let mut counts = BTreeMap::new();
    for run in runs(events) {
        *counts.entry(run.player.clone()).or_insert(0) += 1;
    }
    counts
}

/// Who wins how many coins on a board.
pub fn prizes(rows: &Rows) -> BTreeSet<(PlayerId, i64)> {
    let mut order: Vec<(&PlayerId, &Row)> = rows.iter().collect();
    order.sort_by_key(|(player, row)| (-row.0, row.1, (*player).clone()));
    let coins = |rank: u64| {
        let tier = COINS.iter().find(|(first, last, _)| (*first..=*last).contains(&rank));
        tier.map(|tier| tier.2)
    };
    let ranked = (1..).zip(order);
    ranked.filter_map(|(rank, (player, _))| Some((player.clone(), coins(rank)?))).collect()
}

fn runs(events: &[Happened]) -> impl Iterator<Item = &Happened> {
    events.iter().filter(|event| event.event_type == "run")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(player: &str, value: i64, ms: i64) -> Happened {
        let at = Timestamp::from_stored_ms(ms);
        let player = PlayerId::from_stored(player);
        let (received_at, counted_at) = (at, at);
        Happened { player, id: Uuid::nil(), event_type: "run", value, received_at, counted_at }
    }

    #[test]
    fn the_first_who_reached_the_most_within_the_time_wins() {
        let at = Timestamp::from_stored_ms;
        let events = [
            run("late", 3, 20),
            run("early", 3, 10),
            run("early", 1, 12),
            run("before", 9, 9),
            run("after", 9, 30),
        ];
        let rows = best(&events, at(10), at(30));
        assert_eq!(rows[&PlayerId::from_stored("early")], (3, at(10), 2));
        let won: Vec<(String, i64)> =
            prizes(&rows).into_iter().map(|(player, coins)| (player.to_string(), coins)).collect();
        assert_eq!(won, [("early".to_owned(), 100), ("late".to_owned(), 10)]);
    }

    #[test]
    fn every_minute_has_its_own_sums() {
        let boards = minutes(&[run("a", 1, 59_999), run("a", 2, 60_000), run("a", 3, 60_001)]);
        let of_a = |ms| boards[&Timestamp::from_stored_ms(ms)][&PlayerId::from_stored("a")];
        assert_eq!(of_a(0), (1, Timestamp::from_stored_ms(59_999), 1));
        assert_eq!(of_a(60_000), (5, Timestamp::from_stored_ms(60_001), 2));
    }
}
