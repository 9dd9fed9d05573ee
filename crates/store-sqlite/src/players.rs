//! What is kept of a player beside their scores.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::session::Binding;
use scoreline_core::store::{PlayerProfile, PlayerStore, Result};
use scoreline_core::time::Timestamp;

use crate::statement::{execute, first, limit, list, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;
use crate::tombstones::refuse_erased;

#[async_trait]
impl PlayerStore for SqliteStore {
    async fn name(&self, player: PlayerId, name: NewName, now: Timestamp) -> Result<Named> {
        self.change(move |tx| give_name(tx, &player, name, now)).await
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        self.read(move |connection| nicknames(connection, &players)).await
    }

    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>> {
        self.glance(1, move |connection| {
            let of = [player.as_str()];
            let statistics = list(connection, sql!("statistic/of_player"), of)?;
            let nickname = nicknames(connection, std::slice::from_ref(&player))?.pop().flatten();
            Ok(PlayerProfile::known(nickname, statistics))
        })
        .await
    }

    async fn binding(&self, player: PlayerId) -> Result<Binding> {
        self.glance(1, move |connection| only(connection, sql!("player/secret"), [player.as_str()]))
            .await
    }

    async fn bind_secret(&self, player: PlayerId, hash: String, now: Timestamp) -> Result<Binding> {
        self.change(move |tx| {
            refuse_erased(tx, &player)?;
            let values = params![player.as_str(), hash, now.as_ms()];
            execute(tx, sql!("player/bind_secret"), values)?;
            only(tx, sql!("player/secret"), [player.as_str()])
        })
        .await
    }

    async fn forget_unused_bindings(&self, before: Timestamp, rows: usize) -> Result<u64> {
        self.change_to_make_room(move |tx| {
            let values = params![before.as_ms(), limit(rows)];
            Ok(execute(tx, sql!("player/forget_unused"), values)? as u64)
        })
        .await
    }
}

/// Names a player, unless the name cannot be given.
pub(crate) fn give_name(
    tx: &Telling<'_>,
    player: &PlayerId,
    name: NewName,
    now: Timestamp,
) -> Result<Named> {
    refuse_erased(tx, player)?;
    let is_blocked: bool = only(tx, sql!("player/is_blocked"), [&name.skeleton])?;
    let is_taken: bool =
        only(tx, sql!("player/has_other"), params![name.skeleton, player.as_str()])?;
    let named = name.judge(is_blocked, is_taken);
    if named == Named::Given {
        let NewName { nickname, skeleton, .. } = name;
        let values = params![player.as_str(), nickname, now.as_ms(), skeleton];
        let version: Version = only(tx, sql!("player/name"), values)?;
        tx.tell([Change::Name(PlayerName { player: player.clone(), nickname, version })]);
    }
    Ok(named)
}

/// The nicknames of some players, in their order.
pub(crate) fn nicknames(
    connection: &Connection,
    players: &[PlayerId],
) -> Result<Vec<Option<String>>> {
    let nickname = |player: &PlayerId| {
        let found: Option<Option<String>> =
            first(connection, sql!("player/nickname"), [player.as_str()])?;
        Ok(found.flatten())
    };
    players.iter().map(nickname).collect()
}
