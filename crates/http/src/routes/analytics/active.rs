//! `GET /api/v2/analytics/active`: active players by day, week and month.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::figures::{self, ACTIVE, ActiveDay};
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

/// Active players.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "days": [{
        "day": "2026-11-22", "dau": 120, "wau": 480, "mau": 900, "new": 30, "returning": 90,
        "stickiness": 0.133,
    }],
}))]
struct Active {
    #[serde(flatten)]
    about: About,
    /// How many values have fewer and are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    values_left_out: Option<usize>,
    days: Vec<ActiveOnDay>,
}

/// The figures of one day.
#[derive(Serialize, ToSchema)]
struct ActiveOnDay {
    /// The value of `by`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    day: String,
    dau: i64,
    wau: i64,
    mau: i64,
    new: i64,
    returning: i64,
    /// Null where nobody was active in the month.
    stickiness: Option<f64>,
}

impl ActiveOnDay {
    fn of(figures: &ActiveDay, split: Option<Split>) -> Self {
        Self {
            value: split.map(|_| figures.value.to_string()),
            day: figures.day.to_string(),
            dau: figures.dau,
            wau: figures.wau,
            mau: figures.mau,
            new: figures.new,
            returning: figures.returning,
            stickiness: figures.stickiness,
        }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// Players active by day, week and month, exactly.
///
/// CSV with `Accept: text/csv`. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/active", tag = "Analytics", operation_id = "activePlayers",
    params(AskedSplit),
    responses((
        status = 200, description = "The figures",
        content((Active = "application/json"), (String = "text/csv; charset=utf-8")),
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
    let answers = inquiry.counters(figures::active_queries(by, days)).await?;
    let (found, left_out) = figures::active(by, days, &answers);
    let content = Active {
        about: About::of(&inquiry, ACTIVE, days),
        values_left_out: asked.by.map(|_| left_out),
        days: found.iter().map(|one| ActiveOnDay::of(one, asked.by)).collect(),
    };
    written(&headers, "active", &content, || table(&found))
}

fn table(days: &[ActiveDay]) -> Table {
    let columns = ["value", "day", "dau", "wau", "mau", "new", "returning", "stickiness"];
    let mut table = Table::new(columns);
    for one in days {
        let counts = [one.dau, one.wau, one.mau, one.new, one.returning].map(Cell::from);
        let key = [Cell::from(&*one.value), Cell::from(&*one.day.to_string())];
        table.row(key.into_iter().chain(counts).chain([one.stickiness.into()]));
    }
    table
}
