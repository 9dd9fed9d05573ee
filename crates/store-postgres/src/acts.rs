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

use crate::joining;
use crate::moved::refuse_gone;
use crate::players::{self, give_name, nicknames};
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;
use crate::{audit, rows, telling, voids};

#[async_trait]
impl ActStore for PostgresStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            // First, so that acts come one after another: the row of a ban may not be there yet.
            tx.execute(sql!("state/note_act"), values![]).await?;
            refuse_gone(&tx, &player).await?;
            let known: Option<PlayerBan> =
                tx.first(sql!("ban/one"), values![player.as_str()], rows::read).await?;
            let Some(audited) = PlayerBan::changed(known, ban, act) else { return Ok(false) };
            players::put_ban(&tx, player, ban).await?;
            audit::note(&tx, &audited).await?;
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

    async fn block(&self, blocking: Blocking, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let is_new = tx.carry_out([blocking.order(&act)]).await? > 0;
            if is_new {
                audit::note(&tx, &blocking.audited(act)).await?;
                tx.commit().await?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool> {
        self.write(move |database| async move {
            let tx = telling::begin(&database).await?;
            tx.execute(sql!("state/note_act"), values![]).await?;
            let of = values![player.as_str()];
            let revoked = tx.first(sql!("player/revoke_sessions"), of, rows::read).await?;
            let Some(count) = revoked else { return Ok(false) };
            audit::conclude(&tx, unbinding.deed(player, act, count)).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn turn(&self, plan: Arc<Plan>, turning: Turning, act: Act) -> Result<Voided> {
        self.write(
            move |database| async move { voids::turn(&database, &plan, &turning, &act).await },
        )
        .await
    }

    async fn move_player(&self, plan: Arc<Plan>, joining: Joining, act: Act) -> Result<Joined> {
        self.write(
            move |database| async move { joining::join(&database, &plan, &joining, &act).await },
        )
        .await
    }
}
