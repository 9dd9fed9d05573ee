//! What is kept of a player beside their scores.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::store::{BindOutcome, PlayerProfile, PlayerStore, Result};
use scoreline_core::time::Timestamp;

use crate::statement::{execute, first, limit, list, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl PlayerStore for SqliteStore {
    async fn set_nickname(&self, player: PlayerId, nickname: String, now: Timestamp) -> Result<()> {
        self.change(move |tx| {
            let values = params![player.as_str(), nickname, now.as_ms()];
            let version: Version = only(tx, sql!("player/name"), values)?;
            tx.tell([Change::Name(PlayerName { player, nickname, version })]);
            Ok(())
        })
        .await
    }

    async fn names(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<PlayerName>> {
        self.read(move |connection| {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            list(connection, sql!("player/names"), params![after, limit(rows)])
        })
        .await
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

    async fn bind_secret(
        &self,
        player: PlayerId,
        hash: String,
        now: Timestamp,
    ) -> Result<BindOutcome> {
        self.change(move |tx| {
            let values = params![player.as_str(), hash, now.as_ms()];
            let is_bound = execute(tx, sql!("player/bind_secret"), values)? == 1;
            let known = only(tx, sql!("player/secret"), [player.as_str()])?;
            Ok(if is_bound { BindOutcome::Bound } else { BindOutcome::Known(known) })
        })
        .await
    }
}

/// The nicknames of some players, in their order.
fn nicknames(connection: &Connection, players: &[PlayerId]) -> Result<Vec<Option<String>>> {
    let nickname = |player: &PlayerId| {
        let found: Option<Option<String>> =
            first(connection, sql!("player/nickname"), [player.as_str()])?;
        Ok(found.flatten())
    };
    players.iter().map(nickname).collect()
}
