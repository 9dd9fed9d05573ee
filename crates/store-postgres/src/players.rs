//! What is kept of a player beside their scores.

use std::collections::HashMap;

use async_trait::async_trait;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::nickname::{RESEMBLING_RULES, resembling};
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::session::Binding;
use scoreline_core::store::values::limit;
use scoreline_core::store::{PlayerProfile, PlayerStore, Result};
use scoreline_core::time::Timestamp;

use crate::moved::refuse_gone;
use crate::session::{Session, View, sql};
use crate::store::PostgresStore;
use crate::telling::Telling;
use crate::value::{bind, values};
use crate::{rows, state};

#[async_trait]
impl PlayerStore for PostgresStore {
    async fn name(&self, player: PlayerId, name: NewName, now: Timestamp) -> Result<Named> {
        self.write(move |database| async move {
            let tx = state::begin_beside(&database).await?;
            let named = give_name(&tx, &player, name, now).await?;
            tx.commit().await?;
            Ok(named)
        })
        .await
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        self.read(move |session| async move { nicknames(&session, &players).await }).await
    }

    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>> {
        self.read(move |session| async move {
            let statistics = session
                .list(sql!("statistic/of_player"), values![player.as_str()], rows::read)
                .await?;
            let nickname =
                nicknames(&session, std::slice::from_ref(&player)).await?.pop().flatten();
            Ok(PlayerProfile::known(nickname, statistics))
        })
        .await
    }

    async fn binding(&self, player: PlayerId) -> Result<Binding> {
        self.read(move |session| async move {
            let of = values![player.as_str()];
            session.only(sql!("player/secret"), of, rows::read).await
        })
        .await
    }

    async fn bind_secret(&self, player: PlayerId, hash: String, now: Timestamp) -> Result<Binding> {
        self.write(move |database| async move {
            let tx = state::begin_beside(&database).await?;
            refuse_gone(&tx, &player).await?;
            let values = values![player.as_str(), hash, now.as_ms()];
            tx.execute(sql!("player/bind_secret"), values).await?;
            let of = values![player.as_str()];
            let binding = tx.only(sql!("player/secret"), of, rows::read).await?;
            tx.commit().await?;
            Ok(binding)
        })
        .await
    }

    async fn forget_unused_bindings(&self, before: Timestamp, rows: usize) -> Result<u64> {
        self.write(move |database| async move {
            let tx = database.begin_long(View::Moving).await?;
            let values = values![before.as_ms(), limit(rows)];
            let forgotten = tx.execute(sql!("player/forget_unused"), values).await?;
            tx.commit().await?;
            Ok(forgotten)
        })
        .await
    }

    async fn renew_resemblance(&self, rows: usize) -> Result<u64> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            let asked = values![RESEMBLING_RULES, limit(rows)];
            let named: Vec<(String, String)> =
                tx.list(sql!("player/of_other_rules"), asked, rows::read).await?;
            let players: Vec<&str> = named.iter().map(|(player, _)| &**player).collect();
            let nicknames: Vec<&str> = named.iter().map(|(_, nickname)| &**nickname).collect();
            let skeletons: Vec<String> = nicknames.iter().copied().map(resembling).collect();
            let values = values![players, nicknames, skeletons, RESEMBLING_RULES];
            tx.execute(sql!("player/renew"), values).await?;
            let blocked: Vec<(String, String)> =
                tx.list(sql!("player/blocked_of_other_rules"), asked, rows::read).await?;
            for (skeleton, nickname) in blocked.iter().map(|(key, name)| (&**key, &**name)) {
                let renewed = resembling(nickname);
                let values = values![skeleton, renewed, RESEMBLING_RULES];
                tx.execute(sql!("player/renew_blocked"), values).await?;
                let values = values![skeleton, RESEMBLING_RULES];
                tx.execute(sql!("player/drop_blocked"), values).await?;
            }
            tx.commit().await?;
            Ok((named.len() + blocked.len()) as u64)
        })
        .await
    }
}

/// Names a player, unless the name cannot be given.
pub(crate) async fn give_name(
    tx: &Telling,
    player: &PlayerId,
    name: NewName,
    now: Timestamp,
) -> Result<Named> {
    refuse_gone(tx, player).await?;
    let skeleton = &*name.skeleton;
    if name.unique {
        tx.execute(sql!("player/lock_name"), values![skeleton]).await?;
    }
    let is_blocked: bool =
        tx.only(sql!("player/is_blocked"), values![skeleton], rows::read).await?;
    let asked = values![skeleton, player.as_str()];
    let is_taken: bool = tx.only(sql!("player/has_other"), asked, rows::read).await?;
    let named = name.judge(is_blocked, is_taken);
    if named == Named::Given {
        put_name(tx, player, name, now).await?;
    }
    Ok(named)
}

/// Names a player, and tells it.
pub(crate) async fn put_name(
    tx: &Telling,
    player: &PlayerId,
    NewName { nickname, skeleton, .. }: NewName,
    now: Timestamp,
) -> Result<()> {
    let values = values![player.as_str(), nickname, now.as_ms(), skeleton, RESEMBLING_RULES];
    let version: Version = tx.only(sql!("player/name"), values, rows::read).await?;
    tx.tell([Change::Name(PlayerName { player: player.clone(), nickname, version })]);
    Ok(())
}

/// The nicknames of some players, in their order.
pub(crate) async fn nicknames(
    session: &Session,
    players: &[PlayerId],
) -> Result<Vec<Option<String>>> {
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let found: Vec<(String, Option<String>)> =
        session.list(sql!("player/nicknames"), values![ids], rows::read).await?;
    let found: HashMap<String, Option<String>> = found.into_iter().collect();
    Ok(ids.into_iter().map(|id| found.get(id).cloned().flatten()).collect())
}

/// Bans a player as it says, or lifts the ban, and tells it.
pub(crate) async fn put_ban(tx: &Telling, player: PlayerId, ban: Option<Ban>) -> Result<()> {
    let put = bind(Ban::put(ban, &player));
    let version = tx.only(sql!("ban/put"), &put.all(), rows::read).await?;
    drop(put);
    tx.tell([Change::Ban(PlayerBan { player, ban, version })]);
    Ok(())
}
