//! Reads `[[suspicion]]` and `[tickets]`.

use std::sync::Arc;

use indexmap::IndexMap;

use super::document::{Node, Table};
use super::events::{Events, ReadType};
use super::fields::described;
use super::named::{self, Names};
use super::optional;
use crate::game::{
    Board, Consequence, EventType, FieldKind, Operator, SuspicionRule, SuspicionTest, Tickets,
};
use crate::limits::{
    DEFINITION_ITEMS_MAX, SUSPICION_AFTER_MAX, SUSPICION_SECONDS_MAX, TICKET_GOOD_MS,
};

const CONSEQUENCES: [(&str, Consequence); 2] =
    [("review", Consequence::Review), ("refuse", Consequence::Refuse)];

const UNITS: [(&str, i64); 2] = [("seconds", 1_000), ("milliseconds", 1)];

#[derive(Clone, Copy)]
enum Kind {
    Improvement,
    Interval,
    Predecessor,
    Clock,
}

const KINDS: [(&str, Kind); 4] = [
    ("improvement", Kind::Improvement),
    ("interval", Kind::Interval),
    ("predecessor", Kind::Predecessor),
    ("clock", Kind::Clock),
];

pub(super) fn read(rules: &Node<'_>, events: &mut Events, boards: &Names<Board>) {
    let Some(items) = rules.list("of tables, such as [[suspicion]]") else { return };
    if items.len() > DEFINITION_ITEMS_MAX {
        rules.mistake(format!("there must be at most {DEFINITION_ITEMS_MAX} rules"));
        return;
    }
    for item in items {
        let Some((event, rule)) = read_rule(&item, events, boards) else { continue };
        if let Some(of_type) = events.find_mut(&event) {
            of_type.suspicion.push(rule);
        }
    }
}

/// Reads `[tickets]`.
pub(super) fn tickets(node: &Node<'_>, events: &Events) -> Option<Tickets> {
    let mut table = node.table("such as [tickets]")?;
    let begins = table.need("begins", "begins = \"game_started\"");
    let ends = table.need("ends", "ends = \"game_ended\"");
    let field = table.need("field", "field = \"ticket\"");
    let least = table.take("least_seconds");
    let good = table.take("good_seconds");
    let then = table.take("then");
    table.finish();
    let least = optional(least, seconds);
    let good = optional(good, |node| node.integer_within(1, SUSPICION_SECONDS_MAX));
    let then = optional(then, |node| node.choice("consequence", &CONSEQUENCES));
    let begins = begins.and_then(|node| events.find(&node));
    let ends = ends.and_then(|node| {
        let ends = events.find(&node)?;
        if begins.is_some_and(|begins| begins.name() == ends.name()) {
            node.mistake("must be another type than the one that begins");
        }
        Some(ends)
    });
    let field = field.and_then(|node| {
        let field = events.field_at(ends?, &node)?;
        if field.kind != FieldKind::String {
            let kind = described(&field.kind);
            node.mistake(format!("must be a string field, but {} is {kind}", field.name));
        }
        Some(Arc::clone(&field.name))
    });
    Some(Tickets {
        begins: Arc::clone(begins?.name()),
        ends: Arc::clone(ends?.name()),
        field: field?,
        least_ms: least?.unwrap_or(0),
        good_ms: good?.map_or(TICKET_GOOD_MS, |seconds| seconds * 1_000),
        then: then?.unwrap_or(Consequence::Review),
    })
}

/// Lets events that others must follow travel as urgently as these: otherwise they could come after them, also
/// out of one request.
pub(super) fn hasten(events: &mut IndexMap<Arc<str>, EventType>) {
    loop {
        let later = events.values().find_map(|of_type| {
            let before = of_type.suspicion.iter().filter_map(|rule| rule.test.before());
            let mut later = before.filter(|name| events[*name].class > of_type.class);
            Some((Arc::clone(later.next()?), of_type.class))
        });
        // Others may have to follow these in turn. Each time one becomes more urgent, so this ends.
        let Some((name, class)) = later else { return };
        events[&name].class = class;
    }
}

fn read_rule(
    item: &Node<'_>,
    events: &Events,
    boards: &Names<Board>,
) -> Option<(Arc<str>, SuspicionRule)> {
    let mut table = item.table("such as [[suspicion]]")?;
    let event = table.need("event", "event = \"game_ended\"");
    let kind = table.need("rule", "rule = \"clock\"");
    let then = table.take("then");
    let kind = kind.and_then(|node| node.choice("rule", &KINDS));
    let then = optional(then, |node| node.choice("consequence", &CONSEQUENCES));
    let of_type = event.and_then(|node| events.find(&node));
    let test = match kind {
        Some(Kind::Improvement) => improvement(&mut table, of_type, boards),
        Some(Kind::Interval) => interval(&mut table),
        Some(Kind::Predecessor) => predecessor(&mut table, of_type, events),
        Some(Kind::Clock) => clock(&mut table, of_type, events),
        // Which keys belong to it, nobody knows.
        None => return None,
    };
    table.finish();
    let rule = SuspicionRule { test: test?, then: then?.unwrap_or(Consequence::Review) };
    Some((Arc::clone(of_type?.name()), rule))
}

fn improvement(
    table: &mut Table<'_>,
    of_type: Option<&ReadType>,
    boards: &Names<Board>,
) -> Option<SuspicionTest> {
    let board = table.need("board", "board = \"global\"");
    let factor = table.take("factor");
    let amount = table.take("amount");
    let after = table.take("after");
    if factor.is_none() && amount.is_none() {
        table.node().mistake_with(
            "says neither a factor nor an amount",
            Some("write factor = 5, amount = 1000, or both".to_owned()),
        );
        return None;
    }
    let factor = optional(factor, |node| {
        let factor = node.number()?;
        if factor < 1.0 {
            node.mistake(format!("must be at least 1, but is {factor}"));
            return None;
        }
        Some(factor)
    });
    let amount = optional(amount, |node| node.integer_within(0, i64::MAX));
    let after = optional(after, |node| node.integer_within(1, SUSPICION_AFTER_MAX));
    let board = board.and_then(|node| {
        let board = named::find(boards, &node, "leaderboard")?;
        let of_type = of_type?;
        if board.measure.event != *of_type.name() {
            node.mistake(format!("must be a leaderboard of {}", of_type.name()));
        } else if board.measure.operator != Operator::Best || board.reset.is_some() {
            node.mistake("must be a leaderboard that takes the best and never starts over");
        }
        Some(Arc::clone(&board.name))
    });
    let (factor, amount, after) = (factor?, amount?, after?.unwrap_or(1));
    Some(SuspicionTest::Improvement { board: board?, factor, amount, after })
}

fn interval(table: &mut Table<'_>) -> Option<SuspicionTest> {
    let least = table.need("least_seconds", "least_seconds = 5");
    Some(SuspicionTest::Interval { least_ms: least.and_then(|node| seconds(&node))? })
}

fn predecessor(
    table: &mut Table<'_>,
    of_type: Option<&ReadType>,
    events: &Events,
) -> Option<SuspicionTest> {
    let before = table.need("before", "before = \"game_started\"");
    let same = table.need("same", "same = \"session_id\"");
    let before = before.and_then(|node| {
        let before = events.find(&node)?;
        if of_type.is_some_and(|of_type| of_type.name() == before.name()) {
            node.mistake("must be another type than the one that the rule is for");
        }
        Some(before)
    });
    let same = same.and_then(|node| {
        let same = events.field_at(of_type?, &node)?;
        events.field_at(before?, &node)?;
        if matches!(same.kind, FieldKind::String | FieldKind::Uuid | FieldKind::Integer) {
            return Some(Arc::clone(&same.name));
        }
        let kind = described(&same.kind);
        node.mistake(format!("must be a string, uuid or integer, but {} is {kind}", same.name));
        None
    });
    Some(SuspicionTest::Predecessor { event: Arc::clone(before?.name()), same: same? })
}

fn clock(
    table: &mut Table<'_>,
    of_type: Option<&ReadType>,
    events: &Events,
) -> Option<SuspicionTest> {
    let played = table.need("played", "played = \"duration_seconds\"");
    let unit = table.take("unit");
    let tolerance = table.need("tolerance_seconds", "tolerance_seconds = 600");
    let unit = optional(unit, |node| node.choice("unit", &UNITS));
    let tolerance = tolerance.and_then(|node| seconds(&node));
    let played = played.and_then(|node| {
        let played = events.field_at(of_type?, &node)?;
        if matches!(played.kind, FieldKind::Integer | FieldKind::Number) {
            return Some(Arc::clone(&played.name));
        }
        let kind = described(&played.kind);
        node.mistake(format!("must be an integer or number field, but {} is {kind}", played.name));
        None
    });
    let unit_ms = unit?.unwrap_or(1_000);
    Some(SuspicionTest::Clock { played: played?, unit_ms, tolerance_ms: tolerance? })
}

/// A number of seconds in the file, in milliseconds.
fn seconds(node: &Node<'_>) -> Option<i64> {
    node.integer_within(0, SUSPICION_SECONDS_MAX).map(|seconds| seconds * 1_000)
}
