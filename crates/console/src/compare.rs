//! Figures against others, in words with an arrow.

use std::borrow::Cow;

use askama::Template;

use crate::html::{Html, icon};
use crate::words;

/// Less than this share of a change is none, in per cent.
const CHANGE_MIN: f64 = 0.05;

/// A figure with what stands below it.
pub(crate) struct Fact {
    pub name: Cow<'static, str>,
    pub value: String,
    pub unit: String,
    pub lines: Vec<Html>,
}

#[derive(Template)]
#[template(path = "facts.html")]
struct Facts<'f> {
    facts: &'f [Fact],
}

/// Figures in a row.
pub(crate) fn facts(facts: &[Fact]) -> Html {
    Html::of(&Facts { facts })
}

/// How much more or less something is than it was.
pub(crate) fn delta(now: f64, before: f64) -> Html {
    if before == 0.0 {
        return Html::of_ours(
            r#"<span class="delta">–<span class="vh"> nothing to compare with</span></span>"#,
        );
    }
    let change = 100.0 * (now - before) / before.abs();
    let (sign, word) = match change {
        change if change >= CHANGE_MIN => ("up", " more"),
        change if change <= -CHANGE_MIN => ("down", " less"),
        _ => ("flat", " as much"),
    };
    let change = (change.abs() * 10.0).round() / 10.0;
    Html::of_ours(format!(
        r#"<span class="delta">{}{}<span class="vh">{word}</span></span>"#,
        icon(sign),
        words::percent(change)
    ))
}

/// The same, with what it is compared to.
pub(crate) fn delta_on(now: f64, before: f64, what: &str) -> Html {
    Html::of_ours(format!("{} on {what}", delta(now, before)))
}

/// Words of our own.
pub(crate) fn plain(words: impl Into<String>) -> Html {
    Html::of_ours(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_its_direction_in_words_too() {
        assert!(delta(110.0, 100.0).as_str().contains("10 %<span class=\"vh\"> more"));
        assert!(delta(90.0, 100.0).as_str().contains("10 %<span class=\"vh\"> less"));
        assert!(delta(100.01, 100.0).as_str().contains("0 %<span class=\"vh\"> as much"));
        assert!(delta(5.0, 0.0).as_str().contains("nothing to compare"));
    }
}
