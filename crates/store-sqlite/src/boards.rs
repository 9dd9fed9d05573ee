//! Board entries, for answers and for the rank index.

use rusqlite::{Connection, OptionalExtension, params};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Place, PlayerStanding};
use scoreline_core::store::{Entry, Result};
use scoreline_core::time::Timestamp;

use crate::error::translate;
use crate::rows;
use crate::statement::{limit, list, only, sql};

/// The entries of some players, in their order.
pub(crate) fn entries(
    connection: &Connection,
    board: BoardKey,
    players: &[PlayerId],
) -> Result<Vec<Option<Entry>>> {
    let mut query = connection.prepare_cached(sql!("board/entry")).map_err(translate)?;
    let mut entry = |player: &PlayerId| {
        let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
        query
            .query_row(key, |row| {
                Ok(Entry {
                    player: player.clone(),
                    standing: rows::standing(row, 0)?,
                    attempts: row.get(2)?,
                    last_at: rows::time(row, 3)?,
                    sums: [row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?],
                    nickname: row.get(8)?,
                })
            })
            .optional()
            .map_err(translate)
    };
    players.iter().map(&mut entry).collect()
}

/// Standings of a board in the order of the players' ids.
pub(crate) fn standings(
    connection: &Connection,
    board: BoardKey,
    after: Option<&PlayerId>,
    rows: usize,
) -> Result<Vec<PlayerStanding>> {
    // No id is empty, so the empty text stands before all of them.
    let after = after.map_or("", PlayerId::as_str);
    let values = params![board.slot.0, board.period.as_ms(), after, limit(rows)];
    list(connection, sql!("board/standings"), values, |row| {
        let (standing, version) = rows::versioned_standing(row, 1)?;
        Ok(PlayerStanding { player: rows::player(row, 0)?, standing, version })
    })
}

/// The starts of the periods that have entries, newest first.
pub(crate) fn periods(connection: &Connection, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
    let mut query = connection.prepare_cached(sql!("board/period_before")).map_err(translate)?;
    let mut found: Vec<Timestamp> = Vec::new();
    while found.len() < rows {
        let before = found.last().map_or(i64::MAX, |period| period.as_ms());
        let period = query
            .query_row(params![slot.0, before], |row| rows::maybe_time(row, 0))
            .map_err(translate)?;
        let Some(period) = period else { break };
        found.push(period);
    }
    Ok(found)
}

/// The places of some players, in their order, by counting who is better.
pub(crate) fn places(
    connection: &Connection,
    board: BoardKey,
    players: &[PlayerId],
) -> Result<Vec<Option<Place>>> {
    let mut query = connection.prepare_cached(sql!("board/place")).map_err(translate)?;
    let mut place = |player: &PlayerId| {
        let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
        query
            .query_row(key, |row| {
                Ok(Place {
                    rank: rows::count(row, 2)?,
                    player: player.clone(),
                    standing: rows::standing(row, 0)?,
                })
            })
            .optional()
            .map_err(translate)
    };
    players.iter().map(&mut place).collect()
}

/// Places from the `offset`-th on, best first.
pub(crate) fn range(
    connection: &Connection,
    board: BoardKey,
    offset: u64,
    rows: usize,
) -> Result<Vec<Place>> {
    let skipped = i64::try_from(offset).unwrap_or(i64::MAX);
    let values = params![board.slot.0, board.period.as_ms(), limit(rows), skipped];
    let ranked = list(connection, sql!("board/range"), values, |row| {
        Ok((rows::player(row, 0)?, rows::standing(row, 1)?))
    })?;
    let ranks = offset.saturating_add(1)..;
    Ok(ranks
        .zip(ranked)
        .map(|(rank, (player, standing))| Place { rank, player, standing })
        .collect())
}

/// How many players are on a board.
pub(crate) fn len(connection: &Connection, board: BoardKey) -> Result<u64> {
    let key = params![board.slot.0, board.period.as_ms()];
    only(connection, sql!("board/len"), key, |row| rows::count(row, 0))
}
