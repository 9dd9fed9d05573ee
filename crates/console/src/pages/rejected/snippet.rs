//! A piece of the definition to paste for a type that it does not have, made of the events that came.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value};

/// Values of a text that are listed as a choice, at most.
const CHOICES_MAX: usize = 8;
/// Characters of a text that may still be one of a few choices.
const CHOICE_CHARS_MAX: usize = 40;

/// What came in one field.
#[derive(Debug, Default)]
struct Seen {
    times: usize,
    kinds: BTreeSet<&'static str>,
    least: f64,
    most: f64,
    texts: BTreeMap<String, usize>,
    is_long: bool,
}

/// The table of a type for the definition. `common` are the fields that every event may have.
pub(super) fn snippet(event_type: &str, raws: &[&str], common: &BTreeSet<&str>) -> String {
    let events: Vec<Map<String, Value>> =
        raws.iter().filter_map(|raw| serde_json::from_str(raw).ok()).collect();
    let mut fields: BTreeMap<&str, Seen> = BTreeMap::new();
    for event in &events {
        for (name, value) in event.iter().filter(|(name, _)| !common.contains(name.as_str())) {
            fields.entry(name).or_default().take_in(value);
        }
    }
    let name = key(event_type);
    let mut text = format!("[events.{name}]\nclass = \"bulk\"\n\n[events.{name}.fields]\n");
    for (field, seen) in fields {
        seen.write(field, events.len(), &mut text);
    }
    text
}

impl Seen {
    fn take_in(&mut self, value: &Value) {
        self.times += 1;
        let kind = match value {
            Value::Null => return,
            Value::Bool(_) => "boolean",
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                let is_first = !self.kinds.contains("integer") && !self.kinds.contains("number");
                self.least = if is_first { number } else { self.least.min(number) };
                self.most = if is_first { number } else { self.most.max(number) };
                if value.is_i64() || value.is_u64() { "integer" } else { "number" }
            }
            Value::String(text) => {
                self.is_long |= text.chars().count() > CHOICE_CHARS_MAX;
                if self.texts.len() <= CHOICES_MAX {
                    *self.texts.entry(text.clone()).or_default() += 1;
                }
                "string"
            }
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.kinds.insert(kind);
    }

    fn write(&self, field: &str, of: usize, into: &mut String) {
        let numbers: BTreeSet<&str> = ["integer", "number"].into_iter().collect();
        let kind = match self.kinds.iter().next() {
            Some(kind) if self.kinds.len() == 1 => kind,
            Some(_) if self.kinds == numbers => "number",
            _ => "any",
        };
        let mut comment = Vec::new();
        if ["integer", "number"].contains(&kind) {
            comment.push(format!("{} to {}", self.least, self.most));
        }
        let is_choice = kind == "string" && self.texts.len() <= CHOICES_MAX && !self.is_long;
        if is_choice {
            let values = self.texts.iter().map(|(text, times)| format!("{} {times}", quoted(text)));
            comment.push(values.collect::<Vec<_>>().join(" · "));
        }
        if self.times < of {
            comment.push(format!("in {} of {of} events", self.times));
        }
        if !comment.is_empty() {
            writeln!(into, "# {}", comment.join("; ")).expect("a String takes everything");
        }
        let required = if self.times == of { ", required = true" } else { "" };
        writeln!(into, "{} = {{ type = \"{kind}\"{required} }}", key(field))
            .expect("a String takes everything");
    }
}

/// A key of TOML: as it is where that can be, in quotes otherwise.
fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || ['_', '-'].contains(&letter);
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A text in quotes, on one line whatever is in it.
fn quoted(text: &str) -> String {
    let mut into = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => into.extend(['\\', letter]),
            letter if letter.is_control() || letter == '\u{2028}' || letter == '\u{2029}' => {
                write!(into, "\\u{:04X}", u32::from(letter)).expect("a String takes everything");
            }
            letter => into.push(letter),
        }
    }
    into.push('"');
    into
}

#[cfg(test)]
mod tests {
    use scoreline_core::game::{Definition, SAMPLE};

    use super::*;

    fn common() -> BTreeSet<&'static str> {
        ["event_type", "user_id", "timestamp", "app_version", "platform"].into_iter().collect()
    }

    const KRAKEN: &str = r#"{"event_type":"boss_defeated","user_id":"a","timestamp":"2026-11-29T19:40:58Z",
        "boss":"kraken","seconds":74.5,"damage":18204,"weapons":["harpoon"]}"#;
    const GOLEM: &str = r#"{"event_type":"boss_defeated","user_id":"b","timestamp":"2026-11-29T19:40:59Z",
        "boss":"golem","seconds":11,"damage":180}"#;

    #[test]
    fn what_came_becomes_fields_with_what_was_seen_in_them() {
        let text = snippet("boss_defeated", &[KRAKEN, GOLEM], &common());
        let wanted = "[events.boss_defeated]\nclass = \"bulk\"\n\n[events.boss_defeated.fields]\n\
                      # \"golem\" 1 · \"kraken\" 1\n\
                      boss = { type = \"string\", required = true }\n\
                      # 180 to 18204\n\
                      damage = { type = \"integer\", required = true }\n\
                      # 11 to 74.5\n\
                      seconds = { type = \"number\", required = true }\n\
                      # in 1 of 2 events\n\
                      weapons = { type = \"array\" }\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn the_definition_takes_it_as_it_is() {
        let text = snippet("boss_defeated", &[KRAKEN, GOLEM], &common());
        let definition = Definition::parse(&format!("{SAMPLE}\n{text}"));
        assert!(definition.expect("no mistakes").events.contains_key("boss_defeated"));
    }

    #[test]
    fn nothing_that_a_client_wrote_gets_out_of_its_quotes() {
        let raw = r#"{"a\"] = 1\n[game]":"x\ny","b":"\u0000\"\\"}"#;
        let text = snippet("t]\nx", &[raw], &BTreeSet::new());
        let read: toml::Table = text.parse().expect("TOML");
        assert_eq!(read.keys().collect::<Vec<_>>(), ["events"], "{text}");
        let fields = read["events"]["t]\nx"]["fields"].as_table().expect("a table");
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["a\"] = 1\n[game]", "b"]);
    }
}
