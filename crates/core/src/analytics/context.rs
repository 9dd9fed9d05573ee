//! What an event was sent from: platform, version of the app, country.

use std::borrow::Cow;
use std::sync::Arc;

use crate::limits::ANALYTICS_VALUE_CHARS_MAX;

/// What figures can be split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The platform of the device.
    Platform,
    /// The version of the app.
    AppVersion,
    /// The country.
    Country,
}

impl Dimension {
    /// All of them, in the order of a [`Context`].
    pub const ALL: [Self; 3] = [Self::Platform, Self::AppVersion, Self::Country];

    /// The field of events that holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::AppVersion => "app_version",
            Self::Country => "country",
        }
    }
}

/// The values of all dimensions, as one event says them. An event without a value counts in no value
/// of that dimension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Context(pub [Option<Arc<str>>; 3]);

impl Context {
    /// The values that there are.
    pub fn values(&self) -> impl Iterator<Item = (Dimension, &Arc<str>)> {
        let all = Dimension::ALL.into_iter().zip(&self.0);
        all.filter_map(|(dimension, value)| Some((dimension, value.as_ref()?)))
    }
}

/// A text that a client chose as a value that is counted under: bounded, and without control
/// characters. `None` if nothing is left.
pub(crate) fn value(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let fits = text.len() <= ANALYTICS_VALUE_CHARS_MAX && !text.chars().any(char::is_control);
    if fits {
        return (!text.is_empty()).then_some(Cow::Borrowed(text));
    }
    let cut = text.chars().take(ANALYTICS_VALUE_CHARS_MAX);
    Some(cut.map(|one| if one.is_control() { '\u{fffd}' } else { one }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_short_and_holds_no_control_characters() {
        assert_eq!(value(" ios "), Some(Cow::Borrowed("ios")));
        assert_eq!(value("  "), None);
        assert_eq!(value("a\u{0}b").as_deref(), Some("a\u{fffd}b"));
        let long = "ß".repeat(ANALYTICS_VALUE_CHARS_MAX + 1);
        let cut = value(&long).expect("something is left");
        assert_eq!(cut.chars().count(), ANALYTICS_VALUE_CHARS_MAX);
    }
}
