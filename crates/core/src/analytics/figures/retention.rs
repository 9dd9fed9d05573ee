//! Who came back, by cohort of the first day.

use std::collections::BTreeMap;

use super::{count, counts, query};
use crate::analytics::{
    By, CounterQuery, CounterRow, Day, DayRange, MeasureName, RETENTION_DAYS_AFTER,
};

/// What the figures mean.
pub const RETENTION: &str = "A cohort is the players whose first day of all was that calendar day in the zone. \
    returned: those of them who were active exactly that many days later (classic retention). complete: whether \
    that day is over; until then the figure grows.";

/// One cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// The first day of its players.
    pub day: Day,
    /// How many they are.
    pub size: i64,
    /// How many were active on the day of this offset.
    pub returned: BTreeMap<u32, i64>,
    /// Whether the day of this offset is over.
    pub complete: BTreeMap<u32, bool>,
}

/// The counters that the figures are made of.
pub fn retention_queries(days: DayRange) -> Vec<CounterQuery> {
    [MeasureName::New, MeasureName::Returned].map(|measure| query(measure, By::All, days)).into()
}

/// The cohorts of the days, as it is on the day `today`.
pub fn retention(days: DayRange, today: Day, answers: &[Vec<CounterRow>]) -> Vec<Cohort> {
    let [new, returned] = answers else { return Vec::new() };
    let new = counts(new);
    let mut of_cohort: BTreeMap<(Day, u32), i64> = BTreeMap::new();
    for row in returned {
        if let Some(after) = row.number() {
            *of_cohort.entry((row.day, after)).or_default() += row.count;
        }
    }
    let cohort = |day: Day| {
        let returned =
            |after: u32| (after, of_cohort.get(&(day, after)).copied().unwrap_or_default());
        let complete = |after: u32| (after, day.plus(after.cast_signed()) < today);
        Cohort {
            day,
            size: count(&new, &"".into(), day),
            returned: RETENTION_DAYS_AFTER.into_iter().map(returned).collect(),
            complete: RETENTION_DAYS_AFTER.into_iter().map(complete).collect(),
        }
    };
    days.days().map(cohort).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_complete_when_its_day_is_over() {
        let row = |day, item: &str, count| CounterRow {
            value: "".into(),
            day: Day(day),
            item: item.into(),
            count,
        };
        let answers =
            [vec![row(10, "", 8)], vec![row(10, "1", 5), row(10, "3", 2), row(10, "90", 1)]];
        let days = DayRange { from: Day(10), until: Day(11) };
        let cohorts = retention(days, Day(13), &answers);
        assert_eq!((cohorts[0].size, cohorts[1].size), (8, 0));
        let returned: Vec<_> = cohorts[0].returned.iter().map(|(n, count)| (*n, *count)).collect();
        assert_eq!(returned, [(1, 5), (3, 2), (7, 0), (14, 0), (30, 0)]);
        let complete: Vec<_> = cohorts[0].complete.values().copied().collect();
        assert_eq!(complete, [true, false, false, false, false]);
    }
}
