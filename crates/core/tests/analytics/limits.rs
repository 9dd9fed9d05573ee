//! What is kept of a player is bounded, whatever a client sends, and damaged bytes do no harm.

use std::sync::Arc;

use proptest::prelude::*;
use scoreline_core::analytics::{Context, Counters, Day, PlayerDay, PlayerLife, session_key};
use scoreline_core::limits::{
    ANALYTICS_VALUE_CHARS_MAX, FUNNEL_STEPS_MAX, FUNNELS_MAX, PLAYER_DAY_BYTES_MAX,
    PLAYER_LIFE_BYTES_MAX, SESSION_IDLE_MS, SESSIONS_PER_PLAYER_DAY_MAX, VALUES_PER_PLAYER_MAX,
};
use scoreline_core::time::Timestamp;

use crate::game::{at, definition};

/// A context of the longest values, different for every number.
fn context(number: usize) -> Context {
    let value = |n: usize| -> Option<Arc<str>> {
        let text = format!("{number}-{n}-");
        let rest = ANALYTICS_VALUE_CHARS_MAX - text.len();
        Some(Arc::from(format!("{text}{}", "\u{10ffff}".repeat(rest))))
    };
    Context([value(0), value(1), value(2)])
}

#[test]
fn the_day_of_a_client_that_sends_all_it_can_is_bounded() {
    let mut day = PlayerDay::default();
    let mut number = 0;
    for session in 0..SESSIONS_PER_PLAYER_DAY_MAX + 20 {
        let key = session_key(Some(&session.to_string()));
        let mut start = at(0);
        while start.ms_since(at(0)) < 25 * 60 * 60_000 {
            day.add(key, start, &context(number));
            day.add(key, start.plus_ms(999), &context(number + 1));
            number += 2;
            start = start.plus_ms(SESSION_IDLE_MS + 1_000);
        }
    }
    let bytes = day.to_bytes();
    assert!(bytes.len() <= PLAYER_DAY_BYTES_MAX, "{}", bytes.len());
    assert!(bytes.len() > PLAYER_DAY_BYTES_MAX / 4, "{}: the test is full", bytes.len());
    assert_eq!(PlayerDay::from_bytes(&bytes).expect("written here"), day);
}

#[test]
fn the_life_of_a_client_that_sends_all_it_can_is_bounded() {
    let mut life = PlayerLife::default();
    // A day of each word of ten years.
    for number in 0..57 {
        let day = Day(20_000 + 64 * number);
        for value in 0..VALUES_PER_PLAYER_MAX + 9 {
            life.add_active(day, &context(value));
            life.add_paid(day, &context(value));
        }
    }
    for funnel in 0..u32::try_from(FUNNELS_MAX).expect("small") {
        for step in 1..=FUNNEL_STEPS_MAX {
            life.add_step(funnel, step, at(i64::from(step * 7_919 % 500) * 10_000));
        }
    }
    let bytes = life.to_bytes();
    assert!(bytes.len() <= PLAYER_LIFE_BYTES_MAX, "{}", bytes.len());
    assert!(bytes.len() > PLAYER_LIFE_BYTES_MAX / 4, "{}: the test is full", bytes.len());
    assert_eq!(PlayerLife::from_bytes(&bytes).expect("written here"), life);
}

#[test]
fn an_ordinary_players_parts_are_small() {
    let context = Context([Some("ios".into()), Some("1.4.2".into()), Some("DE".into())]);
    let mut day = PlayerDay::default();
    let mut life = PlayerLife::default();
    for session in 0..3 {
        for minute in 0..20 {
            day.add(session, at(i64::from(minute) + 100 * session.cast_signed()), &context);
        }
    }
    for n in 0..90 {
        life.add_active(Day(20_700 + n), &context);
    }
    for step in 1..=30 {
        life.add_step(0, step, at(i64::from(step) * 60));
    }
    assert!(day.to_bytes().len() < 100, "{}", day.to_bytes().len());
    assert!(life.to_bytes().len() < 400, "{}", life.to_bytes().len());
}

#[test]
fn values_beyond_the_limit_give_way_in_any_order_and_their_counts_with_them() {
    let values: Vec<Context> = (0..VALUES_PER_PLAYER_MAX + 5)
        .map(|n| Context([Some(format!("v{n}").into()), None, None]))
        .collect();
    let meaning = definition().analytics;
    let (funnels, calendar) = (meaning.funnel_names(), meaning.calendar());
    let counted = |order: &mut dyn Iterator<Item = &Context>| {
        let (mut known, mut counters) = (PlayerLife::default(), Counters::default());
        for (n, context) in (0..).zip(order) {
            let mut new = known.clone();
            // Each value on two days, one of them the first of all.
            new.add_active(Day(20_000), context);
            new.add_active(Day(20_001 + n % 40), context);
            PlayerLife::difference(Some(&known), &new, &funnels, &calendar, &mut counters);
            known = new;
        }
        let mut whole = Counters::default();
        PlayerLife::difference(None, &known, &funnels, &calendar, &mut whole);
        assert_eq!(counters.into_sorted(), whole.into_sorted());
    };
    counted(&mut values.iter());
    counted(&mut values.iter().rev());
}

proptest! {
    #[test]
    fn damaged_bytes_are_refused_or_read_and_never_end_the_program(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        form in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if form && !bytes.is_empty() {
            bytes[0] = 1;
        }
        let (day, life) = (PlayerDay::from_bytes(&bytes), PlayerLife::from_bytes(&bytes));
        if let Ok(day) = day {
            let mut counters = Counters::default();
            PlayerDay::difference(Day(0), None, &day, &mut counters);
        }
        if let Ok(life) = life {
            let mut counters = Counters::default();
            let calendar = definition().analytics.calendar();
            PlayerLife::difference(None, &life, &[], &calendar, &mut counters);
        }
    }

    #[test]
    fn bytes_with_one_that_changed_never_end_the_program(
        at_byte in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut day = PlayerDay::default();
        day.add(session_key(Some("s")), Timestamp::EPOCH, &context(1));
        day.add(session_key(None), Timestamp::EPOCH.plus_ms(7_000_000), &context(2));
        let mut bytes = day.to_bytes();
        let place = at_byte.index(bytes.len());
        bytes[place] = byte;
        if let Ok(day) = PlayerDay::from_bytes(&bytes) {
            prop_assert!(day.to_bytes().len() <= PLAYER_DAY_BYTES_MAX);
        }
    }
}
