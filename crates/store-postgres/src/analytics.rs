//! Exact analytics: players' parts, merged by core, and the counters.
//!
//! SQL cannot merge a part, so it is locked, read, merged and written back, all days first and then the
//! players' lives that have to be looked at, each in the order of players.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use scoreline_core::analytics::{
    CounterKey, CounterQuery, CounterRow, Counters, Merged, Part, PlayerChange, merge_day,
    merge_life,
};
use scoreline_core::fold::{AnalyticsChange, AnalyticsRewrite};
use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::{AnalyticsStore, Result};

use crate::rows::{self, get};
use crate::session::{Session, sql, together};
use crate::store::PostgresStore;
use crate::value::values;

/// A part that is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place<'c> {
    change: &'c PlayerChange,
    part: Part,
}

/// What is kept of some parts, by their places from 1.
type Known = BTreeMap<u64, Vec<u8>>;

/// Locks the days that changes are about, for each change by itself.
pub(crate) async fn lock_days(
    session: &Session,
    changes: &[AnalyticsChange],
) -> Result<Vec<Known>> {
    let mut known = Vec::with_capacity(changes.len());
    for change in changes {
        known.push(lock(session, change.slot, &days(change)).await?);
    }
    Ok(known)
}

/// Writes all changes, beside what [`lock_days`] has answered.
pub(crate) async fn write(
    session: &Session,
    changes: &[AnalyticsChange],
    days: Vec<Known>,
    shard: i32,
) -> Result<()> {
    for (change, known) in changes.iter().zip(days) {
        let mut counters = Counters::default();
        counters.add_all(change.counts.iter().cloned());
        let lives = write_days(session, change, known, &mut counters).await?;
        let known = lock(session, change.slot, &lives).await?;
        write_parts(session, change, lives, known, &mut counters).await?;
        count(session, change.slot, counters.into_sorted(), shard).await?;
    }
    Ok(())
}

/// Puts parts of a player in place of what is kept, and counts the difference. The parts are locked.
pub(crate) async fn rewrite(
    session: &Session,
    player: &PlayerId,
    rewrite: &AnalyticsRewrite,
    shard: i32,
) -> Result<()> {
    let (mut kept, mut removed) = (Columns::default(), Vec::new());
    for (part, bytes) in &rewrite.parts {
        match bytes {
            Some(bytes) => kept.push_of((player.as_str(), part.number()), bytes.clone()),
            None => removed.push(part.number()),
        }
    }
    kept.write(session, sql!("analytics/replace"), rewrite.slot).await?;
    if !removed.is_empty() {
        let values = values![rewrite.slot.0, player.as_str(), removed];
        session.execute(sql!("analytics/remove"), values).await?;
    }
    count(session, rewrite.slot, rewrite.counts.clone(), shard).await
}

fn days(change: &AnalyticsChange) -> Vec<Place<'_>> {
    let days = change.players.iter().flat_map(|change| {
        let days = change.parts.days.iter();
        days.map(move |(day, _)| Place { change, part: Part::Day(*day) })
    });
    days.collect()
}

/// Answers the lives that have to be looked at.
async fn write_days<'c>(
    session: &Session,
    change: &'c AnalyticsChange,
    known: Known,
    counters: &mut Counters,
) -> Result<Vec<Place<'c>>> {
    let asking = write_parts(session, change, days(change), known, counters).await?;
    let lives = change
        .players
        .iter()
        .filter(|one| one.parts.is_life_changed() || asking.contains(one.player.as_str()));
    Ok(lives.map(|change| Place { change, part: Part::Life }).collect())
}

/// Merges parts into what is kept of them. Answers the players whose lives are asked for.
async fn write_parts<'c>(
    session: &Session,
    change: &'c AnalyticsChange,
    mut waiting: Vec<Place<'c>>,
    mut known: Known,
    counters: &mut Counters,
) -> Result<BTreeSet<&'c str>> {
    let mut asking = BTreeSet::new();
    while !waiting.is_empty() {
        let (mut replaced, mut new) = (Columns::default(), Columns::default());
        let mut added = Vec::new();
        for (place, (is_new, merged, counts)) in
            waiting.iter().copied().zip(merge(change, &waiting, &known)?)
        {
            if merged.asks_for_life {
                asking.insert(place.change.player.as_str());
            }
            match merged.bytes {
                Some(bytes) if is_new => {
                    new.push(place, bytes);
                    added.push((place, counts));
                }
                Some(bytes) => {
                    replaced.push(place, bytes);
                    counters.absorb(counts);
                }
                None => {}
            }
        }
        let (_, written) = together(
            replaced.write(session, sql!("analytics/replace"), change.slot),
            new.write(session, sql!("analytics/insert"), change.slot),
        )
        .await?;
        // Rows that another transaction inserted in between are read again.
        waiting.clear();
        for (place, counts) in added {
            if written.contains(&place.key()) {
                counters.absorb(counts);
            } else {
                waiting.push(place);
            }
        }
        known = lock(session, change.slot, &waiting).await?;
    }
    Ok(asking)
}

/// What becomes of each part, whether there was nothing of it, and what counters gain.
fn merge(
    change: &AnalyticsChange,
    places: &[Place<'_>],
    known: &Known,
) -> Result<Vec<(bool, Merged, Counters)>> {
    let (funnels, calendar) = (change.meaning.funnel_names(), change.meaning.calendar());
    let merged = (1..).zip(places).map(|(number, Place { change, part })| {
        let known = known.get(&number).map(Vec::as_slice);
        let mut counters = Counters::default();
        let merged = match part {
            Part::Life => {
                merge_life(known, &change.parts.life, &funnels, &calendar, &mut counters)?
            }
            Part::Day(day) => {
                let of_day = change.parts.days.iter().find(|(one, _)| one == day);
                let (_, new) = of_day.expect("it is written because it is there");
                merge_day(*day, known, new, &mut counters)?
            }
        };
        Ok((known.is_none(), merged, counters))
    });
    merged.collect()
}

/// Locks parts in their order. Answers those that there are, by place from 1.
async fn lock(session: &Session, slot: Slot, places: &[Place<'_>]) -> Result<Known> {
    if places.is_empty() {
        return Ok(Known::new());
    }
    let (players, parts): (Vec<_>, Vec<_>) = places.iter().map(Place::key_parts).unzip();
    let known = session
        .list(sql!("analytics/lock"), values![slot.0, players, parts], |row| {
            Ok((get::<i64>(row, 0)?.unsigned_abs(), get::<Vec<u8>>(row, 1)?))
        })
        .await?;
    Ok(known.into_iter().collect())
}

impl<'c> Place<'c> {
    fn key_parts(&self) -> (&'c str, i64) {
        (self.change.player.as_str(), self.part.number())
    }

    fn key(&self) -> (String, i64) {
        (self.change.player.to_string(), self.part.number())
    }
}

/// Parts, a list a column.
#[derive(Default)]
struct Columns<'c> {
    players: Vec<&'c str>,
    parts: Vec<i64>,
    states: Vec<Vec<u8>>,
}

impl<'c> Columns<'c> {
    fn push(&mut self, place: Place<'c>, state: Vec<u8>) {
        self.push_of(place.key_parts(), state);
    }

    fn push_of(&mut self, (player, part): (&'c str, i64), state: Vec<u8>) {
        self.players.push(player);
        self.parts.push(part);
        self.states.push(state);
    }

    /// Answers the keys of the rows that were written.
    async fn write(
        &self,
        session: &Session,
        sql: &str,
        slot: Slot,
    ) -> Result<BTreeSet<(String, i64)>> {
        if self.players.is_empty() {
            return Ok(BTreeSet::new());
        }
        let values = values![slot.0, self.players, self.parts, self.states];
        let written = session.list(sql, values, |row| Ok((get(row, 0)?, get(row, 1)?))).await?;
        Ok(written.into_iter().collect())
    }
}

async fn count(
    session: &Session,
    slot: Slot,
    counts: Vec<(CounterKey, i64)>,
    shard: i32,
) -> Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let (mut measures, mut splits, mut days) = (Vec::new(), Vec::new(), Vec::new());
    let (mut values, mut items, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for (key, amount) in &counts {
        measures.push(key.measure.as_str());
        splits.push(key.by.as_str());
        days.push(i64::from(key.day.0));
        values.push(key.value_text());
        items.push(key.item.to_string());
        amounts.push(*amount);
    }
    let values = values![slot.0, shard, measures, splits, days, values, items, amounts];
    session.execute(sql!("analytics/count"), values).await?;
    Ok(())
}

#[async_trait]
impl AnalyticsStore for PostgresStore {
    async fn counters(
        &self,
        slot: Slot,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>> {
        self.read(move |session| async move {
            let column = |of: fn(&CounterQuery) -> i64| queries.iter().map(of).collect::<Vec<_>>();
            let measures: Vec<&str> = queries.iter().map(|one| one.measure.as_str()).collect();
            let splits: Vec<&str> = queries.iter().map(|one| one.by.as_str()).collect();
            let from = column(|one| i64::from(one.days.from.0));
            let until = column(|one| i64::from(one.days.until.0));
            let values: Vec<Option<&str>> =
                queries.iter().map(|one| one.value.as_deref()).collect();
            let asked = values![slot.0, measures, splits, from, until, values];
            let found: Vec<(u64, CounterRow)> =
                session.list(sql!("analytics/counters"), asked, rows::read).await?;
            let mut answers = vec![Vec::new(); queries.len()];
            for (place, row) in found {
                let answer =
                    usize::try_from(place).ok().and_then(|place| answers.get_mut(place - 1));
                answer.expect("a row answers one of the queries").push(row);
            }
            Ok(answers)
        })
        .await
    }
}
