//! Players who were moved to another id: who they became.

use std::collections::BTreeMap;

use scoreline_core::id::PlayerId;
use scoreline_core::store::{Batch, Result, StoreError};

use crate::session::{Session, sql};
use crate::value::values;
use crate::{rows, tombstones};

/// Who those players of a batch became who were moved.
pub(crate) async fn became(tx: &Session, batch: &Batch) -> Result<BTreeMap<PlayerId, PlayerId>> {
    let players = batch.players();
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let found: Vec<(PlayerId, PlayerId)> =
        tx.list(sql!("joining/ends"), values![ids], rows::read).await?;
    Ok(found.into_iter().collect())
}

/// Fails if a player was erased, or moved to another id.
pub(crate) async fn refuse_gone(tx: &Session, player: &PlayerId) -> Result<()> {
    tombstones::refuse_erased(tx, player).await?;
    refuse_moved(tx, player).await
}

/// Fails if a player was moved to another id.
pub(crate) async fn refuse_moved(tx: &Session, player: &PlayerId) -> Result<()> {
    if moved_to(tx, player).await?.is_some() { Err(StoreError::Moved) } else { Ok(()) }
}

/// Who a player has become, if they were moved.
pub(crate) async fn moved_to(tx: &Session, player: &PlayerId) -> Result<Option<PlayerId>> {
    tx.first(sql!("joining/moved_to"), values![player.as_str()], rows::read).await
}
