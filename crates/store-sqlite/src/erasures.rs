//! Erasing players, and the tombstones that keep late events out.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::erasure::{Erased, Erasure, ErasureState, ErasureStep, Tombstone};
use scoreline_core::feed::{self, Change};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::store::{
    Batch, Counts, CrashHook, ErasureStore, EventFilter, Result, StoreError,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use uuid::Uuid;

use crate::error::translate;
use crate::statement::{bind, carry_out, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;
use crate::{audit, events, retention, state, voids};

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid> {
        self.change(move |tx| request(tx, &erasure, &key, act)).await
    }

    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        self.read(|connection| {
            list(connection, sql!("erasure/pending"), [limit(OPERATOR_PAGE_MAX)])
        })
        .await
    }

    async fn erasure(&self, job: Uuid) -> Result<Option<ErasureState>> {
        self.read(move |connection| first(connection, sql!("erasure/one"), [job.as_bytes()])).await
    }

    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep> {
        let crash = self.crash.clone();
        self.change(move |tx| {
            // What is deleted here is not to be found in the file. Elsewhere that would cost more than it is
            // worth.
            overwrite_deleted(tx, true)?;
            let done = step(tx, &plan, &erasure, events, now, &crash);
            overwrite_deleted(tx, false)?;
            done
        })
        .await
    }

    async fn erasure_key(&self) -> Result<Option<String>> {
        self.read(|connection| first(connection, sql!("erasure/key"), ())).await
    }

    async fn tombstones(&self, after: Option<Tombstone>, rows: usize) -> Result<Vec<Tombstone>> {
        self.read(move |connection| {
            let after = after.map_or(Uuid::nil(), |after| after.0);
            list(connection, sql!("erasure/tombstones"), params![after.as_bytes(), limit(rows)])
        })
        .await
    }
}

fn overwrite_deleted(tx: &Connection, is_overwritten: bool) -> Result<()> {
    let switch = if is_overwritten { "ON" } else { "OFF" };
    tx.execute_batch(&format!("PRAGMA secure_delete = {switch}")).map_err(translate)
}

fn request(tx: &Telling<'_>, erasure: &Erasure, key: &str, act: Act) -> Result<Uuid> {
    execute(tx, sql!("erasure/propose_key"), [key])?;
    let key: String = only(tx, sql!("erasure/key"), ())?;
    let Erasure { job, player } = erasure;
    let tombstone = Tombstone::of(&key, player);
    if let Some(known) = first(tx, sql!("erasure/job_of"), [tombstone.0.as_bytes()])? {
        return Ok(known);
    }
    let events: i64 = only(tx, sql!("erasure/count_events"), [player.as_str()])?;
    let (job_id, tombstone_id) = (job.as_bytes(), tombstone.0.as_bytes());
    let values = params![job_id, tombstone_id, player.as_str(), act.at.as_ms(), events];
    execute(tx, sql!("erasure/request"), values)?;
    // Those behind move up at once.
    let ban = Some(Ban { shadow: false, until: None });
    let version: Version = only(tx, sql!("ban/put"), bind(Ban::put(ban, player)))?;
    execute(tx, sql!("state/note_act"), ())?;
    audit::note(tx, &act.changed(None, None))?;
    tx.tell([
        Change::Erased(tombstone),
        Change::Ban(PlayerBan { player: player.clone(), ban, version }),
    ]);
    Ok(*job)
}

fn step(
    tx: &Telling<'_>,
    plan: &Arc<Plan>,
    erasure: &Erasure,
    most: usize,
    now: Timestamp,
    crash: &CrashHook,
) -> Result<ErasureStep> {
    plan.check_present(state::begun(tx)?.plan_version)?;
    if plan.is_filling() {
        return Ok(ErasureStep::Waits);
    }
    let job = erasure.job.as_bytes();
    let removed: Option<i64> = first(tx, sql!("erasure/removed"), [job])?;
    let Some(removed) = removed else { return Ok(ErasureStep::Done) };
    let old = events::scan(tx, &EventFilter::of_player(&erasure.player), None, most)?.rows;
    if !old.is_empty() {
        retention::merge_and_remove(tx, plan, &old, crash)?;
        execute(tx, sql!("erasure/note_removed"), params![job, limit(old.len())])?;
        return Ok(ErasureStep::Removed(old.len() as u64));
    }
    let erased = Erased { events: removed.unsigned_abs(), ..Erased::default() };
    vacate(tx, plan, erasure, erased, now)?;
    Ok(ErasureStep::Done)
}

/// Takes away what is left of a player who has no events any more.
fn vacate(
    tx: &Telling<'_>,
    plan: &Plan,
    erasure: &Erasure,
    mut erased: Erased,
    now: Timestamp,
) -> Result<()> {
    let id = erasure.player.as_str();
    let vacated = plan.vacate(erasure, &voids::rows_of(tx, plan, &erasure.player)?);
    (erased.entries, erased.places) = (vacated.entries, vacated.places);
    carry_out(tx, vacated.orders(erasure))?;
    tx.tell(feed::entries(vacated.updates));
    let placeholder = Erasure::placeholder(erasure.job);
    let prizes: Vec<(Uuid, Arc<str>)> = list(tx, sql!("erasure/prizes"), [id])?;
    for (prize, tournament) in &prizes {
        let anonymous = Prize::id_of(tournament, &placeholder);
        let (prize, anonymous) = (prize.as_bytes(), anonymous.as_bytes());
        let values = params![prize, anonymous, placeholder.as_str(), now.as_ms()];
        execute(tx, sql!("erasure/prize"), values)?;
    }
    erased.prizes = prizes.len() as u64;
    let dead: Vec<Option<i64>> = list(tx, sql!("erasure/dead"), [id])?;
    let rejected: Vec<Option<i64>> = list(tx, sql!("erasure/rejected"), [id])?;
    (erased.dead, erased.rejected) = (dead.len() as u64, rejected.len() as u64);
    state::count(tx, Counts::of_erased(&dead, &rejected), Timestamp::MIN)?;
    let player = || erasure.player.clone();
    let named: Option<i64> = first(tx, sql!("erasure/name"), [id])?;
    if let Some(named) = named {
        let version = Version(named + 1);
        tx.tell([Change::Name(PlayerName { player: player(), nickname: String::new(), version })]);
    }
    let banned: Option<i64> = first(tx, sql!("erasure/ban"), [id])?;
    if let Some(banned) = banned {
        let version = Version(banned + 1);
        tx.tell([Change::Ban(PlayerBan { player: player(), ban: None, version })]);
    }
    execute(tx, sql!("erasure/number"), [id])?;
    execute(tx, sql!("state/note_act"), ())?;
    let receipt = erased.receipt().to_string();
    let values = params![erasure.job.as_bytes(), now.as_ms(), receipt];
    execute(tx, sql!("erasure/finish"), values).map(drop)
}

/// Those of the players of a batch who were erased.
pub(crate) fn erased_of(tx: &Connection, key: &str, batch: &Batch) -> Result<BTreeSet<PlayerId>> {
    let mut erased = BTreeSet::new();
    for player in batch.players() {
        if is_buried(tx, key, &player)? {
            erased.insert(player);
        }
    }
    Ok(erased)
}

/// Fails if a player was erased.
pub(crate) fn refuse_erased(tx: &Connection, player: &PlayerId) -> Result<()> {
    let key: Option<String> = first(tx, sql!("erasure/key"), ())?;
    match key {
        Some(key) if is_buried(tx, &key, player)? => Err(StoreError::Erased),
        _ => Ok(()),
    }
}

fn is_buried(tx: &Connection, key: &str, player: &PlayerId) -> Result<bool> {
    let tombstone = Tombstone::of(key, player);
    let job: Option<Uuid> = first(tx, sql!("erasure/job_of"), [tombstone.0.as_bytes()])?;
    Ok(job.is_some())
}
