//! Finds the events in a body that is not valid JSON as a whole.
//!
//! One event's bytes must not cost its neighbours: `NaN`, a text that is not UTF-8 or any other broken
//! value spoils the event it stands in, not the batch. So the frame is looked for by brackets and
//! quotes alone, and each event is parsed on its own. Where brackets or quotes do not match, nobody can
//! say where an event ends, and there is no frame: half of a body is never taken for a whole one.
//! Nothing here recurses, however deep a body nests.

use serde_json::value::RawValue;

use super::json_text::is_whitespace;
use super::parts::{Body, BodyError, Item};
use super::value;

/// Splits a body by its frame; `None` if it has none.
pub(super) fn split(body: &[u8], batch_events_max: usize) -> Option<Result<Body<'_>, BodyError>> {
    let body = body.trim_ascii();
    let (events, sent_at) = match body.first()? {
        b'[' => (list(body)?, None),
        b'{' => {
            let outline = Outline::read(body)?;
            match outline.events {
                Some(events) if !outline.has_event_type => (list(events)?, outline.sent_at),
                _ if outline.has_event_type => (vec![body], None),
                _ => return None,
            }
        }
        _ => return None,
    };
    // A list of anything else, such as words, was not meant to be one of events.
    if !events.iter().any(|event| event.starts_with(b"{")) {
        return None;
    }
    if events.len() > batch_events_max {
        return Some(Err(BodyError::TooManyEvents { max: batch_events_max }));
    }
    let events = events.into_iter().map(item).collect::<Option<Vec<_>>>()?;
    let sent_at = sent_at.and_then(|text| std::str::from_utf8(text).ok());
    Some(Ok(Body { events, sent_at: sent_at.and_then(value::read_timestamp) }))
}

/// One event, parsed alone. `None` if its bytes may be those of several.
fn item(bytes: &[u8]) -> Option<Item<'_>> {
    let problem = match std::str::from_utf8(bytes) {
        Ok(text) => match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => return Some(Item::Json(raw)),
            Err(error) => error.to_string(),
        },
        Err(error) => format!("byte {} is not UTF-8", error.valid_up_to()),
    };
    (!may_be_several(bytes)).then_some(Item::Broken { bytes, problem })
}

/// What tells an envelope from an event.
#[derive(Default)]
struct Outline<'a> {
    events: Option<&'a [u8]>,
    sent_at: Option<&'a [u8]>,
    has_event_type: bool,
}

impl<'a> Outline<'a> {
    fn read(object: &'a [u8]) -> Option<Self> {
        let mut outline = Self::default();
        let mut place = 1;
        loop {
            place = after_whitespace(object, place);
            let key_end = string_end(object, place)?;
            let key = &object[place..key_end];
            place = after_whitespace(object, key_end);
            if object.get(place) != Some(&b':') {
                return None;
            }
            place = after_whitespace(object, place + 1);
            let end = value_end(object, place)?;
            let value = object[place..end].trim_ascii_end();
            match key {
                b"\"events\"" if outline.events.is_some() => return None,
                b"\"events\"" => outline.events = Some(value),
                b"\"sent_at\"" => outline.sent_at = Some(value),
                b"\"event_type\"" => outline.has_event_type = true,
                _ => {}
            }
            place = after_whitespace(object, end);
            match object.get(place)? {
                b',' => place += 1,
                b'}' if place + 1 == object.len() => return Some(outline),
                _ => return None,
            }
        }
    }
}

/// The items of a list that is the whole text.
fn list(text: &[u8]) -> Option<Vec<&[u8]>> {
    let mut items = Vec::new();
    let mut place = if text.first()? == &b'[' { 1 } else { return None };
    loop {
        place = after_whitespace(text, place);
        let end = value_end(text, place)?;
        items.push(text[place..end].trim_ascii_end());
        place = after_whitespace(text, end);
        match text.get(place)? {
            b',' => place += 1,
            b']' if place + 1 == text.len() => return Some(items),
            _ => return None,
        }
    }
}

fn after_whitespace(text: &[u8], place: usize) -> usize {
    let rest = text.get(place..).unwrap_or_default();
    place + rest.iter().take_while(|byte| is_whitespace(**byte)).count()
}

/// Where the value that starts at `start` ends; `None` if there is none or it does not end.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    match text.get(start)? {
        b'"' => string_end(text, start),
        b'{' | b'[' => nested_end(text, start),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b'"' | b'{' | b'[');
            let length = text[start..].iter().position(ends)?;
            (length > 0).then_some(start + length)
        }
    }
}

/// Where the text that starts at `start` ends, quote included.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'"') {
        return None;
    }
    let mut place = start + 1;
    loop {
        match text.get(place)? {
            b'"' => return Some(place + 1),
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
}

/// Where the object or list that starts at `start` ends, bracket included.
fn nested_end(text: &[u8], start: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut place = start;
    loop {
        let byte = *text.get(place)?;
        match byte {
            b'"' => {
                place = string_end(text, place)?;
                continue;
            }
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return None;
                }
                if open.is_empty() {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
        place += 1;
    }
}

/// Whether a string within the value contains what usually separates two events. If so, a quote may
/// be missing in both, and the apparent string is the end of one event and the beginning of the
/// next.
fn may_be_several(value: &[u8]) -> bool {
    let mut place = 0;
    while let Some(start) = value[place..].iter().position(|byte| *byte == b'"') {
        let start = place + start;
        let Some(end) = string_end(value, start) else { return true };
        if has_boundary(&value[start..end]) {
            return true;
        }
        place = end;
    }
    false
}

fn has_boundary(text: &[u8]) -> bool {
    (0..text.len()).filter(|place| text[*place] == b'}').any(|place| {
        let comma = after_whitespace(text, place + 1);
        text.get(comma) == Some(&b',') && text.get(after_whitespace(text, comma + 1)) == Some(&b'{')
    })
}
