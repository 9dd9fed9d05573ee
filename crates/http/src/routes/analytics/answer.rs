//! What answers about analytics have in common: what they are about, and how they are written.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use scoreline_core::analytics::DayRange;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::analytics::Inquiry;
use crate::csv::Table;
use crate::openapi::Moment;
use crate::problem::Problem;

/// What the figures of an answer are about.
#[derive(Serialize, ToSchema)]
pub(super) struct About {
    success: bool,
    /// The time zone whose calendar days are counted.
    zone: String,
    /// The moment whose figures these are.
    #[schema(value_type = Moment)]
    as_of: Timestamp,
    /// What each figure means.
    definition: &'static str,
    /// Whether all of history is counted. If not, `scoreline rebuild` fills it.
    complete: bool,
    /// The first day.
    #[schema(value_type = String, format = Date, example = "2026-11-01")]
    from: String,
    /// The last day, which belongs to them.
    #[schema(value_type = String, format = Date, example = "2026-11-29")]
    until: String,
}

impl About {
    pub fn of(inquiry: &Inquiry<'_>, definition: &'static str, days: DayRange) -> Self {
        Self {
            success: true,
            zone: inquiry.meaning.zone_name.clone(),
            as_of: inquiry.as_of,
            definition,
            complete: inquiry.is_complete(),
            from: days.from.to_string(),
            until: days.until.to_string(),
        }
    }
}

/// The answer as the client reads it: CSV if it asks for that, otherwise JSON.
pub(super) fn written(
    headers: &HeaderMap,
    name: &str,
    content: &impl Serialize,
    table: impl FnOnce() -> Table,
) -> Result<Response, Problem> {
    if wants_csv(headers) {
        let head = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
            (header::VARY, "accept".to_owned()),
        ];
        return Ok((head, table().finish()).into_response());
    }
    let text = serde_json::to_string(content).map_err(|error| Problem::broken(&error))?;
    let head = [(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept")];
    Ok((head, text).into_response())
}

/// Whether CSV is named before JSON.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let kinds = accept.unwrap_or_default().split(',');
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.find(|kind| matches!(*kind, "text/csv" | "application/json")) == Some("text/csv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_for_those_who_ask_for_it_first() {
        for (accept, csv) in [
            ("text/csv", true),
            ("text/csv;q=0.9, application/json", true),
            ("application/json, text/csv", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("fits"))]);
            assert_eq!(wants_csv(&headers), csv, "{accept}");
        }
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
