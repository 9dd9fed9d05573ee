//! Series as lines; the first with the area below it and its last point.

use std::fmt::Write;

use super::frame::{Scale, grid, labels, marks, pointers, ticks, whole, x, y};
use super::{BASE, Chart, HEIGHT, Series};

/// The chart, drawn.
pub(super) fn drawn(chart: &Chart) -> String {
    let values = chart.series.iter().flat_map(|series| &series.values).flatten();
    let peak = values.copied().fold(0.0, f64::max);
    let ticks = ticks(peak);
    let scale = Scale::of(&ticks);
    let last = (chart.points.len() - 1).max(1) as f64;
    let share = |n: usize| n as f64 / last;
    let mut inner = String::new();
    for (n, series) in chart.series.iter().enumerate().rev() {
        let runs = runs(series);
        for (nth, run) in runs.iter().enumerate() {
            let path = path(run, share, scale);
            if n == 0 {
                let (first, last) =
                    (1_000.0 * share(run[0].0), 1_000.0 * share(run[run.len() - 1].0));
                write!(
                    inner,
                    r#"<path class="area" d="{path}L{last:.1} {BASE}L{first:.1} {BASE}Z"/>"#
                )
                .expect("a String takes everything");
            }
            let is_open = n == 0 && chart.is_open && nth + 1 == runs.len();
            inner += &line(run, series.class, is_open, share, scale);
        }
    }
    let end = chart.series.first().and_then(|series| {
        let at = series.values.iter().rposition(Option::is_some)?;
        Some((at, series.values[at]?))
    });
    let end = end.map_or_else(String::new, |(n, value)| {
        format!(
            r#"<circle class="pt{}" cx="{}" cy="{}" r="4"/>"#,
            if chart.is_open { " open" } else { "" },
            x(share(n)),
            y(scale.y(value))
        )
    });
    let body = [
        grid(chart, &ticks, scale),
        marks(chart, scale),
        format!(
            r#"<svg width="100%" height="{HEIGHT}" viewBox="0 0 1000 {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{inner}</svg>"#
        ),
        pointers(&chart.pointers),
        end,
        labels(chart, share),
    ];
    whole(chart, &body.concat())
}

/// A run of values; what leads to a last one that is not over is dashed.
fn line(
    run: &[(usize, f64)],
    class: &str,
    is_open: bool,
    share: impl Fn(usize) -> f64 + Copy,
    scale: Scale,
) -> String {
    let last = run.len() - 1;
    let (sure, open) =
        if is_open { (&run[..last], &run[last.saturating_sub(1)..]) } else { (run, &run[..0]) };
    let mut drawn = String::new();
    if !sure.is_empty() {
        write!(drawn, r#"<path class="ln {class}" d="{}"/>"#, path(sure, share, scale))
            .expect("a String takes everything");
    }
    if open.len() > 1 {
        write!(drawn, r#"<path class="ln {class} today" d="{}"/>"#, path(open, share, scale))
            .expect("a String takes everything");
    }
    drawn
}

/// The measured values without gaps between them, each with its place.
fn runs(series: &Series) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut is_gap = true;
    for (n, value) in series.values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) if !is_gap => run.push((n, *value)),
            (Some(value), _) => runs.push(vec![(n, *value)]),
            (None, _) => {}
        }
        is_gap = value.is_none();
    }
    runs
}

fn path(run: &[(usize, f64)], share: impl Fn(usize) -> f64, scale: Scale) -> String {
    let points =
        run.iter().map(|(n, value)| format!("{:.1} {:.1}", 1_000.0 * share(*n), scale.y(*value)));
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_nothing_was_measured() {
        let values = vec![Some(1.0), Some(2.0), None, Some(3.0)];
        let series = Series { name: String::new(), class: "a", values };
        assert_eq!(runs(&series), [vec![(0, 1.0), (1, 2.0)], vec![(3, 3.0)]]);
    }
}
