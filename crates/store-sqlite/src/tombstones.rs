//! The tombstones of erased players, which keep late events out.

use std::collections::BTreeSet;

use rusqlite::Connection;
use scoreline_core::erasure::Tombstone;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Batch, Result, StoreError};
use uuid::Uuid;

use crate::error::translate;
use crate::statement::{first, sql};

/// Those of the players of a batch who were erased.
pub(crate) fn erased_of(tx: &Connection, key: &str, batch: &Batch) -> Result<BTreeSet<PlayerId>> {
    let mut find = tx.prepare_cached(sql!("erasure/job_of")).map_err(translate)?;
    let mut erased = BTreeSet::new();
    for player in batch.players() {
        let tombstone = Tombstone::of(key, &player);
        if find.exists([tombstone.0.as_bytes()]).map_err(translate)? {
            erased.insert(player);
        }
    }
    Ok(erased)
}

/// Fails if a player was erased.
pub(crate) fn refuse_erased(tx: &Connection, player: &PlayerId) -> Result<()> {
    let key: Option<String> = first(tx, sql!("erasure/key"), ())?;
    match key {
        Some(key) if is_buried(tx, &key, player)? => Err(StoreError::Erased),
        _ => Ok(()),
    }
}

fn is_buried(tx: &Connection, key: &str, player: &PlayerId) -> Result<bool> {
    let tombstone = Tombstone::of(key, player);
    let job: Option<Uuid> = first(tx, sql!("erasure/job_of"), [tombstone.0.as_bytes()])?;
    Ok(job.is_some())
}
