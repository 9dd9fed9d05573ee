//! `/api/admin/compare-boards`: is what this node shows what the database holds?

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use scoreline_core::rank::{Comparison, Difference, Row};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, bounded};
use crate::openapi::{Guarded, Limited, Moment, Parameters};
use crate::problem::Problem;

/// Differences that are listed of a board when the client names no limit.
const LIST_DEFAULT: usize = 20;
/// Differences that are listed of a board at most.
const LIST_MAX: usize = 1_000;

/// What comparing the boards in memory with the database found.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoardComparisons {
    success: bool,
    /// Rows that differ, of all boards.
    differing: u64,
    boards: Vec<BoardComparison>,
}

/// A board in memory beside the one in the database.
#[derive(Serialize, ToSchema)]
struct BoardComparison {
    /// Where its rows lie in the database.
    slot: i64,
    /// The start of the period.
    #[schema(value_type = Moment)]
    period: Timestamp,
    /// Players who were compared.
    compared: u64,
    /// Rows that differ. Such a board was loaded anew.
    differing: u64,
    /// The first of them.
    differences: Vec<RowDifference>,
}

/// A player whose row differs.
#[derive(Serialize, ToSchema)]
struct RowDifference {
    user_id: String,
    /// As the database has it; null if there is none.
    stored: Option<ComparedRow>,
    /// As this node had it in memory; null if there was none.
    held: Option<ComparedRow>,
}

/// A row in the terms of the database.
#[derive(Serialize, ToSchema)]
struct ComparedRow {
    /// The score, turned so that more is better.
    points: i64,
    #[schema(value_type = Moment)]
    reached_at: Timestamp,
    attempts: i64,
    #[schema(value_type = Moment)]
    last_at: Timestamp,
    sums: Vec<i64>,
    nickname: Option<String>,
}

impl From<&Row> for ComparedRow {
    fn from(Row { entry, nickname }: &Row) -> Self {
        Self {
            points: entry.standing.points,
            reached_at: entry.standing.reached_at,
            attempts: entry.attempts,
            last_at: entry.last_at,
            sums: entry.sums.to_vec(),
            nickname: nickname.clone(),
        }
    }
}

impl From<&Difference> for RowDifference {
    fn from(Difference { player, stored, held }: &Difference) -> Self {
        let (stored, held) = (stored.as_ref().map(Into::into), held.as_ref().map(Into::into));
        Self { user_id: player.to_string(), stored, held }
    }
}

impl From<Comparison> for BoardComparison {
    fn from(found: Comparison) -> Self {
        Self {
            slot: found.board.slot.0,
            period: found.board.period,
            compared: found.compared,
            differing: found.differing,
            differences: found.listed.iter().map(Into::into).collect(),
        }
    }
}

/// Compares the boards in the memory of this node with the database, row by row, and loads those anew
/// that differ. It takes seconds for a million players.
#[utoipa::path(
    post, path = "/api/admin/compare-boards", tag = "Operations", operation_id = "compareBoards",
    params(("list" = Option<u32>, Query, description = "Differences to list of each board, 20 by default", minimum = 0, maximum = 1000)),
    responses(
        (status = 200, description = "What was found", body = BoardComparisons),
        Parameters, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn handle(
    State(app): State<App>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Json<BoardComparisons>, Problem> {
    let list = parameters.get("list").map(String::as_str);
    let list = bounded("list", list, LIST_DEFAULT, 0, LIST_MAX)?;
    let boards = app.operations.compare_boards(list).await?;
    let differing = boards.iter().map(|board| board.differing).sum();
    let boards = boards.into_iter().map(Into::into).collect();
    Ok(Json(BoardComparisons { success: true, differing, boards }))
}
