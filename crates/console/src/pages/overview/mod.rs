//! `/console`: how the server is, in one sentence, and everything behind it.
//!
//! It is made of fragments, each of which a live page gets anew.

mod charts;
mod parts;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

pub(crate) use self::charts::Range;
use crate::charts::{Format, spark};
use crate::compare::{Fact, facts};
use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::history::{Rates, Slot};
use crate::hours::Three;
use crate::html::{Html, icon};
use crate::moment::Moment;
use crate::sign_in::guard::Operator;
use crate::thresholds;
use crate::trouble::Trouble;
use crate::truth::{FRESH_PROMISE_S, Seen, Truth, is_late, truth};
use crate::words;

/// What devices are promised: an answer within 25 ms in 99 of a hundred cases.
const ANSWER_AIM_MS: u32 = 25;

/// What the address says of the page.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    range: Range,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    truth: Html,
    figures: Html,
    /// What today has so far, against other days.
    today: Html,
    charts: Html,
    state: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Overview).await;
    let frame = frame.live(format!("/console/live/overview?range={}", asked.range.name()));
    Ok(page(&Page {
        truth: truth_of(&moment, &frame.form_token),
        figures: figures(&console, &moment),
        today: today(&console).await,
        charts: charts::html(&console, asked.range).await,
        state: parts::html(&console, &moment),
        frame,
    }))
}

/// Today until the last whole hour, against the same hours of yesterday and a week ago; nothing while the
/// database does not say, and in the first hour.
async fn today(console: &Console) -> Html {
    let Ok(inquiry) = console.analytics.inquire() else { return Html::default() };
    let Some(three) = Three::read(console, &inquiry.meaning, inquiry.as_of).await else {
        return Html::default();
    };
    let fact = |(name, value, lines): (String, String, [Html; 2])| Fact {
        name: name.into(),
        value,
        unit: String::new(),
        lines: lines.into(),
    };
    let all: Vec<Fact> = three.until_now().into_iter().map(fact).collect();
    if all.is_empty() { Html::default() } else { facts(&all) }
}

/// A chart of the page as CSV or JSON.
pub(crate) async fn data(
    State(console): State<Arc<Console>>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (name, format) = Format::of(&file);
    let sheet = charts::sheet(&console, asked.range, name).await;
    Ok(sheet.ok_or_else(|| Trouble::not_found("there is no such chart"))?.answer(format))
}

/// The fragment of the charts.
pub(crate) async fn charts_html(console: &Console, range: Range) -> Html {
    charts::html(console, range).await
}

/// The fragment of thresholds, parts and nodes.
pub(crate) fn state_html(console: &Console, moment: &Moment) -> Html {
    parts::html(console, moment)
}

#[derive(Template)]
#[template(path = "truth.html")]
struct TruthFragment<'t> {
    truth: Truth,
    sign: Html,
    as_of: Html,
    form_token: &'t str,
    todo: Vec<Todo>,
}

/// What waits for a person.
struct Todo {
    sign: Html,
    words: Html,
    path: &'static str,
    act: &'static str,
}

/// The fragment of the sentence, with what waits for a person.
pub(crate) fn truth_of(moment: &Moment, form_token: &str) -> Html {
    let Moment { state, rates, now, .. } = moment;
    let truth = truth(&Seen { state, rates, now: *now });
    Html::of(&TruthFragment {
        sign: icon(truth.state),
        truth,
        as_of: words::clock_html(*now),
        form_token,
        todo: todo(moment),
    })
}

fn todo(moment: &Moment) -> Vec<Todo> {
    let totals = moment.state.totals.unwrap_or_default();
    let mut todo = Vec::new();
    if totals.quarantined > 0 {
        let events = words::how_many(totals.quarantined, "event", "events");
        let words = Html::of_ours(format!(
            "<b>{events}</b> that devices sent could not count, and wait. They count as soon as the \
             definition allows them."
        ));
        todo.push(Todo { sign: icon("x"), words, path: "/console/rejected", act: "See why" });
    }
    if totals.dead > 0 {
        let events = words::how_many(totals.dead, "event", "events");
        let words = Html::of_ours(format!(
            "<b>{events}</b> could not be applied. Trying again is safe: nothing counts twice."
        ));
        todo.push(Todo {
            sign: icon("skull"),
            words,
            path: "/console/rejected?tab=dead",
            act: "See why",
        });
    }
    todo
}

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresFragment {
    stats: Vec<Stat>,
}

/// One figure.
pub(crate) struct Stat {
    pub name: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub about: String,
    pub spark: Html,
    /// `warn` or `crit` where it is above its threshold.
    pub state: &'static str,
}

/// The fragment of the figures.
pub(crate) fn figures(console: &Console, moment: &Moment) -> Html {
    let slots = console.history.lock().slots();
    Html::of(&FiguresFragment { stats: stats(moment, &slots) })
}

fn stats(moment: &Moment, slots: &[Slot]) -> Vec<Stat> {
    let Rates { accepted, applied, refused, .. } = moment.rates;
    let course = |value: fn(&Slot) -> f64| spark(&slots.iter().map(value).collect::<Vec<_>>(), "a");
    let refused_share = if refused > 0.0 { 100.0 * refused / (accepted + refused) } else { 0.0 };
    let waiting = moment.state.intake.waiting_by_class.total();
    let oldest = moment.state.intake.oldest_waiting;
    let oldest_s = oldest.map_or(0.0, |at| moment.now.ms_since(at).max(0) as f64 / 1_000.0);
    let here = if moment.state.other_nodes.is_empty() { "" } else { " · this node" };
    // Both in the same unit: milliseconds, unless they would not fit.
    let is_slow = moment.rates.answer_p99.is_some_and(|seconds| seconds >= 1.0);
    let in_unit = |seconds: Option<f64>| match seconds {
        None => "–".to_owned(),
        Some(seconds) if is_slow => words::number((seconds * 100.0).round() / 100.0),
        Some(seconds) => words::ms(seconds),
    };
    vec![
        Stat {
            name: "Events in",
            value: words::number(rate(accepted)),
            unit: "/s",
            about: format!("accepted, over 10 s{here}"),
            spark: course(|slot| slot.accepted),
            state: "",
        },
        Stat {
            name: "Applied",
            value: words::number(rate(applied)),
            unit: "/s",
            about: if moment.rates.duplicates >= 0.05 {
                format!("{} /s came again", words::number(rate(moment.rates.duplicates)))
            } else {
                format!("counted and durable{here}")
            },
            spark: course(|slot| slot.applied),
            state: "",
        },
        Stat {
            name: "Refused",
            value: words::number((refused_share * 100.0).round() / 100.0),
            unit: "%",
            about: format!("{} a second", words::number(rate(refused))),
            spark: course(|slot| slot.refused.total() as f64),
            state: "",
        },
        Stat {
            name: "Waiting",
            value: words::count(waiting),
            unit: "events",
            about: format!("oldest {}", words::seconds(oldest_s)),
            spark: course(|slot| slot.most.waiting as f64),
            state: raised(moment, "oldest_waiting_seconds"),
        },
        Stat {
            name: "Answer, p50 · p99",
            value: format!(
                "{} · {}",
                in_unit(moment.rates.answer_p50),
                in_unit(moment.rates.answer_p99)
            ),
            unit: if is_slow { "s" } else { "ms" },
            about: format!("over a minute · aim: {ANSWER_AIM_MS} ms"),
            spark: course(|slot| slot.answer_p99.unwrap_or_default()),
            state: "",
        },
        Stat {
            name: "On the board after",
            value: moment
                .rates
                .fresh_p99
                .map_or_else(|| "–".to_owned(), |s| words::number((s * 100.0).round() / 100.0)),
            unit: "s, p99",
            about: format!("from receipt · promise: {FRESH_PROMISE_S} s"),
            spark: course(|slot| slot.fresh_p99.unwrap_or_default()),
            state: if is_late(moment.rates.fresh_p99) { "warn" } else { "" },
        },
    ]
}

/// A rate with one digit behind the point, so that it does not flicker.
fn rate(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn raised(moment: &Moment, metric: &str) -> &'static str {
    let reading = moment.readings.iter().find(|one| one.metric == metric);
    match reading.and_then(|one| one.level) {
        Some(scoreline_core::alert::Level::Critical) => "crit",
        Some(scoreline_core::alert::Level::Warning) => "warn",
        None => "",
    }
}

/// The rows of the thresholds.
fn threshold_rows(moment: &Moment) -> Vec<thresholds::Row> {
    thresholds::rows(&moment.readings)
}
