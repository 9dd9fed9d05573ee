//! `GET /api/v2/leaderboards`: the boards there are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::operations::Operations;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::openapi::Moment;

/// The boards of the definition.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "leaderboards": [{
        "board": "global", "title": "Global", "period": null, "resets_at": null, "complete": true, "outdated": false,
    }],
}))]
struct BoardList {
    success: bool,
    leaderboards: Vec<BoardInfo>,
}

/// A board.
#[derive(Serialize, ToSchema)]
struct BoardInfo {
    /// Its name in addresses.
    board: String,
    /// What players see.
    title: String,
    /// When the running period began; null for a board that never resets.
    #[schema(value_type = Option<Moment>)]
    period: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    resets_at: Option<Timestamp>,
    /// Whether it holds all of history; a rebuild fills it.
    complete: bool,
    /// Whether answers still show what the board was before its meaning changed.
    outdated: bool,
}

/// Anybody may read boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// The boards there are.
#[utoipa::path(
    get, path = "/api/v2/leaderboards", tag = "Leaderboards", operation_id = "leaderboards",
    responses((status = 200, description = "The boards", body = BoardList)),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    State(clock): State<Arc<dyn Clock>>,
) -> Json<BoardList> {
    let plan = operations.plan();
    let now = clock.now();
    let boards = plan.definition.boards.values().map(|board| {
        let projection = plan.projection(ProjectionKind::Board, &board.name);
        let reset = board.reset.as_ref().map(|reset| reset.period_at(now));
        BoardInfo {
            board: board.name.to_string(),
            title: board.title.clone(),
            period: reset.map(|period| period.start),
            resets_at: reset.map(|period| period.end),
            complete: projection.is_some_and(|projection| projection.complete),
            outdated: projection.is_some_and(|projection| projection.pending),
        }
    });
    Json(BoardList { success: true, leaderboards: boards.collect() })
}
