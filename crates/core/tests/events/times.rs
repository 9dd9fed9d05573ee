//! As of when an event counts.

use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode, Rejected};
use scoreline_core::game::Definition;
use scoreline_core::limits::{EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS};

use crate::game::{VALID, at, check, counting_old, definition, payload, raw, received_at, with};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn event_at(timestamp: &str) -> Event {
    check(&with(VALID, &[("timestamp", timestamp)])).expect("an absurd time loses no event")
}

fn event_sent(timestamp: &str, sent_at: &str) -> Event {
    let definition = definition();
    let json = with(VALID, &[("timestamp", timestamp)]);
    Validator::new(&definition, received_at(), Some(at(sent_at)), None)
        .check(0, raw(&json))
        .expect("a wrong clock loses no event")
}

#[test]
fn times_are_read_in_every_spelling() {
    let expected = at("2026-11-23T09:00:00Z");
    for spelling in [
        r#""2026-11-23T09:00:00Z""#,
        r#""2026-11-23T09:00:00.000000""#,
        r#""2026-11-23T10:30:00+01:30""#,
        r#""2026-11-23 09:00""#,
        "1795424400000",
        "1795424400",
        "1795424400.25e0",
        r#""Mon, 23 Nov 2026 09:00:00 GMT""#,
        r#""٢٠٢٦-١١-٢٣T٠٩:٠٠:٠٠Z""#,
        r#""2569-11-23T9:00:00 AM+0000""#,
        "1.7954244e12",
        r#""1795424400000""#,
    ] {
        let second = event_at(spelling).time.floor_to(1_000);
        assert_eq!(second, expected, "{spelling}");
    }
    assert_eq!(event_at(r#""2026-11-23""#).time, at("2026-11-23T00:00:00Z"));
}

#[test]
fn a_believable_time_counts_as_it_is() {
    for offset_ms in [0, -1, -EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS] {
        let time = received_at().plus_ms(offset_ms);
        let event = event_at(&time.as_ms().to_string());
        assert_eq!(event.counted_at, time);
        assert!(!event.has_wrong_clock());
    }
}

#[test]
fn an_absurd_time_counts_as_of_its_receipt_and_is_flagged() {
    let too_old = received_at().plus_ms(-EVENT_AGE_MAX_MS - 1).as_ms().to_string();
    let too_new = received_at().plus_ms(EVENT_AHEAD_MAX_MS + 1).as_ms().to_string();
    for timestamp in [
        too_old.as_str(),
        too_new.as_str(),
        "0",
        "-1",
        r#""1970-01-01""#,
        r#""2099-12-31T23:59:59Z""#,
        r#""9999-12-30T00:00:00Z""#,
        r#""0001-01-01""#,
    ] {
        let event = event_at(timestamp);
        assert_eq!(event.counted_at, received_at(), "{timestamp}");
        assert!(event.has_wrong_clock());
        assert_ne!(event.time, received_at(), "the raw time is kept");
    }
}

#[test]
fn sent_at_corrects_a_clock_that_runs_ahead() {
    let event = event_sent(r#""2036-11-23T09:59:30Z""#, "2036-11-23T10:00:00Z");
    assert_eq!(event.counted_at, at("2026-11-23T09:59:30Z"));
    assert_eq!(event.time, at("2036-11-23T09:59:30Z"));
    assert!(event.has_wrong_clock());
    let event = event_sent(r#""2026-11-23T10:59:30Z""#, "2026-11-23T11:00:00Z");
    assert_eq!(event.counted_at, at("2026-11-23T09:59:30Z"));
}

#[test]
fn a_request_that_waited_moves_none_of_its_events() {
    // Sent again two hours later, with the sent_at of its first attempt; and one that stalled.
    for (time, sent_at) in [
        ("2026-11-23T07:59:55Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T09:58:20Z", "2026-11-23T09:58:30Z"),
    ] {
        let event = event_sent(&format!("\"{time}\""), sent_at);
        assert_eq!(event.counted_at, at(time));
        assert!(!event.has_wrong_clock());
    }
}

#[test]
fn a_corrected_time_that_is_still_absurd_counts_as_of_its_receipt() {
    let event = event_sent(r#""1970-01-01T00:00:00Z""#, "2036-11-23T09:00:00Z");
    assert_eq!(event.counted_at, received_at());
    let event = event_sent(r#""2024-11-23T10:00:00Z""#, "9999-01-03T00:00:00Z");
    assert_eq!(event.counted_at, received_at());
}

#[test]
fn ordinary_inaccuracy_is_no_wrong_clock() {
    let event = event_sent(r#""2026-11-23T09:58:00Z""#, "2026-11-23T10:01:00Z");
    assert_eq!(event.counted_at, at("2026-11-23T09:58:00Z"));
}

#[test]
fn a_time_field_of_a_type_is_written_in_one_form() {
    let payload = payload(&with(VALID, &[("ended_at", "1795424400000")]));
    assert_eq!(payload["ended_at"], "2026-11-23T09:00:00.000Z");
}

/// What a server that keeps events for 90 days says of one.
fn kept_90_days(definition: &Definition, fields: &[(&str, &str)]) -> Result<Event, Box<Rejected>> {
    let validator = Validator::new(definition, received_at(), None, None);
    validator.with_retention(90).check(0, raw(&with(VALID, fields)))
}

#[test]
fn what_is_older_than_events_are_kept_is_too_old_unless_the_definition_says_that_it_counts() {
    let kept = received_at().plus_ms(-90 * DAY_MS).as_ms().to_string();
    let older = received_at().plus_ms(-90 * DAY_MS - 1).as_ms().to_string();
    kept_90_days(&definition(), &[("timestamp", &kept)]).expect("it would still be known");
    let rejected = kept_90_days(&definition(), &[("timestamp", &older)]).expect_err("too old");
    assert_eq!((rejected.code, rejected.field.as_deref()), (RejectCode::TooOld, Some("timestamp")));
    assert!(
        rejected
            .message
            .starts_with("timestamp is of 2026-08-25T09:59:59.999Z; events are kept for 90 days")
    );

    let event = kept_90_days(&counting_old(), &[("timestamp", &older)]).expect("it counts");
    assert_eq!(event.counted_at, received_at());
    event_at(&older);
}

#[test]
fn the_age_of_an_event_is_that_of_its_id_where_that_holds_a_time() {
    // Stamped anew when it was sent again, under an id of 22 February 2022, or of version 4.
    let (old, random) =
        ("\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"", "\"919108f7-52d1-4320-9bac-f847db4148a8\"");
    let new = received_at().as_ms().to_string();
    kept_90_days(&definition(), &[("timestamp", &new), ("event_id", old)])
        .expect("before 2025, so never set");
    let ms = received_at().plus_ms(-91 * DAY_MS).as_ms();
    let old = format!("\"{:08x}-{:04x}-7cc3-98c4-dc0c0c07398f\"", ms >> 16, ms & 0xffff);
    let rejected = kept_90_days(&definition(), &[("timestamp", &new), ("event_id", &old)])
        .expect_err("too old");
    assert_eq!((rejected.code, rejected.field.as_deref()), (RejectCode::TooOld, Some("event_id")));
    // The other way round: an old time under a new id is another matter, and no repetition.
    let ms = received_at().as_ms();
    let id = format!("\"{:08x}-{:04x}-7cc3-98c4-dc0c0c07398f\"", ms >> 16, ms & 0xffff);
    let time = received_at().plus_ms(-200 * DAY_MS).as_ms().to_string();
    kept_90_days(&definition(), &[("timestamp", &time), ("event_id", &id)]).expect("its id is new");
    let rejected = kept_90_days(&definition(), &[("timestamp", &time), ("event_id", random)]);
    assert_eq!(rejected.expect_err("too old").code, RejectCode::TooOld);
}

#[test]
fn a_clock_that_was_never_set_makes_no_event_too_old() {
    for timestamp in ["0", "\"1970-01-01T00:10:00Z\"", "\"2024-12-31T23:59:59Z\"", "\"no time\""] {
        let event = kept_90_days(&definition(), &[("timestamp", timestamp)]).expect("it counts");
        assert_eq!(event.counted_at, received_at(), "{timestamp}");
    }
}
