//! `/console/tournaments`: all of them, and one with its countdown, standings and prizes.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Prize, Tournament, TournamentStatus};
use scoreline_http::Problem;
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::pages::boards::{RowView, player_path, row_view};
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

/// Tournaments of one page.
const LISTED: usize = 50;
/// Rows of the standings.
const STANDINGS: usize = 15;
/// Prizes of one page.
const PRIZES: usize = 50;
/// Prizes that are counted.
const PRIZES_COUNTED: usize = 1_000;

/// What the address says of the list.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    offset: usize,
}

#[derive(Template)]
#[template(path = "tournaments.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<ListRow>,
    before: Option<usize>,
    after: Option<usize>,
}

/// A tournament in the list.
struct ListRow {
    name: Html,
    path: String,
    badge: Html,
    starts: Html,
    ends: Html,
    players: String,
}

/// All of them, the latest start first.
pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Boards).await;
    let found = console.tournaments.page(None, asked.offset, LISTED).await?;
    let mut rows = Vec::with_capacity(found.len());
    for one in &found {
        rows.push(ListRow {
            name: inert(&one.name),
            path: path_of(one),
            badge: status_badge(one.status_at(moment.now)),
            starts: words::ago_html(one.starts_at, moment.now),
            ends: words::ago_html(one.ends_at, moment.now),
            players: words::count(console.boards.participants(one).await.unwrap_or_default()),
        });
    }
    Ok(page(&ListPage {
        before: (asked.offset > 0).then(|| asked.offset.saturating_sub(LISTED)),
        after: (rows.len() == LISTED).then_some(asked.offset + LISTED),
        rows,
        frame,
    }))
}

fn path_of(tournament: &Tournament) -> String {
    format!("/console/tournaments/{}", words::in_address(&tournament.id))
}

fn status_badge(status: TournamentStatus) -> Html {
    let (state, words) = match status {
        TournamentStatus::Upcoming => ("info", "Upcoming"),
        TournamentStatus::Active => ("ok", "Running"),
        TournamentStatus::Closing => ("warn", "Closing"),
        TournamentStatus::Closed => ("", "Closed"),
        TournamentStatus::Cancelled => ("", "Cancelled"),
    };
    badge(state, words)
}

#[derive(Template)]
#[template(path = "tournament.html")]
struct OnePage {
    frame: Frame,
    name: Html,
    badge: Html,
    board: Html,
    countdown: Option<(&'static str, Html)>,
    /// What is over of it, in per cent.
    progress: Html,
    facts: Vec<(&'static str, Html)>,
    tiers: Vec<(String, String, String)>,
    standings: Vec<RowView>,
    total: String,
    prizes: Vec<PrizeRow>,
    prizes_in_words: String,
    acts: Option<ActsView>,
    may_act: bool,
}

/// A prize that was awarded.
struct PrizeRow {
    rank: String,
    player: Html,
    path: String,
    coins: String,
    gems: String,
    badge: Html,
}

/// What can be done with it.
struct ActsView {
    end_path: Option<String>,
    cancel_path: Option<String>,
    players: String,
}

/// One of them.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Path(wanted): Path<String>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Boards).await;
    let now = moment.now;
    let Some(one) = console.tournaments.find(&wanted).await? else {
        return Err(Trouble::not_found("there is no such tournament"));
    };
    let status = one.status_at(now);
    let ranking = console.boards.tournament(&one);
    let standings = console.boards.page(&ranking, 0, STANDINGS).await?;
    let prizes = console.prizes.prizes_of(Arc::clone(&one.id), 0, PRIZES_COUNTED).await?;
    let players = console.boards.participants(&one).await?;
    Ok(page(&OnePage {
        name: inert(&one.name),
        badge: status_badge(status),
        board: inert(&one.board.title),
        countdown: match status {
            TournamentStatus::Upcoming => Some(("begins in", words::left_html(one.starts_at, now))),
            TournamentStatus::Active => Some(("ends in", words::left_html(one.ends_at, now))),
            _ => None,
        },
        progress: progress(&one, now),
        facts: facts(&one, players, now),
        tiers: tiers(&one),
        standings: standings.rows.iter().map(|row| row_view(row, &one.board, now, None)).collect(),
        total: words::how_many(standings.total, "player", "players"),
        prizes_in_words: in_words(&prizes),
        prizes: prizes.iter().take(PRIZES).map(prize_row).collect(),
        acts: acts(&one, status, players),
        may_act: operator.proof.covers(Scope::DefinitionWrite),
        frame,
    }))
}

fn progress(one: &Tournament, now: Timestamp) -> Html {
    let length = one.ends_at.ms_since(one.starts_at).max(1) as f64;
    crate::charts::bar(now.ms_since(one.starts_at) as f64 / length, "f-s1")
}

fn facts(one: &Tournament, players: u64, now: Timestamp) -> Vec<(&'static str, Html)> {
    let at = |at: Timestamp| {
        Html::of_ours(format!(
            "{} <span class=\"muted\">{}</span>",
            words::moment(at),
            words::ago_html(at, now)
        ))
    };
    let mut facts = vec![
        ("Players", Html::of_ours(words::count(players))),
        ("Begins", at(one.starts_at)),
        ("Ends", at(one.ends_at)),
        ("Id", id(&one.id, "w36")),
    ];
    if let Some(sealed) = one.sealed_at {
        facts.push(("Sealed", at(sealed)));
    }
    if let Some(closed) = one.closed_at {
        facts.push(("Closed", at(closed)));
    }
    if let Some(cancelled) = one.cancelled_at {
        facts.push(("Cancelled", at(cancelled)));
    }
    facts
}

fn tiers(one: &Tournament) -> Vec<(String, String, String)> {
    let tier = |tier: &scoreline_core::game::PrizeTier| {
        let ranks = if tier.first_rank == tier.last_rank {
            words::count(tier.first_rank)
        } else {
            format!("{} to {}", words::count(tier.first_rank), words::count(tier.last_rank))
        };
        (ranks, words::signed(tier.coins), words::signed(tier.gems))
    };
    one.prizes.iter().map(tier).collect()
}

fn in_words(prizes: &[Prize]) -> String {
    let claimed = prizes.iter().filter(|prize| prize.claimed_at.is_some()).count() as u64;
    let awarded = prizes.len() as u64;
    let more = if prizes.len() == PRIZES_COUNTED { "of the first " } else { "" };
    format!("{more}{} awarded, {} claimed", words::count(awarded), words::count(claimed))
}

fn prize_row(prize: &Prize) -> PrizeRow {
    PrizeRow {
        rank: prize.won.as_ref().map(|won| words::count(won.rank)).unwrap_or_default(),
        player: id(prize.player.as_str(), "w26"),
        path: player_path(&prize.player),
        coins: words::signed(prize.coins),
        gems: words::signed(prize.gems),
        badge: prize_badge(prize),
    }
}

/// Whether a prize is claimed, or revoked.
pub(crate) fn prize_badge(prize: &Prize) -> Html {
    match (prize.revoked_at, prize.claimed_at) {
        (Some(_), _) => badge("warn", "Revoked"),
        (None, Some(_)) => badge("ok", "Claimed"),
        (None, None) => badge("info", "Pending"),
    }
}

fn acts(one: &Tournament, status: TournamentStatus, players: u64) -> Option<ActsView> {
    let path = |act: &str| format!("{}/{act}", path_of(one));
    let is_running = status == TournamentStatus::Active;
    let is_open = is_running
        || status == TournamentStatus::Upcoming
        || (status == TournamentStatus::Closing && one.sealed_at.is_none());
    is_open.then(|| ActsView {
        end_path: is_running.then(|| path("end")),
        cancel_path: Some(path("cancel")),
        players: words::how_many(players, "player", "players"),
    })
}

/// What is typed to confirm.
#[derive(Debug, Deserialize)]
pub(crate) struct Confirmed {
    typed: String,
}

impl Confirmed {
    fn must_say(&self, word: &str) -> Result<(), Problem> {
        if self.typed.trim() == word {
            return Ok(());
        }
        Err(Problem::field("typed", format!("must be {word:?}")))
    }
}

/// Ends a running tournament now.
pub(crate) async fn end(
    State(console): State<Arc<Console>>,
    Path(wanted): Path<String>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, Trouble> {
    confirmed.must_say("end")?;
    let one = console.operations.end_tournament(&wanted).await?;
    console.look_again().await;
    Ok(Redirect::to(&path_of(&one)).into_response())
}

/// Cancels a tournament: nobody wins a prize.
pub(crate) async fn cancel(
    State(console): State<Arc<Console>>,
    Path(wanted): Path<String>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, Trouble> {
    confirmed.must_say("cancel")?;
    let one = console.operations.cancel_tournament(&wanted).await?;
    console.look_again().await;
    Ok(Redirect::to(&path_of(&one)).into_response())
}
