//! What is kept of a player beside their scores.

use std::collections::HashMap;

use async_trait::async_trait;
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::store::values::limit;
use scoreline_core::store::{BindOutcome, PlayerProfile, PlayerStore, Result};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::session::{Session, View, sql};
use crate::store::PostgresStore;
use crate::telling;
use crate::value::values;

#[async_trait]
impl PlayerStore for PostgresStore {
    async fn set_nickname(&self, player: PlayerId, nickname: String, now: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            let values = values![player.as_str(), nickname, now.as_ms()];
            let version: Version = tx.only(sql!("player/name"), values, rows::read).await?;
            tx.tell([Change::Name(PlayerName { player, nickname, version })]);
            tx.commit().await.map(drop)
        })
        .await
    }

    async fn names(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<PlayerName>> {
        self.read(move |session| async move {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            session.list(sql!("player/names"), values![after, limit(rows)], rows::read).await
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

    async fn bind_secret(
        &self,
        player: PlayerId,
        hash: String,
        now: Timestamp,
    ) -> Result<BindOutcome> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            let values = values![player.as_str(), hash, now.as_ms()];
            let is_bound = tx.execute(sql!("player/bind_secret"), values).await? == 1;
            let of = values![player.as_str()];
            let known = tx.only(sql!("player/secret"), of, rows::read).await?;
            tx.commit().await?;
            Ok(if is_bound { BindOutcome::Bound } else { BindOutcome::Known(known) })
        })
        .await
    }
}

/// The nicknames of some players, in their order.
async fn nicknames(session: &Session, players: &[PlayerId]) -> Result<Vec<Option<String>>> {
    let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
    let found: Vec<(String, Option<String>)> =
        session.list(sql!("player/nicknames"), values![ids], rows::read).await?;
    let found: HashMap<String, Option<String>> = found.into_iter().collect();
    Ok(ids.into_iter().map(|id| found.get(id).cloned().flatten()).collect())
}
