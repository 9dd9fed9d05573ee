//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::Change;
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{self, Named, NewName};
use scoreline_core::nickname::resembling;
use scoreline_core::rank::Version;
use scoreline_core::session::{Revocations, Unbinding};
use scoreline_core::store::{ActStore, Result};
use scoreline_core::void::{Voided, Voiding};

use crate::players::{give_name, nicknames};
use crate::session::sql;
use crate::store::PostgresStore;
use crate::tombstones::refuse_erased;
use crate::value::{bind, values};
use crate::{audit, rows, telling, voids};

#[async_trait]
impl ActStore for PostgresStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            // First, so that acts come one after another: the row of a ban may not be there yet.
            tx.execute(sql!("state/note_act"), values![]).await?;
            refuse_erased(&tx, &player).await?;
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

    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>> {
        self.read(move |session| async move {
            let of = values![player.as_str()];
            session.first(sql!("ban/in_force"), of, rows::read).await
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
            audit::note(&tx, &unbinding.audited(act, count)).await?;
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
}
