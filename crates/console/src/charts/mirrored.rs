//! Series as stacked bars that go both ways from 0: what comes upwards, what goes downwards, and what
//! remains as a line across each.

use std::fmt::Write;

use super::frame::{labels, tick_words, ticks, whole, x, y};
use super::{BASE, Chart, TOP};
use crate::html::escaped;

/// The class of the line of what remains.
pub(super) const NET: &str = "netl";
/// The share of a bar's place that stays free.
const GAP: f64 = 0.28;
/// Where 0 lies.
const ZERO: f64 = f64::midpoint(TOP, BASE);

/// The chart, drawn: `up` series upwards, the last one as a line, and those between downwards.
pub(super) fn drawn(chart: &Chart, up: usize) -> String {
    let bars = chart.points.len();
    let stacked = chart.series.len().saturating_sub(1);
    let at = |series: usize, bar: usize| -> f64 {
        chart.series[series].values.get(bar).copied().flatten().unwrap_or(0.0)
    };
    let stack = |from: usize, until: usize, bar: usize| -> f64 {
        (from..until).map(|series| at(series, bar).max(0.0)).sum()
    };
    let peak = |bar: usize| stack(0, up, bar).max(stack(up, stacked, bar));
    let ticks = ticks((0..bars).map(peak).fold(0.0, f64::max) * 2.0);
    let ticks: Vec<f64> = ticks.into_iter().map(|tick| tick / 2.0).collect();
    let top = ticks.last().copied().unwrap_or(1.0);
    let pixels = |value: f64| (ZERO - TOP) * value / top;
    let mut drawn = grid(chart, &ticks, pixels);
    for bar in 0..bars {
        let place = Place {
            from: x((bar as f64 + GAP / 2.0) / bars as f64),
            width: x((1.0 - GAP) / bars as f64),
            part: if chart.is_open && bar + 1 == bars { " part" } else { "" },
        };
        for (series, sign) in [(0..up, -1.0), (up..stacked, 1.0)] {
            let mut passed = 0.0;
            for n in series {
                let value = at(n, bar);
                if value > 0.0 {
                    drawn += &place.bar(chart.series[n].class, sign, pixels(passed), pixels(value));
                    passed += value;
                }
            }
        }
        if let Some(net) = chart.series.last().and_then(|net| *net.values.get(bar)?) {
            drawn += &place.line(ZERO - pixels(net));
        }
    }
    let middle = |bar: usize| (bar as f64 + 0.5) / bars as f64;
    drawn += &labels(chart, middle);
    whole(chart, &drawn)
}

/// Where one bar stands.
struct Place {
    from: String,
    width: String,
    part: &'static str,
}

impl Place {
    /// One series of the bar, this far from 0.
    fn bar(&self, class: &str, sign: f64, passed: f64, height: f64) -> String {
        let seam = if passed > 0.0 { 1.0 } else { 0.0 };
        let height = (height - seam).max(1.0);
        let upper = if sign < 0.0 { ZERO - passed - seam - height } else { ZERO + passed + seam };
        let Self { from, width, part } = self;
        let (upper, height) = (y(upper), y(height));
        format!(
            r#"<rect class="{class}{part}" x="{from}" width="{width}" y="{upper}" height="{height}"/>"#
        )
    }

    /// The line of what remains.
    fn line(&self, at: f64) -> String {
        let Self { from, width, .. } = self;
        format!(
            r#"<svg x="{from}" width="{width}"><line class="{NET}" x1="0" x2="100%" y1="{0}" y2="{0}"/></svg>"#,
            y(at)
        )
    }
}

/// Lines across the plot, alike above and below 0.
fn grid(chart: &Chart, ticks: &[f64], pixels: impl Fn(f64) -> f64) -> String {
    let mut drawn = format!(r#"<text class="unit" x="-40" y="8">{}</text>"#, escaped(&chart.unit));
    for tick in ticks {
        let both = [-1.0, 1.0];
        for sign in if *tick == 0.0 { &both[..1] } else { &both[..] } {
            let class = if *tick == 0.0 { "axis" } else { "gl" };
            let at = ZERO + sign * pixels(*tick);
            let (line, text, words) = (y(at), y(at + 4.0), escaped(&tick_words(*tick)));
            write!(drawn, r#"<line class="{class}" x1="0" x2="100%" y1="{line}" y2="{line}"/><text x="-8" y="{text}" text-anchor="end">{words}</text>"#
            ).expect("a String takes everything");
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Point, Series};
    use super::*;

    #[test]
    fn what_comes_stands_above_zero_and_what_goes_below_it() {
        let series =
            |class, value| Series { name: String::new(), class, values: vec![Some(value)] };
        let chart = Chart {
            kind: Kind::Mirrored(1),
            series: vec![series("f-s1", 8.0), series("f-n1", 6.0), series(NET, 2.0)],
            points: vec![Point { name: "a day".to_owned(), label: None }],
            ..Chart::new("economy", "Coins")
        };
        let drawn = drawn(&chart, 1);
        let top = |class: &str| -> f64 {
            let (_, rest) = drawn.split_once(&format!(r#"class="{class}""#)).expect("a bar");
            let (_, rest) = rest.split_once(r#" y=""#).expect("its place");
            rest.split('"').next().expect("a number").parse().expect("a number")
        };
        assert!(top("f-s1") < ZERO && top("f-n1") >= ZERO, "{drawn}");
    }
}
