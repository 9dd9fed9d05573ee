//! Drawings without words, within a line or a cell: the number always stands beside them.

use super::frame::{x, y};
use crate::html::Html;

/// Height of a sparkline, in pixels.
const SPARK_HEIGHT: f64 = 24.0;

/// The course of a figure. It spans at least half of its peak, so that noise does not look like news.
pub(crate) fn spark(values: &[f64], class: &str) -> Html {
    let peak = values.iter().copied().fold(0.0, f64::max);
    let bottom = values.iter().copied().fold(f64::INFINITY, f64::min).min(peak / 2.0);
    let span = if peak > bottom { peak - bottom } else { 1.0 };
    let last = values.len().saturating_sub(1).max(1) as f64;
    let points = values.iter().enumerate().map(|(n, value)| {
        let down = SPARK_HEIGHT - 2.0 - (SPARK_HEIGHT - 4.0) * (value - bottom) / span;
        format!("{:.1} {down:.1}", 1_000.0 * n as f64 / last)
    });
    let points = points.collect::<Vec<_>>().join("L");
    if values.len() < 2 {
        return Html::default();
    }
    Html::of_ours(format!(
        r#"<svg class="spark" viewBox="0 0 1000 {SPARK_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="ln {class}" d="M{points}"/></svg>"#
    ))
}

/// A share as a bar.
pub(crate) fn bar(share: f64, class: &str) -> Html {
    Html::of_ours(format!(
        r#"<svg class="bar" aria-hidden="true"><rect class="f-track" width="100%" height="12" rx="2"/><rect class="{class}" width="{}" height="12" rx="2"/></svg>"#,
        x(share.clamp(0.0, 1.0))
    ))
}

/// Two shares as a bar, the lesser one of the greater one.
pub(crate) fn halves(lesser: f64, greater: f64, class: &str, rest: &str) -> Html {
    let (lesser, greater) = (lesser.clamp(0.0, 1.0), greater.clamp(0.0, 1.0));
    Html::of_ours(format!(
        r#"<svg class="bar" aria-hidden="true"><rect class="f-track" width="100%" height="12" rx="2"/><rect class="{class}" width="{0}" height="12" rx="2"/><rect class="{rest}" x="{0}" width="{1}" height="12"/></svg>"#,
        x(lesser),
        x((greater - lesser).max(0.0))
    ))
}

/// A value as a bar, with its thresholds as marks across it.
pub(crate) fn watermark(value: f64, warning: f64, critical: f64, state: &str) -> Html {
    // The critical mark stands where there is room to be beyond it.
    let top = (critical * 1.2).max(warning * 1.2).max(1.0);
    let at = |value: f64| x((value / top).clamp(0.0, 1.0));
    let length = at(value.max(top * 0.004));
    let (low, high) = (y(2.0), y(18.0));
    Html::of_ours(format!(
        r#"<svg class="water" aria-hidden="true"><rect class="f-track" y="6" width="100%" height="8" rx="4"/><rect class="f-{state}" y="6" width="{length}" height="8" rx="4"/><line class="tw" x1="{0}" x2="{0}" y1="{low}" y2="{high}"/><line class="tc" x1="{1}" x2="{1}" y1="{low}" y2="{high}"/></svg>"#,
        at(warning),
        at(critical)
    ))
}
