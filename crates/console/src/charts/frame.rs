//! What lines and bars have in common: the grid, the axes, the marks.

use std::fmt::Write;

use super::{BASE, Chart, HEIGHT, Pointer, TOP};
use crate::html::escaped;

/// Steps of the y axis that are wanted.
const STEPS: f64 = 4.0;

/// Round steps from 0 that reach `top`.
pub(super) fn ticks(top: f64) -> Vec<f64> {
    let top = if top.is_finite() && top > 0.0 { top } else { 1.0 };
    let mut power = 10_f64.powf((top / STEPS).log10().floor());
    loop {
        for factor in [1.0, 2.0, 2.5, 5.0] {
            let step = factor * power;
            let steps = (top / step - 1e-9).ceil();
            if steps <= STEPS {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "1 to 4"
                )]
                return (0..=steps as u32).map(|n| f64::from(n) * step).collect();
            }
        }
        power *= 10.0;
    }
}

/// From values to pixels.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    top: f64,
}

impl Scale {
    pub fn of(ticks: &[f64]) -> Self {
        Self { top: ticks.last().copied().unwrap_or(1.0) }
    }

    pub fn y(self, value: f64) -> f64 {
        BASE - (BASE - TOP) * value / self.top
    }

    pub fn holds(self, value: f64) -> bool {
        value <= self.top
    }
}

/// A share of the width.
pub(super) fn x(share: f64) -> String {
    format!("{}%", short(100.0 * share, 2))
}

/// A number of pixels.
pub(super) fn y(pixels: f64) -> String {
    short(pixels, 1)
}

fn short(value: f64, digits: usize) -> String {
    let written = format!("{value:.digits$}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn anchor(share: f64) -> &'static str {
    match share {
        share if share < 0.04 => "start",
        share if share > 0.96 => "end",
        _ => "middle",
    }
}

/// Lines across the plot; their numbers stand in the gutter on the left.
pub(super) fn grid(chart: &Chart, ticks: &[f64], scale: Scale) -> String {
    let mut drawn = format!(r#"<text class="unit" x="-40" y="8">{}</text>"#, escaped(&chart.unit));
    for tick in ticks {
        let class = if *tick == 0.0 { "axis" } else { "gl" };
        let (line, text) = (y(scale.y(*tick)), y(scale.y(*tick) + 4.0));
        let words = escaped(&tick_words(*tick));
        write!(drawn, r#"<line class="{class}" x1="0" x2="100%" y1="{line}" y2="{line}"/><text x="-8" y="{text}" text-anchor="end">{words}</text>"#
        ).expect("a String takes everything");
    }
    drawn
}

/// A number on the axis, short enough for the gutter.
pub(super) fn tick_words(tick: f64) -> String {
    match tick {
        tick if tick >= 1_000_000_000.0 => format!("{} G", short(tick / 1_000_000_000.0, 2)),
        tick if tick >= 1_000_000.0 => format!("{} M", short(tick / 1_000_000.0, 2)),
        tick if tick >= 10_000.0 => format!("{} k", short(tick / 1_000.0, 2)),
        tick => short(tick, 4),
    }
}

/// The thresholds that lie within the plot.
pub(super) fn marks(chart: &Chart, scale: Scale) -> String {
    let within = chart.marks.iter().filter(|mark| scale.holds(mark.value));
    let drawn = within.map(|mark| {
        let (line, text) = (y(scale.y(mark.value)), y(scale.y(mark.value) - 4.0));
        let (class, words) = (mark.class, escaped(&mark.words));
        format!(
            r#"<line class="thr {class}" x1="0" x2="100%" y1="{line}" y2="{line}"/><text class="y {class}" x="4" y="{text}">{words}</text>"#
        )
    });
    drawn.collect()
}

/// The places on the x axis that are pointed at.
pub(super) fn pointers(pointers: &[Pointer]) -> String {
    let drawn = pointers.iter().map(|pointer| {
        let (at, words) = (x(pointer.at), escaped(&pointer.words));
        format!(
            r#"<line class="mark" x1="{at}" x2="{at}" y1="{TOP}" y2="{BASE}"/><text class="y strong" x="{at}" y="16" text-anchor="{}">{words}</text>"#,
            anchor(pointer.at)
        )
    });
    drawn.collect()
}

/// The labels below the plot; `at` is where each point lies.
pub(super) fn labels(chart: &Chart, at: impl Fn(usize) -> f64) -> String {
    let drawn = chart.points.iter().enumerate().filter_map(|(n, point)| {
        let words = escaped(point.label.as_deref()?);
        let share = at(n);
        let below = HEIGHT - 4.0;
        Some(format!(
            r#"<text x="{}" y="{below}" text-anchor="{}">{words}</text>"#,
            x(share),
            anchor(share)
        ))
    });
    drawn.collect()
}

/// The whole drawing, with its words for those who do not see it.
pub(super) fn whole(chart: &Chart, body: &str) -> String {
    let (id, title) = (chart.id, escaped(&chart.heading));
    let description = escaped(&chart.description());
    format!(
        r#"<svg class="chart" height="{HEIGHT}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{body}<line class="cross" x1="0" x2="0" y1="{TOP}" y2="{BASE}" visibility="hidden"/></svg>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_round_steps_and_reaches_the_top() {
        assert_eq!(ticks(421.0), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(ticks(0.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(5.0), [0.0, 2.0, 4.0, 6.0]);
        for top in [0.003, 0.07, 1.0, 99.0, 100.0, 101.0, 1e7] {
            let ticks = ticks(top);
            assert!((2..=5).contains(&ticks.len()), "{top}: {ticks:?}");
            assert!(ticks[ticks.len() - 1] >= top * 0.999_999, "{top}: {ticks:?}");
        }
    }

    #[test]
    fn nothing_that_is_no_number_makes_the_axis_run_away() {
        for top in [f64::NAN, f64::INFINITY, -5.0] {
            assert_eq!(ticks(top).len(), 5);
        }
    }
}
