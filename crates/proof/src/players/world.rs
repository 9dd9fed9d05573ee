//! Who plays when: installs, days on which players come back, sessions on the curve of a day, and when
//! what a session tells arrives.

use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::chance::Chance;

pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Days before the first one on which players who still come may have installed the game.
const DAYS_BEFORE: i64 = 60;
/// The share of a day's sessions that begin in each hour, in percent. The peak hour has a fifth.
const CURVE: [u64; 24] = [1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 5, 4, 3, 3, 4, 6, 8, 12, 20, 7, 3, 1];
/// Sessions of a day that a player plays, and how often. On average 2.5.
const SESSIONS: [(u64, u64); 4] = [(1, 20), (2, 30), (3, 30), (4, 20)];
/// Events of a session: 8 on average, so that a player sends 20 a day.
const EVENTS: (i64, i64) = (4, 12);
/// Seconds between two events of a session.
const GAP_S: (i64, i64) = (2, 90);
/// How often a device is away from the network when a session ends.
const OFFLINE: f64 = 0.05;
/// How long it stays away.
const OFFLINE_MS: (i64, i64) = (30 * MINUTE_MS, 48 * HOUR_MS);
/// How often a device does not hear the answer and sends the same again.
const RESENT: f64 = 0.08;
/// How much later.
const RESENT_MS: (i64, i64) = (MINUTE_MS, 3 * HOUR_MS);

/// All players there are, also those who come later.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub seed: u64,
    pub start: Timestamp,
    /// How many install the game each day.
    installs: u32,
}

/// A session of a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionNo {
    pub player: u32,
    /// The day since the start.
    pub day: u16,
    /// Which one of that day.
    pub nth: u8,
}

/// What a session tells, on its way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delivery {
    /// When it is sent, in milliseconds since the start.
    pub due_ms: i64,
    pub session: SessionNo,
    /// When the session began, in milliseconds since the start.
    pub began_ms: i64,
    /// How often it was sent before.
    pub repetition: u8,
    /// When it was sent for the first time.
    pub first_ms: i64,
}

/// The share of players who come on the `age`-th day after the one of their install.
fn retention(age: i64) -> f64 {
    if age == 0 { 1.0 } else { 0.42 * (age as f64).powf(-0.5) }
}

impl World {
    /// A game with this many daily players.
    pub fn new(seed: u64, start: Timestamp, daily_players: u32) -> Self {
        let each: f64 = (0..=DAYS_BEFORE).map(retention).sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a part")]
        let installs = ((f64::from(daily_players) / each).round() as u32).max(1);
        Self { seed, start, installs }
    }

    /// The id of a player: as a number it lies where its text does among others.
    pub fn player_id(&self, player: u32) -> Uuid {
        let mut chance = Chance::of(self.seed, &[2, u64::from(player)]);
        let bits = u128::from(chance.next()) << 64 | u128::from(chance.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }

    /// The players who may come on a day, or before.
    pub fn players_until(&self, day: u16) -> u32 {
        let cohorts = u32::try_from(DAYS_BEFORE).unwrap_or(0) + u32::from(day) + 1;
        self.installs.saturating_mul(cohorts)
    }

    /// Whether a player comes on a day.
    fn comes(&self, player: u32, day: u16) -> bool {
        let installed = i64::from(player / self.installs) - DAYS_BEFORE;
        let age = i64::from(day) - installed;
        age == 0
            || age > 0
                && Chance::of(self.seed, &[3, u64::from(player), u64::from(day)])
                    .hits(retention(age))
    }

    /// Everything that is sent of a day's sessions, whenever that is.
    pub fn day(&self, day: u16) -> Vec<Delivery> {
        let players = (0..self.players_until(day)).filter(|player| self.comes(*player, day));
        let mut deliveries = Vec::new();
        for player in players {
            let mut chance = Chance::of(self.seed, &[4, u64::from(player), u64::from(day)]);
            let count = weighted(&SESSIONS, &mut chance);
            for nth in 0..count {
                let nth = u8::try_from(nth).expect("there are few");
                let hour = hour(&mut chance);
                let began_ms = i64::from(day) * DAY_MS
                    + hour * HOUR_MS
                    + chance.between(0, HOUR_MS - SECOND_MS);
                self.deliver(
                    SessionNo { player, day, nth },
                    began_ms,
                    &mut chance,
                    &mut deliveries,
                );
            }
        }
        deliveries
    }

    fn deliver(
        &self,
        session: SessionNo,
        began_ms: i64,
        chance: &mut Chance,
        deliveries: &mut Vec<Delivery>,
    ) {
        let lasts_ms = self.offsets(session).last().copied().unwrap_or(0);
        let mut due_ms = began_ms + lasts_ms + 2 * SECOND_MS;
        if chance.hits(OFFLINE) {
            due_ms += chance.between(OFFLINE_MS.0, OFFLINE_MS.1);
        }
        let mut delivery = Delivery { due_ms, session, began_ms, repetition: 0, first_ms: due_ms };
        deliveries.push(delivery);
        while delivery.repetition < 3 && chance.hits(RESENT) {
            delivery.due_ms += chance.between(RESENT_MS.0, RESENT_MS.1);
            delivery.repetition += 1;
            deliveries.push(delivery);
        }
    }

    /// When the events of a session happen, in milliseconds since it began.
    pub fn offsets(&self, session: SessionNo) -> Vec<i64> {
        let SessionNo { player, day, nth } = session;
        let words = [5, u64::from(player), u64::from(day), u64::from(nth)];
        let mut chance = Chance::of(self.seed, &words);
        let mut at_ms = 0;
        (0..chance.between(EVENTS.0, EVENTS.1))
            .map(|_| {
                at_ms += chance.between(GAP_S.0, GAP_S.1) * SECOND_MS + chance.between(1, 999);
                at_ms
            })
            .collect()
    }
}

fn hour(chance: &mut Chance) -> i64 {
    let weights: Vec<(u64, u64)> = (0..).zip(CURVE).collect();
    i64::try_from(weighted(&weights, chance)).unwrap_or(0)
}

/// One of some values with their weights.
fn weighted(values: &[(u64, u64)], chance: &mut Chance) -> u64 {
    let all = values.iter().map(|(_, weight)| weight).sum();
    let mut drawn = chance.below(all);
    for (value, weight) in values {
        if drawn < *weight {
            return *value;
        }
        drawn -= weight;
    }
    0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn world() -> World {
        let start = Timestamp::parse("2026-11-22T00:00:00Z").expect("a time");
        World::new(5, start, 5_000)
    }

    fn players(day: u16) -> HashSet<u32> {
        world().day(day).iter().map(|one| one.session.player).collect()
    }

    #[test]
    fn about_as_many_come_each_day_as_asked_for_and_fewer_and_fewer_of_those_of_one() {
        let first = players(0);
        assert!((4_500..5_500).contains(&first.len()), "{}", first.len());
        let new: HashSet<u32> =
            first.iter().copied().filter(|player| player / world().installs == 60).collect();
        assert_eq!(new.len(), world().installs as usize, "all who install the game play it");
        let share = |day| {
            let there = players(day);
            new.iter().filter(|player| there.contains(player)).count() as f64 / new.len() as f64
        };
        assert!((0.35..0.5).contains(&share(1)), "{}", share(1));
        assert!((0.1..0.25).contains(&share(7)), "{}", share(7));
    }

    #[test]
    fn a_player_sends_twenty_events_a_day_and_a_fifth_of_a_day_begins_in_its_peak_hour() {
        let world = world();
        let sessions: Vec<Delivery> =
            world.day(0).into_iter().filter(|one| one.repetition == 0).collect();
        let events: usize = sessions.iter().map(|one| world.offsets(one.session).len()).sum();
        let each = events as f64 / players(0).len() as f64;
        assert!((18.0..22.0).contains(&each), "{each}");
        let peak = sessions.iter().filter(|one| one.began_ms / HOUR_MS == 20).count();
        let share = peak as f64 / sessions.len() as f64;
        assert!((0.18..0.22).contains(&share), "{share}");
    }

    #[test]
    fn the_same_seed_tells_the_same_day_and_what_is_sent_has_happened() {
        let world = world();
        assert_eq!(world.day(3), world.day(3));
        for one in world.day(3) {
            let last = world.offsets(one.session).last().copied().expect("some events");
            assert!(one.due_ms > one.began_ms + last);
        }
        assert!(world.day(3).iter().any(|one| one.repetition > 1), "some are sent often");
    }
}
