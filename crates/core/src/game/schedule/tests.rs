use proptest::prelude::*;

use super::*;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn schedule(pattern: &str, zone: &str) -> Schedule {
    Schedule::new(pattern, zone).unwrap_or_else(|error| panic!("{error}"))
}

fn period(pattern: &str, zone: &str, moment: &str) -> Period {
    schedule(pattern, zone).period_at(at(moment))
}

fn between(start: &str, end: &str) -> Period {
    Period { start: at(start), end: at(end) }
}

/// The starts of the periods from the one that `from` lies in to the one that `until` lies in.
fn starts(schedule: &Schedule, from: &str, until: &str) -> Vec<String> {
    let mut period = schedule.period_at(at(from));
    let mut starts = vec![period.start.to_string()];
    while period.end <= at(until) {
        period = schedule.period_at(period.end);
        starts.push(period.start.to_string());
    }
    starts
}

#[test]
fn a_week_starts_on_monday() {
    let week = between("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
    for moment in ["2026-11-23T00:00:00Z", "2026-11-26T12:00:00.5Z", "2026-11-29T23:59:59.999Z"] {
        assert_eq!(period("0 0 * * 1", "UTC", moment), week, "{moment}");
    }
    assert_eq!(period("0 0 * * 1", "UTC", "2026-11-22T23:59:59.999Z").end, week.start);
    assert_eq!(period("0 0 * * 1", "UTC", "2026-11-30T00:00:00Z").start, week.end);
}

#[test]
fn months_and_years_end_where_the_calendar_says() {
    let monthly = "0 0 1 * *";
    let february = between("2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
    assert_eq!(period(monthly, "UTC", "2028-02-29T23:59:59Z"), february);
    let december = between("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(period(monthly, "UTC", "2026-12-31T23:59:59.999Z"), december);
    let last_days = schedule("0 0 L * *", "UTC");
    let expected =
        ["2027-01-31T00:00:00.000Z", "2027-02-28T00:00:00.000Z", "2027-03-31T00:00:00.000Z"];
    assert_eq!(starts(&last_days, "2027-02-01", "2027-04-01"), expected);
    let leap_days = period("0 0 29 2 *", "UTC", "2026-06-01T00:00:00Z");
    assert_eq!(leap_days, between("2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"));
}

#[test]
fn a_day_has_23_hours_in_spring_and_25_in_autumn() {
    let days = [
        ("Europe/Berlin", "2026-03-29T10:00:00Z", 23),
        ("Europe/Berlin", "2026-10-25T10:00:00Z", 25),
        ("Europe/Berlin", "2026-11-23T10:00:00Z", 24),
        ("America/New_York", "2026-03-08T12:00:00Z", 23),
        ("America/New_York", "2026-11-01T12:00:00Z", 25),
    ];
    for (zone, moment, hours) in days {
        let day = period("0 0 * * *", zone, moment);
        assert_eq!(day.end.ms_since(day.start), hours * HOUR_MS, "{zone} {moment}");
    }
}

#[test]
fn a_time_that_is_skipped_happens_right_after_the_gap() {
    // Clocks in Berlin go from 02:00 to 03:00 at 01:00 UTC, those in New York at 07:00 UTC.
    let berlin = schedule("30 2 * * *", "Europe/Berlin");
    let expected =
        ["2026-03-28T01:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"];
    assert_eq!(starts(&berlin, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), expected);
    let new_york = schedule("30 2 * * *", "America/New_York");
    let expected =
        ["2026-03-07T07:30:00.000Z", "2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"];
    assert_eq!(starts(&new_york, "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z"), expected);
}

#[test]
fn a_time_that_is_repeated_happens_once() {
    // Clocks in Berlin go from 03:00 back to 02:00 at 01:00 UTC, those in New York at 06:00 UTC.
    let berlin = schedule("30 2 * * *", "Europe/Berlin");
    let expected =
        ["2026-10-24T00:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"];
    assert_eq!(starts(&berlin, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"), expected);
    let new_york = schedule("30 1 * * *", "America/New_York");
    let expected =
        ["2026-10-31T05:30:00.000Z", "2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"];
    assert_eq!(starts(&new_york, "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z"), expected);
}

#[test]
fn every_hour_that_passes_is_an_hour_also_when_clocks_change() {
    for zone in ["Europe/Berlin", "America/New_York"] {
        for day in ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"] {
            let hourly = schedule("0 * * * *", zone);
            let noon = at(day).plus_ms(DAY_MS / 2);
            let mut period = hourly.period_at(at(day));
            while period.start < noon {
                assert_eq!(period.end.ms_since(period.start), HOUR_MS, "{zone} {}", period.start);
                period = hourly.period_at(period.end);
            }
        }
    }
}

#[test]
fn the_ends_of_the_calendar_are_periods_of_their_own() {
    for pattern in ["0 0 * * 1", "0 0 29 2 *", "* * * * *"] {
        let schedule = schedule(pattern, "Europe/Berlin");
        let first = schedule.period_at(Timestamp::MIN);
        let last = schedule.period_at(Timestamp::MAX);
        assert_eq!(first.start, Timestamp::MIN);
        assert_eq!(last.end, Timestamp::MAX);
        assert_eq!(schedule.period_at(first.end.plus_ms(-1)), first);
        assert_eq!(schedule.period_at(first.end).start, first.end);
        assert_eq!(schedule.period_at(last.start), last);
        assert_eq!(schedule.period_at(last.start.plus_ms(-1)).end, last.start);
        assert_eq!(schedule.period_at(at("4500-06-01T00:00:00Z")), last);
        assert_eq!(schedule.period_at(at("0500-06-01T00:00:00Z")), first);
    }
}

#[test]
fn the_same_schedule_in_other_words_is_the_same() {
    assert_eq!(schedule(" 0  0 * *\t1", "europe/berlin"), schedule("0 0 * * 1", "Europe/Berlin"));
    assert_ne!(schedule("0 0 * * 1", "Europe/Paris"), schedule("0 0 * * 1", "Europe/Berlin"));
    assert_eq!(schedule("0 0 * * 1", "UTC").to_string(), "\"0 0 * * 1\" in UTC");
}

#[test]
fn what_is_no_schedule_is_refused_with_a_reason() {
    let long = "1,".repeat(10_000);
    for pattern in ["", "0 0 * *", "0 0 0 * * 1", "@daily", "0 25 * * 1", "a b c d e", &long] {
        let error = Schedule::new(pattern, "UTC").expect_err(pattern);
        assert!(matches!(error, ScheduleError::Pattern { .. }), "{pattern:.40}: {error}");
        assert!(error.to_string().len() < 500, "{error}");
    }
    let error = Schedule::new("0 0 30 2 *", "UTC").expect_err("30 February");
    assert_eq!(error, ScheduleError::Never { pattern: "0 0 30 2 *".to_owned() });
    for zone in ["", "Mars/Olympus", "UTC+2", "../UTC", "Europe/Berlin\0", "CEST-1"] {
        let error = Schedule::new("0 0 * * 1", zone).expect_err(zone);
        assert!(matches!(error, ScheduleError::Zone { .. }), "{zone}");
    }
}

/// Zones with every kind of clock change: at night, at midnight, by half an hour, across the date
/// line's neighbourhood, in both hemispheres, and none at all.
const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];

const PATTERNS: [&str; 16] = [
    "0 0 * * 1",
    "0 0 * * *",
    "0 0 1 * *",
    "30 2 * * *",
    "30 1 * * *",
    "30 23 * * 6",
    "30 23 * * *",
    "0 1,2,3 * * *",
    "30 2,14 * * *",
    "15,45 * * * *",
    "0 * * * *",
    "*/7 * * * *",
    "*/20 1-3 * * 0",
    "59 23 L * *",
    "0 2 * * SUN#L",
    "0 0 29 2 *",
];

/// Moments of the years 2020 to 2030, half of them within hours of a change of the clocks.
fn moment(zone: &'static str) -> impl Strategy<Value = Timestamp> {
    let first = at("2020-01-01T00:00:00Z").as_ms();
    let span = 10 * 366 * DAY_MS;
    (first..first + span, any::<bool>(), -4 * HOUR_MS..4 * HOUR_MS, 0..3_i64).prop_map(
        move |(ms, near_change, off_ms, round)| {
            let moment = Timestamp::from_stored_ms(ms);
            let zone = TimeZone::get(zone).expect("a zone");
            let change = zone.following(moment.to_jiff()).next().filter(|_| near_change);
            let moment =
                change.map_or(moment, |change| Timestamp::from(change.timestamp()).plus_ms(off_ms));
            // Occurrences fall on whole minutes, so a good share of these moments does too.
            moment.floor_to([1, 60_000, 30 * 60_000][usize::try_from(round).expect("small")])
        },
    )
}

fn any_case() -> impl Strategy<Value = (&'static str, &'static str, Timestamp)> {
    prop::sample::select(&ZONES[..])
        .prop_flat_map(|zone| (prop::sample::select(&PATTERNS[..]), Just(zone), moment(zone)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Periods touch and never overlap: every moment within one, tried at both of its ends and at
    /// another moment in it, has the same period; the moment after it has the next.
    #[test]
    fn every_moment_lies_in_exactly_one_period(
        (pattern, zone, moment) in any_case(),
        part in 0.0..1.0_f64,
    ) {
        let schedule = schedule(pattern, zone);
        let period = schedule.period_at(moment);
        prop_assert!(period.contains(moment), "{:?}", period);
        #[expect(clippy::cast_possible_truncation, reason = "a part of a period")]
        let inside_ms = (period.end.ms_since(period.start) as f64 * part) as i64;
        for other in [period.start, period.end.plus_ms(-1), period.start.plus_ms(inside_ms)] {
            prop_assert_eq!(schedule.period_at(other), period, "at {}", other);
        }
        prop_assert_eq!(schedule.period_at(period.end).start, period.end);
        prop_assert_eq!(schedule.period_at(period.start.plus_ms(-1)).end, period.start);
    }
}
