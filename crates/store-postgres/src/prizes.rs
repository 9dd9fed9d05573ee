//! Prizes after their award: listing and claiming.

use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashPoint, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::pool::Database;
use crate::rows::{self, get, limit};
use crate::session::{Session, View, sql};
use crate::value::values;

fn prize(row: &Row) -> Result<Prize> {
    Ok(Prize {
        id: get(row, 0)?,
        tournament_id: rows::text(row, 1)?,
        tournament_name: get(row, 2)?,
        player: rows::player(row, 3)?,
        rank: rows::count(row, 4)?,
        coins: get(row, 5)?,
        gems: get(row, 6)?,
        awarded_at: rows::time(row, 7)?,
        claimed_at: rows::maybe_time(row, 8)?,
    })
}

/// The prizes of a tournament by rank.
pub(crate) async fn of_tournament(
    session: &Session,
    id: &str,
    offset: usize,
    rows: usize,
) -> Result<Vec<Prize>> {
    let values = values![id, limit(rows), limit(offset)];
    session.list(sql!("prize/of_tournament"), values, prize).await
}

/// A player's prizes that are not claimed, oldest first.
pub(crate) async fn pending(session: &Session, player: &PlayerId) -> Result<Vec<Prize>> {
    session.list(sql!("prize/pending"), values![player.as_str()], prize).await
}

/// A player's prizes, newest first.
pub(crate) async fn history(
    session: &Session,
    player: &PlayerId,
    rows: usize,
) -> Result<Vec<Prize>> {
    session.list(sql!("prize/history"), values![player.as_str(), limit(rows)], prize).await
}

/// Claims a prize for its owner.
pub(crate) async fn claim(
    database: &Database,
    id: Uuid,
    player: &PlayerId,
    now: Timestamp,
) -> Result<Claim> {
    let tx = database.begin(View::Moving).await?;
    let values = values![id, player.as_str(), now.as_ms()];
    let is_first = tx.execute(sql!("prize/claim"), values).await? == 1;
    let found = tx.first(sql!("prize/one"), values![id, player.as_str()], prize).await?;
    database.pass(CrashPoint::ClaimWritten)?;
    tx.commit().await?;
    database.pass(CrashPoint::ClaimCommitted)?;
    Ok(match found {
        None => Claim::NotFound,
        Some(prize) if is_first => Claim::Claimed(prize),
        Some(prize) => Claim::AlreadyClaimed(prize),
    })
}

/// A player's prizes in numbers.
pub(crate) async fn statistics(session: &Session, player: &PlayerId) -> Result<PrizeStatistics> {
    session
        .only(sql!("prize/statistics"), values![player.as_str()], |row| {
            let best_rank: Option<i64> = get(row, 6)?;
            Ok(PrizeStatistics {
                total_prizes: rows::count(row, 0)?,
                claimed_prizes: rows::count(row, 1)?,
                total_coins: get(row, 2)?,
                total_gems: get(row, 3)?,
                claimed_coins: get(row, 4)?,
                claimed_gems: get(row, 5)?,
                best_rank: best_rank.map(i64::unsigned_abs),
                tournaments_won: rows::count(row, 7)?,
            })
        })
        .await
}
