//! Board entries, for answers and for the rank index.

use std::collections::HashMap;

use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Place, PlayerStanding};
use scoreline_core::store::{Entry, Result};
use scoreline_core::time::Timestamp;
use tokio_postgres::Row;

use crate::rows::{self, get, limit};
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

/// Standings of a board in the order of the players' ids.
pub(crate) async fn standings(
    session: &Session,
    board: BoardKey,
    after: Option<&PlayerId>,
    rows: usize,
) -> Result<Vec<PlayerStanding>> {
    // No id is empty, so the empty text stands before all of them.
    let after = after.map_or("", PlayerId::as_str);
    let values = values![board.slot.0, board.period.as_ms(), after, limit(rows)];
    session
        .list(sql!("board/standings"), values, |row| {
            let (standing, version) = rows::versioned_standing(row, 1)?;
            Ok(PlayerStanding { player: rows::player(row, 0)?, standing, version })
        })
        .await
}

/// The places of some players, in their order, by counting who is better.
pub(crate) async fn places(
    session: &Session,
    board: BoardKey,
    players: &[PlayerId],
) -> Result<Vec<Option<Place>>> {
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let values = values![board.slot.0, board.period.as_ms(), ids];
    let found = session
        .list(sql!("board/places"), values, |row| {
            let (player, standing) = (rows::player(row, 0)?, rows::standing(row, 1)?);
            Ok(Place { rank: rows::count(row, 3)?, player, standing })
        })
        .await?;
    let found: HashMap<&PlayerId, &Place> =
        found.iter().map(|place| (&place.player, place)).collect();
    Ok(players.iter().map(|player| found.get(player).map(|place| (*place).clone())).collect())
}

/// Places from the `offset`-th on, best first.
pub(crate) async fn range(
    session: &Session,
    board: BoardKey,
    offset: u64,
    rows: usize,
) -> Result<Vec<Place>> {
    let skipped = i64::try_from(offset).unwrap_or(i64::MAX);
    let values = values![board.slot.0, board.period.as_ms(), limit(rows), skipped];
    let ranked = session
        .list(sql!("board/range"), values, |row| {
            Ok((rows::player(row, 0)?, rows::standing(row, 1)?))
        })
        .await?;
    let ranks = offset.saturating_add(1)..;
    Ok(ranks
        .zip(ranked)
        .map(|(rank, (player, standing))| Place { rank, player, standing })
        .collect())
}

/// How many players are on a board.
pub(crate) async fn len(session: &Session, board: BoardKey) -> Result<u64> {
    let key = values![board.slot.0, board.period.as_ms()];
    session.only(sql!("board/len"), key, |row| rows::count(row, 0)).await
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
