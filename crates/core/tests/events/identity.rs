//! What an event is recognised by when it comes again.

use scoreline_core::event::key_time::time_of;
use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode, Rejected};
use scoreline_core::game::{Definition, UnknownFields};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::game::{VALID, at, definition, raw, received_at, with};

type Outcome = Result<Event, Box<Rejected>>;

fn check_batch(
    definition: &Definition,
    received_at: Timestamp,
    sent_at: Option<Timestamp>,
    events: &[&str],
) -> Vec<Outcome> {
    let mut validator = Validator::new(definition, received_at, sent_at, None);
    events.iter().enumerate().map(|(n, json)| validator.check(n, raw(json))).collect()
}

fn keys(outcomes: &[Outcome]) -> Vec<EventKey> {
    outcomes.iter().map(|one| one.as_ref().expect("accepted").key()).collect()
}

#[test]
fn a_clients_own_id_is_kept_in_any_spelling() {
    let id = Uuid::parse_str("0193f0a2-1111-7abc-8def-0123456789ab").expect("a UUID");
    for spelling in [
        r#""0193f0a2-1111-7abc-8def-0123456789ab""#,
        r#""0193F0A2-1111-7ABC-8DEF-0123456789AB""#,
        r#""0193f0a211117abc8def0123456789ab""#,
        r#""{0193f0a2-1111-7abc-8def-0123456789ab}""#,
        r#"" 0193f0a2-1111-7abc-8def-0123456789ab ""#,
    ] {
        let json = with(VALID, &[("event_id", spelling)]);
        let outcomes = check_batch(&definition(), received_at(), None, &[&json, &json]);
        let player = PlayerId::new("device-1").expect("an id");
        let key = EventKey { player, id };
        assert_eq!(keys(&outcomes), [key.clone(), key], "the same id is the same event");
    }
}

#[test]
fn identical_events_of_one_batch_are_several_and_the_same_batch_again_is_one() {
    let (one, other) = (with(VALID, &[]), with(VALID, &[("score", "901")]));
    let batch = [one.as_str(), other.as_str(), one.as_str(), one.as_str()];
    let first = keys(&check_batch(&definition(), received_at(), None, &batch));
    let distinct: std::collections::BTreeSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), 4);

    let later = received_at().plus_ms(3_600_000);
    let again = keys(&check_batch(&definition(), later, Some(later.plus_ms(-5)), &batch));
    assert_eq!(first, again);
}

#[test]
fn a_derived_id_does_not_depend_on_order_or_spacing() {
    let json = with(VALID, &[("device", r#"{"os":"17","ram":4}"#)]);
    let mut reversed: Vec<(&str, &str)> = VALID.to_vec();
    reversed.push(("device", r#"{ "os" : "17", "ram" : 4 }"#));
    reversed.reverse();
    let reversed = crate::game::object(&reversed).replace("\":", "\" :\n ");
    let all = [json.as_str(), reversed.as_str()]
        .map(|json| keys(&check_batch(&definition(), received_at(), None, &[json])).remove(0));
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0].id.get_version_num(), 8);
    assert_eq!(time_of(all[0].id), Some(at("2026-11-23T09:59:58.500Z")), "it carries its time");
}

#[test]
fn a_derived_id_depends_on_every_field_and_on_nothing_the_client_did_not_send() {
    let base = with(VALID, &[]);
    let key = |definition: &Definition, json: &str| {
        keys(&check_batch(definition, received_at(), None, &[json])).remove(0)
    };
    let original = key(&definition(), &base);
    for change in [
        ("user_id", r#""device-2""#),
        ("score", "901"),
        ("app_version", r#""1.4.3""#),
        ("unknown", "1"),
        ("session_id", r#""s""#),
        ("timestamp", r#""2026-11-23T09:59:58.501Z""#),
    ] {
        assert_ne!(original, key(&definition(), &with(VALID, &[change])), "{change:?}");
    }
    let mut other_defaults = definition();
    for event_type in other_defaults.events.values_mut() {
        for field in &mut event_type.fields {
            if &*field.name == "powerups" {
                field.default = Some(r#"["shield"]"#.into());
            }
        }
    }
    assert_eq!(original, key(&other_defaults, &base));
}

#[test]
fn what_an_event_says_is_the_same_whenever_it_is_sent_and_under_any_definition() {
    let id = r#""0193f0a2-1111-7abc-8def-0123456789ab""#;
    let content = |definition: &Definition, fields: &[(&str, &str)]| {
        let json = with(VALID, fields);
        let mut outcomes = check_batch(definition, received_at(), None, &[&json]);
        outcomes.remove(0).expect("accepted").content
    };
    let original = content(&definition(), &[("event_id", id)]);
    let stamped = [("event_id", id), ("timestamp", "1795428000000")];
    assert_eq!(original, content(&definition(), &stamped));
    let mut other_defaults = definition();
    for event_type in other_defaults.events.values_mut() {
        for field in &mut event_type.fields {
            field.default = field.default.as_ref().map(|_| r#"["shield"]"#.into());
        }
    }
    assert_eq!(original, content(&other_defaults, &[("event_id", id)]));
    assert_ne!(original, content(&definition(), &[("event_id", id), ("score", "901")]));
}

#[test]
fn a_replayed_event_has_the_key_it_would_have_had() {
    let json = with(VALID, &[("lives", "5")]);
    let mut strict = definition();
    strict.events["game_ended"].unknown_fields = UnknownFields::Reject;
    let batch = [json.as_str(), json.as_str()];
    let sent_at = Some(at("2026-11-23T08:00:00Z"));

    let accepted = check_batch(&definition(), received_at(), sent_at, &batch);
    for (accepted, rejected) in
        accepted.into_iter().zip(check_batch(&strict, received_at(), sent_at, &batch))
    {
        let accepted = accepted.expect("unknown fields are kept");
        let rejected = rejected.expect_err("unknown fields are rejected");
        assert_eq!(rejected.code, RejectCode::UnknownField);
        let game = definition();
        let replayed = Validator::new(&game, rejected.received_at, rejected.sent_at, None)
            .check_again(rejected.occurrence, raw(&rejected.raw))
            .expect("the corrected definition allows it");
        assert_eq!(replayed, accepted);
        assert_eq!(rejected.digest, accepted.id);
    }
}

#[test]
fn a_rejected_event_is_recognised_when_it_comes_again() {
    let absurd = with(VALID, &[("score", "-1"), ("event_id", r#""no id""#)]);
    let twice = r#"{"event_type":"game_ended","a":1,"a":2}"#;
    let many: Vec<String> = (0..300).map(|n| format!("\"f{n}\":{n}")).collect();
    let many = format!("{{{}}}", many.join(","));
    for json in ["null", "7", "[1,2]", twice, &many, &absurd] {
        let batch = [json, json];
        let digests = |received_at| -> Vec<(Uuid, u32)> {
            check_batch(&definition(), received_at, None, &batch)
                .into_iter()
                .map(|one| one.expect_err(json))
                .map(|rejected| (rejected.digest, rejected.occurrence))
                .collect()
        };
        let first = digests(received_at());
        assert_eq!(first, digests(received_at().plus_ms(60_000)));
        assert_ne!(first[0].0, first[1].0, "{json}");
        assert_eq!([first[0].1, first[1].1], [0, 1]);
        // Replayed under a definition that still rejects it, it stays the same entry.
        let game = definition();
        let again = Validator::new(&game, received_at(), None, None)
            .check_again(1, raw(json))
            .expect_err(json);
        assert_eq!((again.digest, again.occurrence), first[1]);
    }
}

#[test]
fn a_rejected_event_tells_what_could_be_read_of_it() {
    let id = r#""0193f0a2-1111-7abc-8def-0123456789ab""#;
    let json = with(VALID, &[("score", "-1"), ("event_id", id)]);
    let game = definition();
    let sent_at = Some(at("2026-11-23T09:59:59Z"));
    let mut validator = Validator::new(&game, received_at(), sent_at, None);
    let rejected = validator.check(7, raw(&json)).expect_err("a negative score");
    assert_eq!(rejected.index, 7);
    assert_eq!(rejected.event_type.as_deref(), Some("game_ended"));
    assert_eq!(rejected.player.as_ref().map(PlayerId::as_str), Some("device-1"));
    assert_eq!(rejected.event_id.as_deref(), Some("0193f0a2-1111-7abc-8def-0123456789ab"));
    assert_eq!(rejected.received_at, received_at());
    assert_eq!(rejected.sent_at, sent_at);
    assert_eq!(&*rejected.raw, json);

    let nothing = validator.check(8, raw(r#"{"event_type":7,"user_id":""}"#)).expect_err("no type");
    assert_eq!((nothing.event_type, nothing.player, nothing.event_id), (None, None, None));
}

#[test]
fn what_one_session_sends_is_no_entry_of_another() {
    let json = with(VALID, &[("user_id", r#""bob""#)]);
    let sent_by = |sender: &str| {
        let game = definition();
        let player = PlayerId::new(sender).expect("valid");
        Validator::new(&game, received_at(), None, Some(player)).check(0, raw(&json))
    };
    let forged = sent_by("mallory").expect_err("another player's");
    assert_eq!(forged.code, RejectCode::WrongPlayer);
    assert!(forged.message.contains("\"mallory\""), "it says who sent it: {}", forged.message);
    assert_ne!(forged.digest, sent_by("eve").expect_err("another player's").digest);
    assert_eq!(forged.digest, sent_by("mallory").expect_err("the same again").digest);
    let broken = with(VALID, &[("user_id", r#""bob""#), ("score", "-1")]);
    let game = definition();
    let own = |sender: Option<&str>| {
        let only = sender.map(|sender| PlayerId::new(sender).expect("valid"));
        let mut validator = Validator::new(&game, received_at(), None, only);
        validator.check(0, raw(&broken)).expect_err("below zero").digest
    };
    assert_ne!(own(Some("bob")), own(Some("mallory")));
    assert_ne!(own(Some("bob")), own(None));
}
