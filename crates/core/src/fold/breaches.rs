//! How an event breaks a rule whose breach is no reason to turn it away.

use std::collections::HashMap;
use std::sync::Arc;

use super::facts::Fact;
use super::reading::Reading;
use crate::event::Event;
use crate::game::{Order, PlausibilityRule};
use crate::id::{BoardKey, PlayerId};
use crate::suspicion::Memory;

/// Points and attempts of entries on boards.
pub(super) type Bests = HashMap<(BoardKey, PlayerId), (i64, i64)>;

/// A rule, as a plan reads it.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub name: &'static str,
    pub test: Test,
    pub is_refused: bool,
}

/// What an event must keep.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Plausible { rule: PlausibilityRule, field: usize, of: usize },
    Improvement { board: BoardKey, order: Order, measure: Reading, by: ImprovementMax },
    Interval { least_ms: i64 },
    Predecessor { event: Arc<str>, name: Arc<str>, kind: String, same: usize },
    Clock { played: usize, unit_ms: i64, tolerance_ms: i64 },
}

impl Test {
    /// Whether an event that breaks it may come to keep it, once its beginning is there.
    pub fn is_about_beginnings(&self) -> bool {
        matches!(self, Self::Predecessor { .. })
    }
}

/// The greatest improvement that is believed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImprovementMax {
    pub factor: Option<f64>,
    pub amount: Option<i64>,
    pub after: i64,
}

/// An event with what rules read of it.
pub(super) struct Seen<'s, 'e> {
    pub event: &'e Event,
    pub facts: &'s [Fact<'s>],
}

impl Seen<'_, '_> {
    /// How the event breaks a rule, if it does.
    pub fn breaks(&self, test: &Test, memory: &Memory, bests: &Bests) -> Option<String> {
        let event_type = &self.event.event_type;
        let at = self.event.counted_at;
        match test {
            Test::Plausible { rule, field, of } => {
                let message = rule.broken_by(self.number(*field)?, self.number(*of)?)?;
                Some(format!("{} {message}", rule.field))
            }
            Test::Improvement { board, order, measure, by } => {
                let points = order.points(measure.value(self.facts).ok()??);
                let best = bests.get(&(*board, self.event.player.clone()))?;
                by.exceeded(*order, points, *best)
            }
            Test::Interval { .. } | Test::Clock { .. } if memory.has_forgotten(event_type, at) => {
                Some("comes too late to be compared with the events around it".to_owned())
            }
            Test::Interval { least_ms } => {
                let near = memory.nearest_ms(event_type, at).filter(|ms| ms < least_ms)?;
                Some(format!(
                    "is {} s from another {event_type}; less than {} s is not believed",
                    seconds(near),
                    seconds(*least_ms)
                ))
            }
            Test::Predecessor { event, name, kind, same } => match self.text(*same) {
                None => Some(format!("has no {name} that shows which {event} it follows")),
                Some(same) if memory.has_begun(kind, &same, at) => None,
                Some(_) => Some(format!("follows no {event} with the same {name}")),
            },
            Test::Clock { played, unit_ms, tolerance_ms } => {
                let played_ms = self.milliseconds(*played, *unit_ms)?;
                let passed = memory.played_too_long(event_type, at, played_ms, *tolerance_ms)?;
                Some(format!(
                    "says that {} s were played; only {} s lie between it and the {event_type} \
                     beside it, and {} s more are believed at most",
                    seconds(played_ms),
                    seconds(passed),
                    seconds(*tolerance_ms)
                ))
            }
        }
    }

    fn number(&self, place: usize) -> Option<f64> {
        match &self.facts[place] {
            Fact::Integer(number) => Some(*number as f64),
            Fact::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number of milliseconds that the event says.
    pub fn milliseconds(&self, place: usize, unit_ms: i64) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
        self.number(place).map(|number| (number * unit_ms as f64).round() as i64)
    }

    /// A text, or a whole number as one.
    pub fn text(&self, place: usize) -> Option<String> {
        match &self.facts[place] {
            Fact::Text(text) => Some(text.to_string()),
            Fact::Integer(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl ImprovementMax {
    /// Says by how much `points` exceed what the rule believes of a player whose best, out of `attempts` games, is `best`;
    /// nothing if they do not.
    fn exceeded(&self, order: Order, points: i64, (best, attempts): (i64, i64)) -> Option<String> {
        if points <= best || attempts < self.after {
            return None;
        }
        let (score, best_score) = (order.score(points), order.score(best));
        let times = match order {
            Order::Descending => score as f64 / best_score as f64,
            Order::Ascending => best_score as f64 / score as f64,
        };
        // A best of nothing is improved by any factor: there only an amount tells.
        let by_factor = match self.factor {
            Some(factor) if best_score > 0 => times > factor,
            Some(_) => self.amount.is_some(),
            None => true,
        };
        let by_amount =
            self.amount.is_none_or(|amount| points.abs_diff(best) > amount.unsigned_abs());
        let told = || format!("improves the best of the player from {best_score} to {score}");
        (by_factor && by_amount).then(told)
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
