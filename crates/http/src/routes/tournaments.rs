//! `/api/v2/tournaments*`: what runs, who leads, what is won.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use scoreline_core::game::{Board, PrizeTier};
use scoreline_core::id::BoardKey;
use scoreline_core::limits::{BOARD_PAGE_DEFAULT, BOARD_PAGE_MAX, OPERATOR_PAGE_MAX};
use scoreline_core::operations::ExtraTournament;
use scoreline_core::prize::prize_for;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Tournament, TournamentStatus};
use serde::Deserialize;
use serde_json::{Value, json};

use super::leaderboards::{CACHE_SECONDS, cached};
use crate::app::{App, bounded, player_id};
use crate::auth;
use crate::board::{Row, page, row};
use crate::path::Path;
use crate::problem::Problem;

type Parameters = Query<HashMap<String, String>>;

fn prizes(tiers: &[PrizeTier]) -> Vec<Value> {
    tiers
        .iter()
        .map(|tier| {
            let mut prize =
                json!({ "coins": tier.coins, "gems": tier.gems, "label": tier.label() });
            if tier.first_rank == tier.last_rank {
                prize["rank"] = tier.first_rank.into();
            } else {
                prize["ranks"] = (tier.first_rank..=tier.last_rank).collect::<Vec<_>>().into();
            }
            prize
        })
        .collect()
}

async fn participants(app: &App, tournament: &Tournament) -> Result<u64, Problem> {
    match tournament.participants {
        Some(participants) => Ok(participants),
        None => Ok(app.ranks.len(key(tournament)).await?),
    }
}

fn key(tournament: &Tournament) -> BoardKey {
    BoardKey { slot: tournament.slot, period: Timestamp::EPOCH }
}

async fn as_json(app: &App, tournament: &Tournament) -> Result<Value, Problem> {
    let now = app.clock.now();
    Ok(json!({
        "tournament_id": &*tournament.id,
        "name": tournament.name,
        "status": tournament.status_at(now),
        "board": &*tournament.board,
        "start_date": tournament.starts_at,
        "end_date": tournament.ends_at,
        "seconds_remaining": tournament.ends_at.ms_since(now).max(0) / 1_000,
        "participants": participants(app, tournament).await?,
        "prizes": prizes(&tournament.prizes),
    }))
}

/// `GET /api/v2/tournaments/current`
pub(crate) async fn current(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    let now = app.clock.now();
    let open = app.store.open_tournaments().await?;
    let active = open.iter().filter(|one| one.status_at(now) == TournamentStatus::Active);
    // One that an operator made comes before the series: it is what players are invited to now.
    let chosen = active.min_by_key(|one| (one.series.is_some(), one.ends_at));
    Ok(Json(match chosen {
        Some(tournament) => {
            json!({ "success": true, "tournament": as_json(&app, tournament).await? })
        }
        None => json!({ "success": true, "tournament": null, "message": "No active tournament" }),
    }))
}

/// `GET /api/v2/tournaments?status=`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Problem> {
    let get = |name: &str| parameters.get(name).map(String::as_str);
    let limit = bounded("limit", get("limit"), 100, 1, OPERATOR_PAGE_MAX)?;
    let offset = bounded("offset", get("offset"), 0, 0, usize::MAX)?;
    let status = match get("status") {
        None => None,
        Some(text) => {
            let found = TournamentStatus::ALL.into_iter().find(|status| status.as_str() == text);
            let all = TournamentStatus::ALL.map(TournamentStatus::as_str).join(", ");
            let reason = format!("must be one of {all}, but is {text:?}");
            Some(found.ok_or_else(|| Problem::field("status", reason))?)
        }
    };
    let now = app.clock.now();
    let mut tournaments = Vec::new();
    for tournament in page_of(&app, status, now, offset, limit).await? {
        tournaments.push(as_json(&app, &tournament).await?);
    }
    Ok(Json(json!({ "success": true, "count": tournaments.len(), "tournaments": tournaments })))
}

/// A page of the tournaments of a status, the latest start first. What status one has is a matter of
/// the time, so they are looked through here; there are few of them.
async fn page_of(
    app: &App,
    status: Option<TournamentStatus>,
    now: Timestamp,
    offset: usize,
    limit: usize,
) -> Result<Vec<Tournament>, Problem> {
    let Some(status) = status else { return Ok(app.store.tournaments(offset, limit).await?) };
    let wanted = offset.saturating_add(limit);
    let (mut found, mut seen) = (Vec::new(), 0);
    while found.len() < wanted {
        let some = app.store.tournaments(seen, OPERATOR_PAGE_MAX).await?;
        seen += some.len();
        let is_last = some.len() < OPERATOR_PAGE_MAX;
        found.extend(some.into_iter().filter(|one| one.status_at(now) == status));
        if is_last {
            break;
        }
    }
    Ok(found.into_iter().skip(offset).take(limit).collect())
}

fn row_json(row: &Row, tiers: &[PrizeTier]) -> Value {
    json!({
        "rank": row.rank,
        "user_id": row.player.as_str(),
        "nickname": row.nickname,
        "best_score": row.score,
        "total_attempts": row.entry.attempts,
        "last_attempt": row.entry.last_at,
        "prize_tier": prize_for(tiers, row.rank).map(PrizeTier::line),
    })
}

/// `GET /api/v2/tournaments/{id}/leaderboard`
pub(crate) async fn leaderboard(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.get("limit").map(String::as_str);
    let limit = bounded("limit", limit, BOARD_PAGE_DEFAULT, 1, BOARD_PAGE_MAX)?;
    let user = parameters.get("user_id").map(|user| player_id("user_id", user)).transpose()?;
    let tournament = app.store.tournament(Arc::from(&*id)).await?;
    let board = find_board(&app, tournament.as_ref());
    let (mut rows, mut total, mut own) = (Vec::new(), 0, None);
    if let (Some(tournament), Some(board)) = (&tournament, &board) {
        let page = page(&app, board, key(tournament), 0, limit).await?;
        rows = page.rows.iter().map(|row| row_json(row, &tournament.prizes)).collect();
        total = page.total;
        if let Some(user) = &user {
            let found = row(&app, board, key(tournament), user).await?;
            own = found.map(|row| row_json(&row, &tournament.prizes));
        }
    }
    let user_rank = user.is_some().then(|| match own {
        Some(mut own) => {
            own["participated"] = true.into();
            own
        }
        None => json!({
            "rank": null,
            "participated": false,
            "message": "User has not participated in this tournament",
        }),
    });
    let content = json!({
        "success": true,
        "tournament_id": id,
        "leaderboard": rows,
        "user_rank": user_rank,
        "total_participants": total,
        "last_updated": app.clock.now().floor_to(1_000),
        "cache_ttl_seconds": CACHE_SECONDS,
    });
    Ok(cached(&headers, &content))
}

fn find_board(app: &App, tournament: Option<&Tournament>) -> Option<Board> {
    app.definition().boards.get(&tournament?.board).cloned()
}

/// `GET /api/v2/tournaments/{id}/prizes`
pub(crate) async fn prize_list(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let tournament = app.store.tournament(Arc::from(&*id)).await?;
    let tiers = tournament.map(|tournament| tournament.prizes).unwrap_or_default();
    Ok(Json(json!({ "success": true, "tournament_id": id, "prizes": prizes(&tiers) })))
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    id: String,
    name: String,
    board: String,
    starts_at: String,
    ends_at: String,
    #[serde(default)]
    prizes: Vec<PrizeTier>,
}

fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    crate::app::time(field, Some(text)).map(|time| time.expect("a text was given"))
}

/// `POST /api/v2/tournaments`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    _: auth::Operator,
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
    let answer = json!({ "success": true, "tournament": as_json(&app, &made).await? });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `POST /api/v2/tournaments/{id}/cancel`
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let changed = app.operations.cancel_tournament(&id).await?;
    Ok(Json(json!({ "success": true, "tournament": as_json(&app, &changed).await? })))
}

/// `POST /api/v2/tournaments/{id}/end`
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let changed = app.operations.end_tournament(&id).await?;
    Ok(Json(json!({ "success": true, "tournament": as_json(&app, &changed).await? })))
}
