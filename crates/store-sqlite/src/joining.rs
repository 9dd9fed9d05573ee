//! Moving a player to another id: two players who are one from now on.

use std::sync::Arc;

use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::ban::PlayerBan;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRows, Projection};
use scoreline_core::id::PlayerId;
use scoreline_core::joining::{Joined, Joining, Known, Settled};
use scoreline_core::store::{BothPlayers, JoiningPlayer, Result, Union};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::moved::moved_to;
use crate::statement::{carry_out, execute, first, list, only, sql};
use crate::telling::Telling;
use crate::voids::{self, Beforehand};
use crate::{audit, dead, earlier, names, players, quarantine, scanning, state, tombstones};

/// What is read before the transaction of the events of a player and of whoever the other is by now.
pub(crate) fn beforehand(tx: &Connection, [player, to]: [PlayerId; 2]) -> Result<Beforehands> {
    let to = moved_to(tx, &to)?.unwrap_or(to);
    let (moved, other) = (Beforehand::read(tx, &player)?, Beforehand::read(tx, &to)?);
    Ok(Beforehands { moved, other, to })
}

/// The events of both, and who the other was then.
pub(crate) struct Beforehands {
    moved: Beforehand,
    other: Beforehand,
    to: PlayerId,
}

/// Moves a player. What was read of the events of both before the transaction is `beforehand`.
pub(crate) fn join(
    tx: &Telling<'_>,
    beforehand: Beforehands,
    plan: &Arc<Plan>,
    joining: Joining,
    act: Act,
) -> Result<Joined> {
    let begun = state::begun(tx)?;
    plan.check_present(begun.plan_version)?;
    let player = known(tx, &joining.player)?;
    let to = known(tx, &joining.to)?;
    let joining = match joining.due(plan, player, to)? {
        Settled::Before(to) => return Ok(Joined::before(to)),
        Settled::Due(joining) => joining,
    };
    let both = read(tx, plan, &joining, beforehand)?;
    let at = act.at.max(begun.last_stamp.plus_ms(1));
    let union = both.join(plan, &joining, at)?;
    let joined = union.joined.clone();
    if !joining.dry_run {
        write(tx, &joining, union)?;
        execute(tx, sql!("state/note_act"), ())?;
        audit::note(tx, &joined.audited(&joining.player, act))?;
    }
    Ok(joined)
}

fn known(tx: &Connection, player: &PlayerId) -> Result<Known> {
    Known::of(tombstones::refuse_erased(tx, player), moved_to(tx, player)?)
}

fn read(
    tx: &Connection,
    plan: &Plan,
    joining: &Joining,
    Beforehands { moved, other, to }: Beforehands,
) -> Result<BothPlayers> {
    // Somebody else by now, if another act came in between.
    let other = if to == joining.to { other } else { Beforehand::read(tx, &joining.to)? };
    let retired: Vec<Projection> = list(tx, sql!("joining/retired"), ())?;
    Ok(BothPlayers {
        moved: read_one(tx, plan, &retired, &joining.player, moved)?,
        other: read_one(tx, plan, &retired, &joining.to, other)?,
        retired,
        figures_from: only(tx, sql!("verify/figures_from"), ())?,
    })
}

fn read_one(
    tx: &Connection,
    plan: &Plan,
    retired: &[Projection],
    player: &PlayerId,
    beforehand: Beforehand,
) -> Result<JoiningPlayer> {
    let id = player.as_str();
    let slots = plan.joined_slots(retired);
    let read = voids::rows_in(tx, player, &slots, &plan.joined_parts(retired))?;
    Ok(JoiningPlayer {
        rows: PlayerRows::to_join(plan, retired, read),
        events: beforehand.now(tx, player)?,
        spans: list(tx, sql!("void/of_player"), [id])?,
        dead: list(tx, sql!("joining/dead_of"), [id])?,
        prizes: list(tx, sql!("prize/history"), params![id, i64::MAX, true])?,
        nickname: players::nicknames(tx, std::slice::from_ref(player))?.pop().flatten(),
        ban: first::<PlayerBan>(tx, sql!("ban/one"), [id])?.and_then(|known| known.ban),
        rejected: only(tx, sql!("joining/count_rejected"), [id])?,
        reviews: list(tx, sql!("review/listed"), [id])?,
    })
}

fn write(tx: &Telling<'_>, joining: &Joining, union: Union) -> Result<()> {
    let (player, to) = (joining.player.as_str(), joining.to.as_str());
    let at = state::stamp(tx, union.at)?;
    for left in &union.left {
        execute(tx, sql!("event/remove"), [scanning::event_no(&left.position)?])?;
    }
    execute(tx, sql!("joining/add_number"), [to])?;
    execute(tx, sql!("joining/events"), [player, to])?;
    earlier::put(tx, &joining.to, &union.forwarded)?;
    execute(tx, sql!("erasure/voids"), [player])?;
    for (id, span) in &union.spans {
        let until = span.until.map(Timestamp::as_ms);
        let values = params![to, id.as_bytes(), span.from.as_ms(), until];
        execute(tx, sql!("joining/put_void"), values)?;
    }
    for event in &union.revived {
        dead::leave(tx, event)?;
    }
    carry_out(tx, union.orders)?;
    // Analytics know the player by it until now.
    execute(tx, sql!("erasure/number"), [player])?;
    Writer::new(tx)?.rewrite(&joining.to, &union.rewrite)?;
    let mut quarantined = 0;
    for rejected in &union.rejected {
        quarantined += usize::from(quarantine::put(tx, rejected)?);
    }
    state::count(tx, union.counts.with_quarantined(quarantined), Timestamp::MIN)?;
    tx.tell(feed::entries(union.updates));
    tx.tell(feed::held(union.reviewed));
    if let Some(ban) = union.ban {
        players::put_ban(tx, joining.to.clone(), Some(ban))?;
    }
    let named = first(tx, sql!("joining/name"), [player])?;
    let banned = first(tx, sql!("erasure/ban"), [player])?;
    tx.tell(joining.gone(named, banned, first(tx, sql!("joining/unbind"), [player])?));
    if let Some(name) = union.name {
        names::put_name(tx, &joining.to, name, at)?;
    }
    Ok(())
}
