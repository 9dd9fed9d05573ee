//! What holds for every input there is.

use proptest::prelude::*;
use scoreline_core::event::body::{Body, Item};
use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode};
use scoreline_core::limits::BATCH_EVENTS_MAX;

use crate::game::{VALID, definition, object, raw, received_at};

/// Names that rules know, and some that they do not.
const NAMES: &[&str] = &[
    "event_type",
    "user_id",
    "timestamp",
    "event_id",
    "app_version",
    "platform",
    "session_id",
    "locale",
    "country",
    "campaign_id",
    "game_mode",
    "score",
    "accuracy",
    "duration",
    "stars",
    "first_win",
    "ended_at",
    "match_id",
    "note",
    "story",
    "powerups",
    "grid",
    "device",
    "anything",
    "unknown",
    "__proto__",
];

/// Values that some rule lets through.
const GOOD: &[&str] = &[
    "1",
    "60",
    "\"7\"",
    "0.5",
    "2.0",
    "1e2",
    "true",
    "\"false\"",
    "null",
    "\"ios\"",
    "\"DE\"",
    "\"endless\"",
    "\"2026-11-23\"",
    "1795428000000",
    "[\"a\"]",
    "[[1]]",
    "{\"a\":{}}",
    "\"0193f0a2-1111-7abc-8def-0123456789ab\"",
    "\"\\ud83d\\ude80\"",
];

/// Values that hurt somewhere.
const HOSTILE: &[&str] = &[
    "1e999",
    "-1e999",
    "9007199254740993",
    "-9223372036854775808",
    "18446744073709551616",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\\\\\\"\"",
    "\"\"",
    "\"NaN\"",
    "1e-400",
    "-0.0",
    "\"99999999999999999999\"",
    "\"9999-99-99\"",
    "[[[[]]]]",
    "\"\\u202e\\ufeff\"",
];

/// Values that are no JSON.
const BROKEN: &[&str] =
    &["NaN", "-Infinity", "nil", "0x1F", "1e", "\"\\x\"", "[1 2]", "{\"a\"}", "{a:1}"];

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a text")),
        prop::sample::select(HOSTILE).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = any::<String>().prop_map(|key| serde_json::to_string(&key).expect("a text"));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[ {} ]", items.join(" , "))),
            prop::collection::vec((key, inner), 0..5).prop_map(|pairs| {
                let pairs: Vec<_> = pairs.into_iter().map(|(k, v)| format!("{k} : {v}")).collect();
                format!("{{ {} }}", pairs.join(",\n"))
            }),
        ]
    })
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(GOOD).prop_map(str::to_owned),
        1 => prop::sample::select(HOSTILE).prop_map(str::to_owned),
        1 => any_json(),
    ]
}

/// A valid event with some fields replaced or added.
fn any_fields() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((prop::sample::select(NAMES), any_value()), 0..4).prop_map(|changes| {
        let mut fields: Vec<(String, String)> =
            VALID.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for (name, value) in changes {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some(known) => known.1 = value,
                None => fields.push((name.to_owned(), value)),
            }
        }
        fields
    })
}

fn event_of(fields: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    object(&fields)
}

fn check_all(events: &[String]) -> Vec<Result<Event, String>> {
    let game = definition();
    let mut validator = Validator::new(&game, received_at(), None, None);
    events
        .iter()
        .enumerate()
        .map(|(n, json)| {
            validator.check(n, raw(json)).map_err(|rejected| {
                assert_eq!(rejected.index, n);
                assert!(!rejected.message.is_empty());
                assert!(!rejected.message.contains('\0'));
                assert!(rejected.message.len() < 2_000, "{}", rejected.message);
                assert_eq!(&*rejected.raw, json);
                format!("{:?} {}", rejected.code, rejected.digest)
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_field_gets_an_answer_and_an_accepted_payload_is_in_its_normal_form(
        fields in any_fields()
    ) {
        for event in check_all(&[event_of(&fields)]).into_iter().flatten() {
            prop_assert!(!event.payload.contains('\n'));
            let names: std::collections::BTreeMap<String, &serde_json::value::RawValue> =
                serde_json::from_str(&event.payload).expect("a payload is an object");
            for name in ["event_type", "user_id", "timestamp", "event_id"] {
                prop_assert!(!names.contains_key(name));
            }
            // Put together again, it is a valid event with the very same payload. That would fail
            // if a key stood in it twice or a value were not in its normal form.
            let identity = &object(&VALID[..3]);
            let again = identity.replace('}', &event.payload.replacen('{', ",", 1));
            let again = check_all(&[again]).remove(0);
            prop_assert_eq!(again.map(|event| event.payload), Ok(event.payload));
        }
    }

    #[test]
    fn the_order_of_fields_makes_no_difference(
        fields in any_fields(),
        order in any::<prop::sample::Index>(),
    ) {
        let mut turned = fields.clone();
        turned.rotate_left(order.index(fields.len()));
        let mut reversed = fields.clone();
        reversed.reverse();
        let of = |fields: &[(String, String)]| {
            check_all(&[event_of(fields)]).remove(0).map(|event| {
                let payload: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
                    serde_json::from_str(&event.payload).expect("a payload is an object");
                let payload: Vec<(String, String)> =
                    payload.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect();
                (event.key(), event.content, event.event_type, event.counted_at, payload)
            })
        };
        let original = of(&fields).ok();
        prop_assert_eq!(&original, &of(&turned).ok());
        prop_assert_eq!(&original, &of(&reversed).ok());
    }

    #[test]
    fn the_same_batch_again_is_the_same_events(
        events in prop::collection::vec(any_fields(), 1..4),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let events: Vec<String> = events.iter().map(|fields| event_of(fields)).collect();
        let batch: Vec<String> =
            repeats.iter().map(|index| events[index.index(events.len())].clone()).collect();
        let first = check_all(&batch);
        prop_assert_eq!(&first, &check_all(&batch));
        // Without ids of their own, as many events as were sent are told apart.
        if !batch.iter().any(|json| json.contains("event_id")) {
            let keys: std::collections::BTreeSet<String> =
                first.iter().map(|one| match one {
                    Ok(event) => event.id.to_string(),
                    Err(rejected) => rejected.clone(),
                }).collect();
            prop_assert_eq!(keys.len(), batch.len());
        }
    }

    #[test]
    fn one_byte_that_is_wrong_costs_one_event_at_most(
        count in 2_usize..5,
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let events: Vec<String> = (0..count)
            .map(|n| object(&[VALID, &[("n", &n.to_string()), ("x", r#"[{"y":"z"},{"y":1}]"#)]].concat()))
            .collect();
        let mut body = format!("[{}]", events.join(",")).into_bytes();
        let place = place.index(body.len());
        body[place] = byte;
        // Where the frame itself is broken, nothing is taken.
        let Ok(body) = Body::parse(&body, BATCH_EVENTS_MAX) else { return Ok(()) };
        prop_assert_eq!(body.events.len(), count);
        let whole = body.events.iter().zip(&events).filter(|(item, sent)| match item {
            Item::Json(raw) => raw.get() == *sent,
            Item::Broken { .. } => false,
        });
        prop_assert!(whole.count() >= count - 1);
    }

    #[test]
    fn any_mixture_of_good_and_broken_events_is_told_apart(
        broken in prop::collection::vec(prop::option::of(prop::sample::select(BROKEN)), 1..20),
        in_an_envelope in any::<bool>(),
    ) {
        let events: Vec<String> = broken
            .iter()
            .map(|broken| object(&[VALID, &[("x", broken.unwrap_or("[1]"))]].concat()))
            .collect();
        let list = format!("[ {} ]", events.join(" ,\n"));
        let text = if in_an_envelope { format!("{{\"events\": {list}}}") } else { list };
        let body = Body::parse(text.as_bytes(), BATCH_EVENTS_MAX).expect("it has a frame");
        prop_assert_eq!(body.events.len(), broken.len());
        let game = definition();
        let mut validator = Validator::new(&game, received_at(), None, None);
        for (n, (item, broken)) in body.events.iter().zip(&broken).enumerate() {
            let checked = validator.check_item(n, item);
            let code = checked.as_ref().map_err(|rejected| (rejected.index, rejected.code));
            prop_assert_eq!(code.err(), broken.map(|_| (n, RejectCode::InvalidJson)));
        }
    }

    #[test]
    fn any_bytes_are_a_body_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Body::parse(&bytes, BATCH_EVENTS_MAX);
    }

    #[test]
    fn any_json_is_a_body_whose_events_all_get_an_answer(json in any_json()) {
        let Ok(body) = Body::parse(json.as_bytes(), 3) else { return Ok(()) };
        prop_assert!(body.events.len() <= 3);
        let game = definition();
        let mut validator = Validator::new(&game, received_at(), body.sent_at, None);
        for (n, event) in body.events.iter().enumerate() {
            prop_assert!(validator.check_item(n, event).is_err());
        }
    }
}
