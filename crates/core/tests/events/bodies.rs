//! The three forms of a body, and everything that is none of them.

use scoreline_core::event::RejectCode::InvalidJson;
use scoreline_core::event::body::{Body, BodyError, Item};
use scoreline_core::event::validate::Validator;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::BATCH_EVENTS_MAX;

use crate::game::{VALID, at, definition, received_at, with};

fn parse(text: &str) -> Result<Body<'_>, BodyError> {
    Body::parse(text.as_bytes(), BATCH_EVENTS_MAX)
}

fn events(text: &str) -> Vec<&str> {
    let one = |item| match item {
        Item::Json(raw) => serde_json::value::RawValue::get(raw),
        Item::Broken { problem, .. } => panic!("{problem}: {text}"),
    };
    parse(text).expect(text).events.into_iter().map(one).collect()
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
    assert_eq!(detail(b"\xfe\xff\0[\0{\0}\0]"), "byte 0 is not UTF-8");
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

/// Values that spoil the event they stand in.
const BROKEN_VALUES: [&[u8]; 14] = [
    b"NaN",
    b"nan",
    b"-inf",
    b"Infinity",
    b"\"caf\xc3\"",
    b"\xff\xfe",
    b"01",
    b"1.",
    b"undefined",
    b"'text'",
    b"\"a\nb\"",
    b"\"\\q\"",
    b"[1,,2]",
    b"{\"a\":1,}",
];

/// A valid event with a value of its own, which may be no JSON.
fn event_with(value: &[u8]) -> Vec<u8> {
    let mut event = with(VALID, &[("unknown", "VALUE")]).into_bytes();
    let place = event.windows(5).position(|part| part == b"VALUE").expect("it stands there");
    event.splice(place..place + 5, value.iter().copied());
    event
}

fn is_broken(item: &Item<'_>) -> bool {
    matches!(item, Item::Broken { .. })
}

#[test]
fn a_broken_value_spoils_its_own_event_only() {
    let good = event_with(b"1");
    let game = definition();
    for value in BROKEN_VALUES {
        let bad = event_with(value);
        let list = [b"[", &*good, b" ,\n", &bad, b",", &good, b"]"].concat();
        let envelope = [b"{\"sent_at\":1795428000000,\"events\":", &*list, b"}"].concat();
        for text in [&list, &envelope] {
            let body = Body::parse(text, BATCH_EVENTS_MAX).expect("it has a frame");
            let broken: Vec<bool> = body.events.iter().map(is_broken).collect();
            assert_eq!(broken, [false, true, false], "{}", String::from_utf8_lossy(text));
            assert_eq!(body.sent_at.is_some(), text == &envelope);
            let mut validator = Validator::new(&game, received_at(), None, None);
            let rejected = validator.check_item(1, &body.events[1]).expect_err("no JSON");
            assert_eq!((rejected.code, rejected.index), (InvalidJson, 1));
            assert_eq!(rejected.event_type.as_deref(), Some("game_ended"));
            assert_eq!(rejected.player.as_ref().map(PlayerId::as_str), Some("device-1"));
            validator.check_item(2, &body.events[2]).expect("its neighbour counts");
        }
        let alone = Body::parse(&bad, BATCH_EVENTS_MAX).expect("one event");
        assert!(alone.events.len() == 1 && is_broken(&alone.events[0]));
    }
}

#[test]
fn bytes_that_are_no_json_are_kept_readable() {
    let bad = event_with(b"\"caf\xc3 \0 \xe2\x82\"");
    let body = Body::parse(&bad, BATCH_EVENTS_MAX).expect("one event");
    let game = definition();
    let mut validator = Validator::new(&game, received_at(), None, None);
    let rejected = validator.check_item(0, &body.events[0]).expect_err("no JSON");
    let kept: String = serde_json::from_str(&rejected.raw).expect("a JSON text");
    assert!(kept.contains(r#""unknown":"caf\xc3 \x00 \xe2\x82""#), "{kept}");
    assert!(rejected.message.contains("is not UTF-8"), "{}", rejected.message);
    let again = validator.check_item(0, &body.events[0]).expect_err("no JSON");
    assert_ne!(rejected.digest, again.digest, "the second of the same bytes is another one");
    let resent = Validator::new(&game, received_at(), None, None)
        .check_item(7, &body.events[0])
        .expect_err("no JSON");
    assert_eq!(rejected.digest, resent.digest);
}

#[test]
fn half_a_body_and_one_whose_quotes_do_not_match_have_no_frame() {
    let good = String::from_utf8(event_with(b"1")).expect("text");
    let list = format!("[{good},{good}]");
    let envelope = format!("{{\"events\":{list},\"sent_at\":1}}");
    for text in [list.as_str(), envelope.as_str(), good.as_str()] {
        for end in 1..text.len() {
            assert!(parse(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }
    let odd = good.replace("device-1", "5\" tall");
    for text in [
        format!("[{odd},{good}]"),
        format!("[{odd},{odd}]"),
        format!("[{good} {good}]"),
        format!("[{good},]"),
        format!("[,{good}]"),
        format!("[{good}}}]"),
        format!("{{\"events\":[{good}],}}"),
        format!("{{\"events\":NaN,\"other\":[{good}]}}"),
        "[NaN, nonsense]".to_owned(),
        "{nonsense}".to_owned(),
    ] {
        assert!(parse(&text).is_err(), "{text}");
    }
    let many = format!("[{}NaN]", format!("{good},").repeat(500));
    assert_eq!(parse(&many).err(), Some(BodyError::TooManyEvents { max: 500 }));
}
