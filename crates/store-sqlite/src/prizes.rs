//! Prizes after their award: listing and claiming.

use rusqlite::{Connection, Params, Row, params};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashHook, CrashPoint, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics};
use uuid::Uuid;

use crate::error::translate;
use crate::rows;
use crate::state::begin;
use crate::statement::{self, execute, limit, only, sql};

fn prize(row: &Row<'_>) -> rusqlite::Result<Prize> {
    Ok(Prize {
        id: rows::uuid(row, 0)?,
        tournament_id: rows::text(row, 1)?,
        tournament_name: row.get(2)?,
        player: rows::player(row, 3)?,
        rank: rows::count(row, 4)?,
        coins: row.get(5)?,
        gems: row.get(6)?,
        awarded_at: rows::time(row, 7)?,
        claimed_at: rows::maybe_time(row, 8)?,
    })
}

fn list(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Prize>> {
    statement::list(connection, sql, params, prize)
}

/// The prizes of a tournament by rank.
pub(crate) fn of_tournament(
    connection: &Connection,
    id: &str,
    offset: usize,
    rows: usize,
) -> Result<Vec<Prize>> {
    list(connection, sql!("prize/of_tournament"), params![id, limit(rows), limit(offset)])
}

/// A player's prizes that are not claimed, oldest first.
pub(crate) fn pending(connection: &Connection, player: &PlayerId) -> Result<Vec<Prize>> {
    list(connection, sql!("prize/pending"), [player.as_str()])
}

/// A player's prizes, newest first.
pub(crate) fn history(
    connection: &Connection,
    player: &PlayerId,
    rows: usize,
) -> Result<Vec<Prize>> {
    list(connection, sql!("prize/history"), params![player.as_str(), limit(rows)])
}

/// Claims a prize for its owner.
pub(crate) fn claim(
    connection: &mut Connection,
    id: Uuid,
    player: &PlayerId,
    now: Timestamp,
    crash: &CrashHook,
) -> Result<Claim> {
    let tx = begin(connection)?;
    let values = params![id.as_bytes(), player.as_str(), now.as_ms()];
    let is_first = execute(&tx, sql!("prize/claim"), values)? == 1;
    let found = list(&tx, sql!("prize/one"), params![id.as_bytes(), player.as_str()])?.pop();
    crash.pass(CrashPoint::ClaimWritten)?;
    tx.commit().map_err(translate)?;
    crash.pass(CrashPoint::ClaimCommitted)?;
    Ok(match found {
        None => Claim::NotFound,
        Some(prize) if is_first => Claim::Claimed(prize),
        Some(prize) => Claim::AlreadyClaimed(prize),
    })
}

/// A player's prizes in numbers.
pub(crate) fn statistics(connection: &Connection, player: &PlayerId) -> Result<PrizeStatistics> {
    only(connection, sql!("prize/statistics"), [player.as_str()], |row| {
        let best_rank: Option<i64> = row.get(6)?;
        Ok(PrizeStatistics {
            total_prizes: rows::count(row, 0)?,
            claimed_prizes: rows::count(row, 1)?,
            total_coins: row.get(2)?,
            total_gems: row.get(3)?,
            claimed_coins: row.get(4)?,
            claimed_gems: row.get(5)?,
            best_rank: best_rank.map(i64::unsigned_abs),
            tournaments_won: rows::count(row, 7)?,
        })
    })
}
