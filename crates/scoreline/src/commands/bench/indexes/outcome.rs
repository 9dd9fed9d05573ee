//! What came of it, for machines as JSON and for people as a page of text.

use std::fmt::Write as _;

use scoreline_core::time::Timestamp;
use scoreline_server::TrialSizes;
use serde::Serialize;

use super::questions::{Family, Group, Question};

/// From this size on an index is expected to show what it is worth.
const LARGE: u64 = 1_000_000;

/// Everything that was measured.
#[derive(Serialize)]
pub struct Outcome {
    started_at: String,
    players: u64,
    events: u64,
    prizes: u64,
    failed: u64,
    answers: Vec<Answered>,
    applied: Vec<Applied>,
}

/// How fast a question was answered.
#[derive(Serialize)]
pub struct Answered {
    family: Family,
    question: &'static str,
    indexes: &'static [&'static str],
    index_bytes: u64,
    with_ms: f64,
    without_ms: f64,
    ratio: f64,
    expected: f64,
}

/// What an index adds to the time that events take to be applied.
#[derive(Serialize)]
pub struct Applied {
    indexes: &'static [&'static str],
    with_us: f64,
    without_us: f64,
    /// Events a second with it, as a share of those without it.
    share: f64,
}

impl Answered {
    /// The medians with the indexes of a group and without them.
    pub fn new(
        group: &Group,
        question: &Question,
        index_bytes: u64,
        with_ms: f64,
        without_ms: f64,
    ) -> Self {
        Self {
            family: question.family,
            question: question.text,
            indexes: group.indexes,
            index_bytes,
            with_ms,
            without_ms,
            ratio: ratio(without_ms, with_ms),
            expected: question.family.expected(),
        }
    }
}

impl Applied {
    /// The medians of an event with the indexes of a group and without them.
    pub fn new(group: &Group, with_us: f64, without_us: f64) -> Self {
        Self { indexes: group.indexes, with_us, without_us, share: ratio(without_us, with_us) }
    }
}

fn ratio(value: f64, of: f64) -> f64 {
    if of > 0.0 { value / of } else { 0.0 }
}

impl Outcome {
    /// Nothing yet.
    pub fn new(started_at: Timestamp, sizes: &TrialSizes) -> Self {
        Self {
            started_at: started_at.to_string(),
            players: sizes.players,
            events: sizes.events,
            prizes: sizes.prizes,
            failed: sizes.failed,
            answers: Vec::new(),
            applied: Vec::new(),
        }
    }

    /// Says and keeps how fast a question was answered.
    pub fn note(&mut self, answered: Answered) {
        let Answered { question, with_ms, without_ms, ratio, .. } = &answered;
        eprintln!("  {question}: {with_ms:.2} ms, without {without_ms:.2} ms, {ratio:.1} times");
        self.answers.push(answered);
    }

    /// Says and keeps what an index costs.
    pub fn note_applied(&mut self, applied: Applied) {
        let Applied { indexes, with_us, without_us, .. } = &applied;
        let indexes = indexes.join(", ");
        eprintln!("  {indexes}: {with_us:.1} µs an applied event, without {without_us:.1} µs");
        self.applied.push(applied);
    }

    /// Whether every index is worth what is expected of it. A small database tells nothing.
    pub fn all_met(&self) -> bool {
        !self.is_large() || self.answers.iter().all(|answer| answer.ratio >= answer.expected)
    }

    fn is_large(&self) -> bool {
        self.players.min(self.events).min(self.prizes) >= LARGE
    }

    /// As JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// As a Markdown page.
    pub fn to_markdown(&self) -> String {
        let mut page = String::new();
        self.write(&mut page).expect("a text takes everything");
        page
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        let Self { started_at, players, events, prizes, failed, .. } = self;
        writeln!(page, "# Indexes, measured at {started_at}\n")?;
        writeln!(
            page,
            "{players} players, {events} events, {prizes} prizes, {failed} dead and as many \
             quarantined events.\n"
        )?;
        writeln!(page, "| | question | index | MB | with, ms | without, ms | ratio | expected |")?;
        writeln!(page, "|---|---|---|--:|--:|--:|--:|--:|")?;
        for answer in &self.answers {
            let Answered { question, with_ms, without_ms, ratio, expected, .. } = answer;
            let (family, indexes) = (answer.family.text(), names(answer.indexes));
            let megabytes = answer.index_bytes as f64 / 1e6;
            let missed = if self.is_large() && ratio < expected { " **missed**" } else { "" };
            writeln!(
                page,
                "| {family} | {question} | {indexes} | {megabytes:.0} | {with_ms:.2} | \
                 {without_ms:.2} | {ratio:.1} | {expected:.0}{missed} |"
            )?;
        }
        writeln!(
            page,
            "\n| price of | an event with it, µs | without, µs | share of throughput |"
        )?;
        writeln!(page, "|---|--:|--:|--:|")?;
        for Applied { indexes, with_us, without_us, share } in &self.applied {
            let indexes = names(indexes);
            writeln!(page, "| {indexes} | {with_us:.1} | {without_us:.1} | {share:.2} |")?;
        }
        Ok(())
    }
}

fn names(indexes: &[&str]) -> String {
    let quoted: Vec<String> = indexes.iter().map(|index| format!("`{index}`")).collect();
    quoted.join(", ")
}
