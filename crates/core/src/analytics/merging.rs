//! What a store does with a player's parts: read the kept bytes, merge, write, and count the
//! difference. Which parts are read is decided here as well, for all stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::counters::Counters;
use super::{Analytics, Calendar, CounterKey, Day, PlayerDay, PlayerLife, StateError};
use crate::fold::AnalyticsChange;
use crate::id::PlayerId;

/// Which part of a player's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// One day.
    Day(Day),
    /// What reaches over days.
    Life,
}

/// Where parts are kept.
pub trait PartRows {
    /// Why a part cannot be read or kept.
    type Error: From<StateError>;

    /// The bytes of a part, if there are any.
    fn kept(&mut self, player: &PlayerId, part: Part) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Keeps the bytes of a part.
    fn keep(&mut self, player: &PlayerId, part: Part, bytes: Vec<u8>) -> Result<(), Self::Error>;
}

impl Part {
    /// The part of a number, as stores write it.
    pub fn of_number(number: i64) -> Option<Self> {
        if number == Self::Life.number() {
            return Some(Self::Life);
        }
        i32::try_from(number).ok().map(|day| Self::Day(Day(day)))
    }

    /// The number of it, as stores write it: that of the day, and a number beyond all days.
    pub fn number(self) -> i64 {
        match self {
            Self::Day(day) => i64::from(day.0),
            Self::Life => i64::from(i32::MAX),
        }
    }
}

/// What the events of one fold say of one player.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayerParts {
    /// Of each day, in order.
    pub days: Vec<(Day, PlayerDay)>,
    /// Over all days.
    pub life: PlayerLife,
}

/// The same with its player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerChange {
    /// Whose.
    pub player: PlayerId,
    /// What is new.
    pub parts: PlayerParts,
}

/// What becomes of a kept part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The bytes to keep from now on; `None` if they are what they were.
    pub bytes: Option<Vec<u8>>,
    /// Whether the player's life has to be looked at as well.
    pub asks_for_life: bool,
}

impl PlayerParts {
    /// What is kept of a player, by the parts.
    pub fn of_kept<'k>(kept: impl Iterator<Item = (Part, &'k [u8])>) -> Result<Self, StateError> {
        let mut parts = Self::default();
        for (part, bytes) in kept {
            match part {
                Part::Day(day) => parts.days.push((day, PlayerDay::from_bytes(bytes)?)),
                Part::Life => parts.life = PlayerLife::from_bytes(bytes)?,
            }
        }
        parts.days.sort_unstable_by_key(|(day, _)| *day);
        Ok(parts)
    }

    /// Takes more of the same player in.
    pub fn merge(&mut self, other: &Self) {
        for (day, more) in &other.days {
            match self.days.binary_search_by_key(day, |(known, _)| *known) {
                Ok(place) => self.days[place].1.merge(more),
                Err(place) => self.days.insert(place, (*day, more.clone())),
            }
        }
        self.life.merge(&other.life);
    }

    /// The bytes to keep of each part, in the order of parts.
    pub fn to_kept(&self) -> BTreeMap<Part, Vec<u8>> {
        let days = self.days.iter().map(|(day, one)| (Part::Day(*day), one.to_bytes()));
        let is_alive = self.life != PlayerLife::default();
        let life = is_alive.then(|| (Part::Life, self.life.to_bytes()));
        days.chain(life).collect()
    }

    /// Whether the player's life changes whatever the days hold.
    pub fn is_life_changed(&self) -> bool {
        !self.life.is_only_activity()
    }
}

/// Merges a change of a day into what is kept of it, and counts what the counters gain once that is written.
pub fn merge_day(
    day: Day,
    known: Option<&[u8]>,
    change: &PlayerDay,
    counters: &mut Counters,
) -> Result<Merged, StateError> {
    let Some(known) = known.map(PlayerDay::from_bytes).transpose()? else {
        PlayerDay::difference(day, None, change, counters);
        return Ok(Merged { bytes: Some(change.to_bytes()), asks_for_life: true });
    };
    let mut merged = known.clone();
    merged.merge(change);
    // A day that is known with all that is seen now is known to the player's life as well.
    let asks_for_life = !known.has_seen_all_of(change);
    if known == merged {
        return Ok(Merged { bytes: None, asks_for_life });
    }
    PlayerDay::difference(day, Some(&known), &merged, counters);
    Ok(Merged { bytes: Some(merged.to_bytes()), asks_for_life })
}

/// Merges a change of a player's life into what is kept of it, as [`merge_day`] does. `funnels` are the names of
/// funnels by their numbers.
pub fn merge_life(
    known: Option<&[u8]>,
    change: &PlayerLife,
    funnels: &[Arc<str>],
    calendar: &Calendar,
    counters: &mut Counters,
) -> Result<Merged, StateError> {
    let Some(known) = known.map(PlayerLife::from_bytes).transpose()? else {
        PlayerLife::difference(None, change, funnels, calendar, counters);
        return Ok(Merged { bytes: Some(change.to_bytes()), asks_for_life: false });
    };
    let mut merged = known.clone();
    merged.merge(change);
    if known == merged {
        return Ok(Merged { bytes: None, asks_for_life: false });
    }
    PlayerLife::difference(Some(&known), &merged, funnels, calendar, counters);
    Ok(Merged { bytes: Some(merged.to_bytes()), asks_for_life: false })
}

/// What counters gain where a kept part of a player gives way to another, or to nothing. The former is
/// taken back as a whole, since it may hold what the other does not. `parts` hold the other.
pub fn replace_part(
    part: Part,
    known: Option<&[u8]>,
    parts: &PlayerParts,
    meaning: &Analytics,
    counters: &mut Counters,
) -> Result<(), StateError> {
    let mut taken_back = Counters::default();
    match part {
        Part::Day(day) => {
            let known = known.map(PlayerDay::from_bytes).transpose()?.unwrap_or_default();
            PlayerDay::difference(day, None, &known, &mut taken_back);
            if let Some((_, new)) = parts.days.iter().find(|(one, _)| *one == day) {
                PlayerDay::difference(day, None, new, counters);
            }
        }
        Part::Life => {
            let (funnels, calendar) = (meaning.funnel_names(), meaning.calendar());
            let known = known.map(PlayerLife::from_bytes).transpose()?.unwrap_or_default();
            PlayerLife::difference(None, &known, &funnels, &calendar, &mut taken_back);
            PlayerLife::difference(None, &parts.life, &funnels, &calendar, counters);
        }
    }
    counters.add_all(taken_back.into_sorted().into_iter().map(|(key, count)| (key, -count)));
    Ok(())
}

/// Merges the parts of all players of a change into what is kept of them, part by part. Answers what
/// the counters gain, in the order of keys.
pub fn merge_players<R: PartRows>(
    change: &AnalyticsChange,
    rows: &mut R,
) -> Result<Vec<(CounterKey, i64)>, R::Error> {
    let (funnels, calendar) = (change.meaning.funnel_names(), change.meaning.calendar());
    let mut counters = Counters::default();
    counters.add_all(change.counts.iter().cloned());
    for PlayerChange { player, parts } in &change.players {
        let mut asks_for_life = parts.is_life_changed();
        for (day, part) in &parts.days {
            let known = rows.kept(player, Part::Day(*day))?;
            let merged = merge_day(*day, known.as_deref(), part, &mut counters)?;
            asks_for_life |= merged.asks_for_life;
            if let Some(bytes) = merged.bytes {
                rows.keep(player, Part::Day(*day), bytes)?;
            }
        }
        if asks_for_life {
            let known = rows.kept(player, Part::Life)?;
            let life = &parts.life;
            let merged = merge_life(known.as_deref(), life, &funnels, &calendar, &mut counters)?;
            if let Some(bytes) = merged.bytes {
                rows.keep(player, Part::Life, bytes)?;
            }
        }
    }
    Ok(counters.into_sorted())
}
