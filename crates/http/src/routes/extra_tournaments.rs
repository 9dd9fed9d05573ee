//! `/api/v2/tournaments*` for operators: an extra tournament, calling one off, ending one now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{ExtraTournament, Tournament};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tournaments::{TournamentView, example, view};
use crate::app::App;
use crate::openapi::{Clash, Content, Guarded, Limited, Missing, Moment, Parameters};
use crate::path::Path;
use crate::problem::Problem;

/// A tournament that an operator wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WantedTournament, example = json!({
    "id": "flash-1", "name": "Flash Cup", "board": "global",
    "starts_at": "2026-11-23T10:00:00.000Z", "ends_at": "2026-11-23T12:00:00.000Z",
    "prizes": [{ "first_rank": 1, "last_rank": 3, "coins": 100, "gems": 5 }],
}))]
pub(crate) struct Wanted {
    /// Letters, digits, `_` and `-`.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The board whose measure it uses.
    board: String,
    #[schema(value_type = Moment)]
    starts_at: String,
    /// The first moment that no longer counts.
    #[schema(value_type = Moment)]
    ends_at: String,
    /// What ranks win; an empty list where nothing is to be won.
    #[schema(required, value_type = Vec<Tier>)]
    prizes: Option<serde_json::Value>,
}

/// What the ranks of one range win.
#[derive(ToSchema)]
#[schema(as = PrizeTier)]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
struct Tier {
    /// A rank, or a range such as `"4-10"`; or else `first_rank` and `last_rank`.
    #[schema(required = false, value_type = String, example = "4-10")]
    ranks: String,
    #[schema(minimum = 1, required = false)]
    first_rank: u64,
    #[schema(required = false)]
    last_rank: u64,
    #[schema(minimum = 0, required = false, default = 0)]
    coins: i64,
    #[schema(minimum = 0, required = false, default = 0)]
    gems: i64,
}

/// A tournament after it was made or changed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "tournament": example() }))]
pub(crate) struct ChangedTournament {
    success: bool,
    tournament: TournamentView,
}

async fn changed(app: &App, tournament: &Tournament) -> Result<Json<ChangedTournament>, Problem> {
    Ok(Json(ChangedTournament { success: true, tournament: view(app, tournament).await? }))
}

fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    crate::app::time(field, Some(text)).map(|time| time.expect("a text was given"))
}

/// Makes a tournament beside those of the definition.
#[utoipa::path(
    post, path = "/api/v2/tournaments", tag = "Tournaments", operation_id = "createTournament",
    request_body = Wanted,
    responses(
        (status = 201, description = "It is made", body = ChangedTournament),
        Content, Guarded, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn create(
    State(app): State<App>,
    crate::routes::Body(wanted): crate::routes::Body<Wanted>,
) -> Result<Response, Problem> {
    let wanted = ExtraTournament {
        id: wanted.id,
        name: wanted.name,
        board: wanted.board,
        starts_at: moment("starts_at", &wanted.starts_at)?,
        ends_at: moment("ends_at", &wanted.ends_at)?,
        prizes: wanted.prizes,
    };
    let made = app.operations.create_tournament(wanted).await?;
    Ok((StatusCode::CREATED, changed(&app, &made).await?).into_response())
}

/// Calls a tournament off: nobody wins.
#[utoipa::path(
    post, path = "/api/v2/tournaments/{id}/cancel", tag = "Tournaments",
    operation_id = "cancelTournament",
    params(("id" = String, Path, description = "The tournament")),
    responses(
        (status = 200, description = "It is called off", body = ChangedTournament),
        Parameters, Guarded, Missing, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ChangedTournament>, Problem> {
    changed(&app, &app.operations.cancel_tournament(&id).await?).await
}

/// Ends a running tournament now; its prizes are awarded.
#[utoipa::path(
    post, path = "/api/v2/tournaments/{id}/end", tag = "Tournaments",
    operation_id = "endTournament",
    params(("id" = String, Path, description = "The tournament")),
    responses(
        (status = 200, description = "It is over", body = ChangedTournament),
        Parameters, Guarded, Missing, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ChangedTournament>, Problem> {
    changed(&app, &app.operations.end_tournament(&id).await?).await
}
