//! What a player sent and what came of it, day by day, the newest first.

use scoreline_core::id::PlayerId;
use scoreline_core::store::{
    DeadEvent, DeadFilter, EventFilter, QuarantineEntry, QuarantineFilter, StoredEvent, Text,
};
use scoreline_core::time::Timestamp;
use serde::Deserialize;

use crate::console::Console;
use crate::events::{self, in_short};
use crate::html::{Html, icon, id, inert, inert_lines};
use crate::trouble::Trouble;
use crate::words;

/// Events of each fate that are shown.
const EVENTS_MAX: usize = 50;
/// The length of a day.
const DAY_MS: i64 = 86_400_000;

/// What is shown of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Everything.
    #[default]
    All,
    /// What counts.
    Applied,
    /// What does not.
    Refused,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::All, Self::Applied, Self::Refused];

    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Applied => "applied",
            Self::Refused => "refused",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Applied => "Applied",
            Self::Refused => "Refused",
        }
    }
}

/// The events of one day.
pub(super) struct Day {
    pub title: String,
    pub lines: Vec<Line>,
}

/// One event.
pub(super) struct Line {
    at: Timestamp,
    pub clock: Html,
    pub sign: Html,
    pub title: Html,
    pub about: Html,
    pub raw: Html,
    /// Where an operator decides whether it counts, and in words.
    pub act: Option<(String, &'static str)>,
}

/// The days of a player's last events.
pub(super) async fn days(
    console: &Console,
    player: &PlayerId,
    kind: Kind,
    now: Timestamp,
) -> Result<Vec<Day>, Trouble> {
    let mut lines = Vec::new();
    let of = || EventFilter { player: Some(player.clone()), ..EventFilter::default() };
    if kind != Kind::Refused {
        let found = console.applied.recent(of(), EVENTS_MAX, Text::Beginning).await?;
        lines.extend(found.iter().map(|event| applied(event, console)));
    }
    if kind != Kind::Applied {
        let filter =
            QuarantineFilter { player: Some(player.clone()), ..QuarantineFilter::default() };
        let found =
            console.quarantine.list_quarantined(filter, None, EVENTS_MAX, Text::Beginning).await?;
        lines.extend(found.rows.iter().map(rejected));
        let filter = DeadFilter { event: of(), ..DeadFilter::default() };
        let found = console.dead.list_dead(filter, None, EVENTS_MAX, Text::Beginning).await?;
        lines.extend(found.rows.iter().map(dead));
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    let mut days: Vec<Day> = Vec::new();
    let mut last = None;
    for line in lines {
        let day = line.at.floor_to(DAY_MS);
        if last != Some(day) {
            last = Some(day);
            let today = if day == now.floor_to(DAY_MS) { "Today, " } else { "" };
            days.push(Day { title: format!("{today}{}", words::day(day)), lines: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.lines.push(line);
        }
    }
    Ok(days)
}

fn line(at: Timestamp, sign: &str, title: Html, about: Html, raw: &str) -> Line {
    let clock = words::clock_html(at);
    let raw = inert_lines(&events::beginning(raw));
    Line { at, clock, sign: icon(sign), title, about, raw, act: None }
}

fn applied(stored: &StoredEvent, console: &Console) -> Line {
    let event = &stored.event;
    let definition = console.operations.definition();
    let short = in_short(&definition, &event.event_type, &event.payload);
    let after = stored.applied_at.ms_since(event.received_at).max(0) as f64 / 1_000.0;
    let about = Html::of_ours(format!(
        "{} · applied {} after receipt",
        inert(&short),
        words::seconds(after)
    ));
    let (name, player) = (id(&event.event_type, "w36"), words::in_address(event.player.as_str()));
    let is_voided = stored.voids.are_in_force();
    let (sign, title, act, words) = if is_voided {
        let title = Html::of_ours(format!("{name} was voided and does not count"));
        ("void", title, "unvoid", "Let it count again")
    } else {
        ("ok", name, "void", "Void it")
    };
    let path = format!("/console/voiding?act={act}&player={player}&event={}", event.id);
    Line { act: Some((path, words)), ..line(event.received_at, sign, title, about, &event.payload) }
}

fn rejected(entry: &QuarantineEntry) -> Line {
    let rejected = &entry.rejected;
    let event_type = rejected.event_type.as_deref().unwrap_or("an event without a type");
    let title = Html::of_ours(format!("{} was rejected", id(event_type, "w36")));
    let about = Html::of_ours(format!("{} · {}", rejected.code.as_str(), inert(&rejected.message)));
    line(rejected.received_at, "x", title, about, &rejected.raw)
}

fn dead(dead: &DeadEvent) -> Line {
    let title =
        Html::of_ours(format!("{} could not be applied", id(&dead.event.event_type, "w36")));
    line(dead.event.received_at, "skull", title, inert(&dead.reason), &dead.event.payload)
}
