//! Money.

use std::sync::Arc;

use super::{Counts, count, counts, query, share, values};
use crate::analytics::{By, CounterQuery, CounterRow, Day, DayRange, MeasureName};

/// What the figures mean.
pub const REVENUE: &str = "revenue: the amounts of the events named as purchases in [revenue] of the game definition, by \
    the calendar day of the event's own time in the zone. purchases: how many of them. payers: different players \
    with a purchase on that day. first_purchases: players whose first day with a purchase it is. arpdau: revenue \
    divided by the players active on the day. arppu: revenue divided by payers.";

/// The figures of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct RevenueDay {
    /// The value of the split; empty without one.
    pub value: Arc<str>,
    /// The day.
    pub day: Day,
    /// What was paid.
    pub revenue: f64,
    /// Players who paid.
    pub payers: i64,
    /// How often somebody paid.
    pub purchases: i64,
    /// Revenue of each active player.
    pub arpdau: Option<f64>,
    /// Revenue of each who paid.
    pub arppu: Option<f64>,
    /// Players who paid for the first time.
    pub first_purchases: i64,
}

/// The counters that the figures are made of.
pub fn revenue_queries(by: By, days: DayRange) -> Vec<CounterQuery> {
    use MeasureName::{Active, FirstPurchases, Payers, Purchases, Revenue};
    [Revenue, Payers, Purchases, FirstPurchases, Active]
        .map(|measure| query(measure, by, days))
        .into()
}

/// The figures of each value and day, and how many values were left out. `scale` is how many smallest
/// units one of the currency has.
pub fn revenue(
    by: By,
    days: DayRange,
    scale: i64,
    answers: &[Vec<CounterRow>],
) -> (Vec<RevenueDay>, usize) {
    let counted: Vec<Counts> = answers.iter().map(|rows| counts(rows)).collect();
    let [revenue, payers, purchases, first, active] = &counted[..] else {
        return (Vec::new(), 0);
    };
    let (values, left_out) = values(by, active);
    let mut figures = Vec::new();
    for value in values {
        for day in days.days() {
            let of = |counts: &Counts| count(counts, &value, day);
            let paid = of(revenue);
            let each = |of: i64| share(paid, of).map(|each| each / scale as f64);
            figures.push(RevenueDay {
                value: Arc::clone(&value),
                day,
                revenue: paid as f64 / scale as f64,
                payers: of(payers),
                purchases: of(purchases),
                arpdau: each(of(active)),
                arppu: each(of(payers)),
                first_purchases: of(first),
            });
        }
    }
    (figures, left_out)
}
