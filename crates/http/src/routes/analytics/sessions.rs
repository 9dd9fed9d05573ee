//! `GET /api/v2/analytics/sessions`: how many sessions, and how long.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::figures::{self, SESSIONS, SessionDay};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::answer::{About, written};
use super::asked::{AskedSplit, Split, days};
use crate::access::{Endpoint, Scope};
use crate::analytics::Analytics;
use crate::csv::{Cell, Table};
use crate::problem::Problem;
use crate::request::query::StrictQuery;

/// Sessions.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "days": [{
        "day": "2026-11-22", "sessions": 300, "players": 120, "per_player": 2.5,
        "length_seconds": { "p50": 330.0, "p90": 1_250.0, "sum": 151_200.25 },
    }],
}))]
struct Sessions {
    #[serde(flatten)]
    about: About,
    /// How many values have fewer and are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    values_left_out: Option<usize>,
    days: Vec<SessionsOfDay>,
}

/// The figures of one day.
#[derive(Serialize, ToSchema)]
struct SessionsOfDay {
    /// The value of `by`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    day: String,
    sessions: i64,
    players: i64,
    /// Null where nobody was active.
    per_player: Option<f64>,
    length_seconds: SessionLengths,
}

/// How long they were, in seconds.
#[derive(Serialize, ToSchema)]
struct SessionLengths {
    /// The length that half of them do not exceed, about; null of none.
    p50: Option<f64>,
    /// The length that nine of ten do not exceed, about; null of none.
    p90: Option<f64>,
    /// All together, exactly.
    sum: f64,
}

impl SessionsOfDay {
    fn of(figures: &SessionDay, split: Option<Split>) -> Self {
        let length = figures.length_seconds;
        Self {
            value: split.map(|_| figures.value.to_string()),
            day: figures.day.to_string(),
            sessions: figures.sessions,
            players: figures.players,
            per_player: figures.per_player,
            length_seconds: SessionLengths { p50: length.p50, p90: length.p90, sum: length.sum },
        }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// Sessions by day: how many, of how many players, how long.
///
/// CSV with `Accept: text/csv`. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/sessions", tag = "Analytics", operation_id = "sessions",
    params(AskedSplit),
    responses((
        status = 200, description = "The figures",
        content((Sessions = "application/json"), (String = "text/csv; charset=utf-8")),
    )),
)]
async fn handle(
    State(analytics): State<Arc<Analytics>>,
    StrictQuery(asked): StrictQuery<AskedSplit>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let inquiry = analytics.inquire()?;
    let days = days(asked.from, asked.until, inquiry.today())?;
    let by = Split::by(asked.by);
    let answers = inquiry.counters(figures::sessions_queries(by, days)).await?;
    let (found, left_out) = figures::sessions(by, days, &answers);
    let content = Sessions {
        about: About::of(&inquiry, SESSIONS, days),
        values_left_out: asked.by.map(|_| left_out),
        days: found.iter().map(|one| SessionsOfDay::of(one, asked.by)).collect(),
    };
    written(&headers, "sessions", &content, || table(&found))
}

fn table(days: &[SessionDay]) -> Table {
    let columns = ["value", "day", "sessions", "players", "per_player", "p50", "p90", "sum"];
    let mut table = Table::new(columns);
    for one in days {
        let length = one.length_seconds;
        table.row([
            Cell::from(&*one.value),
            Cell::from(&*one.day.to_string()),
            one.sessions.into(),
            one.players.into(),
            one.per_player.into(),
            length.p50.into(),
            length.p90.into(),
            Some(length.sum).into(),
        ]);
    }
    table
}
