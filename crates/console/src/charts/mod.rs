//! Charts as SVG of our own, each with its table and its CSV: the table is the only copy of the data in
//! a page.
//!
//! An svg here has no viewBox: x goes in per cent of the width, y in pixels. So one drawing fits a
//! phone and a wall, text keeps its size, and nothing needs a style attribute or a script. Only lines,
//! which cannot go in per cent, lie in an inner svg that is stretched.

mod bars;
mod csv;
mod frame;
mod lines;
mod mirrored;
mod sheet;
mod small;

use std::borrow::Cow;

use askama::Template;

pub(crate) use self::sheet::{Cell, Format, Sheet};
pub(crate) use self::small::{bar, halves, spark, watermark};
use crate::html::Html;

/// Height of a chart, in pixels.
const HEIGHT: f64 = 200.0;
/// Where the plot begins, from above.
const TOP: f64 = 20.0;
/// The line on which it stands.
const BASE: f64 = HEIGHT - 20.0;

/// The class of the line across mirrored bars.
pub(crate) const NET: &str = mirrored::NET;

/// How a chart shows its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Each as a line; the first with the area below it.
    Lines,
    /// Stacked bars, from 0 upwards.
    Bars,
    /// Stacked bars: this many series upwards, the following ones downwards, and the last as a line across
    /// each bar.
    Mirrored(usize),
}

/// One series of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What it is, for the legend and the table.
    pub name: String,
    /// Its class in the style sheet.
    pub class: &'static str,
    /// Its values, one for each point; `None` where nothing was measured.
    pub values: Vec<Option<f64>>,
}

/// One place on the x axis.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    /// What the table calls it.
    pub name: String,
    /// What stands below it, where something does.
    pub label: Option<String>,
}

/// A line across the chart.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// `warn` or `crit`.
    pub class: &'static str,
    /// Where it lies.
    pub value: f64,
    /// What it says.
    pub words: String,
}

/// A place on the x axis that is pointed at.
#[derive(Debug, Clone)]
pub(crate) struct Pointer {
    /// The share of the width.
    pub at: f64,
    /// What it says.
    pub words: String,
}

/// Other things that the same place can show.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Whether it is shown.
    pub is_here: bool,
}

/// A chart with everything that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// Unique within its page.
    pub id: &'static str,
    /// What it shows.
    pub heading: String,
    /// What exactly that is; empty where the heading says it.
    pub about: String,
    /// The unit of the y axis.
    pub unit: Cow<'static, str>,
    /// What the first column of the table is.
    pub of: &'static str,
    /// How the series are shown.
    pub kind: Kind,
    /// The series, the most important first.
    pub series: Vec<Series>,
    /// The x axis.
    pub points: Vec<Point>,
    /// What programs call its points, where that is not what people read.
    pub keys: Vec<String>,
    /// Lines across it.
    pub marks: Vec<Mark>,
    /// Places that are pointed at.
    pub pointers: Vec<Pointer>,
    /// Whether the last value of the first series, or the last bar, is not over and can still grow.
    pub is_open: bool,
    /// What there is to choose from, and in words; nothing if there is no choice.
    pub choices: (&'static str, Vec<Choice>),
    /// How a value is written.
    pub write: fn(f64) -> String,
    /// Where its CSV is; empty if there is none. Its JSON is beside it.
    pub csv: String,
    /// What is said while there is nothing to show.
    pub empty: &'static str,
}

#[derive(Template)]
#[template(path = "chart.html")]
struct Figure<'c> {
    chart: &'c Chart,
    drawing: Html,
    legend: Vec<(Html, &'c str, String)>,
    rows: Vec<(&'c str, Vec<String>)>,
    reads: &'static str,
}

impl Chart {
    /// A chart of lines without anything in it.
    pub fn new(id: &'static str, heading: impl Into<String>) -> Self {
        Self {
            id,
            heading: heading.into(),
            about: String::new(),
            unit: Cow::Borrowed(""),
            of: "Time",
            kind: Kind::Lines,
            series: Vec::new(),
            points: Vec::new(),
            keys: Vec::new(),
            marks: Vec::new(),
            pointers: Vec::new(),
            is_open: false,
            choices: ("", Vec::new()),
            write: crate::words::number,
            csv: String::new(),
            empty: "",
        }
    }

    /// Where its JSON is.
    fn json_path(&self) -> String {
        self.csv.replacen(".csv", ".json", 1)
    }

    /// The whole figure.
    pub fn html(&self) -> Html {
        let legend = self.series.iter().map(|series| {
            let last = series.values.iter().rev().find_map(|value| *value);
            let last = match self.kind {
                Kind::Lines => last.map(self.write).unwrap_or_default(),
                Kind::Bars | Kind::Mirrored(_) => String::new(),
            };
            (self.key(series), series.name.as_str(), last)
        });
        let hollow = r#"<svg aria-hidden="true"><rect class="f-s1 part" x="1" y="1" width="18" height="8" rx="2"/></svg>"#;
        let open = (self.is_open && self.kind != Kind::Lines)
            .then(|| (Html::of_ours(hollow), "not over", String::new()));
        let rows = self.points.iter().enumerate().map(|(at, point)| {
            let cell = |series: &Series| match series.values.get(at).copied().flatten() {
                Some(value) => (self.write)(value),
                None => "–".to_owned(),
            };
            (point.name.as_str(), self.series.iter().map(cell).collect())
        });
        Html::of(&Figure {
            chart: self,
            drawing: if self.is_empty() { Html::default() } else { self.drawing() },
            legend: legend.chain(open).collect(),
            rows: rows.collect(),
            reads: match self.kind {
                Kind::Lines => "line",
                Kind::Bars | Kind::Mirrored(_) => "bars",
            },
        })
    }

    /// Whether there is nothing to draw.
    fn is_empty(&self) -> bool {
        let measured = self.series.iter().flat_map(|series| &series.values).flatten().count();
        match self.kind {
            Kind::Lines => self.points.len() < 2 || measured < 2,
            Kind::Bars | Kind::Mirrored(_) => measured == 0,
        }
    }

    fn drawing(&self) -> Html {
        Html::of_ours(match self.kind {
            Kind::Lines => lines::drawn(self),
            Kind::Bars => bars::drawn(self),
            Kind::Mirrored(up) => mirrored::drawn(self, up),
        })
    }

    /// The colour of a series, for the legend.
    fn key(&self, series: &Series) -> Html {
        let class = series.class;
        Html::of_ours(match self.kind {
            Kind::Lines => format!(
                r#"<svg aria-hidden="true"><line class="ln {class}" x1="0" x2="20" y1="5" y2="5"/></svg>"#
            ),
            Kind::Mirrored(_) if class == mirrored::NET => format!(
                r#"<svg aria-hidden="true"><line class="{class}" x1="0" x2="20" y1="5" y2="5"/></svg>"#
            ),
            Kind::Bars | Kind::Mirrored(_) => format!(
                r#"<svg aria-hidden="true"><rect class="{class}" width="20" height="10" rx="2"/></svg>"#
            ),
        })
    }

    /// The chart in a sentence, for those who do not see it.
    fn description(&self) -> String {
        let sentence = |series: &Series| {
            let values: Vec<f64> = series.values.iter().flatten().copied().collect();
            let last = *values.last()?;
            let bottom = values.iter().copied().fold(f64::INFINITY, f64::min);
            let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let [bottom, peak, last] = [bottom, peak, last].map(self.write);
            Some(format!(
                "{}: between {bottom} and {peak}, last {last} {}.",
                series.name, self.unit
            ))
        };
        let sentences: Vec<String> = self.series.iter().filter_map(sentence).collect();
        sentences.join(" ")
    }
}
