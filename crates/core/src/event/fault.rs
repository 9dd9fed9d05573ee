//! What is wrong with an event, in words for the people who will read it.

use super::RejectCode;
use super::json_text;

/// Characters of a sender's own text that a message repeats.
const SHOWN_CHARS_MAX: usize = 60;
/// Choices that a message lists.
const CHOICES_SHOWN_MAX: usize = 20;

/// Why an event is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: RejectCode,
    pub field: Option<String>,
    pub message: String,
}

/// Why a value does not fit its field. The message lacks the field's name at its front, because a
/// value does not know where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ValueFault {
    pub code: RejectCode,
    /// The place within the field, such as `[2]`; empty for the field itself.
    pub place: String,
    pub message: String,
}

impl Fault {
    /// A fault of the event as a whole.
    pub fn of_event(code: RejectCode, message: impl Into<String>) -> Self {
        Self { code, field: None, message: message.into() }
    }

    /// A fault of one field. `message` goes on after the field's name.
    pub fn of_field(code: RejectCode, field: &str, message: &str) -> Self {
        let field = shortened(field);
        Self { code, message: format!("{field} {message}"), field: Some(field) }
    }
}

impl ValueFault {
    pub fn new(code: RejectCode, message: impl Into<String>) -> Self {
        Self { code, place: String::new(), message: message.into() }
    }

    /// The value is of another kind than `wanted`.
    pub fn wrong_type(wanted: &str, value: &str) -> Self {
        Self::new(RejectCode::WrongType, format!("must be {wanted}, but is {}", shown(value)))
    }

    /// The fault of the item at `index` of the list that had it.
    pub fn inside(mut self, index: usize) -> Self {
        self.place.insert_str(0, &format!("[{index}]"));
        self
    }

    pub fn of(self, field: &str) -> Fault {
        let Self { code, place, message } = self;
        let name = shortened(field);
        Fault { code, message: format!("{name}{place} {message}"), field: Some(name) }
    }
}

/// A value as a message repeats it: short ones as they are written, others by their kind.
pub(super) fn shown(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{' | b'[') => json_text::kind_of(value).to_owned(),
        _ => shortened(value),
    }
}

/// A sender's text, shortened, and without characters that would spoil an answer or a log.
pub(super) fn shortened(text: &str) -> String {
    let mut shown = String::new();
    for (n, letter) in text.chars().enumerate() {
        if n == SHOWN_CHARS_MAX {
            shown.push('…');
            break;
        }
        if letter.is_control() {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// `one of "a", "b"`, or just `"a"` if there is no choice.
pub(super) fn choices(all: impl ExactSizeIterator<Item = String>) -> String {
    let count = all.len();
    let mut listed = all.take(CHOICES_SHOWN_MAX).collect::<Vec<_>>().join(", ");
    if count > CHOICES_SHOWN_MAX {
        listed.push_str(", …");
    }
    if count == 1 { listed } else { format!("one of {listed}") }
}

/// `1 character`, `2 characters`.
pub(super) fn counted(count: usize, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unprintable_texts_are_shortened_and_escaped() {
        assert_eq!(shortened("a\0b\n"), "a\\u{0}b\\u{a}");
        let long = shortened(&"é".repeat(1_000));
        assert_eq!(long.chars().count(), SHOWN_CHARS_MAX + 1);
        assert_eq!(shown(r#"{"a":1}"#), "an object");
        assert_eq!(shown("12.5"), "12.5");
    }

    #[test]
    fn choices_are_listed_up_to_a_limit() {
        let numbers = |n: u32| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().into_iter();
        assert_eq!(choices(numbers(1)), "0");
        assert_eq!(choices(numbers(3)), "one of 0, 1, 2");
        assert!(choices(numbers(100)).ends_with(", 19, …"));
    }
}
