//! Rows of a board, as this node holds them in memory. While the database is away, they are as of the
//! last commit heard.

use std::sync::Arc;

use scoreline_core::game::Board;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, Place};
use scoreline_ranking::Aged;

use crate::app::App;
use crate::problem::Problem;

/// A player's row on a board.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub rank: u64,
    pub player: PlayerId,
    pub score: i64,
    /// The player's own, or the game's default.
    pub nickname: String,
    pub entry: Entry,
}

/// Some rows of a board.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub rows: Vec<Row>,
    /// How many players the whole board holds.
    pub total: u64,
    /// Milliseconds since all this was exact, at most; 0 while the database is heard.
    pub age_ms: i64,
}

impl Row {
    /// A sum that the board keeps beside its score.
    pub fn sum(&self, board: &Board, name: &str) -> Option<i64> {
        let place = board.beside.iter().position(|beside| *beside.name == *name)?;
        Some(self.entry.sums[place])
    }

    /// All sums that the board keeps beside its score, by name.
    pub fn sums(&self, board: &Board) -> serde_json::Map<String, serde_json::Value> {
        let sums = board.beside.iter().zip(self.entry.sums);
        sums.map(|(beside, sum)| (beside.name.to_string(), sum.into())).collect()
    }
}

/// The rows of these places, in their order.
pub(crate) fn rows(app: &App, board: &Board, places: Vec<Place>) -> Vec<Row> {
    let definition = app.definition();
    let default_nickname = &definition.game.default_nickname;
    let row = |place: Place| Row {
        rank: place.rank,
        player: place.player,
        score: board.order.score(place.entry.standing.points),
        nickname: place.nickname.unwrap_or_else(|| default_nickname.clone()),
        entry: place.entry,
    };
    places.into_iter().map(row).collect()
}

/// Some rows of a board, reused for a fraction of a second.
pub(crate) async fn page(
    app: &App,
    board: &Board,
    key: BoardKey,
    offset: u64,
    limit: usize,
) -> Result<Arc<Page>, Problem> {
    let asked = (app.operations.plan().version, key, offset, limit);
    if let Some(page) = app.pages.get(&asked) {
        return Ok(page);
    }
    let Aged { answer: places, age_ms } = app.ranks.range(key, offset, limit).await?;
    let total = app.ranks.len(key).await?;
    let age_ms = age_ms.max(total.age_ms);
    let rows = rows(app, board, places);
    let page = Arc::new(Page { rows, total: total.answer, age_ms });
    app.pages.insert(asked, Arc::clone(&page));
    Ok(page)
}

/// One player's row, if they are on the board.
pub(crate) async fn row(
    app: &App,
    board: &Board,
    key: BoardKey,
    player: &PlayerId,
) -> Result<Aged<Option<Row>>, Problem> {
    let Aged { answer, age_ms } = app.ranks.places(key, std::slice::from_ref(player)).await?;
    let found: Vec<Place> = answer.into_iter().flatten().collect();
    Ok(Aged { answer: rows(app, board, found).pop(), age_ms })
}

/// How old an answer says that it is.
pub(crate) fn age_seconds(age_ms: i64) -> i64 {
    // Begun seconds count: nothing is older than it says.
    (age_ms + 999) / 1_000
}
