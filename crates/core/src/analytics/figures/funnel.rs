//! How far players come through the steps of a funnel.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::share;
use crate::analytics::{By, CounterQuery, CounterRow, DayRange, FINE, Funnel, MeasureName};

/// What the figures mean.
pub const FUNNEL: &str = "Players whose first step fell on these calendar days of the zone. A player has reached a step \
    when they have reached every step up to it, each counted by the first time of all that it was reached and none \
    before the one that it follows. median_seconds_from_previous is about right: to 3.2 percent.";

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStep {
    /// Its number, from 1.
    pub number: u32,
    /// What it is called.
    pub title: String,
    /// Players who reached it.
    pub players: i64,
    /// Of those who reached the first.
    pub share_of_first: Option<f64>,
    /// Of those who reached the step before.
    pub share_of_previous: Option<f64>,
    /// How long half of them took at most from the step before.
    pub median_seconds_from_previous: Option<f64>,
}

/// The counters that the figures are made of.
pub fn funnel_queries(name: &Arc<str>, days: DayRange) -> Vec<CounterQuery> {
    let query =
        |measure| CounterQuery { measure, by: By::Funnel, value: Some(Arc::clone(name)), days };
    [MeasureName::Funnel, MeasureName::FunnelTime].map(query).into()
}

/// The steps.
pub fn funnel(funnel: &Funnel, answers: &[Vec<CounterRow>]) -> Vec<FunnelStep> {
    let [reached, times] = answers else { return Vec::new() };
    let mut players: BTreeMap<u32, i64> = BTreeMap::new();
    for row in reached {
        if let Some(step) = row.number() {
            *players.entry(step).or_default() += row.count;
        }
    }
    let mut lengths: BTreeMap<u32, BTreeMap<u32, i64>> = BTreeMap::new();
    for row in times {
        if let Some((step, class)) = row.pair() {
            *lengths.entry(step).or_default().entry(class).or_default() += row.count;
        }
    }
    let of = |step: u32| players.get(&step).copied().unwrap_or_default();
    let step = |(number, title): (u32, String)| FunnelStep {
        number,
        title,
        players: of(number),
        share_of_first: share(of(number), of(1)),
        share_of_previous: if number == 1 { None } else { share(of(number), of(number - 1)) },
        median_seconds_from_previous: lengths
            .get(&number)
            .and_then(|lengths| FINE.quantile(lengths, 0.5)),
    };
    (1..).zip(funnel.titles()).map(step).collect()
}
