//! Prizes after their award: listing, claiming, and what operators do to them.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::audit::Act;
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashPoint, PrizeStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, HandAward, HandPrize, Revocation};
use uuid::Uuid;

use crate::statement::{carry_out, execute, first, only, sql};
use crate::store::SqliteStore;
use crate::{audit, moved};

#[async_trait]
impl PrizeStore for SqliteStore {
    async fn claim_prize(&self, id: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        let crash = self.crash.clone();
        let claim = self.change(move |tx| {
            let values = params![id.as_bytes(), player.as_str(), now.as_ms()];
            let is_first = execute(tx, sql!("prize/claim"), values)? == 1;
            let owned = params![id.as_bytes(), player.as_str()];
            let found = first(tx, sql!("prize/one"), owned)?;
            if is_first {
                tx.tell([Change::Claim { prize: id, player: player.clone() }]);
            }
            crash.pass(CrashPoint::ClaimWritten)?;
            Ok(Claim::of(found, is_first))
        });
        let claim = claim.await?;
        self.crash.pass(CrashPoint::ClaimCommitted)?;
        Ok(claim)
    }

    async fn award_prize(&self, wanted: HandPrize, act: Act) -> Result<HandAward> {
        self.change(move |tx| {
            moved::refuse_gone(tx, &wanted.player)?;
            let is_new = carry_out(tx, [wanted.prize(&act).award()])? == 1;
            let found = only(tx, sql!("prize/by_id"), [wanted.id.as_bytes()])?;
            let outcome = wanted.outcome(found, is_new);
            if let Some(deed) = outcome.deed(act) {
                audit::conclude(tx, deed)?;
            }
            Ok(outcome)
        })
        .await
    }

    async fn revoke_prize(&self, id: Uuid, act: Act) -> Result<Revocation> {
        self.change(move |tx| {
            let found = first(tx, sql!("prize/by_id"), [id.as_bytes()])?;
            let outcome = Revocation::of(found, &act);
            if let Some(deed) = outcome.deed(act) {
                audit::conclude(tx, deed)?;
            }
            Ok(outcome)
        })
        .await
    }
}
