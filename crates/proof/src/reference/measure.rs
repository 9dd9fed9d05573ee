//! What an event is worth to a measure.

use scoreline_core::game::{Condition, Literal};

use crate::players::values::{Value, number_of};
use crate::shape::MeasureShape;

/// What an event adds to a measure; `None` if it does not count there.
pub(super) fn worth(measure: &MeasureShape, values: &[Option<Value>]) -> Option<i64> {
    if !measure.tests.iter().all(|(place, test)| holds(test, values[*place].as_ref())) {
        return None;
    }
    let Some(field) = measure.field else { return Some(1) };
    match &values[field] {
        Some(Value::Integer(number)) => Some(number * measure.scale),
        Some(Value::Number(number)) => Some(rounded(number * measure.scale as f64)),
        _ => None,
    }
}

fn rounded(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "simulated numbers are small")]
    let rounded = number.round() as i64;
    rounded
}

fn holds(test: &Condition, value: Option<&Value>) -> bool {
    match test {
        Condition::OneOf(wanted) => wanted.iter().any(|one| match (one, value) {
            (Literal::Text(wanted), Some(Value::Text(found))) => **wanted == **found,
            (Literal::Integer(wanted), Some(Value::Integer(found))) => wanted == found,
            (Literal::Boolean(wanted), Some(Value::Boolean(found))) => wanted == found,
            _ => false,
        }),
        Condition::Between { at_least, at_most } => number_of(value).is_some_and(|number| {
            let above = at_least.is_none_or(|least| number >= least);
            above && at_most.is_none_or(|most| number <= most)
        }),
    }
}
