//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use scoreline_core::fold::{ProjectionKind, WantedProjection};
use scoreline_core::game::PrizeTier;
use scoreline_core::id::{PlayerId, ProjectionNo, Slot};
use scoreline_core::prize::prize_for;
use scoreline_core::store::{Award, CrashPoint, Result, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{NewTournament, Prize, Tournament};
use tokio_postgres::Row;

use crate::events::last_receipt;
use crate::pool::Database;
use crate::projections;
use crate::rows::{self, get, limit};
use crate::session::{Session, View, sql};
use crate::state::{self, Counts, outdate_plans};
use crate::value::values;

fn tournament(row: &Row) -> Result<Tournament> {
    let series: Option<String> = get(row, 1)?;
    let prizes: Vec<PrizeTier> = serde_json::from_str(get(row, 6)?).map_err(rows::damaged)?;
    let participants: Option<i64> = get(row, 12)?;
    Ok(Tournament {
        id: rows::text(row, 0)?,
        series: series.map(Arc::from),
        name: get(row, 2)?,
        board: rows::text(row, 3)?,
        starts_at: rows::time(row, 4)?,
        ends_at: rows::time(row, 5)?,
        prizes,
        projection: ProjectionNo(get(row, 7)?),
        slot: Slot(get(row, 8)?),
        cancelled_at: rows::maybe_time(row, 9)?,
        sealed_at: rows::maybe_time(row, 10)?,
        closed_at: rows::maybe_time(row, 11)?,
        participants: participants.map(i64::unsigned_abs),
    })
}

/// All tournaments that a plan is about: those that are not cancelled.
pub(crate) async fn planned(session: &Session) -> Result<Vec<Tournament>> {
    session.list(sql!("tournament/planned"), values![], tournament).await
}

/// A page of all tournaments, the latest start first.
pub(crate) async fn page(session: &Session, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
    session.list(sql!("tournament/page"), values![limit(rows), limit(offset)], tournament).await
}

/// One tournament.
pub(crate) async fn one(session: &Session, id: &str) -> Result<Option<Tournament>> {
    session.first(sql!("tournament/one"), values![id], tournament).await
}

/// Those that are neither closed nor cancelled, the earliest end first.
pub(crate) async fn open(session: &Session) -> Result<Vec<Tournament>> {
    session.list(sql!("tournament/open"), values![], tournament).await
}

async fn must_find(session: &Session, id: &str) -> Result<Tournament> {
    one(session, id).await?.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// Creates a tournament with its projection. Answers whether there was none of its id.
pub(crate) async fn create(database: &Database, new: &NewTournament) -> Result<bool> {
    let tx = state::begin_alone(database).await?;
    let prizes = serde_json::to_string(&new.prizes).expect("prize tiers are plain data");
    let values = values![
        &*new.id,
        new.series.as_deref(),
        new.name,
        &*new.board,
        new.starts_at.as_ms(),
        new.ends_at.as_ms(),
        prizes,
    ];
    if tx.execute(sql!("tournament/create"), values).await? == 0 {
        return Ok(false);
    }
    let wanted = WantedProjection {
        kind: ProjectionKind::Tournament,
        name: Arc::clone(&new.id),
        fingerprint: new.fingerprint.clone(),
    };
    let complete = last_receipt(&tx).await?.is_none_or(|last| last < new.starts_at);
    projections::want(&tx, &wanted, complete).await?;
    outdate_plans(&tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// Calls a tournament off.
pub(crate) async fn cancel(database: &Database, id: &str, now: Timestamp) -> Result<()> {
    let tx = state::begin_alone(database).await?;
    let found = must_find(&tx, id).await?;
    if found.cancelled_at.is_some() {
        return Ok(());
    }
    if found.sealed_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} is over")));
    }
    tx.execute(sql!("tournament/cancel"), values![id, now.as_ms()]).await?;
    if let Some(projection) = projections::one(&tx, found.projection).await? {
        projections::abandon_fill(&tx, &projection).await?;
    }
    outdate_plans(&tx).await?;
    tx.commit().await
}

/// Moves a running tournament's end to now.
pub(crate) async fn end(database: &Database, id: &str, now: Timestamp) -> Result<()> {
    let tx = state::begin_alone(database).await?;
    let found = must_find(&tx, id).await?;
    let is_running = found.starts_at <= now && now < found.ends_at;
    if !is_running || found.cancelled_at.is_some() || found.sealed_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} is not running")));
    }
    // Events that were applied already keep counting.
    let after_last = last_receipt(&tx).await?.map_or(now, |last| last.plus_ms(1));
    let ends_at = now.max(after_last).min(found.ends_at);
    tx.execute(sql!("tournament/end"), values![id, ends_at.as_ms()]).await?;
    outdate_plans(&tx).await?;
    tx.commit().await
}

/// Seals a tournament: no event applied from now on changes its board.
pub(crate) async fn seal(database: &Database, id: &str, now: Timestamp) -> Result<()> {
    let tx = state::begin_alone(database).await?;
    let found = must_find(&tx, id).await?;
    if found.sealed_at.is_some() {
        return Ok(());
    }
    if found.cancelled_at.is_some() {
        return Err(StoreError::Conflict(format!("tournament {id} was cancelled")));
    }
    // Later than everything applied so far, and nothing applied from now on is earlier.
    let sealed_at = now.max(tx.last_stamp).plus_ms(1);
    tx.count(Counts::default(), sealed_at).await?;
    tx.execute(sql!("tournament/seal"), values![id, sealed_at.as_ms()]).await?;
    outdate_plans(&tx).await?;
    database.pass(CrashPoint::SealWritten)?;
    tx.commit().await?;
    database.pass(CrashPoint::SealCommitted)
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
pub(crate) async fn rank(session: &Session, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let participants =
        session.only(sql!("board/count"), values![slot], |row| rows::count(row, 0)).await?;
    let last_rank = tournament.prizes.iter().map(|tier| tier.last_rank).max().unwrap_or(0);
    let values = values![slot, last_rank.cast_signed()];
    let best = session.list(sql!("board/best_players"), values, |row| rows::player(row, 0)).await?;
    Ok(Ranking { best, participants })
}

/// A tournament that is sealed, with its final ranking.
pub(crate) async fn rank_sealed(database: &Database, id: &str) -> Result<Ranking> {
    // Several queries, one view of the data.
    let tx = database.begin_long(View::Still).await?;
    let found = must_find(&tx, id).await?;
    if found.sealed_at.is_none() {
        return Err(StoreError::Conflict(format!("tournament {id} is not sealed")));
    }
    let ranking = rank(&tx, &found).await?;
    tx.commit().await?;
    Ok(ranking)
}

/// Awards the prizes and closes the tournament, unless that is done.
pub(crate) async fn close(
    database: &Database,
    id: &str,
    ranking: &Ranking,
    now: Timestamp,
) -> Result<Award> {
    let tx = state::begin_alone(database).await?;
    let found = must_find(&tx, id).await?;
    if found.closed_at.is_some() {
        let participants = found.participants.unwrap_or(ranking.participants);
        return Ok(Award { prizes: 0, participants });
    }
    let mut prizes = 0;
    for (rank, player, tier) in ranking.winners(&found.prizes) {
        let prize = Prize::id_of(id, player);
        let values = values![
            prize,
            id,
            player.as_str(),
            rank.cast_signed(),
            tier.coins,
            tier.gems,
            now.as_ms(),
        ];
        prizes += tx.execute(sql!("prize/award"), values).await?;
        database.pass(CrashPoint::PrizeWritten)?;
    }
    let participants = ranking.participants;
    let values = values![id, now.as_ms(), participants.cast_signed()];
    tx.execute(sql!("tournament/close"), values).await?;
    outdate_plans(&tx).await?;
    database.pass(CrashPoint::CloseWritten)?;
    tx.commit().await?;
    database.pass(CrashPoint::CloseCommitted)?;
    Ok(Award { prizes, participants })
}
