//! What was measured, for machines as JSON and for people as a page of text.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// One part of a measurement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What was done.
    pub name: String,
    /// Requests that were sent and measured.
    pub requests: u64,
    /// Events in those that were answered with success.
    pub events: u64,
    /// Events that the server says it accepted.
    pub accepted: u64,
    /// Events that the server says it rejected.
    pub rejected: u64,
    /// Events that the server says it knew already, where it says so.
    pub duplicates: u64,
    /// Requests of the schedule that were never sent because all connections waited. They are
    /// errors, and their latency is in no quantile.
    pub unsent: u64,
    /// How long it took.
    pub seconds: f64,
    /// Requests answered with success, a second.
    pub per_second: f64,
    /// Events accepted, a second.
    pub events_per_second: f64,
    /// Half of the requests took at most this, from when they were meant to be sent.
    pub p50_us: u64,
    /// 9 of 10.
    pub p90_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// 999 of 1,000.
    pub p999_us: u64,
    /// The slowest.
    pub max_us: u64,
    /// Requests without an answer of success, unsent ones included.
    pub errors: u64,
    /// Answers by HTTP status.
    pub by_status: BTreeMap<u16, u64>,
    /// What the first error said.
    pub first_error: Option<String>,
}

impl Phase {
    /// A phase that was not measured over HTTP: `events` events in a span of time.
    pub fn of_events(name: &str, events: u64, seconds: f64) -> Self {
        Self {
            name: name.to_owned(),
            events,
            accepted: events,
            seconds,
            events_per_second: rate(events, seconds),
            ..Self::default()
        }
    }

    /// The figures that matter most, on one line.
    pub fn summary(&self) -> String {
        let Self { name, errors, .. } = self;
        let (requests, events) = (number(self.per_second), number(self.events_per_second));
        let p99_ms = self.p99_us as f64 / 1_000.0;
        format!(
            "{name}: {requests} requests/s, {events} events/s, p99 {p99_ms:.2} ms, {errors} errors"
        )
    }
}

/// How one figure compares with another of the same run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// What is compared.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// What it is compared with.
    pub of: f64,
    /// The first by the second.
    pub ratio: f64,
}

/// A target and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// The figure that has the target.
    pub name: String,
    /// At most or at least how much.
    pub wanted: Bound,
    /// What was measured.
    pub measured: f64,
    /// Whether it is reached.
    pub met: bool,
}

/// The limit of a target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
}

/// Figures of several cases side by side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The title of the table.
    pub title: String,
    /// What each column holds.
    pub columns: Vec<String>,
    /// The cases, each with a figure a column; `None` where there is nothing to tell.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

impl Table {
    /// A table without rows.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(ToString::to_string).collect();
        Self { title: title.to_owned(), columns, rows: Vec::new() }
    }

    /// Adds a case in which everything was measured.
    pub fn add(&mut self, case: &str, figures: &[f64]) {
        self.rows.push((case.to_owned(), figures.iter().copied().map(Some).collect()));
    }
}

/// A whole measurement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// When it began, RFC 3339.
    pub started_at: String,
    /// Where: processors, memory, versions, what was stored before; as name and value.
    pub setting: BTreeMap<String, String>,
    /// What was measured, in its order.
    pub phases: Vec<Phase>,
    /// What was measured side by side.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// How figures compare within this run.
    pub ratios: Vec<Ratio>,
    /// The targets.
    pub goals: Vec<Goal>,
}

/// A rate a second; 0 where no time passed.
pub fn rate(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

impl Report {
    /// The phase of this name.
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    /// Notes how a figure compares with another.
    pub fn compare(&mut self, name: &str, value: f64, of: f64) {
        let ratio = if of > 0.0 { value / of } else { 0.0 };
        self.ratios.push(Ratio { name: name.to_owned(), value, of, ratio });
    }

    /// Notes the target of a figure.
    pub fn expect(&mut self, name: &str, measured: f64, wanted: Bound) {
        let met = match wanted {
            Bound::AtLeast(least) => measured >= least,
            Bound::AtMost(most) => measured <= most,
        };
        self.goals.push(Goal { name: name.to_owned(), wanted, measured, met });
    }

    /// Notes how a figure compares with another of this run, which is a target.
    pub fn expect_ratio(&mut self, name: &str, value: f64, of: f64, least: f64) {
        self.compare(name, value, of);
        let ratio = self.ratios.last().map_or(0.0, |ratio| ratio.ratio);
        self.expect(name, ratio, Bound::AtLeast(least));
    }

    /// Whether all targets are reached and nothing failed.
    pub fn all_met(&self) -> bool {
        self.goals.iter().all(|goal| goal.met) && self.phases.iter().all(|phase| phase.errors == 0)
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a report is plain data");
        text.push('\n');
        text
    }

    /// The report as a Markdown page.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# Measurement of {}\n\n", self.started_at);
        for (name, value) in &self.setting {
            line(&mut page, &format!("- {name}: {value}"));
        }
        if !self.phases.is_empty() {
            page.push_str(
                "\n| phase | requests/s | events/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | \
                 errors |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            );
        }
        for phase in &self.phases {
            line(&mut page, &phase_row(phase));
        }
        for phase in &self.phases {
            if let Some(error) = &phase.first_error {
                line(&mut page, &format!("\nThe first error of {}: `{error}`", phase.name));
            }
        }
        for table in &self.tables {
            table_rows(&mut page, table);
        }
        if !self.ratios.is_empty() {
            page.push_str("\n| compared within this run | | with | ratio |\n|---|--:|--:|--:|\n");
        }
        for Ratio { name, value, of, ratio } in &self.ratios {
            line(
                &mut page,
                &format!("| {name} | {} | {} | {ratio:.2} |", number(*value), number(*of)),
            );
        }
        if !self.goals.is_empty() {
            page.push_str("\n| wanted | | measured | |\n|---|--:|--:|---|\n");
        }
        for Goal { name, wanted, measured, met } in &self.goals {
            let wanted = match wanted {
                Bound::AtLeast(least) => format!("at least {}", number(*least)),
                Bound::AtMost(most) => format!("at most {}", number(*most)),
            };
            let met = if *met { "met" } else { "**missed**" };
            line(&mut page, &format!("| {name} | {wanted} | {} | {met} |", number(*measured)));
        }
        page
    }
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a String takes everything");
}

fn table_rows(page: &mut String, table: &Table) {
    line(page, &format!("\n| {} | {} |", table.title, table.columns.join(" | ")));
    line(page, &format!("|---|{}", "--:|".repeat(table.columns.len())));
    for (case, figures) in &table.rows {
        let figures: Vec<String> =
            figures.iter().map(|figure| figure.map_or_else(|| "–".to_owned(), number)).collect();
        line(page, &format!("| {case} | {} |", figures.join(" | ")));
    }
}

fn phase_row(phase: &Phase) -> String {
    let ms = |us: u64| match us {
        0 => "–".to_owned(),
        us => format!("{:.2}", us as f64 / 1_000.0),
    };
    let some = |figure: f64| if figure > 0.0 { number(figure) } else { "–".to_owned() };
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        phase.name,
        some(phase.per_second),
        some(phase.events_per_second),
        ms(phase.p50_us),
        ms(phase.p90_us),
        ms(phase.p99_us),
        ms(phase.p999_us),
        ms(phase.max_us),
        phase.errors,
    )
}

/// A figure for people: small ones with two decimals, great ones with separators.
fn number(figure: f64) -> String {
    if figure.abs() < 100.0 {
        return format!("{figure:.2}");
    }
    let digits = format!("{figure:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        for (figure, text) in [
            (0.0, "0.00"),
            (12.345, "12.35"),
            (999.6, "1,000"),
            (80_000.0, "80,000"),
            (1_234_567.0, "1,234,567"),
            (-1_234.0, "-1,234"),
        ] {
            assert_eq!(number(figure), text);
        }
    }

    #[test]
    fn a_report_says_what_was_missed_and_comes_back_from_json() {
        let mut report =
            Report { started_at: "2026-11-23T10:00:00.000Z".to_owned(), ..Report::default() };
        report.phases.push(Phase::of_events("bare inserts", 200_000, 2.0));
        let mut table = Table::new("workers", &["events/s", "p99 ms"]);
        table.add("1", &[9_000.0, 12.5]);
        table.rows.push(("2".to_owned(), vec![Some(17_000.0), None]));
        report.tables.push(table);
        report.compare("end to end by bare inserts", 60_000.0, 100_000.0);
        report.expect("events a second", 60_000.0, Bound::AtLeast(80_000.0));
        report.expect("p99 in ms", 20.0, Bound::AtMost(25.0));
        assert!(!report.all_met());
        let page = report.to_markdown();
        for part in [
            "| bare inserts | – | 100,000 |",
            "| workers | events/s | p99 ms |\n|---|--:|--:|\n| 1 | 9,000 | 12.50 |",
            "| 2 | 17,000 | – |",
            "| 60,000 | 100,000 | 0.60 |",
            "| events a second | at least 80,000 | 60,000 | **missed** |",
            "| p99 in ms | at most 25.00 | 20.00 | met |",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        let back: Report = serde_json::from_str(&report.to_json()).expect("JSON");
        assert_eq!(back, report);
    }

    #[test]
    fn an_error_spoils_a_report_whose_goals_are_met() {
        let mut report = Report::default();
        assert!(report.all_met());
        report.phases.push(Phase { errors: 1, ..Phase::default() });
        assert!(!report.all_met());
    }
}
