//! Every rule, seen from the sender: what is let through in which form, and what is answered.

use std::collections::BTreeSet;

use scoreline_core::event::RejectCode::{self, *};
use scoreline_core::event::validate::Validator;
use scoreline_core::id::PlayerId;
use serde_json::json;

use crate::game::{
    VALID, VALID_INSTALLED, check, check_flawed, check_strictly, definition, object, payload, raw,
    received_at, with,
};

/// One mistake a line: field, value in its place (`-` for none), code, message.
const COMMON_FIELDS: &str = r#"
event_type  | -        | missing_field      | event_type is required
event_type  | null     | missing_field      | event_type is required, but is null
event_type  | 7        | wrong_type         | event_type must be a text, but is 7
event_type  | ""       | wrong_length       | event_type must have 1 to 100 characters, but has 0
event_type  | "nope"   | unknown_event_type | event_type "nope" is not defined for this game
user_id     | -        | missing_field      | user_id is required
user_id     | 12345    | wrong_type         | user_id must be a text, but is 12345
user_id     | ""       | unidentified_player | user_id must be the id of a player, but "" is nobody's
user_id     | "Null"   | unidentified_player | user_id must be the id of a player, but "Null" is nobody's
timestamp   | -        | missing_field      | timestamp is required
event_id    | "x"      | invalid_uuid       | event_id must be a UUID, but is "x"
event_id    | 7        | invalid_uuid       | event_id must be a UUID, but is 7
event_id    | "00000000-0000-0000-0000-000000000000" | invalid_uuid | event_id must be a UUID of the event's own, but is the nil UUID
platform    | -        | missing_field      | platform is required
platform    | "web"    | not_allowed        | platform must be one of "android", "ios", but is "web"
platform    | 1        | wrong_type         | platform must be a text, but is 1
app_version | -        | missing_field      | app_version is required
app_version | 1.2      | wrong_type         | app_version must be a text, but is 1.2
locale      | "123456789012345678901" | wrong_length | locale must have at most 20 characters, but has 21
country     | "DEU"    | wrong_length       | country must have exactly 2 characters, but has 3
country     | "é"      | wrong_length       | country must have exactly 2 characters, but has 1
"#;

const OWN_FIELDS: &str = r#"
score       | -        | missing_field      | score is required
score       | null     | missing_field      | score is required, but is null
score       | -5       | out_of_range       | score must be at least 0, but is -5
score       | "-5"     | out_of_range       | score must be at least 0, but is "-5"
score       | 12.5     | wrong_type         | score must be a whole number, but is 12.5
score       | "many"   | wrong_type         | score must be a whole number, but is "many"
score       | {}       | wrong_type         | score must be a whole number, but is an object
score       | [1]      | wrong_type         | score must be a whole number, but is a list
score       | true     | wrong_type         | score must be a whole number, but is true
score       | 9007199254740992 | out_of_range | score must be between -9007199254740991 and 9007199254740991, but is 9007199254740992
score       | 1e999    | out_of_range       | score must be between -9007199254740991 and 9007199254740991, but is 1e999
score       | 1201     | implausible        | score must be at most 20 × duration (20 × 60 = 1200), but is 1201
accuracy    | 1.01     | out_of_range       | accuracy must be at most 1, but is 1.01
accuracy    | 1e999    | out_of_range       | accuracy must be between -1.8e308 and 1.8e308, but is 1e999
accuracy    | "NaN"    | wrong_type         | accuracy must be a number, but is "NaN"
stars       | 4        | not_allowed        | stars must be one of 1, 2, 3, but is 4
game_mode   | "Endless" | not_allowed       | game_mode must be one of "endless", "story", but is "Endless"
first_win   | 1        | wrong_type         | first_win must be true or false, but is 1
ended_at    | "later"  | invalid_timestamp  | ended_at must be a time such as "2026-11-23T10:00:00Z" or milliseconds since 1970, but is "later"
match_id    | "7"      | invalid_uuid       | match_id must be a UUID, but is "7"
note        | "12345678901" | wrong_length  | note must have at most 10 characters, but has 11
story       | ""       | wrong_length       | story must have at least 1 character, but has 0
note        | 5        | wrong_type         | note must be a text, but is 5
powerups    | "shield" | wrong_type         | powerups must be a list, but is "shield"
powerups    | ["a",2]  | wrong_type         | powerups[1] must be a text, but is 2
powerups    | ["a","b","c","d"] | wrong_length | powerups must have at most 3 items, but has 4
grid        | [[1],[2,0.5]] | wrong_type    | grid[1][1] must be a whole number, but is 0.5
device      | []       | wrong_type         | device must be an object, but is a list
"#;

const STRICT_TYPE: &str = r#"
country     | -        | missing_field      | country is required
country     | "D"      | wrong_length       | country must have exactly 2 characters, but has 1
setting     | -        | missing_field      | setting is required
color       | 1        | unknown_field      | color is not a field of installed
"#;

fn assert_all_rejected(base: &[(&str, &str)], table: &str) {
    for line in table.lines().filter(|line| !line.is_empty()) {
        let [field, value, code, message] =
            line.split(" | ").map(str::trim).collect::<Vec<_>>()[..]
        else {
            panic!("four columns: {line}");
        };
        let value = if value == "-" { "" } else { value };
        assert_rejected(base, (field, value), code, message);
    }
}

fn assert_rejected(base: &[(&str, &str)], change: (&str, &str), code: &str, message: &str) {
    let rejected = check_strictly(&with(base, &[change])).expect_err(message);
    assert_eq!(rejected.message, message);
    assert_eq!(rejected.code.as_str(), code, "{message}");
    let field = message.split([' ', '[']).next().expect("a message names the field first");
    assert_eq!(rejected.field.as_deref(), Some(field), "{message}");
}

#[test]
fn a_valid_event_becomes_a_flat_payload_without_its_identity() {
    let event = check(&with(VALID, &[("session_id", r#""s-1""#), ("unknown", "[1 , 2]")]))
        .expect("a valid event");
    assert_eq!(&*event.event_type, "game_ended");
    assert_eq!(event.player.as_str(), "device-1");
    assert_eq!(event.received_at, received_at());
    assert_eq!(
        &*event.payload,
        "{\"platform\":\"ios\",\"app_version\":\"1.4.2\",\"session_id\":\"s-1\",\
         \"game_mode\":\"endless\",\"score\":900,\"duration\":60,\"powerups\":[],\
         \"unknown\":[1,2]}"
    );
}

#[test]
fn what_clients_write_differently_is_written_in_one_form() {
    for (field, sent, kept) in [
        ("score", r#""0900""#, json!(900)),
        ("score", "12.0", json!(12)),
        ("score", "1e3", json!(1000)),
        ("score", r#"" 7 ""#, json!(7)),
        ("score", "-0", json!(0)),
        ("accuracy", "0.5", json!(0.5)),
        ("accuracy", r#""0.25""#, json!(0.25)),
        ("accuracy", "1", json!(1)),
        ("accuracy", "5e-1", json!(0.5)),
        ("stars", r#""2""#, json!(2)),
        ("first_win", "true", json!(true)),
        ("first_win", r#""false""#, json!(false)),
        (
            "match_id",
            r#""{0193F0A2-1111-7ABC-8DEF-0123456789AB}""#,
            json!("0193f0a2-1111-7abc-8def-0123456789ab"),
        ),
        ("note", "null", json!(null)),
        ("note", r#""\ud83d\ude80 Ωμέγα""#, json!("🚀 Ωμέγα")),
        ("powerups", r#"["a", "b"]"#, json!(["a", "b"])),
        ("powerups", "null", json!([])),
        ("grid", r#"[["1", 2.0], []]"#, json!([[1, 2], []])),
        ("device", r#"{ "a": [ {} ] }"#, json!({"a": [{}]})),
        ("anything", "null", json!(null)),
        ("anything", r#"{"a":" "}"#, json!({"a": " "})),
        ("__proto__", r#"{"admin":true}"#, json!({"admin": true})),
        ("constructor", "1", json!(1)),
        ("", "1", json!(1)),
    ] {
        let payload = match field {
            "" => payload(&with(VALID, &[]).replace('{', r#"{"":1,"#)),
            field => payload(&with(VALID, &[(field, sent)])),
        };
        assert_eq!(payload[field], kept, "{field}: {sent}");
    }
}

#[test]
fn null_in_an_optional_field_counts_as_absent() {
    let payload = payload(&with(
        VALID,
        &[("stars", "null"), ("session_id", "null"), ("event_id", "null"), ("device", "null")],
    ));
    for field in ["stars", "session_id", "event_id", "device"] {
        assert_eq!(payload.get(field), None, "{field}");
    }
}

#[test]
fn numbers_beyond_64_bits_are_kept_where_the_definition_does_not_look() {
    for number in ["1e999", "123456789012345678901234567890", "-0.0", "9007199254740993"] {
        for field in ["unknown", "anything"] {
            let event = check(&with(VALID, &[(field, number)])).expect("kept");
            assert!(event.payload.contains(&format!("\"{field}\":{number}")), "{}", event.payload);
        }
    }
}

#[test]
fn keys_and_texts_of_any_script_are_kept() {
    for name in ["ключ", "鍵", "🔑", "a b", "a.b", "a\\\"b", "a\\\\b", "\\u00e9", "__proto__"]
    {
        let payload = payload(&with(VALID, &[(name, r#""value""#)]));
        let name: String = serde_json::from_str(&format!("\"{name}\"")).expect("a text");
        assert_eq!(payload[&name], "value", "{name}");
    }
}

#[test]
fn the_common_fields_are_checked() {
    assert_all_rejected(VALID, COMMON_FIELDS);
}

#[test]
fn texts_of_the_common_fields_are_counted_in_characters() {
    for (field, chars_max, limit) in [
        ("user_id", 255, "at most 255 characters"),
        ("event_type", 100, "1 to 100 characters"),
        ("session_id", 255, "at most 255 characters"),
        ("campaign_id", 255, "at most 255 characters"),
        ("app_version", 4_096, "at most 4096 characters"),
    ] {
        let text = |chars: usize| format!("\"{}\"", "é".repeat(chars));
        if field != "event_type" {
            check(&with(VALID, &[(field, &text(chars_max))])).expect("as long as allowed");
        }
        let message = format!("{field} must have {limit}, but has {}", chars_max + 1);
        assert_rejected(VALID, (field, &text(chars_max + 1)), "wrong_length", &message);
    }
}

#[test]
fn the_fields_of_a_type_are_checked() {
    assert_all_rejected(VALID, OWN_FIELDS);
    let long = format!("\"{}\"", "x".repeat(4_097));
    let message = "story must have at most 4096 characters, but has 4097";
    assert_rejected(VALID, ("story", &long), "wrong_length", message);
}

#[test]
fn a_believable_score_is_at_most_its_limit() {
    check(&with(VALID, &[("score", "1200")])).expect("the limit itself is believable");
    let rejected = check(&with(VALID, &[("duration", "0")])).expect_err("no time to score in");
    assert_eq!(rejected.message, "score must be at most 20 × duration (20 × 0 = 0), but is 900");
}

#[test]
fn a_type_may_ask_more_of_a_common_field_and_refuse_unknown_ones() {
    let accepted = payload(&with(VALID_INSTALLED, &[]));
    assert_eq!(accepted["country"], "DE");
    assert_eq!(accepted["lives"], 3, "the default");
    let text = check(&with(VALID_INSTALLED, &[])).expect("valid").payload;
    assert_eq!(text.matches("\"country\"").count(), 1, "{text}");
    assert_eq!(payload(&with(VALID_INSTALLED, &[("setting", "null")]))["setting"], json!(null));
    assert_all_rejected(VALID_INSTALLED, STRICT_TYPE);
    let long_name = "n".repeat(500);
    let message = format!("{}… is not a field of installed", "n".repeat(60));
    assert_rejected(VALID_INSTALLED, (&long_name, "1"), "unknown_field", &message);
}

/// What an event with this fault in this field is answered: an error where it decides.
fn fault_in(field: &str, value: &str) -> (RejectCode, String) {
    let json = with(VALID, &[(field, value)]);
    let is_identity = field == "user_id" || field == "event_type" || field == "score";
    if let Err(rejected) = check(&json) {
        assert!(is_identity, "{field} decides nothing: {}", rejected.message);
        assert_eq!(rejected.field.as_deref(), Some(field));
        return (rejected.code, rejected.message);
    }
    assert!(!is_identity, "{field} decides");
    let (_, mut flaws) = check_flawed(&json);
    let flaw = flaws.pop().expect("a flaw");
    assert_eq!((flaws.len(), flaw.field.as_deref()), (0, Some(field)));
    (flaw.code, flaw.message)
}

#[test]
fn nul_characters_are_told_wherever_they_stand() {
    for (field, value) in [
        ("user_id", r#""a\u0000""#),
        ("score", r#""1\u0000""#),
        ("note", r#""\u0000""#),
        ("session_id", r#""\u0000""#),
        ("unknown", r#""a\u0000b""#),
        ("unknown", r#"[{"a":["\u0000"]}]"#),
        ("unknown", r#"{"\u0000":1}"#),
        ("event_type", r#""game\u0000ended""#),
    ] {
        let message = format!("{field} must not contain the NUL character");
        assert_eq!(fault_in(field, value), (NulCharacter, message));
    }
    let (event, flaws) = check_flawed(&with(VALID, &[(r"a\u0000", "1")]));
    assert_eq!(flaws[0].message, r"a\u{0} must not have the NUL character in its name");
    let kept = r#""$flaws":[{"field":"a\\u0000","code":"nul_character","value":1}]"#;
    assert!(event.payload.contains(kept), "{}", event.payload);
    check(&with(VALID, &[("unknown", r#""\\u0000""#)])).expect("an escaped backslash");
}

#[test]
fn half_surrogate_pairs_are_told_wherever_they_stand() {
    for (field, value) in [
        ("note", r#""\ud800""#),
        ("locale", r#""\ud83d""#),
        ("unknown", r#"["\udc00x"]"#),
        ("user_id", r#""\ud83d-""#),
    ] {
        let (code, message) = fault_in(field, value);
        assert_eq!(code, WrongType);
        assert!(message.ends_with("half of a surrogate pair, which is no character"));
    }
    let (_, flaws) = check_flawed(&with(VALID, &[(r"\ud800", "1")]));
    assert_eq!(flaws[0].code, WrongType);
}

#[test]
fn duplicate_keys_cost_an_event_only_where_they_decide() {
    for twice in [
        object(&[VALID, &[("score", "1")]].concat()),
        object(&[VALID, &[(r"sc\u006fre", "900")]].concat()),
    ] {
        let rejected = check(&twice).expect_err("a duplicate");
        assert_eq!(rejected.code, DuplicateField);
        assert_eq!(rejected.field.as_deref(), Some("score"));
        assert_eq!(rejected.message, "score stands in the event more than once");
    }
    let (event, flaws) = check_flawed(&object(&[VALID, &[("x", "1"), ("x", "2")]].concat()));
    assert_eq!(flaws.len(), 1, "it is told once");
    assert_eq!(flaws[0].message, "x stands in the event more than once");
    let kept = r#""$flaws":[{"field":"x","code":"duplicate_field","value":1},{"field":"x","code":"duplicate_field","value":2}]"#;
    assert!(event.payload.contains(kept), "{}", event.payload);
    let mut many: Vec<(String, &str)> = (0..100).map(|n| (format!("f{n}"), "1")).collect();
    many.push(("f50".into(), "1"));
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, *value)).collect();
    let (_, flaws) = check_flawed(&object(&[VALID, &many].concat()));
    assert_eq!((flaws.len(), flaws[0].field.as_deref()), (1, Some("f50")));
}

#[test]
fn events_that_are_no_objects_are_named() {
    for (value, kind) in [
        ("null", "null"),
        ("true", "a truth value"),
        ("17", "a number"),
        ("\"{}\"", "a text"),
        ("[{}]", "a list"),
    ] {
        let rejected = check(value).expect_err(value);
        assert_eq!(rejected.code, NotAnObject);
        assert_eq!(rejected.message, format!("an event must be a JSON object, but is {kind}"));
        assert_eq!(&*rejected.raw, value);
    }
}

#[test]
fn events_have_limits_that_are_named() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check(&with(VALID, &[("unknown", &nested(31))])).expect("32 deep, with the event itself");
    let (event, deep) = check_flawed(&with(VALID, &[("unknown", &nested(32))]));
    assert_eq!((deep[0].code, deep[0].field.as_deref()), (TooLarge, Some("unknown")));
    let message = "unknown must not make the event nest more than 32 deep, but does 33";
    assert_eq!(deep[0].message, message);
    assert!(event.payload.contains(r#""code":"too_large","json":"[[["#), "{}", event.payload);
    let abyss = check(&with(VALID, &[("unknown", &nested(1_000_000))])).expect_err("an abyss");
    assert_eq!(abyss.code, TooLarge);

    let fill = |bytes: usize| format!("\"{}\"", "x".repeat(bytes));
    let room = 256 * 1024 - with(VALID, &[("unknown", "\"\"")]).len();
    check(&with(VALID, &[("unknown", &fill(room))])).expect("256 KiB");
    let large = check(&with(VALID, &[("unknown", &fill(room + 1))])).expect_err("a byte more");
    assert_eq!(large.code, TooLarge);
    assert_eq!(large.message, "an event must have at most 262144 bytes, but has 262145");
    assert_eq!(large.event_type.as_deref(), Some("game_ended"));

    let names: Vec<String> = (0..300).map(|n| format!("field_{n}")).collect();
    let more = |count: usize| -> Vec<(&str, &str)> {
        names[..count].iter().map(|name| (name.as_str(), "1")).collect()
    };
    check(&with(VALID, &more(256 - VALID.len()))).expect("256 fields");
    let wide = check(&with(VALID, &more(257 - VALID.len()))).expect_err("257 fields");
    assert_eq!(wide.code, TooLarge);
    assert_eq!(wide.message, "an event must have at most 256 fields, but has more");
    assert_eq!(wide.player.as_ref().map(PlayerId::as_str), Some("device-1"));
}

#[test]
fn a_token_speaks_for_its_own_player_only() {
    let game = definition();
    let player = PlayerId::new("device-1").expect("an id");
    let mut validator = Validator::new(&game, received_at(), None, Some(player));
    validator.check(0, raw(&with(VALID, &[]))).expect("the player's own event");
    let other = with(VALID, &[("user_id", r#""device-2""#)]);
    let rejected = validator.check(1, raw(&other)).expect_err("another player's event");
    assert_eq!((rejected.code, rejected.field.as_deref()), (WrongPlayer, Some("user_id")));
    assert_eq!(
        rejected.message,
        "user_id must be the player of the session, \"device-1\", but is another one"
    );
}

#[test]
fn a_rule_of_plausibility_says_nothing_without_its_fields() {
    let mut game = definition();
    let event_type = &mut game.events["game_ended"];
    for field in &mut event_type.fields {
        field.required = false;
    }
    let mut validator = Validator::new(&game, received_at(), None, None);
    let without = with(VALID, &[("duration", ""), ("score", "1000000")]);
    validator.check(0, raw(&without)).expect("no duration to measure by");
    for field in &mut game.events["game_ended"].fields {
        if &*field.name == "duration" {
            field.default = Some("10".into());
        }
    }
    let mut validator = Validator::new(&game, received_at(), None, None);
    let rejected = validator.check(0, raw(&without)).expect_err("the default measures");
    assert_eq!(rejected.code, Implausible);
}

#[test]
fn ten_thousand_unknown_types_are_ten_thousand_answers() {
    let game = definition();
    let mut validator = Validator::new(&game, received_at(), None, None);
    let mut digests = BTreeSet::new();
    for n in 0..10_000 {
        let json = with(VALID, &[("event_type", &format!("\"type_{n}\""))]);
        let rejected = validator.check(n, raw(&json)).expect_err("unknown");
        assert_eq!(rejected.code, UnknownEventType);
        digests.insert(rejected.digest);
    }
    assert_eq!(digests.len(), 10_000);
}

#[test]
fn every_code_has_its_own_slug() {
    let slugs: BTreeSet<&str> = RejectCode::ALL.into_iter().map(RejectCode::as_str).collect();
    assert_eq!(slugs.len(), RejectCode::ALL.len());
}
