//! A flaw in a field that decides nothing never costs the event.

use scoreline_core::event::RejectCode::{self, *};
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::limits::EVENT_FLAWS_TOLD_MAX;
use serde_json::json;

use crate::game::{
    VALID, VALID_INSTALLED, check, check_flawed, check_strictly, definition, payload, raw,
    received_at, with,
};

#[test]
fn a_value_that_is_not_as_defined_is_set_aside_and_the_event_counts() {
    for (field, value, code) in [
        ("locale", r#""en_US_#u-fw-mon-mu-celsius""#, WrongLength),
        ("country", r#""419""#, WrongLength),
        ("country", r#""""#, WrongLength),
        ("session_id", "[1]", WrongType),
        ("campaign_id", "true", WrongType),
        ("accuracy", "1.5", OutOfRange),
        ("stars", "4", NotAllowed),
        ("first_win", r#""yes""#, WrongType),
        ("ended_at", r#""later""#, InvalidTimestamp),
        ("match_id", r#""7""#, InvalidUuid),
        ("note", r#""much too long""#, WrongLength),
        ("story", "12", WrongType),
        ("device", "[]", WrongType),
    ] {
        let (event, flaws) = check_flawed(&with(VALID, &[(field, value)]));
        assert_eq!(flaws.len(), 1, "{field}: {value}");
        assert_eq!((flaws[0].code, flaws[0].field.as_deref()), (code, Some(field)));
        assert!(flaws[0].message.starts_with(field), "{}", flaws[0].message);
        assert_eq!(flaws[0].event_type.as_deref(), Some("game_ended"));
        assert!(flaws[0].declared);
        let payload: serde_json::Value = serde_json::from_str(&event.payload).expect("JSON");
        assert_eq!(payload.get(field), None, "{payload}");
        let sent: serde_json::Value = serde_json::from_str(value).expect("JSON");
        let kept = json!([{ "field": field, "code": code.as_str(), "value": sent }]);
        assert_eq!(payload["$flaws"], kept);
    }
}

#[test]
fn what_stands_in_for_an_absent_field_stands_in_for_one_that_was_set_aside() {
    let payload = payload(&with(VALID, &[("powerups", r#"["a", 2]"#)]));
    assert_eq!(payload["powerups"], json!([]));
    assert_eq!(payload["$flaws"][0]["value"], json!(["a", 2]));
}

#[test]
fn a_common_field_that_came_as_a_number_is_kept_as_a_text() {
    for (field, value) in [("session_id", "1795428000000"), ("app_version", "1.5")] {
        let (event, flaws) = check_flawed(&with(VALID, &[(field, value)]));
        assert_eq!((flaws[0].code, flaws[0].field.as_deref()), (WrongType, Some(field)));
        let kept = format!("\"{field}\":\"{value}\"");
        assert!(event.payload.contains(&kept), "{}", event.payload);
    }
    let rejected = check(&with(VALID, &[("platform", "1")])).expect_err("no platform");
    assert_eq!(rejected.code, WrongType);
}

#[test]
fn a_time_that_cannot_be_read_counts_as_of_its_receipt() {
    for value in ["true", "{}", "[]", "1e300", "\"\"", "\"2026-02-30\"", "\"20261\"", "\"NaN\""] {
        let (event, flaws) = check_flawed(&with(VALID, &[("timestamp", value)]));
        assert_eq!(
            (flaws[0].code, flaws[0].field.as_deref()),
            (InvalidTimestamp, Some("timestamp"))
        );
        assert_eq!(event.counted_at, received_at(), "{value}");
        assert!(event.has_wrong_clock());
        let again = check(&with(VALID, &[("timestamp", value)])).expect("the same event");
        assert_eq!(event.key(), again.key());
    }
    let (event, _) = check_flawed(&with(VALID, &[("timestamp", r#""a\u0000""#)]));
    assert!(event.payload.contains(r#""field":"timestamp","code":"nul_character""#));
}

#[test]
fn a_long_event_id_of_another_kind_identifies_its_event_and_a_short_one_does_not() {
    let id_of = |event_id: &str, score: &str| {
        let (event, flaws) =
            check_flawed(&with(VALID, &[("event_id", event_id), ("score", score)]));
        assert_eq!((flaws[0].code, flaws[0].field.as_deref()), (InvalidUuid, Some("event_id")));
        event.id
    };
    let ulid = r#""01KB8Z6Q2M5W3T9X7Y1R4N6P8D""#;
    assert_eq!(id_of(ulid, "1"), id_of(ulid, "2"));
    assert_ne!(id_of(ulid, "1"), id_of(r#""01KB8Z6Q2M5W3T9X7Y1R4N6P8E""#, "1"));
    let nil = r#""00000000-0000-0000-0000-000000000000""#;
    for worthless in [nil, r#""7""#, "7", "{}"] {
        assert_eq!(id_of(worthless, "1"), id_of(worthless, "1"), "{worthless}");
        assert_ne!(id_of(worthless, "1"), id_of(worthless, "2"), "{worthless}");
    }
}

#[test]
fn a_field_that_a_board_a_statistic_or_a_rule_reads_decides() {
    let game = "[game]\nname = \"Test\"\n[events.ended.fields]\n\
                score = { type = \"integer\" }\nmode = { type = \"string\", max_length = 3 }\n\
                coins = { type = \"integer\" }\nseconds = { type = \"integer\" }\n\
                lives = { type = \"integer\" }\nnote = { type = \"integer\" }\n\
                [leaderboards.a]\nevent = \"ended\"\noperator = \"best\"\nscore = \"score\"\n\
                where = { mode = \"x\", country = \"DE\" }\nbeside = { coins = \"coins\" }\n\
                [statistics.b]\nevent = \"ended\"\noperator = \"sum\"\nfield = \"lives\"\n\
                [[plausibility]]\nevent = \"ended\"\nfield = \"score\"\nat_most = 1\n\
                times = \"seconds\"\n";
    let game = Definition::parse(game).expect("a definition");
    let base = [&VALID[1..5], &[("event_type", r#""ended""#)]].concat();
    let code = |field: &str| -> Option<RejectCode> {
        let json = with(&base, &[(field, r#""many""#)]);
        let mut validator = Validator::new(&game, received_at(), None, None);
        validator.check(0, raw(&json)).err().map(|rejected| rejected.code)
    };
    for field in ["score", "coins", "lives", "seconds"] {
        assert_eq!(code(field), Some(WrongType), "{field}");
    }
    for field in ["mode", "country"] {
        assert_eq!(code(field), Some(WrongLength), "{field}");
    }
    for field in ["note", "session_id", "anything"] {
        assert_eq!(code(field), None, "{field}");
    }
}

#[test]
fn a_strict_type_and_a_strict_field_refuse_what_others_set_aside() {
    let flawed = with(VALID, &[("stars", "4")]);
    check(&flawed).expect("the event counts");
    assert_eq!(check_strictly(&flawed).expect_err("strict").code, NotAllowed);
    let version = with(VALID, &[("app_version", "12")]);
    assert_eq!(check_strictly(&version).expect_err("strict").code, WrongType);
    let id = with(VALID, &[("event_id", "7")]);
    assert_eq!(check_strictly(&id).expect_err("strict").code, InvalidUuid);
    let mut one = definition();
    let fields = &mut one.events["game_ended"].fields;
    let stars = fields.iter_mut().find(|field| &*field.name == "stars").expect("declared");
    (stars.strict, stars.decides) = (true, true);
    let mut validator = Validator::new(&one, received_at(), None, None);
    validator.check(0, raw(&flawed)).expect_err("a strict field");
}

#[test]
fn an_id_that_is_nobodys_is_no_player() {
    for id in [
        "null",
        "undefined",
        "None",
        "NaN",
        "[object Object]",
        " unknown ",
        "0",
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "00000000000000000000000000000000",
        "9774D56D682E549C",
        "  ",
        "",
    ] {
        let json = with(VALID, &[("user_id", &format!("\"{id}\""))]);
        let rejected = check(&json).expect_err(id);
        assert_eq!(rejected.code, UnidentifiedPlayer, "{id}");
        assert_eq!(rejected.player, None, "many devices are not one player");
    }
    for id in ["nullable", "10", "0a", "unknown-7", "device-0"] {
        check(&with(VALID, &[("user_id", &format!("\"{id}\""))])).expect(id);
    }
}

#[test]
fn every_mistake_of_an_event_is_told() {
    let definition = definition();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    let json = with(
        VALID,
        &[
            ("user_id", "7"),
            ("platform", ""),
            ("score", "-1"),
            ("stars", "4"),
            ("duration", "null"),
        ],
    );
    let rejected = validator.check(3, raw(&json)).expect_err("many mistakes");
    assert_eq!((rejected.code, rejected.field.as_deref()), (WrongType, Some("user_id")));
    assert_eq!(
        rejected.message,
        "user_id must be a text, but is 7; platform is required; score must be at least 0, but is \
         -1; duration is required, but is null; stars must be one of 1, 2, 3, but is 4"
    );
    let told = validator.into_told();
    assert!(told.flaws.is_empty(), "the event does not count");
    let fields: Vec<_> =
        told.mistakes.iter().map(|one| (one.index, one.field.as_deref())).collect();
    let expected =
        ["user_id", "platform", "score", "duration", "stars"].map(|name| (3, Some(name)));
    assert_eq!(fields, expected);
}

#[test]
fn what_is_told_of_one_event_is_bounded() {
    let names: Vec<String> = (0..200).map(|n| format!("field_{n}")).collect();
    let unknown: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let definition = definition();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    let rejected = validator.check(0, raw(&with(VALID_INSTALLED, &unknown))).expect_err("strict");
    assert!(rejected.message.len() < 1_100, "{}", rejected.message.len());
    assert_eq!(validator.into_told().mistakes.len(), EVENT_FLAWS_TOLD_MAX);
    let bad: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), r#""\u0000""#)).collect();
    let (event, flaws) = check_flawed(&with(VALID, &bad));
    assert_eq!(flaws.len(), EVENT_FLAWS_TOLD_MAX);
    assert_eq!(event.payload.matches("nul_character").count(), 200, "all of them are kept");
}

#[test]
fn what_was_set_aside_stays_with_an_event_that_comes_out_of_an_export() {
    let (event, _) = check_flawed(&with(VALID, &[("stars", "4"), ("locale", "[ 7 ]")]));
    let own = event.payload.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let identity = with(&VALID[..3], &[]);
    let again = identity.replace('}', &format!(",{}}}", own.expect("an object")));
    let (again, flaws) = check_flawed(&again);
    assert_eq!((again.payload, flaws.len()), (event.payload, 0));
    let (event, flaws) = check_flawed(&with(VALID, &[("$flaws", "7")]));
    assert_eq!((flaws[0].code, flaws[0].field.as_deref()), (WrongType, Some("$flaws")));
    assert!(
        event.payload.ends_with(r#""$flaws":[{"field":"$flaws","code":"wrong_type","value":7}]}"#)
    );
}

#[test]
fn platforms_and_countries_are_compared_without_regard_to_case() {
    let payload = payload(&with(VALID, &[("platform", r#""iOS""#), ("country", r#""de""#)]));
    assert_eq!((&payload["platform"], &payload["country"]), (&json!("ios"), &json!("DE")));
    assert!(payload.get("$flaws").is_none());
}

#[test]
fn what_all_events_have_in_common_is_the_definitions_and_a_type_may_differ() {
    let game = "[game]\nname = \"Test\"\nplatforms = [\"iOS\", \"Web\"]\n\
                [common]\napp_version = { required = false }\nlocale = { max_length = 40 }\n\
                campaign_id = { required = true, one_of = [\"a\", \"b\"] }\n\
                [events.shared.fields]\nplatform = { type = \"string\" }\n\
                campaign_id = { type = \"string\" }\n[events.opened]\n\
                [leaderboards.a]\nevent = \"shared\"\noperator = \"count\"\n";
    let game = Definition::parse(game).expect("a definition");
    let answer = |event_type: &str, more: &[(&str, &str)]| {
        let base = [&VALID[1..3], &[("event_type", event_type)]].concat();
        let mut validator = Validator::new(&game, received_at(), None, None);
        let event = validator.check(0, raw(&with(&base, more)));
        let event = event.map(|event| event.payload.into_string());
        (event.map_err(|rejected| rejected.message), validator.into_told().flaws.len())
    };
    let shared = r#""shared""#;
    assert_eq!(answer(shared, &[]), (Ok("{}".into()), 0));
    let elsewhere = answer(shared, &[("platform", r#""WhatsApp""#), ("campaign_id", r#""x""#)]);
    let kept = r#"{"platform":"whatsapp","campaign_id":"x"}"#;
    assert_eq!(elsewhere, (Ok(kept.into()), 0));
    let long = r#""zh-Hans-CN-u-ca-chinese-nu-hanidec""#;
    let opened = [("platform", r#""web""#), ("campaign_id", r#""a""#), ("locale", long)];
    assert_eq!(answer(r#""opened""#, &opened).1, 0);
    let (refused, _) = answer(r#""opened""#, &[("platform", r#""web""#)]);
    assert_eq!(refused, Err("campaign_id is required".into()));
}

#[test]
fn of_fields_that_the_type_does_not_know_the_shorter_ones_are_kept_as_far_as_they_go() {
    let long = |letter: &str| json!(letter.repeat(6_000)).to_string();
    let (b, c) = (long("b"), long("c"));
    let event = with(VALID, &[("b", &b), ("a", "1"), ("c", &c), ("d", &long("d"))]);
    let (event, flaws) = check_flawed(&event);
    let kept: serde_json::Value = serde_json::from_str(&event.payload).expect("JSON");
    assert_eq!(kept["a"], 1);
    assert!(kept["b"].is_string() && kept["c"].is_string(), "there is room for two");
    assert!(kept.get("d").is_none());
    assert_eq!((flaws.len(), flaws[0].code, flaws[0].field.as_deref()), (1, TooLarge, Some("d")));
    assert!(flaws[0].message.contains("16384 bytes"), "{}", flaws[0].message);
    assert_eq!(kept["$flaws"], json!([{ "field": "d", "code": "too_large" }]));
    // Whatever their order, the same are kept.
    let other = with(VALID, &[("d", &long("d")), ("c", &c), ("a", "1"), ("b", &b)]);
    let (other, _) = check_flawed(&other);
    assert_eq!(other.content, event.content);
    assert!(!other.payload.contains("dddd"));
}

#[test]
fn of_values_that_are_set_aside_the_first_are_kept_as_far_as_they_go() {
    let long = json!("n".repeat(10_000)).to_string();
    let event = with(VALID, &[("note", &long), ("country", &long), ("locale", r#""e""#)]);
    let (event, flaws) = check_flawed(&event);
    assert!(flaws.iter().any(|flaw| flaw.field.as_deref() == Some("note")));
    assert!(event.payload.len() < 12_000, "one of the two long ones is told by its name alone");
    let kept: serde_json::Value = serde_json::from_str(&event.payload).expect("JSON");
    let told: Vec<_> = kept["$flaws"].as_array().expect("a list").iter().collect();
    assert!(told.iter().any(|one| one.get("value").is_none()), "{told:?}");
}

#[test]
fn a_list_of_flaws_that_is_too_long_is_a_flaw_itself() {
    let list: Vec<_> = (0..200).map(|_| json!({ "value": "v".repeat(500) })).collect();
    let event = with(VALID, &[("$flaws", &json!(list).to_string())]);
    let (event, flaws) = check_flawed(&event);
    assert_eq!(flaws[0].field.as_deref(), Some("$flaws"));
    assert!(event.payload.len() < 2_000, "{}", event.payload.len());
}
