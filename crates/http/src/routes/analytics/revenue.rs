//! `GET /api/v2/analytics/revenue`: what players paid.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::figures::{self, REVENUE, RevenueDay};
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

/// Revenue.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "currency": "USD",
    "days": [{
        "day": "2026-11-22", "revenue": 24.95, "payers": 4, "purchases": 5, "arpdau": 0.208,
        "arppu": 6.2375, "first_purchases": 2,
    }],
}))]
struct Revenue {
    #[serde(flatten)]
    about: About,
    /// The currency that the game definition names; null if it names no purchases.
    currency: Option<String>,
    /// How many values have fewer and are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    values_left_out: Option<usize>,
    days: Vec<RevenueOfDay>,
}

/// The figures of one day.
#[derive(Serialize, ToSchema)]
struct RevenueOfDay {
    /// The value of `by`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    day: String,
    revenue: f64,
    payers: i64,
    purchases: i64,
    /// Null where nobody was active.
    arpdau: Option<f64>,
    /// Null where nobody paid.
    arppu: Option<f64>,
    first_purchases: i64,
}

impl RevenueOfDay {
    fn of(figures: &RevenueDay, split: Option<Split>) -> Self {
        Self {
            value: split.map(|_| figures.value.to_string()),
            day: figures.day.to_string(),
            revenue: figures.revenue,
            payers: figures.payers,
            purchases: figures.purchases,
            arpdau: figures.arpdau,
            arppu: figures.arppu,
            first_purchases: figures.first_purchases,
        }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// What players paid, and how many of them.
///
/// CSV with `Accept: text/csv`. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/revenue", tag = "Analytics", operation_id = "revenue",
    params(AskedSplit),
    responses((
        status = 200, description = "The figures",
        content((Revenue = "application/json"), (String = "text/csv; charset=utf-8")),
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
    let answers = inquiry.counters(figures::revenue_queries(by, days)).await?;
    let purchases = inquiry.meaning.revenue.as_ref();
    let scale = purchases.map_or(1, |purchases| purchases.scale);
    let (found, left_out) = figures::revenue(by, days, scale, &answers);
    let content = Revenue {
        about: About::of(&inquiry, REVENUE, days),
        currency: purchases.map(|purchases| purchases.currency.clone()),
        values_left_out: asked.by.map(|_| left_out),
        days: found.iter().map(|one| RevenueOfDay::of(one, asked.by)).collect(),
    };
    written(&headers, "revenue", &content, || table(&found))
}

fn table(days: &[RevenueDay]) -> Table {
    let mut table = Table::new([
        "value",
        "day",
        "revenue",
        "payers",
        "purchases",
        "arpdau",
        "arppu",
        "first_purchases",
    ]);
    for one in days {
        table.row([
            Cell::from(&*one.value),
            Cell::from(&*one.day.to_string()),
            Some(one.revenue).into(),
            one.payers.into(),
            one.purchases.into(),
            one.arpdau.into(),
            one.arppu.into(),
            one.first_purchases.into(),
        ]);
    }
    table
}
