//! `/console/boards`: any board and any period of it, with how scores are spread, and any player's place.

mod spread;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use scoreline_core::game::Board;
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Boards, Period, Ranking, Row};
use serde::Deserialize;

use self::spread::spread;
use crate::charts::{Chart, Format};
use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert, inert_attribute};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Rows of one page.
const ROWS: usize = 20;
/// Rows on each side of a player who was asked for.
const NEIGHBOURS: usize = 5;

/// What the address says of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    board: Option<String>,
    /// When the period began, in milliseconds since 1970; the running one where it is absent.
    period: Option<String>,
    player: Option<String>,
    /// The first rank of the page.
    rank: Option<String>,
}

impl Asked {
    fn period(&self) -> Option<Timestamp> {
        self.period.as_deref().and_then(|text| text.parse().ok()).and_then(Timestamp::from_ms)
    }

    /// The board that is asked for: the main one if none is named.
    async fn ranking(&self, console: &Console) -> Result<Ranking, Trouble> {
        let name = self.board.clone().filter(|name| !name.is_empty());
        let name =
            name.unwrap_or_else(|| console.operations.definition().game.main_board.to_string());
        let period = self.period().map_or(Period::Current, Period::At);
        Ok(console.boards.named(&name, period).await?)
    }
}

#[derive(Template)]
#[template(path = "boards.html")]
struct Page {
    frame: Frame,
    title: Html,
    about: Html,
    boards: Vec<(String, Html, bool)>,
    periods: Vec<(i64, String, bool)>,
    player: String,
    is_outdated: bool,
    stats: Vec<(&'static str, Html, String)>,
    spread: Html,
    beside: Vec<Html>,
    rows: Vec<RowView>,
    around: Vec<RowView>,
    not_ranked: bool,
    pager: Pager,
}

/// A row of a board.
pub(crate) struct RowView {
    pub rank: String,
    pub name: Html,
    pub id: Html,
    pub path: String,
    pub score: String,
    pub attempts: String,
    pub sums: Vec<String>,
    pub reached: Html,
    pub is_asked: bool,
}

/// Where the other pages are.
pub(crate) struct Pager {
    pub before: Option<String>,
    pub after: Option<String>,
    pub total: String,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Boards).await;
    let definition = &moment.plan.definition;
    let (wanted, boards) = (asked.period(), &*console.boards);
    let ranking = asked.ranking(&console).await?;
    let name = ranking.board().name.to_string();
    let given = asked.player.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let player = given.and_then(|text| PlayerId::new(text).ok());
    let first =
        asked.rank.as_deref().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(1).max(1);
    let here = boards.page(&ranking, first - 1, ROWS).await?;
    let around = match &player {
        Some(player) => boards.around(&ranking, player, NEIGHBOURS).await?.rows,
        None => Vec::new(),
    };
    let board = ranking.board();
    let view = |row: &Row| row_view(row, board, moment.now, player.as_ref());
    let period = wanted.map_or_else(String::new, |at| format!("&period={}", at.as_ms()));
    let here_again = format!("board={}{period}", words::in_address(&name));
    let address = |rank: u64| format!("/console/boards?{here_again}&rank={rank}");
    let total = here.total;
    let rows = here.rows.len() as u64;
    Ok(page(&Page {
        title: inert(&board.title),
        about: about(board),
        boards: definition
            .boards
            .values()
            .map(|one| (one.name.to_string(), inert(&one.title), *one.name == *name))
            .collect(),
        periods: periods(boards, &ranking, wanted).await?,
        player: given.map_or_else(String::new, inert_attribute),
        is_outdated: ranking.is_outdated(),
        stats: stats(&ranking, total, &around, player.as_ref(), here.age_ms),
        spread: Chart {
            csv: format!("/console/boards/spread.csv?{here_again}"),
            ..spread(boards, &ranking, total, &around, player.as_ref()).await?
        }
        .html(),
        beside: board.beside.iter().map(|beside| inert(&beside.name)).collect(),
        rows: here.rows.iter().map(view).collect(),
        not_ranked: given.is_some() && around.is_empty(),
        around: around.iter().map(view).collect(),
        pager: Pager {
            before: (first > 1).then(|| address(first.saturating_sub(ROWS as u64).max(1))),
            after: (first - 1 + rows < total).then(|| address(first + rows)),
            total: words::how_many(total, "player", "players"),
        },
        frame,
    }))
}

/// The chart of the page as CSV or JSON.
pub(crate) async fn data(
    State(console): State<Arc<Console>>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (name, format) = Format::of(&file);
    if name != "spread" {
        return Err(Trouble::not_found("there is no such chart"));
    }
    let ranking = asked.ranking(&console).await?;
    let total = console.boards.page(&ranking, 0, 1).await?.total;
    let chart = spread(&console.boards, &ranking, total, &[], None).await?;
    Ok(chart.sheet().answer(format))
}

async fn periods(
    boards: &Boards,
    ranking: &Ranking,
    wanted: Option<Timestamp>,
) -> Result<Vec<(i64, String, bool)>, Trouble> {
    let periods = boards.periods(ranking).await?;
    let one = |at: &Timestamp| (at.as_ms(), words::moment(*at), wanted == Some(*at));
    Ok(periods.iter().map(one).collect())
}

fn about(board: &Board) -> Html {
    let name = inert(&board.name);
    let what = match board.measure.operator {
        scoreline_core::game::Operator::Best => "best",
        scoreline_core::game::Operator::Latest => "latest",
        scoreline_core::game::Operator::Sum => "sum",
        scoreline_core::game::Operator::Count => "count",
    };
    let event = inert(&board.measure.event);
    Html::of_ours(format!(
        "The {what} of {event} ranks; whoever reached it first ranks higher. \
         <code>[leaderboards.{name}]</code>"
    ))
}

/// A row of a board, for people.
pub(crate) fn row_view(
    row: &Row,
    board: &Board,
    now: Timestamp,
    asked: Option<&PlayerId>,
) -> RowView {
    let sums = board.beside.iter().zip(row.entry.sums).map(|(_, sum)| words::signed(sum));
    RowView {
        rank: words::count(row.rank),
        name: id(&row.nickname, "name w18"),
        id: id(row.player.as_str(), "w18"),
        path: player_path(&row.player),
        score: words::signed(row.score),
        attempts: words::count(row.entry.attempts.unsigned_abs()),
        sums: sums.collect(),
        reached: words::ago_html(row.entry.standing.reached_at, now),
        is_asked: asked == Some(&row.player),
    }
}

/// The page of a player.
pub(crate) fn player_path(player: &PlayerId) -> String {
    format!("/console/player?id={}", words::in_address(player.as_str()))
}

fn stats(
    ranking: &Ranking,
    total: u64,
    around: &[Row],
    player: Option<&PlayerId>,
    age_ms: i64,
) -> Vec<(&'static str, Html, String)> {
    let mut stats =
        vec![("Players", Html::of_ours(words::count(total)), "on this board".to_owned())];
    let place = around.iter().position(|row| Some(&row.player) == player);
    if let Some(place) = place {
        let row = &around[place];
        let ahead = 100.0 * (total - row.rank) as f64 / total.max(1) as f64;
        let about = format!(
            "of {} · ahead of {}",
            words::count(total),
            words::percent((ahead * 100.0).round() / 100.0)
        );
        stats.push(("The player you asked for", Html::of_ours(words::count(row.rank)), about));
        if let Some(next) = place.checked_sub(1).map(|at| &around[at]) {
            let points = next.entry.standing.points - row.entry.standing.points;
            let about =
                format!("rank {} has {}", words::count(next.rank), words::signed(next.score));
            stats.push(("To the next rank", Html::of_ours(words::signed(points)), about));
        }
    }
    let period = ranking
        .period()
        .map_or_else(|| "all time".to_owned(), |at| format!("since {}", words::moment(at)));
    stats.push((
        "Period",
        Html::of_ours(if ranking.period().is_some() { "resets" } else { "never resets" }),
        period,
    ));
    let (as_of, about) = match age_ms {
        0 => ("now".to_owned(), "from memory, as of the last commit"),
        age_ms => (words::seconds(age_ms as f64 / 1_000.0), "since the database was last heard"),
    };
    stats.push(("Right as of", Html::of_ours(as_of), about.to_owned()));
    stats
}
