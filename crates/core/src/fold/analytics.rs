//! What events say of analytics, folded beside boards, statistics and figures.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::analytics_plan::{AnalyticsTarget, CurrencyReading, FlowReading, TypeReading, amount};
use super::facts::Fact;
use super::reading::Target;
use crate::analytics::{
    Analytics, By, Calendar, Context, CounterKey, Counters, Day, Item, MeasureName, PlayerChange,
    PlayerDay, PlayerParts, session_key, value,
};
use crate::event::Event;
use crate::id::{PlayerId, Slot};

/// Where a source or a sink is counted whose event does not name it.
const UNKNOWN: &str = "unknown";
/// The number of no player.
const NOBODY: usize = usize::MAX;

/// What the events of one fold change in one slot.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyticsChange {
    /// Where the parts and the counters lie.
    pub slot: Slot,
    /// What they mean.
    pub meaning: Arc<Analytics>,
    /// The players' parts, in the order of players.
    pub players: Vec<PlayerChange>,
    /// What counters gain that are sums of events, in the order of keys.
    pub counts: Vec<(CounterKey, i64)>,
}

/// A fold of analytics under way, in one slot.
pub(super) struct AnalyticsFold<'p> {
    slot: Slot,
    /// Its place among the plan's.
    place: usize,
    meaning: &'p Arc<Analytics>,
    calendar: Calendar,
    /// By the players' numbers, but for the one of the last event.
    players: FxHashMap<usize, Seen>,
    /// The player of the last event, who is mostly that of the next.
    present: (usize, Seen),
    counters: Counters,
    /// Texts that came before: most events repeat them.
    texts: FxHashSet<Arc<str>>,
}

/// A player as far as the fold has come.
#[derive(Default)]
struct Seen {
    parts: PlayerParts,
    /// The day and the context of the last event: mostly those of the next.
    last: Option<(Day, Context)>,
}

impl<'p> AnalyticsFold<'p> {
    /// One for each of the targets that have a slot in a layer.
    pub fn of_targets(
        targets: &'p [AnalyticsTarget],
        slot: impl Fn(&Target) -> Option<Slot>,
    ) -> Vec<Self> {
        let fold = |(place, one): (usize, &'p AnalyticsTarget)| {
            Some(Self {
                slot: slot(&one.target)?,
                place,
                meaning: &one.meaning,
                calendar: one.meaning.calendar(),
                players: FxHashMap::default(),
                present: (NOBODY, Seen::default()),
                counters: Counters::default(),
                texts: FxHashSet::default(),
            })
        };
        targets.iter().enumerate().filter_map(fold).collect()
    }

    /// Takes an event in. Nothing in it can make this fail: what cannot be counted is not.
    pub fn add(
        &mut self,
        event: &Event,
        player: usize,
        readings: &[TypeReading],
        facts: &[Fact<'_>],
    ) {
        let Some(reading) = readings.get(self.place) else { return };
        let day = self.calendar.day(event.counted_at);
        self.turn_to(player);
        let last = self.present.1.last.take();
        let context = self.context(reading, facts, last.as_ref().map(|last| &last.1));
        let session = session_key(facts[reading.session].as_text());
        let seen = &mut self.present.1;
        if last.is_some_and(|(last, known)| last == day && known == context) {
            seen.day(day).play(session, event.counted_at, &context);
        } else {
            seen.day(day).add(session, event.counted_at, &context);
            seen.parts.life.add_active(day, &context);
        }
        for step in &reading.steps {
            if let Some(number) = step.number(facts) {
                seen.parts.life.add_step(step.funnel, number, event.counted_at);
            }
        }
        for purchase in &reading.purchases {
            if let Some(amount) = amount(purchase, facts) {
                self.present.1.parts.life.add_paid(day, &context);
                self.count_purchase(day, amount, &context);
            }
        }
        for flow in &reading.flows {
            if let Some(amount) = amount(&flow.reading, facts) {
                self.count_flow(day, flow, amount, event, facts);
            }
        }
        self.present.1.last = Some((day, context));
    }

    fn turn_to(&mut self, player: usize) {
        if self.present.0 != player {
            let next = self.players.remove(&player).unwrap_or_default();
            let (before, seen) = std::mem::replace(&mut self.present, (player, next));
            self.players.insert(before, seen);
        }
    }

    fn context(
        &mut self,
        reading: &TypeReading,
        facts: &[Fact<'_>],
        last: Option<&Context>,
    ) -> Context {
        let mut context = Context::default();
        for (n, place) in reading.context.iter().enumerate() {
            let text = place.and_then(|place| facts[place].as_text()).and_then(value);
            let Some(text) = text else { continue };
            let known = last.and_then(|last| last.0[n].as_ref()).filter(|known| ***known == *text);
            context.0[n] = Some(match known {
                Some(known) => Arc::clone(known),
                None => self.text(&text),
            });
        }
        context
    }

    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = Arc::from(text);
        self.texts.insert(Arc::clone(&text));
        text
    }

    fn count_purchase(&mut self, day: Day, amount: i64, context: &Context) {
        let by = context
            .values()
            .map(|(dimension, value)| (By::Dimension(dimension), Some(Arc::clone(value))));
        for (by, value) in std::iter::once((By::All, None)).chain(by) {
            let key =
                |measure| CounterKey { measure, by, value: value.clone(), day, item: Item::None };
            self.counters.add(key(MeasureName::Revenue), amount);
            self.counters.add(key(MeasureName::Purchases), 1);
        }
    }

    fn count_flow(
        &mut self,
        day: Day,
        flow: &FlowReading,
        amount: i64,
        event: &Event,
        facts: &[Fact<'_>],
    ) {
        let currency = match &flow.currency {
            CurrencyReading::Named(name) => Arc::clone(name),
            CurrencyReading::Field(place) => match facts[*place].as_text().and_then(value) {
                Some(currency) => self.text(&currency),
                None => return,
            },
        };
        let item = match flow.by {
            None => Arc::clone(&event.event_type),
            Some(place) => {
                let text = facts[place].as_text().and_then(value);
                self.text(text.as_deref().unwrap_or(UNKNOWN))
            }
        };
        let (measure, by, value) = (flow.measure, By::Currency, Some(currency));
        let key = CounterKey { measure, by, value, day, item: Item::Text(item) };
        self.counters.add(key, amount);
    }

    /// All of it, where `players` are the ids by number.
    pub fn finish(mut self, players: &[PlayerId]) -> AnalyticsChange {
        self.turn_to(NOBODY);
        let change = |(number, seen): (usize, Seen)| {
            let mut parts = seen.parts;
            parts.days.sort_unstable_by_key(|(day, _)| *day);
            PlayerChange { player: players[number].clone(), parts }
        };
        let mut changes: Vec<PlayerChange> = self.players.into_iter().map(change).collect();
        changes.sort_unstable_by(|a, b| a.player.cmp(&b.player));
        AnalyticsChange {
            slot: self.slot,
            meaning: Arc::clone(self.meaning),
            players: changes,
            counts: self.counters.into_sorted(),
        }
    }
}

impl Seen {
    fn day(&mut self, day: Day) -> &mut PlayerDay {
        let days = &mut self.parts.days;
        let place = days.iter().rposition(|(known, _)| *known == day).unwrap_or_else(|| {
            days.push((day, PlayerDay::default()));
            days.len() - 1
        });
        &mut days[place].1
    }
}
