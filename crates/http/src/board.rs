//! Rows of a board: ranks from the index, the rest from the store, put together.

use std::sync::Arc;

use scoreline_core::game::Board;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Aged, Place};
use scoreline_core::store::Entry;

use crate::app::App;
use crate::problem::Problem;

/// A player's row on a board.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub rank: u64,
    pub player: PlayerId,
    pub nickname: String,
    pub score: i64,
    pub entry: Entry,
}

/// Some rows of a board.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub rows: Vec<Row>,
    /// How many players the whole board holds.
    pub total: u64,
    /// Milliseconds since all this was right, at most; 0 while the rank index answers.
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
pub(crate) async fn rows(
    app: &App,
    board: &Board,
    key: BoardKey,
    places: Vec<Place>,
) -> Result<Vec<Row>, Problem> {
    let players: Vec<PlayerId> = places.iter().map(|place| place.player.clone()).collect();
    let entries = app.store.entries(key, players).await?;
    let default_nickname = app.definition().game.default_nickname.clone();
    let rows = places.into_iter().zip(entries).filter_map(|(place, entry)| {
        // The index may be a commit ahead of this reader's view; the row appears with the next look.
        let entry = entry?;
        Some(Row {
            rank: place.rank,
            nickname: entry.nickname.clone().unwrap_or_else(|| default_nickname.clone()),
            score: board.order.score(place.standing.points),
            player: place.player,
            entry,
        })
    });
    Ok(rows.collect())
}

/// Some rows of a board, reused for a fraction of a second.
pub(crate) async fn page(
    app: &App,
    board: &Board,
    key: BoardKey,
    offset: u64,
    limit: usize,
) -> Result<Arc<Page>, Problem> {
    if let Some(page) = app.pages.get(&(key, offset, limit)) {
        return Ok(page);
    }
    let Aged { answer: places, age_ms } = app.ranks.range(key, offset, limit).await?;
    let total = app.ranks.len(key).await?;
    let age_ms = age_ms.max(total.age_ms);
    let rows = rows(app, board, key, places).await?;
    let page = Arc::new(Page { rows, total: total.answer, age_ms });
    app.pages.insert((key, offset, limit), Arc::clone(&page));
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
    Ok(Aged { answer: rows(app, board, key, found).await?.pop(), age_ms })
}

/// How old an answer says that it is.
pub(crate) fn age_seconds(age_ms: i64) -> i64 {
    // Begun seconds count: nothing is older than it says.
    (age_ms + 999) / 1_000
}
