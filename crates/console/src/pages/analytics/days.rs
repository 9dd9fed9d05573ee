//! Charts whose points are days.

use scoreline_core::analytics::DayRange;

use super::asked::Ask;
use crate::charts::{Chart, Point, Series};
use crate::words;

/// Labels below a chart, about.
const LABELS: i32 = 5;
/// What is said where there is nothing.
const EMPTY: &str = "No event of these days is known. Choose others above, or send some events.";

/// A chart of the days that are shown, with nothing drawn yet.
pub(super) fn chart(ask: &Ask, id: &'static str, heading: impl Into<String>) -> Chart {
    Chart {
        of: "Day",
        points: points(ask.days),
        keys: ask.days.days().map(|day| day.to_string()).collect(),
        is_open: ask.is_open(),
        csv: ask.data(id),
        empty: EMPTY,
        ..Chart::new(id, heading)
    }
}

fn points(days: DayRange) -> Vec<Point> {
    let every = (days.len() / LABELS).max(1);
    let point = |(n, day)| Point {
        name: words::weekday(day),
        label: (n % every == every / 2).then(|| words::calendar_day(day)),
    };
    (0..).zip(days.days()).map(point).collect()
}

/// One series.
pub(super) fn series(
    name: impl Into<String>,
    class: &'static str,
    values: impl Iterator<Item = Option<f64>>,
) -> Series {
    Series { name: name.into(), class, values: values.collect() }
}
