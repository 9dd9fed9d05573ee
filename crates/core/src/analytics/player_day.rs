//! One day of one player: the sessions on it, and what the player was seen with.
//!
//! A session is a run of events of one client's session id, or of none, without a pause of more than
//! 30 minutes and within one calendar day. So runs are what points on a line are, joined where they
//! lie near each other: the same whatever comes first.

use std::collections::BTreeSet;

use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_64;

use super::counters::{By, CounterKey, Counters, Item, MeasureName};
use super::{COARSE, Context, Day, FINE};
use crate::limits::{CONTEXTS_PER_PLAYER_DAY_MAX, SESSION_IDLE_MS, SESSIONS_PER_PLAYER_DAY_MAX};
use crate::time::Timestamp;

/// A session, from its first event to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub first: Timestamp,
    pub last: Timestamp,
    /// Of its first event; of several at that time, the least.
    pub context: Context,
}

/// The runs of one session id, in order.
pub(super) type Runs = SmallVec<[Run; 1]>;

/// What is kept of one player and one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayerDay {
    /// By the key of the client's session id, in order.
    pub(super) sessions: Vec<(u64, Runs)>,
    /// What the player was seen with.
    pub(super) seen: BTreeSet<Context>,
}

/// The key of a client's session id. Events without one share a key.
pub fn session_key(id: Option<&str>) -> u64 {
    id.filter(|id| !id.is_empty()).map_or(0, |id| xxh3_64(id.as_bytes()))
}

impl PlayerDay {
    /// Takes an event of this day in.
    pub fn add(&mut self, session: u64, at: Timestamp, context: &Context) {
        if !self.seen.contains(context) {
            self.seen.insert(context.clone());
            self.bound();
        }
        self.play(session, at, context);
    }

    /// As [`PlayerDay::add`], where the player was seen with this before.
    pub(crate) fn play(&mut self, session: u64, at: Timestamp, context: &Context) {
        let run = |context: &Context| Run { first: at, last: at, context: context.clone() };
        match self.sessions.binary_search_by_key(&session, |(key, _)| *key) {
            Ok(place) => {
                let runs = &mut self.sessions[place].1;
                // Most events come right behind the last one.
                if let Some(last) = runs.last_mut()
                    && last.first < at
                    && at.ms_since(last.last) <= SESSION_IDLE_MS
                {
                    last.last = last.last.max(at);
                    return;
                }
                insert(runs, run(context));
            }
            Err(place) => {
                self.sessions.insert(place, (session, SmallVec::from_iter([run(context)])));
                self.bound();
            }
        }
    }

    /// Takes more of the same day in. Commutes, and taking the same in again changes nothing.
    pub fn merge(&mut self, other: &Self) {
        self.seen.extend(other.seen.iter().cloned());
        for (session, runs) in &other.sessions {
            match self.sessions.binary_search_by_key(session, |(key, _)| *key) {
                Ok(place) => {
                    let known = &mut self.sessions[place].1;
                    runs.iter().for_each(|run| insert(known, run.clone()));
                }
                Err(place) => self.sessions.insert(place, (*session, runs.clone())),
            }
        }
        self.bound();
    }

    /// Keeps it small, in a way that does not depend on what came first: the least keys stay.
    fn bound(&mut self) {
        self.sessions.truncate(SESSIONS_PER_PLAYER_DAY_MAX);
        while self.seen.len() > CONTEXTS_PER_PLAYER_DAY_MAX {
            self.seen.pop_last();
        }
    }

    /// Whether nothing but sessions can change when `change` is merged into this. A change that has seen
    /// as much as is kept may have seen more.
    pub(super) fn has_seen_all_of(&self, change: &Self) -> bool {
        change.seen.len() < CONTEXTS_PER_PLAYER_DAY_MAX && change.seen.is_subset(&self.seen)
    }

    /// Counts `g(new) − g(old)`, where `new` is `old` with something merged in.
    pub fn difference(day: Day, old: Option<&Self>, new: &Self, counters: &mut Counters) {
        let nothing = Self::default();
        let old = old.unwrap_or(&nothing);
        for (session, runs) in &new.sessions {
            let known = old.runs(*session);
            if known != runs.as_slice() {
                for (runs, one) in [(known, -1), (runs.as_slice(), 1)] {
                    for run in runs {
                        run.count(day, one, counters);
                    }
                }
            }
        }
        // Sessions beyond the limit give way to others.
        let gone = old.sessions.iter().filter(|(session, _)| new.runs(*session).is_empty());
        gone.flat_map(|(_, runs)| runs).for_each(|run| run.count(day, -1, counters));
    }

    fn runs(&self, session: u64) -> &[Run] {
        let found = self.sessions.binary_search_by_key(&session, |(key, _)| *key);
        found.map_or(&[], |place| &self.sessions[place].1)
    }
}

/// Puts a run among others, joined with those that it is near to.
fn insert(runs: &mut Runs, mut run: Run) {
    let near = |one: &Run, run: &Run| {
        one.first.ms_since(run.last) <= SESSION_IDLE_MS
            && run.first.ms_since(one.last) <= SESSION_IDLE_MS
    };
    runs.retain(|one| {
        if !near(one, &run) {
            return true;
        }
        if (one.first, &one.context) < (run.first, &run.context) {
            run.context = one.context.clone();
        }
        run.first = run.first.min(one.first);
        run.last = run.last.max(one.last);
        false
    });
    let place = runs.partition_point(|one| one.first < run.first);
    runs.insert(place, run);
}

impl Run {
    fn count(&self, day: Day, one: i64, counters: &mut Counters) {
        let ms = self.last.ms_since(self.first);
        let mut add = |by, value, lengths: super::Lengths| {
            let mut count = |measure, item, more| {
                let value = Option::clone(&value);
                counters.add(CounterKey { measure, by, value, day, item }, more);
            };
            count(MeasureName::Sessions, Item::None, one);
            count(MeasureName::SessionMs, Item::None, one * ms);
            count(MeasureName::SessionLength, Item::Number(lengths.class(ms)), one);
        };
        add(By::All, None, FINE);
        for (dimension, value) in self.context.values() {
            add(By::Dimension(dimension), Some(value.clone()), COARSE);
        }
    }
}
