//! What reaches over the days of one player: when they were active, when they paid, and the steps of
//! funnels that they reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::counters::{By, CounterKey, Counters, Item, MeasureName};
use super::{Calendar, Context, Day, Days, Dimension, FINE};
use crate::limits::VALUES_PER_PLAYER_MAX;
use crate::time::Timestamp;

/// How many days after the first a player is looked for again.
pub const RETENTION_DAYS_AFTER: [u32; 5] = [1, 3, 7, 14, 30];
/// The trailing windows of active players.
const WINDOWS: [(MeasureName, i32); 2] = [(MeasureName::Week, 7), (MeasureName::Month, 30)];

/// A step of a funnel: the number of the funnel in the meaning, and of the step in it, from 1.
pub(super) type StepKey = (u32, u32);

/// A value, ordered by a hash: which values stay when there are too many has nothing to do with what
/// they say.
pub(super) type ValueKey = (u64, Arc<str>);

/// Days of a player: all, and by what the player was seen with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SplitDays {
    pub all: Days,
    pub by: [BTreeMap<ValueKey, Days>; 3],
}

/// What is kept of one player over all days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayerLife {
    pub(super) active: SplitDays,
    pub(super) paid: SplitDays,
    /// When each step was reached first.
    pub(super) steps: BTreeMap<StepKey, Timestamp>,
}

pub(super) fn value_key(value: Arc<str>) -> ValueKey {
    (xxh3_64(value.as_bytes()), value)
}

impl SplitDays {
    fn insert(&mut self, day: Day, context: &Context) {
        self.all.insert(day);
        for (values, value) in self.by.iter_mut().zip(&context.0) {
            if let Some(value) = value {
                values.entry(value_key(Arc::clone(value))).or_default().insert(day);
                bound(values);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (values, others) in self.by.iter_mut().zip(&other.by) {
            for (value, days) in others {
                match values.get_mut(value) {
                    Some(known) => known.merge(days),
                    None => {
                        values.insert(value.clone(), days.clone());
                    }
                }
            }
            bound(values);
        }
    }

    /// The days of all players and of each value, beside those that `old` has.
    fn beside<'d>(&'d self, old: &'d Self) -> impl Iterator<Item = Pair<'d>> {
        let all = Pair { by: By::All, value: None, old: Some(&old.all), new: &self.all };
        let by = Dimension::ALL.into_iter().zip(self.by.iter().zip(&old.by));
        let by = by.flat_map(|(dimension, (values, olds))| {
            values.iter().map(move |(value, new)| Pair {
                by: By::Dimension(dimension),
                value: Some(&value.1),
                old: olds.get(value),
                new,
            })
        });
        std::iter::once(all).chain(by)
    }

    /// Values that `old` has and this has not: they gave way to others.
    fn gone<'d>(&'d self, old: &'d Self) -> impl Iterator<Item = (Dimension, &'d ValueKey)> {
        let by = Dimension::ALL.into_iter().zip(self.by.iter().zip(&old.by));
        by.flat_map(|(dimension, (values, olds))| {
            let gone = olds.keys().filter(|value| !values.contains_key(*value));
            gone.map(move |value| (dimension, value))
        })
    }
}

/// The least keys stay, which does not depend on what came first.
fn bound(values: &mut BTreeMap<ValueKey, Days>) {
    while values.len() > VALUES_PER_PLAYER_MAX {
        values.pop_last();
    }
}

/// Days before and after a change, of all players or of one value.
#[derive(Clone, Copy)]
struct Pair<'d> {
    by: By,
    value: Option<&'d Arc<str>>,
    old: Option<&'d Days>,
    new: &'d Days,
}

impl Pair<'_> {
    fn key(&self, measure: MeasureName, day: Day, item: Item) -> CounterKey {
        CounterKey { measure, by: self.by, value: self.value.cloned(), day, item }
    }

    /// One on every new day.
    fn count_days(&self, measure: MeasureName, counters: &mut Counters) {
        for day in self.new.without(self.old) {
            counters.add(self.key(measure, day, Item::None), 1);
        }
    }

    /// A day makes its player active for as many days as the window is long. Kept are the changes from
    /// day to day: one more where such a stretch begins, one less where it ends. Only stretches near a
    /// new day can have changed.
    fn count_window(&self, measure: MeasureName, width: i32, counters: &mut Counters) {
        let nothing = Days::default();
        let old = self.old.unwrap_or(&nothing);
        let begins = |days: &Days, day: Day| {
            days.contains(day) && !days.any_in(day.plus(-width), day.plus(-1))
        };
        let ends = |days: &Days, day: Day| {
            days.contains(day) && !days.any_in(day.plus(1), day.plus(width))
        };
        let mut from = Day(i32::MIN);
        for changed in self.new.without(self.old) {
            from = from.max(changed.plus(-width));
            let until = changed.plus(width);
            let days = self.new.iter().skip_while(|day| *day < from);
            for day in days.take_while(|day| *day <= until) {
                let more = i64::from(begins(self.new, day)) - i64::from(begins(old, day));
                counters.add(self.key(measure, day, Item::None), more);
                let less = i64::from(ends(self.new, day)) - i64::from(ends(old, day));
                counters.add(self.key(measure, day.plus(width), Item::None), -less);
            }
            from = changed.plus(width + 1);
        }
    }

    /// One on the first day of all, if it is among these days. That may have moved.
    fn count_first(
        &self,
        measure: MeasureName,
        (old_first, first): (Option<Day>, Option<Day>),
        counters: &mut Counters,
    ) {
        let had = old_first.filter(|day| self.old.is_some_and(|old| old.contains(*day)));
        let has = first.filter(|day| self.new.contains(*day));
        if had == has {
            return;
        }
        for (day, more) in [(had, -1), (has, 1)] {
            if let Some(day) = day {
                counters.add(self.key(measure, day, Item::None), more);
            }
        }
    }
}

impl PlayerLife {
    /// The player was active on a day.
    pub fn add_active(&mut self, day: Day, context: &Context) {
        self.active.insert(day, context);
    }

    /// The player paid on a day.
    pub fn add_paid(&mut self, day: Day, context: &Context) {
        self.paid.insert(day, context);
    }

    /// The player reached a step: the number of its funnel in the meaning, and its own from 1.
    pub fn add_step(&mut self, funnel: u32, step: u32, at: Timestamp) {
        let known = self.steps.entry((funnel, step)).or_insert(at);
        *known = at.min(*known);
    }

    /// Whether it says no more than on which days the player was active.
    pub(super) fn is_only_activity(&self) -> bool {
        self.paid.all.is_empty() && self.steps.is_empty()
    }

    /// Takes more of the same player in. Commutes, and taking the same in again changes nothing.
    pub fn merge(&mut self, other: &Self) {
        self.active.merge(&other.active);
        self.paid.merge(&other.paid);
        for ((funnel, step), at) in &other.steps {
            self.add_step(*funnel, *step, *at);
        }
    }

    /// Counts `g(new) − g(old)`, where `new` is `old` with something merged in. `funnels` are the names
    /// of funnels by their numbers.
    pub fn difference(
        old: Option<&Self>,
        new: &Self,
        funnels: &[Arc<str>],
        calendar: &Calendar,
        counters: &mut Counters,
    ) {
        let nothing = Self::default();
        let old = old.unwrap_or(&nothing);
        let firsts = (old.active.all.first(), new.active.all.first());
        for pair in new.active.beside(&old.active) {
            pair.count_days(MeasureName::Active, counters);
            pair.count_first(MeasureName::New, firsts, counters);
            for (measure, width) in WINDOWS {
                pair.count_window(measure, width, counters);
            }
        }
        count_returned(&old.active.all, &new.active.all, counters);
        let firsts = (old.paid.all.first(), new.paid.all.first());
        for pair in new.paid.beside(&old.paid) {
            pair.count_days(MeasureName::Payers, counters);
            pair.count_first(MeasureName::FirstPurchases, firsts, counters);
        }
        old.take_back_gone(new, counters);
        if old.steps != new.steps {
            for (number, name) in (0..).zip(funnels) {
                old.count_funnel(number, name, -1, calendar, counters);
                new.count_funnel(number, name, 1, calendar, counters);
            }
        }
    }

    /// Takes back what was counted under values that gave way to others.
    fn take_back_gone(&self, new: &Self, counters: &mut Counters) {
        for (old, new, is_active) in
            [(&self.active, &new.active, true), (&self.paid, &new.paid, false)]
        {
            for (dimension, value) in new.gone(old) {
                let days = &old.by[dimension as usize][value];
                let (none, by) = (Days::default(), By::Dimension(dimension));
                // As if they came now, with the sign turned.
                let pair = Pair { by, value: Some(&value.1), old: Some(&none), new: days };
                let mut counted = Counters::default();
                let firsts = (None, old.all.first());
                if is_active {
                    pair.count_days(MeasureName::Active, &mut counted);
                    pair.count_first(MeasureName::New, firsts, &mut counted);
                    for (measure, width) in WINDOWS {
                        pair.count_window(measure, width, &mut counted);
                    }
                } else {
                    pair.count_days(MeasureName::Payers, &mut counted);
                    pair.count_first(MeasureName::FirstPurchases, firsts, &mut counted);
                }
                counters
                    .add_all(counted.into_sorted().into_iter().map(|(key, count)| (key, -count)));
            }
        }
    }

    /// A player has reached a step when they have reached every step up to it, none of them before
    /// the one that it follows. They belong to the day of their first step.
    fn count_funnel(
        &self,
        number: u32,
        name: &Arc<str>,
        one: i64,
        calendar: &Calendar,
        counters: &mut Counters,
    ) {
        let mut reached = self.steps.range((number, 0)..=(number, u32::MAX));
        let Some(((_, 1), first)) = reached.next() else { return };
        let day = calendar.day(*first);
        let mut add = |measure, item| {
            let (by, value) = (By::Funnel, Some(Arc::clone(name)));
            counters.add(CounterKey { measure, by, value, day, item }, one);
        };
        add(MeasureName::Funnel, Item::Number(1));
        let mut before = (1, *first);
        for ((_, step), at) in reached {
            if *step != before.0 + 1 || *at < before.1 {
                break;
            }
            let class = FINE.class(at.ms_since(before.1));
            add(MeasureName::Funnel, Item::Number(*step));
            add(MeasureName::FunnelTime, Item::Pair(*step, class));
            before = (*step, *at);
        }
    }
}

fn count_returned(old: &Days, new: &Days, counters: &mut Counters) {
    for (days, one) in [(old, -1), (new, 1)] {
        let Some(first) = days.first() else { continue };
        for after in RETENTION_DAYS_AFTER {
            if days.contains(first.plus(after.cast_signed())) {
                let (measure, item) = (MeasureName::Returned, Item::Number(after));
                let key = CounterKey { measure, by: By::All, value: None, day: first, item };
                counters.add(key, one);
            }
        }
    }
}
