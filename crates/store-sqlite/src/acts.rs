//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::joining::{Joined, Joining};
use scoreline_core::naming::{self, Blocking, Named, NewName};
use scoreline_core::session::Unbinding;
use scoreline_core::store::{ActStore, Result};
use scoreline_core::turning::Turning;
use scoreline_core::void::Voided;

use crate::audit;
use crate::joining;
use crate::moved::refuse_gone;
use crate::names::give_name;
use crate::players::{self, nicknames};
use crate::statement::{carry_out, execute, first, sql, view};
use crate::store::SqliteStore;
use crate::voids;

#[async_trait]
impl ActStore for SqliteStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.change(move |tx| {
            refuse_gone(tx, &player)?;
            let known: Option<PlayerBan> = first(tx, sql!("ban/one"), [player.as_str()])?;
            let Some(audited) = PlayerBan::changed(known, ban, act) else { return Ok(false) };
            players::put_ban(tx, player, ban)?;
            execute(tx, sql!("state/note_act"), ())?;
            audit::note(tx, &audited)?;
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

    async fn block(&self, blocking: Blocking, act: Act) -> Result<bool> {
        self.change(move |tx| {
            let is_new = carry_out(tx, [blocking.order(&act)])? > 0;
            if is_new {
                execute(tx, sql!("state/note_act"), ())?;
                audit::note(tx, &blocking.audited(act))?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool> {
        self.change(move |tx| {
            let revoked = first(tx, sql!("player/revoke_sessions"), [player.as_str()])?;
            let Some(count) = revoked else { return Ok(false) };
            execute(tx, sql!("state/note_act"), ())?;
            audit::conclude(tx, unbinding.deed(player, act, count))?;
            Ok(true)
        })
        .await
    }

    async fn turn(&self, plan: Arc<Plan>, turning: Turning, act: Act) -> Result<Voided> {
        let (of, by, now) = (turning.clone(), Arc::clone(&plan), act.clone());
        let prepared = self.read(move |connection| {
            let tx = view(connection)?;
            voids::prepare(&tx, &by, &of, now)
        });
        let prepared = prepared.await?;
        self.act(move |tx| voids::turn(tx, prepared, &plan, &turning, act)).await
    }

    async fn move_player(&self, plan: Arc<Plan>, joining: Joining, act: Act) -> Result<Joined> {
        let of = [joining.player.clone(), joining.to.clone()];
        let beforehand = self.read(move |connection| {
            let tx = view(connection)?;
            joining::beforehand(&tx, of)
        });
        let beforehand = beforehand.await?;
        self.act(move |tx| joining::join(tx, beforehand, &plan, joining, act)).await
    }
}
