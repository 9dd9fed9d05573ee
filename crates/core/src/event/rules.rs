//! The rules for the fields of an event: its size, its texts, what its type says of each field.
//!
//! A rule never stops at the first mistake. A value that is not as defined either costs the event or is
//! set aside, as [`Field::decides`] says; what stands in for it is what stands in for an absent field.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::common_fields;
use super::fault::{Fault, ValueFault};
use super::findings::{FLAWS_KEY, Findings, SetAside};
use super::json_text::{self, TextFault};
use super::object::{Object, Pair, TooManyFields};
use super::payload::Payload;
use super::value::{self, Numeric};
use super::{RejectCode, TYPE_KEY};
use crate::game::{Consequence, EventType, Field, FieldKind, PlausibilityRule, UnknownFields};
use crate::limits::{EVENT_BYTES_MAX, EVENT_DEPTH_MAX, EVENT_FIELDS_MAX, FLAWS_LIST_BYTES_MAX};
use crate::plural::counted;

/// Reads the fields of an event, if it is an object of bounded size.
pub(super) fn take_apart<'e>(json: &'e str, object: &mut Object<'e>) -> Result<(), Fault> {
    if !json.starts_with('{') {
        let message =
            format!("an event must be a JSON object, but is {}", json_text::kind_of(json));
        return Err(Fault::of_event(RejectCode::NotAnObject, message));
    }
    object.read(json).map_err(|TooManyFields| {
        too_large(&format!("at most {EVENT_FIELDS_MAX} fields, but has more"))
    })
}

fn too_large(limit: &str) -> Fault {
    Fault::of_event(RejectCode::TooLarge, format!("an event must have {limit}"))
}

/// An event must have a bounded size.
pub(super) fn check_size(json: &str) -> Result<(), Fault> {
    if json.len() > EVENT_BYTES_MAX {
        let limit = format!("at most {EVENT_BYTES_MAX} bytes, but has {}", json.len());
        return Err(too_large(&limit));
    }
    Ok(())
}

/// Hides the fields that no rule may see: duplicates, what no store can hold, what nests too deep.
pub(super) fn hide_troubles(json: &str, object: &mut Object<'_>) {
    for place in object.duplicates() {
        let message = "stands in the event more than once";
        object.hide(place, ValueFault::new(RejectCode::DuplicateField, message));
    }
    let has_text_fault = json_text::text_fault(json).is_some();
    for place in 0..object.pairs.len() {
        let Pair { raw_key, value, .. } = object.pairs[place];
        let fault = if has_text_fault { text_trouble(raw_key, value) } else { None };
        if let Some(fault) = fault.or_else(|| depth_trouble(value)) {
            object.hide(place, fault);
        }
    }
    // What is told and kept does not depend on the order in which the fields came.
    let Object { pairs, troubles, .. } = object;
    troubles.sort_by_key(|(place, _)| (pairs[*place].raw_key, pairs[*place].value));
}

fn depth_trouble(value: &str) -> Option<ValueFault> {
    if !json_text::is_nested(value) {
        return None;
    }
    let depth = 1 + json_text::depth(value);
    let message = || {
        format!("must not make the event nest more than {EVENT_DEPTH_MAX} deep, but does {depth}")
    };
    (depth > EVENT_DEPTH_MAX).then(|| ValueFault::new(RejectCode::TooLarge, message()))
}

/// Texts must be such that a store can hold them.
fn text_trouble(raw_key: &str, value: &str) -> Option<ValueFault> {
    let told = |fault| match fault {
        TextFault::Nul => (RejectCode::NulCharacter, "the NUL character"),
        TextFault::LoneSurrogate => {
            (RejectCode::WrongType, "half of a surrogate pair, which is no character")
        }
    };
    if let Some((code, problem)) = json_text::text_fault(raw_key).map(told) {
        return Some(ValueFault::new(code, format!("must not have {problem} in its name")));
    }
    let (code, problem) = json_text::text_fault(value).map(told)?;
    Some(ValueFault::new(code, format!("must not contain {problem}")))
}

/// Reports the hidden fields: as a mistake where the field decides, as a flaw elsewhere.
pub(super) fn tell_troubles<'e>(
    event_type: &EventType,
    object: &Object<'e>,
    findings: &mut Findings<'e>,
) {
    for (place, fault) in &object.troubles {
        let Pair { key, raw_key, value, .. } = &object.pairs[*place];
        let field = event_type.field(key);
        let decides = match &**key {
            // These were reported as missing already.
            "event_type" | "user_id" => continue,
            "timestamp" => false,
            "event_id" => event_type.strict,
            _ => field
                .map_or(event_type.unknown_fields == UnknownFields::Reject, |field| field.decides),
        };
        let declared = field.is_some() || common_fields::is_identity(key);
        let fault = fault.clone().of(key);
        if decides {
            findings.mistake(fault);
        } else {
            let raw_key = Cow::Borrowed(*raw_key);
            findings.set_aside.push(SetAside { fault, declared, raw_key, value: Some(value) });
        }
    }
}

/// Checks all fields of the type and writes them, then its plausibility rules.
pub(super) fn check_fields<'e>(
    event_type: &EventType,
    object: &mut Object<'e>,
    payload: &mut Payload,
    findings: &mut Findings<'e>,
) {
    for field in &event_type.common {
        check_field(field, object, payload, findings);
    }
    let mut numbers: SmallVec<[Option<f64>; 32]> = SmallVec::new();
    for field in &event_type.fields {
        numbers.push(check_field(field, object, payload, findings));
    }
    let refusing = |rule: &&PlausibilityRule| rule.then == Consequence::Quarantine;
    for rule in event_type.plausibility.iter().filter(refusing) {
        let number = |name: &str| {
            let place = event_type.fields.iter().position(|field| *field.name == *name)?;
            numbers[place]
        };
        // A rule says nothing about an event without one of its fields.
        if let (Some(found), Some(measure)) = (number(&rule.field), number(&rule.of)) {
            check_plausible(rule, found, measure, findings);
        }
    }
}

fn check_plausible(rule: &PlausibilityRule, found: f64, measure: f64, findings: &mut Findings<'_>) {
    if let Some(message) = rule.broken_by(found, measure) {
        findings.mistake(Fault::of_field(RejectCode::Implausible, &rule.field, &message));
    }
}

/// Checks one field and writes it, or what stands in for it. Answers its number.
fn check_field<'e>(
    field: &Field,
    object: &mut Object<'e>,
    payload: &mut Payload,
    findings: &mut Findings<'e>,
) -> Option<f64> {
    let value = object.get(&field.name);
    let null_is_a_value = field.nullable || field.kind == FieldKind::Any;
    match value {
        Some("null") if null_is_a_value => {
            payload.field(&field.name).push_str("null");
            None
        }
        Some("null") | None => {
            if field.required && object.trouble(&field.name).is_none() {
                let problem =
                    if value.is_some() { "is required, but is null" } else { "is required" };
                findings.mistake(common_fields::missing(&field.name, problem));
            }
            write_absent(field, payload)
        }
        Some(value) => {
            let mark = payload.mark();
            match value::write(field, value, payload.field(&field.name)) {
                Ok(number) => number,
                Err(fault) => {
                    payload.rewind(mark);
                    check_flawed(field, value, fault, payload, findings)
                }
            }
        }
    }
}

/// What stands in for an absent field.
fn write_absent(field: &Field, payload: &mut Payload) -> Option<f64> {
    let default = field.default.as_ref()?;
    payload.field(&field.name).push_str(default);
    value::numeric(default).map(Numeric::as_f64)
}

/// Notes that a value is not as defined, and writes what stands in for it.
fn check_flawed<'e>(
    field: &Field,
    value: &'e str,
    fault: ValueFault,
    payload: &mut Payload,
    findings: &mut Findings<'e>,
) -> Option<f64> {
    let fault = fault.of(&field.name);
    // Versions and ids of sessions are texts that many clients send as numbers.
    let is_number = field.kind == FieldKind::String && json_text::is_number(value);
    if is_number && common_fields::is_carried(&field.name) && !field.strict {
        let mark = payload.mark();
        let text = format!("\"{value}\"");
        if value::write(field, &text, payload.field(&field.name)).is_ok() {
            findings.declared(false, &field.name, value, fault);
            return None;
        }
        payload.rewind(mark);
    }
    findings.declared(field.decides, &field.name, value, fault);
    write_absent(field, payload)
}

/// Keeps the type as it was sent, first of all, where the definition has a pattern only. A client that sends
/// a field of that name is told that it cannot.
pub(super) fn keep_sent_type<'e>(
    sent: &str,
    object: &mut Object<'e>,
    payload: &mut Payload,
    findings: &mut Findings<'e>,
) {
    payload.field(TYPE_KEY).push_str(&json_text::quoted(sent));
    if let Some(value) = object.get(TYPE_KEY) {
        let message = "cannot be sent: it stands for the event's type";
        let fault = ValueFault::new(RejectCode::UnknownField, message).of(TYPE_KEY);
        findings.declared(false, TYPE_KEY, value, fault);
    }
}

/// Keeps the fields that the type does not know, and last what was set aside.
pub(super) fn keep_unknown_fields<'e>(
    event_type: &EventType,
    object: &mut Object<'e>,
    payload: &mut Payload,
    findings: &mut Findings<'e>,
) {
    let kept = object.get(FLAWS_KEY);
    if event_type.unknown_fields == UnknownFields::Reject {
        for pair in object.unknown() {
            let message = format!("is not a field of {}", event_type.name);
            findings.mistake(Fault::of_field(RejectCode::UnknownField, &pair.key, &message));
        }
    } else {
        let longest = longest_kept(event_type, object, findings);
        for pair in object.unknown().filter(|pair| longest.is_none_or(|it| order(pair) <= it)) {
            payload.raw(pair.raw_key, &json_text::compact(pair.value));
        }
    }
    let is_list = kept.is_some_and(|kept| kept.starts_with('['));
    let is_short = kept.is_some_and(|kept| kept.len() <= FLAWS_LIST_BYTES_MAX);
    if let Some(value) = kept.filter(|_| !(is_list && is_short)) {
        let what = format!("a list of what was set aside, of {FLAWS_LIST_BYTES_MAX} bytes at most");
        let fault = ValueFault::wrong_type(&what, value).of(FLAWS_KEY);
        findings.declared(false, FLAWS_KEY, value, fault);
    }
    findings.write(kept.filter(|_| is_list && is_short), payload);
}

/// By what unknown fields are kept where there are too many: the shorter ones first, so that most are.
fn order<'p>(pair: &'p Pair<'_>) -> (usize, &'p str, &'p str) {
    (pair.raw_key.len() + pair.value.len(), pair.raw_key, pair.value)
}

/// The last in that order of the unknown fields that are kept, where some are not, which is noted; `None`
/// where all are.
fn longest_kept<'p>(
    event_type: &EventType,
    object: &'p Object<'_>,
    findings: &mut Findings<'_>,
) -> Option<(usize, &'p str, &'p str)> {
    let size = |pair: &Pair<'_>| order(pair).0;
    if object.unknown().map(size).sum::<usize>() <= event_type.unknown_bytes_max {
        return None;
    }
    let mut ordered: Vec<_> = object.unknown().map(order).collect();
    ordered.sort_unstable();
    let mut bytes = 0;
    let kept = ordered.iter().take_while(|(size, ..)| {
        bytes += size;
        bytes <= event_type.unknown_bytes_max
    });
    let kept = kept.count();
    let left_out = ordered.len() - kept;
    let (_, raw_key, _) = ordered[kept];
    let message = format!(
        "is not kept, like {} in all: of fields that {} does not have, an event may bring {} bytes",
        counted(left_out, "field"),
        event_type.name,
        event_type.unknown_bytes_max
    );
    let name = json_text::string(raw_key).unwrap_or_default();
    let fault = Fault::of_field(RejectCode::TooLarge, &name, &message);
    let raw_key = Cow::Owned(json_text::quoted(fault.field.as_deref().unwrap_or_default()));
    findings.set_aside.push(SetAside { fault, declared: false, raw_key, value: None });
    Some(if kept == 0 { (0, "", "") } else { ordered[kept - 1] })
}
