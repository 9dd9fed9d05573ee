//! `/api/v2/tournaments*`: what runs, who leads, what is won.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::game::PrizeTier;
use scoreline_core::id::BoardKey;
use scoreline_core::limits::{BOARD_PAGE_DEFAULT, BOARD_PAGE_MAX, OPERATOR_PAGE_MAX};
use scoreline_core::prize::prize_for;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Tournament, TournamentStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::leaderboards::{CACHE_SECONDS, cached};
use crate::app::{App, bounded, player_id};
use crate::board::{Row, age_seconds, page, row};
use crate::openapi::{Limited, Moment, Parameters as WrongParameters};
use crate::path::Path;
use crate::problem::{Problem, Slug};

type Parameters = Query<HashMap<String, String>>;

/// What a rank, or each of some ranks, wins.
#[derive(Serialize, ToSchema)]
pub(super) struct TierPrize {
    coins: i64,
    gems: i64,
    /// Such as `1st Place` or `4th-10th Place`.
    label: String,
    /// The rank, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
    /// The ranks, where they are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranks: Option<Vec<u64>>,
}

/// A tournament.
#[derive(Serialize, ToSchema)]
#[schema(as = Tournament)]
pub(super) struct TournamentView {
    tournament_id: String,
    name: String,
    #[schema(value_type = TournamentState)]
    status: TournamentStatus,
    /// The board whose measure it uses.
    board: String,
    #[schema(value_type = Moment)]
    start_date: Timestamp,
    /// The first moment that no longer counts.
    #[schema(value_type = Moment)]
    end_date: Timestamp,
    seconds_remaining: i64,
    participants: u64,
    prizes: Vec<TierPrize>,
}

/// A tournament as the `OpenAPI` document shows one.
pub(super) fn example() -> serde_json::Value {
    serde_json::json!({
        "tournament_id": "weekly_2026_w48", "name": "Weekly Tournament", "status": "active",
        "board": "global", "start_date": "2026-11-23T00:00:00.000Z",
        "end_date": "2026-11-30T00:00:00.000Z", "seconds_remaining": 568_800, "participants": 2,
        "prizes": [{ "coins": 5000, "gems": 250, "label": "1st Place", "rank": 1 }],
    })
}

/// Where a tournament stands in its life.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase", as = TournamentStatus)]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
enum TournamentState {
    Upcoming,
    Active,
    /// Over; waiting for the last events and for the prizes to be awarded.
    Closing,
    /// Over, with its prizes awarded.
    Closed,
    Cancelled,
}

fn prizes(tiers: &[PrizeTier]) -> Vec<TierPrize> {
    tiers
        .iter()
        .map(|tier| {
            let is_one = tier.first_rank == tier.last_rank;
            TierPrize {
                coins: tier.coins,
                gems: tier.gems,
                label: tier.label(),
                rank: is_one.then_some(tier.first_rank),
                ranks: (!is_one).then(|| (tier.first_rank..=tier.last_rank).collect()),
            }
        })
        .collect()
}

async fn participants(app: &App, tournament: &Tournament) -> Result<u64, Problem> {
    match tournament.participants {
        Some(participants) => Ok(participants),
        None => Ok(app.ranks.len(key(tournament)).await?.answer),
    }
}

fn key(tournament: &Tournament) -> BoardKey {
    BoardKey { slot: tournament.slot, period: Timestamp::EPOCH }
}

pub(super) async fn view(app: &App, tournament: &Tournament) -> Result<TournamentView, Problem> {
    let now = app.clock.now();
    Ok(TournamentView {
        tournament_id: tournament.id.to_string(),
        name: tournament.name.clone(),
        status: tournament.status_at(now),
        board: tournament.board.name.to_string(),
        start_date: tournament.starts_at,
        end_date: tournament.ends_at,
        seconds_remaining: tournament.ends_at.ms_since(now).max(0) / 1_000,
        participants: participants(app, tournament).await?,
        prizes: prizes(&tournament.prizes),
    })
}

/// The tournament that runs, if one does.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "tournament": example() }))]
pub(crate) struct CurrentTournament {
    success: bool,
    tournament: Option<TournamentView>,
    /// Where none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "No active tournament")]
    message: Option<&'static str>,
}

/// The tournament that runs now.
#[utoipa::path(
    get, path = "/api/v2/tournaments/current", tag = "Tournaments", operation_id = "currentTournament",
    responses(
        (status = 200, description = "The tournament, or null", body = CurrentTournament),
        Limited,
    ),
)]
pub(crate) async fn current(State(app): State<App>) -> Result<Json<CurrentTournament>, Problem> {
    let now = app.clock.now();
    let open = match app.database.ask(app.store.open_tournaments()).await? {
        Some(open) => open,
        None => planned(&app),
    };
    let active = open.iter().filter(|one| one.status_at(now) == TournamentStatus::Active);
    // One that an operator made comes before the series: it is what players are invited to now.
    let chosen = active.min_by_key(|one| (one.series.is_some(), one.ends_at));
    let tournament = match chosen {
        Some(tournament) => Some(view(&app, tournament).await?),
        None => None,
    };
    let message = tournament.is_none().then_some("No active tournament");
    Ok(Json(CurrentTournament { success: true, tournament, message }))
}

/// Tournaments, the latest start first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "count": 1, "tournaments": [example()] }))]
pub(crate) struct TournamentList {
    success: bool,
    count: usize,
    tournaments: Vec<TournamentView>,
}

/// All tournaments, the latest start first.
#[utoipa::path(
    get, path = "/api/v2/tournaments", tag = "Tournaments", operation_id = "tournaments",
    params(
        ("status" = Option<TournamentState>, Query, description = "Those that stand there only"),
        ("limit" = Option<u32>, Query, description = "Rows, 100 by default", minimum = 1, maximum = 1000),
        ("offset" = Option<u64>, Query, description = "Rows to leave out", minimum = 0),
    ),
    responses(
        (status = 200, description = "The tournaments", body = TournamentList),
        WrongParameters, Limited,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Query(parameters): Parameters,
) -> Result<Json<TournamentList>, Problem> {
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
        tournaments.push(view(&app, &tournament).await?);
    }
    Ok(Json(TournamentList { success: true, count: tournaments.len(), tournaments }))
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

/// A player's row in a tournament.
#[derive(Serialize, ToSchema)]
struct Standing {
    rank: u64,
    user_id: String,
    nickname: String,
    best_score: i64,
    total_attempts: i64,
    #[schema(value_type = Moment)]
    last_attempt: Timestamp,
    /// What the rank wins, such as `1st: 5000 coins + 250 gems`; null where it wins nothing.
    prize_tier: Option<String>,
}

/// The asking player's row, or that there is none.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum OwnStanding {
    Present {
        #[serde(flatten)]
        standing: Standing,
        participated: bool,
    },
    Absent {
        #[schema(value_type = Option<u64>)]
        rank: (),
        participated: bool,
        message: &'static str,
    },
}

/// The standings of a tournament.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "tournament_id": "weekly_2026_w48",
    "leaderboard": [{
        "rank": 1, "user_id": "device-1", "nickname": "Pilot", "best_score": 1200,
        "total_attempts": 3, "last_attempt": "2026-11-23T10:00:00.000Z",
        "prize_tier": "1st: 5000 coins + 250 gems",
    }],
    "user_rank": {
        "rank": null, "participated": false,
        "message": "Play a game to enter the tournament!",
    },
    "total_participants": 1, "last_updated": "2026-11-23T10:00:00.000Z", "age_seconds": 0,
    "cache_ttl_seconds": 1,
}))]
pub(crate) struct Standings {
    success: bool,
    tournament_id: String,
    leaderboard: Vec<Standing>,
    /// Null where no `user_id` was sent.
    user_rank: Option<OwnStanding>,
    total_participants: u64,
    #[schema(value_type = Moment)]
    last_updated: Timestamp,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    age_seconds: i64,
    cache_ttl_seconds: u32,
}

fn standing(row: &Row, tiers: &[PrizeTier]) -> Standing {
    Standing {
        rank: row.rank,
        user_id: row.player.to_string(),
        nickname: row.nickname.clone(),
        best_score: row.score,
        total_attempts: row.entry.attempts,
        last_attempt: row.entry.last_at,
        prize_tier: prize_for(tiers, row.rank).map(PrizeTier::line),
    }
}

/// The standings of a tournament; an unknown one is empty.
#[utoipa::path(
    get, path = "/api/v2/tournaments/{id}/leaderboard", tag = "Tournaments",
    operation_id = "tournamentLeaderboard",
    params(
        ("id" = String, Path, description = "The tournament"),
        ("user_id" = Option<String>, Query, description = "Whose rank to tell", max_length = 255),
        ("limit" = Option<u32>, Query, description = "Rows, 15 by default", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, description = "The standings", body = Standings),
        (status = 304, description = "They are those of the tag in `If-None-Match`"),
        WrongParameters, Limited,
    ),
)]
pub(crate) async fn leaderboard(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.get("limit").map(String::as_str);
    let limit = bounded("limit", limit, BOARD_PAGE_DEFAULT, 1, BOARD_PAGE_MAX)?;
    let user = parameters.get("user_id").map(|user| player_id("user_id", user)).transpose()?;
    let tournament = find(&app, &id).await?;
    let (mut rows, mut total, mut own) = (Vec::new(), 0, None);
    let mut age_ms = 0;
    if let Some(tournament) = &tournament {
        let board = &tournament.board;
        let page = page(&app, board, key(tournament), 0, limit).await?;
        rows = page.rows.iter().map(|row| standing(row, &tournament.prizes)).collect();
        (total, age_ms) = (page.total, page.age_ms);
        if let Some(user) = &user {
            let found = row(&app, board, key(tournament), user).await?;
            age_ms = age_ms.max(found.age_ms);
            own = found.answer.map(|row| standing(&row, &tournament.prizes));
        }
    }
    let user_rank = user.is_some().then_some(match own {
        Some(standing) => OwnStanding::Present { standing, participated: true },
        None => OwnStanding::Absent {
            rank: (),
            participated: false,
            message: "Play a game to enter the tournament!",
        },
    });
    let content = Standings {
        success: true,
        tournament_id: id,
        leaderboard: rows,
        user_rank,
        total_participants: total,
        last_updated: app.clock.now().plus_ms(-age_ms).floor_to(1_000),
        age_seconds: age_seconds(age_ms),
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}

/// A tournament. While the database is away, those that this node has planned by are known, and of
/// the others nothing can be told.
async fn find(app: &App, id: &str) -> Result<Option<Tournament>, Problem> {
    if let Some(found) = app.database.ask(app.store.tournament(Arc::from(id))).await? {
        return Ok(found);
    }
    match planned(app).into_iter().find(|one| *one.id == *id) {
        Some(known) => Ok(Some(known)),
        None => Err(Problem::new(Slug::Unavailable, "the database is away; try again")),
    }
}

/// The tournaments that this node plans by.
fn planned(app: &App) -> Vec<Tournament> {
    let plan = app.operations.plan();
    plan.tournaments.iter().filter(|one| one.closed_at.is_none()).cloned().collect()
}

/// What a tournament's ranks win.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "tournament_id": "weekly_2026_w48",
    "prizes": [
        { "coins": 5000, "gems": 250, "label": "1st Place", "rank": 1 },
        { "coins": 500, "gems": 25, "label": "2nd-4th Place", "ranks": [2, 3, 4] },
    ],
}))]
pub(crate) struct PrizeList {
    success: bool,
    tournament_id: String,
    prizes: Vec<TierPrize>,
}

/// What a tournament's ranks win.
#[utoipa::path(
    get, path = "/api/v2/tournaments/{id}/prizes", tag = "Tournaments",
    operation_id = "tournamentPrizes",
    params(("id" = String, Path, description = "The tournament")),
    responses(
        (status = 200, description = "The prizes", body = PrizeList),
        WrongParameters, Limited,
    ),
)]
pub(crate) async fn prize_list(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<PrizeList>, Problem> {
    let tournament = find(&app, &id).await?;
    let tiers = tournament.map(|tournament| tournament.prizes).unwrap_or_default();
    Ok(Json(PrizeList { success: true, tournament_id: id, prizes: prizes(&tiers) }))
}
