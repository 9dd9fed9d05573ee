//! Prizes after their award: listing, claiming, and what operators do to them.

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashPoint, PrizeStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, HandAward, HandPrize, Revocation};
use uuid::Uuid;

use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;
use crate::{audit, moved, rows, state, telling};

#[async_trait]
impl PrizeStore for PostgresStore {
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

    async fn award_prize(&self, wanted: HandPrize, act: Act) -> Result<HandAward> {
        self.write(move |database| async move {
            let tx = state::begin_beside(&database).await?;
            moved::refuse_gone(&tx, &wanted.player).await?;
            let prize = wanted.prize(&act);
            let is_new = tx.carry_out([prize.award()]).await? == 1;
            let found = tx.only(sql!("prize/by_id"), values![wanted.id], rows::read).await?;
            let outcome = wanted.outcome(found, is_new);
            if let Some(deed) = outcome.deed(act) {
                audit::conclude(&tx, deed).await?;
                tx.commit().await?;
            }
            Ok(outcome)
        })
        .await
    }

    async fn revoke_prize(&self, id: Uuid, act: Act) -> Result<Revocation> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            let found = tx.first(sql!("prize/by_id"), values![id], rows::read).await?;
            let outcome = Revocation::of(found, &act);
            if let Some(deed) = outcome.deed(act) {
                audit::conclude(&tx, deed).await?;
                tx.commit().await?;
            }
            Ok(outcome)
        })
        .await
    }
}
