//! What a simulation reports.

use std::fmt::Write;

use scoreline_core::time::Timestamp;
use serde::Serialize;

use crate::findings::Findings;

/// How far a simulation has come.
#[derive(Debug, Clone)]
pub struct Live {
    /// Simulated milliseconds so far.
    pub done_ms: i64,
    /// Of how many.
    pub all_ms: i64,
    /// The simulated time.
    pub time: Timestamp,
    /// Events that were sent.
    pub events: u64,
    /// The same a second, of real time.
    pub events_per_second: f64,
    /// What differs so far.
    pub differences: u64,
}

/// What was sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sent {
    /// Different players.
    pub players: u64,
    /// Requests with events.
    pub requests: u64,
    /// Events, repeated ones included.
    pub events: u64,
    /// Events that were sent before.
    pub repeated: u64,
    /// Events that came more than an hour after their session began.
    pub late: u64,
    /// Events that do not count: of broken clients and of cheats.
    pub rejected: u64,
    /// Players who chose a name.
    pub names: u64,
    /// Tournaments that ended.
    pub tournaments: u64,
    /// Prizes that were claimed.
    pub claims: u64,
}

/// What was simulated, how long it took, and whether everything came out as it must.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// What repeats it.
    pub seed: u64,
    /// Players of a day.
    pub daily_players: u32,
    /// Days that were played.
    pub played_days: f64,
    /// Whether all receipts were known to the millisecond.
    pub is_exact: bool,
    /// What was sent.
    pub sent: Sent,
    /// Real seconds of playing, tournaments and claims included.
    pub seconds: f64,
    /// Real seconds of comparing at the end.
    pub seconds_of_checks: f64,
    /// Half of the requests were answered within this.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// What was compared, and what differs.
    pub findings: Findings,
    /// What `verify` said afterwards, where it was asked: whether all is as the raw events say.
    pub verified: Option<bool>,
    /// Megabytes that this program had at most.
    pub own_megabytes: Option<f64>,
    /// Megabytes that the server had at most.
    pub server_megabytes: Option<f64>,
    /// What was done to the servers meanwhile, in words.
    pub faults: Vec<String>,
}

impl Report {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.findings.differences() == 0 && self.verified != Some(false)
    }

    /// The report for people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("a String takes everything");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { sent, .. } = self;
        let days = self.played_days;
        writeln!(text, "{} players, {days:.2} days of theirs, seed {}", sent.players, self.seed)?;
        let rate = sent.events as f64 / self.seconds.max(0.001);
        writeln!(
            text,
            "{} events in {} requests within {:.1} s: {rate:.0} events/s, answered p50 {:.1} ms, p99 {:.1} ms",
            sent.events, sent.requests, self.seconds, self.p50_ms, self.p99_ms
        )?;
        writeln!(
            text,
            "of them {} repeated, {} late, {} rejected; {} names, {} tournaments, {} prizes claimed",
            sent.repeated, sent.late, sent.rejected, sent.names, sent.tournaments, sent.claims
        )?;
        for fault in &self.faults {
            writeln!(text, "  {fault}")?;
        }
        writeln!(
            text,
            "\nCompared with an independent reckoning, in {:.1} s:\n",
            self.seconds_of_checks
        )?;
        for (kind, found) in &self.findings.kinds {
            let unsure = match found.unsure {
                0 => String::new(),
                unsure => format!(", {unsure} left out as nobody can tell"),
            };
            writeln!(
                text,
                "  {:>9} compared, {} differ{unsure}: {kind}",
                found.compared, found.differences
            )?;
        }
        if let Some(verified) = self.verified {
            let word = if verified { "clean" } else { "NOT CLEAN" };
            writeln!(text, "\nscoreline verify: {word}")?;
        }
        if let Some(own) = self.own_megabytes {
            let server = self.server_megabytes.map_or("?".to_owned(), |mb| format!("{mb:.0}"));
            writeln!(text, "memory at most: this program {own:.0} MB, the server {server} MB")?;
        }
        let told = self.findings.told();
        if told.is_empty() {
            writeln!(text, "\nNothing differs.")
        } else {
            writeln!(text, "\n{} things differ:\n\n{told}", self.findings.differences())
        }
    }
}
