//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::Change;
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::naming::{self, BlockedName, Named, NewName};
use scoreline_core::nickname::resembling;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::session::{Revocations, Unbinding};
use scoreline_core::store::values::limit;
use scoreline_core::store::{ActStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::void::{Voided, Voiding};

use crate::players::{give_name, nicknames};
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::{bind, values};
use crate::{audit, rows, telling, voids};

#[async_trait]
impl ActStore for PostgresStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            // First, so that acts come one after another: the row of a ban may not be there yet.
            tx.execute(sql!("state/note_act"), values![]).await?;
            let known: Option<PlayerBan> =
                tx.first(sql!("ban/one"), values![player.as_str()], rows::read).await?;
            let Some(audited) = PlayerBan::changed(known, ban, act) else { return Ok(false) };
            let put = bind(Ban::put(ban, &player));
            let version: Version = tx.only(sql!("ban/put"), &put.all(), rows::read).await?;
            drop(put);
            audit::note(&tx, &audited).await?;
            tx.tell([Change::Ban(PlayerBan { player, ban, version })]);
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn rename(&self, player: PlayerId, name: NewName, act: Act) -> Result<Named> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let before = nicknames(&tx, std::slice::from_ref(&player)).await?.pop().flatten();
            let audited = naming::renamed(act, before.as_deref(), &name.nickname);
            let named = give_name(&tx, &player, name, audited.act.at).await?;
            if named != Named::Given {
                return Ok(named);
            }
            audit::note(&tx, &audited).await?;
            tx.commit().await?;
            Ok(named)
        })
        .await
    }

    async fn block_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let values = values![resembling(&nickname), nickname, act.at.as_ms(), act.note];
            if tx.execute(sql!("player/block_name"), values).await? == 0 {
                return Ok(false);
            }
            audit::note(&tx, &naming::blocked(act, None, Some(&nickname))).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn unblock_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let skeleton = values![resembling(&nickname)];
            if tx.execute(sql!("player/unblock_name"), skeleton).await? == 0 {
                return Ok(false);
            }
            audit::note(&tx, &naming::blocked(act, Some(&nickname), None)).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn blocked_names(&self, after: Option<String>, rows: usize) -> Result<Vec<BlockedName>> {
        self.read(move |session| async move {
            let values = values![after.unwrap_or_default(), limit(rows)];
            session.list(sql!("player/blocked_names"), values, rows::read).await
        })
        .await
    }

    async fn bearers(&self, nickname: String, rows: usize) -> Result<Vec<PlayerName>> {
        self.read(move |session| async move {
            let values = values![resembling(&nickname), limit(rows)];
            session.list(sql!("player/bearers"), values, rows::read).await
        })
        .await
    }

    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>> {
        self.read(move |session| async move {
            let of = values![player.as_str()];
            let found: Option<PlayerBan> =
                session.first(sql!("ban/in_force"), of, rows::read).await?;
            Ok(found.and_then(|found| found.ban))
        })
        .await
    }

    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let of = values![player.as_str()];
            let revoked: Option<i64> =
                tx.first(sql!("player/revoke_sessions"), of, rows::read).await?;
            let Some(count) = revoked else { return Ok(false) };
            if unbinding == Unbinding::Secret {
                tx.execute(sql!("player/unbind"), of).await?;
            }
            let (was, is) = (Unbinding::Sessions.shown(count - 1), unbinding.shown(count));
            audit::note(&tx, &act.changed(Some(&was), Some(&is))).await?;
            tx.tell([Change::Sessions(Revocations { player, count })]);
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn void(
        &self,
        plan: Arc<Plan>,
        player: PlayerId,
        voiding: Voiding,
        act: Act,
    ) -> Result<Voided> {
        self.write(move |database| async move {
            voids::void(&database, &plan, &player, &voiding, &act).await
        })
        .await
    }

    async fn bans_over(&self, now: Timestamp) -> Result<Vec<PlayerId>> {
        self.read(move |session| async move {
            let values = values![now.as_ms(), limit(OPERATOR_PAGE_MAX)];
            session.list(sql!("ban/over"), values, rows::read).await
        })
        .await
    }

    async fn bans(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<PlayerBan>> {
        self.read(move |session| async move {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            session.list(sql!("ban/page"), values![after, limit(rows)], rows::read).await
        })
        .await
    }
}
