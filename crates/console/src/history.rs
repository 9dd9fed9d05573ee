//! What one node did within the last hour, in slots of half a minute, and how it does right now.
//!
//! Kept in memory, of fixed size, and lost when the node stops: what lies further back, the store keeps
//! by hours. Pure: figures and times come in as arguments.

use std::collections::VecDeque;
use std::time::Duration;

use scoreline_core::event::RejectCode;
use scoreline_core::latency::Latencies;
use scoreline_core::time::Timestamp;

/// How long one slot is: half a minute.
pub(crate) const SLOT_MS: i64 = 30_000;
/// Slots that are kept: those of an hour.
const SLOTS: usize = 120;
/// Over how many seconds rates are taken.
const RATE_SECONDS: u64 = 10;
/// Over how many seconds quantiles are taken.
const QUANTILE_SECONDS: u64 = 60;

/// What was counted since the node started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that were refused, by why.
    pub refused: Refused,
    /// Events that were applied, and not for the second time.
    pub applied: u64,
    /// Events that came again.
    pub duplicates: u64,
    /// From the receipt of requests to their answers.
    pub acknowledgements: Latencies,
    /// From the receipt of events to the boards.
    pub freshness: Latencies,
}

/// Events that were refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The definition has no such type.
    pub unknown_type: u64,
    /// A value is not as the definition wants it.
    pub values: u64,
    /// Whatever else was wrong.
    pub other: u64,
}

impl Refused {
    /// Takes in how many there are of a code.
    pub fn add(&mut self, code: RejectCode, events: u64) {
        let place = match code {
            RejectCode::UnknownEventType => &mut self.unknown_type,
            RejectCode::MissingField
            | RejectCode::WrongType
            | RejectCode::OutOfRange
            | RejectCode::WrongLength
            | RejectCode::NotAllowed
            | RejectCode::NulCharacter
            | RejectCode::InvalidTimestamp
            | RejectCode::InvalidUuid
            | RejectCode::UnknownField
            | RejectCode::Implausible => &mut self.values,
            _ => &mut self.other,
        };
        *place += events;
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.unknown_type + self.values + self.other
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            unknown_type: self.unknown_type.saturating_sub(earlier.unknown_type),
            values: self.values.saturating_sub(earlier.values),
            other: self.other.saturating_sub(earlier.other),
        }
    }
}

/// What was so at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Gauges {
    /// Events that waited.
    pub waiting: u64,
    /// Age of the oldest of them, in seconds.
    pub oldest_seconds: f64,
    /// Share of the database connections in use, in percent.
    pub pool_percent: f64,
}

/// Half a minute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slot {
    /// When it began.
    pub start: Timestamp,
    /// Accepted events a second.
    pub accepted: f64,
    /// Applied events a second.
    pub applied: f64,
    /// Refused events.
    pub refused: Refused,
    /// Within how many seconds half of the requests had their answer.
    pub answer_p50: Option<f64>,
    /// The same of 99 of a hundred.
    pub answer_p99: Option<f64>,
    /// Within how many seconds 99 of a hundred events were on the boards.
    pub fresh_p99: Option<f64>,
    /// The greatest values within it.
    pub most: Gauges,
}

/// How a node does right now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rates {
    /// Accepted events a second.
    pub accepted: f64,
    /// Applied events a second.
    pub applied: f64,
    /// Events a second that came again.
    pub duplicates: f64,
    /// Refused events a second.
    pub refused: f64,
    /// Within how many seconds half of the requests of the last minute had their answer.
    pub answer_p50: Option<f64>,
    /// The same of 99 of a hundred.
    pub answer_p99: Option<f64>,
    /// Within how many seconds 99 of a hundred events of the last minute were on the boards.
    pub fresh_p99: Option<f64>,
}

/// The last hour of a node.
#[derive(Debug, Default)]
pub(crate) struct History {
    slots: VecDeque<Slot>,
    open: Option<Open>,
    /// The last minute, second by second.
    recent: VecDeque<(Duration, Counters)>,
    /// What the node had counted when it started.
    nothing: Counters,
}

/// The slot that is running.
#[derive(Debug)]
struct Open {
    start: Timestamp,
    began: Duration,
    before: Counters,
    most: Gauges,
}

impl Open {
    fn slot(&self, now: Duration, counters: &Counters) -> Slot {
        let seconds = (now.saturating_sub(self.began)).as_secs_f64().max(0.001);
        let rate = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        let answers = counters.acknowledgements.since(&self.before.acknowledgements);
        Slot {
            start: self.start,
            accepted: rate(counters.accepted, self.before.accepted),
            applied: rate(counters.applied, self.before.applied),
            refused: counters.refused.since(self.before.refused),
            answer_p50: answers.quantile(0.5),
            answer_p99: answers.quantile(0.99),
            fresh_p99: counters.freshness.since(&self.before.freshness).quantile(0.99),
            most: self.most,
        }
    }
}

impl History {
    /// Takes in the state of a moment: the time for people, the time since the node started, and what
    /// was counted until then. Call it once a second.
    pub fn note(
        &mut self,
        at: Timestamp,
        since_start: Duration,
        counters: Counters,
        gauges: Gauges,
    ) {
        let start = at.floor_to(SLOT_MS);
        if self.open.as_ref().is_some_and(|open| open.start != start)
            && let Some(open) = self.open.take()
        {
            self.slots.push_back(open.slot(since_start, &counters));
            if self.slots.len() > SLOTS {
                self.slots.pop_front();
            }
        }
        let is_first = self.recent.is_empty();
        let open = self.open.get_or_insert_with(|| {
            let (began, before) = if is_first {
                (Duration::ZERO, Counters::default())
            } else {
                (since_start, counters.clone())
            };
            Open { start, began, before, most: gauges }
        });
        open.most.waiting = open.most.waiting.max(gauges.waiting);
        open.most.oldest_seconds = open.most.oldest_seconds.max(gauges.oldest_seconds);
        open.most.pool_percent = open.most.pool_percent.max(gauges.pool_percent);
        self.recent.push_back((since_start, counters));
        let longest = Duration::from_secs(QUANTILE_SECONDS);
        while self
            .recent
            .front()
            .is_some_and(|(then, _)| since_start.saturating_sub(*then) > longest)
        {
            self.recent.pop_front();
        }
    }

    /// The slots of the last hour, the running one last.
    pub fn slots(&self) -> Vec<Slot> {
        let running = self.open.as_ref().zip(self.recent.back());
        let running = running.map(|(open, (now, counters))| open.slot(*now, counters));
        self.slots.iter().cloned().chain(running).collect()
    }

    /// How the node does at a moment, since its start, when it had counted this much.
    pub fn rates(&self, now: Duration, counters: &Counters) -> Rates {
        let before = |seconds: u64| {
            let longest = Duration::from_secs(seconds);
            if now <= longest {
                return (Duration::ZERO, &self.nothing);
            }
            let mut recent = self.recent.iter();
            let noted = recent.find(|(then, _)| now.saturating_sub(*then) <= longest);
            noted.map_or((now, counters), |(then, counted)| (*then, counted))
        };
        let ((then, before), (_, minute)) = (before(RATE_SECONDS), before(QUANTILE_SECONDS));
        let seconds = now.saturating_sub(then).as_secs_f64().max(1.0);
        let rate = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        let answers = counters.acknowledgements.since(&minute.acknowledgements);
        Rates {
            accepted: rate(counters.accepted, before.accepted),
            applied: rate(counters.applied, before.applied),
            duplicates: rate(counters.duplicates, before.duplicates),
            refused: rate(counters.refused.total(), before.refused.total()),
            answer_p50: answers.quantile(0.5),
            answer_p99: answers.quantile(0.99),
            fresh_p99: counters.freshness.since(&minute.freshness).quantile(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(events: u64) -> Counters {
        let mut counters = Counters { accepted: events, ..Counters::default() };
        counters.acknowledgements.observe(0.004, events);
        counters
    }

    fn noted(seconds: impl Iterator<Item = u64>, of_a_second: u64) -> History {
        let mut history = History::default();
        for second in seconds {
            let counters = counted(second * of_a_second);
            let at = Timestamp::EPOCH.plus_ms(i64::try_from(second).expect("small") * 1_000);
            let gauges = Gauges { waiting: second, ..Gauges::default() };
            history.note(at, Duration::from_secs(second), counters, gauges);
        }
        history
    }

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        let (now, last) = (Duration::from_secs(100), counted(2_000));
        let rates = noted(0..=100, 20).rates(now, &last);
        assert!((rates.accepted - 20.0).abs() < 1e-9);
        assert!(rates.answer_p99.expect("answers") < 0.005);
    }

    #[test]
    fn a_slot_holds_half_a_minute_and_the_running_one_is_shown() {
        let history = noted(0..=75, 20);
        let slots = history.slots();
        let starts: Vec<i64> = slots.iter().map(|slot| slot.start.as_ms() / 1_000).collect();
        assert_eq!(starts, [0, 30, 60]);
        assert!(slots.iter().all(|slot| (slot.accepted - 20.0).abs() < 1e-9), "{slots:?}");
        assert_eq!(slots[1].most.waiting, 59);
    }

    #[test]
    fn an_hour_is_kept_and_nothing_before_it() {
        let history = noted((0..20_000).step_by(5), 1);
        assert_eq!(history.slots().len(), SLOTS + 1);
        assert!(history.recent.len() <= 61);
    }

    #[test]
    fn what_came_in_since_the_start_counts_whether_or_not_it_was_noted() {
        let (now, nothing) = (Duration::from_millis(300), Counters::default());
        assert_eq!(History::default().rates(now, &nothing), Rates::default());
        let rates = History::default().rates(now, &counted(7));
        assert!((rates.accepted - 7.0).abs() < 1e-9, "a second is the least");
        assert!(rates.answer_p99.is_some());
        let history = noted(5..=5, 7);
        assert!(history.slots()[0].answer_p99.is_some());
        let rates = history.rates(Duration::from_secs(5), &counted(35));
        assert!((rates.accepted - 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_node_that_was_not_noted_for_long_has_no_rates() {
        let rates = History::default().rates(Duration::from_secs(1_000), &counted(7));
        assert!(rates.accepted < 1e-9);
        assert_eq!(rates.answer_p99, None);
    }

    #[test]
    fn every_code_counts_in_one_of_three_groups() {
        let mut refused = Refused::default();
        for code in RejectCode::ALL {
            refused.add(code, 1);
        }
        assert_eq!(refused.total(), RejectCode::ALL.len() as u64);
        assert_eq!(refused.unknown_type, 1);
    }
}
