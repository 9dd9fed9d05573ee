//! The figures that have thresholds, in words: what each is called and in what unit it is.

use scoreline_core::alert::{Level, Reading};

use crate::charts::watermark;
use crate::html::{Html, icon};
use crate::words;

/// What a figure is called, and how it is written.
struct Name {
    metric: &'static str,
    words: &'static str,
    write: fn(f64) -> String,
}

/// All figures that have thresholds.
const NAMES: [Name; 13] = [
    Name { metric: "queue_waiting_seconds", words: "Work that waits", write: words::seconds },
    Name { metric: "queue_waiting", words: "Events that wait", write: words::number },
    Name { metric: "oldest_waiting_seconds", words: "Oldest waiting event", write: words::seconds },
    Name { metric: "queue_failed", words: "Dead events", write: words::number },
    Name { metric: "set_aside_room", words: "Room for events set aside", write: words::percent },
    Name {
        metric: "review_waiting_hours",
        words: "Oldest event in review",
        write: |hours| words::seconds(hours * 3_600.0),
    },
    Name {
        metric: "erasure_waiting_hours",
        words: "Oldest request to be erased",
        write: |hours| words::seconds(hours * 3_600.0),
    },
    Name { metric: "queue_lost", words: "Losses of the queue", write: words::number },
    Name { metric: "queue_foreign", words: "Queues of other databases", write: words::number },
    Name { metric: "clock_in_doubt", words: "Clock in doubt", write: words::number },
    Name { metric: "worker_utilization", words: "Workers busy", write: words::percent },
    Name { metric: "pool_utilization", words: "Database connections", write: words::percent },
    Name { metric: "database_load", words: "Database load", write: words::percent },
];

/// What a figure is called.
pub(crate) fn name(metric: &'static str) -> &'static str {
    NAMES.iter().find(|name| name.metric == metric).map_or(metric, |name| name.words)
}

/// A value of a figure, in its unit.
pub(crate) fn value(metric: &str, value: f64) -> String {
    let name = NAMES.iter().find(|name| name.metric == metric);
    (name.map_or(words::number as fn(f64) -> String, |name| name.write))(value)
}

/// A state as a badge: an icon of its own shape, and a word.
pub(crate) fn badge(state: &str, words: &str) -> Html {
    let sign = match state {
        "ok" => "ok",
        "warn" => "warn",
        "crit" => "crit",
        "info" => "info",
        _ => "dot",
    };
    Html::of_ours(format!(r#"<span class="badge {state}">{}{words}</span>"#, icon(sign)))
}

/// A figure beside its thresholds.
pub(crate) struct Row {
    pub metric: &'static str,
    pub name: &'static str,
    pub badge: Html,
    pub is_bad: bool,
    pub value: String,
    pub drawing: Html,
    pub warning: String,
    pub critical: String,
}

/// The rows of all figures.
pub(crate) fn rows(readings: &[Reading]) -> Vec<Row> {
    readings.iter().map(row).collect()
}

fn row(reading: &Reading) -> Row {
    let Reading { metric, threshold, level, .. } = *reading;
    let (state, words) = match (level, reading.value) {
        (Some(Level::Critical), _) => ("crit", "Critical"),
        (Some(Level::Warning), _) => ("warn", "Warning"),
        (None, Some(_)) => ("ok", "Fine"),
        (None, None) => ("", "Unknown"),
    };
    Row {
        metric,
        name: name(metric),
        badge: badge(state, words),
        is_bad: level == Some(Level::Critical),
        value: reading.value.map_or_else(|| "–".to_owned(), |known| value(metric, known)),
        drawing: reading.value.map_or_else(Html::default, |known| {
            watermark(known, threshold.warning, threshold.critical, state)
        }),
        warning: value(metric, threshold.warning),
        critical: value(metric, threshold.critical),
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::alert::{Figures, Thresholds};

    use super::*;

    #[test]
    fn every_figure_that_can_be_raised_has_a_name_of_its_own() {
        let quick = Figures { capacity_per_second: Some(10.0), ..Figures::default() };
        let slow = Figures { database_load_percent: Some(1.0), ..Figures::default() };
        for figures in [quick, slow] {
            for reading in Thresholds::default().readings(&figures) {
                assert_ne!(name(reading.metric), reading.metric, "{}", reading.metric);
            }
        }
    }
}
