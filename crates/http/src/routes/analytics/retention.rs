//! `GET /api/v2/analytics/retention`: who came back, by cohort of the first day.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::RETENTION_DAYS_AFTER;
use scoreline_core::analytics::figures::{self, Cohort, RETENTION};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::answer::{About, written};
use super::asked::{AskedDays, days};
use crate::access::{Endpoint, Scope};
use crate::analytics::Analytics;
use crate::csv::{Cell, Table};
use crate::problem::Problem;
use crate::request::query::StrictQuery;

/// Cohorts.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "cohorts": [{
        "day": "2026-11-22", "size": 30,
        "returned": { "1": 12, "3": 0, "7": 0, "14": 0, "30": 0 },
        "complete": { "1": false, "3": false, "7": false, "14": false, "30": false },
    }],
}))]
struct Retention {
    #[serde(flatten)]
    about: About,
    cohorts: Vec<CohortOfDay>,
}

/// The players whose first day of all it was.
#[derive(Serialize, ToSchema)]
struct CohortOfDay {
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    day: String,
    size: i64,
    /// How many of them were active exactly that many days later.
    #[schema(example = json!({ "1": 40, "3": 25, "7": 15, "14": 0, "30": 0 }))]
    returned: BTreeMap<u32, i64>,
    /// Whether that day is over.
    #[schema(example = json!({ "1": true, "3": true, "7": true, "14": false, "30": false }))]
    complete: BTreeMap<u32, bool>,
}

impl From<&Cohort> for CohortOfDay {
    fn from(cohort: &Cohort) -> Self {
        let Cohort { day, size, returned, complete } = cohort.clone();
        Self { day: day.to_string(), size, returned, complete }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// Players by their first day, and how many of them came back 1, 3, 7, 14 and 30 days later.
///
/// CSV with `Accept: text/csv`. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/retention", tag = "Analytics", operation_id = "retention",
    params(AskedDays),
    responses((
        status = 200, description = "The cohorts",
        content((Retention = "application/json"), (String = "text/csv; charset=utf-8")),
    )),
)]
async fn handle(
    State(analytics): State<Arc<Analytics>>,
    StrictQuery(asked): StrictQuery<AskedDays>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let inquiry = analytics.inquire()?;
    let today = inquiry.today();
    let days = days(asked.from, asked.until, today)?;
    let answers = inquiry.counters(figures::retention_queries(days)).await?;
    let found = figures::retention(days, today, &answers);
    let content = Retention {
        about: About::of(&inquiry, RETENTION, days),
        cohorts: found.iter().map(CohortOfDay::from).collect(),
    };
    written(&headers, "retention", &content, || table(&found))
}

/// A cell that is not complete stays empty: a spreadsheet would draw it as a fall.
fn table(cohorts: &[Cohort]) -> Table {
    let names = RETENTION_DAYS_AFTER.map(|after| format!("d{after}"));
    let mut table = Table::new(["day", "size"].into_iter().chain(names.iter().map(|name| &**name)));
    for one in cohorts {
        let returned = one.returned.iter().map(|(after, count)| match one.complete.get(after) {
            Some(true) => Cell::from(*count),
            _ => Cell::Empty,
        });
        let key = [Cell::from(&*one.day.to_string()), Cell::from(one.size)];
        table.row(key.into_iter().chain(returned));
    }
    table
}
