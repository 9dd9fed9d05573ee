//! The fields that every event has, whatever its type.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use uuid::Uuid;

use super::RejectCode;
use super::fault::{Fault, ValueFault, choices, shown};
use super::json_text;
use super::object::Object;
use super::value;
use crate::game::{Field, FieldKind};
use crate::id::{PlayerId, PlayerIdError};
use crate::limits::{CONTEXT_ID_CHARS_MAX, COUNTRY_CHARS, EVENT_TYPE_CHARS_MAX, LOCALE_CHARS_MAX};
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

/// The common fields that go into the payload beside `platform`.
static CARRIED: LazyLock<[Field; 5]> = LazyLock::new(|| {
    let text = |name: &str, required, length: (Option<usize>, Option<usize>)| Field {
        name: Arc::from(name),
        kind: FieldKind::String,
        required,
        nullable: false,
        min: None,
        max: None,
        min_length: length.0,
        max_length: length.1,
        one_of: Vec::new(),
        default: None,
    };
    [
        text("app_version", true, (None, None)),
        text("session_id", false, (None, Some(CONTEXT_ID_CHARS_MAX))),
        text("locale", false, (None, Some(LOCALE_CHARS_MAX))),
        text("country", false, (Some(COUNTRY_CHARS), Some(COUNTRY_CHARS))),
        text("campaign_id", false, (None, Some(CONTEXT_ID_CHARS_MAX))),
    ]
});

/// The common fields with plain rules that go into the payload.
pub(super) fn carried() -> &'static [Field] {
    &*CARRIED
}

/// The value of a field without which there is no event. `null` counts as absent.
fn required<'e>(object: &mut Object<'e>, name: &str) -> Result<&'e str, Fault> {
    match object.get(name) {
        Some("null") => Err(missing(name, "is required, but is null")),
        Some(value) => Ok(value),
        None => Err(missing(name, "is required")),
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
pub(super) fn player(object: &mut Object<'_>, last: Option<&PlayerId>) -> Result<PlayerId, Fault> {
    let text = required_text(object, "user_id")?;
    if let Some(last) = last.filter(|last| last.as_str() == text) {
        return Ok(last.clone());
    }
    PlayerId::new(&text).map_err(|error| {
        let code = match error {
            PlayerIdError::Empty | PlayerIdError::TooLong { .. } => RejectCode::WrongLength,
            PlayerIdError::Nul => RejectCode::NulCharacter,
        };
        Fault::of_field(code, "user_id", &error.to_string())
    })
}

/// The event's time, as the client states it.
pub(super) fn timestamp(object: &mut Object<'_>) -> Result<Timestamp, Fault> {
    let value = required(object, "timestamp")?;
    value::read_timestamp(value).ok_or_else(|| value::invalid_timestamp(value).of("timestamp"))
}

/// The event's id, if its client gave it one.
pub(super) fn event_id(object: &mut Object<'_>) -> Result<Option<Uuid>, Fault> {
    let Some(value) = object.get("event_id").filter(|value| *value != "null") else {
        return Ok(None);
    };
    match value::read_uuid(value) {
        // Broken clients send the nil UUID with every event; as an id it would make them all one.
        Some(id) if !id.is_nil() => Ok(Some(id)),
        Some(_) => {
            let message = "must be a UUID of the event's own, but is the nil UUID";
            Err(Fault::of_field(RejectCode::InvalidUuid, "event_id", message))
        }
        None => Err(value::invalid_uuid(value).of("event_id")),
    }
}

/// The platform's JSON text, once it is one of the game's.
pub(super) fn platform<'e>(
    object: &mut Object<'e>,
    platforms: &BTreeSet<String>,
) -> Result<&'e str, Fault> {
    let value = required(object, "platform")?;
    let name = json_text::string(value)
        .ok_or_else(|| ValueFault::wrong_type("a text", value).of("platform"))?;
    if platforms.contains(&*name) {
        return Ok(value);
    }
    let all: Vec<String> = platforms.iter().map(|name| format!("\"{name}\"")).collect();
    let message = format!("must be {}, but is {}", choices(all.into_iter()), shown(value));
    Err(Fault::of_field(RejectCode::NotAllowed, "platform", &message))
}
