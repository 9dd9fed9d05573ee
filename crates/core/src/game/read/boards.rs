//! Reads `[leaderboards.*]`.

use std::sync::Arc;

use super::document::{Node, Table};
use super::events::{Events, ReadType};
use super::fields::described;
use super::measures::MeasureKeys;
use super::named::{self, Names};
use super::{optional, schedules};
use crate::game::{Beside, Board, FieldKind, Operator, Order};
use crate::limits::{BOARD_SUMS_MAX, DEFINITION_ITEMS_MAX, DEFINITION_TITLE_CHARS_MAX};

const OPERATORS: [(&str, Operator); 4] = [
    ("best", Operator::Best),
    ("latest", Operator::Latest),
    ("sum", Operator::Sum),
    ("count", Operator::Count),
];

const ORDERS: [(&str, Order); 2] =
    [("descending", Order::Descending), ("ascending", Order::Ascending)];

/// What a row of a leaderboard holds anyway.
const RESERVED_SUMS: [&str; 11] = [
    "rank",
    "user_id",
    "nickname",
    "score",
    "high_score",
    "best_score",
    "total_games",
    "total_attempts",
    "last_played",
    "last_attempt",
    "prize_tier",
];

pub(super) fn read(table: Table<'_>, events: &Events) -> Names<Board> {
    named::read(table, "leaderboard", DEFINITION_ITEMS_MAX, |name, node| {
        let table = node.table("such as [leaderboards.global]")?;
        board(name, table, events)
    })
}

fn board(name: Arc<str>, mut table: Table<'_>, events: &Events) -> Option<Board> {
    let title = table.take("title");
    let measure = MeasureKeys::take(&mut table, "score");
    let order = table.take("order");
    let reset = table.take("reset");
    let beside = table.take("beside");
    table.finish();

    let title = optional(title, |node| node.title(DEFINITION_TITLE_CHARS_MAX).map(str::to_owned));
    let order = optional(order, |node| node.choice("order", &ORDERS));
    let reset = optional(reset, schedules::reset);
    let beside = match (beside, measure.of_type(events)) {
        (None, _) => Some(Vec::new()),
        (Some(node), Some(of_type)) => sums(&node, of_type, events),
        (Some(_), None) => None,
    };
    let measure = measure.read(&OPERATORS, events);
    Some(Board {
        title: title?.unwrap_or_else(|| name.to_string()),
        name,
        measure: measure?,
        order: order?.unwrap_or(Order::Descending),
        reset: reset?.flatten(),
        beside: beside?,
    })
}

fn sums(node: &Node<'_>, of_type: &ReadType, events: &Events) -> Option<Vec<Beside>> {
    let table = node.table("such as { total_playtime_seconds = \"duration_seconds\" }")?;
    let sums = named::read(table, "sum", BOARD_SUMS_MAX, |name, node| {
        if RESERVED_SUMS.contains(&&*name) {
            node.mistake("every row of a leaderboard has this already; choose another name");
        }
        let field = events.field_at(of_type, node)?;
        if field.kind != FieldKind::Integer {
            let kind = described(&field.kind);
            node.mistake(format!("must be an integer field, but {} is {kind}", field.name));
        }
        Some(Beside { name, field: Arc::clone(&field.name) })
    });
    Some(named::all(sums)?.into_values().collect())
}
