//! `/console/queue`: what waits and how long, class by class, and the nodes; holding events back and going
//! on with them.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::game::Class;
use scoreline_core::intake::IntakeFigures;
use scoreline_core::nodes::{NODE_SILENT_MS, Node};
use scoreline_core::time::Timestamp;
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, escaped, inert};
use crate::moment::Moment;
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

#[derive(Template)]
#[template(path = "queue.html")]
struct Page {
    frame: Frame,
    state: Html,
    state_in_words: Html,
    has_queue: bool,
    may_act: bool,
    facts: Vec<(&'static str, String, String)>,
    classes: Vec<ClassRow>,
    is_any_paused: bool,
    history: Vec<(&'static str, String, &'static str)>,
    nodes: Vec<NodeRow>,
    /// After how many seconds without a word a node is left out.
    silent_s: i64,
}

/// One class of events.
struct ClassRow {
    name: &'static str,
    about: &'static str,
    badge: Html,
    is_paused: bool,
    waiting: String,
    active: String,
    delayed: String,
    oldest: Html,
    completed: String,
    failed: String,
}

/// One node.
struct NodeRow {
    name: Html,
    badge: Html,
    version: Html,
    heard: Html,
    lag: String,
    remark: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Queue).await;
    let intake = &moment.state.intake;
    let (state, state_in_words) = state(intake);
    Ok(page(&Page {
        state,
        state_in_words,
        has_queue: intake.queue.is_some(),
        may_act: operator.proof.covers(Scope::Admin),
        facts: facts(&moment),
        classes: Class::ALL.into_iter().map(|class| class_row(&moment, class)).collect(),
        is_any_paused: intake.paused.iter().any(|(_, paused)| *paused),
        history: history(intake),
        nodes: nodes(&console, &moment),
        silent_s: NODE_SILENT_MS / 1_000,
        frame,
    }))
}

/// How events come in, in a word and a sentence.
fn state(intake: &IntakeFigures) -> (Html, Html) {
    let Some(queue) = &intake.queue else {
        let words = "There is no queue: events are in the database before a device has its answer, and \
                     nothing can be held back. With Redis there is one.";
        return (badge("ok", "Direct"), Html::of_ours(words));
    };
    if let Some(reason) = &intake.refusing {
        return (badge("crit", "Refusing"), inert(reason));
    }
    if let Some(reason) = &queue.away {
        let words =
            format!("Redis is away, events go into the database directly: {}", inert(reason));
        return (badge("crit", "Bypassed"), Html::of_ours(words));
    }
    if let Some(reason) = &queue.held_up {
        return (badge("warn", "Held up"), inert(reason));
    }
    if intake.paused.iter().any(|(_, paused)| *paused) {
        let words = "An operator holds events back. They are accepted, kept and wait.";
        return (badge("warn", "Paused"), Html::of_ours(words));
    }
    let words = "Redis keeps what devices send until a worker of any node has applied it.";
    (badge("ok", "In use"), Html::of_ours(words))
}

fn facts(moment: &Moment) -> Vec<(&'static str, String, String)> {
    let intake = &moment.state.intake;
    let age = |at: Timestamp| words::seconds(moment.now.ms_since(at).max(0) as f64 / 1_000.0);
    let capacity = intake.capacity_per_second;
    vec![
        (
            "Waiting",
            words::count(intake.waiting_by_class.total()),
            "events, all classes".to_owned(),
        ),
        (
            "Oldest",
            intake.oldest_waiting.map_or_else(|| "–".to_owned(), age),
            "since its receipt, not settled yet".to_owned(),
        ),
        ("Being applied", words::count(intake.active), "events, by this node".to_owned()),
        (
            "For another try",
            words::count(intake.delayed),
            "events whose first try failed".to_owned(),
        ),
        (
            "Workers",
            words::count(u64::from(intake.workers)),
            format!("of this node, {} busy", words::percent(intake.current_load_percent.round())),
        ),
        (
            "Capacity",
            capacity.map_or_else(|| "–".to_owned(), |rate| words::number(rate.round())),
            "events/s of this node, measured at full load".to_owned(),
        ),
    ]
}

fn class_row(moment: &Moment, class: Class) -> ClassRow {
    let intake = &moment.state.intake;
    let figures = intake.queue.as_ref().map(|queue| queue.by_class[class]).unwrap_or_default();
    let is_paused = intake.paused[class];
    let waiting = intake.waiting_by_class[class];
    ClassRow {
        name: class.as_str(),
        about: match class {
            Class::Critical => "first in line",
            Class::Normal => "what most events are",
            Class::Bulk => "last, with a share of its own",
        },
        badge: match (is_paused, waiting) {
            (true, _) => badge("warn", "Paused"),
            (false, 0) => badge("ok", "Empty"),
            (false, _) => badge("ok", "Moving"),
        },
        is_paused,
        waiting: words::count(waiting),
        active: words::count(figures.active.events),
        delayed: words::count(figures.delayed.events),
        oldest: figures
            .oldest
            .map_or_else(|| Html::of_ours("–"), |at| words::ago_html(at, moment.now)),
        completed: words::count(figures.completed),
        failed: words::count(figures.failed),
    }
}

fn history(intake: &IntakeFigures) -> Vec<(&'static str, String, &'static str)> {
    let Some(queue) = &intake.queue else { return Vec::new() };
    vec![
        (
            "Lost",
            words::count(queue.losses.events),
            "events, about, since the queue was first used",
        ),
        (
            "Claimed again",
            words::count(queue.reclaimed),
            "parcels whose worker had not settled them in time",
        ),
        (
            "Came too late",
            words::count(queue.stale),
            "times that a worker settled what had gone to another",
        ),
    ]
}

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn nodes(console: &Console, moment: &Moment) -> Vec<NodeRow> {
    let uptime = words::seconds(console.vitals.uptime_seconds() as f64);
    let behind = moment.state.boards_outdated.as_deref();
    let intake = &moment.state.intake;
    // What the queue keeps is nobody's debt: any node applies it.
    let oldest = intake.oldest_waiting.filter(|_| intake.mode != "redis");
    let this = NodeRow {
        name: Html::of_ours(escaped(&console.address)),
        badge: if behind.is_some() { badge("warn", "Behind") } else { badge("ok", "Serving") },
        version: Html::of_ours(VERSION),
        heard: Html::of_ours(format!("this page is from here, up {uptime}")),
        lag: oldest.map_or_else(
            || "nothing open".to_owned(),
            |at| words::seconds(moment.now.ms_since(at).max(0) as f64 / 1_000.0),
        ),
        remark: behind.map_or_else(Html::default, inert),
    };
    let others = moment.state.other_nodes.iter().map(|node| other(node, moment));
    std::iter::once(this).chain(others).collect()
}

fn other(node: &Node, moment: &Moment) -> NodeRow {
    let is_same = node.report.version == VERSION;
    let lag_ms = node.reported_at.ms_since(node.report.watermark).max(0);
    NodeRow {
        name: inert(&node.report.address),
        badge: badge("ok", "Serving"),
        version: inert(&node.report.version),
        heard: Html::of_ours(format!("heard {}", words::ago_html(node.reported_at, moment.now))),
        lag: words::seconds(lag_ms as f64 / 1_000.0),
        remark: if is_same {
            Html::default()
        } else {
            Html::of_ours("another version than this one")
        },
    }
}

/// Which class is meant; all of them if none is named.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    class: Meant,
}

/// A class, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Meant {
    #[default]
    All,
    Critical,
    Normal,
    Bulk,
}

impl Posted {
    fn class(&self) -> Option<Class> {
        match self.class {
            Meant::All => None,
            Meant::Critical => Some(Class::Critical),
            Meant::Normal => Some(Class::Normal),
            Meant::Bulk => Some(Class::Bulk),
        }
    }
}

/// Holds events back.
pub(crate) async fn pause(
    State(console): State<Arc<Console>>,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    console.operations.pause(posted.class()).await?;
    console.look_again().await;
    Ok(Redirect::to("/console/queue").into_response())
}

/// Goes on with them.
pub(crate) async fn resume(
    State(console): State<Arc<Console>>,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    console.operations.resume(posted.class()).await?;
    console.look_again().await;
    Ok(Redirect::to("/console/queue").into_response())
}
