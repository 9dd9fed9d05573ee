//! What a comparison found: how much was compared, and what differs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

/// Differences of one kind that are told in words.
const TOLD_MAX: usize = 10;

/// What was compared, by kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Findings {
    /// By what was compared.
    pub kinds: BTreeMap<String, Compared>,
}

/// A kind of comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Compared {
    /// How many things were compared.
    pub compared: u64,
    /// How many of them differ.
    pub differences: u64,
    /// How many were left out, because nobody can tell from outside what is right.
    pub unsure: u64,
    /// The first differences, in words.
    pub told: Vec<String>,
}

impl Findings {
    /// Notes that something was compared. What differs is told in words.
    pub fn note(&mut self, kind: &str, difference: Option<String>) {
        let known = self.kind(kind);
        known.compared += 1;
        if let Some(difference) = difference {
            known.differences += 1;
            if known.told.len() < TOLD_MAX {
                known.told.push(difference);
            }
        }
    }

    /// Compares two values of something.
    pub fn same<T: PartialEq + std::fmt::Debug>(
        &mut self,
        kind: &str,
        what: impl Fn() -> String,
        (is, must_be): (T, T),
    ) {
        let differs = is != must_be;
        self.note(kind, differs.then(|| format!("{}: is {is:?}, must be {must_be:?}", what())));
    }

    /// Notes that something cannot be compared.
    pub fn leave_out(&mut self, kind: &str) {
        self.kind(kind).unsure += 1;
    }

    fn kind(&mut self, kind: &str) -> &mut Compared {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), Compared::default());
        }
        self.kinds.get_mut(kind).expect("it was just put there")
    }

    /// Takes in what was found elsewhere.
    pub fn join(&mut self, other: Self) {
        for (kind, more) in other.kinds {
            let known = self.kind(&kind);
            known.compared += more.compared;
            known.differences += more.differences;
            known.unsure += more.unsure;
            let room = TOLD_MAX.saturating_sub(known.told.len());
            known.told.extend(more.told.into_iter().take(room));
        }
    }

    /// How much differs.
    pub fn differences(&self) -> u64 {
        self.kinds.values().map(|kind| kind.differences).sum()
    }

    /// How much was compared.
    pub fn compared(&self) -> u64 {
        self.kinds.values().map(|kind| kind.compared).sum()
    }

    /// The differences in words, a line each.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for (kind, found) in self.kinds.iter().filter(|(_, found)| found.differences > 0) {
            for told in &found.told {
                writeln!(text, "{kind}: {told}").expect("a String takes everything");
            }
            let more = found.differences.saturating_sub(found.told.len() as u64);
            if more > 0 {
                writeln!(text, "{kind}: and {more} more").expect("a String takes everything");
            }
        }
        text
    }
}
