//! Curves of figures against the load, as SVG.

use std::fmt::Write;

use super::verdict::Step;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers on the left, below, above and on the right.
const LEFT: f64 = 72.0;
const BELOW: f64 = 32.0;
const ABOVE: f64 = 14.0;
const RIGHT: f64 = 20.0;
/// Steps of an axis, at most.
const STEPS: f64 = 5.0;
/// A bound that lies further above all figures would press them flat.
const BOUND_ABOVE: f64 = 4.0;

/// A drawing of figures against the load.
pub(super) struct Plot<'s> {
    pub title: &'s str,
    pub unit: &'s str,
    pub series: Vec<(String, Vec<f64>)>,
    pub bound: Option<f64>,
}

/// From figures to places.
struct Scale {
    loads: Vec<f64>,
    values: Vec<f64>,
}

impl Scale {
    fn x(&self, load: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * load / last(&self.loads)
    }

    fn y(&self, value: f64) -> f64 {
        ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - value / last(&self.values))
    }
}

fn last(ticks: &[f64]) -> f64 {
    ticks.last().copied().unwrap_or(1.0)
}

/// Round numbers from 0 that reach `top`.
fn ticks(top: f64) -> Vec<f64> {
    let top = if top.is_finite() && top > 0.0 { top } else { 1.0 };
    let power = 10_f64.powf((top / STEPS).log10().floor());
    let fits = |step: &f64| (top / step - 1e-9).ceil() <= STEPS;
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(fits);
    let step = step.unwrap_or(10.0 * power);
    let mut ticks = vec![0.0];
    while last(&ticks) < top - step * 1e-9 {
        ticks.push(step * ticks.len() as f64);
    }
    ticks
}

/// A number, short.
pub(super) fn words(number: f64) -> String {
    let short = |number: f64| {
        let text = format!("{number:.1}");
        text.trim_end_matches(".0").to_owned()
    };
    match number {
        _ if number >= 1e9 => format!("{} G", short(number / 1e9)),
        _ if number >= 1e6 => format!("{} M", short(number / 1e6)),
        _ if number >= 1e4 => format!("{} k", short(number / 1e3)),
        _ if number >= 100.0 => format!("{number:.0}"),
        _ => short(number),
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The plot with its heading and the keys of its curves.
pub(super) fn drawn(steps: &[Step], plot: &Plot<'_>) -> String {
    let values = plot.series.iter().flat_map(|(_, values)| values).copied();
    let highest = values.fold(0.0_f64, f64::max);
    let bound = plot.bound.filter(|bound| *bound <= BOUND_ABOVE * highest);
    let most = steps.iter().map(|step| step.offered).fold(0.0_f64, f64::max);
    let scale = Scale { loads: ticks(most), values: ticks(highest.max(bound.unwrap_or(0.0))) };
    let id = plot.title.to_lowercase().replace(' ', "-");
    let curves = plot.series.iter().enumerate();
    let curves = curves.map(|(place, (name, values))| curve(place, name, values, steps, &scale));
    format!(
        "<figure>\n<h2 id=\"{id}\">{}, {}</h2>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-labelledby=\"{id}\">{}{}{}</svg>\n<figcaption>{}</figcaption>\n</figure>\n",
        plot.title,
        plot.unit,
        grid(&scale),
        bound.map(|bound| across("bound", scale.y(bound))).unwrap_or_default(),
        curves.collect::<String>(),
        keys(plot, bound.is_some()),
    )
}

fn across(class: &str, y: f64) -> String {
    let right = WIDTH - RIGHT;
    format!("<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")
}

fn grid(scale: &Scale) -> String {
    let mut text = String::new();
    for value in &scale.values {
        let (x, y) = (LEFT - 8.0, scale.y(*value));
        let (line, below, words) = (across("grid", y), y + 5.0, words(*value));
        write!(text, "{line}<text x=\"{x}\" y=\"{below:.1}\" text-anchor=\"end\">{words}</text>")
            .expect("a String takes everything");
    }
    for load in &scale.loads {
        let (x, y, words) = (scale.x(*load), HEIGHT - 8.0, words(*load));
        write!(text, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{words}/s</text>")
            .expect("a String takes everything");
    }
    text
}

fn curve(place: usize, name: &str, values: &[f64], steps: &[Step], scale: &Scale) -> String {
    let (mut points, mut dots) = (String::new(), String::new());
    for (step, value) in steps.iter().zip(values) {
        let (x, y) = (scale.x(step.offered), scale.y(*value));
        let told = format!("{}: {} at {}/s", escaped(name), words(*value), words(step.offered));
        write!(points, "{x:.1},{y:.1} ").expect("a String takes everything");
        write!(dots, "<circle class=\"dot d{place}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>{told}</title></circle>")
            .expect("a String takes everything");
    }
    let points = points.trim_end();
    format!("<polyline class=\"curve s{place}\" points=\"{points}\"/>{dots}")
}

fn keys(plot: &Plot<'_>, with_bound: bool) -> String {
    let key = |class: &str, name: &str| {
        format!(
            "<span class=\"key\"><svg viewBox=\"0 0 32 8\" aria-hidden=\"true\"><line class=\"{class}\" \
             x1=\"0\" x2=\"32\" y1=\"4\" y2=\"4\"/></svg>{}</span>",
            escaped(name)
        )
    };
    let names = plot.series.iter().enumerate();
    let mut keys: String =
        names.map(|(place, (name, _))| key(&format!("curve s{place}"), name)).collect();
    if with_bound {
        keys.push_str(&key("bound", "bound"));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_steps_and_reaches_the_top() {
        assert_eq!(ticks(817.0), [0.0, 200.0, 400.0, 600.0, 800.0, 1_000.0]);
        assert_eq!(ticks(1.5), [0.0, 0.5, 1.0, 1.5]);
        for top in [0.003, 7.0, 99.0, 101.0, 93e6, f64::NAN] {
            let ticks = ticks(top);
            assert!((3..=6).contains(&ticks.len()), "{top}: {ticks:?}");
            assert!(top.is_nan() || last(&ticks) >= top * 0.999, "{top}: {ticks:?}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0, 12.7, 204.3, 1_280.0, 20_000.0, 93e6].map(words);
        assert_eq!(texts, ["0", "12.7", "204", "1280", "20 k", "93 M"]);
    }
}
