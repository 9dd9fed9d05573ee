//! Rows of a board: ranks from the index, the rest from the store, put together.
//!
//! While the store is away, the rest is as this node last saw it, or not known.

use std::sync::Arc;

use scoreline_core::game::Board;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::Place;
use scoreline_core::store::Entry;
use scoreline_core::time::Timestamp;
use scoreline_ranking::Aged;

use crate::app::App;
use crate::problem::Problem;

/// A player's row on a board.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub rank: u64,
    pub player: PlayerId,
    pub score: i64,
    pub reached_at: Timestamp,
    /// What the store knows beside it, and the name that is shown; `None` while the store is away and
    /// this node has never seen it.
    pub details: Option<Details>,
}

/// What only the store knows of a row.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    /// The player's own, or the game's default.
    pub nickname: String,
    pub entry: Entry,
}

/// Rows, and whether all of them are as the store has them now.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub rows: Vec<Row>,
    /// The store is away: what is not a rank or a score may be old or missing.
    pub partial: bool,
}

/// Some rows of a board.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub rows: Vec<Row>,
    /// How many players the whole board holds.
    pub total: u64,
    /// Milliseconds since all this was right, at most; 0 while the rank index answers.
    pub age_ms: i64,
    /// As [`Rows::partial`].
    pub partial: bool,
}

impl Row {
    /// The name that is shown, if it is known.
    pub fn nickname(&self) -> Option<String> {
        self.details.as_ref().map(|details| details.nickname.clone())
    }

    /// The events that counted, if that is known.
    pub fn attempts(&self) -> Option<i64> {
        self.details.as_ref().map(|details| details.entry.attempts)
    }

    /// The time of the last event that counted, if it is known.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.details.as_ref().map(|details| details.entry.last_at)
    }

    /// A sum that the board keeps beside its score, if it is known.
    pub fn sum(&self, board: &Board, name: &str) -> Option<i64> {
        let place = board.beside.iter().position(|beside| *beside.name == *name)?;
        Some(self.details.as_ref()?.entry.sums[place])
    }

    /// All sums that the board keeps beside its score, by name, if they are known.
    pub fn sums(&self, board: &Board) -> Option<serde_json::Map<String, serde_json::Value>> {
        let sums = board.beside.iter().zip(self.details.as_ref()?.entry.sums);
        Some(sums.map(|(beside, sum)| (beside.name.to_string(), sum.into())).collect())
    }
}

/// The rows of these places, in their order.
pub(crate) async fn rows(
    app: &App,
    board: &Board,
    key: BoardKey,
    places: Vec<Place>,
) -> Result<Rows, Problem> {
    let players: Vec<PlayerId> = places.iter().map(|place| place.player.clone()).collect();
    let default_nickname = app.definition().game.default_nickname.clone();
    let row = |place: Place, entry: Option<Entry>| Row {
        rank: place.rank,
        score: board.order.score(place.standing.points),
        reached_at: place.standing.reached_at,
        player: place.player,
        details: entry.map(|entry| Details {
            nickname: entry.nickname.clone().unwrap_or_else(|| default_nickname.clone()),
            entry,
        }),
    };
    let Some(entries) = entries(app, key, players).await? else {
        let seen = |place: Place| {
            let entry = app.seen.get(&(key, place.player.clone()));
            row(place, entry)
        };
        return Ok(Rows { rows: places.into_iter().map(seen).collect(), partial: true });
    };
    // The index may be a commit ahead of this reader's view; the row appears with the next look.
    let found = places.into_iter().zip(entries).filter(|(_, entry)| entry.is_some());
    Ok(Rows { rows: found.map(|(place, entry)| row(place, entry)).collect(), partial: false })
}

/// The entries of players; `None` while the database is away.
async fn entries(
    app: &App,
    key: BoardKey,
    players: Vec<PlayerId>,
) -> Result<Option<Vec<Option<Entry>>>, Problem> {
    let entries = app.database.ask(app.store.entries(key, players)).await?;
    if app.database.may_be_away() {
        for entry in entries.iter().flatten().flatten() {
            app.seen.insert((key, entry.player.clone()), entry.clone());
        }
    }
    Ok(entries)
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
    let Rows { rows, partial } = rows(app, board, key, places).await?;
    let page = Arc::new(Page { rows, total: total.answer, age_ms, partial });
    app.pages.insert(asked, Arc::clone(&page));
    Ok(page)
}

/// One player's row, if they are on the board, and whether it is partial.
pub(crate) async fn row(
    app: &App,
    board: &Board,
    key: BoardKey,
    player: &PlayerId,
) -> Result<Aged<(Option<Row>, bool)>, Problem> {
    let Aged { answer, age_ms } = app.ranks.places(key, std::slice::from_ref(player)).await?;
    let found: Vec<Place> = answer.into_iter().flatten().collect();
    let Rows { mut rows, partial } = rows(app, board, key, found).await?;
    Ok(Aged { answer: (rows.pop(), partial), age_ms })
}

/// How old an answer says that it is.
pub(crate) fn age_seconds(age_ms: i64) -> i64 {
    // Begun seconds count: nothing is older than it says.
    (age_ms + 999) / 1_000
}
