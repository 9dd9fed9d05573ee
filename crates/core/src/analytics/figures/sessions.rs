//! Sessions: how many, of how many players, how long.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{count, counts, query, share, values};
use crate::analytics::{By, COARSE, CounterQuery, CounterRow, Day, DayRange, FINE, MeasureName};

/// What the figures mean.
pub const SESSIONS: &str = "A session is a run of events with the same session_id (or of events without one) of one \
    player, within one calendar day of the zone, with never more than 30 minutes from one event to the next; it \
    lasts from its first event to its last. players: those active on the day. per_player: sessions divided by \
    players. The sum of lengths is exact; p50 and p90 are about right: to 3.2 percent, with a split to 12.5 percent.";

/// The figures of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionDay {
    /// The value of the split; empty without one.
    pub value: Arc<str>,
    /// The day.
    pub day: Day,
    /// How many sessions.
    pub sessions: i64,
    /// Players active on the day.
    pub players: i64,
    /// Sessions of each of them.
    pub per_player: Option<f64>,
    /// How long sessions were.
    pub length_seconds: LengthSeconds,
}

/// How long sessions were, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LengthSeconds {
    /// The length that half of them do not exceed.
    pub p50: Option<f64>,
    /// The length that nine of ten do not exceed.
    pub p90: Option<f64>,
    /// All of them together.
    pub sum: f64,
}

/// The counters that the figures are made of.
pub fn sessions_queries(by: By, days: DayRange) -> Vec<CounterQuery> {
    use MeasureName::{Active, SessionLength, SessionMs, Sessions};
    [Sessions, Active, SessionMs, SessionLength].map(|measure| query(measure, by, days)).into()
}

/// The figures of each value and day, and how many values were left out.
pub fn sessions(by: By, days: DayRange, answers: &[Vec<CounterRow>]) -> (Vec<SessionDay>, usize) {
    let [sessions, players, ms, length_rows] = answers else { return (Vec::new(), 0) };
    let (sessions, players, ms) = (counts(sessions), counts(players), counts(ms));
    let mut lengths: BTreeMap<(Arc<str>, Day), BTreeMap<u32, i64>> = BTreeMap::new();
    for row in length_rows {
        if let Some(class) = row.number() {
            let of_day = lengths.entry((Arc::clone(&row.value), row.day)).or_default();
            *of_day.entry(class).or_default() += row.count;
        }
    }
    let classes = if by == By::All { FINE } else { COARSE };
    let (values, left_out) = values(by, &sessions);
    let mut figures = Vec::new();
    for value in values {
        for day in days.days() {
            let of_day = lengths.get(&(Arc::clone(&value), day));
            let quantile = |part| of_day.and_then(|of_day| classes.quantile(of_day, part));
            let (sessions, players) = (count(&sessions, &value, day), count(&players, &value, day));
            figures.push(SessionDay {
                value: Arc::clone(&value),
                day,
                sessions,
                players,
                per_player: share(sessions, players),
                length_seconds: LengthSeconds {
                    p50: quantile(0.5),
                    p90: quantile(0.9),
                    sum: count(&ms, &value, day) as f64 / 1_000.0,
                },
            });
        }
    }
    (figures, left_out)
}
