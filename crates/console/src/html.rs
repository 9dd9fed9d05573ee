//! Markup that is safe to send, and the ways to make it.
//!
//! [`Html`] is the only thing that templates write as it is; every `String` and `&str` is escaped. What
//! clients sent goes through [`inert`], which also shows characters that turn text around, hide in it
//! or steer terminals. Nothing else may make an [`Html`] out of what a client sent.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// Markup that is safe to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

impl Html {
    /// Markup of our own, in which everything of others was escaped.
    pub fn of_ours(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// A template, filled in.
    pub fn of(template: &impl Template) -> Self {
        Self(template.render().expect("templates fail only where writing does"))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup, to be sent.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// An icon of the sprite. Decoration: a word always stands beside it.
pub(crate) fn icon(name: &str) -> Html {
    Html(format!(r##"<svg class="i" aria-hidden="true"><use href="#i-{name}"/></svg>"##))
}

/// How much of a text is kept as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// Line breaks and tabs are shown as what they are.
    Kept,
    /// They are characters like any other that does not show.
    Shown,
}

/// A text of a client within a line.
pub(crate) fn inert(text: &str) -> Html {
    Html(written(text, Lines::Shown))
}

/// A text of a client with its line breaks, for a `pre`.
pub(crate) fn inert_lines(text: &str) -> Html {
    Html(written(text, Lines::Kept))
}

/// A text of a client in an attribute, where there can be no markup.
pub(crate) fn inert_attribute(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match name_of(letter) {
            Some(name) => shown.extend(["[", &name, "]"]),
            None => shown.push(letter),
        }
    }
    shown
}

/// An id or a name of a client: isolated from its neighbours, cut where it is too long, whole in its
/// title. `class` is how wide it may be.
pub(crate) fn id(text: &str, class: &str) -> Html {
    let mut title = String::new();
    escape(&inert_attribute(text), &mut title);
    let text = written(text, Lines::Shown);
    Html(format!(r#"<bdi class="id {class}" title="{title}">{text}</bdi>"#))
}

/// A text escaped, for the places where markup is put together by hand.
pub(crate) fn escaped(text: &str) -> String {
    let mut into = String::with_capacity(text.len());
    escape(text, &mut into);
    into
}

fn written(text: &str, lines: Lines) -> String {
    let mut into = String::with_capacity(text.len());
    for letter in text.chars() {
        if lines == Lines::Kept && ['\n', '\t'].contains(&letter) {
            into.push(letter);
        } else if let Some(name) = name_of(letter) {
            let code = u32::from(letter);
            let chip = format!(r#"<span class="ctl" title="U+{code:04X}">{name}</span>"#);
            into.push_str(&chip);
        } else {
            escape_letter(letter, &mut into);
        }
    }
    into
}

fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        escape_letter(letter, into);
    }
}

fn escape_letter(letter: char, into: &mut String) {
    match letter {
        '&' => into.push_str("&amp;"),
        '<' => into.push_str("&lt;"),
        '>' => into.push_str("&gt;"),
        '"' => into.push_str("&quot;"),
        '\'' => into.push_str("&#39;"),
        letter => into.push(letter),
    }
}

/// The names of the first 32 control characters.
const CONTROLS: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

/// Whether a character is shown by its name, because it would not show or would change how others do.
pub(crate) fn is_shown_by_name(letter: char) -> bool {
    name_of(letter).is_some()
}

/// The name by which a character is shown that would not show, or would change how others do. Joiners
/// are not among them: several scripts need them.
fn name_of(letter: char) -> Option<String> {
    let named = match letter {
        '\0'..='\x1f' => CONTROLS[letter as usize],
        '\x7f' => "DEL",
        '\u{ad}' => "SHY",
        '\u{61c}' => "ALM",
        '\u{200b}' => "ZWSP",
        '\u{200e}' => "LRM",
        '\u{200f}' => "RLM",
        '\u{2028}' => "LS",
        '\u{2029}' => "PS",
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{feff}' => "BOM",
        // The second control block, what is invisible by design, tags, and what no text may hold.
        '\u{80}'..='\u{9f}'
        | '\u{2061}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{e000}'..='\u{f8ff}' => return Some(format!("U+{:04X}", u32::from(letter))),
        _ => return None,
    };
    Some(named.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_a_client_is_text() {
        let shown = inert("<img src=x onerror='alert(1)'>&\"");
        let text = "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;";
        assert_eq!(shown.as_str(), text);
    }

    #[test]
    fn what_turns_text_around_or_steers_a_terminal_is_shown_by_its_name() {
        let shown = inert("x\u{202e}retsam\u{1b}[31m").into_string();
        assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown:?}");
        assert!(shown.contains(r#"title="U+202E">RLO</span>retsam"#), "{shown}");
        assert!(shown.contains(">ESC</span>[31m"), "{shown}");
        assert_eq!(inert_attribute("a\u{2066}b\n"), "a[LRI]b[LF]");
    }

    #[test]
    fn no_character_that_does_not_show_comes_through() {
        for code in 0..=0x10_ffff {
            let Some(letter) = char::from_u32(code) else { continue };
            let is_turning = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if letter.is_control() || is_turning {
                let one = letter.to_string();
                assert!(!inert(&one).as_str().contains(letter), "U+{code:04X}");
                assert!(!id(&one, "w12").as_str().contains(letter), "U+{code:04X}");
            }
        }
    }

    #[test]
    fn other_scripts_and_their_joiners_stay_as_they_are() {
        for name in ["Алёна", "سارة الطيار", "नमस्ते", "می‌خواهم", "👩‍🚀"]
        {
            assert_eq!(inert(name).as_str(), name);
        }
    }

    #[test]
    fn a_payload_keeps_its_lines() {
        let shown = inert_lines("{\n\t\"a\": 1\n}\r").into_string();
        assert!(shown.starts_with("{\n\t&quot;a&quot;: 1\n}<span"), "{shown}");
    }
}
