//! Times as devices write them.
//!
//! A formatter on a phone writes a time as its user likes it: in the digits of their script, by a
//! 12-hour clock, by the Buddhist calendar or the year of the Japanese era. Only a text with a
//! single meaning is read: `03/04/2026` has two, and is refused. Digits are those of the Unicode
//! version that `unicode-properties` holds.

use std::str::FromStr;

use jiff::civil;
use jiff::tz::Offset;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::Timestamp;

/// The year before the first of the Japanese era Reiwa.
const BEFORE_REIWA: i16 = 2018;
/// The year before the first of the calendar of Taiwan.
const BEFORE_MINGUO: i16 = 1911;
/// How far the Buddhist calendar is ahead.
const BUDDHIST_AHEAD: i16 = 543;
/// Longer texts are no times. The longest that is read is what a browser makes of a date.
const CHARS_MAX: usize = 100;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What languages write for the two halves of a day; `true` is the second.
const HALVES: [(&str, bool); 24] = [
    ("a.m.", false),
    ("p.m.", true),
    ("a. m.", false),
    ("p. m.", true),
    ("am", false),
    ("pm", true),
    ("上午", false),
    ("下午", true),
    ("午前", false),
    ("午後", true),
    ("오전", false),
    ("오후", true),
    ("ص", false),
    ("م", true),
    ("ق.ظ.", false),
    ("ب.ظ.", true),
    ("π.μ.", false),
    ("μ.μ.", true),
    ("öö", false),
    ("ös", true),
    ("पूर्वाह्न", false),
    ("अपराह्न", true),
    ("sa", false),
    ("ch", true),
];

/// Hours from UTC of the zones that RFC 822 names.
const ZONES: [(&str, i8); 12] = [
    ("z", 0),
    ("gmt", 0),
    ("utc", 0),
    ("ut", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// The time that a text stands for.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    if text.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let text = plain(text);
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Timestamp::from_digits(text.len(), number);
    }
    if let Some(seconds) = fractional(text) {
        return Timestamp::from_fraction(seconds);
    }
    if let Some(date) = year_first(text) {
        return at_offset(date.to_datetime(civil::Time::midnight()), Offset::UTC);
    }
    let (before, clock, after) = around_clock(text)?;
    let (before, early_half) = strip_half_behind(before);
    let (after, late_half) = strip_half_ahead(after.trim_start());
    let time = clock.time(early_half.or(late_half))?;
    let before = before.trim_end_matches(['t', ' ', ',']);
    let (date, rest) = match year_first(before) {
        Some(date) => (date, after.to_owned()),
        None => with_month_name(before, after)?,
    };
    at_offset(date.to_datetime(time), zone(rest.trim())?)
}

fn at_offset(at: civil::DateTime, offset: Offset) -> Option<Timestamp> {
    Timestamp::from_ms(offset.to_timestamp(at).ok()?.as_millisecond())
}

/// The Gregorian year that is meant by the year of another calendar.
pub(super) fn gregorian(year: i16) -> Option<i16> {
    match year {
        1..=99 => Some(year + BEFORE_REIWA),
        100..=199 => Some(year + BEFORE_MINGUO),
        2443..=2642 => Some(year - BUDDHIST_AHEAD),
        _ => None,
    }
}

fn date(year: i16, month: i8, day: i8) -> Option<civil::Date> {
    civil::Date::new(gregorian(year).unwrap_or(year), month, day).ok()
}

/// The text in lower case, with plain digits and spaces and without marks of direction.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {}
            '：' => plain.push(':'),
            '\u{2212}' => plain.push('-'),
            '\u{66b}' => plain.push('.'),
            letter if letter.is_whitespace() => plain.push(' '),
            letter => match digit(letter) {
                Some(digit) => plain.push(digit),
                None => plain.extend(letter.to_lowercase()),
            },
        }
    }
    plain
}

/// The plain digit of the same value. Unicode has the digits of every script in a row, zero first.
fn digit(letter: char) -> Option<char> {
    let is_digit = |letter: char| letter.general_category() == GeneralCategory::DecimalNumber;
    if letter.is_ascii() || !is_digit(letter) {
        return letter.is_ascii_digit().then_some(letter);
    }
    let before = (0..u32::from(letter)).rev().map_while(char::from_u32);
    let places = before.take_while(|letter| is_digit(*letter)).count();
    char::from_digit(u32::try_from(places % 10).ok()?, 10)
}

/// A number with a fraction.
fn fractional(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && !text.is_empty()).then(|| text.parse().ok()).flatten()
}

/// What a clock shows.
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
}

impl Clock {
    fn time(&self, second_half: Option<bool>) -> Option<civil::Time> {
        let hour = match second_half {
            Some(second_half) if (1..=12).contains(&self.hour) => {
                self.hour % 12 + if second_half { 12 } else { 0 }
            }
            _ => self.hour,
        };
        civil::Time::new(hour, self.minute, self.second, self.nanosecond).ok()
    }
}

/// Splits a text into what stands before the time of day, the time of day, and what stands behind.
fn around_clock(text: &str) -> Option<(&str, Clock, &str)> {
    let colon = text.find(':')?;
    let hour_at = text[..colon].rfind(|letter: char| !letter.is_ascii_digit());
    let hour_at = hour_at.map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let hour = number(&text[hour_at..colon])?;
    let (minute, rest) = two_digits(&text[colon + 1..])?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => two_digits(rest)?,
        None => (0, rest),
    };
    let (nanosecond, rest) = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let end = fraction.find(|letter: char| !letter.is_ascii_digit());
            let (digits, rest) = fraction.split_at(end.unwrap_or(fraction.len()));
            (format!("{digits:0<9.9}").parse().ok()?, rest)
        }
        None => (0, rest),
    };
    // Clocks here have no leap seconds: second 60 is read as second 59.
    let clock = Clock { hour, minute, second: second.min(59), nanosecond };
    Some((&text[..hour_at], clock, rest))
}

fn two_digits(text: &str) -> Option<(i8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    Some((number(digits)?, rest))
}

fn number<N: FromStr>(text: &str) -> Option<N> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn strip_half_ahead(text: &str) -> (&str, Option<bool>) {
    for (word, second) in HALVES {
        if let Some(rest) = text.strip_prefix(word)
            && (word.ends_with('.') || !rest.starts_with(char::is_alphabetic))
        {
            return (rest, Some(second));
        }
    }
    (text, None)
}

fn strip_half_behind(text: &str) -> (&str, Option<bool>) {
    let trimmed = text.trim_end();
    let found = HALVES
        .iter()
        .find_map(|(word, second)| trimmed.strip_suffix(word).map(|rest| (rest, Some(*second))));
    found.unwrap_or((text, None))
}

/// `2026-11-23`, also with other separators.
fn year_first(text: &str) -> Option<civil::Date> {
    let mut parts = text.split(['-', '/', '.']);
    let year = parts.next().filter(|year| (3..=4).contains(&year.len()))?;
    let (month, day) = (number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    date(number(year)?, month, day)
}

/// `Mon, 23 Nov 2026`, `Mon Nov 23 2026`, and `Mon Nov 23` where the year stands last of all. Answers
/// the rest of `after`.
fn with_month_name(before: &str, after: &str) -> Option<(civil::Date, String)> {
    let (mut month, mut day, mut year) = (None, None, None);
    for word in before.split([' ', ',', '-']).filter(|word| !word.is_empty()) {
        if let Some(number) = number::<i16>(word) {
            let place = if word.len() <= 2 && day.is_none() { &mut day } else { &mut year };
            if place.replace(number).is_some() {
                return None;
            }
        } else if month.is_none() {
            let short = word.get(..3).unwrap_or(word);
            month = MONTHS.iter().position(|month| *month == short);
        }
    }
    let mut rest = after.to_owned();
    if year.is_none() {
        let after = after.trim();
        let (zone, last) = after.rsplit_once(' ').unwrap_or(("", after));
        year = number(last);
        zone.clone_into(&mut rest);
    }
    let month = i8::try_from(month? + 1).ok()?;
    Some((date(year?, month, i8::try_from(day?).ok()?)?, rest))
}

/// A zone as an offset or by its name; none means UTC. What stands in brackets behind it is its name
/// in words.
fn zone(text: &str) -> Option<Offset> {
    let text = text.split('(').next().unwrap_or_default().trim();
    let letters = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, digits) = text.split_at(letters);
    let named = ZONES.iter().find(|(known, _)| *known == name).map(|(_, hours)| *hours);
    let digits = digits.trim();
    if digits.is_empty() {
        return if name.is_empty() { Some(Offset::UTC) } else { Offset::from_hours(named?).ok() };
    }
    if !name.is_empty() && named != Some(0) {
        return None;
    }
    let sign = match digits.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = digits[1..].replace(':', "");
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number::<i32>(&digits)?, 0),
        // Bytes: a letter of another script may be several, and half of it is no text.
        4 => {
            let (hours, minutes) = digits.split_at_checked(2)?;
            (number::<i32>(hours)?, number::<i32>(minutes)?)
        }
        _ => return None,
    };
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_any_script_have_their_value() {
        for digits in [
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "๐๑๒๓๔๕๖๗๘๙",
            "０１２３４５６７８９",
            "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
        ] {
            let read: Option<String> = digits.chars().map(digit).collect();
            assert_eq!(read.as_deref(), Some("0123456789"), "{digits}");
        }
        for letter in ['a', '²', '一', '½'] {
            assert_eq!(digit(letter), None, "{letter}");
        }
    }

    #[test]
    fn one_moment_is_read_in_every_form() {
        let expected = Timestamp::from_ms(1_795_473_033_000);
        for text in [
            "2026-11-23T22:30:33Z",
            "٢٠٢٦-١١-٢٣T٢٢:٣٠:٣٣Z",
            "۲۰۲۶-۱۱-۲۳T۲۲:۳۰:۳۳Z",
            "२०२६-११-२३T२२:३०:३३Z",
            "\u{200f}٢٠٢٦/١١/٢٣ ١٠:٣٠:٣٣ م",
            "2026-11-23T10:30:33 PM+0000",
            "2026-11-23T10:30:33\u{202f}p.m.Z",
            "2026-11-23 10:30:33 pm",
            "2026-11-23T下午10:30:33Z",
            "2026-11-23T오후 10:30:33Z",
            "2026-11-24T12:30:33 AM+02:00",
            "2569-11-23T22:30:33Z",
            "0008-11-23T22:30:33Z",
            "0115-11-23T22:30:33Z",
            "๒๕๖๙-๑๑-๒๓T๒๒:๓๐:๓๓Z",
            "Mon, 23 Nov 2026 22:30:33 GMT",
            "Mon, 23 Nov 2026 17:30:33 EST",
            "23 Nov 2026 22:30:33",
            "Monday, 23-Nov-2026 22:30:33 UTC",
            "Mon Nov 23 22:30:33 2026",
            "Mon Nov 23 22:30:33 GMT 2026",
            "Mon Nov 23 2026 23:30:33 GMT+0100 (Central European Standard Time)",
            "2026-11-23T22:30:33 Z",
            "2026-11-23T22:30:33+0000",
            "2026-11-23T22:30:33 +00",
            "2026.11.23 22:30:33",
            "1795473033",
            "١٧٩٥٤٧٣٠٣٣",
            "1795473033.0",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_leap_day_of_another_calendar_is_one() {
        assert_eq!(read("2567-02-29T00:00:00Z"), Timestamp::parse("2024-02-29T00:00:00Z"));
        assert_eq!(read("2566-02-29T00:00:00Z"), None);
    }

    #[test]
    fn what_has_no_or_two_meanings_is_not_read() {
        for text in [
            "",
            ":",
            "::",
            "soon",
            "03/04/2026 10:00",
            "23.11.2026 10:00:00",
            "2026-11-23T25:00:00Z",
            "2026-13-23T10:00:00Z",
            "2026-11-23T10:00:00 XYZ",
            "2026-11-23T10:00:00 EST+3",
            "2026-11-23T10:11-2\u{b2cb}",
            "2026-11-23T10:11+\u{b2cb}2",
            "2026-11-23T10:11-\u{1f680}",
            "Mon Foo 23 22:30:33 2026",
            "23 Nov 22:30:33 GMT",
            "é:00",
            "1.2.3",
            "٢٠٢٦",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"1".repeat(200)), None);
    }
}
