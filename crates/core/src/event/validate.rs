//! Checks one event against the game definition.
//!
//! An event is taken apart once, into borrowed keys and unparsed values; then the rules (`rules.rs`) ask
//! for the fields they know, in the order of the definition, and write their normal form into the
//! payload. What an event is identified by never depends on the definition or on its arrival, so that
//! a repetition is recognised across both.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::body::Item;
use super::common_fields;
use super::cut;
use super::digest::{self, Content};
use super::fault::{Fault, shortened};
use super::findings::{self, Findings, Told};
use super::json_text;
use super::key_time;
use super::object::Object;
use super::payload::Payload;
use super::rules;
use super::{ContentHash, Event, RejectCode, Rejected};
use crate::game::{Definition, EventType, OldEvents, is_pattern};
use crate::id::PlayerId;
use crate::limits::{
    CLOCK_SET_SINCE_MS, CLOCK_SKEW_TOLERATED_MS, EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS,
    EVENT_BYTES_MAX, EVENT_TYPE_CHARS_MAX, REJECTED_RAW_BYTES_LEAST, REJECTED_RAW_BYTES_MAX,
    REQUEST_RAW_BYTES_MAX,
};
use crate::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Characters of a rejected event's own id that are kept.
const SENT_ID_CHARS_MAX: usize = 100;

/// What all events of one request share while they are checked.
#[derive(Debug)]
pub struct Validator<'d> {
    definition: &'d Definition,
    received_at: Timestamp,
    sent_at: Option<Timestamp>,
    only_player: Option<PlayerId>,
    /// Who proved to be the sender, as [`Rejected::sent_by`] has it.
    sent_by: Option<Arc<str>>,
    /// How long events are kept, if a repetition must not count a second time after that.
    kept_days: Option<u32>,
    /// How many events of each content came so far.
    occurrences: FxHashMap<Content, u32>,
    last_player: Option<PlayerId>,
    told: Told,
    /// Bytes of rejected events' texts that may still be kept whole.
    raw_bytes_left: usize,
}

/// An event that passed, still without what depends on its neighbours and its arrival.
struct Checked {
    event_type: Arc<str>,
    player: PlayerId,
    /// `None` if it cannot be read.
    time: Option<Timestamp>,
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
        let sent_by = only_player.as_ref().map(|player| Arc::from(format!("player:{player}")));
        Self {
            definition,
            received_at,
            sent_at,
            only_player,
            sent_by,
            kept_days: None,
            occurrences: FxHashMap::default(),
            last_player: None,
            told: Told::default(),
            raw_bytes_left: REQUEST_RAW_BYTES_MAX,
        }
    }

    /// Rejects events that are older than events are kept, unless the definition says that they count: a
    /// repetition of one that was removed would not be known any more. Without this, events of any age
    /// are taken, as when history is imported.
    #[must_use]
    pub fn with_retention(mut self, days: u32) -> Self {
        self.kept_days = Some(days);
        self
    }

    /// The events are sent with this key, which may speak for any player.
    #[must_use]
    pub fn with_key(mut self, key: Option<&str>) -> Self {
        if let Some(key) = key {
            self.sent_by = Some(Arc::from(format!("key:{key}")));
        }
        self
    }

    /// Checks the next event of the request. `index` is its place in the body.
    ///
    /// Identical events are told apart by how many of the same content came before them, so the
    /// events of a request must be checked in their order, by one validator.
    pub fn check(&mut self, index: usize, raw: &RawValue) -> Result<Event, Box<Rejected>> {
        self.examine(index, raw.get(), None)
    }

    /// Checks the next event of a body. `index` is its place there.
    pub fn check_item(&mut self, index: usize, item: &Item<'_>) -> Result<Event, Box<Rejected>> {
        match item {
            Item::Json(raw) => self.check(index, raw),
            Item::Broken { bytes, problem } => {
                Err(Box::new(self.reject_broken(index, bytes, problem)))
            }
        }
    }

    /// Checks an event out of quarantine as if it came again, with the occurrence it had then.
    pub fn check_again(&mut self, occurrence: u32, raw: &RawValue) -> Result<Event, Box<Rejected>> {
        self.examine(0, raw.get(), Some(occurrence))
    }

    /// What was found wrong with the events so far: flaws of those that count, and all mistakes of
    /// those that were rejected.
    pub fn into_told(self) -> Told {
        self.told
    }

    fn examine(
        &mut self,
        index: usize,
        json: &str,
        occurrence: Option<u32>,
    ) -> Result<Event, Box<Rejected>> {
        let mut object = Object::default();
        let mut findings = Findings::default();
        let taken_apart = rules::take_apart(json, &mut object);
        let whole = taken_apart.is_ok();
        let checked = match taken_apart.and_then(|()| rules::check_size(json)) {
            Ok(()) => self.check_object(json, &mut object, &mut findings),
            Err(fault) => {
                findings.mistake(fault);
                None
            }
        };
        if let Some(fault) = checked.as_ref().and_then(|checked| self.too_old(checked)) {
            findings.mistake(fault);
        }
        let checked = checked.filter(|_| findings.mistakes.is_empty());
        let own_id = checked.as_ref().and_then(|checked| checked.id);
        let (id, occurrence) = if let Some(own_id) = own_id {
            (own_id, 0)
        } else {
            let content = if whole { Content::of_object(&object) } else { Content::of_text(json) };
            let occurrence = occurrence.unwrap_or_else(|| self.next_occurrence(content));
            let time = common_fields::timestamp(&mut object, &mut Findings::default());
            (content.id(occurrence, time), occurrence)
        };
        if let Some(checked) = checked {
            if !findings.set_aside.is_empty() {
                self.told.flaws.extend(findings.told(index, Some(&checked.event_type)));
            }
            return Ok(self.accept(checked, id, ContentHash::of(&object)));
        }
        Err(Box::new(self.reject(index, json, &mut object, &findings, (occurrence, id))))
    }

    fn next_occurrence(&mut self, content: Content) -> u32 {
        let count = self.occurrences.entry(content).or_insert(0);
        let occurrence = *count;
        *count += 1;
        occurrence
    }

    fn accept(&mut self, checked: Checked, id: Uuid, content: ContentHash) -> Event {
        let Checked { event_type, player, time, payload, .. } = checked;
        self.last_player = Some(player.clone());
        Event {
            player,
            id,
            time: time.unwrap_or(Timestamp::EPOCH),
            event_type,
            received_at: self.received_at,
            counted_at: time.map_or(self.received_at, |time| self.counted_at(time)),
            content,
            payload: payload.finish(),
            sent_by: self.sent_by.clone(),
        }
    }

    /// A client time by a clock that does not run ahead. A request that was sent later than it was received
    /// shows how far the device's clock does. One that was sent earlier shows nothing: it may have waited,
    /// on the way or on a device that keeps whole requests.
    fn corrected(&self, time: Timestamp) -> Timestamp {
        let ahead_ms = self.sent_at.map_or(0, |sent_at| sent_at.ms_since(self.received_at));
        if ahead_ms > CLOCK_SKEW_TOLERATED_MS { time.plus_ms(-ahead_ms) } else { time }
    }

    /// When an event of this client time counts.
    fn counted_at(&self, time: Timestamp) -> Timestamp {
        let corrected = self.corrected(time);
        let age_ms = self.received_at.ms_since(corrected);
        if (-EVENT_AHEAD_MAX_MS..=EVENT_AGE_MAX_MS).contains(&age_ms) {
            corrected
        } else {
            self.received_at
        }
    }

    /// What an event says that is too old. Its age is that of its id, where that holds a time: what is sent
    /// again may be stamped anew. A clock that was never set says nothing about age.
    fn too_old(&self, checked: &Checked) -> Option<Fault> {
        let days =
            self.kept_days.filter(|_| self.definition.game.old_events == OldEvents::Reject)?;
        let (field, made_at) = match checked.id.and_then(key_time::time_of) {
            Some(made_at) => ("event_id", made_at),
            None => ("timestamp", self.corrected(checked.time?)),
        };
        let age_ms = self.received_at.ms_since(made_at);
        if age_ms <= i64::from(days) * DAY_MS || made_at.as_ms() < CLOCK_SET_SINCE_MS {
            return None;
        }
        let message = format!(
            "is of {made_at}; events are kept for {days} days, so nobody can tell whether one that is older \
             was counted already"
        );
        Some(Fault::of_field(RejectCode::TooOld, field, &message))
    }

    fn reject(
        &mut self,
        index: usize,
        json: &str,
        object: &mut Object<'_>,
        findings: &Findings<'_>,
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
        // Many devices send the ids that identify nobody; they must not share one player's rate
        // limit.
        let player = player.filter(|id| !self.definition.game.is_nobody(id));
        let known = event_type.as_ref().and_then(|name| self.definition.event_type(name));
        let told = findings.told(index, known.map(|known| &known.name));
        let first = told.first().expect("an event is rejected because of a mistake");
        let raw = self.kept(json);
        let digest = self.sent_by.as_ref().map_or(digest, |by| digest::of_sender(digest, by));
        let rejected = Rejected {
            index,
            event_type,
            player: player.and_then(|text| PlayerId::new(&text).ok()),
            event_id,
            code: first.code,
            field: first.field.clone(),
            message: findings::in_one_line(&told),
            received_at: self.received_at,
            sent_at: self.sent_at,
            occurrence,
            digest,
            raw,
            sent_by: self.sent_by.clone(),
        };
        self.told.mistakes.extend(told);
        rejected
    }

    /// What is kept of a rejected event's text: all of it if it is short, and if those before it in the
    /// request have left room.
    fn kept(&mut self, json: &str) -> Box<str> {
        let bytes_max = if self.raw_bytes_left == 0 {
            REJECTED_RAW_BYTES_LEAST
        } else {
            REJECTED_RAW_BYTES_MAX
        };
        let raw = cut::to(json, bytes_max);
        self.raw_bytes_left = self.raw_bytes_left.saturating_sub(raw.len());
        raw
    }

    /// Keeps bytes that are no JSON, with what can be read of them.
    fn reject_broken(&mut self, index: usize, bytes: &[u8], problem: &str) -> Rejected {
        let mut findings = Findings::default();
        let message = format!("an event must be JSON, but is not: {problem}");
        findings.mistake(Fault::of_event(RejectCode::InvalidJson, message));
        let text = String::from_utf8_lossy(bytes);
        let mut object = Object::default();
        // Even if there are too many fields, the first ones give the event's type and player.
        let _ = object.read(&text);
        let raw = json_text::quoted(&readable(bytes));
        let content = Content::of_text(&raw);
        let occurrence = self.next_occurrence(content);
        let identity = (occurrence, content.id(occurrence, None));
        self.reject(index, &raw, &mut object, &findings, identity)
    }

    /// Checks an event as far as it goes. `None` if there is a mistake without which the rest has no
    /// meaning; other mistakes are found beside what is answered.
    fn check_object<'e>(
        &self,
        json: &'e str,
        object: &mut Object<'e>,
        findings: &mut Findings<'e>,
    ) -> Option<Checked> {
        rules::hide_troubles(json, object);
        let game = &self.definition.game;
        let player = common_fields::player(object, game, self.last_player.as_ref());
        let player = player.map_err(|fault| findings.mistake(fault)).ok();
        // The player is compared with the token's before anything else: rejected for another
        // mistake, a forged event could be requeued, and then count, once that mistake is forgiven.
        if let (Some(only), Some(player)) = (&self.only_player, &player)
            && only != player
        {
            // What is kept of the event says who sent it.
            let message = format!(
                "must be the player of the session, {:?}, but is another one",
                shortened(only.as_str())
            );
            findings.mistake(Fault::of_field(RejectCode::WrongPlayer, "user_id", &message));
            return None;
        }
        let found = self.event_type(object).map_err(|fault| findings.mistake(fault)).ok();
        let time = common_fields::timestamp(object, findings);
        let (event_type, sent) = found?;
        let id = common_fields::event_id(object, event_type.strict, findings);
        let mut payload = Payload::with_capacity(json.len());
        if is_pattern(&event_type.name) {
            rules::keep_sent_type(&sent, object, &mut payload, findings);
        }
        rules::check_fields(event_type, object, &mut payload, findings);
        rules::tell_troubles(event_type, object, findings);
        rules::keep_unknown_fields(event_type, object, &mut payload, findings);
        Some(Checked { event_type: event_type.name.clone(), player: player?, time, id, payload })
    }

    /// The type in the definition, and what was sent.
    fn event_type<'e>(
        &self,
        object: &mut Object<'e>,
    ) -> Result<(&'d EventType, Cow<'e, str>), Fault> {
        let name = common_fields::event_type(object)?;
        if let Some(event_type) = self.definition.event_type(&name) {
            return Ok((event_type, name));
        }
        let message = format!("\"{}\" is not defined for this game", shortened(&name));
        Err(Fault::of_field(RejectCode::UnknownEventType, "event_type", &message))
    }
}

/// Bytes as a text: those that are no characters are written as `\xff`. At most [`EVENT_BYTES_MAX`] of
/// them are kept.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes[..bytes.len().min(EVENT_BYTES_MAX)].utf8_chunks() {
        text.push_str(&chunk.valid().replace('\0', "\\x00"));
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a String takes everything");
        }
    }
    text
}
