//! Event types that are patterns.

use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode, TYPE_KEY};
use scoreline_core::game::Definition;

use crate::game::{raw, received_at};

const GAME: &str = r#"
[game]
name = "Patterns"

[events."conversion_*".fields]
value = { type = "integer", min = 0 }
[events."conversion_shop_*"]
[events.conversion_signup]
[events.conversion_signup.fields]
plan = { type = "string", required = true }

[leaderboards.conversions]
event = "conversion_*"
operator = "sum"
score = "value"
"#;

fn definition() -> Definition {
    Definition::parse(GAME).expect("a definition")
}

fn sent(event_type: &str, more: &str) -> String {
    format!(
        r#"{{"event_type":"{event_type}","user_id":"u","timestamp":1795424400000,"app_version":"1","platform":"ios","event_id":"919108f7-52d1-4320-9bac-f847db4148a8"{more}}}"#
    )
}

fn check(json: &str) -> Result<Event, RejectCode> {
    let definition = definition();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    validator.check(0, raw(json)).map_err(|rejected| rejected.code)
}

#[test]
fn the_exact_name_comes_before_patterns_and_the_longest_pattern_before_shorter_ones() {
    let definition = definition();
    let of = |name: &str| definition.event_type(name).map(|one| one.name.to_string());
    for (name, expected) in [
        ("conversion_signup", Some("conversion_signup")),
        ("conversion_signup2", Some("conversion_*")),
        ("conversion_shop_hat", Some("conversion_shop_*")),
        ("conversion_shop_", Some("conversion_*")),
        ("conversion_", None),
        ("conversion", None),
        ("Conversion_x", None),
        ("conversion_*", Some("conversion_*")),
    ] {
        assert_eq!(of(name).as_deref(), expected, "{name}");
    }
}

#[test]
fn an_event_is_of_the_declared_type_and_keeps_what_was_sent() {
    let event = check(&sent("conversion_\\u0073pring", r#","value":5"#)).expect("it counts");
    assert_eq!(&*event.event_type, "conversion_*");
    assert!(
        event.payload.starts_with(r#"{"$event_type":"conversion_spring","#),
        "{}",
        event.payload
    );
    assert_eq!(check(&sent("conversion_signup", "")), Err(RejectCode::MissingField));
    assert_eq!(check(&sent("conversion_x", r#","value":-1"#)), Err(RejectCode::OutOfRange));

    // It goes out and comes in as it was sent.
    let again = event.as_sent();
    assert!(
        again.contains(r#""event_type":"conversion_spring""#) && !again.contains(TYPE_KEY),
        "{again}"
    );
    let again = check(&again).expect("it counts");
    assert_eq!((&again.event_type, &again.payload), (&event.event_type, &event.payload));
}

#[test]
fn nobody_can_send_the_key_under_which_the_type_is_kept() {
    let definition = definition();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    let json = sent("conversion_x", r#","$event_type":"conversion_y""#);
    let event = validator.check(0, raw(&json)).expect("it counts");
    assert!(event.payload.starts_with(r#"{"$event_type":"conversion_x","#), "{}", event.payload);
    assert!(event.as_sent().contains(r#""event_type":"conversion_x""#));
    let flaws = validator.into_told().flaws;
    assert_eq!((flaws.len(), flaws[0].field.as_deref()), (1, Some(TYPE_KEY)));
}

#[test]
fn what_is_read_of_a_pattern_decides_for_all_its_events() {
    let definition = definition();
    let decides = |name: &str| {
        definition.event_type(name).expect("a type").field("value").map(|one| one.decides)
    };
    assert_eq!(decides("conversion_anything"), Some(true));
    assert_eq!(decides("conversion_shop_hat"), None);
}
