//! Values for the fields of events: within what the definition allows, written as devices write them.

use scoreline_core::game::{Field, FieldKind, Literal};
use scoreline_core::time::Timestamp;

use crate::chance::Chance;
use crate::shape::FieldShape;

/// How far above its least value a number without a greatest one goes.
const SPAN: f64 = 1_000.0;
/// Characters of a text beyond its least length.
const TEXT_CHARS: usize = 12;
/// How often a value that some condition asks for is drawn.
const ASKED: f64 = 0.6;
/// How often a whole number is sent as a text of digits, as some SDKs do.
const AS_DIGITS: f64 = 0.03;
/// How often a field that may be absent is sent.
const OPTIONAL: f64 = 0.7;
/// How often a field that may be null is.
const NULL: f64 = 0.05;
/// How often a text in which case does not matter comes in the other case.
const OTHER_CASE: f64 = 0.1;

/// A value as it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// There, and nothing.
    Null,
    Integer(i64),
    Number(f64),
    Text(String),
    Boolean(bool),
    /// What nothing counts: lists and objects.
    Other,
}

/// A value, and the JSON that is sent for it.
pub(crate) struct Drawn {
    pub value: Value,
    pub json: String,
}

impl Drawn {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self { value: Value::Text(text.to_owned()), json: quoted(text) }
    }

    /// A whole number.
    pub fn integer(number: i64) -> Self {
        Self { value: Value::Integer(number), json: number.to_string() }
    }
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is plain data")
}

/// What stands in for an absent field.
pub(crate) fn default_of(field: &Field) -> Option<Value> {
    let default: serde_json::Value = serde_json::from_str(field.default.as_ref()?).ok()?;
    Some(match default {
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Bool(truth) => Value::Boolean(truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Number(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::Null => Value::Null,
        _ => Value::Other,
    })
}

/// A value for a field at a time; `None` leaves it out.
pub(crate) fn draw(shape: &FieldShape, now_ms: i64, chance: &mut Chance) -> Option<Drawn> {
    let field = &shape.field;
    if !field.required && !chance.hits(OPTIONAL) {
        return None;
    }
    if field.nullable && chance.hits(NULL) {
        return Some(Drawn { value: Value::Null, json: "null".to_owned() });
    }
    if let Some(literal) = literal(shape, chance) {
        return Some(of_literal(&literal, field, chance));
    }
    Some(of_kind(&field.kind, shape, now_ms, chance))
}

/// One of the values that may be, or that are asked for.
fn literal(shape: &FieldShape, chance: &mut Chance) -> Option<Literal> {
    let allowed = &shape.field.one_of;
    let asked = !shape.asked.is_empty() && chance.hits(ASKED);
    let from = if asked { &shape.asked } else { allowed };
    let picked = from.get(chance.place(from.len()))?.clone();
    (allowed.is_empty() || allowed.contains(&picked)).then_some(picked)
}

fn of_literal(literal: &Literal, field: &Field, chance: &mut Chance) -> Drawn {
    match literal {
        Literal::Text(text) => in_some_case(text, field, chance),
        Literal::Integer(number) => Drawn::integer(*number),
        Literal::Boolean(truth) => Drawn { value: Value::Boolean(*truth), json: truth.to_string() },
    }
}

/// A text that is kept in one case may come in the other.
fn in_some_case(text: &str, field: &Field, chance: &mut Chance) -> Drawn {
    let Some(case) = field.case else { return Drawn::text(text) };
    let sent = if chance.hits(OTHER_CASE) { swapped(text) } else { text.to_owned() };
    Drawn { value: Value::Text(case.of(text).into_owned()), json: quoted(&sent) }
}

fn swapped(text: &str) -> String {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    text.chars().map(swap).collect()
}

fn of_kind(kind: &FieldKind, shape: &FieldShape, now_ms: i64, chance: &mut Chance) -> Drawn {
    let other = |json: String| Drawn { value: Value::Other, json };
    match kind {
        FieldKind::String => text(&shape.field, chance),
        FieldKind::Integer => integer(shape, chance),
        FieldKind::Number => number(shape, chance),
        FieldKind::Boolean => {
            let truth = chance.hits(0.5);
            Drawn { value: Value::Boolean(truth), json: truth.to_string() }
        }
        FieldKind::Timestamp => {
            let at = Timestamp::from_stored_ms(now_ms - chance.between(0, 86_400_000));
            other(quoted(&at.to_string()))
        }
        FieldKind::Uuid => {
            let bits = u128::from(chance.next()) << 64 | u128::from(chance.next());
            let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
            other(quoted(&id.to_string()))
        }
        FieldKind::Array(items) => array(items, shape, now_ms, chance),
        FieldKind::Object => other(format!("{{\"n\":{}}}", chance.below(100))),
        FieldKind::Any => match chance.below(3) {
            0 => Drawn::integer(chance.between(0, 100)),
            1 => Drawn::text("on"),
            _ => Drawn { value: Value::Boolean(true), json: "true".to_owned() },
        },
    }
}

fn array(items: &FieldKind, shape: &FieldShape, now_ms: i64, chance: &mut Chance) -> Drawn {
    let least = shape.field.min_length.unwrap_or(0);
    let most = shape.field.max_length.unwrap_or(least + 3).min(least + 3);
    let count = least + chance.place(most - least + 1);
    // What the field says of lengths is about the list.
    let mut item = shape.field.clone();
    (item.min_length, item.max_length) = (None, None);
    let item = FieldShape { field: item, asked: Vec::new(), ranges: Vec::new() };
    let items: Vec<String> =
        (0..count).map(|_| of_kind(items, &item, now_ms, chance).json).collect();
    Drawn { value: Value::Other, json: format!("[{}]", items.join(",")) }
}

fn text(field: &Field, chance: &mut Chance) -> Drawn {
    const LETTERS: [char; 24] = [
        'a', 'b', 'c', 'd', 'e', 'g', 'i', 'k', 'l', 'm', 'n', 'o', 'r', 's', 't', 'u', '0', '1',
        '7', '_', ' ', 'é', '漢', '🚀',
    ];
    let least = field.min_length.unwrap_or(1).max(1);
    let most = field.max_length.unwrap_or(usize::MAX).min(least + TEXT_CHARS).max(least);
    let length = least + chance.place(most - least + 1);
    let letters = if field.case.is_some() { &LETTERS[..16] } else { &LETTERS };
    let text: String = (0..length).map(|_| letters[chance.place(letters.len())]).collect();
    in_some_case(&text, field, chance)
}

/// The least and the greatest value to draw, as a condition or the definition wants it.
fn bounds(shape: &FieldShape, chance: &mut Chance) -> (f64, f64) {
    let field = &shape.field;
    let least = field.min.unwrap_or_else(|| field.max.map_or(0.0, |max| max.min(0.0)));
    let most = field.max.map_or(least + SPAN, |max| max.min(least + 10.0 * SPAN));
    if !shape.ranges.is_empty() && chance.hits(ASKED) {
        let (at_least, at_most) = shape.ranges[chance.place(shape.ranges.len())];
        let low = at_least.unwrap_or(least).max(least);
        let high = at_most.unwrap_or(low + SPAN).min(field.max.unwrap_or(f64::MAX));
        if low <= high {
            return (low, high);
        }
    }
    (least, most)
}

fn integer(shape: &FieldShape, chance: &mut Chance) -> Drawn {
    let (least, most) = bounds(shape, chance);
    let number = chance.between(whole(least.ceil()), whole(most.floor()));
    let mut drawn = Drawn::integer(number);
    if chance.hits(AS_DIGITS) {
        drawn.json = format!("\"{number}\"");
    }
    drawn
}

/// A number with at most two digits behind the point.
fn number(shape: &FieldShape, chance: &mut Chance) -> Drawn {
    let (least, most) = bounds(shape, chance);
    let hundredths = chance.between(whole((least * 100.0).ceil()), whole((most * 100.0).floor()));
    of_hundredths(hundredths)
}

fn of_hundredths(hundredths: i64) -> Drawn {
    if hundredths % 100 == 0 {
        return Drawn::integer(hundredths / 100);
    }
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let json = format!("{sign}{whole}.{rest:02}");
    Drawn { value: Value::Number(json.parse().expect("digits and a point")), json }
}

/// The number of a value.
pub(crate) fn number_of(value: Option<&Value>) -> Option<f64> {
    match value {
        Some(Value::Integer(number)) => Some(*number as f64),
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// A number of the same kind that is at most `limit`, if the field allows one.
pub(crate) fn at_most(field: &Field, limit: f64, chance: &mut Chance) -> Option<Drawn> {
    let least = field.min.unwrap_or_else(|| limit.min(0.0));
    if least > limit || !field.one_of.is_empty() {
        return None;
    }
    let high = limit.min(field.max.unwrap_or(f64::MAX));
    if field.kind == FieldKind::Number {
        let (low, high) = (whole((least * 100.0).ceil()), whole((high * 100.0).floor()));
        return Some(of_hundredths(chance.between(low, high.max(low))));
    }
    let (low, high) = (whole(least.ceil()), whole(high.floor()));
    Some(Drawn::integer(chance.between(low, high.max(low))))
}

/// A number that is above `limit`, if the field allows one.
pub(crate) fn above(field: &Field, limit: f64, chance: &mut Chance) -> Option<Drawn> {
    let number = whole(limit.max(0.0).floor()) + 1 + chance.between(0, 1_000);
    let fits = number as f64 <= field.max.unwrap_or(9e15) && field.one_of.is_empty();
    fits.then(|| Drawn::integer(number))
}

/// A number without a fraction as a whole number; the ends where it is beyond.
fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "casts saturate")]
    let whole = number as i64;
    whole
}
