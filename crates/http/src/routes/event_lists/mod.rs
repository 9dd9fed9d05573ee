//! Lists of events for operators, and what they may do with them; here, what the lists share: which
//! events are meant, and which page.

pub(super) mod dead;
pub(super) mod quarantine;
pub(super) mod recent;

use std::collections::HashMap;

use axum::extract::Query;
use scoreline_core::limits::{ERROR_TEXT_CHARS_MAX, OPERATOR_PAGE_MAX};
use scoreline_core::store::{DeadFilter, EventFilter, QuarantineFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::{bounded, player_id, time};
use crate::problem::Problem;

/// Rows of an operator's page when no limit is named.
const PAGE_DEFAULT: usize = 100;

/// What events to list, as parameters or in a body. What is absent excludes nothing.
#[derive(Deserialize, Default, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[schema(as = EventFilter)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    event_type: Option<String>,
    user_id: Option<String>,
    /// Not before this time: the event's own, and in quarantine that of its receipt.
    from: Option<String>,
    /// Before this time, likewise.
    until: Option<String>,
    /// Why events are dead; for quarantine the same as `code`.
    reason: Option<String>,
    /// What is wrong with quarantined events: a code of docs/api.md.
    code: Option<String>,
    /// Those that were given up instead of those that wait.
    #[serde(default)]
    discarded: bool,
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters whose faults are told one by one")]
struct PageParameters {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Filter {
    fn of_parameters(parameters: &HashMap<String, String>) -> Self {
        let get = |name: &str| parameters.get(name).cloned();
        Self {
            event_type: get("event_type"),
            user_id: get("user_id"),
            from: get("from"),
            until: get("until"),
            reason: get("reason"),
            code: get("code"),
            discarded: parameters.get("discarded").is_some_and(|text| text == "true"),
        }
    }

    fn event(&self) -> Result<EventFilter, Problem> {
        Ok(EventFilter {
            event_type: self.event_type.clone(),
            player: self.user_id.as_deref().map(|user| player_id("user_id", user)).transpose()?,
            from: time("from", self.from.as_deref())?,
            until: time("until", self.until.as_deref())?,
        })
    }

    fn dead(&self) -> Result<DeadFilter, Problem> {
        Ok(DeadFilter {
            event: self.event()?,
            reason: self.reason.clone(),
            discarded: self.discarded,
        })
    }

    fn quarantine(&self) -> Result<QuarantineFilter, Problem> {
        let EventFilter { event_type, player, from, until } = self.event()?;
        let code = self.code.clone().or_else(|| self.reason.clone());
        Ok(QuarantineFilter { event_type, code, player, from, until, discarded: self.discarded })
    }
}

type Parameters = Query<HashMap<String, String>>;

fn page_limit(parameters: &HashMap<String, String>) -> Result<usize, Problem> {
    let limit = parameters.get("limit").map(String::as_str);
    bounded("limit", limit, PAGE_DEFAULT, 1, OPERATOR_PAGE_MAX)
}

/// The beginning of an event's own text. It stays text: numbers of any size and keys that stand
/// twice would not survive being parsed.
fn as_sent(raw: &str) -> String {
    raw.chars().take(ERROR_TEXT_CHARS_MAX).collect()
}

fn not_a_cursor() -> Problem {
    Problem::field("cursor", "must be the next_cursor of the page before")
}

/// Events to do something with.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventSelection, example = json!({
    "filter": { "event_type": "game_ended", "code": "out_of_range" }, "note": "a test device",
}))]
pub(crate) struct Selection {
    /// At most so many; only retry-failed looks at it.
    #[schema(value_type = Option<u64>, minimum = 1, default = 1000)]
    limit: Option<Value>,
    #[serde(default)]
    filter: Filter,
    /// Why events are given up; discarding needs it.
    #[schema(max_length = 500)]
    note: Option<String>,
}

fn note(selection: &Selection) -> Result<String, Problem> {
    let note = selection.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    match note {
        Some(note) if note.chars().count() <= ERROR_TEXT_CHARS_MAX && !note.contains('\0') => {
            Ok(note.to_owned())
        }
        Some(_) => Err(Problem::field(
            "note",
            format!("must have at most {ERROR_TEXT_CHARS_MAX} characters and no NUL"),
        )),
        None => Err(Problem::field("note", "must say why the events are given up")),
    }
}

/// How many events were given up.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiscardedEvents {
    success: bool,
    discarded: u64,
}
