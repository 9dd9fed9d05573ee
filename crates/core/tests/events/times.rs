//! As of when an event counts.

use scoreline_core::event::Event;
use scoreline_core::event::validate::Validator;
use scoreline_core::limits::{EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS};

use crate::game::{VALID, at, check, definition, payload, raw, received_at, with};

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
