//! Numbers, durations and times as the console writes them: short, with thousands apart.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scoreline_core::analytics::Day;
use scoreline_core::time::Timestamp;

use crate::html::Html;

/// A whole number with its thousands apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// A whole number that may be negative.
pub(crate) fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// How many there are of something, with its word for one and for several.
pub(crate) fn how_many(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// A number with as many digits as tell something.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "greater numbers are shown as the greatest"
        )]
        return signed(value.round() as i64);
    }
    let digits = if size >= 10.0 { 1 } else { 2 };
    let written = format!("{value:.digits$}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A share in percent.
pub(crate) fn percent(value: f64) -> String {
    format!("{} %", number(value))
}

/// A duration in the unit that suits it.
pub(crate) fn seconds(value: f64) -> String {
    match value {
        value if value < 0.001 => "0 s".to_owned(),
        value if value < 0.1 => format!("{} ms", ms(value)),
        value if value < 1.0 => format!("{value:.2} s"),
        value if value < 60.0 => format!("{} s", number((value * 10.0).round() / 10.0)),
        value if value < 3_600.0 => format!("{} min", number((value / 60.0).round())),
        value if value < 2.0 * 86_400.0 => format!("{} h", number((value / 3_600.0).round())),
        value => format!("{} d", number((value / 86_400.0).round())),
    }
}

/// A number of milliseconds, out of seconds.
pub(crate) fn ms(seconds: f64) -> String {
    let value = seconds * 1_000.0;
    number(if value >= 10.0 { value.round() } else { (value * 10.0).round() / 10.0 })
}

/// Bytes in the unit that suits them.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB", "PB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1_000.0 && unit + 1 < units.len() {
        value /= 1_000.0;
        unit += 1;
    }
    format!("{} {}", number(if value >= 10.0 { value.round() } else { value }), units[unit])
}

/// An amount of money: with its cents where they matter.
pub(crate) fn money(amount: f64) -> String {
    if amount.abs() >= 1_000.0 || amount == 0.0 {
        number(amount.round())
    } else {
        format!("{amount:.2}")
    }
}

/// A calendar day, such as `Sun 29 Nov`.
pub(crate) fn weekday(day: Day) -> String {
    start_of(day).to_jiff().strftime("%a %-d %b").to_string()
}

/// What a day of the week is called, such as `Sunday`.
pub(crate) fn weekday_name(day: Day) -> String {
    start_of(day).to_jiff().strftime("%A").to_string()
}

/// A calendar day, such as `29 Nov`.
pub(crate) fn calendar_day(day: Day) -> String {
    day_short(start_of(day))
}

fn start_of(day: Day) -> Timestamp {
    Timestamp::EPOCH.plus_ms(i64::from(day.0) * 86_400_000)
}

/// How long ago something was, or until it is.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let ms = now.ms_since(at);
    let seconds = (ms.unsigned_abs() + 500) / 1_000;
    let words = match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", (seconds + 30) / 60),
        3_600..86_400 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    };
    if ms < 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// A moment as people write it, such as `Sun 29 Nov 2026, 19:41:07 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%a %-d %b %Y, %H:%M:%S UTC").to_string()
}

/// The time of a day, such as `19:41:07`.
pub(crate) fn clock(at: Timestamp) -> String {
    at.to_jiff().strftime("%H:%M:%S").to_string()
}

/// The same without seconds.
pub(crate) fn clock_short(at: Timestamp) -> String {
    at.to_jiff().strftime("%H:%M").to_string()
}

/// A day, such as `29 Nov 2026`.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_jiff().strftime("%-d %b %Y").to_string()
}

/// The same without its year.
pub(crate) fn day_short(at: Timestamp) -> String {
    at.to_jiff().strftime("%-d %b").to_string()
}

/// How long ago something was, with its moment; the script counts on from there.
pub(crate) fn ago_html(at: Timestamp, now: Timestamp) -> Html {
    time_html(at, "data-ago", &ago(at, now))
}

/// What is left until a moment, counted down by the script.
pub(crate) fn left_html(at: Timestamp, now: Timestamp) -> Html {
    let left_s = at.ms_since(now).max(0) / 1_000;
    let (days, rest) = (left_s / 86_400, left_s % 86_400);
    let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let days = if days > 0 { format!("{days} d ") } else { String::new() };
    time_html(at, "data-left", &format!("{days}{hours:02}:{minutes:02}:{seconds:02}"))
}

/// A text as an address carries it. Every byte comes back as it was.
pub(crate) fn in_address(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The time of a day, with its moment.
pub(crate) fn clock_html(at: Timestamp) -> Html {
    time_html(at, "", &clock(at))
}

fn time_html(at: Timestamp, mark: &str, words: &str) -> Html {
    Html::of_ours(format!(r#"<time datetime="{at}" title="{}" {mark}>{words}</time>"#, moment(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn numbers_have_their_thousands_apart_and_no_idle_digits() {
        assert_eq!(
            (count(0), count(999), count(1_204_551)),
            ("0".into(), "999".into(), "1,204,551".into())
        );
        assert_eq!(signed(-12_000), "−12,000");
        assert_eq!(
            [0.0, 0.314, 4.1, 18.04, 412.4, 3.0].map(number),
            ["0", "0.31", "4.1", "18", "412", "3"]
        );
        assert_eq!(how_many(1, "event", "events"), "1 event");
    }

    #[test]
    fn money_has_cents_where_they_matter_and_days_their_names() {
        assert_eq!(
            [0.0, 0.2, 12.5, 9_412.4, -3.0].map(money),
            ["0", "0.20", "12.50", "9,412", "-3.00"]
        );
        let day = Day::parse("2026-11-29").expect("a day");
        assert_eq!((weekday(day), weekday_name(day)), ("Sun 29 Nov".into(), "Sunday".into()));
        assert_eq!(calendar_day(day), "29 Nov");
    }

    #[test]
    fn durations_and_sizes_are_in_the_unit_that_suits_them() {
        assert_eq!(
            [0.0, 0.08, 0.25, 4.25, 90.0, 7_200.0, 200_000.0].map(seconds),
            ["0 s", "80 ms", "0.25 s", "4.3 s", "2 min", "2 h", "2 d"]
        );
        assert_eq!([0.004_1, 0.018, 2.5].map(ms), ["4.1", "18", "2,500"]);
        assert_eq!(
            [0, 950, 41_000_000, 1_500_000_000].map(bytes),
            ["0 bytes", "950 bytes", "41 MB", "1.5 GB"]
        );
    }

    #[test]
    fn times_say_how_long_ago_they_were_or_how_long_it_is_until_they_come() {
        let now = at("2026-11-29T19:41:07Z");
        assert_eq!(ago(at("2026-11-29T19:41:00Z"), now), "7 s ago");
        assert_eq!(ago(at("2026-11-30T00:00:00Z"), now), "in 4 h");
        assert_eq!(moment(now), "Sun 29 Nov 2026, 19:41:07 UTC");
    }
}
