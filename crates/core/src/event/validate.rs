//! Checks one event against the game definition.
//!
//! An event is taken apart once, into borrowed keys and unparsed values; then the rules ask for the
//! fields they know, in the order of the definition, and write their normal form into the payload.
//! The first mistake is the answer. What an event is identified by never depends on the definition
//! or on its arrival, so that a repetition is recognised across both.

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use uuid::Uuid;

use super::common_fields;
use super::digest::Content;
use super::fault::{Fault, shortened};
use super::json_text::{self, TextFault};
use super::object::{Object, Pair, TooManyFields};
use super::payload::Payload;
use super::value::{self, Numeric};
use super::{Event, RejectCode, Rejected};
use crate::game::{Definition, EventType, Field, FieldKind, UnknownFields};
use crate::id::{EventKey, PlayerId};
use crate::limits::{
    CLOCK_SKEW_TOLERATED_MS, EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS, EVENT_BYTES_MAX,
    EVENT_DEPTH_MAX, EVENT_FIELDS_MAX, EVENT_TYPE_CHARS_MAX,
};
use crate::time::Timestamp;

/// Characters of a rejected event's own id that are kept.
const SENT_ID_CHARS_MAX: usize = 100;

/// What all events of one request share while they are checked.
#[derive(Debug)]
pub struct Validator<'d> {
    definition: &'d Definition,
    received_at: Timestamp,
    sent_at: Option<Timestamp>,
    only_player: Option<PlayerId>,
    /// How many events of each content came so far.
    occurrences: FxHashMap<Content, u32>,
    last_player: Option<PlayerId>,
}

/// An event that passed, still without what depends on its neighbours and its arrival.
struct Checked {
    event_type: std::sync::Arc<str>,
    player: PlayerId,
    time: Timestamp,
    id: Option<Uuid>,
    payload: Payload,
}

impl<'d> Validator<'d> {
    /// Starts the checks of one request.
    ///
    /// `only_player` is the player whose token came with the request: events of others are
    /// rejected.
    pub fn new(
        definition: &'d Definition,
        received_at: Timestamp,
        sent_at: Option<Timestamp>,
        only_player: Option<PlayerId>,
    ) -> Self {
        Self {
            definition,
            received_at,
            sent_at,
            only_player,
            occurrences: FxHashMap::default(),
            last_player: None,
        }
    }

    /// Checks the next event of the request. `index` is its place in the body.
    ///
    /// Identical events are told apart by how many of the same content came before them, so the
    /// events of a request must be checked in their order, by one validator.
    pub fn check(&mut self, index: usize, raw: &RawValue) -> Result<Event, Box<Rejected>> {
        self.examine(index, raw.get(), None)
    }

    /// Checks an event out of quarantine as if it came again, with the occurrence it had then.
    pub fn check_again(&mut self, occurrence: u32, raw: &RawValue) -> Result<Event, Box<Rejected>> {
        self.examine(0, raw.get(), Some(occurrence))
    }

    fn examine(
        &mut self,
        index: usize,
        json: &str,
        occurrence: Option<u32>,
    ) -> Result<Event, Box<Rejected>> {
        let mut object = Object::default();
        let taken_apart = take_apart(json, &mut object);
        let whole = taken_apart.is_ok();
        let checked = taken_apart.and_then(|()| self.check_object(json, &mut object));
        let own_id = checked.as_ref().ok().and_then(|checked| checked.id);
        let (id, occurrence) = if let Some(own_id) = own_id {
            (own_id, 0)
        } else {
            let content = if whole { Content::of_object(&object) } else { Content::of_text(json) };
            let occurrence = occurrence.unwrap_or_else(|| self.next_occurrence(content));
            (content.id(occurrence), occurrence)
        };
        match checked {
            Ok(checked) => Ok(self.accept(checked, id)),
            Err(fault) => {
                Err(Box::new(self.reject(index, json, &mut object, fault, (occurrence, id))))
            }
        }
    }

    fn next_occurrence(&mut self, content: Content) -> u32 {
        let count = self.occurrences.entry(content).or_insert(0);
        let occurrence = *count;
        *count += 1;
        occurrence
    }

    fn accept(&mut self, checked: Checked, id: Uuid) -> Event {
        let Checked { event_type, player, time, payload, .. } = checked;
        self.last_player = Some(player.clone());
        Event {
            key: EventKey { time, id },
            player,
            event_type,
            received_at: self.received_at,
            counted_at: self.counted_at(time),
            payload: payload.finish(),
        }
    }

    /// When an event of this client time counts. A request that was sent at another time than it
    /// was received shows how wrong the device's clock is.
    fn counted_at(&self, time: Timestamp) -> Timestamp {
        let skew_ms = self.sent_at.map_or(0, |sent_at| self.received_at.ms_since(sent_at));
        let corrected =
            if skew_ms.abs() > CLOCK_SKEW_TOLERATED_MS { time.plus_ms(skew_ms) } else { time };
        let age_ms = self.received_at.ms_since(corrected);
        if (-EVENT_AHEAD_MAX_MS..=EVENT_AGE_MAX_MS).contains(&age_ms) {
            corrected
        } else {
            self.received_at
        }
    }

    fn reject(
        &self,
        index: usize,
        json: &str,
        object: &mut Object<'_>,
        fault: Fault,
        (occurrence, digest): (u32, Uuid),
    ) -> Rejected {
        let mut text = |name, chars_max| {
            let text = json_text::string(object.get(name)?)?;
            let fits = text.chars().nth(chars_max).is_none() && !text.contains('\0');
            fits.then(|| text.into_owned())
        };
        let event_type = text("event_type", EVENT_TYPE_CHARS_MAX);
        let event_id = text("event_id", SENT_ID_CHARS_MAX);
        let player = object.get("user_id").and_then(json_text::string);
        Rejected {
            index,
            event_type,
            player: player.and_then(|text| PlayerId::new(&text).ok()),
            event_id,
            code: fault.code,
            field: fault.field,
            message: fault.message,
            received_at: self.received_at,
            sent_at: self.sent_at,
            occurrence,
            digest,
            raw: Box::from(json),
        }
    }

    fn check_object(&self, json: &str, object: &mut Object<'_>) -> Result<Checked, Fault> {
        check_size(json, object)?;
        if let Some(key) = object.duplicate() {
            let message = "stands in the event more than once";
            return Err(Fault::of_field(RejectCode::DuplicateField, key, message));
        }
        check_texts(json, object)?;
        // Who speaks is checked first: whatever else is wrong with an event, a requeue would take
        // it for its player's word.
        let player = common_fields::player(object, self.last_player.as_ref())?;
        if self.only_player.as_ref().is_some_and(|only| *only != player) {
            let message = "must be the player of the session, but is another one";
            return Err(Fault::of_field(RejectCode::WrongPlayer, "user_id", message));
        }
        let event_type = self.event_type(object)?;
        let time = common_fields::timestamp(object)?;
        let id = common_fields::event_id(object)?;
        let mut payload = Payload::with_capacity(json.len());
        self.check_carried_fields(event_type, object, &mut payload)?;
        check_own_fields(event_type, object, &mut payload)?;
        keep_unknown_fields(event_type, object, &mut payload)?;
        Ok(Checked { event_type: event_type.name.clone(), player, time, id, payload })
    }

    /// The common fields that go into the payload. A type may ask more of one than all types do;
    /// then it is checked twice and written by the type's own rule.
    fn check_carried_fields(
        &self,
        event_type: &EventType,
        object: &mut Object<'_>,
        payload: &mut Payload,
    ) -> Result<(), Fault> {
        let own = &event_type.fields;
        let declares_any = own.iter().any(|own| common_fields::is_carried(&own.name));
        let declares = |name: &str| declares_any && own.iter().any(|own| *own.name == *name);
        let platform = common_fields::platform(object, &self.definition.game.platforms)?;
        if !declares("platform") {
            payload.raw("\"platform\"", platform);
        }
        for field in common_fields::carried() {
            let mark = payload.mark();
            check_field(field, object, payload)?;
            if declares(&field.name) {
                payload.rewind(mark);
            }
        }
        Ok(())
    }

    fn event_type(&self, object: &mut Object<'_>) -> Result<&'d EventType, Fault> {
        let name = common_fields::event_type(object)?;
        self.definition.events.get(&*name).ok_or_else(|| {
            let message = format!("\"{}\" is not defined for this game", shortened(&name));
            Fault::of_field(RejectCode::UnknownEventType, "event_type", &message)
        })
    }
}

/// Reads the fields of an event, if it is an object of bounded size.
fn take_apart<'e>(json: &'e str, object: &mut Object<'e>) -> Result<(), Fault> {
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

fn check_size(json: &str, object: &Object<'_>) -> Result<(), Fault> {
    if json.len() > EVENT_BYTES_MAX {
        let limit = format!("at most {EVENT_BYTES_MAX} bytes, but has {}", json.len());
        return Err(too_large(&limit));
    }
    let depth = |value: &str| 1 + json_text::depth(value);
    let nested = object.pairs.iter().filter(|pair| json_text::is_nested(pair.value));
    match nested.map(|pair| (pair, depth(pair.value))).find(|(_, depth)| *depth > EVENT_DEPTH_MAX) {
        Some((pair, depth)) => {
            let message = format!(
                "must not make the event nest more than {EVENT_DEPTH_MAX} deep, but does {depth}"
            );
            Err(Fault::of_field(RejectCode::TooLarge, &pair.key, &message))
        }
        None => Ok(()),
    }
}

/// Texts anywhere in the event must be such that a store can hold them.
fn check_texts(json: &str, object: &Object<'_>) -> Result<(), Fault> {
    let Some(fault) = json_text::text_fault(json) else { return Ok(()) };
    let (code, problem) = match fault {
        TextFault::Nul => (RejectCode::NulCharacter, "the NUL character"),
        TextFault::LoneSurrogate => {
            (RejectCode::WrongType, "half of a surrogate pair, which is no character")
        }
    };
    let in_value = |pair: &&Pair<'_>| json_text::text_fault(pair.value) == Some(fault);
    let in_key = |pair: &&Pair<'_>| json_text::text_fault(pair.raw_key) == Some(fault);
    match object.pairs.iter().find(|pair| in_key(pair) || in_value(pair)) {
        Some(pair) if in_value(&pair) => {
            Err(Fault::of_field(code, &pair.key, &format!("must not contain {problem}")))
        }
        Some(pair) => {
            let message = format!("must not have {problem} in its name");
            Err(Fault::of_field(code, &pair.key, &message))
        }
        None => Err(Fault::of_event(code, format!("an event must not contain {problem}"))),
    }
}

/// Checks one declared field and writes it, or what stands in for it. Answers its number.
fn check_field(
    field: &Field,
    object: &mut Object<'_>,
    payload: &mut Payload,
) -> Result<Option<f64>, Fault> {
    let value = object.get(&field.name);
    let null_is_a_value = field.nullable || field.kind == FieldKind::Any;
    match value {
        Some("null") if null_is_a_value => {
            payload.field(&field.name).push_str("null");
            Ok(None)
        }
        Some("null") if field.required => {
            Err(common_fields::missing(&field.name, "is required, but is null"))
        }
        Some("null") | None => {
            if let Some(default) = &field.default {
                payload.field(&field.name).push_str(default);
                return Ok(value::numeric(default).map(Numeric::as_f64));
            }
            if field.required {
                return Err(common_fields::missing(&field.name, "is required"));
            }
            Ok(None)
        }
        Some(value) => value::write(field, value, payload.field(&field.name))
            .map_err(|fault| fault.of(&field.name)),
    }
}

/// Checks the fields that the type declares, in their order, then its plausibility rules.
fn check_own_fields(
    event_type: &EventType,
    object: &mut Object<'_>,
    payload: &mut Payload,
) -> Result<(), Fault> {
    let mut numbers: SmallVec<[Option<f64>; 32]> = SmallVec::new();
    for field in &event_type.fields {
        // An event holds these itself; a payload that repeated them could contradict it.
        let number = if common_fields::is_identity(&field.name) {
            None
        } else {
            check_field(field, object, payload)?
        };
        numbers.push(number);
    }
    for rule in &event_type.plausibility {
        let number = |name: &str| {
            let place = event_type.fields.iter().position(|field| *field.name == *name)?;
            numbers[place]
        };
        // A rule says nothing about an event without one of its fields.
        let (Some(found), Some(measure)) = (number(&rule.field), number(&rule.of)) else {
            continue;
        };
        let limit = rule.factor * measure;
        if found > limit {
            let message = format!(
                "must be at most {} × {} ({} × {measure} = {limit}), but is {found}",
                rule.factor, rule.of, rule.factor
            );
            return Err(Fault::of_field(RejectCode::Implausible, &rule.field, &message));
        }
    }
    Ok(())
}

fn keep_unknown_fields(
    event_type: &EventType,
    object: &Object<'_>,
    payload: &mut Payload,
) -> Result<(), Fault> {
    for pair in object.unknown() {
        if event_type.unknown_fields == UnknownFields::Reject {
            let message = format!("is not a field of {}", event_type.name);
            return Err(Fault::of_field(RejectCode::UnknownField, &pair.key, &message));
        }
        payload.raw(pair.raw_key, &json_text::compact(pair.value));
    }
    Ok(())
}
