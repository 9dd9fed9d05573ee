//! `/console/players`: finding a player by the name or the id, whole or by its beginning.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::fold::{ANALYTICS, Plan, ProjectionKind};
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Period, Row};
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert, inert_attribute};
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Players that are found, at most, by the name and by the id.
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
    /// What the main board is called.
    board: Html,
    lists: Vec<List>,
}

/// Players that were found in one way.
struct List {
    id: &'static str,
    title: &'static str,
    about: String,
    rows: Vec<Found>,
}

/// One player.
struct Found {
    name: Html,
    id: Html,
    path: String,
    rank: String,
    score: String,
    reached: Html,
}

/// The page. One player who is found by the whole id is shown at once.
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
    let called = called_like(&console, &q).await?;
    let known = match &player {
        Some(beginning) => known_like(&console, &moment.plan, beginning).await?,
        None => Vec::new(),
    };
    let mut lists = Vec::new();
    for (id, title, players) in [
        ("called", "Players whose names begin with", called),
        ("known", "Players whose ids begin with", known),
    ] {
        if !players.is_empty() {
            let about = if players.len() == FOUND_MAX {
                format!("the first {FOUND_MAX}; type more to narrow it down")
            } else {
                words::how_many(players.len() as u64, "player", "players")
            };
            let rows = rows(&console, players, moment.now).await?;
            lists.push(List { id, title, about, rows });
        }
    }
    Ok(page(&Page {
        asked: id(&q, "w36"),
        is_asked: !q.is_empty(),
        q: inert_attribute(&q),
        board: inert(&console.boards.main().await?.board().title),
        lists,
        frame,
    }))
}

/// Whether anything was ever heard of a player.
async fn is_known(console: &Console, player: &PlayerId) -> Result<bool, Trouble> {
    let is_erased = console.erasures.erasure_of(player.clone()).await?.is_some();
    if is_erased || console.players.profile(player.clone()).await?.is_some() {
        return Ok(true);
    }
    let main = console
        .boards
        .named(&console.operations.plan().definition.game.main_board, Period::Current)
        .await?;
    let ranked = console.boards.players(&main, std::slice::from_ref(player)).await?;
    Ok(!ranked.rows.is_empty())
}

/// Players whose names begin like this, as names are compared.
async fn called_like(console: &Console, q: &str) -> Result<Vec<PlayerId>, Trouble> {
    if q.contains('\0') {
        return Ok(Vec::new());
    }
    let found = console.players.called_like(q.to_owned(), FOUND_MAX).await?;
    Ok(found.into_iter().map(|one| one.player).collect())
}

/// Players of whom anything is known and whose ids begin like this.
async fn known_like(
    console: &Console,
    plan: &Plan,
    beginning: &PlayerId,
) -> Result<Vec<PlayerId>, Trouble> {
    let Some(shown) = plan.shown(ProjectionKind::Analytics, ANALYTICS) else {
        return Ok(Vec::new());
    };
    Ok(console.players.known_like(shown.slot, beginning.clone(), FOUND_MAX).await?)
}

/// What is shown of players, in their order: the name, and how they stand on the main board.
async fn rows(
    console: &Console,
    players: Vec<PlayerId>,
    now: Timestamp,
) -> Result<Vec<Found>, Trouble> {
    let main = console.boards.main().await?;
    let ranked = console.boards.players(&main, &players).await?.rows;
    let ranked: HashMap<&PlayerId, &Row> = ranked.iter().map(|row| (&row.player, row)).collect();
    let names = console.players.nicknames(players.clone()).await?;
    let found = players.iter().zip(names).map(|(player, name)| {
        let row = ranked.get(player);
        Found {
            name: name.map_or_else(
                || Html::of_ours("has not chosen a name"),
                |name| id(&name, "name w26"),
            ),
            id: id(player.as_str(), "w36"),
            path: player_path(player),
            rank: row.map_or_else(|| "–".to_owned(), |row| words::count(row.rank)),
            score: row.map_or_else(|| "–".to_owned(), |row| words::signed(row.score)),
            reached: row.map_or_else(
                || Html::of_ours("–"),
                |row| words::ago_html(row.entry.standing.reached_at, now),
            ),
        }
    });
    Ok(found.collect())
}
