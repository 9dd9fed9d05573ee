//! Events that do not count, and a player's state without them.

use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRows, PlayerStatistics, ReadRows, Rewrite, Turned};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::rank::Update;
use scoreline_core::store::{
    Begun, EventFilter, Foundation, Gathering, KeptOfPlayer, Marked, Prepared, Result,
    ScanPosition, StoredEvent,
};
use scoreline_core::time::Timestamp;
use scoreline_core::turning::Turning;
use scoreline_core::void::Voided;

use crate::changes::Writer;
use crate::statement::{carry_out, execute, first, json, list, only, sql};
use crate::telling::Telling;
use crate::{audit, moved, scanning, state, voided};

/// All events of a player, read before the transaction that needs them: meanwhile others write.
pub(crate) struct Beforehand {
    stored: Vec<StoredEvent>,
    rewritten: [i64; 2],
}

impl Beforehand {
    /// Reads them.
    pub fn read(connection: &Connection, player: &PlayerId) -> Result<Self> {
        let rewritten = only(connection, sql!("state/rewritten"), ())?;
        Ok(Self { stored: events_of(connection, player, None)?, rewritten })
    }

    /// All of them as they are now: what was applied since lies behind. Where events may have been removed, or
    /// an act has come in between, all are read again.
    pub fn now(self, tx: &Connection, player: &PlayerId) -> Result<Vec<StoredEvent>> {
        let Self { mut stored, rewritten } = self;
        if only::<[i64; 2]>(tx, sql!("state/rewritten"), ())? != rewritten {
            stored.clear();
        }
        let after = stored.last().map(|last| last.position.clone());
        stored.extend(events_of(tx, player, after.as_ref())?);
        Ok(stored)
    }
}

/// Works out an act on events of a player.
pub(crate) fn prepare(
    connection: &Connection,
    plan: &Plan,
    turning: &Turning,
    act: Act,
) -> Result<Prepared> {
    let player = &turning.player;
    let Begun { plan_version, last_stamp, .. } = state::begun(connection)?;
    plan.check_present(plan_version)?;
    let stored = events_of(connection, player, None)?;
    let marked = Marked {
        spans: list(connection, sql!("void/of_player"), [player.as_str()])?,
        voided: list(connection, sql!("void/marked"), [player.as_str()])?,
        listed: list(connection, sql!("review/listed"), [player.as_str()])?,
    };
    let from = foundation(connection, plan, player)?;
    Prepared::of(plan, turning, from, stored, marked, last_stamp, act)
}

/// What [`prepare`] has found, but for the events.
fn foundation(tx: &Connection, plan: &Plan, player: &PlayerId) -> Result<Foundation> {
    Ok(Foundation {
        marks: only(tx, sql!("state/marks"), [player.as_str()])?,
        rows: rows_of(tx, plan, player)?,
        passed: list(tx, sql!("projection/fills"), ())?,
        figures_from: only(tx, sql!("verify/figures_from"), ())?,
    })
}

/// Carries out an act on events of a player, worked out before if nothing came in between.
pub(crate) fn turn(
    tx: &Telling<'_>,
    prepared: Prepared,
    plan: &Plan,
    turning: &Turning,
    act: Act,
) -> Result<Voided> {
    let player = &turning.player;
    let Begun { plan_version, last_stamp, .. } = state::begun(tx)?;
    plan.check_present(plan_version)?;
    moved::refuse_gone(tx, player)?;
    let prepared = if prepared.stands_on(&foundation(tx, plan, player)?) {
        prepared
    } else {
        prepare(tx, plan, turning, act)?
    };
    let (settled, rewrite) = prepared.written_after(last_stamp);
    let outcome = settled.outcome;
    if settled.is_empty() {
        return Ok(outcome);
    }
    state::count(tx, settled.counts(), settled.at)?;
    if let Some(rewrite) = rewrite {
        mark(tx, player, &settled.turned, settled.at)?;
        tx.tell(feed::entries(put(tx, player, &rewrite)?));
    }
    execute(tx, sql!("state/note_act"), ())?;
    audit::conclude(tx, settled.deed())?;
    Ok(outcome)
}

/// Notes of events that they do not count, or count again, from `at` on.
fn mark(tx: &Connection, player: &PlayerId, turned: &Turned, at: Timestamp) -> Result<()> {
    let sql = if turned.void { sql!("void/begin") } else { sql!("void/end") };
    for id in &turned.ids {
        execute(tx, sql, params![player.as_str(), id.as_bytes(), at.as_ms()])?;
    }
    Ok(())
}

/// The stored events of a player that were applied after one of them.
pub(crate) fn events_of(
    connection: &Connection,
    player: &PlayerId,
    after: Option<&ScanPosition>,
) -> Result<Vec<StoredEvent>> {
    let (filter, mut found) = (EventFilter::of_player(player), Gathering::after(after));
    while let Some(after) = found.next() {
        found.take(scanning::scan(connection, &filter, after, SCAN_EVENTS)?);
    }
    Ok(found.all())
}

/// All that the state of a player is folded anew from, whose events are `stored`.
pub(crate) fn kept(
    tx: &Connection,
    plan: &Plan,
    player: &PlayerId,
    mut stored: Vec<StoredEvent>,
) -> Result<KeptOfPlayer> {
    voided::attach_of(tx, player, &mut stored)?;
    Ok(KeptOfPlayer {
        rows: rows_of(tx, plan, player)?,
        stored,
        passed: list(tx, sql!("projection/fills"), ())?,
        figures_from: only(tx, sql!("verify/figures_from"), ())?,
    })
}

/// Brings a player's rows to what was folded anew. Answers the entries since.
pub(crate) fn put(tx: &Connection, player: &PlayerId, rewrite: &Rewrite) -> Result<Vec<Update>> {
    carry_out(tx, rewrite.orders(player))?;
    Writer::new(tx)?.rewrite(player, rewrite)?;
    Ok(rewrite.updates(player))
}

/// Reads a player's rows.
pub(crate) fn rows_of(tx: &Connection, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let read = rows_in(tx, player, &plan.refolded_slots(), &plan.refolded_parts())?;
    Ok(PlayerRows::of(plan, read))
}

/// Reads what lies of a player in some slots of boards and of analytics, with all statistics.
pub(crate) fn rows_in(
    tx: &Connection,
    player: &PlayerId,
    boards: &[i64],
    parts: &[i64],
) -> Result<ReadRows> {
    let statistics: Option<PlayerStatistics> =
        first(tx, sql!("statistic/read"), [player.as_str()])?;
    Ok(ReadRows {
        boards: list(tx, sql!("board/of_player"), params![json(boards), player.as_str()])?,
        statistics: statistics.unwrap_or_default(),
        parts: list(tx, sql!("analytics/of_player"), params![json(parts), player.as_str()])?,
    })
}
