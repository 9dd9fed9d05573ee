//! Splits a request body into events without looking inside them.
//!
//! The body is one event object, an array of events, or `{"events": [...], "sent_at": ...}`. All
//! three forms are in use by released clients. A body that is not valid JSON as a whole is split by
//! `frame.rs`, if brackets and quotes still tell where its events end. The parser does not
//! recurse, however deep a body nests.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::frame;
use super::json_text;
pub use super::parts::{Body, BodyError, Item};
use super::value;

impl<'a> Body<'a> {
    /// Takes `text` apart. An empty text is a body without events.
    pub fn parse(text: &'a [u8], batch_events_max: usize) -> Result<Self, BodyError> {
        // Some clients' libraries write a byte order mark before the JSON.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        match Self::parse_whole(text, batch_events_max) {
            Err(BodyError::NotJson { detail }) => {
                frame::split(text, batch_events_max).unwrap_or(Err(BodyError::NotJson { detail }))
            }
            parsed => parsed,
        }
    }

    /// Splits a text that is valid JSON as a whole.
    fn parse_whole(text: &'a [u8], batch_events_max: usize) -> Result<Self, BodyError> {
        let text = std::str::from_utf8(text).map_err(|error| {
            BodyError::not_json(format!("byte {} is not UTF-8", error.valid_up_to()))
        })?;
        match text.bytes().find(|byte| !json_text::is_whitespace(*byte)) {
            None => Ok(Self { events: Vec::new(), sent_at: None }),
            Some(b'[') => {
                Ok(Self { events: list_of_events(text, batch_events_max)?, sent_at: None })
            }
            Some(b'{') => Self::parse_object(text, batch_events_max),
            Some(_) => {
                let found: &RawValue = serde_json::from_str(text)?;
                Err(BodyError::not_json(format!(
                    "the body must be an event, a list of events or {{\"events\": [...]}}, \
                     but is {}",
                    json_text::kind_of(found.get()),
                )))
            }
        }
    }

    fn parse_object(text: &'a str, batch_events_max: usize) -> Result<Self, BodyError> {
        if let Some(body) = Self::parse_envelope(text, batch_events_max) {
            return Ok(body);
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let outline = reader.deserialize_map(OutlineVisitor)?;
        reader.end()?;
        let Some(events) = outline.events.filter(|_| !outline.has_event_type) else {
            if batch_events_max == 0 {
                return Err(BodyError::TooManyEvents { max: batch_events_max });
            }
            return Ok(Self {
                events: vec![Item::Json(serde_json::from_str(text)?)],
                sent_at: None,
            });
        };
        if outline.events_twice {
            return Err(BodyError::not_json("\"events\" stands in the body more than once"));
        }
        if !events.get().starts_with('[') {
            return Err(BodyError::not_json(format!(
                "\"events\" must be a list of events, but is {}",
                json_text::kind_of(events.get()),
            )));
        }
        let events = list_of_events(events.get(), batch_events_max)?;
        let sent_at = outline.sent_at.and_then(|sent_at| value::read_timestamp(sent_at.get()));
        Ok(Self { events, sent_at })
    }

    /// Splits an ordinary envelope in one pass; `None` if the text is anything else.
    fn parse_envelope(text: &'a str, batch_events_max: usize) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let envelope = EnvelopeVisitor { max: batch_events_max };
        let body = reader.deserialize_map(envelope).ok()?;
        reader.end().ok().map(|()| body)
    }
}

fn list_of_events(text: &str, max: usize) -> Result<Vec<Item<'_>>, BodyError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let events = reader.deserialize_seq(ListVisitor { max })?;
    reader.end()?;
    events.ok_or(BodyError::TooManyEvents { max })
}

/// Collects at most `max` events; `None` if there are more. Events beyond `max` are skipped, not
/// kept.
struct ListVisitor {
    max: usize,
}

impl<'a> DeserializeSeed<'a> for ListVisitor {
    type Value = Option<Vec<Item<'a>>>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for ListVisitor {
    type Value = Option<Vec<Item<'a>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::new();
        while events.len() < self.max {
            match list.next_element()? {
                Some(event) => events.push(Item::Json(event)),
                None => return Ok(Some(events)),
            }
        }
        let mut more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok((!more).then_some(events))
    }
}

/// What tells an envelope from an event.
#[derive(Default)]
struct Outline<'a> {
    events: Option<&'a RawValue>,
    events_twice: bool,
    sent_at: Option<&'a RawValue>,
    has_event_type: bool,
}

struct OutlineVisitor;

impl<'a> Visitor<'a> for OutlineVisitor {
    type Value = Outline<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut outline = Outline::default();
        while let Some(key) = map.next_key::<&RawValue>()? {
            match json_text::string(key.get()).as_deref() {
                Some("events") => {
                    outline.events_twice |= outline.events.is_some();
                    outline.events = Some(map.next_value()?);
                }
                Some("sent_at") => outline.sent_at = Some(map.next_value()?),
                key => {
                    outline.has_event_type |= key == Some("event_type");
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(outline)
    }
}

/// Reads an envelope, and fails at whatever is not in an ordinary one.
struct EnvelopeVisitor {
    max: usize,
}

impl<'a> Visitor<'a> for EnvelopeVisitor {
    type Value = Body<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut events: Option<Vec<_>> = None;
        let mut sent_at = None;
        while let Some(key) = map.next_key::<&RawValue>()? {
            match key.get() {
                "\"events\"" if events.is_none() => {
                    let list = map.next_value_seed(ListVisitor { max: self.max })?;
                    events = Some(list.ok_or_else(|| A::Error::custom("too many events"))?);
                }
                "\"sent_at\"" => {
                    let value: &RawValue = map.next_value()?;
                    sent_at = value::read_timestamp(value.get());
                }
                _ => return Err(A::Error::custom("not an ordinary envelope")),
            }
        }
        let events = events.ok_or_else(|| A::Error::custom("no events"))?;
        Ok(Body { events, sent_at })
    }
}
