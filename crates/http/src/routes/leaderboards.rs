//! `/api/v2/leaderboard*`: who stands where.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::Board;
use scoreline_core::id::BoardKey;
use scoreline_core::limits::{BOARD_PAGE_DEFAULT, BOARD_PAGE_MAX, FRIENDS_MAX, NEIGHBOURS_MAX};
use scoreline_core::time::Timestamp;
use scoreline_ranking::Aged;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::board_answers::{
    BoardFriends, BoardInfo, BoardList, BoardPage, BoardPlayer, BoardRow, GlobalBoard,
    GlobalPlayer, GlobalRow, GlobalUser, NicknameAnswer, OwnRank,
};
use crate::app::{App, bounded, player_id, text};
use crate::board::{Row, age_seconds, page, row, rows};
use crate::openapi::{Content, Guarded, Limited, Missing, Parameters as WrongParameters};
use crate::path::Path;
use crate::problem::{Problem, Slug};

/// Seconds that a CDN may keep a page.
pub(crate) const CACHE_SECONDS: u32 = 1;
/// The sum that answers show as hours.
const PLAYTIME: &str = "total_playtime_seconds";
/// Periods that a listing shows at most.
const PERIODS_MAX: usize = 100;

type Parameters = Query<HashMap<String, String>>;

/// An answer that may be kept for a second, with a tag of its content.
pub(crate) fn cached(headers: &HeaderMap, content: &impl Serialize) -> Result<Response, Problem> {
    use sha2::{Digest, Sha256};
    let text = serde_json::to_string(content).map_err(|error| Problem::broken(&error))?;
    let digest = Sha256::digest(text.as_bytes());
    let tag = format!("\"{}\"", crate::auth::token::hex(&digest[..8]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let keep = format!("public, max-age={CACHE_SECONDS}");
    let head = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, keep)];
    // A cache that compresses on its own way makes the tag a weak one.
    let is_it = |one: &str| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag;
    if known.is_some_and(|known| known.split(',').map(str::trim).any(is_it)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// A board as it is shown, and the ranking of one of its periods.
struct Found {
    board: Arc<Board>,
    key: BoardKey,
    /// Whether this is what the board was before its meaning changed: it is shown until the new one
    /// is filled from history.
    outdated: bool,
}

async fn find(app: &App, name: &str, period: Option<&str>) -> Result<Found, Problem> {
    let plan = app.operations.plan();
    let shown = plan.shown(ProjectionKind::Board, name);
    let Some((shown, board)) = shown.and_then(|shown| Some((shown, Arc::clone(shown.board()?))))
    else {
        return Err(Problem::new(Slug::NotFound, format!("there is no leaderboard {name:?}")));
    };
    let (slot, outdated) = (shown.slot, plan.is_former(shown));
    let current = App::current_period(&board, app.clock.now());
    let period = match period {
        None | Some("current") => current,
        Some("previous") => {
            let periods = app.store.periods(slot, PERIODS_MAX).await?;
            periods.into_iter().find(|period| *period < current).unwrap_or(Timestamp::MIN)
        }
        Some(id) => {
            let named = Timestamp::parse(id).ok_or_else(|| {
                let reason =
                    format!("must be current, previous or the id of a period, but is {id:?}");
                Problem::field("period", reason)
            })?;
            let key = BoardKey { slot, period: named };
            if named == current || has_entries(app, key).await? { named } else { Timestamp::MIN }
        }
    };
    Ok(Found { board, key: BoardKey { slot, period }, outdated })
}

/// Whether somebody played in a period. A node would hold every one that it is asked for, and anybody
/// may ask for any.
async fn has_entries(app: &App, board: BoardKey) -> Result<bool, Problem> {
    if app.ranks.holds(board) {
        return Ok(true);
    }
    let first = app.database.ask(app.store.board_page(board, None, 1)).await?;
    // While the database is away, those that are held answer, and no other is loaded.
    Ok(first.is_none_or(|entries| !entries.is_empty()))
}

/// The first rows of the main board, and where a player stands on it.
#[utoipa::path(
    get, path = "/api/v2/leaderboard/global", tag = "Leaderboards", operation_id = "globalLeaderboard",
    params(
        ("user_id" = Option<String>, Query, description = "Whose rank to tell", max_length = 255),
        ("limit" = Option<u32>, Query, description = "Rows, 15 by default", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, description = "The rows", body = GlobalBoard),
        (status = 304, description = "They are those of the tag in `If-None-Match`"),
        WrongParameters, Limited,
    ),
)]
pub(crate) async fn global(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.get("limit").map(String::as_str);
    let limit = bounded("limit", limit, BOARD_PAGE_DEFAULT, 1, BOARD_PAGE_MAX)?;
    let main = Arc::clone(&app.definition().game.main_board);
    let found = find(&app, &main, None).await?;
    let (board, key) = (&*found.board, found.key);
    let page = page(&app, board, key, 0, limit).await?;
    let own = match parameters.get("user_id") {
        None => Aged { answer: None, age_ms: 0 },
        Some(user) => row(&app, board, key, &player_id("user_id", user)?).await?,
    };
    let age_ms = page.age_ms.max(own.age_ms);
    let content = GlobalBoard {
        success: true,
        leaderboard: page.rows.iter().map(GlobalRow::from).collect(),
        user_rank: own.answer.map(OwnRank::from),
        total_players: page.total,
        last_updated: app.clock.now().plus_ms(-age_ms).floor_to(1_000),
        age_seconds: age_seconds(age_ms),
        outdated: found.outdated,
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}

/// A player on the main board, with percentile.
#[utoipa::path(
    get, path = "/api/v2/leaderboard/user/{user_id}", tag = "Leaderboards",
    operation_id = "globalPlayer",
    params(("user_id" = String, Path, description = "The player", max_length = 255)),
    responses(
        (status = 200, description = "The player, or that they are not on it", body = GlobalPlayer),
        WrongParameters, Limited,
    ),
)]
pub(crate) async fn user(
    State(app): State<App>,
    Path(user): Path<String>,
) -> Result<Json<GlobalPlayer>, Problem> {
    let player = player_id("user_id", &user)?;
    let main = Arc::clone(&app.definition().game.main_board);
    let found = find(&app, &main, None).await?;
    let (board, key) = (&*found.board, found.key);
    let Aged { answer: row, age_ms } = row(&app, board, key, &player).await?;
    let Some(row) = row else {
        let message = "User not in leaderboard yet";
        return Ok(Json(GlobalPlayer::Absent { success: true, found: false, message }));
    };
    let Aged { answer: total, age_ms: total_age_ms } = app.ranks.len(key).await?;
    let total = total.max(row.rank);
    let percentile = 100.0 * (total - row.rank + 1) as f64 / total as f64;
    let seconds = row.sum(board, PLAYTIME).unwrap_or(0);
    let hours = format!("{:.1}", seconds as f64 / 3_600.0);
    let user = GlobalUser {
        user_id: row.player.to_string(),
        nickname: row.nickname,
        rank: row.rank,
        high_score: row.score,
        total_games: row.entry.attempts,
        total_playtime_hours: hours,
        last_played: row.entry.last_at,
        percentile: format!("{percentile:.1}"),
    };
    let age_seconds = age_seconds(age_ms.max(total_age_ms));
    Ok(Json(GlobalPlayer::Found {
        success: true,
        found: true,
        user,
        total_players: total,
        age_seconds,
        outdated: found.outdated,
    }))
}

/// What a player wants to be called.
#[derive(Deserialize, Default, ToSchema)]
#[schema(example = json!({ "user_id": "device-1", "nickname": "Ada" }))]
pub(crate) struct Nickname {
    #[schema(required, value_type = String, min_length = 1, max_length = 255)]
    user_id: Option<Value>,
    /// 3 to 20 letters, numbers and spaces of any script; spaces around it are left out.
    #[schema(required, value_type = String)]
    nickname: Option<Value>,
}

/// Names a player, on every board and at once.
#[utoipa::path(
    post, path = "/api/v2/leaderboard/update-nickname", tag = "Leaderboards",
    operation_id = "updateNickname",
    request_body = Nickname,
    responses(
        (status = 200, description = "The name is in force", body = NicknameAnswer),
        Content, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn update_nickname(
    State(app): State<App>,
    headers: HeaderMap,
    crate::routes::Body(request): crate::routes::Body<Nickname>,
) -> Result<Json<NicknameAnswer>, Problem> {
    let (user, nickname) = (request.user_id.as_ref(), request.nickname.as_ref());
    let missing = || {
        let fields = [("user_id", user), ("nickname", nickname)];
        Problem::required("user_id and nickname required", &fields)
    };
    let (Some(user), Some(nickname)) = (text(user), text(nickname)) else { return Err(missing()) };
    let player = player_id("user_id", user)?;
    let now = app.clock.now();
    app.auth.speaker(&headers)?.may_be(&player)?;
    let definition = app.operations.definition();
    let nickname = definition
        .game
        .nicknames
        .check(nickname)
        .map_err(|error| Problem::in_words("nickname", &error.to_string()))?;
    app.store.set_nickname(player.clone(), nickname.clone(), now).await?;
    // It is in force; if this fails, the boards show it with the next change that is heard.
    let _ = app.ranks.catch_up().await;
    app.pages.invalidate_all();
    let (message, user_id) = ("Nickname updated successfully", player.to_string());
    Ok(Json(NicknameAnswer { success: true, message, user_id, nickname }))
}

/// The boards there are.
#[utoipa::path(
    get, path = "/api/v2/leaderboards", tag = "Leaderboards", operation_id = "leaderboards",
    responses((status = 200, description = "The boards", body = BoardList), Limited),
)]
pub(crate) async fn list(State(app): State<App>) -> Result<Json<BoardList>, Problem> {
    let plan = app.operations.plan();
    let now = app.clock.now();
    let boards = plan
        .definition
        .boards
        .values()
        .map(|board| {
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
        })
        .collect();
    Ok(Json(BoardList { success: true, leaderboards: boards }))
}

/// A page of a board, of the running period or an earlier one.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}", tag = "Leaderboards", operation_id = "leaderboard",
    params(
        ("board" = String, Path, description = "The board"),
        ("period" = Option<String>, Query, description = "`current`, `previous` or an id out of `periods`"),
        ("limit" = Option<u32>, Query, description = "Rows, 15 by default", minimum = 1, maximum = 1000),
        ("offset" = Option<u64>, Query, description = "Rows to leave out", minimum = 0),
    ),
    responses(
        (status = 200, description = "The page", body = BoardPage),
        (status = 304, description = "It is that of the tag in `If-None-Match`"),
        WrongParameters, Missing, Limited,
    ),
)]
pub(crate) async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let get = |name: &str| parameters.get(name).map(String::as_str);
    let limit = bounded("limit", get("limit"), BOARD_PAGE_DEFAULT, 1, BOARD_PAGE_MAX)?;
    let offset = bounded("offset", get("offset"), 0, 0, usize::MAX)?;
    let found = find(&app, &name, get("period")).await?;
    let (board, key) = (&*found.board, found.key);
    let page = page(&app, board, key, offset as u64, limit).await?;
    let resets = board.reset.is_some();
    // Those of a board that resets; not known while the database is away.
    let periods = if resets {
        app.database.ask(app.store.periods(key.slot, PERIODS_MAX)).await?
    } else {
        None
    };
    let leaderboard = page.rows.iter().map(|row| BoardRow::of(row, board)).collect();
    let content = BoardPage {
        success: true,
        board: board.name.to_string(),
        title: board.title.clone(),
        period: resets.then_some(key.period).filter(|period| *period > Timestamp::MIN),
        periods: periods.unwrap_or_default(),
        leaderboard,
        total_players: page.total,
        age_seconds: age_seconds(page.age_ms),
        outdated: found.outdated,
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}

/// A player on a board, with the neighbours on both sides.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}/players/{user_id}", tag = "Leaderboards",
    operation_id = "leaderboardPlayer",
    params(
        ("board" = String, Path, description = "The board"),
        ("user_id" = String, Path, description = "The player", max_length = 255),
        ("around" = Option<u32>, Query, description = "Neighbours on each side, 5 by default", minimum = 0, maximum = 50),
        ("period" = Option<String>, Query, description = "`current`, `previous` or an id out of `periods`"),
    ),
    responses(
        (status = 200, description = "The player, or that they are not on it", body = BoardPlayer),
        WrongParameters, Missing, Limited,
    ),
)]
pub(crate) async fn player(
    State(app): State<App>,
    Path((name, user)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Result<Json<BoardPlayer>, Problem> {
    let get = |name: &str| parameters.get(name).map(String::as_str);
    let player = player_id("user_id", &user)?;
    let neighbours = bounded("around", get("around"), 5, 0, NEIGHBOURS_MAX)?;
    let found = find(&app, &name, get("period")).await?;
    let (board, key) = (&*found.board, found.key);
    let Aged { answer: places, age_ms } = app.ranks.around(key, &player, neighbours).await?;
    let total = app.ranks.len(key).await?;
    let outdated = found.outdated;
    let rows = rows(&app, board, places);
    let own = rows.iter().find(|row| row.player == player).map(|row| BoardRow::of(row, board));
    Ok(Json(BoardPlayer {
        success: true,
        found: own.is_some(),
        player: own,
        around: rows.iter().map(|row| BoardRow::of(row, board)).collect(),
        total_players: total.answer,
        age_seconds: age_seconds(age_ms.max(total.age_ms)),
        outdated,
    }))
}

/// Some players on a board: friends.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}/rank", tag = "Leaderboards",
    operation_id = "leaderboardFriends",
    params(
        ("board" = String, Path, description = "The board"),
        ("user_ids" = String, Query, description = "Up to 100 players, with commas between them", example = "a,b,c"),
        ("period" = Option<String>, Query, description = "`current`, `previous` or an id out of `periods`"),
    ),
    responses(
        (status = 200, description = "Those who are on it", body = BoardFriends),
        WrongParameters, Missing, Limited,
    ),
)]
pub(crate) async fn friends(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(parameters): Parameters,
) -> Result<Json<BoardFriends>, Problem> {
    let get = |name: &str| parameters.get(name).map(String::as_str);
    let names = get("user_ids").filter(|names| !names.is_empty());
    let names =
        names.ok_or_else(|| Problem::required("user_ids required", &[("user_ids", None)]))?;
    let mut players = names
        .split(',')
        .map(|name| player_id("user_ids", name.trim()))
        .collect::<Result<Vec<_>, _>>()?;
    if players.len() > FRIENDS_MAX {
        let reason =
            format!("must name at most {FRIENDS_MAX} players, but names {}", players.len());
        return Err(Problem::field("user_ids", reason));
    }
    players.sort_unstable();
    players.dedup();
    let found = find(&app, &name, get("period")).await?;
    let (board, key) = (&*found.board, found.key);
    let Aged { answer: places, age_ms } = app.ranks.places(key, &players).await?;
    let total = app.ranks.len(key).await?;
    let places = places.into_iter().flatten().collect();
    let outdated = found.outdated;
    let found = rows(&app, board, places);
    let mut ranks: Vec<&Row> = found.iter().collect();
    ranks.sort_by_key(|row| row.rank);
    Ok(Json(BoardFriends {
        success: true,
        players: ranks.into_iter().map(|row| BoardRow::of(row, board)).collect(),
        total_players: total.answer,
        age_seconds: age_seconds(age_ms.max(total.age_ms)),
        outdated,
    }))
}
