//! Prizes after their award: listing and claiming.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::store::values::limit;
use scoreline_core::store::{CrashPoint, PrizeStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics};
use uuid::Uuid;

use crate::rows;
use crate::session::sql;
use crate::store::PostgresStore;
use crate::telling;
use crate::value::values;

#[async_trait]
impl PrizeStore for PostgresStore {
    async fn prizes_of(&self, id: Arc<str>, offset: usize, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            let values = values![&*id, limit(rows), limit(offset)];
            session.list(sql!("prize/of_tournament"), values, rows::read).await
        })
        .await
    }

    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            session.list(sql!("prize/pending"), values![player.as_str()], rows::read).await
        })
        .await
    }

    async fn claim_prize(&self, id: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            let values = values![id, player.as_str(), now.as_ms()];
            let is_first = tx.execute(sql!("prize/claim"), values).await? == 1;
            let found =
                tx.first(sql!("prize/one"), values![id, player.as_str()], rows::read).await?;
            if is_first {
                tx.tell([Change::Claim { prize: id, player: player.clone() }]);
            }
            database.pass(CrashPoint::ClaimWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::ClaimCommitted)?;
            Ok(Claim::of(found, is_first))
        })
        .await
    }

    async fn prize_history(&self, player: PlayerId, rows: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            let values = values![player.as_str(), limit(rows)];
            session.list(sql!("prize/history"), values, rows::read).await
        })
        .await
    }

    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        self.read(move |session| async move {
            session.only(sql!("prize/statistics"), values![player.as_str()], rows::read).await
        })
        .await
    }
}
