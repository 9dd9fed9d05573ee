//! Moving a player to another id: two players who are one from now on.
//!
//! It is done alone: whatever is applied of the player who is moved is either stored by now, or comes as of the
//! other.

use std::sync::Arc;

use scoreline_core::audit::Act;
use scoreline_core::ban::PlayerBan;
use scoreline_core::event::Event;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRows, Projection, ReadRows};
use scoreline_core::id::PlayerId;
use scoreline_core::joining::{Joined, Joining, Known, Settled};
use scoreline_core::store::{BothPlayers, JoiningPlayer, Result, StoreError, Union};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::moved::moved_to;
use crate::pool::Database;
use crate::session::{Session, View, sql};
use crate::state::{self, Writing};
use crate::value::values;
use crate::{audit, changes, dead, keys, players, quarantine, rows, tombstones, voids};

/// Moves a player, or only looks what that would do.
pub(crate) async fn join(
    database: &Database,
    plan: &Arc<Plan>,
    joining: &Joining,
    act: &Act,
) -> Result<Joined> {
    if joining.dry_run {
        return look(database, plan, joining, act).await;
    }
    let mut races_lost = 0;
    loop {
        match attempt(database, plan, joining, act).await {
            Err(StoreError::LostRace(_)) if races_lost < voids::RACES_LOST_MAX => races_lost += 1,
            outcome => return outcome,
        }
    }
}

/// In a view that stays as it is, so that nobody waits for anybody.
async fn look(
    database: &Database,
    plan: &Arc<Plan>,
    joining: &Joining,
    act: &Act,
) -> Result<Joined> {
    let tx = database.begin_long(View::Still).await?;
    plan.check_present(state::plan_version(&tx).await?)?;
    match due(&tx, plan, joining).await? {
        Settled::Before(to) => Ok(Joined::before(to)),
        Settled::Due(joining) => Ok(decide(&tx, plan, &joining, act).await?.joined),
    }
}

async fn attempt(
    database: &Database,
    plan: &Arc<Plan>,
    joining: &Joining,
    act: &Act,
) -> Result<Joined> {
    let tx = state::begin_alone_long(database).await?;
    plan.check_present(tx.begun.plan_version)?;
    // First, so that acts come one after another, and none has the time of the one before.
    tx.execute(sql!("state/note_act"), values![]).await?;
    let joining = match due(&tx, plan, joining).await? {
        Settled::Before(to) => return Ok(Joined::before(to)),
        Settled::Due(joining) => joining,
    };
    let union = decide(&tx, plan, &joining, act).await?;
    let joined = union.joined.clone();
    write(&tx, &joining, union).await?;
    audit::note(&tx, &joined.audited(&joining.player, act.clone())).await?;
    tx.commit_act(database).await?;
    Ok(joined)
}

async fn due(tx: &Session, plan: &Plan, joining: &Joining) -> Result<Settled> {
    let (player, to) = (known(tx, &joining.player).await?, known(tx, &joining.to).await?);
    joining.clone().due(plan, player, to)
}

/// What is to be written.
async fn decide(tx: &Session, plan: &Plan, joining: &Joining, act: &Act) -> Result<Union> {
    let both = read(tx, plan, joining).await?;
    let last_stamp = state::read(tx).await?.last_stamp;
    both.join(plan, joining, act.at.max(last_stamp.plus_ms(1)))
}

async fn known(tx: &Session, player: &PlayerId) -> Result<Known> {
    Known::of(tombstones::refuse_erased(tx, player).await, moved_to(tx, player).await?)
}

async fn read(tx: &Session, plan: &Plan, joining: &Joining) -> Result<BothPlayers> {
    let retired: Vec<Projection> = tx.list(sql!("joining/retired"), values![], rows::read).await?;
    Ok(BothPlayers {
        moved: read_one(tx, plan, &retired, &joining.player).await?,
        other: read_one(tx, plan, &retired, &joining.to).await?,
        retired,
        figures_from: tx.only(sql!("verify/figures_from"), values![], rows::read).await?,
    })
}

async fn read_one(
    tx: &Session,
    plan: &Plan,
    retired: &[Projection],
    player: &PlayerId,
) -> Result<JoiningPlayer> {
    let of = values![player.as_str()];
    let (slots, parts) = (plan.joined_slots(retired), plan.joined_parts(retired));
    let read = rows_in(tx, player, slots, parts).await?;
    let ban: Option<PlayerBan> = tx.first(sql!("ban/one"), of, rows::read).await?;
    let prizes = values![player.as_str(), i64::MAX, true];
    Ok(JoiningPlayer {
        rows: PlayerRows::to_join(plan, retired, read),
        events: voids::events_of(tx, player).await?,
        spans: tx.list(sql!("void/of_player"), of, rows::read).await?,
        dead: tx.list(sql!("joining/dead_of"), of, rows::read).await?,
        prizes: tx.list(sql!("prize/history"), prizes, rows::read).await?,
        nickname: players::nicknames(tx, std::slice::from_ref(player)).await?.pop().flatten(),
        ban: ban.and_then(|known| known.ban),
        rejected: tx.only(sql!("joining/count_rejected"), of, rows::read).await?,
        reviews: tx.list(sql!("review/listed"), of, rows::read).await?,
    })
}

/// As for acts that fold anew, without locks: whoever writes does so alone.
async fn rows_in(
    tx: &Session,
    player: &PlayerId,
    boards: Vec<i64>,
    parts: Vec<i64>,
) -> Result<ReadRows> {
    let (of, in_boards) = (values![player.as_str()], values![boards, player.as_str()]);
    let statistics = tx.first(sql!("joining/statistics"), of, rows::read).await?;
    let in_parts = values![parts, player.as_str()];
    Ok(ReadRows {
        boards: tx.list(sql!("joining/boards"), in_boards, rows::read).await?,
        statistics: statistics.unwrap_or_default(),
        parts: tx.list(sql!("joining/parts"), in_parts, rows::read).await?,
    })
}

async fn write(tx: &Writing, joining: &Joining, union: Union) -> Result<()> {
    write_events(tx, joining, &union).await?;
    tx.carry_out(union.orders).await?;
    changes::rewrite(tx, &joining.to, &union.rewrite, tx.shard).await?;
    let quarantined = quarantine::put(tx, &union.rejected).await?;
    tx.count(union.counts.with_quarantined(quarantined), union.at).await?;
    tx.tell(feed::entries(union.updates));
    tx.tell(feed::held(union.reviewed));
    let (player, to) = (values![joining.player.as_str()], &joining.to);
    if let Some(ban) = union.ban {
        players::put_ban(tx, to.clone(), Some(ban)).await?;
    }
    let named = tx.first(sql!("joining/name"), player, rows::read).await?;
    let banned = tx.first(sql!("erasure/ban"), player, rows::read).await?;
    let revoked = tx.first(sql!("joining/unbind"), player, rows::read).await?;
    tx.tell(joining.gone(named, banned, revoked));
    if let Some(name) = union.name {
        players::put_name(tx, to, name, union.at).await?;
    }
    Ok(())
}

/// The events keep their ids; those leave that the other has, or has used for something else.
async fn write_events(tx: &Writing, joining: &Joining, union: &Union) -> Result<()> {
    let both = values![joining.player.as_str(), joining.to.as_str()];
    if !union.left.is_empty() {
        keys::remove(tx, &union.left).await?;
    }
    tx.execute(sql!("joining/events"), both).await?;
    tx.execute(sql!("joining/keys"), both).await?;
    keys::bring_forward(tx, &union.forwarded).await?;
    tx.execute(sql!("erasure/voids"), values![joining.player.as_str()]).await?;
    let ids: Vec<Uuid> = union.spans.iter().map(|(id, _)| *id).collect();
    let from: Vec<i64> = union.spans.iter().map(|(_, span)| span.from.as_ms()).collect();
    let until: Vec<Option<i64>> =
        union.spans.iter().map(|(_, span)| span.until.map(Timestamp::as_ms)).collect();
    tx.execute(sql!("joining/put_voids"), values![joining.to.as_str(), ids, from, until]).await?;
    let revived: Vec<&Event> = union.revived.iter().collect();
    dead::leave(tx, &revived).await?;
    Ok(())
}
