//! What an event says, as a number: how a repetition is told from another event with the same id.
//!
//! It depends on nothing but what the client wrote, neither on the definition, whose defaults may
//! change between an attempt and its repetition, nor on the order of the fields. Who the event is
//! of, which one it is and when it was stamped are left out.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::json_text;
use super::object::Object;

/// The hash of what an event says. Equal hashes are taken for equal content: they are 64 bits, and
/// only the events of one player with one id are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub i64);

/// Fields that a repetition may state otherwise, or that the key holds.
fn is_left_out(name: &str) -> bool {
    matches!(name, "user_id" | "event_id" | "timestamp" | "sent_at")
}

impl ContentHash {
    /// Of an event's object, whatever the order of its fields and the space between them.
    pub(super) fn of(object: &Object<'_>) -> Self {
        // A sum does not depend on the order.
        let said = object.pairs.iter().filter(|pair| !is_left_out(&pair.key));
        let sum = said.fold(0_u64, |sum, pair| {
            let value = json_text::compact(pair.value);
            sum.wrapping_add(xxh3_64_with_seed(value.as_bytes(), xxh3_64(pair.key.as_bytes())))
        });
        Self(sum.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> ContentHash {
        let mut object = Object::default();
        object.read(json).expect("few fields");
        ContentHash::of(&object)
    }

    #[test]
    fn order_spacing_stamps_and_sender_make_no_difference_but_what_is_said_does() {
        let one = of(r#"{"event_type":"e","a":1,"b":{"c":[1,2]}}"#);
        assert_eq!(one, of(r#"{ "b" : { "c": [1, 2] }, "a": 1, "event_type": "e" }"#));
        let stamped = r#"{"event_type":"e","a":1,"b":{"c":[1,2]},"timestamp":5,"sent_at":6,"user_id":"u","event_id":"i"}"#;
        assert_eq!(one, of(stamped));
        for other in [
            r#"{"event_type":"f","a":1,"b":{"c":[1,2]}}"#,
            r#"{"event_type":"e","a":1,"b":{"c":[2,1]}}"#,
            r#"{"event_type":"e","a":1}"#,
            r#"{"event_type":"e","b":1,"a":{"c":[1,2]}}"#,
        ] {
            assert_ne!(one, of(other), "{other}");
        }
        assert_eq!(of("{}"), ContentHash(0));
    }

    #[test]
    fn the_hash_is_the_same_in_every_version_of_the_program() {
        // It is stored, so another one would make every repetition a conflict.
        assert_eq!(
            of(r#"{"event_type":"game_ended","score":5}"#),
            ContentHash(4_545_693_038_236_306_195)
        );
    }
}
