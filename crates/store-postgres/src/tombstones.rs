//! The tombstones of erased players, which keep late events out.

use std::collections::BTreeSet;

use scoreline_core::erasure::Tombstone;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Batch, Result, StoreError};
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::value::values;

/// Those of the players of a batch who were erased.
pub(crate) async fn erased_of(
    tx: &Session,
    key: &str,
    batch: &Batch,
) -> Result<BTreeSet<PlayerId>> {
    let players: Vec<PlayerId> = batch.players().into_iter().collect();
    let tombstones: Vec<Uuid> = players.iter().map(|player| Tombstone::of(key, player).0).collect();
    let places: Vec<i64> = tx.list(sql!("erasure/erased"), values![tombstones], rows::read).await?;
    let erased = places.into_iter().filter_map(|place| {
        // Counted from 1.
        players.get(usize::try_from(place).ok()?.checked_sub(1)?).cloned()
    });
    Ok(erased.collect())
}

/// Fails if a player was erased.
pub(crate) async fn refuse_erased(tx: &Session, player: &PlayerId) -> Result<()> {
    let key: Option<String> = tx.first(sql!("erasure/key"), values![], rows::read).await?;
    let Some(key) = key else { return Ok(()) };
    let tombstone = Tombstone::of(&key, player).0;
    let job: Option<Uuid> =
        tx.first(sql!("erasure/job_of"), values![tombstone], rows::read).await?;
    if job.is_some() { Err(StoreError::Erased) } else { Ok(()) }
}
