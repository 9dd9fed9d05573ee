//! What is found wrong with an event while it is checked.
//!
//! A *mistake* costs the event. A *flaw* lies in a field that decides nothing: its value is set
//! aside and kept with the event under [`FLAWS_KEY`], and the event counts. The sender is told
//! every mistake and flaw of an event, up to [`EVENT_FLAWS_TOLD_MAX`], not only the first.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use super::RejectCode;
use super::fault::Fault;
use super::json_text;
use super::payload::Payload;
use crate::limits::{
    EVENT_DEPTH_MAX, EVENT_FLAWS_TOLD_MAX, REJECTED_MESSAGE_BYTES, SET_ASIDE_VALUES_BYTES_MAX,
};

/// The key of a payload that holds the values that were set aside, as a list of
/// `{"field", "code", "value"}`. No field of a definition can be called so.
pub const FLAWS_KEY: &str = "$flaws";
/// How deep a value lies in the payload once it is set aside.
const SET_ASIDE_DEPTH: usize = 3;

/// What is wrong with one field of an event, or with the event as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The place of the event in the request body.
    pub index: usize,
    /// The type of the event, where the definition has it.
    pub event_type: Option<Arc<str>>,
    /// The field at fault, where one is.
    pub field: Option<String>,
    /// Whether the definition has that field, so that figures may be kept by its name.
    pub declared: bool,
    /// What is wrong.
    pub code: RejectCode,
    /// Field, problem and limit, in a sentence.
    pub message: String,
}

/// What was found wrong with the events of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Flaws of events that count.
    pub flaws: Vec<Flaw>,
    /// Everything that is wrong with the events that were rejected.
    pub mistakes: Vec<Flaw>,
}

/// A value that was set aside.
#[derive(Debug)]
pub(super) struct SetAside<'e> {
    pub fault: Fault,
    pub declared: bool,
    /// The key as the sender wrote it, with its quotes.
    pub raw_key: Cow<'e, str>,
    /// The value as it came, unless it is too large to be kept.
    pub value: Option<&'e str>,
}

/// What was found wrong with one event so far.
#[derive(Debug, Default)]
pub(super) struct Findings<'e> {
    pub mistakes: Vec<Fault>,
    pub set_aside: Vec<SetAside<'e>>,
}

impl<'e> Findings<'e> {
    pub fn mistake(&mut self, fault: Fault) {
        self.mistakes.push(fault);
    }

    /// Notes what is wrong with a field of the definition, which either decides or is set aside.
    pub fn declared(&mut self, decides: bool, name: &str, value: &'e str, fault: Fault) {
        if decides {
            self.mistakes.push(fault);
        } else {
            let raw_key = Cow::Owned(format!("\"{name}\""));
            self.set_aside.push(SetAside { fault, declared: true, raw_key, value: Some(value) });
        }
    }

    /// All mistakes, then all flaws, each once.
    pub fn told(&self, index: usize, event_type: Option<&Arc<str>>) -> Vec<Flaw> {
        let mistakes = self.mistakes.iter().map(|fault| (fault, true));
        let set_aside = self.set_aside.iter().map(|one| (&one.fault, one.declared));
        let mut told: Vec<Flaw> = Vec::new();
        for (fault, declared) in mistakes.chain(set_aside) {
            if told.len() == EVENT_FLAWS_TOLD_MAX {
                break;
            }
            if told.iter().any(|one| one.field == fault.field && one.code == fault.code) {
                continue;
            }
            told.push(Flaw {
                index,
                event_type: event_type.cloned(),
                field: fault.field.clone(),
                declared,
                code: fault.code,
                message: fault.message.clone(),
            });
        }
        told
    }

    /// Writes what was set aside into the payload. `kept` is the list that the event already
    /// carries, as an exported event does.
    pub fn write(&self, kept: Option<&str>, payload: &mut Payload) {
        if self.set_aside.is_empty() && kept.is_none() {
            return;
        }
        let list = payload.field(FLAWS_KEY);
        list.push('[');
        let mut bytes = 0;
        for one in &self.set_aside {
            separate(list);
            bytes += one.value.map_or(0, str::len) + one.raw_key.len();
            one.write(bytes <= SET_ASIDE_VALUES_BYTES_MAX, list);
        }
        for item in kept.into_iter().flat_map(json_text::items) {
            separate(list);
            list.push_str(&json_text::compact(item));
        }
        list.push(']');
    }
}

impl SetAside<'_> {
    /// Writes it, with its whole name and its value if there is room for them.
    fn write(&self, is_room: bool, list: &mut String) {
        list.push_str("{\"field\":");
        match json_text::text_fault(&self.raw_key) {
            None if is_room => list.push_str(&self.raw_key),
            Some(_) if is_room => {
                list.push_str(&json_text::quoted(self.raw_key.trim_matches('"')));
            }
            _ => list.push_str(&json_text::quoted(self.fault.field.as_deref().unwrap_or_default())),
        }
        list.push_str(",\"code\":\"");
        list.push_str(self.fault.code.as_str());
        list.push('"');
        if let Some(value) = self.value.filter(|_| is_room) {
            let is_storable = json_text::text_fault(value).is_none()
                && json_text::depth(value) + SET_ASIDE_DEPTH <= EVENT_DEPTH_MAX;
            if is_storable {
                list.push_str(",\"value\":");
                list.push_str(&json_text::compact(value));
            } else {
                list.push_str(",\"json\":");
                list.push_str(&json_text::quoted(value));
            }
        }
        list.push('}');
    }
}

fn separate(list: &mut String) {
    if !list.ends_with('[') {
        list.push(',');
    }
}

/// All mistakes and flaws in one line.
pub(super) fn in_one_line(told: &[Flaw]) -> String {
    let mut line = String::new();
    for (n, flaw) in told.iter().enumerate() {
        if n > 0 && line.len() + flaw.message.len() > REJECTED_MESSAGE_BYTES {
            write!(line, "; and {} more", told.len() - n).expect("a String takes everything");
            break;
        }
        if n > 0 {
            line.push_str("; ");
        }
        line.push_str(&flaw.message);
    }
    line
}
