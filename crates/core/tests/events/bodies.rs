//! The three forms of a body, and everything that is none of them.

use scoreline_core::event::body::{Body, BodyError};
use scoreline_core::limits::BATCH_EVENTS_MAX;

use crate::game::at;

fn parse(text: &str) -> Result<Body<'_>, BodyError> {
    Body::parse(text.as_bytes(), BATCH_EVENTS_MAX)
}

fn events(text: &str) -> Vec<&str> {
    parse(text).expect(text).events.into_iter().map(serde_json::value::RawValue::get).collect()
}

fn detail(text: &[u8]) -> String {
    match Body::parse(text, BATCH_EVENTS_MAX) {
        Err(BodyError::NotJson { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_three_forms_bring_the_same_events() {
    let event = r#"{"event_type":"a","events":1}"#;
    assert_eq!(events(event), [event]);
    assert_eq!(events(&format!(" [{event} , null]\n")), [event, "null"]);
    assert_eq!(events(&format!(r#"{{"events": [{event}, 7], "other": {{}}}}"#)), [event, "7"]);
}

#[test]
fn a_body_without_events_is_empty() {
    for text in
        ["", " \r\n\t ", "[]", r#"{"events":[]}"#, r#"{"sent_at":1,"events":[ ]}"#, "\u{feff}"]
    {
        assert!(events(text).is_empty(), "{text:?}");
    }
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    assert_eq!(events("\u{feff}[1]"), ["1"]);
}

#[test]
fn an_object_with_an_event_type_or_without_events_is_one_event() {
    for text in [
        r#"{"event_type":"a","events":[1,2,3]}"#,
        r#"{"events":[1,2,3],"event_type":"a"}"#,
        r#"{"events":[1,2,3],"event\u005ftype":"a"}"#,
        r#"{"events":null,"event_type":"a"}"#,
        r#"{"events":1e999,"event_type":"a"}"#,
        r#"{"sent_at":"2026-11-23"}"#,
        r#"{"\ud800":1}"#,
        "{}",
    ] {
        assert_eq!(events(text), [text]);
    }
}

#[test]
fn an_envelope_key_may_be_written_with_escapes() {
    assert_eq!(events(r#"{"\u0065vents":[1]}"#), ["1"]);
}

#[test]
fn sent_at_is_read_leniently_or_not_at_all() {
    let sent_at = |value: &str| {
        parse(&format!(r#"{{"events":[],"sent_at":{value}}}"#)).expect("an envelope").sent_at
    };
    let expected = Some(at("2026-11-23T10:00:00Z"));
    for value in [
        r#""2026-11-23T10:00:00Z""#,
        r#""2026-11-23T12:00+02:00""#,
        "1795428000000",
        r#""1795428000000""#,
    ] {
        assert_eq!(sent_at(value), expected, "{value}");
    }
    for value in ["null", "true", r#""soon""#, "1e999", r#""\ud800""#, "{}", "[1]"] {
        assert_eq!(sent_at(value), None, "{value}");
    }
}

#[test]
fn events_that_are_no_list_are_named() {
    assert_eq!(
        detail(br#"{"events":{"a":1}}"#),
        "\"events\" must be a list of events, but is an object"
    );
    assert!(detail(br#"{"events":null}"#).ends_with("but is null"));
    assert!(detail(br#"{"events":"x","sent_at":1}"#).ends_with("but is a text"));
    assert_eq!(
        detail(br#"{"events":[1],"events":[2]}"#),
        "\"events\" stands in the body more than once"
    );
}

#[test]
fn values_that_hold_no_event_are_named() {
    for (text, kind) in [
        ("42", "a number"),
        ("-1", "a number"),
        ("\"{}\"", "a text"),
        ("true", "a truth value"),
        (" null ", "null"),
    ] {
        let detail = detail(text.as_bytes());
        assert!(detail.starts_with("the body must be an event, a list of events or"), "{detail}");
        assert!(detail.ends_with(&format!("but is {kind}")), "{detail}");
    }
}

#[test]
fn broken_json_is_told_by_line_and_column() {
    for (text, place) in [
        ("{", "at line 1 column 1"),
        ("[1,\n2,", "at line 2 column 2"),
        ("[1] x", "at line 1 column 5"),
        ("{\"events\":[1}", "at line 1 column 13"),
        ("{\"events\":[1]}]", "at line 1 column 15"),
        ("hello", "at line 1 column 1"),
        ("[01]", "at line 1 column 3"),
        ("[\"a\0b\"]", "at line 1 column 3"),
        ("{'a':1}", "at line 1 column 2"),
        ("[NaN]", "at line 1 column 2"),
    ] {
        let detail = detail(text.as_bytes());
        assert!(detail.ends_with(place), "{text:?}: {detail}");
    }
    assert_eq!(detail(b"[\"\xff\"]"), "byte 2 is not UTF-8");
    assert_eq!(detail(b"\x1f\x8b\x08"), "byte 1 is not UTF-8");
}

#[test]
fn one_event_more_than_allowed_is_refused_and_nothing_is_truncated() {
    let list = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
    for text in [list(500), format!(r#"{{"events":{}}}"#, list(500))] {
        assert_eq!(events(&text).len(), 500);
    }
    for text in [list(501), format!(r#"{{"events":{}}}"#, list(501)), list(100_000)] {
        assert_eq!(parse(&text).err(), Some(BodyError::TooManyEvents { max: 500 }));
    }
    let twice = format!(r#"{{"events":{},"events":[]}}"#, list(501));
    assert!(detail(twice.as_bytes()).ends_with("more than once"));
    // The list inside of an event is not a list of events.
    assert_eq!(events(&format!(r#"{{"events":{},"event_type":"a"}}"#, list(501))).len(), 1);
}

#[test]
fn nesting_of_any_depth_neither_recurses_nor_is_refused_here() {
    let depth = 2_000_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(events(&deep).len(), 1);
    let envelope = format!(r#"{{"events":[{deep}],"x":{deep}}}"#);
    assert_eq!(events(&envelope), [deep]);
    detail("[".repeat(depth).as_bytes());
    detail("{\"a\":".repeat(depth).as_bytes());
}
