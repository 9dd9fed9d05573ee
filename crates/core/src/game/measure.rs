//! What is counted: measures over events that fit a filter, and boards made of them.

use std::fmt;
use std::sync::Arc;

use super::{Literal, Schedule};

/// A condition on an event's fields: all tests must hold. Empty means every event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// The tests, in the order of the file.
    pub tests: Vec<FilterTest>,
}

/// One test of a [`Filter`].
#[derive(Debug, Clone, PartialEq)]
pub struct FilterTest {
    /// The field looked at. An event without it does not match.
    pub field: Arc<str>,
    /// What it must be.
    pub condition: Condition,
}

/// What a [`FilterTest`] asks of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Equal to one of these.
    OneOf(Vec<Literal>),
    /// A number between these, both included.
    Between {
        /// The least, if there is one.
        at_least: Option<f64>,
        /// The greatest, if there is one.
        at_most: Option<f64>,
    },
}

/// What is made of the matching events' field. Every operator commutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The best value; among equal ones the first.
    Best,
    /// The value of the last event by (event time, event id).
    Latest,
    /// All values added up.
    Sum,
    /// How many events there were.
    Count,
}

/// Events turned into a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The event type that counts.
    pub event: Arc<str>,
    /// Which of them count.
    pub filter: Filter,
    /// How they are combined.
    pub operator: Operator,
    /// The field that is combined; `None` with [`Operator::Count`] only.
    pub field: Option<Arc<str>>,
    /// The field's value is multiplied by this and rounded to a whole number first: whole numbers
    /// add up exactly in any order, fractions do not. 1 unless the field is a `number`.
    pub scale: i64,
}

/// Whether the greatest or the smallest score ranks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The greatest score ranks first.
    Descending,
    /// The smallest score ranks first.
    Ascending,
}

impl Order {
    /// The score as *points*, of which more is always better. State and ranks hold points only, so
    /// that nothing below a board's definition has to know its order.
    pub fn points(self, score: i64) -> i64 {
        match self {
            Self::Descending => score,
            Self::Ascending => -score,
        }
    }

    /// The score that these points stand for.
    pub fn score(self, points: i64) -> i64 {
        self.points(points)
    }
}

/// A leaderboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// Its name, as it appears in addresses.
    pub name: Arc<str>,
    /// What players see.
    pub title: String,
    /// What counts.
    pub measure: Measure,
    /// Whether the greatest or the smallest score ranks first.
    pub order: Order,
    /// When it starts over; `None` means never.
    pub reset: Option<Schedule>,
    /// Sums shown beside the score. At most [`crate::limits::BOARD_SUMS_MAX`].
    pub beside: Vec<Beside>,
}

/// A sum that a board keeps beside its score, over the same events.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// What it is called in answers.
    pub name: Arc<str>,
    /// The whole-number field that is added up; an event without it adds nothing.
    pub field: Arc<str>,
}

/// The meaning of a measure in one line. Two measures with the same text count the same.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Best => "best",
            Operator::Latest => "latest",
            Operator::Sum => "sum",
            Operator::Count => "count",
        };
        write!(f, "{operator}({}", self.event)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        if self.scale != 1 {
            write!(f, " * {}", self.scale)?;
        }
        f.write_str(")")?;
        // Sorted: the same conditions in another order are the same filter.
        let mut tests: Vec<String> = self.filter.tests.iter().map(ToString::to_string).collect();
        tests.sort_unstable();
        for (n, test) in tests.iter().enumerate() {
            write!(f, "{}{test}", if n == 0 { " where " } else { " and " })?;
        }
        Ok(())
    }
}

impl fmt::Display for FilterTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.condition {
            Condition::OneOf(values) => {
                let mut values: Vec<String> = values.iter().map(ToString::to_string).collect();
                values.sort_unstable();
                write!(f, "{} in [{}]", self.field, values.join(", "))
            }
            Condition::Between { at_least, at_most } => {
                f.write_str(&self.field)?;
                if let Some(least) = at_least {
                    write!(f, " from {least:?}")?;
                }
                if let Some(most) = at_most {
                    write!(f, " to {most:?}")?;
                }
                Ok(())
            }
        }
    }
}

impl Board {
    /// The meaning of the board in one line: when it changes, the board is another projection.
    pub fn fingerprint(&self) -> String {
        let order = match self.order {
            Order::Descending => "descending",
            Order::Ascending => "ascending",
        };
        let beside: Vec<&str> = self.beside.iter().map(|sum| &*sum.field).collect();
        let text = format!("{} {order} beside {beside:?}", self.measure);
        match &self.reset {
            Some(reset) => format!("{text} reset {reset}"),
            None => text,
        }
    }

    /// The board as a tournament takes it over: the same without resets of its own.
    pub fn without_resets(&self) -> Self {
        Self { reset: None, ..self.clone() }
    }
}
