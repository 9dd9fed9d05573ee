//! Which fields of an event decide something.
//!
//! A flaw in a field that decides nothing never costs the event. A field decides if its type requires
//! it or is strict with it, or if a rule of plausibility or suspicion, of it or of events that must follow it, its ticket, a
//! leaderboard, a statistic or analytics read it. So does what
//! is in force beside the definition: tournaments keep what their board meant ([`with_boards`]). What counts a
//! field also says how great its number may be: no sum takes more at once than it can add exactly.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{
    Board, Definition, EventType, Field, Measure, PlausibilityRule, Statistic, SuspicionRule,
    SuspicionTest, Tickets,
};
use crate::analytics::{Analytics, Currency};

/// The fields that are read, each with its event type, and by how much their numbers are multiplied at most
/// where they are counted.
#[derive(Default)]
struct FieldsRead<'d>(HashMap<(&'d str, &'d str), i64>);

impl<'d> FieldsRead<'d> {
    fn add(&mut self, event: &'d str, field: &'d Arc<str>, times: i64) {
        let known = self.0.entry((event, field)).or_default();
        *known = times.max(*known);
    }

    fn add_board(&mut self, board: &'d Board) {
        self.add_measure(&board.measure);
        for sum in &board.beside {
            self.add(&board.measure.event, &sum.field, 1);
        }
    }

    fn add_measure(&mut self, measure: &'d Measure) {
        for test in &measure.filter.tests {
            self.add(&measure.event, &test.field, 0);
        }
        if let Some(field) = &measure.field {
            self.add(&measure.event, field, measure.scale);
        }
    }
}

/// A type and a field of it.
type FieldOf = (Arc<str>, Arc<str>);

/// The fields that rules read of other events than those that they are for, and that of the ticket.
fn read_beside(events: &IndexMap<Arc<str>, EventType>, tickets: Option<&Tickets>) -> Vec<FieldOf> {
    let rules = events.values().flat_map(|of_type| &of_type.suspicion);
    let before = rules.filter_map(|rule| match &rule.test {
        SuspicionTest::Predecessor { event, same } => Some((Arc::clone(event), Arc::clone(same))),
        _ => None,
    });
    let ticket = tickets.map(|one| (Arc::clone(&one.ends), Arc::clone(&one.field)));
    before.chain(ticket).collect()
}

/// What the boards, the statistics and the analytics of a definition read, and what is read beside.
fn read_by<'d>(
    boards: &'d IndexMap<Arc<str>, Board>,
    statistics: &'d IndexMap<Arc<str>, Statistic>,
    analytics: &'d Analytics,
    beside: &'d [FieldOf],
) -> FieldsRead<'d> {
    let mut read = FieldsRead::default();
    for (event, field) in beside {
        read.add(event, field, 0);
    }
    boards.values().for_each(|board| read.add_board(board));
    statistics.values().for_each(|statistic| read.add_measure(&statistic.measure));
    analytics.measures().for_each(|measure| read.add_measure(measure));
    for flow in &analytics.flows {
        if let Currency::Field(field) = &flow.currency {
            read.add(&flow.measure.event, field, 0);
        }
    }
    read
}

fn decides(
    name: &str,
    field: &Field,
    plausibility: &[PlausibilityRule],
    suspicion: &[SuspicionRule],
    read: &FieldsRead<'_>,
) -> bool {
    let ruled = |rule: &PlausibilityRule| rule.field == field.name || rule.of == field.name;
    field.strict
        || field.required
        || read.0.contains_key(&(name, &*field.name))
        || plausibility.iter().any(ruled)
        || suspicion.iter().any(|rule| rule.test.field() == Some(&field.name))
}

fn counted_times(name: &str, field: &Field, read: &FieldsRead<'_>) -> i64 {
    read.0.get(&(name, &*field.name)).copied().unwrap_or(0)
}

fn mark_all(events: &mut IndexMap<Arc<str>, EventType>, read: &FieldsRead<'_>) {
    for EventType { name, common, fields, plausibility, suspicion, .. } in events.values_mut() {
        for field in common.iter_mut().chain(fields) {
            field.decides = decides(name, field, plausibility, suspicion, read);
            field.counted_times = counted_times(name, field, read);
        }
    }
}

/// Marks the fields that decide.
pub(super) fn mark(
    events: &mut IndexMap<Arc<str>, EventType>,
    boards: &IndexMap<Arc<str>, Board>,
    statistics: &IndexMap<Arc<str>, Statistic>,
    analytics: &Analytics,
    tickets: Option<&Tickets>,
) {
    for EventType { common, fields, strict, .. } in events.values_mut() {
        for field in common.iter_mut().chain(fields) {
            field.strict |= *strict;
        }
    }
    let beside = read_beside(events, tickets);
    mark_all(events, &read_by(boards, statistics, analytics, &beside));
}

/// The definition with the fields deciding that it reads or these boards do, and no others. The boards need
/// not be of the definition any more.
pub(crate) fn with_boards<'b>(
    definition: Arc<Definition>,
    boards: impl Iterator<Item = &'b Board>,
) -> Arc<Definition> {
    let beside = read_beside(&definition.events, definition.tickets.as_ref());
    let Definition { boards: own, statistics, analytics, .. } = &*definition;
    let mut read = read_by(own, statistics, analytics, &beside);
    boards.for_each(|board| read.add_board(board));
    let is_marked = definition.events.values().all(|event_type| {
        let EventType { name, plausibility, suspicion, .. } = event_type;
        let mut fields = event_type.all_fields();
        fields.all(|field| {
            field.decides == decides(name, field, plausibility, suspicion, &read)
                && field.counted_times == counted_times(name, field, &read)
        })
    });
    if is_marked {
        return definition;
    }
    let mut events = definition.events.clone();
    mark_all(&mut events, &read);
    Arc::new(Definition { events, ..Definition::clone(&definition) })
}
