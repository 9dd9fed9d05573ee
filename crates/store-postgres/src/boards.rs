//! Board entries, for answers and for the rank index.

use std::collections::HashMap;

use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::Standing;
use scoreline_core::store::{Entry, Result};
use scoreline_core::time::Timestamp;
use tokio_postgres::Row;

use crate::rows::{self, get};
use crate::session::{Session, sql};
use crate::value::values;

/// The entries of some players, in their order.
pub(crate) async fn entries(
    session: &Session,
    board: BoardKey,
    players: &[PlayerId],
) -> Result<Vec<Option<Entry>>> {
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let values = values![board.slot.0, board.period.as_ms(), ids];
    let found = session.list(sql!("board/entries"), values, entry).await?;
    let found: HashMap<&PlayerId, &Entry> =
        found.iter().map(|entry| (&entry.player, entry)).collect();
    Ok(players.iter().map(|player| found.get(player).map(|entry| (*entry).clone())).collect())
}

fn entry(row: &Row) -> Result<Entry> {
    Ok(Entry {
        player: rows::player(row, 0)?,
        standing: rows::standing(row, 1)?,
        attempts: get(row, 3)?,
        last_at: rows::time(row, 4)?,
        sums: [get(row, 5)?, get(row, 6)?, get(row, 7)?, get(row, 8)?],
        nickname: get(row, 9)?,
    })
}

/// All standings of a board, taken over row by row as they come.
pub(crate) async fn standings(
    session: &Session,
    board: BoardKey,
) -> Result<Vec<(PlayerId, Standing)>> {
    let key = values![board.slot.0, board.period.as_ms()];
    session
        .list(sql!("board/standings"), key, |row| {
            Ok((rows::player(row, 0)?, rows::standing(row, 1)?))
        })
        .await
}

/// The starts of the periods that have entries, newest first.
pub(crate) async fn periods(session: &Session, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
    let mut found: Vec<Timestamp> = Vec::new();
    while found.len() < rows {
        let before = found.last().map_or(i64::MAX, |period| period.as_ms());
        let period = session
            .only(sql!("board/period_before"), values![slot.0, before], |row| {
                rows::maybe_time(row, 0)
            })
            .await?;
        let Some(period) = period else { break };
        found.push(period);
    }
    Ok(found)
}
