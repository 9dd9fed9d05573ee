//! Which fields of an event decide something.
//!
//! A flaw in a field that decides nothing never costs the event. A field decides if its type requires
//! it or is strict with it, or if a plausibility rule, a leaderboard (and with it its tournaments) or
//! a statistic reads it.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Board, EventType, Measure, Statistic};

/// The fields that are read, each with its event type.
#[derive(Default)]
struct FieldsRead<'d>(HashSet<(&'d str, &'d str)>);

impl<'d> FieldsRead<'d> {
    fn add(&mut self, event: &'d str, field: &'d Arc<str>) {
        self.0.insert((event, field));
    }

    fn add_measure(&mut self, measure: &'d Measure) {
        let tested = measure.filter.tests.iter().map(|test| &test.field);
        for field in tested.chain(&measure.field) {
            self.add(&measure.event, field);
        }
    }
}

/// Marks the fields that decide.
pub(super) fn mark(
    events: &mut IndexMap<Arc<str>, EventType>,
    boards: &IndexMap<Arc<str>, Board>,
    statistics: &IndexMap<Arc<str>, Statistic>,
) {
    let mut read = FieldsRead::default();
    for board in boards.values() {
        read.add_measure(&board.measure);
        for sum in &board.beside {
            read.add(&board.measure.event, &sum.field);
        }
    }
    for statistic in statistics.values() {
        read.add_measure(&statistic.measure);
    }
    for event_type in events.values_mut() {
        let EventType { name, common, fields, strict, plausibility, .. } = event_type;
        for field in common.iter_mut().chain(fields) {
            let ruled =
                |rule: &super::PlausibilityRule| rule.field == field.name || rule.of == field.name;
            field.strict |= *strict;
            field.decides = field.strict
                || field.required
                || read.0.contains(&(&**name, &*field.name))
                || plausibility.iter().any(ruled);
        }
    }
}
