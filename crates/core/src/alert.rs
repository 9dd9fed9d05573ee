//! When a figure becomes an alert, and what an operator should do about it.
//!
//! These are the rules behind `/api/health` and the shipped Prometheus rules, as a pure function of
//! the figures and the thresholds. docs/operations.md says more about every alert than its advice.

mod rules;

use serde::{Deserialize, Serialize};

use crate::error::ErrorKind;
use rules::Rule;

/// From where on one figure is worth a warning, and from where on it is critical. A figure that
/// is exactly there is still fine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Above this, somebody should look.
    pub warning: f64,
    /// Above this, players notice or soon will.
    pub critical: f64,
}

/// The thresholds of all figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Events that wait, where it is not known how many a second are applied.
    pub queue_waiting: Threshold,
    /// Seconds of work that wait, at the measured rate.
    pub queue_waiting_seconds: Threshold,
    /// Events that could not be applied.
    pub queue_failed: Threshold,
    /// Times within the last day that the queue lost what waited in it.
    pub queue_lost: Threshold,
    /// Queues that belong to another database: 1 if that of this node does.
    pub queue_foreign: Threshold,
    /// Clocks in doubt: 1 while that of this node is.
    pub clock_in_doubt: Threshold,
    /// Share of the workers' time that is busy, in percent.
    pub worker_utilization: Threshold,
    /// Share of the database connections in use, in percent.
    pub pool_utilization: Threshold,
    /// How busy the database is, in percent.
    pub database_load: Threshold,
    /// Age of the oldest event that waits, in seconds.
    pub oldest_waiting_seconds: Threshold,
    /// Share of the room for events that are set aside that is taken, in percent.
    pub set_aside_room: Threshold,
    /// Age of the oldest event that waits for review, in hours.
    pub review_waiting_hours: Threshold,
    /// Age of the oldest request of a player to be erased, in hours.
    pub erasure_waiting_hours: Threshold,
}

impl Default for Thresholds {
    fn default() -> Self {
        let threshold = |warning, critical| Threshold { warning, critical };
        Self {
            queue_waiting: threshold(200.0, 500.0),
            queue_waiting_seconds: threshold(1.0, 5.0),
            queue_failed: threshold(50.0, 100.0),
            queue_lost: threshold(0.0, 0.0),
            queue_foreign: threshold(0.0, 0.0),
            clock_in_doubt: threshold(0.0, 0.0),
            worker_utilization: threshold(80.0, 90.0),
            pool_utilization: threshold(80.0, 90.0),
            database_load: threshold(60.0, 80.0),
            oldest_waiting_seconds: threshold(5.0, 30.0),
            // Anybody may send what is rejected, so that nobody is woken by it.
            set_aside_room: threshold(50.0, 100.0),
            // A day, in which somebody should have looked, and a week, in which a tournament ended.
            review_waiting_hours: threshold(24.0, 168.0),
            // A week, and five days before the month is over within which the law of many countries wants an answer.
            erasure_waiting_hours: threshold(168.0, 600.0),
        }
    }
}

/// A threshold that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{metric}: warning and critical must be numbers from 0 on, and warning not above critical")]
pub struct ThresholdError {
    /// Whose threshold it is.
    pub metric: &'static str,
}

impl ThresholdError {
    /// What kind of trouble it is: always the operator's.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// The figures that alerts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Events that wait to be applied.
    pub waiting: u64,
    /// Events a second that were applied at full load, once that was measured.
    pub capacity_per_second: Option<f64>,
    /// Events that could not be applied; of each player [`DEAD_OF_PLAYER_ALARMING_MAX`](crate::limits::DEAD_OF_PLAYER_ALARMING_MAX) at most.
    pub failed: u64,
    /// Times within the last day that the queue lost what waited in it.
    pub losses: u64,
    /// Whether the queue belongs to another database.
    pub queue_is_foreign: bool,
    /// Whether the clock jumped, and nothing proves that it is right.
    pub clock_is_in_doubt: bool,
    /// Share of the workers' time that is busy, in percent.
    pub worker_utilization_percent: f64,
    /// Share of the database connections in use, in percent.
    pub pool_utilization_percent: f64,
    /// How busy the database is, in percent, where that is known.
    pub database_load_percent: Option<f64>,
    /// Age of the oldest event that waits, in seconds.
    pub oldest_waiting_seconds: f64,
    /// Share of the room for events that are set aside that is taken, in percent.
    pub set_aside_room_percent: f64,
    /// Age of the oldest event that waits for review, in hours.
    pub review_waiting_hours: f64,
    /// Age of the oldest request of a player to be erased, in hours.
    pub erasure_waiting_hours: f64,
}

/// How serious the alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Players notice or soon will.
    Critical,
    /// Somebody should look.
    Warning,
}

impl Level {
    /// The level as answers, logs and metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
        }
    }
}

/// A figure above its threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// Which figure.
    pub metric: &'static str,
    /// What it is.
    pub value: f64,
    /// Above what it is a warning.
    pub warning: f64,
    /// Above what it is critical.
    pub critical: f64,
    /// How serious the alert is.
    pub level: Level,
    /// What it means and what to do.
    pub advice: &'static str,
}

/// A figure beside its threshold, whether it is above it or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which figure.
    pub metric: &'static str,
    /// What it is; `None` where it cannot be told.
    pub value: Option<f64>,
    /// From where on it is worth a warning, and from where on critical.
    pub threshold: Threshold,
    /// How serious it is; `None` if it is fine or unknown.
    pub level: Option<Level>,
}

impl Thresholds {
    /// Makes sure that every threshold can be crossed in order.
    pub fn check(&self) -> Result<(), ThresholdError> {
        for (metric, Threshold { warning, critical }) in self.named() {
            let sensible = warning.is_finite() && critical.is_finite() && warning >= 0.0;
            if !sensible || warning > critical {
                return Err(ThresholdError { metric });
            }
        }
        Ok(())
    }

    fn named(&self) -> [(&'static str, Threshold); 13] {
        [
            ("queue_waiting", self.queue_waiting),
            ("queue_waiting_seconds", self.queue_waiting_seconds),
            ("queue_failed", self.queue_failed),
            ("queue_lost", self.queue_lost),
            ("queue_foreign", self.queue_foreign),
            ("clock_in_doubt", self.clock_in_doubt),
            ("worker_utilization", self.worker_utilization),
            ("pool_utilization", self.pool_utilization),
            ("database_load", self.database_load),
            ("oldest_waiting_seconds", self.oldest_waiting_seconds),
            ("set_aside_room", self.set_aside_room),
            ("review_waiting_hours", self.review_waiting_hours),
            ("erasure_waiting_hours", self.erasure_waiting_hours),
        ]
    }

    /// The alerts that these figures raise, the critical ones first.
    pub fn alerts(&self, figures: &Figures) -> Vec<Alert> {
        let mut alerts: Vec<Alert> = self
            .rules(figures)
            .into_iter()
            .chain(self.database_rule(figures))
            .filter_map(|rule| rule.alert())
            .collect();
        alerts.sort_by_key(|alert| alert.level);
        alerts
    }

    /// All figures that have thresholds, those above them first.
    pub fn readings(&self, figures: &Figures) -> Vec<Reading> {
        let reading = |rule: &Rule| {
            let (metric, threshold, level) = (rule.metric, rule.threshold, rule.level());
            Reading { metric, value: Some(rule.value), threshold, level }
        };
        let mut readings: Vec<Reading> = self.rules(figures).iter().map(reading).collect();
        readings.push(match self.database_rule(figures) {
            Some(rule) => reading(&rule),
            None => Reading {
                metric: "database_load",
                value: None,
                threshold: self.database_load,
                level: None,
            },
        });
        // What is critical, what is a warning, what is fine, what nobody knows.
        readings.sort_by_key(|one| (one.level.is_none(), one.level, one.value.is_none()));
        readings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(figures: Figures) -> Vec<(&'static str, Level)> {
        let alerts = Thresholds::default().alerts(&figures);
        alerts.iter().map(|alert| (alert.metric, alert.level)).collect()
    }

    #[test]
    fn a_quiet_server_raises_nothing() {
        assert_eq!(raised(Figures::default()), []);
    }

    #[test]
    fn every_figure_is_read_and_what_is_raised_comes_first() {
        let figures = Figures { failed: 60, pool_utilization_percent: 95.0, ..Figures::default() };
        let readings = Thresholds::default().readings(&figures);
        let first: Vec<_> = readings[..2].iter().map(|one| (one.metric, one.level)).collect();
        assert_eq!(
            first,
            [("pool_utilization", Some(Level::Critical)), ("queue_failed", Some(Level::Warning)),]
        );
        let others = Thresholds::default().named().len() - 1;
        assert_eq!(readings.len(), others, "all but the other way to say what waits");
        let last = readings[others - 1];
        assert_eq!((last.metric, last.value), ("database_load", None), "it is not known");
    }

    #[test]
    fn a_figure_at_its_threshold_is_fine_and_one_above_it_is_not() {
        type Set = fn(&mut Figures, f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
        let cases: [(&str, Set, f64, f64, f64); 7] = [
            ("queue_waiting", |f, x| f.waiting = x as u64, 200.0, 500.0, 1.0),
            (
                "queue_waiting_seconds",
                |f, x| {
                    f.waiting = (x * 1_000.0).round() as u64;
                    f.capacity_per_second = Some(1_000.0);
                },
                1.0,
                5.0,
                0.001,
            ),
            ("queue_failed", |f, x| f.failed = x as u64, 50.0, 100.0, 1.0),
            ("worker_utilization", |f, x| f.worker_utilization_percent = x, 80.0, 90.0, 0.1),
            ("pool_utilization", |f, x| f.pool_utilization_percent = x, 80.0, 90.0, 0.1),
            ("database_load", |f, x| f.database_load_percent = Some(x), 60.0, 80.0, 0.1),
            ("oldest_waiting_seconds", |f, x| f.oldest_waiting_seconds = x, 5.0, 30.0, 0.1),
        ];
        for (metric, set, warning, critical, step) in cases {
            let at = |value| {
                let mut figures = Figures::default();
                set(&mut figures, value);
                raised(figures)
            };
            assert_eq!(at(warning), [], "{metric}");
            assert_eq!(at(warning + step), [(metric, Level::Warning)], "{metric}");
            assert_eq!(at(critical), [(metric, Level::Warning)], "{metric}");
            assert_eq!(at(critical + step), [(metric, Level::Critical)], "{metric}");
        }
    }

    #[test]
    fn any_loss_of_the_queue_is_critical() {
        let figures = Figures { losses: 1, ..Figures::default() };
        assert_eq!(raised(figures), [("queue_lost", Level::Critical)]);
    }

    #[test]
    fn many_waiting_events_are_nothing_to_a_fast_server() {
        let fast =
            Figures { waiting: 10_000, capacity_per_second: Some(80_000.0), ..Figures::default() };
        assert_eq!(raised(fast), []);
        let unmeasured = Figures { capacity_per_second: Some(0.0), ..fast };
        assert_eq!(raised(unmeasured), [("queue_waiting", Level::Critical)]);
    }

    #[test]
    fn critical_alerts_come_first_and_what_is_no_number_raises_none() {
        let figures = Figures {
            worker_utilization_percent: 85.0,
            pool_utilization_percent: 95.0,
            database_load_percent: Some(f64::NAN),
            ..Figures::default()
        };
        let expected =
            [("pool_utilization", Level::Critical), ("worker_utilization", Level::Warning)];
        assert_eq!(raised(figures), expected);
    }

    #[test]
    fn thresholds_are_read_with_defaults_and_checked() {
        let read = |json| serde_json::from_str::<Thresholds>(json);
        let some = read(r#"{"queue_failed": {"warning": 1, "critical": 2}}"#).expect("thresholds");
        assert_eq!(some.queue_failed, Threshold { warning: 1.0, critical: 2.0 });
        assert_eq!(
            Thresholds { queue_failed: Thresholds::default().queue_failed, ..some },
            Thresholds::default()
        );
        assert_eq!(some.check(), Ok(()));
        assert!(read(r#"{"queue_filed": {"warning": 1, "critical": 2}}"#).is_err());
        let upside_down = read(r#"{"queue_failed": {"warning": 3, "critical": 2}}"#).expect("read");
        assert_eq!(upside_down.check(), Err(ThresholdError { metric: "queue_failed" }));
    }

    #[test]
    fn an_alert_is_written_as_the_contract_says() {
        let figures = Figures { failed: 51, ..Figures::default() };
        let json = serde_json::to_value(Thresholds::default().alerts(&figures)).expect("JSON");
        let alert = &json[0];
        assert_eq!(alert["metric"], "queue_failed");
        assert_eq!(alert["value"], 51.0);
        assert_eq!((&alert["warning"], &alert["critical"]), (&50.0.into(), &100.0.into()));
        assert_eq!(alert["level"], "warning");
        assert!(alert["advice"].as_str().is_some_and(|advice| advice.contains("retry-failed")));
    }
}
