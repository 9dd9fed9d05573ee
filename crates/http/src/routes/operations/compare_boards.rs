//! `POST /api/admin/compare-boards`: is what this node shows what the database holds?

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::Plan;
use scoreline_core::operations::Operations;
use scoreline_core::rank::{Comparison, Difference, Row};
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::Whole;
use crate::request::query::StrictQuery;

/// Differences that are listed of each board.
type ListedDifferences = Whole<0, 1_000, 20>;

/// How much to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Differences to list of each board.
    #[serde(default)]
    #[param(inline)]
    list: ListedDifferences,
}

impl Fields for Asked {}

/// A board without resets has one period, which begins here; where nobody has played in a former period, there
/// is an empty one before it.
const NO_START: Timestamp = Timestamp::from_stored_ms(0);

/// What comparing the boards in memory with the database found.
#[derive(Serialize, ToSchema)]
struct BoardComparisons {
    success: bool,
    /// Rows that differ, of all boards.
    differing: u64,
    boards: Vec<BoardComparison>,
}

/// A board in memory beside the one in the database.
#[derive(Serialize, ToSchema)]
struct BoardComparison {
    /// Which board or tournament; null if it was let go of meanwhile.
    board: Option<String>,
    /// Where its rows lie in the database.
    slot: i64,
    /// The start of the period; null where a board has one without a start.
    #[schema(value_type = Option<Moment>)]
    period: Option<Timestamp>,
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

impl BoardComparison {
    fn of(found: &Comparison, plan: &Plan) -> Self {
        let slot = found.board.slot;
        let projection = plan.projections.iter().find(|projection| projection.slot == slot);
        Self {
            board: projection.map(|projection| projection.title().into_owned()),
            slot: found.board.slot.0,
            period: Some(found.board.period).filter(|period| *period > NO_START),
            compared: found.compared,
            differing: found.differing,
            differences: found.listed.iter().map(Into::into).collect(),
        }
    }
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Compares the boards in the memory of this node with the database, row by row, and loads those anew
/// that differ. It takes seconds for a million players.
#[utoipa::path(
    post, path = "/api/admin/compare-boards", tag = "Operations", operation_id = "compareBoards",
    params(Asked),
    responses((status = 200, description = "What was found", body = BoardComparisons)),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<BoardComparisons>, Problem> {
    let boards = operations.compare_boards(asked.list.0).await?;
    let differing = boards.iter().map(|board| board.differing).sum();
    let plan = operations.plan();
    let boards = boards.iter().map(|found| BoardComparison::of(found, &plan)).collect();
    Ok(Json(BoardComparisons { success: true, differing, boards }))
}
