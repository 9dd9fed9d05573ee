//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use rusqlite::{Connection, Params, Row, params};
use scoreline_core::fold::{ProjectionKind, WantedProjection};
use scoreline_core::game::PrizeTier;
use scoreline_core::id::{PlayerId, ProjectionNo, Slot};
use scoreline_core::prize::prize_for;
use scoreline_core::store::{Award, CrashHook, CrashPoint, Result, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{NewTournament, Prize, Tournament};

use crate::error::translate;
use crate::events::last_receipt;
use crate::state::{begin, outdate_plans, stamp};
use crate::statement::{self, execute, limit, only, sql};
use crate::{projections, rows};

fn tournament(row: &Row<'_>) -> rusqlite::Result<Tournament> {
    let series: Option<String> = row.get(1)?;
    let prizes: Vec<PrizeTier> =
        serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(|error| rows::damaged(6, error))?;
    let participants: Option<i64> = row.get(12)?;
    Ok(Tournament {
        id: rows::text(row, 0)?,
        series: series.map(Arc::from),
        name: row.get(2)?,
        board: rows::text(row, 3)?,
        starts_at: rows::time(row, 4)?,
        ends_at: rows::time(row, 5)?,
        prizes,
        projection: ProjectionNo(row.get(7)?),
        slot: Slot(row.get(8)?),
        cancelled_at: rows::maybe_time(row, 9)?,
        sealed_at: rows::maybe_time(row, 10)?,
        closed_at: rows::maybe_time(row, 11)?,
        participants: participants.map(i64::unsigned_abs),
    })
}

fn list(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Tournament>> {
    statement::list(connection, sql, params, tournament)
}

/// All tournaments that a plan is about: those that are not cancelled.
pub(crate) fn planned(connection: &Connection) -> Result<Vec<Tournament>> {
    list(connection, sql!("tournament/planned"), ())
}

/// A page of all tournaments, the latest start first.
pub(crate) fn page(connection: &Connection, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
    list(connection, sql!("tournament/page"), params![limit(rows), limit(offset)])
}

/// One tournament.
pub(crate) fn one(connection: &Connection, id: &str) -> Result<Option<Tournament>> {
    Ok(list(connection, sql!("tournament/one"), [id])?.pop())
}

/// Those that are neither closed nor cancelled, the earliest end first.
pub(crate) fn open(connection: &Connection) -> Result<Vec<Tournament>> {
    list(connection, sql!("tournament/open"), ())
}

fn must_find(connection: &Connection, id: &str) -> Result<Tournament> {
    one(connection, id)?.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// Creates a tournament with its projection. Answers whether there was none of its id.
pub(crate) fn create(connection: &mut Connection, new: &NewTournament) -> Result<bool> {
    let tx = begin(connection)?;
    let prizes = serde_json::to_string(&new.prizes).expect("prize tiers are plain data");
    let values = params![
        &*new.id,
        new.series.as_deref(),
        new.name,
        &*new.board,
        new.starts_at.as_ms(),
        new.ends_at.as_ms(),
        prizes,
    ];
    if execute(&tx, sql!("tournament/create"), values)? == 0 {
        return Ok(false);
    }
    let wanted = WantedProjection {
        kind: ProjectionKind::Tournament,
        name: Arc::clone(&new.id),
        fingerprint: new.fingerprint.clone(),
    };
    let complete = last_receipt(&tx)?.is_none_or(|last| last < new.starts_at);
    projections::want(&tx, &wanted, complete)?;
    outdate_plans(&tx)?;
    tx.commit().map_err(translate)?;
    Ok(true)
}

/// Calls a tournament off.
pub(crate) fn cancel(connection: &mut Connection, id: &str, now: Timestamp) -> Result<()> {
    let tx = begin(connection)?;
    let found = must_find(&tx, id)?;
    if found.cancelled_at.is_some() {
        return Ok(());
    }
    if found.sealed_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} is over")));
    }
    execute(&tx, sql!("tournament/cancel"), params![id, now.as_ms()])?;
    if let Some(projection) = projections::one(&tx, found.projection)? {
        projections::abandon_fill(&tx, &projection)?;
    }
    outdate_plans(&tx)?;
    tx.commit().map_err(translate)
}

/// Moves a running tournament's end to now.
pub(crate) fn end(connection: &mut Connection, id: &str, now: Timestamp) -> Result<()> {
    let tx = begin(connection)?;
    let found = must_find(&tx, id)?;
    let is_running = found.starts_at <= now && now < found.ends_at;
    if !is_running || found.cancelled_at.is_some() || found.sealed_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} is not running")));
    }
    // Events that were applied already keep counting.
    let after_last = last_receipt(&tx)?.map_or(now, |last| last.plus_ms(1));
    let ends_at = now.max(after_last).min(found.ends_at);
    execute(&tx, sql!("tournament/end"), params![id, ends_at.as_ms()])?;
    outdate_plans(&tx)?;
    tx.commit().map_err(translate)
}

/// Seals a tournament: no event applied from now on changes its board.
pub(crate) fn seal(
    connection: &mut Connection,
    id: &str,
    now: Timestamp,
    crash: &CrashHook,
) -> Result<()> {
    let tx = begin(connection)?;
    let found = must_find(&tx, id)?;
    if found.sealed_at.is_some() {
        return Ok(());
    }
    if found.cancelled_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} was cancelled")));
    }
    // Later than everything applied so far, and nothing applied from now on is earlier.
    let sealed_at = stamp(&tx, stamp(&tx, now)?.plus_ms(1))?;
    execute(&tx, sql!("tournament/seal"), params![id, sealed_at.as_ms()])?;
    outdate_plans(&tx)?;
    crash.pass(CrashPoint::SealWritten)?;
    tx.commit().map_err(translate)?;
    crash.pass(CrashPoint::SealCommitted)
}

/// The best of a tournament, as many as win a prize, and how many took part.
pub(crate) struct Ranking {
    pub best: Vec<PlayerId>,
    pub participants: u64,
}

impl Ranking {
    /// Who wins what, by rank.
    pub fn winners<'r>(
        &'r self,
        tiers: &'r [PrizeTier],
    ) -> impl Iterator<Item = (u64, &'r PlayerId, &'r PrizeTier)> {
        let ranked = (1_u64..).zip(&self.best);
        ranked.filter_map(|(rank, player)| Some((rank, player, prize_for(tiers, rank)?)))
    }
}

/// Ranks a tournament's board. On a sealed one this reads what rests.
pub(crate) fn rank(connection: &Connection, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let participants = only(connection, sql!("board/count"), [slot], |row| rows::count(row, 0))?;
    let last_rank = tournament.prizes.iter().map(|tier| tier.last_rank).max().unwrap_or(0);
    let values = params![slot, last_rank.cast_signed()];
    let best = statement::list(connection, sql!("board/best_players"), values, |row| {
        rows::player(row, 0)
    })?;
    Ok(Ranking { best, participants })
}

/// A tournament that is sealed, with its final ranking.
pub(crate) fn rank_sealed(connection: &mut Connection, id: &str) -> Result<Ranking> {
    // Several queries, one view of the data.
    let tx = connection.transaction().map_err(translate)?;
    let found = must_find(&tx, id)?;
    if found.sealed_at.is_none() {
        return Err(StoreError::Conflict(format!("tournament {id} is not sealed")));
    }
    rank(&tx, &found)
}

/// Awards the prizes and closes the tournament, unless that is done.
pub(crate) fn close(
    connection: &mut Connection,
    id: &str,
    ranking: &Ranking,
    now: Timestamp,
    crash: &CrashHook,
) -> Result<Award> {
    let tx = begin(connection)?;
    let found = must_find(&tx, id)?;
    if found.closed_at.is_some() {
        let participants = found.participants.unwrap_or(ranking.participants);
        return Ok(Award { prizes: 0, participants });
    }
    let mut prizes = 0;
    for (rank, player, tier) in ranking.winners(&found.prizes) {
        let prize = Prize::id_of(id, player);
        let values = params![
            prize.as_bytes(),
            id,
            player.as_str(),
            rank.cast_signed(),
            tier.coins,
            tier.gems,
            now.as_ms(),
        ];
        prizes += execute(&tx, sql!("prize/award"), values)? as u64;
        crash.pass(CrashPoint::PrizeWritten)?;
    }
    let participants = ranking.participants;
    let values = params![id, now.as_ms(), participants.cast_signed()];
    execute(&tx, sql!("tournament/close"), values)?;
    outdate_plans(&tx)?;
    crash.pass(CrashPoint::CloseWritten)?;
    tx.commit().map_err(translate)?;
    crash.pass(CrashPoint::CloseCommitted)?;
    Ok(Award { prizes, participants })
}
