//! Prizes after their award: listing and claiming.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashPoint, PrizeStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::rows::{self, get, limit};
use crate::session::{View, sql};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl PrizeStore for PostgresStore {
    async fn prizes_of(&self, id: Arc<str>, offset: usize, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            let values = values![&*id, limit(rows), limit(offset)];
            session.list(sql!("prize/of_tournament"), values, prize).await
        })
        .await
    }

    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            session.list(sql!("prize/pending"), values![player.as_str()], prize).await
        })
        .await
    }

    async fn claim_prize(&self, id: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        self.write(move |database| async move {
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
        })
        .await
    }

    async fn prize_history(&self, player: PlayerId, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            let values = values![player.as_str(), limit(rows)];
            session.list(sql!("prize/history"), values, prize).await
        })
        .await
    }

    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        self.read(move |session| async move {
            session.only(sql!("prize/statistics"), values![player.as_str()], statistics).await
        })
        .await
    }
}

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

fn statistics(row: &Row) -> Result<PrizeStatistics> {
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
}
