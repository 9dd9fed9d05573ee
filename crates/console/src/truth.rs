//! The sentence of truth: how the server is, why, what is safe, what follows if it lasts, and what helps.
//!
//! Pure: the state comes in as an argument. It says the same as `/api/health`, for people.

use scoreline_core::alert::{Alert, Level};
use scoreline_core::game::Class;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Counting, State, Wellness};

use crate::history::Rates;
use crate::html::{Html, escaped, icon, inert};
use crate::thresholds;
use crate::words;

/// Within how many seconds what devices send is promised to be on the boards, in 99 of a hundred cases.
pub(crate) const FRESH_PROMISE_S: f64 = 1.0;

/// Whether what devices send comes to the boards later than promised.
pub(crate) fn is_late(fresh_p99: Option<f64>) -> bool {
    fresh_p99.is_some_and(|seconds| seconds > FRESH_PROMISE_S)
}

/// How a server is, in a sentence, with what belongs to it.
pub(crate) struct Truth {
    /// `ok`, `warn` or `crit`.
    pub state: &'static str,
    /// The sentence.
    pub sentence: String,
    /// What is safe, or why nothing is wrong.
    pub lead: Html,
    /// More about it: a term, and what it is.
    pub details: Vec<(&'static str, Html)>,
    /// What helps.
    pub acts: Vec<Act>,
}

/// A button that helps.
pub(crate) struct Act {
    pub words: String,
    pub icon: Html,
    /// Where it leads.
    pub path: String,
    /// Whether it changes something: then it is a form.
    pub changes: bool,
}

/// What a truth is made of.
pub(crate) struct Seen<'s> {
    pub state: &'s State,
    pub rates: &'s Rates,
    pub now: Timestamp,
}

impl Act {
    fn look(words: &str, path: &str) -> Self {
        let (words, path) = (words.to_owned(), path.to_owned());
        Self { words, icon: Html::default(), path, changes: false }
    }

    fn resume() -> Self {
        let (words, path) = ("Resume".to_owned(), "/console/queue/resume".to_owned());
        Self { words, icon: icon("play"), path, changes: true }
    }
}

/// How the server is.
pub(crate) fn truth(seen: &Seen<'_>) -> Truth {
    let wellness = seen.state.wellness();
    let troubles = troubles(seen);
    match wellness {
        Wellness::Unhealthy => unhealthy(seen),
        _ if !troubles.is_empty() => troubled(seen, troubles, wellness),
        _ => well(seen),
    }
}

/// Something that is not as it should be, the gravest first.
struct Trouble {
    /// After "Degraded: " or "Worth a look: ".
    words: String,
    reason: Html,
    safe: &'static str,
    if_it_lasts: &'static str,
    acts: Vec<Act>,
}

fn troubles(seen: &Seen<'_>) -> Vec<Trouble> {
    let mut found = Vec::new();
    found.extend(database_away(seen));
    found.extend(queue_off(seen));
    found.extend(boards_behind(seen));
    found.extend(limits_alone(seen));
    found.extend(clock_in_doubt(seen));
    found.extend(connections_short(seen));
    found.extend(jobs_fail(seen));
    found.extend(alerts(seen));
    found.extend(paused(seen));
    found
}

fn database_away(seen: &Seen<'_>) -> Option<Trouble> {
    let error = seen.state.ping.as_ref().err()?;
    Some(Trouble {
        words: "the database is away".to_owned(),
        reason: inert(&error.to_string()),
        safe: "Events are accepted and wait in the queue, durably. Boards are shown as of the last commit \
               that was heard.",
        if_it_lasts: "The queue fills up to its limit; then devices are told to come back (503 with \
                      Retry-After). No event that was accepted is lost, and no tournament closes before \
                      the database is back.",
        acts: vec![Act::look("What waits", "#figures")],
    })
}

fn queue_off(seen: &Seen<'_>) -> Option<Trouble> {
    let queue = seen.state.intake.queue.as_ref()?;
    if let Some(reason) = &queue.away {
        return Some(Trouble {
            words: if queue.foreign {
                "the queue in Redis belongs to another database".to_owned()
            } else {
                "Redis is away".to_owned()
            },
            reason: inert(reason),
            safe: "Every event is still taken and durable, straight in PostgreSQL. Boards are exact.",
            if_it_lasts: "Nothing is lost. What waited in the queue is applied when it is back, and \
                          tournaments that end meanwhile close only then. Bursts have no cushion: beyond \
                          what the database takes, devices are told to come back (503 with Retry-After).",
            acts: vec![Act::look("See the parts", "#parts")],
        });
    }
    let reason = queue.held_up.as_ref()?;
    Some(Trouble {
        words: "the workers claim nothing from the queue".to_owned(),
        reason: inert(reason),
        safe: "Events are accepted and wait in the queue, durably.",
        if_it_lasts: "Boards fall behind by as long as it lasts. The workers go on by themselves as soon as \
                      the reason is gone.",
        acts: vec![Act::look("See the parts", "#parts")],
    })
}

fn boards_behind(seen: &Seen<'_>) -> Option<Trouble> {
    let reason = seen.state.boards_outdated.as_ref()?;
    Some(Trouble {
        words: "the boards are behind".to_owned(),
        reason: inert(reason),
        safe: "Events are taken and durable. Boards are right as of the moment that is named.",
        if_it_lasts: "Players see old ranks, and answers say how old. This node catches up by itself.",
        acts: Vec::new(),
    })
}

fn limits_alone(seen: &Seen<'_>) -> Option<Trouble> {
    let Counting::Alone { reason } = &seen.state.counting else { return None };
    // Where Redis is away, that has been told.
    if seen.state.intake.queue.as_ref().is_some_and(|queue| queue.away.is_some()) {
        return None;
    }
    Some(Trouble {
        words: "rate limits are counted by each node alone".to_owned(),
        reason: inert(reason),
        safe: "Events are taken, applied and shown.",
        if_it_lasts: "Whoever asks all nodes is given as much by each of them.",
        acts: Vec::new(),
    })
}

fn clock_in_doubt(seen: &Seen<'_>) -> Option<Trouble> {
    let doubt = seen.state.clock_doubt?;
    Some(Trouble {
        words: "the clock jumped and is not trusted yet".to_owned(),
        reason: inert(&doubt.to_string()),
        safe: "Events are taken, applied and shown; they are stamped by the time that held before.",
        if_it_lasts: "No tournament closes and nothing expires until the time has proved itself.",
        acts: vec![Act::look("See the parts", "#parts")],
    })
}

fn connections_short(seen: &Seen<'_>) -> Option<Trouble> {
    let reason = seen.state.connections_short.as_ref()?;
    Some(Trouble {
        words: "the database gives too few connections".to_owned(),
        reason: inert(reason),
        safe: "Events are taken, applied and shown.",
        if_it_lasts: "Requests wait for a connection under load, and no longer than they may.",
        acts: vec![Act::look("See the thresholds", "#thresholds")],
    })
}

fn jobs_fail(seen: &Seen<'_>) -> Option<Trouble> {
    let (job, times, reason) = seen.state.failing_jobs.first()?;
    let times = u64::from(*times);
    Some(Trouble {
        words: format!("the job {job} fails"),
        reason: Html::of_ours(format!(
            "{}, {} in a row",
            inert(reason),
            words::how_many(times, "time", "times")
        )),
        safe: "Events are taken, applied and shown.",
        if_it_lasts: "What the job does waits: closing tournaments, creating the next ones, removing old raw \
                      events. It tries again by itself.",
        acts: vec![Act::look("See the jobs", "#parts")],
    })
}

fn alerts<'s>(seen: &'s Seen<'_>) -> impl Iterator<Item = Trouble> + use<'s> {
    // What has words of its own is not told twice.
    let told = ["clock_in_doubt", "queue_foreign"];
    let alerts = seen.state.alerts.iter().filter(move |alert| !told.contains(&alert.metric));
    alerts.map(|alert| {
        let Alert { metric, value, warning, critical, level, advice } = alert;
        let is_critical = *level == Level::Critical;
        let from = if is_critical { *critical } else { *warning };
        let (name, value) = (thresholds::name(metric), thresholds::value(metric, *value));
        let name = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
        let from = thresholds::value(metric, from);
        Trouble {
            words: format!("{name}: {value}"),
            reason: Html::of_ours(format!(
                "Above {} it is {}. {}",
                escaped(&from),
                escaped(if is_critical { "critical" } else { "a warning" }),
                escaped(advice)
            )),
            safe: "Every event that was accepted is durable.",
            if_it_lasts: "",
            acts: match *metric {
                "queue_failed" => vec![Act::look("Look at them", "/console/rejected?tab=dead")],
                _ => vec![Act::look("See the thresholds", "#thresholds")],
            },
        }
    })
}

fn paused(seen: &Seen<'_>) -> Option<Trouble> {
    let paused = &seen.state.intake.paused;
    let classes: Vec<&str> =
        Class::ALL.into_iter().filter(|one| paused[*one]).map(Class::as_str).collect();
    if classes.is_empty() {
        return None;
    }
    Some(Trouble {
        words: format!("{} events are held back", classes.join(", ")),
        reason: Html::of_ours("an operator paused them"),
        safe: "They are accepted and wait in the queue, durably.",
        if_it_lasts: "Boards, statistics and tournaments lack them until they are resumed.",
        acts: vec![Act::resume()],
    })
}

fn troubled(seen: &Seen<'_>, troubles: Vec<Trouble>, wellness: Wellness) -> Truth {
    let is_degraded = wellness == Wellness::Degraded;
    let words: Vec<&str> = troubles.iter().map(|trouble| trouble.words.as_str()).collect();
    let (last, first) = words.split_last().expect("there is trouble");
    let words = if first.is_empty() {
        (*last).to_owned()
    } else {
        format!("{}, and {last}", first.join(", "))
    };
    let mut details: Vec<(&'static str, Html)> = Vec::new();
    let mut acts = Vec::new();
    let lead = Html::of_ours(format!("<strong>Safe:</strong> {}", escaped(troubles[0].safe)));
    let waiting = seen.state.intake.waiting_by_class.total();
    let lasting: Vec<&str> =
        troubles.iter().map(|one| one.if_it_lasts).filter(|words| !words.is_empty()).collect();
    for trouble in troubles {
        details.push(("Reason", trouble.reason));
        for act in trouble.acts {
            if !acts.iter().any(|known: &Act| known.path == act.path) {
                acts.push(act);
            }
        }
    }
    if waiting > 0 {
        details.push(("What waits", Html::of_ours(words::how_many(waiting, "event", "events"))));
    }
    if let Some(first) = lasting.first() {
        details.push(("If it lasts", Html::of_ours(escaped(first))));
    }
    Truth {
        state: if is_degraded { "crit" } else { "warn" },
        sentence: format!("{}: {words}.", if is_degraded { "Degraded" } else { "Worth a look" }),
        lead,
        details,
        acts,
    }
}

fn unhealthy(seen: &Seen<'_>) -> Truth {
    let reason = seen.state.intake.refusing.clone();
    let reason = reason.or_else(|| Some(seen.state.ping.as_ref().err()?.to_string()));
    Truth {
        state: "crit",
        sentence: "Events cannot be taken right now.".to_owned(),
        lead: Html::of_ours(
            "<strong>Safe:</strong> what was accepted is durable. Devices are told to come back (503 with \
             Retry-After) and keep what they have; nothing is pretended. Boards are shown as of the last \
             commit.",
        ),
        details: vec![
            ("Reason", inert(&reason.unwrap_or_else(|| "it is not known".to_owned()))),
            (
                "If it lasts",
                Html::of_ours(
                    "Devices keep their events for as long as their storage allows. As soon as there is a \
                     durable place again, taking goes on by itself: no restart is needed.",
                ),
            ),
        ],
        acts: vec![Act::look("See the parts", "#parts")],
    }
}

fn well(seen: &Seen<'_>) -> Truth {
    let Seen { state, rates, now } = seen;
    let applied = state.totals.map_or(0, |totals| totals.applied);
    let is_late = is_late(rates.fresh_p99);
    let sentence = match (applied, rates.fresh_p99) {
        (_, Some(seconds)) if is_late => format!(
            "Worth a look: what devices send is on the boards {} later, and {FRESH_PROMISE_S} s is promised.",
            words::seconds(seconds)
        ),
        (_, Some(seconds)) => {
            format!(
                "All is well: what devices send is on the boards {} later.",
                words::seconds(seconds)
            )
        }
        (0, None) => "Ready: no event has come in yet.".to_owned(),
        (_, None) => "All is well, and quiet: nothing came in within the last minute.".to_owned(),
    };
    let nodes = state.other_nodes.len() as u64 + 1;
    let mut parts = Vec::new();
    if nodes > 1 {
        parts.push(words::how_many(nodes, "node", "nodes"));
    }
    parts.push("the database".to_owned());
    if state.intake.queue.is_some() {
        parts.push("Redis".to_owned());
    }
    let (last, first) = parts.split_last().expect("there is a database");
    let who = if first.is_empty() {
        "The database answers".to_owned()
    } else {
        format!("{} and {last} answer", first.join(", "))
    };
    let waiting = match state.intake.oldest_waiting {
        None => "Nothing waits".to_owned(),
        Some(oldest) => {
            let age = now.ms_since(oldest).max(0) as f64 / 1_000.0;
            format!("Nothing has waited for more than {}", words::seconds(age.max(0.01)))
        }
    };
    Truth {
        state: if is_late { "warn" } else { "ok" },
        sentence,
        lead: Html::of_ours(format!("{who}. {waiting}, and no alert is raised.")),
        details: Vec::new(),
        acts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::alert::{Figures, Thresholds};
    use scoreline_core::intake::IntakeFigures;
    use scoreline_core::queue::ByClass;
    use scoreline_core::store::{StoreError, Totals};

    use super::*;

    fn intake() -> IntakeFigures {
        IntakeFigures {
            mode: "direct",
            waiting_by_class: ByClass::default(),
            active: 0,
            delayed: 0,
            completed: 0,
            duplicates: 0,
            workers: 1,
            capacity_per_second: None,
            current_load_percent: 0.0,
            oldest_waiting: None,
            paused: ByClass::default(),
            refusing: None,
            queue: None,
        }
    }

    fn state() -> State {
        State {
            ping: Ok(()),
            ping_ms: 1,
            connections_short: None,
            totals: Some(Totals { applied: 5, ..Totals::default() }),
            intake: intake(),
            boards: 1,
            boards_outdated: None,
            failing_jobs: Vec::new(),
            clock_doubt: None,
            counting: Counting::Here,
            alerts: Vec::new(),
            other_nodes: Vec::new(),
        }
    }

    fn told(state: &State, rates: &Rates) -> Truth {
        truth(&Seen { state, rates, now: Timestamp::EPOCH })
    }

    #[test]
    fn a_server_that_is_well_says_how_soon_scores_are_seen() {
        let rates = Rates { fresh_p99: Some(0.21), ..Rates::default() };
        let truth = told(&state(), &rates);
        assert_eq!(truth.sentence, "All is well: what devices send is on the boards 0.21 s later.");
        assert_eq!((truth.state, truth.acts.len()), ("ok", 0));
        let late = told(&state(), &Rates { fresh_p99: Some(1.6), ..Rates::default() });
        assert!(late.sentence.starts_with("Worth a look"), "{}", late.sentence);
        assert_eq!(late.state, "warn");
        let quiet = told(&state(), &Rates::default());
        assert!(quiet.sentence.contains("quiet"), "{}", quiet.sentence);
        let new = State { totals: Some(Totals::default()), ..state() };
        assert!(told(&new, &Rates::default()).sentence.starts_with("Ready"));
    }

    #[test]
    fn a_server_that_takes_nothing_says_so_and_why() {
        let mut state = state();
        state.intake.refusing = Some("the disk is full <b>".to_owned());
        let truth = told(&state, &Rates::default());
        assert_eq!((truth.state, &*truth.sentence), ("crit", "Events cannot be taken right now."));
        assert_eq!(truth.details[0].1.as_str(), "the disk is full &lt;b&gt;");
        let away = State { ping: Err(StoreError::Busy("silent".to_owned())), ..self::state() };
        assert_eq!(told(&away, &Rates::default()).state, "crit");
    }

    #[test]
    fn a_warning_is_worth_a_look_and_an_alert_names_its_figure_and_where_to_look() {
        let figures = Figures { failed: 60, ..Figures::default() };
        let state = State { alerts: Thresholds::default().alerts(&figures), ..state() };
        let truth = told(&state, &Rates::default());
        assert_eq!((truth.state, &*truth.sentence), ("warn", "Worth a look: dead events: 60."));
        assert_eq!(truth.acts[0].path, "/console/rejected?tab=dead");
    }

    #[test]
    fn all_that_is_wrong_stands_in_one_sentence_the_gravest_first() {
        let figures = Figures { pool_utilization_percent: 94.0, ..Figures::default() };
        let mut state = State {
            alerts: Thresholds::default().alerts(&figures),
            failing_jobs: vec![("close_tournaments", 3, "no".to_owned())],
            ..state()
        };
        state.intake.paused[Class::Bulk] = true;
        let truth = told(&state, &Rates::default());
        let wanted = "Degraded: the job close_tournaments fails, database connections: 94 %, and bulk \
                      events are held back.";
        assert_eq!((truth.state, &*truth.sentence), ("crit", wanted));
        assert!(truth.acts.iter().any(|act| act.changes && act.words == "Resume"));
    }
}
