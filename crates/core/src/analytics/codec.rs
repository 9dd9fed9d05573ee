//! A player's parts as bytes: what stores keep. The same state is always the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::days::Words;
use super::life::{SplitDays, value_key};
use super::player_day::{Run, Runs};
use super::{Context, Days, PlayerDay, PlayerLife};
use crate::bytes::{Damaged, Reader, Writer};
use crate::time::Timestamp;

/// The form that this program writes.
const FORM: u8 = 1;

/// Why kept bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// They were written in a form that this program does not know.
    #[error("a player's state is kept in the form {0}, which this program does not know")]
    Form(u8),
    /// They were not written by Scoreline, or changed since.
    #[error("a player's state cannot be read: {0}")]
    Damaged(#[from] Damaged),
}

type Result<T> = std::result::Result<T, StateError>;

impl PlayerDay {
    /// The bytes of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut contexts: Vec<&Context> = self.seen.iter().collect();
        let runs = || self.sessions.iter().flat_map(|(_, runs)| runs);
        // Those of sessions that are not among the ones seen, because there are too many.
        let others: BTreeSet<&Context> =
            runs().map(|run| &run.context).filter(|one| !self.seen.contains(*one)).collect();
        contexts.extend(others);
        let mut to = Writer::with_capacity(32 + 24 * self.sessions.len());
        to.byte(FORM);
        to.count(self.seen.len());
        to.count(contexts.len());
        for context in &contexts {
            context.0.iter().for_each(|value| to.optional(value.as_deref()));
        }
        to.count(self.sessions.len());
        let mut before = Timestamp::EPOCH;
        for (session, runs) in &self.sessions {
            to.word(*session);
            to.count(runs.len());
            for run in runs {
                to.difference(run.first, before);
                to.difference(run.last, run.first);
                let place = contexts.iter().position(|one| **one == run.context);
                to.count(place.expect("the contexts of all sessions are in the list"));
                before = run.first;
            }
        }
        to.finish()
    }

    /// Reads what [`PlayerDay::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut from = begin(bytes)?;
        let seen = from.number()?;
        let mut contexts = Vec::new();
        for _ in 0..from.count(3)? {
            let mut values = [None, None, None];
            for value in &mut values {
                *value = from.optional()?.map(Arc::from);
            }
            contexts.push(Context(values));
        }
        if seen > contexts.len() {
            return Err(from.damaged("there are not as many contexts").into());
        }
        let mut sessions = Vec::new();
        let mut before = Timestamp::EPOCH;
        for _ in 0..from.count(9)? {
            let session = from.word()?;
            let mut runs = Runs::new();
            for _ in 0..from.count(3)? {
                let first = from.time_from(before)?;
                let last = from.time_from(first)?;
                let context = contexts[from.number_below(contexts.len())?].clone();
                runs.push(Run { first, last, context });
                before = first;
            }
            sessions.push((session, runs));
        }
        from.end()?;
        contexts.truncate(seen);
        Ok(Self { sessions, seen: contexts.into_iter().collect() })
    }
}

impl PlayerLife {
    /// The bytes of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer::with_capacity(96 + 6 * self.steps.len());
        to.byte(FORM);
        for split in [&self.active, &self.paid] {
            write_days(&mut to, &split.all);
            for values in &split.by {
                to.count(values.len());
                for ((_, value), days) in values {
                    to.text(value);
                    write_days(&mut to, days);
                }
            }
        }
        to.count(self.steps.len());
        let mut before = ((0, 0), Timestamp::EPOCH);
        for (key, at) in &self.steps {
            let (funnel, step) = *key;
            let ((last_funnel, last_step), last_at) = before;
            to.count((funnel - last_funnel) as usize);
            to.signed(i64::from(step) - i64::from(last_step));
            to.difference(*at, last_at);
            before = (*key, *at);
        }
        to.finish()
    }

    /// Reads what [`PlayerLife::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut from = begin(bytes)?;
        let active = read_split(&mut from)?;
        let paid = read_split(&mut from)?;
        let mut steps = BTreeMap::new();
        let mut before = ((0_u32, 0_u32), Timestamp::EPOCH);
        for _ in 0..from.count(3)? {
            let ((last_funnel, last_step), last_at) = before;
            let more = u32::try_from(from.number()?).ok();
            let funnel = more.and_then(|more| last_funnel.checked_add(more));
            let step = from.signed()?.checked_add(i64::from(last_step));
            let step = step.and_then(|step| u32::try_from(step).ok());
            let (Some(funnel), Some(step)) = (funnel, step) else {
                return Err(from.damaged("there is no such step").into());
            };
            before = ((funnel, step), from.time_from(last_at)?);
            steps.insert(before.0, before.1);
        }
        from.end()?;
        Ok(Self { active, paid, steps })
    }
}

fn begin(bytes: &[u8]) -> Result<Reader<'_>> {
    let mut from = Reader::new(bytes);
    match from.byte()? {
        FORM => Ok(from),
        other => Err(StateError::Form(other)),
    }
}

fn write_days(to: &mut Writer, days: &Days) {
    to.count(days.words().len());
    let mut before = 0;
    for (word, bits) in days.words() {
        to.signed(i64::from(*word) - i64::from(before));
        to.word(*bits);
        before = *word;
    }
}

fn read_days(from: &mut Reader<'_>) -> Result<Days> {
    let mut words = Words::new();
    let mut before = 0_i64;
    for _ in 0..from.count(9)? {
        let word = from.signed()?.checked_add(before);
        let Some(word) = word.and_then(|word| i32::try_from(word).ok()) else {
            return Err(from.damaged("there is no such day").into());
        };
        words.push((word, from.word()?));
        before = i64::from(word);
    }
    Ok(Days::from_words(words).ok_or_else(|| from.damaged("days are not in order"))?)
}

fn read_split(from: &mut Reader<'_>) -> Result<SplitDays> {
    let mut split = SplitDays { all: read_days(from)?, ..SplitDays::default() };
    for values in &mut split.by {
        for _ in 0..from.count(2)? {
            let value = value_key(Arc::from(from.text()?));
            values.insert(value, read_days(from)?);
        }
    }
    Ok(split)
}
