//! What is kept of a player beside their scores.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::nickname::{RESEMBLING_RULES, resembling};
use scoreline_core::session::Binding;
use scoreline_core::store::{PlayerProfile, PlayerStore, Result, StoreError};
use scoreline_core::time::Timestamp;

use crate::moved::refuse_gone;
use crate::names;
use crate::statement::{bind, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;

#[async_trait]
impl PlayerStore for SqliteStore {
    async fn name(&self, player: PlayerId, name: NewName, now: Timestamp) -> Result<Named> {
        if self.writer.is_none() {
            return Err(StoreError::ReadOnly);
        }
        let answered = names::wait(&self.names, player, name, now);
        let (waiting, feed) = (Arc::clone(&self.names), self.feed.clone());
        // Every wish brings a turn on the connection along. Whose comes first takes all that wait, so that
        // some turns find nothing left to do, and no wish is left without one.
        self.write(move |connection| {
            names::give_waiting(connection, &feed, &waiting);
            Ok(())
        })
        .await?;
        let outcome = names::answer(answered).await;
        self.note_full(&outcome);
        outcome
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
            refuse_gone(tx, &player)?;
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

    async fn renew_resemblance(&self, rows: usize) -> Result<u64> {
        self.change(move |tx| {
            let asked = params![RESEMBLING_RULES, limit(rows)];
            let named: Vec<(String, String)> = list(tx, sql!("player/of_other_rules"), asked)?;
            for (player, nickname) in &named {
                let values = params![player, nickname, resembling(nickname), RESEMBLING_RULES];
                execute(tx, sql!("player/renew"), values)?;
            }
            let blocked: Vec<(String, String)> =
                list(tx, sql!("player/blocked_of_other_rules"), asked)?;
            for (skeleton, nickname) in &blocked {
                let values = params![skeleton, resembling(nickname), RESEMBLING_RULES];
                execute(tx, sql!("player/renew_blocked"), values)?;
                execute(tx, sql!("player/drop_blocked"), params![skeleton, RESEMBLING_RULES])?;
            }
            Ok((named.len() + blocked.len()) as u64)
        })
        .await
    }
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

/// Bans a player as it says, or lifts the ban, and tells it.
pub(crate) fn put_ban(tx: &Telling<'_>, player: PlayerId, ban: Option<Ban>) -> Result<()> {
    let version = only(tx, sql!("ban/put"), bind(Ban::put(ban, &player)))?;
    tx.tell([Change::Ban(PlayerBan { player, ban, version })]);
    Ok(())
}
