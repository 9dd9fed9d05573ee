//! The fields that every event has, whatever its type: type, player, time and id.

use std::borrow::Cow;

use uuid::Uuid;

use super::RejectCode;
use super::digest;
use super::fault::{Fault, ValueFault, shortened};
use super::findings::Findings;
use super::json_text;
use super::object::Object;
use super::value;
use crate::game::Game;
use crate::id::{PlayerId, PlayerIdError};
use crate::limits::{EVENT_ID_CHARS, EVENT_TYPE_CHARS_MAX};
use crate::time::Timestamp;

/// Whether a field is one that an [`super::Event`] holds itself, so that its payload does not.
pub(super) fn is_identity(name: &str) -> bool {
    matches!(name, "event_type" | "user_id" | "timestamp" | "event_id")
}

/// Whether a field is a common one that the payload holds.
pub(super) fn is_carried(name: &str) -> bool {
    name == "platform"
        || matches!(name, "app_version" | "session_id" | "locale" | "country" | "campaign_id")
}

/// The value of a field without which there is no event. `null` counts as absent.
fn required<'e>(object: &mut Object<'e>, name: &str) -> Result<&'e str, Fault> {
    match object.get(name) {
        Some("null") => Err(missing(name, "is required, but is null")),
        Some(value) => Ok(value),
        None => match object.trouble(name) {
            Some(fault) => Err(fault.clone().of(name)),
            None => Err(missing(name, "is required")),
        },
    }
}

pub(super) fn missing(name: &str, message: &str) -> Fault {
    Fault::of_field(RejectCode::MissingField, name, message)
}

/// The text of a required field.
fn required_text<'e>(object: &mut Object<'e>, name: &str) -> Result<Cow<'e, str>, Fault> {
    let value = required(object, name)?;
    json_text::string(value).ok_or_else(|| ValueFault::wrong_type("a text", value).of(name))
}

/// The event's type, known or not.
pub(super) fn event_type<'e>(object: &mut Object<'e>) -> Result<Cow<'e, str>, Fault> {
    let name = required_text(object, "event_type")?;
    let found = name.chars().count();
    if (1..=EVENT_TYPE_CHARS_MAX).contains(&found) {
        return Ok(name);
    }
    let message = format!("must have 1 to {EVENT_TYPE_CHARS_MAX} characters, but has {found}");
    Err(Fault::of_field(RejectCode::WrongLength, "event_type", &message))
}

/// Who the event happened to. `last` is the player of the event before, whose id is shared if it
/// is the same: most batches come from one player.
pub(super) fn player(
    object: &mut Object<'_>,
    game: &Game,
    last: Option<&PlayerId>,
) -> Result<PlayerId, Fault> {
    let text = required_text(object, "user_id")?;
    if let Some(last) = last.filter(|last| last.as_str() == text) {
        return Ok(last.clone());
    }
    if game.is_nobody(&text) {
        let message =
            format!("must be the id of a player, but \"{}\" is nobody's", shortened(&text));
        return Err(Fault::of_field(RejectCode::UnidentifiedPlayer, "user_id", &message));
    }
    PlayerId::new(&text).map_err(|error| {
        let code = match error {
            PlayerIdError::Empty | PlayerIdError::TooLong { .. } => RejectCode::WrongLength,
            PlayerIdError::Nul => RejectCode::NulCharacter,
        };
        Fault::of_field(code, "user_id", &error.to_string())
    })
}

/// The event's time, as the client states it; `None` if it cannot be read, which costs no event.
pub(super) fn timestamp<'e>(
    object: &mut Object<'e>,
    findings: &mut Findings<'e>,
) -> Option<Timestamp> {
    // What is wrong with a hidden field is reported together with all other hidden fields.
    if object.trouble("timestamp").is_some() {
        return None;
    }
    let value = required(object, "timestamp").map_err(|fault| findings.mistake(fault)).ok()?;
    let time = value::read_timestamp(value);
    if time.is_none() {
        let fault = value::invalid_timestamp(value).of("timestamp");
        findings.declared(false, "timestamp", value, fault);
    }
    time
}

/// The event's id, if its client gave it one that tells it from others.
///
/// An id of another kind than a UUID is a flaw. A long text still identifies its event: it gives a
/// UUID that depends on nothing else. Short texts and numbers are mostly counters, and nil UUIDs come
/// with every event of a broken client: those events are identified by their content.
pub(super) fn event_id<'e>(
    object: &mut Object<'e>,
    strict: bool,
    findings: &mut Findings<'e>,
) -> Option<Uuid> {
    let value = object.get("event_id").filter(|value| *value != "null")?;
    let id = value::read_uuid(value);
    if id.is_some_and(|id| !id.is_nil()) {
        return id;
    }
    let fault = if id.is_some() {
        let message = "must be a UUID of the event's own, but is the nil UUID";
        Fault::of_field(RejectCode::InvalidUuid, "event_id", message)
    } else {
        value::invalid_uuid(value).of("event_id")
    };
    findings.declared(strict, "event_id", value, fault);
    let text = json_text::string(value).filter(|_| id.is_none())?;
    let is_long = EVENT_ID_CHARS.contains(&text.chars().take(EVENT_ID_CHARS.end() + 1).count());
    is_long.then(|| digest::of_sent_id(&text))
}
