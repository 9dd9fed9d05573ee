//! Thresholds, parts, what comes next, and nodes.

use askama::Template;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::TournamentStatus;

use super::threshold_rows;
use crate::console::Console;
use crate::html::{Html, escaped, inert};
use crate::moment::Moment;
use crate::thresholds::{self, badge};
use crate::words;

/// Tournaments that are listed with their ends.
const NEXT_MAX: usize = 5;

#[derive(Template)]
#[template(path = "state.html")]
struct Fragment {
    thresholds: Vec<thresholds::Row>,
    parts: Vec<Part>,
    next: Vec<(Html, Html)>,
    nodes: Vec<NodeRow>,
}

/// One part of the server.
struct Part {
    name: &'static str,
    badge: Html,
    words: Html,
}

/// One node.
struct NodeRow {
    name: Html,
    badge: Html,
    version: Html,
    heard: Html,
    remark: &'static str,
}

/// The fragment.
pub(super) fn html(console: &Console, moment: &Moment) -> Html {
    Html::of(&Fragment {
        thresholds: threshold_rows(moment),
        parts: parts(moment),
        next: next(moment),
        nodes: nodes(console, moment),
    })
}

fn parts(moment: &Moment) -> Vec<Part> {
    let mut parts = vec![database(moment)];
    parts.extend(redis(moment));
    parts.push(intake(moment));
    parts.push(boards(moment));
    parts.push(jobs(moment));
    parts.push(clock(moment));
    parts
}

fn database(moment: &Moment) -> Part {
    let size =
        moment.store.map_or_else(String::new, |store| format!(" · {}", words::bytes(store.bytes)));
    match &moment.state.ping {
        Ok(()) if moment.state.connections_short.is_some() => {
            let words = inert(moment.state.connections_short.as_deref().unwrap_or_default());
            Part { name: "Database", badge: badge("warn", "Short"), words }
        }
        Ok(()) => {
            let ms = match moment.state.ping_ms {
                0 => "less than 1".to_owned(),
                ms => words::count(ms),
            };
            let words = Html::of_ours(format!("answered in {ms} ms{size}"));
            Part { name: "Database", badge: badge("ok", "Reachable"), words }
        }
        Err(error) => {
            let words = inert(&error.to_string());
            Part { name: "Database", badge: badge("crit", "Away"), words }
        }
    }
}

fn redis(moment: &Moment) -> Option<Part> {
    let queue = moment.state.intake.queue.as_ref()?;
    let (state, word, words) = if let Some(reason) = &queue.away {
        ("crit", "Away", inert(reason))
    } else if let Some(reason) = &queue.held_up {
        ("warn", "Held up", inert(reason))
    } else if queue.risks.is_empty() {
        let losses = queue.losses;
        let words = match losses.times {
            0 => "nothing was ever lost in it".to_owned(),
            times => format!(
                "lost what waited in it {}, about {} in all",
                words::how_many(times, "time", "times"),
                words::how_many(losses.events, "event", "events")
            ),
        };
        ("ok", "Reachable", Html::of_ours(words))
    } else {
        ("warn", "Can lose", inert(&queue.risks.join("; ")))
    };
    Some(Part { name: "Redis", badge: badge(state, word), words })
}

fn intake(moment: &Moment) -> Part {
    let intake = &moment.state.intake;
    let workers = words::how_many(u64::from(intake.workers), "worker", "workers");
    let capacity = intake.capacity_per_second.map_or_else(String::new, |rate| {
        format!(" · up to {} events/s measured", words::number(rate.round()))
    });
    let paused: Vec<&str> = intake
        .paused
        .iter()
        .filter(|(_, paused)| **paused)
        .map(|(class, _)| class.as_str())
        .collect();
    let (state, word, words) = if let Some(reason) = &intake.refusing {
        ("crit", "Refusing", inert(reason))
    } else if !paused.is_empty() {
        ("warn", "Paused", Html::of_ours(format!("{} held back by an operator", paused.join(", "))))
    } else if intake.queue.is_some() {
        let word = if intake.mode == "redis" { "In use" } else { "Bypassed" };
        let state = if intake.mode == "redis" { "ok" } else { "warn" };
        (state, word, Html::of_ours(format!("{workers}{capacity}")))
    } else {
        let words = format!("none: events are stored before they are acknowledged{capacity}");
        ("ok", "Direct", Html::of_ours(words))
    };
    Part { name: "Queue", badge: badge(state, word), words }
}

fn boards(moment: &Moment) -> Part {
    let boards = words::how_many(moment.state.boards as u64, "board", "boards");
    match &moment.state.boards_outdated {
        None => Part {
            name: "Boards",
            badge: badge("ok", "Exact"),
            words: Html::of_ours(format!("{boards} in memory, right to the last commit")),
        },
        Some(reason) => {
            Part { name: "Boards", badge: badge("warn", "Behind"), words: inert(reason) }
        }
    }
}

fn jobs(moment: &Moment) -> Part {
    let failing: Vec<String> = moment
        .state
        .failing_jobs
        .iter()
        .map(|(job, times, reason)| format!("{job} failed {times} times: {}", inert(reason)))
        .collect();
    if failing.is_empty() {
        let words = Html::of_ours("all run as they should");
        Part { name: "Jobs", badge: badge("ok", "Fine"), words }
    } else {
        Part {
            name: "Jobs",
            badge: badge("crit", "Failing"),
            words: Html::of_ours(failing.join("; ")),
        }
    }
}

fn clock(moment: &Moment) -> Part {
    match moment.state.clock_doubt {
        None => {
            let words = Html::of_ours("right, as far as can be told");
            Part { name: "Clock", badge: badge("ok", "Trusted"), words }
        }
        Some(doubt) => {
            let words = inert(&doubt.to_string());
            Part { name: "Clock", badge: badge("crit", "In doubt"), words }
        }
    }
}

/// The tournaments that begin or end next.
fn next(moment: &Moment) -> Vec<(Html, Html)> {
    let now = moment.now;
    let mut next: Vec<(Timestamp, String)> = moment
        .plan
        .tournaments
        .iter()
        .filter_map(|one| match one.status_at(now) {
            TournamentStatus::Upcoming => {
                Some((one.starts_at, format!("{} begins", inert(&one.name))))
            }
            TournamentStatus::Active => Some((one.ends_at, format!("{} ends", inert(&one.name)))),
            _ => None,
        })
        .collect();
    next.sort();
    next.into_iter()
        .take(NEXT_MAX)
        .map(|(at, words)| (Html::of_ours(words), words::ago_html(at, now)))
        .collect()
}

fn nodes(console: &Console, moment: &Moment) -> Vec<NodeRow> {
    let uptime = words::seconds(console.vitals.uptime_seconds() as f64);
    let this = NodeRow {
        name: Html::of_ours(escaped(&console.address)),
        badge: badge("ok", "Serving"),
        version: Html::of_ours(env!("CARGO_PKG_VERSION")),
        heard: Html::of_ours(format!("up {uptime}")),
        remark: "this page is from here",
    };
    let others = moment.state.other_nodes.iter().map(|node| NodeRow {
        name: inert(&node.report.address),
        badge: badge("ok", "Serving"),
        version: inert(&node.report.version),
        heard: Html::of_ours(format!("heard {}", words::ago_html(node.reported_at, moment.now))),
        remark: "",
    });
    std::iter::once(this).chain(others).collect()
}
