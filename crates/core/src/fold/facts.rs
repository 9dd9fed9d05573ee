//! Reads the few fields of an event's payload that the fold looks at.

use std::borrow::Cow;
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::FoldOverflow;
use crate::event::json_text;
use crate::game::{Condition, Literal};
use crate::limits::INTEGER_MAX;

/// The facts of one event, in the order of the fields asked for.
pub(super) type Facts<'e> = SmallVec<[Fact<'e>; 12]>;

/// One field's value, as far as the fold can use it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fact<'e> {
    Absent,
    Integer(i64),
    Number(f64),
    Text(Cow<'e, str>),
    Boolean(bool),
}

impl<'e> Fact<'e> {
    fn read(value: &'e str) -> Self {
        match value.as_bytes().first() {
            Some(b'"') => json_text::string(value).map_or(Self::Absent, Self::Text),
            Some(b't') => Self::Boolean(true),
            Some(b'f') => Self::Boolean(false),
            Some(b'-' | b'0'..=b'9') => Self::read_number(value),
            _ => Self::Absent,
        }
    }

    fn read_number(value: &str) -> Self {
        match value.parse::<i64>() {
            Ok(whole) if (-INTEGER_MAX..=INTEGER_MAX).contains(&whole) => Self::Integer(whole),
            _ => match value.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Absent,
            },
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number times `scale`, as a whole number; `None` if this is no number.
    ///
    /// One event contributes at most [`INTEGER_MAX`]. Beyond it a float no longer tells neighbours
    /// apart, so that sums would be guesses; and a thousand events below it still fit into 64 bits.
    pub fn scaled(&self, scale: i64) -> Result<Option<i64>, FoldOverflow> {
        let scaled = match self {
            Self::Integer(value) => value.checked_mul(scale).ok_or(FoldOverflow)?,
            Self::Number(value) => {
                let scaled = (value * scale as f64).round();
                #[expect(clippy::cast_possible_truncation, reason = "the range is checked below")]
                let scaled = scaled as i64;
                scaled
            }
            _ => return Ok(None),
        };
        if (-INTEGER_MAX..=INTEGER_MAX).contains(&scaled) {
            Ok(Some(scaled))
        } else {
            Err(FoldOverflow)
        }
    }

    pub fn satisfies(&self, condition: &Condition) -> bool {
        match condition {
            Condition::OneOf(values) => values.iter().any(|value| match (self, value) {
                (Self::Text(text), Literal::Text(wanted)) => **text == **wanted,
                (Self::Integer(number), Literal::Integer(wanted)) => number == wanted,
                (Self::Boolean(truth), Literal::Boolean(wanted)) => truth == wanted,
                _ => false,
            }),
            Condition::Between { at_least, at_most } => {
                let number = match self {
                    Self::Integer(value) => *value as f64,
                    Self::Number(value) => *value,
                    _ => return false,
                };
                at_least.is_none_or(|least| least <= number)
                    && at_most.is_none_or(|most| number <= most)
            }
        }
    }
}

/// Reads `fields` from a payload, in their order.
///
/// A field may hold anything: it may have been unknown to the definition that was in force when the
/// event was stored. What is neither text nor truth value nor finite number reads as absent.
pub(super) fn read<'e>(payload: &'e str, fields: &[Arc<str>]) -> Facts<'e> {
    let mut facts = smallvec![Fact::Absent; fields.len()];
    let mut missing = fields.len();
    let mut pairs = json_text::fields(payload);
    while missing > 0 {
        let Some((key, value)) = pairs.next() else { break };
        let Some(key) = json_text::string(key) else { continue };
        if let Some(place) = fields.iter().position(|field| **field == *key) {
            facts[place] = Fact::read(value);
            missing -= 1;
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(value: &str) -> Fact<'_> {
        Fact::read(value)
    }

    #[test]
    fn values_of_every_kind_are_read_or_absent() {
        assert_eq!(fact("12"), Fact::Integer(12));
        assert_eq!(fact("-0"), Fact::Integer(0));
        assert_eq!(fact("12.5"), Fact::Number(12.5));
        assert_eq!(fact("9007199254740993"), Fact::Number(9_007_199_254_740_992.0));
        assert_eq!(fact("-9223372036854775808"), Fact::Number(-9_223_372_036_854_775_808.0));
        assert_eq!(fact("true"), Fact::Boolean(true));
        assert_eq!(fact(r#""a\"b""#), Fact::Text("a\"b".into()));
        for value in ["null", "1e999", "[1]", "{}", r#""\ud800""#] {
            assert_eq!(fact(value), Fact::Absent, "{value}");
        }
    }

    #[test]
    fn fields_are_found_wherever_and_however_their_keys_stand() {
        let payload = r#"{"x":[{"b":9}],"\u0062":2,"a":1e999,"c":"t"}"#;
        let fields = ["c", "a", "b", "d"].map(Arc::from);
        let expected = [Fact::Text("t".into()), Fact::Absent, Fact::Integer(2), Fact::Absent];
        assert_eq!(read(payload, &fields).as_slice(), expected);
    }

    #[test]
    fn what_is_beyond_exact_whole_numbers_cannot_be_scaled() {
        assert_eq!(Fact::Integer(3).scaled(100), Ok(Some(300)));
        assert_eq!(Fact::Number(0.125).scaled(100), Ok(Some(13)));
        assert_eq!(Fact::Text("3".into()).scaled(1), Ok(None));
        assert_eq!(Fact::Integer(INTEGER_MAX).scaled(1), Ok(Some(INTEGER_MAX)));
        assert_eq!(Fact::Integer(INTEGER_MAX).scaled(2), Err(FoldOverflow));
        assert_eq!(Fact::Number(1e300).scaled(1), Err(FoldOverflow));
        assert_eq!(Fact::Integer(INTEGER_MAX).scaled(i64::MAX), Err(FoldOverflow));
    }
}
