//! Series as stacked bars, from 0 upwards.

use std::fmt::Write;

use super::Chart;
use super::frame::{Scale, grid, labels, marks, pointers, ticks, whole, x, y};

/// The share of a bar's place that stays free.
const GAP: f64 = 0.28;

/// The chart, drawn.
pub(super) fn drawn(chart: &Chart) -> String {
    let bars = chart.points.len();
    let at = |series: usize, bar: usize| -> f64 {
        chart.series[series].values.get(bar).copied().flatten().unwrap_or(0.0)
    };
    let sum = |bar: usize| (0..chart.series.len()).map(|series| at(series, bar)).sum::<f64>();
    let ticks = ticks((0..bars).map(sum).fold(0.0, f64::max));
    let scale = Scale::of(&ticks);
    let mut drawn = String::new();
    for bar in 0..bars {
        let from = x((bar as f64 + GAP / 2.0) / bars as f64);
        let width = x((1.0 - GAP) / bars as f64);
        let part = if chart.is_open && bar + 1 == bars { " part" } else { "" };
        let mut below = 0.0;
        for (n, series) in chart.series.iter().enumerate() {
            let value = at(n, bar);
            if value <= 0.0 {
                continue;
            }
            let upper = scale.y(below + value);
            let seam = if below > 0.0 { 1.0 } else { 0.0 };
            let height = (scale.y(below) - upper - seam).max(1.0);
            write!(
                drawn,
                r#"<rect class="{}{part}" x="{from}" width="{width}" y="{}" height="{}"/>"#,
                series.class,
                y(upper),
                y(height)
            )
            .expect("a String takes everything");
            below += value;
        }
    }
    let middle = |bar: usize| (bar as f64 + 0.5) / bars as f64;
    let body = [
        grid(chart, &ticks, scale),
        drawn,
        marks(chart, scale),
        pointers(&chart.pointers),
        labels(chart, middle),
    ];
    whole(chart, &body.concat())
}
