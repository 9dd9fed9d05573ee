//! What is remembered of a player for rules over several events, and what such rules say of one. Pure.
//!
//! What counts must not depend on the order in which events come. A rule over several events does: it sees what
//! came before. So it is asked once, in the transaction that stores the event, and what it says is stored
//! beside the event (see [`crate::review`]); from then on derived state is a fold of what counts, as ever.
//! What is remembered is evidence for rules and nothing else; it is never folded again and never compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::limits::{REMEMBERED_BEGINNINGS_MAX, REMEMBERED_TIMES_MAX};
use crate::time::Timestamp;

/// What is remembered of a player. Parts that another version remembers are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Of each type the last events, in the order of their times.
    #[serde(rename = "t", skip_serializing_if = "BTreeMap::is_empty")]
    times: BTreeMap<String, Vec<Played>>,
    /// Of each type and field the last beginnings, in the order of their times.
    #[serde(rename = "b", skip_serializing_if = "BTreeMap::is_empty")]
    begun: BTreeMap<String, Vec<Beginning>>,
    /// The last events that are held for nothing else than that their beginnings have not come yet.
    #[serde(rename = "m", skip_serializing_if = "Vec::is_empty")]
    missed: Vec<Missed>,
}

/// An event's time in milliseconds, and how many of them it says were played before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Played(i64, i64);

/// A hash of what both events say, and the time of the first one in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Beginning(u64, i64);

/// What an event waits for: of which type and field, a hash of what it says, its time in milliseconds, and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Missed(String, u64, i64, Uuid);

/// A text of the store that is no memory.
#[derive(Debug, thiserror::Error)]
#[error("what is remembered of a player cannot be read: {0}")]
pub struct MemoryDamaged(#[from] serde_json::Error);

impl Memory {
    /// As a store keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a memory is plain data")
    }

    /// Reads what a store kept.
    pub fn from_text(text: &str) -> Result<Self, MemoryDamaged> {
        Ok(serde_json::from_str(text)?)
    }

    /// Remembers an event that says that so much was played before it.
    pub fn note_time(&mut self, event_type: &str, at: Timestamp, played_ms: i64) {
        let known = entry(&mut self.times, event_type);
        let new = Played(at.as_ms(), played_ms);
        let place = known.partition_point(|one| *one <= new);
        known.insert(place, new);
        if known.len() > REMEMBERED_TIMES_MAX {
            known.remove(0);
        }
    }

    /// Remembers an event that others must follow.
    pub fn note_beginning(&mut self, kind: &str, same: &str, at: Timestamp) {
        let known = entry(&mut self.begun, kind);
        let (hash, at) = (hash(same), at.as_ms());
        if let Some(one) = known.iter_mut().find(|one| one.0 == hash) {
            one.1 = one.1.min(at);
        } else {
            known.push(Beginning(hash, at));
        }
        known.sort_by_key(|one| (one.1, one.0));
        if known.len() > REMEMBERED_BEGINNINGS_MAX {
            known.remove(0);
        }
    }

    /// Remembers an event that is held until it begins.
    pub fn note_missed(&mut self, kind: &str, same: &str, at: Timestamp, event: Uuid) {
        self.missed.push(Missed(kind.to_owned(), hash(same), at.as_ms(), event));
        if self.missed.len() > REMEMBERED_BEGINNINGS_MAX {
            self.missed.remove(0);
        }
    }

    /// The events that have waited for this beginning, and wait for no other one.
    pub fn take_followers(&mut self, kind: &str, same: &str, at: Timestamp) -> Vec<Uuid> {
        let hash = hash(same);
        let follows = |one: &Missed| one.0 == kind && one.1 == hash && at.as_ms() <= one.2;
        let mut followers: Vec<Uuid> =
            self.missed.iter().filter(|one| follows(one)).map(|one| one.3).collect();
        self.missed.retain(|one| !follows(one));
        followers.retain(|event| self.missed.iter().all(|one| one.3 != *event));
        followers
    }

    /// Whether something began before `at`, or at that time, that says the same.
    pub fn has_begun(&self, kind: &str, same: &str, at: Timestamp) -> bool {
        let hash = hash(same);
        let known = self.begun.get(kind).map_or(&[][..], Vec::as_slice);
        known.iter().any(|one| one.0 == hash && one.1 <= at.as_ms())
    }

    /// Whether an event is so old that those before it are forgotten.
    pub fn has_forgotten(&self, event_type: &str, at: Timestamp) -> bool {
        let known = self.of(event_type);
        let oldest = known.first().filter(|_| known.len() >= REMEMBERED_TIMES_MAX);
        oldest.is_some_and(|oldest| at.as_ms() < oldest.0)
    }

    /// How many milliseconds lie between `at` and the event that is nearest to it in time.
    pub fn nearest_ms(&self, event_type: &str, at: Timestamp) -> Option<i64> {
        self.of(event_type).iter().map(|one| one.0.abs_diff(at.as_ms())).min().map(saturated)
    }

    /// How many milliseconds passed since the event before `at`, where fewer did than were played, beyond what
    /// is tolerated: in this event or in the one after it.
    pub fn played_too_long(
        &self,
        event_type: &str,
        at: Timestamp,
        played_ms: i64,
        tolerance_ms: i64,
    ) -> Option<i64> {
        let (known, at) = (self.of(event_type), at.as_ms());
        let passes = known.partition_point(|one| one.0 <= at);
        let since = |before: &Played| at.saturating_sub(before.0);
        let until = |after: &Played| after.0.saturating_sub(at);
        let too_long = |passed: &i64, played: i64| played.saturating_sub(tolerance_ms) > *passed;
        let before = known[..passes].last().map(since).filter(|ms| too_long(ms, played_ms));
        let after = known.get(passes);
        before.or_else(|| after.and_then(|one| Some(until(one)).filter(|ms| too_long(ms, one.1))))
    }

    fn of(&self, event_type: &str) -> &[Played] {
        self.times.get(event_type).map_or(&[], Vec::as_slice)
    }

    /// Forgets what no rule asks for any more.
    pub fn keep(&mut self, times: impl Fn(&str) -> bool, begun: impl Fn(&str) -> bool) {
        self.times.retain(|event_type, _| times(event_type));
        self.missed.retain(|one| begun(&one.0));
        self.begun.retain(|kind, _| begun(kind));
    }
}

fn entry<'m, T>(map: &'m mut BTreeMap<String, Vec<T>>, key: &str) -> &'m mut Vec<T> {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), Vec::new());
    }
    map.get_mut(key).expect("it was just put there")
}

/// What is kept of a text that two events have in common: ids may be long.
fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(bytes)
}

fn saturated(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(seconds * 1_000)
    }

    #[test]
    fn more_cannot_be_played_than_has_passed_whichever_of_two_events_comes_first() {
        let mut memory = Memory::default();
        memory.note_time("ended", at(100), 60_000);
        let too_long = |memory: &Memory, seconds, played: i64| {
            memory.played_too_long("ended", at(seconds), played * 1_000, 10_000)
        };
        assert_eq!(too_long(&memory, 160, 60), None, "as long as what passed");
        assert_eq!(too_long(&memory, 160, 70), None, "as much longer as is tolerated");
        assert_eq!(too_long(&memory, 160, 71), Some(60_000));
        assert_eq!(too_long(&memory, 49, 3_600), None, "nothing stands before the first one");
        assert_eq!(too_long(&memory, 51, 5), Some(49_000), "the one that came first was longer");
        assert_eq!(memory.played_too_long("other", at(100), 9_000_000, 0), None);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_older_is_known_to_be_forgotten() {
        let mut memory = Memory::default();
        for minute in 0..20 {
            assert!(!memory.has_forgotten("ended", at(minute * 60)));
            memory.note_time("ended", at(minute * 60), 0);
            memory.note_beginning("started", &format!("s{minute}"), at(minute * 60));
        }
        assert!(memory.has_forgotten("ended", at(3 * 60)));
        assert!(!memory.has_forgotten("ended", at(4 * 60)));
        assert_eq!(memory.nearest_ms("ended", at(19 * 60 + 7)), Some(7_000));
        assert_eq!(memory.nearest_ms("other", at(0)), None);
        assert!(memory.has_begun("started", "s19", at(19 * 60)));
        assert!(!memory.has_begun("started", "s19", at(19 * 60 - 1)), "it began later");
        assert!(!memory.has_begun("started", "s3", at(9_999)), "too long ago");
        assert!(memory.to_text().len() < 1_200, "{}", memory.to_text().len());
    }

    #[test]
    fn what_waits_for_its_beginnings_follows_the_last_of_them() {
        let mut memory = Memory::default();
        let [one, both] = [1, 2].map(Uuid::from_u128);
        memory.note_missed("begun", "a", at(9), one);
        memory.note_missed("begun", "a", at(9), both);
        memory.note_missed("chosen", "a", at(9), both);
        assert!(memory.take_followers("begun", "b", at(5)).is_empty());
        assert!(memory.take_followers("begun", "a", at(10)).is_empty(), "it began later");
        assert_eq!(memory.take_followers("begun", "a", at(9)), [one]);
        assert!(memory.take_followers("begun", "a", at(9)).is_empty(), "it came before");
        assert_eq!(memory.take_followers("chosen", "a", at(3)), [both]);
        assert_eq!(memory, Memory::default());
        for no in 0..20 {
            memory.note_missed("begun", "a", at(9), Uuid::from_u128(no));
        }
        assert_eq!(memory.take_followers("begun", "a", at(9)).len(), REMEMBERED_BEGINNINGS_MAX);
    }

    #[test]
    fn a_memory_is_read_as_it_was_written_and_the_order_of_arrival_leaves_no_trace() {
        let times = [(5, 1), (3, 2), (3, 1), (9, 0)];
        let of = |order: &[usize]| {
            let mut memory = Memory::default();
            for place in order {
                let (seconds, played) = times[*place];
                memory.note_time("ended", at(seconds), played);
                memory.note_beginning("started", "same", at(seconds));
            }
            memory
        };
        let memory = of(&[0, 1, 2, 3]);
        assert_eq!(memory, of(&[3, 2, 1, 0]));
        assert_eq!(Memory::from_text(&memory.to_text()).expect("reads"), memory);
        assert_eq!(Memory::from_text("{}").expect("reads"), Memory::default());
        let newer = memory.to_text().replacen('{', r#"{"later":[1],"#, 1);
        assert_eq!(
            Memory::from_text(&newer).expect("reads"),
            memory,
            "as another version wrote it"
        );
        Memory::from_text("7").expect_err("no memory");
        let mut memory = memory;
        memory.keep(|_| false, |_| false);
        assert_eq!(memory, Memory::default());
    }
}
