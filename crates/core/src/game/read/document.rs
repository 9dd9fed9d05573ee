//! A definition file as a tree of values that know where they stand, and the mistakes in it.

use std::borrow::Cow;
use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Mistake;
use crate::prize::tiers::Written;
use crate::suggestion::did_you_mean;

/// Mistakes that are reported of one file. Nobody reads more, and a file of garbage has many.
const MISTAKES_MAX: usize = 1_000;
/// Characters of the file's own text that a message repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// The file, as far as its mistakes need to know it.
pub(super) struct Document {
    /// The offset of each line's first byte. Never empty.
    line_starts: Vec<usize>,
    /// The lines that are not TOML, in their order.
    broken_lines: Vec<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Node<'d> {
    document: &'d Document,
    value: &'d DeValue<'d>,
    line: usize,
    path: String,
}

/// A table whose keys are taken out one by one; what remains is unknown.
pub(super) struct Table<'d> {
    node: Node<'d>,
    /// In the order of the file.
    entries: Vec<(&'d str, Node<'d>)>,
    /// The keys asked for so far.
    known: Vec<&'static str>,
}

impl Document {
    /// A document of this text, in which the TOML parser found these faults.
    pub fn new(text: &str, faults: &[toml::de::Error]) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        if line_starts.len() > 1 && line_starts.last() == Some(&text.len()) {
            line_starts.pop();
        }
        let mut document =
            Self { line_starts, broken_lines: Vec::new(), mistakes: RefCell::default() };
        for fault in faults.iter().take(MISTAKES_MAX) {
            let line = document.line_at(fault.span().map_or(0, |span| span.start));
            document.broken_lines.push(line);
            let reason = match fault.span().and_then(|span| text.get(span)) {
                Some(key) if fault.message() == "duplicate key" => {
                    format!("the key {key} is there twice")
                }
                _ => fault.message().to_owned(),
            };
            document.report(line, String::new(), &reason, None);
        }
        document.broken_lines.sort_unstable();
        document
    }

    /// The whole file.
    pub fn root<'d>(&'d self, table: &'d DeTable<'d>) -> Table<'d> {
        // A table is a value's content, but the root's is no value's; it stands in for itself.
        const NOWHERE: &DeValue<'static> = &DeValue::Boolean(true);
        let node = Node { document: self, value: NOWHERE, line: 1, path: String::new() };
        node.table_of(table)
    }

    /// All mistakes by line. In a line that is not TOML, only that is told.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        let broken = |line: usize| self.broken_lines.binary_search(&line).is_ok();
        mistakes.retain(|mistake| mistake.path.is_empty() || !broken(mistake.line));
        mistakes.sort();
        mistakes.dedup();
        if mistakes.len() >= MISTAKES_MAX {
            let reason = format!("there are more mistakes than the {MISTAKES_MAX} listed here");
            let (line, path) = (self.line_starts.len(), String::new());
            mistakes.push(Mistake { line, path, reason, suggestion: None });
        }
        mistakes
    }

    /// The line of a place in the text, from 1. The end of the text belongs to its last line.
    fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    fn report(&self, line: usize, path: String, reason: &str, suggestion: Option<String>) {
        let mut mistakes = self.mistakes.borrow_mut();
        if mistakes.len() < MISTAKES_MAX {
            // What is repeated of the file is quoted where it is repeated; parsers have words of
            // their own.
            let reason = reason.replace(char::is_control, "\u{fffd}");
            mistakes.push(Mistake { line, path, reason, suggestion });
        }
    }
}

impl<'d> Node<'d> {
    /// Reports a mistake of this value. `reason` goes on after its path.
    pub fn mistake(&self, reason: impl AsRef<str>) {
        self.mistake_with(reason, None);
    }

    /// Reports a mistake of this value with what to write instead.
    pub fn mistake_with(&self, reason: impl AsRef<str>, suggestion: Option<String>) {
        self.document.report(self.line, self.path.clone(), reason.as_ref(), suggestion);
    }

    /// Reports that something is missing, unless part of the file could not be read: the missing
    /// thing may stand in that part.
    pub fn missing(&self, reason: impl AsRef<str>, suggestion: Option<String>) {
        if self.document.broken_lines.is_empty() {
            self.mistake_with(reason, suggestion);
        }
    }

    /// Reports a name that does not exist.
    pub fn unknown<'n>(
        &self,
        reason: impl AsRef<str>,
        written: &str,
        existing: impl IntoIterator<Item = &'n str>,
    ) {
        self.missing(reason, did_you_mean(written, existing));
    }

    /// The value itself.
    pub fn value(&self) -> &'d DeValue<'d> {
        self.value
    }

    fn wrong_type(&self, wanted: &str) {
        self.mistake(format!("must be {wanted}, but is {}", shown(self.value)));
    }

    /// A text. It may hold anything but NUL, which PostgreSQL cannot store.
    pub fn text(&self) -> Option<&'d str> {
        let DeValue::String(text) = self.value else {
            self.wrong_type("a text in quotes");
            return None;
        };
        if text.contains('\0') {
            self.mistake("must not contain the NUL character");
            return None;
        }
        Some(text)
    }

    /// A text that people see: one line, not blank, at most `chars_max` characters.
    pub fn title(&self, chars_max: usize) -> Option<&'d str> {
        let text = self.text()?;
        let long = text.chars().nth(chars_max).is_some();
        if text.trim().is_empty() || long || text.chars().any(char::is_control) {
            self.mistake(format!("must be 1 to {chars_max} characters in one line"));
            return None;
        }
        Some(text)
    }

    /// A whole number of 64 bits.
    pub fn integer(&self) -> Option<i64> {
        let DeValue::Integer(number) = self.value else {
            self.wrong_type("a whole number");
            return None;
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if number.is_none() {
            self.mistake("must be a whole number of at most 64 bits");
        }
        number
    }

    /// A whole number between these, both included.
    pub fn integer_within(&self, least: i64, most: i64) -> Option<i64> {
        let number = self.integer()?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.mistake(format!("must be a whole number from {least} to {most}, but is {number}"));
        None
    }

    /// A finite number, with or without a fraction.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(_) => self.integer().map(|number| number as f64),
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().filter(|number: &f64| number.is_finite());
                if number.is_none() {
                    self.mistake("must be a finite number");
                }
                number
            }
            _ => {
                self.wrong_type("a number");
                None
            }
        }
    }

    /// A truth value.
    pub fn boolean(&self) -> Option<bool> {
        if let DeValue::Boolean(truth) = self.value {
            return Some(*truth);
        }
        self.wrong_type("true or false, without quotes");
        None
    }

    /// The value, for checks that know nothing of definition files.
    pub fn written(&self) -> Written {
        match self.value {
            DeValue::String(text) => Written::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Written::Other(shown(self.value)), Written::Integer),
            _ => Written::Other(shown(self.value)),
        }
    }

    /// The items of a list.
    pub fn list(&self, example: &str) -> Option<Vec<Self>> {
        let DeValue::Array(items) = self.value else {
            self.wrong_type(&format!("a list {example}"));
            return None;
        };
        let node = |(index, item): (usize, &'d Spanned<DeValue<'d>>)| Self {
            document: self.document,
            value: item.get_ref(),
            line: self.document.line_at(item.span().start),
            path: format!("{}[{index}]", self.path),
        };
        Some(items.iter().enumerate().map(node).collect())
    }

    /// A table.
    pub fn table(&self, example: &str) -> Option<Table<'d>> {
        let DeValue::Table(table) = self.value else {
            self.wrong_type(&format!("a table {example}"));
            return None;
        };
        Some(self.clone().table_of(table))
    }

    fn table_of(self, table: &'d DeTable<'d>) -> Table<'d> {
        let entries = table
            .iter()
            .map(|(key, value)| {
                let name: &'d DeString<'d> = key.get_ref();
                let node = Self {
                    document: self.document,
                    value: value.get_ref(),
                    line: self.document.line_at(key.span().start),
                    path: join(&self.path, name),
                };
                (&**name, node)
            })
            .collect();
        Table { node: self, entries, known: Vec::new() }
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, what: &str, choices: &[(&'static str, T)]) -> Option<T> {
        let written = self.text()?;
        let found = choices.iter().find(|(word, _)| *word == written);
        if found.is_none() {
            let words = choices.iter().map(|(word, _)| *word);
            let all: Vec<String> = words.clone().map(|word| format!("\"{word}\"")).collect();
            let reason = format!("{} is no {what}: write {}", quoted(written), any_of(&all));
            self.mistake_with(reason, did_you_mean(written, words));
        }
        found.map(|(_, value)| *value)
    }
}

impl<'d> Table<'d> {
    /// Its place.
    pub fn node(&self) -> &Node<'d> {
        &self.node
    }

    /// Takes out the value of a key that may be absent.
    pub fn take(&mut self, key: &'static str) -> Option<Node<'d>> {
        self.known.push(key);
        let place = self.entries.iter().position(|(name, _)| *name == key)?;
        Some(self.entries.remove(place).1)
    }

    /// Takes out the value of a key that must be there.
    pub fn need(&mut self, key: &'static str, example: &str) -> Option<Node<'d>> {
        let node = self.take(key);
        if node.is_none() {
            self.node.missing(format!("{key} is missing"), Some(format!("write {example}")));
        }
        node
    }

    /// Takes out a table that may be absent.
    pub fn take_table(&mut self, key: &'static str) -> Option<Self> {
        self.take(key)?.table(&format!("such as [{key}]"))
    }

    /// Takes out a table that must be there.
    pub fn need_table(&mut self, key: &'static str, example: &str) -> Option<Self> {
        let node = self.take(key);
        if node.is_none() {
            self.node.missing(format!("there is no [{key}]"), Some(format!("add it, {example}")));
        }
        node?.table(example)
    }

    /// All entries, for a table whose keys are names of the game developer's own.
    pub fn into_entries(self) -> Vec<(&'d str, Node<'d>)> {
        self.entries
    }

    /// Reports every key that nobody asked for, unless part of the file could not be read: behind a
    /// broken header, keys seem to belong to the table before it.
    pub fn finish(self) {
        for (key, node) in &self.entries {
            let all: Vec<String> = self.known.iter().map(|key| (*key).to_owned()).collect();
            let reason = format!("there is no such key here: there is {}", listed(&all, "and"));
            node.missing(reason, did_you_mean(key, self.known.iter().copied()));
        }
    }
}

/// A key behind a path. Keys that TOML would have to quote are quoted.
fn join(path: &str, key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let plain = !key.is_empty() && key.len() <= SHOWN_CHARS_MAX && key.chars().all(bare);
    let key: Cow<'_, str> = if plain { key.into() } else { quoted(key).into() };
    if path.is_empty() { key.into_owned() } else { format!("{path}.{key}") }
}

/// A text of the file in quotes, shortened, without characters that would spoil a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// A value as a message repeats it.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)),
        DeValue::Integer(number) => number.to_string().chars().take(SHOWN_CHARS_MAX).collect(),
        DeValue::Float(number) => number.as_str().chars().take(SHOWN_CHARS_MAX).collect(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// `"a", "b" or "c"`.
pub(super) fn any_of(all: &[String]) -> String {
    listed(all, "or")
}

fn listed(all: &[String], word: &str) -> String {
    match all {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
