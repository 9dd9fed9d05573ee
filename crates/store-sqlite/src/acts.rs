//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::params;
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

use crate::audit;
use crate::players::{give_name, nicknames};
use crate::statement::{bind, execute, first, only, sql, view};
use crate::store::SqliteStore;
use crate::tombstones::refuse_erased;
use crate::voids::{self, Beforehand};

#[async_trait]
impl ActStore for SqliteStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.change(move |tx| {
            refuse_erased(tx, &player)?;
            let known: Option<PlayerBan> = first(tx, sql!("ban/one"), [player.as_str()])?;
            let Some(audited) = PlayerBan::changed(known, ban, act) else { return Ok(false) };
            let version: Version = only(tx, sql!("ban/put"), bind(Ban::put(ban, &player)))?;
            execute(tx, sql!("state/note_act"), ())?;
            audit::note(tx, &audited)?;
            tx.tell([Change::Ban(PlayerBan { player, ban, version })]);
            Ok(true)
        })
        .await
    }

    async fn rename(&self, player: PlayerId, name: NewName, act: Act) -> Result<Named> {
        self.change(move |tx| {
            let before = nicknames(tx, std::slice::from_ref(&player))?.pop().flatten();
            let audited = naming::renamed(act, before.as_deref(), &name.nickname);
            let named = give_name(tx, &player, name, audited.act.at)?;
            if named == Named::Given {
                execute(tx, sql!("state/note_act"), ())?;
                audit::note(tx, &audited)?;
            }
            Ok(named)
        })
        .await
    }

    async fn block_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.change(move |tx| {
            let values = params![resembling(&nickname), nickname, act.at.as_ms(), act.note];
            if execute(tx, sql!("player/block_name"), values)? == 0 {
                return Ok(false);
            }
            execute(tx, sql!("state/note_act"), ())?;
            audit::note(tx, &naming::blocked(act, None, Some(&nickname)))?;
            Ok(true)
        })
        .await
    }

    async fn unblock_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.change(move |tx| {
            if execute(tx, sql!("player/unblock_name"), [resembling(&nickname)])? == 0 {
                return Ok(false);
            }
            execute(tx, sql!("state/note_act"), ())?;
            audit::note(tx, &naming::blocked(act, Some(&nickname), None))?;
            Ok(true)
        })
        .await
    }

    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>> {
        self.glance(1, move |connection| first(connection, sql!("ban/in_force"), [player.as_str()]))
            .await
    }

    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool> {
        self.change(move |tx| {
            let revoked: Option<i64> =
                first(tx, sql!("player/revoke_sessions"), [player.as_str()])?;
            let Some(count) = revoked else { return Ok(false) };
            if unbinding == Unbinding::Secret {
                execute(tx, sql!("player/unbind"), [player.as_str()])?;
            }
            execute(tx, sql!("state/note_act"), ())?;
            audit::note(tx, &unbinding.audited(act, count))?;
            tx.tell([Change::Sessions(Revocations { player, count })]);
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
        let of = player.clone();
        let beforehand = self.read(move |connection| {
            let tx = view(connection)?;
            Beforehand::read(&tx, &of)
        });
        let beforehand = beforehand.await?;
        self.change(move |tx| voids::void(tx, beforehand, &plan, &player, &voiding, act)).await
    }
}
