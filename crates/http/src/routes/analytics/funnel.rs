//! `GET /api/v2/analytics/funnels/{name}`: how far players come through steps.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::figures::{self, FUNNEL, FunnelStep};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::answer::{About, written};
use super::asked::{AskedDays, days};
use crate::access::{Endpoint, Scope};
use crate::analytics::Analytics;
use crate::csv::{Cell, Table};
use crate::openapi::Missing;
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::path::Path;
use crate::request::query::StrictQuery;

/// Which funnel.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FunnelPath {
    /// The name of the funnel in the game definition.
    name: String,
}

impl Fields for FunnelPath {}

/// A funnel.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "funnel": "levels", "title": "Levels",
    "steps": [{
        "step": "1", "number": 1, "players": 30, "share_of_first": 1.0, "share_of_previous": null,
        "median_seconds_from_previous": null,
    }],
}))]
struct FunnelAnswer {
    #[serde(flatten)]
    about: About,
    funnel: String,
    title: String,
    steps: Vec<Reached>,
}

/// One of its steps.
#[derive(Serialize, ToSchema)]
struct Reached {
    /// What it is called.
    step: String,
    /// Its number, from 1.
    number: u32,
    players: i64,
    /// Null where nobody reached the first step.
    share_of_first: Option<f64>,
    /// Null of the first step, and where nobody reached the one before.
    share_of_previous: Option<f64>,
    /// Null of the first step, and where nobody reached this one.
    median_seconds_from_previous: Option<f64>,
}

impl From<&FunnelStep> for Reached {
    fn from(step: &FunnelStep) -> Self {
        Self {
            step: step.title.clone(),
            number: step.number,
            players: step.players,
            share_of_first: step.share_of_first,
            share_of_previous: step.share_of_previous,
            median_seconds_from_previous: step.median_seconds_from_previous,
        }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// How far players came through the steps of a funnel, of those who began it within these days.
///
/// CSV with `Accept: text/csv`. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/funnels/{name}", tag = "Analytics", operation_id = "funnel",
    params(FunnelPath, AskedDays),
    responses((
        status = 200, description = "The steps",
        content((FunnelAnswer = "application/json"), (String = "text/csv; charset=utf-8")),
    ), Missing),
)]
async fn handle(
    State(analytics): State<Arc<Analytics>>,
    Path(path): Path<FunnelPath>,
    StrictQuery(asked): StrictQuery<AskedDays>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let inquiry = analytics.inquire()?;
    let days = days(asked.from, asked.until, inquiry.today())?;
    let meaning = Arc::clone(&inquiry.meaning);
    let funnel = meaning.funnels.iter().find(|one| *one.name == *path.name);
    let funnel = funnel.ok_or_else(|| {
        Problem::new(Slug::NotFound, "the game definition has no funnel of this name")
    })?;
    let answers = inquiry.counters(figures::funnel_queries(&funnel.name, days)).await?;
    let found = figures::funnel(funnel, &answers);
    let content = FunnelAnswer {
        about: About::of(&inquiry, FUNNEL, days),
        funnel: funnel.name.to_string(),
        title: funnel.title.clone(),
        steps: found.iter().map(Reached::from).collect(),
    };
    written(&headers, "funnel", &content, || table(&found))
}

fn table(steps: &[FunnelStep]) -> Table {
    let mut table = Table::new([
        "number",
        "step",
        "players",
        "share_of_first",
        "share_of_previous",
        "median_seconds_from_previous",
    ]);
    for one in steps {
        table.row([
            i64::from(one.number).into(),
            Cell::from(&*one.title),
            one.players.into(),
            one.share_of_first.into(),
            one.share_of_previous.into(),
            one.median_seconds_from_previous.into(),
        ]);
    }
    table
}
