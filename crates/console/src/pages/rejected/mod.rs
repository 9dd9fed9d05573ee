//! `/console/rejected`: events that could not count, in groups by reason and type, with what refuses them
//! and what helps.

mod acts;
mod lines;
mod open;
mod snippet;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use scoreline_core::limits::SET_ASIDE_GROUPED_MAX;
use scoreline_core::store::{DeadFilter, EventFilter, QuarantineFilter, SetAsideGroup};
use serde::Deserialize;

pub(crate) use self::acts::{discard, replay};
use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Groups that are listed.
const GROUPS_MAX: usize = 100;

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tab {
    /// Those that the definition does not allow.
    #[default]
    Rejected,
    /// Those that could not be applied.
    Dead,
    /// Rejected ones that were given up.
    GivenUp,
}

impl Tab {
    fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Dead => "dead",
            Self::GivenUp => "given_up",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Rejected => "Rejected",
            Self::Dead => "Dead",
            Self::GivenUp => "Given up",
        }
    }

    /// Where what is done is posted to: each store has its own acts in the log.
    fn acts(self) -> &'static str {
        if self.is_dead() { "dead" } else { "rejected" }
    }

    fn is_dead(self) -> bool {
        self == Self::Dead
    }
}

/// What the address says of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tab: Tab,
    /// The group that is open: its reason and its type.
    reason: Option<String>,
    r#type: Option<String>,
    /// What an act did that led here.
    done: Option<Done>,
    tried: Option<u64>,
    counted: Option<u64>,
}

/// What was done.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Replayed,
    GivenUp,
}

/// Events that are meant by an act: those of a group, or one of them.
#[derive(Debug, Clone)]
struct Meant {
    tab: Tab,
    reason: String,
    event_type: String,
}

impl Meant {
    fn of(tab: Tab, group: &SetAsideGroup) -> Self {
        Self { tab, reason: group.reason.clone(), event_type: group.event_type.clone() }
    }

    fn quarantine(&self) -> QuarantineFilter {
        QuarantineFilter {
            event_type: Some(self.event_type.clone()),
            code: Some(self.reason.clone()),
            discarded: self.tab == Tab::GivenUp,
            ..QuarantineFilter::default()
        }
    }

    fn dead(&self) -> DeadFilter {
        let event_type = Some(self.event_type.clone());
        DeadFilter {
            event: EventFilter { event_type, ..EventFilter::default() },
            reason: Some(self.reason.clone()),
            ..DeadFilter::default()
        }
    }
}

#[derive(Template)]
#[template(path = "rejected.html")]
struct Page {
    frame: Frame,
    tabs: Vec<(&'static str, &'static str, String, bool)>,
    tab: Tab,
    notice: String,
    summary: String,
    is_cut: bool,
    most: String,
    groups: Vec<GroupView>,
}

/// One group.
struct GroupView {
    reason: Html,
    event_type: Html,
    about: &'static str,
    events: String,
    players: String,
    last: Html,
    path: String,
    anchor: usize,
    /// What is shown of it while it is open.
    open: Option<Html>,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Rejected).await;
    let totals = moment.state.totals.unwrap_or_default();
    let groups = groups_of(&console, asked.tab).await?;
    let events: u64 = groups.iter().map(|group| group.events).sum();
    let mut views = Vec::with_capacity(groups.len());
    for (anchor, group) in groups.iter().enumerate() {
        let is_open = asked.reason.as_deref() == Some(&group.reason)
            && asked.r#type.as_deref() == Some(&group.event_type);
        let open = if is_open {
            Some(open::html(&console, &operator, asked.tab, group, moment.now).await?)
        } else {
            None
        };
        views.push(view(asked.tab, group, anchor, open, moment.now));
    }
    let waiting = [
        (Tab::Rejected, Some(totals.quarantined)),
        (Tab::Dead, Some(totals.dead)),
        (Tab::GivenUp, None),
    ];
    let tabs = waiting.map(|(tab, events)| {
        (tab.name(), tab.title(), events.map_or_else(String::new, words::count), tab == asked.tab)
    });
    let groups_in_words = words::how_many(groups.len() as u64, "group", "groups");
    Ok(page(&Page {
        notice: notice(&asked),
        tabs: tabs.into(),
        tab: asked.tab,
        summary: format!("{} in {groups_in_words}", words::how_many(events, "event", "events")),
        is_cut: events >= SET_ASIDE_GROUPED_MAX.unsigned_abs() || groups.len() == GROUPS_MAX,
        most: words::count(SET_ASIDE_GROUPED_MAX.unsigned_abs()),
        groups: views,
        frame,
    }))
}

async fn groups_of(console: &Console, tab: Tab) -> Result<Vec<SetAsideGroup>, Trouble> {
    Ok(match tab {
        Tab::Rejected => console.quarantine.quarantine_groups(false, GROUPS_MAX).await?,
        Tab::GivenUp => console.quarantine.quarantine_groups(true, GROUPS_MAX).await?,
        Tab::Dead => console.dead.dead_groups(GROUPS_MAX).await?,
    })
}

fn view(
    tab: Tab,
    group: &SetAsideGroup,
    anchor: usize,
    open: Option<Html>,
    now: scoreline_core::time::Timestamp,
) -> GroupView {
    let path = match &open {
        Some(_) => format!("/console/rejected?tab={}", tab.name()),
        None => format!(
            "/console/rejected?tab={}&reason={}&type={}#g{anchor}",
            tab.name(),
            words::in_address(&group.reason),
            words::in_address(&group.event_type)
        ),
    };
    GroupView {
        reason: inert(&group.reason),
        event_type: if group.event_type.is_empty() {
            Html::of_ours("<span class=\"muted\">no type</span>")
        } else {
            id(&group.event_type, "w36")
        },
        about: if tab.is_dead() { "" } else { about(&group.reason) },
        events: words::count(group.events),
        players: words::count(group.players),
        last: words::ago_html(group.last_at, now),
        path,
        anchor,
        open,
    }
}

/// What a code means, for people.
fn about(code: &str) -> &'static str {
    match code {
        "unknown_event_type" => "The definition has no such type.",
        "invalid_json" => "The bytes are no JSON.",
        "not_an_object" => "It is JSON, but no object.",
        "duplicate_field" => "The same key stands in it twice.",
        "missing_field" => "A field is missing that its type requires.",
        "wrong_type" => "A value is of another kind than the definition says.",
        "out_of_range" => "A number is smaller or greater than the definition allows.",
        "wrong_length" => "A text or a list is shorter or longer than the definition allows.",
        "not_allowed" => "A value is none of those that the definition allows.",
        "nul_character" => "A text holds the NUL character, which no database stores.",
        "invalid_timestamp" => "A text is no time.",
        "invalid_uuid" => "A text is no UUID.",
        "unknown_field" => "The type has no such field and refuses what it does not know.",
        "implausible" => "It breaks a plausibility rule of the definition.",
        "too_large" => "It is larger, deeper or has more fields than an event may.",
        "too_old" => "It is older than events are kept. No definition changes that.",
        "wrong_player" => "Its sender spoke for another player. No definition changes that.",
        "unidentified_player" => "Its player id identifies nobody.",
        "player_erased" => "Its player was erased: nothing of them is taken in or kept.",
        "conflicting_id" => {
            "Another event of the same player has its id. No definition changes that."
        }
        _ => "",
    }
}

fn notice(asked: &Asked) -> String {
    let tried = asked.tried.unwrap_or_default();
    let counted = asked.counted.unwrap_or_default();
    match asked.done {
        None => String::new(),
        Some(Done::Replayed) => format!(
            "{} tried again: {} count now or did already, {} still wait.",
            words::how_many(tried, "event was", "events were"),
            words::count(counted),
            words::count(tried.saturating_sub(counted))
        ),
        Some(Done::GivenUp) => {
            format!("{} given up.", words::how_many(tried, "event was", "events were"))
        }
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::event::RejectCode;

    use super::*;

    #[test]
    fn every_code_is_explained() {
        for code in RejectCode::ALL {
            assert!(!about(code.as_str()).is_empty(), "{}", code.as_str());
        }
    }
}
