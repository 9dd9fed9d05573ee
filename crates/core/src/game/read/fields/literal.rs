//! Values in the definition that stand for values of events.

use std::sync::Arc;

use serde_json::{Map, Number, Value};
use toml::de::DeValue;

use super::{all_choices, described};
use crate::event;
use crate::game::read::document::{Node, quoted};
use crate::game::{Field, FieldKind, Literal};
use crate::suggestion::did_you_mean;

/// A value that some event could have in this field.
pub fn literal(node: &Node<'_>, field: &Field) -> Option<Literal> {
    let literal = match field.kind {
        FieldKind::String => {
            let text = node.text()?;
            let kept = field.case.map_or(text.into(), |case| case.of(text));
            Literal::Text(Arc::from(&*kept))
        }
        FieldKind::Integer | FieldKind::Number => Literal::Integer(node.integer()?),
        FieldKind::Boolean => Literal::Boolean(node.boolean()?),
        FieldKind::Any => any(node)?,
        FieldKind::Timestamp | FieldKind::Uuid | FieldKind::Array(_) | FieldKind::Object => {
            let kind = described(&field.kind);
            node.mistake(format!("{} is {kind}, which cannot be compared", field.name));
            return None;
        }
    };
    if !field.one_of.is_empty() && !field.one_of.contains(&literal) {
        let (written, choices) = (written(&literal), all_choices(field));
        let reason = format!("{} is never {written}: it is {choices}", field.name);
        node.mistake_with(reason, nearest(&literal, field));
        return None;
    }
    if let Err(problem) = event::normal_form(field, &to_json(&literal).to_string()) {
        node.mistake(format!("no event may have it: it {problem}"));
        return None;
    }
    Some(literal)
}

fn any(node: &Node<'_>) -> Option<Literal> {
    match node.value() {
        DeValue::String(_) => node.text().map(|text| Literal::Text(Arc::from(text))),
        DeValue::Integer(_) => node.integer().map(Literal::Integer),
        DeValue::Boolean(truth) => Some(Literal::Boolean(*truth)),
        _ => {
            node.mistake("must be a text, a whole number, true or false");
            None
        }
    }
}

fn nearest(literal: &Literal, field: &Field) -> Option<String> {
    let Literal::Text(written) = literal else { return None };
    let texts = field.one_of.iter().filter_map(|choice| match choice {
        Literal::Text(text) => Some(&**text),
        _ => None,
    });
    did_you_mean(written, texts)
}

/// A literal as a message repeats it.
pub fn written(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => quoted(text),
        Literal::Integer(number) => number.to_string(),
        Literal::Boolean(truth) => truth.to_string(),
    }
}

fn to_json(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::from(&**text),
        Literal::Integer(number) => Value::from(*number),
        Literal::Boolean(truth) => Value::from(*truth),
    }
}

/// Whether a value of the file is of a field's kind, without the leniency that events enjoy.
pub fn is_of_kind(value: &DeValue<'_>, kind: &FieldKind) -> bool {
    match kind {
        FieldKind::String | FieldKind::Uuid => value.is_str(),
        FieldKind::Integer => value.is_integer(),
        FieldKind::Number => value.is_integer() || value.is_float(),
        FieldKind::Boolean => value.is_bool(),
        FieldKind::Timestamp => value.is_str() || value.is_datetime(),
        FieldKind::Array(items) => value
            .as_array()
            .is_some_and(|array| array.iter().all(|item| is_of_kind(item.get_ref(), items))),
        FieldKind::Object => value.is_table(),
        FieldKind::Any => true,
    }
}

/// A value of the file as JSON.
pub fn json(node: &Node<'_>) -> Option<Value> {
    let value = to_json_value(node.value());
    if value.is_none() {
        node.mistake("must not contain NUL characters, nor numbers that are infinite or too large");
    }
    value
}

/// Recursion ends where the TOML parser's does, at 80 levels.
fn to_json_value(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(storable(text)?),
        DeValue::Integer(number) => {
            Value::from(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Float(number) => Value::from(Number::from_f64(number.as_str().parse().ok()?)?),
        DeValue::Boolean(truth) => Value::from(*truth),
        DeValue::Datetime(at) => Value::from(at.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| to_json_value(item.get_ref()));
            Value::Array(items.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let mut object = Map::new();
            for (key, value) in table {
                let key = storable(key.get_ref())?.to_owned();
                object.insert(key, to_json_value(value.get_ref())?);
            }
            Value::Object(object)
        }
    })
}

fn storable(text: &str) -> Option<&str> {
    (!text.contains('\0')).then_some(text)
}
