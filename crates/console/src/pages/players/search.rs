//! `/console/players`: finding a player by the whole id, its beginning, or the name.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::fold::{Plan, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::PlayerName;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::Period;
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert_attribute};
use crate::pages::boards::{RowView, player_path, row_view};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;

/// Players that are found, at most.
const FOUND_MAX: usize = 50;

/// What is looked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    q: Option<String>,
}

#[derive(Template)]
#[template(path = "players.html")]
struct Page {
    frame: Frame,
    q: String,
    asked: Html,
    is_asked: bool,
    rows: Vec<RowView>,
    is_cut: bool,
    /// Those who are called so: name, id and page.
    bearers: Vec<(Html, Html, String)>,
}

/// The page. One player who is found is shown at once.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Players).await;
    let q = asked.q.unwrap_or_default().trim().to_owned();
    let player = PlayerId::new(&q).ok();
    if let Some(player) = &player
        && is_known(&console, player).await?
    {
        return Ok(Redirect::to(&player_path(player)).into_response());
    }
    let found = match &player {
        Some(beginning) => beginning_with(&console, &moment.plan, beginning, moment.now).await?,
        None => Vec::new(),
    };
    let bearers = if q.is_empty() || q.contains('\0') {
        Vec::new()
    } else {
        console.acts.bearers(q.clone(), FOUND_MAX).await?
    };
    let main = console.boards.main().await?;
    let rows = console.boards.players(&main, &found).await?;
    let view = |row| row_view(row, main.board(), moment.now, None);
    Ok(page(&Page {
        asked: id(&q, "w36"),
        is_asked: !q.is_empty(),
        q: inert_attribute(&q),
        is_cut: found.len() == FOUND_MAX,
        rows: rows.rows.iter().map(view).collect(),
        bearers: bearers.iter().map(bearer).collect(),
        frame,
    }))
}

fn bearer(one: &PlayerName) -> (Html, Html, String) {
    (id(&one.nickname, "name w26"), id(one.player.as_str(), "w36"), player_path(&one.player))
}

/// Whether anything was ever heard of a player.
async fn is_known(console: &Console, player: &PlayerId) -> Result<bool, Trouble> {
    if console.players.profile(player.clone()).await?.is_some() {
        return Ok(true);
    }
    let main = console
        .boards
        .named(&console.operations.plan().definition.game.main_board, Period::Current)
        .await?;
    let ranked = console.boards.players(&main, std::slice::from_ref(player)).await?;
    Ok(!ranked.rows.is_empty())
}

/// Players of the main board whose ids begin like this. The board lies in the order of their ids, so it
/// costs the same however many there are.
async fn beginning_with(
    console: &Console,
    plan: &Plan,
    beginning: &PlayerId,
    now: Timestamp,
) -> Result<Vec<PlayerId>, Trouble> {
    let main = &plan.definition.game.main_board;
    let Some(shown) = plan.shown(ProjectionKind::Board, main) else { return Ok(Vec::new()) };
    let reset = shown.board().and_then(|board| board.reset.as_ref());
    let period = reset.map_or(Timestamp::EPOCH, |reset| reset.period_at(now).start);
    let board = BoardKey { slot: shown.slot, period };
    let entries = console.entries.board_page(board, Some(beginning.clone()), FOUND_MAX).await?;
    let found = entries.into_iter().map(|entry| entry.player);
    Ok(found.take_while(|player| player.as_str().starts_with(beginning.as_str())).collect())
}
