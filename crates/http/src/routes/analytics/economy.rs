//! `GET /api/v2/analytics/economy`: what players earned and spent of a currency.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::analytics::figures::{self, ECONOMY, EconomyDay};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::answer::{About, written};
use super::asked::{CalendarDay, days};
use crate::access::{Endpoint, Scope};
use crate::analytics::Analytics;
use crate::csv::{Cell, Table};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::Text;
use crate::request::query::StrictQuery;

/// Which currency and which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// A currency of the game, as its events name it.
    #[param(inline)]
    currency: Text,
    /// The first day; 29 days before the last if absent.
    #[param(inline)]
    from: Option<CalendarDay>,
    /// The last day, which belongs to them; today if absent. At most 400 days together.
    #[param(inline)]
    until: Option<CalendarDay>,
}

impl Fields for Asked {}

/// A currency of the game.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "zone": "UTC", "as_of": "2026-11-23T10:00:00.000Z", "definition": "…",
    "complete": true, "from": "2026-11-22", "until": "2026-11-22",
    "currency": "coins",
    "days": [{
        "day": "2026-11-22", "earned": 1200, "spent": 500,
        "by_source": { "level_complete": 1200 }, "by_sink": { "skin": 500 },
    }],
}))]
struct Economy {
    #[serde(flatten)]
    about: About,
    currency: String,
    days: Vec<EconomyOfDay>,
}

/// The figures of one day.
#[derive(Serialize, ToSchema)]
struct EconomyOfDay {
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    day: String,
    earned: i64,
    spent: i64,
    #[schema(example = json!({ "level_complete": 1200 }))]
    by_source: BTreeMap<String, i64>,
    #[schema(example = json!({ "skin": 500 }))]
    by_sink: BTreeMap<String, i64>,
}

impl From<&EconomyDay> for EconomyOfDay {
    fn from(figures: &EconomyDay) -> Self {
        let named = |items: &BTreeMap<Arc<str>, i64>| {
            items.iter().map(|(name, amount)| (name.to_string(), *amount)).collect()
        };
        let EconomyDay { day, earned, spent, by_source, by_sink } = figures;
        let (by_source, by_sink) = (named(by_source), named(by_sink));
        Self { day: day.to_string(), earned: *earned, spent: *spent, by_source, by_sink }
    }
}

/// Operators read analytics; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// What players earned and spent of a currency of the game, by source and by sink.
///
/// CSV with `Accept: text/csv`, a row for each source and sink. In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/v2/analytics/economy", tag = "Analytics", operation_id = "economy",
    params(Asked),
    responses((
        status = 200, description = "The figures",
        content((Economy = "application/json"), (String = "text/csv; charset=utf-8")),
    )),
)]
async fn handle(
    State(analytics): State<Arc<Analytics>>,
    StrictQuery(asked): StrictQuery<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let inquiry = analytics.inquire()?;
    let days = days(asked.from, asked.until, inquiry.today())?;
    let currency: Arc<str> = Arc::from(asked.currency.0);
    let answers = inquiry.counters(figures::economy_queries(&currency, days)).await?;
    let found = figures::economy(days, &answers);
    let content = Economy {
        about: About::of(&inquiry, ECONOMY, days),
        currency: currency.to_string(),
        days: found.iter().map(EconomyOfDay::from).collect(),
    };
    written(&headers, "economy", &content, || table(&found))
}

fn table(days: &[EconomyDay]) -> Table {
    let mut table = Table::new(["day", "direction", "name", "amount"]);
    for one in days {
        for (direction, items) in [("earned", &one.by_source), ("spent", &one.by_sink)] {
            for (name, amount) in items {
                table.row([
                    Cell::from(&*one.day.to_string()),
                    Cell::from(direction),
                    Cell::from(&**name),
                    Cell::from(*amount),
                ]);
            }
        }
    }
    table
}
