//! What operators read, made of counters: which counters a question needs, and what they say.
//!
//! Every figure has a definition in words beside it ([`ACTIVE`] and its siblings), which answers carry.

mod active;
mod economy;
mod funnel;
mod retention;
mod revenue;
mod sessions;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{By, CounterQuery, CounterRow, Day, DayRange, MeasureName};
use crate::limits::ANALYTICS_VALUES_MAX;

pub use active::{ACTIVE, ActiveDay, active, active_queries};
pub use economy::{ECONOMY, EconomyDay, economy, economy_queries};
pub use funnel::{FUNNEL, FunnelStep, funnel, funnel_queries};
pub use retention::{Cohort, RETENTION, retention, retention_queries};
pub use revenue::{REVENUE, RevenueDay, revenue, revenue_queries};
pub use sessions::{LengthSeconds, SESSIONS, SessionDay, sessions, sessions_queries};

/// Counters by value and day; all players have the empty value.
type Counts = BTreeMap<(Arc<str>, Day), i64>;

fn query(measure: MeasureName, by: By, days: DayRange) -> CounterQuery {
    CounterQuery { measure, by, value: None, days }
}

/// Adds rows up by value and day.
fn counts(rows: &[CounterRow]) -> Counts {
    let mut counts = Counts::new();
    for row in rows {
        *counts.entry((Arc::clone(&row.value), row.day)).or_default() += row.count;
    }
    counts
}

fn count(counts: &Counts, value: &Arc<str>, day: Day) -> i64 {
    counts.get(&(Arc::clone(value), day)).copied().unwrap_or_default()
}

/// The values of a split, those with the most first, and how many are left out because there are too
/// many. Without a split, all players.
fn values(by: By, weights: &Counts) -> (Vec<Arc<str>>, usize) {
    if by == By::All {
        return (vec![Arc::from("")], 0);
    }
    let mut sums: BTreeMap<&Arc<str>, i64> = BTreeMap::new();
    for ((value, _), count) in weights {
        *sums.entry(value).or_default() += count;
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, sum)| *sum > 0).collect();
    sums.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let left_out = sums.len().saturating_sub(ANALYTICS_VALUES_MAX);
    let named = sums.into_iter().take(ANALYTICS_VALUES_MAX);
    (named.map(|(value, _)| Arc::clone(value)).collect(), left_out)
}

/// One part of another; `None` of nothing.
fn share(part: i64, of: i64) -> Option<f64> {
    (of != 0).then(|| part as f64 / of as f64)
}
