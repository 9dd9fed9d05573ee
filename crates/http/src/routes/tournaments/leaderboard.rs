//! `GET /api/v2/tournaments/{id}/leaderboard`: the standings of a tournament.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::game::PrizeTier;
use scoreline_core::id::PlayerId;
use scoreline_core::prize::prize_for;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::path::TournamentPath;
use crate::access::Endpoint;
use crate::boards::{Boards, Row, age_seconds};
use crate::cached::{CACHE_SECONDS, cached};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::path::Path;
use crate::request::query::Query;
use crate::routes::top::AskedTop;
use crate::tournaments::Tournaments;

/// A player's row in a tournament.
#[derive(Serialize, ToSchema)]
struct Standing {
    rank: u64,
    /// The player's id; an alias where ids are not for everybody (`SCORELINE_PUBLIC_IDS`) and the request does
    /// not name the player.
    user_id: String,
    nickname: String,
    best_score: i64,
    total_attempts: i64,
    #[schema(value_type = Moment)]
    last_attempt: Timestamp,
    /// What the rank wins, such as `1st: 5000 coins + 250 gems`; null where it wins nothing.
    prize_tier: Option<String>,
}

impl Standing {
    /// A row, with what its rank wins.
    fn of(row: &Row, tiers: &[PrizeTier], viewer: Option<&PlayerId>) -> Self {
        Self {
            rank: row.rank,
            user_id: row.public_id(viewer.as_slice()),
            nickname: row.nickname.clone(),
            best_score: row.score,
            total_attempts: row.entry.attempts,
            last_attempt: row.entry.last_at,
            prize_tier: prize_for(tiers, row.rank).map(PrizeTier::line),
        }
    }
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

impl OwnStanding {
    fn of(standing: Option<Standing>) -> Self {
        match standing {
            Some(standing) => Self::Present { standing, participated: true },
            None => Self::Absent {
                rank: (),
                participated: false,
                message: "Play a game to enter the tournament!",
            },
        }
    }
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
struct Standings {
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

/// Anybody may read tournaments.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// The standings of a tournament; an unknown one is empty.
#[utoipa::path(
    get, path = "/api/v2/tournaments/{id}/leaderboard", tag = "Tournaments",
    operation_id = "tournamentLeaderboard",
    params(TournamentPath, AskedTop),
    responses(
        (status = 200, description = "The standings", body = Standings),
        (status = 304, description = "They are those of the tag in `If-None-Match`"),
    ),
)]
async fn handle(
    State(tournaments): State<Arc<Tournaments>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<TournamentPath>,
    Query(asked): Query<AskedTop>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tournament = tournaments.find(&path.id).await?;
    let (page, own) = match &tournament {
        Some(tournament) => asked.rows(&boards, &boards.tournament(tournament)).await?,
        None => Default::default(),
    };
    let tiers = tournament.as_ref().map_or(&[][..], |tournament| &tournament.prizes);
    let viewer = asked.user_id.as_ref().map(|user| &user.0);
    let standing = |row: &Row| Standing::of(row, tiers, viewer);
    let user_rank = viewer.map(|_| OwnStanding::of(own.rows.first().map(standing)));
    let age_ms = page.age_ms.max(own.age_ms);
    let content = Standings {
        success: true,
        tournament_id: path.id,
        leaderboard: page.rows.iter().map(standing).collect(),
        user_rank,
        total_participants: page.total,
        last_updated: clock.now().plus_ms(-age_ms).floor_to(1_000),
        age_seconds: age_seconds(age_ms),
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}
