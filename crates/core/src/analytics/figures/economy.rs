//! What players earned and spent of a currency of the game.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analytics::{By, CounterQuery, CounterRow, Day, DayRange, MeasureName};
use crate::limits::ANALYTICS_VALUES_MAX;

/// What the figures mean.
pub const ECONOMY: &str = "earned and spent: the amounts of the currency that the events named as sources and sinks in \
    [economy] of the game definition say, by the calendar day of the event's own time in the zone. by_source and \
    by_sink: the same by what the event names.";
/// Under which name the sources and sinks are added up that are too many to be listed.
pub const OTHERS: &str = "(others)";

/// The figures of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct EconomyDay {
    /// The day.
    pub day: Day,
    /// What was earned.
    pub earned: i64,
    /// What was spent.
    pub spent: i64,
    /// What was earned, by source.
    pub by_source: BTreeMap<Arc<str>, i64>,
    /// What was spent, by sink.
    pub by_sink: BTreeMap<Arc<str>, i64>,
}

/// The counters that the figures are made of.
pub fn economy_queries(currency: &Arc<str>, days: DayRange) -> Vec<CounterQuery> {
    let query = |measure| CounterQuery {
        measure,
        by: By::Currency,
        value: Some(Arc::clone(currency)),
        days,
    };
    [MeasureName::Earned, MeasureName::Spent].map(query).into()
}

/// The figures of each day.
pub fn economy(days: DayRange, answers: &[Vec<CounterRow>]) -> Vec<EconomyDay> {
    let [earned, spent] = answers else { return Vec::new() };
    let (mut sources, mut sinks) = (by_item(earned), by_item(spent));
    let figures = |day: Day| {
        let by_source = sources.remove(&day).unwrap_or_default();
        let by_sink = sinks.remove(&day).unwrap_or_default();
        let (earned, spent) = (by_source.values().sum(), by_sink.values().sum());
        EconomyDay { day, earned, spent, by_source, by_sink }
    };
    days.days().map(figures).collect()
}

/// By day and item. Of too many items, the greatest are named.
fn by_item(rows: &[CounterRow]) -> BTreeMap<Day, BTreeMap<Arc<str>, i64>> {
    let mut sums: BTreeMap<&Arc<str>, i64> = BTreeMap::new();
    for row in rows {
        *sums.entry(&row.item).or_default() += row.count;
    }
    let mut greatest: Vec<_> = sums.into_iter().collect();
    greatest.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let others: Arc<str> = Arc::from(OTHERS);
    let left_out: std::collections::BTreeSet<&Arc<str>> =
        greatest.into_iter().skip(ANALYTICS_VALUES_MAX).map(|(item, _)| item).collect();
    let mut by_day: BTreeMap<Day, BTreeMap<Arc<str>, i64>> = BTreeMap::new();
    for row in rows {
        let item = if left_out.contains(&row.item) { &others } else { &row.item };
        *by_day.entry(row.day).or_default().entry(Arc::clone(item)).or_default() += row.count;
    }
    by_day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_sources_are_added_up_and_nothing_is_lost() {
        let row = |n: i64| CounterRow {
            value: "coins".into(),
            day: Day(10),
            item: format!("source {n}").into(),
            count: n,
        };
        let answers = [(1..=150).map(row).collect::<Vec<_>>(), vec![]];
        let days = DayRange { from: Day(10), until: Day(11) };
        let figures = economy(days, &answers);
        assert_eq!((figures[0].earned, figures[1].earned), ((1..=150).sum(), 0));
        assert_eq!(figures[0].by_source.len(), 101);
        assert_eq!(figures[0].by_source[OTHERS], (1..=50).sum::<i64>());
    }
}
