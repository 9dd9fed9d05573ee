//! An event: what a device says happened, checked and ready to be applied.
//!
//! [`body`] splits a request body into events, [`validate`] checks each against the definition. An
//! [`Event`] is made by validation or read from the store, never otherwise, so every event in the
//! program has been checked.

pub mod body;
mod common_fields;
mod content;
mod cut;
mod digest;
mod fault;
mod findings;
mod frame;
pub(crate) mod json_text;
pub mod key_time;
mod object;
mod parts;
mod payload;
pub mod recognise;
mod rules;
pub mod shape;
pub mod validate;
mod value;

use std::sync::Arc;

use uuid::Uuid;

pub use findings::{FLAWS_KEY, Flaw, Told};

use std::borrow::Cow;

use crate::game::is_pattern;
use crate::id::{EventKey, PlayerId};
use crate::time::Timestamp;
pub use content::ContentHash;

/// The first key of the payload of an event whose type is a pattern: it holds the type as it was sent. No
/// field of a definition can be called so.
pub const TYPE_KEY: &str = "$event_type";

/// The key of the payload that holds the session in which an event happened.
const SESSION_KEY: &str = "session_id";

/// A checked event. Cannot be built outside this crate except from what the store kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Who it happened to.
    pub player: PlayerId,
    /// The client's `event_id`, or one derived from its content. With the player it is the event's key.
    pub id: Uuid,
    /// When it happened, as the client states it.
    pub time: Timestamp,
    /// Its type, a name of the definition. Where that is a pattern, what the client sent stands in the
    /// payload, under [`TYPE_KEY`].
    pub event_type: Arc<str>,
    /// When the server received it, by the store's clock. Tournaments and periods go by this.
    pub received_at: Timestamp,
    /// When it happened as far as analytics go: the client's time, corrected where the device's
    /// clock was wrong, or `received_at` where the time was absurd.
    pub counted_at: Timestamp,
    /// What it says, as its client wrote it, as a number: a repetition has the same one.
    pub content: ContentHash,
    /// Everything else the event said, as the text of a flat JSON object: its own fields after
    /// normalisation (defaults filled in, digit strings made numbers), unknown ones as they came,
    /// and the common ones except `event_type`, `user_id`, `timestamp` and `event_id`. Values that were
    /// set aside stand in it under [`FLAWS_KEY`].
    pub payload: Box<str>,
    /// Who proved to have sent it, as [`Rejected::sent_by`] says it. Known until it is stored; kept of the dead.
    pub sent_by: Option<Arc<str>>,
}

impl Event {
    /// Puts an event together from what the store kept. For stores only.
    pub fn from_stored(
        key: EventKey,
        time: Timestamp,
        event_type: Arc<str>,
        received_at: Timestamp,
        counted_at: Timestamp,
        content: ContentHash,
        payload: Box<str>,
    ) -> Self {
        let EventKey { player, id } = key;
        let sent_by = None;
        Self { player, id, time, event_type, received_at, counted_at, content, payload, sent_by }
    }

    /// What it is stored and recognised by.
    pub fn key(&self) -> EventKey {
        EventKey { player: self.player.clone(), id: self.id }
    }

    /// Whether the client's time could not be taken at its word.
    pub fn has_wrong_clock(&self) -> bool {
        self.counted_at != self.time
    }

    /// The event as of the receipt of a copy of it. Where the copy states the same time, that counts as it did of
    /// the copy: what an absurd time counts as depends on the receipt. Its own time stays, and counts as
    /// before unless it counted as of the receipt.
    #[must_use]
    pub fn as_of(&self, copy: &Self) -> Self {
        let received_at = copy.received_at;
        let counted_at = if copy.time == self.time {
            copy.counted_at
        } else if self.has_wrong_clock() && self.counted_at == self.received_at {
            received_at
        } else {
            self.counted_at
        };
        Self { received_at, counted_at, ..self.clone() }
    }

    /// Whether a text is what only the sender of the event knows, because no board shows it: the id that its client
    /// gave it, or that of its session. An id that was derived says nothing else than the event does, of which
    /// boards may show all.
    pub fn is_known_by(&self, told: &str) -> bool {
        let id = Uuid::try_parse(told).unwrap_or_else(|_| digest::of_sent_id(told));
        let mut fields = json_text::fields(&self.payload);
        let session = fields.find(|(key, _)| key.trim_matches('"') == SESSION_KEY);
        let session = session.and_then(|(_, value)| json_text::string(value));
        (id == self.id && !key_time::is_derived(id))
            || session.is_some_and(|session| session == told)
    }

    /// The type as the client sent it. It differs from [`Event::event_type`] where that is a pattern.
    pub fn sent_type(&self) -> Cow<'_, str> {
        self.sent_type_and_fields().0
    }

    /// The type as the client sent it, and the fields of the payload that are not about that.
    fn sent_type_and_fields(&self) -> (Cow<'_, str>, &str) {
        // One brace at each end: the last field may be an object itself.
        let own = self.payload.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let own = own.unwrap_or_default();
        let declared = (Cow::Borrowed(&*self.event_type), own);
        if !is_pattern(&self.event_type) {
            return declared;
        }
        let Some((key, value)) = json_text::fields(&self.payload).next() else { return declared };
        let Some(sent) = json_text::string(value).filter(|_| key.trim_matches('"') == TYPE_KEY)
        else {
            return declared;
        };
        // The payload is written without space between its tokens.
        let rest = own.get(key.len() + 1 + value.len()..).unwrap_or_default();
        (sent, rest.strip_prefix(',').unwrap_or(rest))
    }

    /// The event as a client would send it, with its id. The time is a number: whatever calendar it
    /// lies in, it comes back the same. Only in early 1970 its milliseconds would be read as seconds.
    pub fn as_sent(&self) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let (ms, time) = (self.time.as_ms(), self.time);
        let is_read_again = Timestamp::from_number(ms) == Some(time);
        let time = if is_read_again { ms.to_string() } else { text(&time.to_string()) };
        let (event_type, own) = self.sent_type_and_fields();
        let comma = if own.is_empty() { "" } else { "," };
        format!(
            "{{\"event_type\":{},\"user_id\":{},\"timestamp\":{time},\"event_id\":\"{}\"{comma}{own}}}",
            text(&event_type),
            text(self.player.as_str()),
            self.id,
        )
    }
}

/// The normal form of a field's value, as payloads hold it, or what is wrong with the value, as
/// words that follow the field's name. Defaults of a definition are checked and written by the same
/// function.
pub(crate) fn normal_form(field: &crate::game::Field, json: &str) -> Result<String, String> {
    if json_text::depth(json) >= crate::limits::EVENT_DEPTH_MAX {
        return Err("must not nest so deep".to_owned());
    }
    let mut written = String::new();
    match value::write(field, json, &mut written) {
        Ok(_) => Ok(written),
        Err(fault) => Err(fault.message),
    }
}

/// An event that the definition does not allow, kept so that it can be replayed once the definition
/// allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its place in the request body.
    pub index: usize,
    /// Its type as far as one could be read.
    pub event_type: Option<String>,
    /// Its player as far as one could be read.
    pub player: Option<PlayerId>,
    /// Its id as the client sent it.
    pub event_id: Option<String>,
    /// What is wrong, as one of the slugs of docs/api.md.
    pub code: RejectCode,
    /// Which field is at fault.
    pub field: Option<String>,
    /// What is wrong with its value and which limit holds, in a sentence; further mistakes follow.
    pub message: String,
    /// When the server received it.
    pub received_at: Timestamp,
    /// The `sent_at` of its request, which corrects a wrong device clock.
    pub sent_at: Option<Timestamp>,
    /// How many events of the same content stood before it in its request: two identical events in
    /// one batch are two, the same batch sent twice is one.
    pub occurrence: u32,
    /// A hash of its content, its occurrence and the player whose session sent it: a resend of a rejected
    /// event is the same one, and nobody else's is.
    pub digest: Uuid,
    /// The event's JSON text as it came. Bytes that are no JSON stand in it as a JSON text, those that
    /// are no UTF-8 among them as `\xff`. Of a long text the beginning is kept, as a JSON text that says
    /// so.
    pub raw: Box<str>,
    /// Who proved to have sent it: `player:` and the id of the session's player, or `key:` and the name of
    /// what everybody has who holds it, or its id. `None` where nobody had to prove anything.
    pub sent_by: Option<Arc<str>>,
}

impl Rejected {
    /// Whether only the beginning of the event's text is kept.
    pub fn is_cut(&self) -> bool {
        cut::is_cut(&self.raw)
    }
}

/// Why an event was rejected. The slug is part of the contract with clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RejectCode {
    /// Its bytes are no JSON.
    InvalidJson,
    /// It is not a JSON object.
    NotAnObject,
    /// The same key stands in it twice.
    DuplicateField,
    /// A required field is absent.
    MissingField,
    /// A field holds another kind of value than declared.
    WrongType,
    /// A number is smaller or greater than allowed.
    OutOfRange,
    /// A text or list is shorter or longer than allowed.
    WrongLength,
    /// A value is none of those allowed.
    NotAllowed,
    /// A text holds the NUL character.
    NulCharacter,
    /// A text is not a time.
    InvalidTimestamp,
    /// A text is not a UUID.
    InvalidUuid,
    /// The definition has no such event type.
    UnknownEventType,
    /// The definition has no such field and rejects unknown ones.
    UnknownField,
    /// The event breaks a plausibility rule.
    Implausible,
    /// The event is larger, deeper or has more fields than allowed.
    TooLarge,
    /// The event belongs to another player than the token of its request.
    WrongPlayer,
    /// The player's id identifies nobody.
    UnidentifiedPlayer,
    /// Another event of the same player has this id already.
    ConflictingId,
    /// It is older than events are kept, so nobody can tell whether it was counted already.
    TooOld,
    /// The player was erased: nothing of them is taken in or kept.
    PlayerErased,
}

impl RejectCode {
    /// All codes, for documentation and metrics.
    pub const ALL: [Self; 20] = [
        Self::InvalidJson,
        Self::NotAnObject,
        Self::DuplicateField,
        Self::MissingField,
        Self::WrongType,
        Self::OutOfRange,
        Self::WrongLength,
        Self::NotAllowed,
        Self::NulCharacter,
        Self::InvalidTimestamp,
        Self::InvalidUuid,
        Self::UnknownEventType,
        Self::UnknownField,
        Self::Implausible,
        Self::TooLarge,
        Self::WrongPlayer,
        Self::UnidentifiedPlayer,
        Self::ConflictingId,
        Self::TooOld,
        Self::PlayerErased,
    ];

    /// The slug as answers and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::NotAnObject => "not_an_object",
            Self::DuplicateField => "duplicate_field",
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::WrongLength => "wrong_length",
            Self::NotAllowed => "not_allowed",
            Self::NulCharacter => "nul_character",
            Self::InvalidTimestamp => "invalid_timestamp",
            Self::InvalidUuid => "invalid_uuid",
            Self::UnknownEventType => "unknown_event_type",
            Self::UnknownField => "unknown_field",
            Self::Implausible => "implausible",
            Self::TooLarge => "too_large",
            Self::WrongPlayer => "wrong_player",
            Self::UnidentifiedPlayer => "unidentified_player",
            Self::ConflictingId => "conflicting_id",
            Self::TooOld => "too_old",
            Self::PlayerErased => "player_erased",
        }
    }
}
