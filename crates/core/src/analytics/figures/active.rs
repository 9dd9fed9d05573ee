//! Active players by day, week and month.

use std::sync::Arc;

use super::{Counts, count, counts, query, share, values};
use crate::analytics::{By, CounterQuery, CounterRow, Day, DayRange, MeasureName};

/// What the figures mean.
pub const ACTIVE: &str = "dau: different players with an event on that calendar day, by the event's own time in the \
    zone. wau and mau: different players active on any of the 7 or 30 days that end with that day. new: players \
    whose first day of all it is. returning: dau minus new. stickiness: dau divided by mau. With a split, a \
    player counts under every value that an event of theirs had on the day.";

/// The figures of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveDay {
    /// The value of the split; empty without one.
    pub value: Arc<str>,
    /// The day.
    pub day: Day,
    /// Players active on it.
    pub dau: i64,
    /// Players active in the 7 days that end with it.
    pub wau: i64,
    /// Players active in the 30 days that end with it.
    pub mau: i64,
    /// Players whose first day it is.
    pub new: i64,
    /// The others.
    pub returning: i64,
    /// Active on the day by active in the month.
    pub stickiness: Option<f64>,
}

/// The counters that the figures are made of. Windows are kept as changes from day to day, so all days
/// before count.
pub fn active_queries(by: By, days: DayRange) -> Vec<CounterQuery> {
    let until = DayRange { from: Day(i32::MIN), until: days.until };
    vec![
        query(MeasureName::Active, by, days),
        query(MeasureName::New, by, days),
        query(MeasureName::Week, by, until),
        query(MeasureName::Month, by, until),
    ]
}

/// The figures of each value and day, and how many values were left out.
pub fn active(by: By, days: DayRange, answers: &[Vec<CounterRow>]) -> (Vec<ActiveDay>, usize) {
    let counted: Vec<Counts> = answers.iter().map(|rows| counts(rows)).collect();
    let [active, new, week, month] = &counted[..] else { return (Vec::new(), 0) };
    let (values, left_out) = values(by, active);
    let mut figures = Vec::new();
    for value in values {
        let [mut wau, mut mau] = [week, month].map(|window| before(window, &value, days.from));
        for day in days.days() {
            wau += count(week, &value, day);
            mau += count(month, &value, day);
            let (dau, new) = (count(active, &value, day), count(new, &value, day));
            let stickiness = share(dau, mau);
            let (value, returning) = (Arc::clone(&value), dau - new);
            figures.push(ActiveDay { value, day, dau, wau, mau, new, returning, stickiness });
        }
    }
    (figures, left_out)
}

/// What changes add up to before a day.
fn before(window: &Counts, value: &Arc<str>, day: Day) -> i64 {
    let first = (Arc::clone(value), Day(i32::MIN));
    window.range(first..(Arc::clone(value), day)).map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(day: i32, count: i64) -> CounterRow {
        CounterRow { value: Arc::from(""), day: Day(day), item: Arc::from(""), count }
    }

    #[test]
    fn windows_are_added_up_from_the_first_day_on() {
        let days = DayRange { from: Day(10), until: Day(12) };
        let answers = [
            vec![row(10, 2), row(12, 1)],
            vec![row(10, 1)],
            vec![row(3, 5), row(10, -4), row(12, 1)],
            vec![row(3, 5), row(11, 1)],
        ];
        let (figures, left_out) = active(By::All, days, &answers);
        let told: Vec<_> =
            figures.iter().map(|one| (one.dau, one.wau, one.mau, one.new, one.returning)).collect();
        assert_eq!(told, [(2, 1, 5, 1, 1), (0, 1, 6, 0, 0), (1, 2, 6, 0, 1)]);
        assert_eq!((figures[0].stickiness, left_out), (Some(0.4), 0));
    }

    #[test]
    fn the_values_with_the_most_come_first() {
        let rows: Vec<_> = (0..120)
            .map(|n| CounterRow { value: Arc::from(format!("v{n:03}")), ..row(10, n + 1) })
            .collect();
        let days = DayRange { from: Day(10), until: Day(10) };
        let answers = [rows, vec![], vec![], vec![]];
        let (figures, left_out) = active(By::Currency, days, &answers);
        assert_eq!((figures.len(), left_out), (100, 20));
        assert_eq!((&*figures[0].value, figures[0].dau), ("v119", 120));
    }
}
