//! Players who were moved to another id: who they became.

use std::collections::BTreeMap;

use rusqlite::Connection;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Batch, Result, StoreError};

use crate::statement::{first, sql};
use crate::tombstones;

/// Who those players of a batch became who were moved.
pub(crate) fn became(tx: &Connection, batch: &Batch) -> Result<BTreeMap<PlayerId, PlayerId>> {
    let mut became = BTreeMap::new();
    for player in batch.players() {
        if let Some(other) = moved_to(tx, &player)? {
            became.insert(player, other);
        }
    }
    Ok(became)
}

/// Fails if a player was erased, or moved to another id.
pub(crate) fn refuse_gone(tx: &Connection, player: &PlayerId) -> Result<()> {
    tombstones::refuse_erased(tx, player)?;
    refuse_moved(tx, player)
}

/// Fails if a player was moved to another id.
pub(crate) fn refuse_moved(tx: &Connection, player: &PlayerId) -> Result<()> {
    if moved_to(tx, player)?.is_some() { Err(StoreError::Moved) } else { Ok(()) }
}

/// Who a player has become, if they were moved.
pub(crate) fn moved_to(tx: &Connection, player: &PlayerId) -> Result<Option<PlayerId>> {
    first(tx, sql!("joining/moved_to"), [player.as_str()])
}
