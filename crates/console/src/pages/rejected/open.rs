//! A group that is open: examples, the line that refuses them or what to paste, and what can be done.

use std::collections::BTreeSet;

use askama::Template;
use scoreline_core::access::Scope;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::store::{DeadEvent, QuarantineEntry, SetAsideGroup};
use scoreline_core::time::Timestamp;
use serde_json::value::RawValue;

use super::{Meant, Tab, lines, snippet};
use crate::console::Console;
use crate::forms::{TYPED_ABOVE, confirmation};
use crate::html::{Html, id, inert, inert_lines};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Events that are looked at to tell what they have in common.
const LOOKED_AT: usize = 50;
/// Events that are shown.
const SHOWN: usize = 3;
/// Characters of an event's own text that are shown.
const RAW_CHARS_MAX: usize = 4_000;

#[derive(Template)]
#[template(path = "rejected_open.html")]
struct Open<'g> {
    tab: Tab,
    examples: Vec<Example>,
    shown: String,
    /// The reason and the type as forms hand them back: no character in them can be lost on the way.
    coded_reason: String,
    coded_type: String,
    definition_lines: Vec<LineView>,
    paste: Option<Html>,
    /// How many of those that were looked at would pass now, in words; empty where that tells nothing.
    would_pass: String,
    acts: Option<Acts>,
    form_token: &'g str,
    until: i64,
}

/// One event.
struct Example {
    no: i64,
    event_id: Html,
    player: Html,
    facts: Html,
    message: Html,
    raw: Html,
}

/// A line of the definition.
struct LineView {
    no: usize,
    text: Html,
    refuses: bool,
}

/// What can be done with the whole group.
struct Acts {
    verb: &'static str,
    /// What stands before the events: nothing before a single one.
    all: &'static str,
    events: String,
    players: String,
    /// What is to be typed; empty for few events.
    typed: String,
    typed_to_give_up: String,
}

/// What is shown of a group.
pub(super) async fn html(
    console: &Console,
    operator: &Operator,
    tab: Tab,
    group: &SetAsideGroup,
    now: Timestamp,
) -> Result<Html, Trouble> {
    let definition = console.operations.definition();
    let found = if tab.is_dead() {
        let page = console.dead.dead(Meant::of(tab, group).dead(), None, LOOKED_AT).await?;
        let examples = page.rows.iter().take(SHOWN).map(|one| dead(one, now)).collect();
        Found { examples, ..Found::default() }
    } else {
        let filter = Meant::of(tab, group).quarantine();
        let page = console.quarantine.quarantine(filter, None, LOOKED_AT).await?;
        rejected(&page.rows, group, &definition, now)
    };
    // The page was made now; what comes in the same millisecond is meant, too.
    let until = now.as_ms() + 1;
    Ok(Html::of(&Open {
        tab,
        shown: words::count(found.examples.len() as u64),
        examples: found.examples,
        coded_reason: words::in_address(&group.reason),
        coded_type: words::in_address(&group.event_type),
        definition_lines: found.lines,
        paste: found.paste,
        would_pass: found.would_pass,
        acts: (tab != Tab::GivenUp && operator.proof.covers(Scope::Admin))
            .then(|| acts(tab, group)),
        form_token: &operator.form_token,
        until,
    }))
}

#[derive(Default)]
struct Found {
    examples: Vec<Example>,
    lines: Vec<LineView>,
    paste: Option<Html>,
    would_pass: String,
}

fn acts(tab: Tab, group: &SetAsideGroup) -> Acts {
    let verb = if tab.is_dead() { "retry" } else { "requeue" };
    let typed = |verb| match group.events {
        events if events > TYPED_ABOVE => confirmation(verb, events),
        _ => String::new(),
    };
    Acts {
        verb: if tab.is_dead() { "Retry" } else { "Requeue" },
        all: if group.events == 1 { "" } else { "all " },
        events: words::how_many(group.events, "event", "events"),
        players: words::how_many(group.players, "player", "players"),
        typed: typed(verb),
        typed_to_give_up: typed("give up"),
    }
}

fn rejected(
    entries: &[QuarantineEntry],
    group: &SetAsideGroup,
    definition: &Definition,
    now: Timestamp,
) -> Found {
    let field = entries.first().and_then(|entry| entry.rejected.field.clone());
    let lines = lines::lines(&definition.source, &group.event_type, field.as_deref());
    let line = |line: &lines::Line<'_>| LineView {
        no: line.no,
        text: inert(line.text),
        refuses: line.refuses,
    };
    let is_unknown = group.reason == "unknown_event_type" && !group.event_type.is_empty();
    let raws: Vec<&str> = entries.iter().map(|entry| &*entry.rejected.raw).collect();
    let common = common_fields(definition);
    let common: BTreeSet<&str> = common.iter().map(String::as_str).collect();
    let passing = entries.iter().filter(|entry| would_pass(entry, definition)).count() as u64;
    let looked_at = words::how_many(entries.len() as u64, "event", "events");
    Found {
        examples: entries.iter().take(SHOWN).map(|entry| example(entry, now)).collect(),
        lines: lines.iter().map(line).collect(),
        paste: is_unknown
            .then(|| inert_lines(&snippet::snippet(&group.event_type, &raws, &common))),
        would_pass: format!(
            "Of the first {looked_at}, {} would pass under the definition in force.",
            words::count(passing)
        ),
    }
}

/// The fields that every event has or may have.
fn common_fields(definition: &Definition) -> BTreeSet<String> {
    let declared = definition.events.values().flat_map(|event| &event.common);
    let declared = declared.map(|field| field.name.to_string());
    let own = ["event_type", "user_id", "timestamp", "event_id", "app_version", "platform"];
    declared.chain(own.map(str::to_owned)).collect()
}

/// Whether an entry would be accepted if it was checked again now.
fn would_pass(entry: &QuarantineEntry, definition: &Definition) -> bool {
    let rejected = &entry.rejected;
    let Ok(raw) = serde_json::from_str::<&RawValue>(&rejected.raw) else { return false };
    let mut validator = Validator::new(definition, rejected.received_at, rejected.sent_at, None);
    validator.check_again(rejected.occurrence, raw).is_ok()
}

fn example(entry: &QuarantineEntry, now: Timestamp) -> Example {
    let rejected = &entry.rejected;
    let times = words::how_many(entry.times_seen, "time", "times");
    let received = words::ago_html(rejected.received_at, now);
    let given_up = entry.discarded.as_ref().map_or_else(String::new, |(at, note)| {
        format!(" · given up {}: {}", words::ago_html(*at, now), inert(note))
    });
    Example {
        no: entry.no.0,
        event_id: rejected
            .event_id
            .as_deref()
            .map_or_else(|| Html::of_ours("no id"), |one| id(one, "w36")),
        player: rejected
            .player
            .as_ref()
            .map_or_else(|| Html::of_ours("no player"), |one| id(one.as_str(), "w36")),
        facts: Html::of_ours(format!("came {times} · {received}{given_up}")),
        message: inert(&rejected.message),
        raw: shown(&rejected.raw),
    }
}

fn dead(dead: &DeadEvent, now: Timestamp) -> Example {
    let tried = words::how_many(u64::from(dead.attempts), "time", "times");
    let died = words::ago_html(dead.died_at, now);
    Example {
        no: dead.no.0,
        event_id: id(&dead.event.id.to_string(), "w36"),
        player: id(dead.event.player.as_str(), "w36"),
        facts: Html::of_ours(format!("tried {tried} · last {died}")),
        message: inert(&dead.reason),
        raw: shown(&dead.event.payload),
    }
}

/// The beginning of an event's own text.
fn shown(raw: &str) -> Html {
    let text: String = raw.chars().take(RAW_CHARS_MAX).collect();
    inert_lines(&text)
}
