//! The identity of an event's content, for events whose client sent no id of its own.
//!
//! It depends on nothing but what the client wrote: not on the definition, whose defaults may
//! change between an attempt and its repetition, and not on when the event arrived. Clients that
//! keep their events as maps may write the same one in another order of keys or with other
//! spacing; it is still the same content.

use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use uuid::Uuid;

use super::json_text;
use super::key_time;
use super::object::Object;
use crate::time::Timestamp;

/// A hash of an event's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Content([u8; 32]);

/// Keeps the two ways of hashing apart: no text can be made to look like a list of fields.
const OF_FIELDS: &[u8] = b"fields";
const OF_TEXT: &[u8] = b"text";
const OF_ID: &[u8] = b"id";
const OF_SENDER: &[u8] = b"sender";

/// The id of an event whose client identifies it by a text that is no UUID.
pub(super) fn of_sent_id(text: &str) -> Uuid {
    let mut hash = Sha256::new_with_prefix(OF_ID);
    hash.update(text.as_bytes());
    // Of the version that is made of names, and holds no time.
    uuid::Builder::from_sha1_bytes(first_bytes(&hash.finalize())).into_uuid()
}

/// The digest of an event that was rejected, if the session of `sender` sent it. What others send never
/// is the same entry of the quarantine, so nobody can take the place of another's event.
pub(super) fn of_sender(digest: Uuid, sender: &str) -> Uuid {
    let mut hash = Sha256::new_with_prefix(OF_SENDER);
    hash.update(digest.as_bytes());
    hash.update(sender.as_bytes());
    uuid::Builder::from_custom_bytes(first_bytes(&hash.finalize())).into_uuid()
}

fn first_bytes(hash: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes
}

impl Content {
    /// The content of an object, whatever the order of its fields.
    pub fn of_object(object: &Object<'_>) -> Self {
        let mut pairs: SmallVec<[(&str, &str); 32]> =
            object.pairs.iter().map(|pair| (&*pair.key, pair.value)).collect();
        pairs.sort_unstable();
        // Gathered first: hashing one long text is much faster than many short ones.
        let sizes = pairs.iter().map(|(key, value)| key.len() + value.len() + 16);
        let mut text = Vec::with_capacity(OF_FIELDS.len() + sizes.sum::<usize>());
        text.extend_from_slice(OF_FIELDS);
        for (key, value) in pairs {
            let value = json_text::compact(value);
            for part in [key, &*value] {
                text.extend_from_slice(&(part.len() as u64).to_le_bytes());
                text.extend_from_slice(part.as_bytes());
            }
        }
        Self(Sha256::digest(text).into())
    }

    /// The content of what cannot be taken apart.
    pub fn of_text(json: &str) -> Self {
        let mut hash = Sha256::new_with_prefix(OF_TEXT);
        hash.update(json_text::compact(json).as_bytes());
        Self(hash.finalize().into())
    }

    /// The id of the event that was preceded by `occurrence` others of this content. It carries the
    /// time that the event states, if it states one.
    pub fn id(self, occurrence: u32, time: Option<Timestamp>) -> Uuid {
        let mut hash = Sha256::new_with_prefix(self.0);
        hash.update(occurrence.to_le_bytes());
        key_time::with_time(first_bytes(&hash.finalize()), time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(json: &str) -> Content {
        let mut object = Object::default();
        object.read(json).expect("few fields");
        Content::of_object(&object)
    }

    #[test]
    fn order_and_spacing_make_no_difference_but_content_does() {
        let one = content(r#"{"a":1,"b":{"c":[1,2]}}"#);
        assert_eq!(one, content(r#"{ "b" : { "c": [1, 2] }, "a": 1 }"#));
        assert_ne!(one, content(r#"{"a":1,"b":{"c":[2,1]}}"#));
        assert_ne!(one, content(r#"{"a":1}"#));
        assert_ne!(content(r#"{"a":1,"b":2}"#), content(r#"{"a1b":2}"#));
    }

    #[test]
    fn every_occurrence_has_an_id_of_its_own() {
        let content = content("{}");
        assert_ne!(content.id(0, None), content.id(1, None));
        assert_eq!(content.id(0, None), content.id(0, None));
        assert_eq!(content.id(0, None).get_version_num(), 8);
        let time = Timestamp::parse("2026-11-23T10:00:00Z");
        assert_eq!(key_time::time_of(content.id(0, time)), time);
        assert_ne!(content.id(0, None), Content::of_text("{}").id(0, None));
    }
}
