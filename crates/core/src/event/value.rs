//! Reads one field's value by its declaration and writes it down in its normal form.
//!
//! Reading is lenient where clients are known to differ (numbers as text, many spellings of time)
//! and strict everywhere else. Writing is one way only.

use std::borrow::Cow;
use std::fmt::Write;

use uuid::Uuid;

use super::RejectCode;
use super::fault::{ValueFault, choices, counted, shown};
use super::json_text;
use crate::game::{Field, FieldKind, Literal};
use crate::limits::{INTEGER_MAX, TEXT_CHARS_MAX};
use crate::time::Timestamp;

/// A number as far as it was written as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numeric {
    Whole(i64),
    /// With a fraction or an exponent, or beyond 64 bits. May be infinite.
    Float(f64),
}

impl Numeric {
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// Checks a value against its field and writes its normal form to `out`. A number is answered, for
/// the plausibility rules.
///
/// `null` is not handled here: what it means depends on the field, not on its kind.
pub(super) fn write(
    field: &Field,
    value: &str,
    out: &mut String,
) -> Result<Option<f64>, ValueFault> {
    write_as(&field.kind, Some(field), value, out)
}

/// `limits` is the field whose limits hold; the items of a list have none but their kind.
fn write_as(
    kind: &FieldKind,
    limits: Option<&Field>,
    value: &str,
    out: &mut String,
) -> Result<Option<f64>, ValueFault> {
    match kind {
        FieldKind::Integer => {
            let number = whole_number(value)?;
            check_range(limits, number as f64, value)?;
            check_choice(limits, &Choice::Number(number as f64), value)?;
            // Mostly, what was sent is the normal form already.
            if json_text::is_number(value) && value.bytes().all(|byte| byte.is_ascii_digit()) {
                out.push_str(value);
            } else {
                write!(out, "{number}").expect("a String takes everything");
            }
            return Ok(Some(number as f64));
        }
        FieldKind::Number => {
            let number = finite_number(value)?;
            check_range(limits, number.as_f64(), value)?;
            check_choice(limits, &Choice::Number(number.as_f64()), value)?;
            write_number(number, out);
            return Ok(Some(number.as_f64()));
        }
        FieldKind::String => {
            let text =
                json_text::string(value).ok_or_else(|| ValueFault::wrong_type("a text", value))?;
            check_characters(limits, &text)?;
            let Some(case) = limits.and_then(|field| field.case) else {
                check_choice(limits, &Choice::Text(&text), value)?;
                out.push_str(value);
                return Ok(None);
            };
            let kept = case.of(&text);
            check_choice(limits, &Choice::Text(&kept), value)?;
            match kept {
                Cow::Borrowed(_) => out.push_str(value),
                Cow::Owned(kept) => out.push_str(&json_text::quoted(&kept)),
            }
        }
        FieldKind::Boolean => {
            let truth = boolean(value)?;
            check_choice(limits, &Choice::Boolean(truth), value)?;
            out.push_str(if truth { "true" } else { "false" });
        }
        FieldKind::Timestamp => {
            let at = read_timestamp(value).ok_or_else(|| invalid_timestamp(value))?;
            write!(out, "\"{at}\"").expect("a String takes everything");
        }
        FieldKind::Uuid => {
            let id = read_uuid(value).ok_or_else(|| invalid_uuid(value))?;
            write!(out, "\"{id}\"").expect("a String takes everything");
        }
        FieldKind::Array(items) => {
            if !value.starts_with('[') {
                return Err(ValueFault::wrong_type("a list", value));
            }
            check_length(limits, usize::MAX, json_text::items(value).count(), "item")?;
            write_items(items, value, out)?;
        }
        FieldKind::Object if !value.starts_with('{') => {
            return Err(ValueFault::wrong_type("an object", value));
        }
        FieldKind::Object | FieldKind::Any => out.push_str(&json_text::compact(value)),
    }
    Ok(None)
}

fn write_items(kind: &FieldKind, list: &str, out: &mut String) -> Result<(), ValueFault> {
    out.push('[');
    for (index, item) in json_text::items(list).enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_as(kind, None, item, out).map_err(|fault| fault.inside(index))?;
    }
    out.push(']');
    Ok(())
}

/// A time as clients send it: text as [`Timestamp::parse`] reads it, or a number as [`Timestamp::from_number`] does.
pub(super) fn read_timestamp(value: &str) -> Option<Timestamp> {
    if json_text::is_number(value) {
        return match numeric(value)? {
            Numeric::Whole(number) => Timestamp::from_number(number),
            Numeric::Float(number) => Timestamp::from_fraction(number),
        };
    }
    Timestamp::parse(&json_text::string(value)?)
}

pub(super) fn invalid_timestamp(value: &str) -> ValueFault {
    ValueFault::new(
        RejectCode::InvalidTimestamp,
        format!(
            "must be a time such as \"2026-11-23T10:00:00Z\" or milliseconds since 1970, but is {}",
            shown(value)
        ),
    )
}

/// A UUID in any of its usual spellings.
pub(super) fn read_uuid(value: &str) -> Option<Uuid> {
    Uuid::try_parse(json_text::string(value)?.trim()).ok()
}

pub(super) fn invalid_uuid(value: &str) -> ValueFault {
    ValueFault::new(RejectCode::InvalidUuid, format!("must be a UUID, but is {}", shown(value)))
}

/// A number, or a text that holds nothing but one.
pub(super) fn numeric(value: &str) -> Option<Numeric> {
    if json_text::is_number(value) {
        return read_number(value);
    }
    read_number(json_text::string(value)?.trim())
}

fn read_number(text: &str) -> Option<Numeric> {
    if let Ok(whole) = text.parse() {
        return Some(Numeric::Whole(whole));
    }
    // Rust also reads `inf` and `nan`, which no client means.
    let looks_numeric =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    looks_numeric.then(|| text.parse().ok().map(Numeric::Float)).flatten()
}

fn whole_number(value: &str) -> Result<i64, ValueFault> {
    let wrong_type = || ValueFault::wrong_type("a whole number", value);
    let too_great = || {
        ValueFault::new(
            RejectCode::OutOfRange,
            format!("must be between -{INTEGER_MAX} and {INTEGER_MAX}, but is {}", shown(value)),
        )
    };
    let whole = match numeric(value).ok_or_else(wrong_type)? {
        Numeric::Whole(whole) => whole,
        Numeric::Float(float) if float.abs() > INTEGER_MAX as f64 => return Err(too_great()),
        Numeric::Float(float) if float.fract() != 0.0 => return Err(wrong_type()),
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        Numeric::Float(float) => float as i64,
    };
    if (-INTEGER_MAX..=INTEGER_MAX).contains(&whole) { Ok(whole) } else { Err(too_great()) }
}

fn finite_number(value: &str) -> Result<Numeric, ValueFault> {
    let number = numeric(value).ok_or_else(|| ValueFault::wrong_type("a number", value))?;
    if number.as_f64().is_finite() {
        return Ok(number);
    }
    let message = format!("must be between -1.8e308 and 1.8e308, but is {}", shown(value));
    Err(ValueFault::new(RejectCode::OutOfRange, message))
}

fn write_number(number: Numeric, out: &mut String) {
    match number {
        Numeric::Whole(whole) => write!(out, "{whole}").expect("a String takes everything"),
        Numeric::Float(float) => {
            out.push_str(&serde_json::to_string(&float).expect("a finite number is JSON"));
        }
    }
}

fn boolean(value: &str) -> Result<bool, ValueFault> {
    match value {
        "true" | "\"true\"" => Ok(true),
        "false" | "\"false\"" => Ok(false),
        _ => Err(ValueFault::wrong_type("true or false", value)),
    }
}

fn check_range(limits: Option<&Field>, number: f64, value: &str) -> Result<(), ValueFault> {
    let Some(field) = limits else { return Ok(()) };
    if field.counted_times > 0 {
        check_countable(field, number, value)?;
    }
    let limit = match (field.min, field.max) {
        (Some(min), _) if number < min => format!("at least {min}"),
        (_, Some(max)) if number > max => format!("at most {max}"),
        _ => return Ok(()),
    };
    let message = format!("must be {limit}, but is {}", shown(value));
    Err(ValueFault::new(RejectCode::OutOfRange, message))
}

/// A number that is counted must be one that every board and statistic which counts it can add exactly.
fn check_countable(field: &Field, number: f64, value: &str) -> Result<(), ValueFault> {
    let times = field.counted_times as f64;
    let countable = INTEGER_MAX as f64;
    if (number * times).round().abs() <= countable {
        return Ok(());
    }
    let most = (countable / times).floor();
    let message = format!(
        "must be between -{most} and {most}, because it is counted, but is {}",
        shown(value)
    );
    Err(ValueFault::new(RejectCode::OutOfRange, message))
}

fn check_characters(limits: Option<&Field>, text: &str) -> Result<(), ValueFault> {
    let Some(field) = limits else { return Ok(()) };
    // Characters are counted only where the bytes, which are never fewer, do not settle it.
    let least_is_met = field.min_length.is_none_or(|min| min == 0 || min == 1 && !text.is_empty());
    if least_is_met && text.len() <= field.max_length.unwrap_or(TEXT_CHARS_MAX) {
        return Ok(());
    }
    check_length(limits, TEXT_CHARS_MAX, text.chars().count(), "character")
}

fn check_length(
    limits: Option<&Field>,
    default_max: usize,
    found: usize,
    unit: &str,
) -> Result<(), ValueFault> {
    let Some(field) = limits else { return Ok(()) };
    let min = field.min_length.unwrap_or(0);
    let max = field.max_length.unwrap_or(default_max);
    let wanted = if (min..=max).contains(&found) {
        return Ok(());
    } else if min == max {
        format!("exactly {}", counted(min, unit))
    } else if found < min {
        format!("at least {}", counted(min, unit))
    } else {
        format!("at most {}", counted(max, unit))
    };
    let message = format!("must have {wanted}, but has {found}");
    Err(ValueFault::new(RejectCode::WrongLength, message))
}

/// A value as it is compared with the choices of the definition.
enum Choice<'v> {
    Text(&'v str),
    Number(f64),
    Boolean(bool),
}

fn check_choice(limits: Option<&Field>, found: &Choice<'_>, value: &str) -> Result<(), ValueFault> {
    let Some(field) = limits.filter(|field| !field.one_of.is_empty()) else { return Ok(()) };
    let allowed = field.one_of.iter().any(|literal| match (literal, found) {
        (Literal::Text(wanted), Choice::Text(found)) => **wanted == **found,
        #[expect(clippy::float_cmp, reason = "a choice is met exactly or not at all")]
        (Literal::Integer(wanted), Choice::Number(found)) => *wanted as f64 == *found,
        (Literal::Boolean(wanted), Choice::Boolean(found)) => wanted == found,
        _ => false,
    });
    if allowed {
        return Ok(());
    }
    let all = field.one_of.iter().map(|literal| match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Integer(number) => number.to_string(),
        Literal::Boolean(truth) => truth.to_string(),
    });
    let message = format!("must be {}, but is {}", choices(all), shown(value));
    Err(ValueFault::new(RejectCode::NotAllowed, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_numbers_and_texts_alike() {
        for text in ["12", "\"12\"", "\" +12 \"", "\"012\""] {
            assert_eq!(numeric(text), Some(Numeric::Whole(12)), "{text}");
        }
        for text in ["1.5e1", "\"15.0\""] {
            assert_eq!(numeric(text), Some(Numeric::Float(15.0)), "{text}");
        }
        for text in ["\"\"", "\"inf\"", "\"NaN\"", "\"1e\"", "\"-\"", "\"1 2\"", "true", "[1]"] {
            assert_eq!(numeric(text), None, "{text}");
        }
        assert_eq!(numeric("1e999"), Some(Numeric::Float(f64::INFINITY)));
    }

    #[test]
    fn whole_numbers_end_at_two_to_the_53() {
        assert_eq!(whole_number("9007199254740991"), Ok(9_007_199_254_740_991));
        assert_eq!(whole_number("-9007199254740991"), Ok(-9_007_199_254_740_991));
        assert_eq!(whole_number("12.0"), Ok(12));
        assert_eq!(whole_number("1e3"), Ok(1_000));
        assert_eq!(whole_number("-0"), Ok(0));
        let code = |value| whole_number(value).expect_err(value).code;
        for value in
            ["9007199254740992", "-9007199254740992", "1e16", "1e999", "99999999999999999999"]
        {
            assert_eq!(code(value), RejectCode::OutOfRange, "{value}");
        }
        for value in ["12.5", "1e-1", "\"twelve\"", "null", "{}"] {
            assert_eq!(code(value), RejectCode::WrongType, "{value}");
        }
    }

    #[test]
    fn times_are_read_from_texts_and_numbers() {
        let at = Timestamp::from_ms(1_795_428_000_000);
        for value in ["1795428000000", "1795428000000.9", "1.795428e12", "\"2026-11-23T10:00:00Z\""]
        {
            assert_eq!(read_timestamp(value), at, "{value}");
        }
        for value in ["1e300", "-1e300", "99999999999999999", "true", "\"soon\"", "null"] {
            assert_eq!(read_timestamp(value), None, "{value}");
        }
    }
}
