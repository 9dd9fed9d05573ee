//! Prizes after their award: listing and claiming.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Row, params};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashPoint, PrizeStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics};
use uuid::Uuid;

use crate::error::translate;
use crate::rows;
use crate::statement::{begin, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl PrizeStore for SqliteStore {
    async fn prizes_of(&self, id: Arc<str>, offset: usize, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |connection| {
            let values = params![&*id, limit(rows), limit(offset)];
            list(connection, sql!("prize/of_tournament"), values, prize)
        })
        .await
    }

    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        self.read(move |connection| {
            list(connection, sql!("prize/pending"), [player.as_str()], prize)
        })
        .await
    }

    async fn claim_prize(&self, id: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        let crash = self.crash.clone();
        self.write(move |connection| {
            let tx = begin(connection)?;
            let values = params![id.as_bytes(), player.as_str(), now.as_ms()];
            let is_first = execute(&tx, sql!("prize/claim"), values)? == 1;
            let owned = params![id.as_bytes(), player.as_str()];
            let found = first(&tx, sql!("prize/one"), owned, prize)?;
            crash.pass(CrashPoint::ClaimWritten)?;
            tx.commit().map_err(translate)?;
            crash.pass(CrashPoint::ClaimCommitted)?;
            Ok(match found {
                None => Claim::NotFound,
                Some(prize) if is_first => Claim::Claimed(prize),
                Some(prize) => Claim::AlreadyClaimed(prize),
            })
        })
        .await
    }

    async fn prize_history(&self, player: PlayerId, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |connection| {
            let values = params![player.as_str(), limit(rows)];
            list(connection, sql!("prize/history"), values, prize)
        })
        .await
    }

    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        self.read(move |connection| {
            only(connection, sql!("prize/statistics"), [player.as_str()], statistics)
        })
        .await
    }
}

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

fn statistics(row: &Row<'_>) -> rusqlite::Result<PrizeStatistics> {
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
}
