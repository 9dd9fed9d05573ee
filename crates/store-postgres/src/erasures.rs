//! Erasing players, and the tombstones that keep late events out.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::erasure::{Erased, Erasure, ErasureState, ErasureStep, Tombstone};
use scoreline_core::feed::{self, Change};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::store::values::limit;
use scoreline_core::store::{Batch, Counts, ErasureStore, EventFilter, Result, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use uuid::Uuid;

use crate::pool::Database;
use crate::session::{Session, sql};
use crate::state::{self, Writing};
use crate::store::PostgresStore;
use crate::value::{bind, values};
use crate::{audit, events, retention, rows, voids};

#[async_trait]
impl ErasureStore for PostgresStore {
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid> {
        self.write(move |database| async move { request(&database, &erasure, &key, act).await })
            .await
    }

    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        self.read(|session| async move {
            let most = limit(OPERATOR_PAGE_MAX);
            session.list(sql!("erasure/pending"), values![most], rows::read).await
        })
        .await
    }

    async fn erasure(&self, job: Uuid) -> Result<Option<ErasureState>> {
        self.read(move |session| async move {
            session.first(sql!("erasure/one"), values![job], rows::read).await
        })
        .await
    }

    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep> {
        self.write(
            move |database| async move { step(&database, &plan, &erasure, events, now).await },
        )
        .await
    }

    async fn erasure_key(&self) -> Result<Option<String>> {
        self.read(|session| async move {
            session.first(sql!("erasure/key"), values![], rows::read).await
        })
        .await
    }

    async fn tombstones(&self, after: Option<Tombstone>, rows: usize) -> Result<Vec<Tombstone>> {
        self.read(move |session| async move {
            let after = after.map_or(Uuid::nil(), |after| after.0);
            session.list(sql!("erasure/tombstones"), values![after, limit(rows)], rows::read).await
        })
        .await
    }
}

/// Alone: whatever is applied of the player is either stored by now, or sees the tombstone.
async fn request(database: &Database, erasure: &Erasure, key: &str, act: Act) -> Result<Uuid> {
    let tx = state::begin_alone(database).await?;
    tx.execute(sql!("erasure/propose_key"), values![key]).await?;
    let key: String = tx.only(sql!("erasure/key"), values![], rows::read).await?;
    let Erasure { job, player } = erasure;
    let tombstone = Tombstone::of(&key, player);
    let known: Option<Uuid> =
        tx.first(sql!("erasure/job_of"), values![tombstone.0], rows::read).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let of = values![player.as_str()];
    let events: i64 = tx.only(sql!("erasure/count_events"), of, rows::read).await?;
    let values = values![*job, tombstone.0, player.as_str(), act.at.as_ms(), events];
    tx.execute(sql!("erasure/request"), values).await?;
    // Those behind move up at once.
    let ban = Some(Ban { shadow: false, until: None });
    let put = bind(Ban::put(ban, player));
    let version: Version = tx.only(sql!("ban/put"), &put.all(), rows::read).await?;
    drop(put);
    tx.execute(sql!("state/note_act"), values![]).await?;
    audit::note(&tx, &act.changed(None, None)).await?;
    tx.tell([
        Change::Erased(tombstone),
        Change::Ban(PlayerBan { player: player.clone(), ban, version }),
    ]);
    tx.commit().await?;
    Ok(*job)
}

async fn step(
    database: &Database,
    plan: &Arc<Plan>,
    erasure: &Erasure,
    most: usize,
    now: Timestamp,
) -> Result<ErasureStep> {
    let tx = state::begin(database).await?;
    plan.check_present(tx.begun.plan_version)?;
    if plan.is_filling() {
        return Ok(ErasureStep::Waits);
    }
    // One at a time, and not beside retention, which may be at the same events.
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.retention()]).await?;
    let removed: Option<i64> =
        tx.first(sql!("erasure/removed"), values![erasure.job], rows::read).await?;
    let Some(removed) = removed else { return Ok(ErasureStep::Done) };
    let old = events::scan(&tx, &EventFilter::of_player(&erasure.player), None, most).await?.rows;
    if old.is_empty() {
        let erased = Erased { events: removed.unsigned_abs(), ..Erased::default() };
        vacate(tx, plan, erasure, erased, now).await?;
        return Ok(ErasureStep::Done);
    }
    retention::merge_and_remove(database, &tx, plan, &old).await?;
    let values = values![erasure.job, limit(old.len())];
    tx.execute(sql!("erasure/note_removed"), values).await?;
    tx.commit().await?;
    Ok(ErasureStep::Removed(old.len() as u64))
}

/// Takes away what is left of a player who has no events any more.
async fn vacate(
    tx: Writing,
    plan: &Plan,
    erasure: &Erasure,
    mut erased: Erased,
    now: Timestamp,
) -> Result<()> {
    tx.execute(sql!("state/note_act"), values![]).await?;
    let id = erasure.player.as_str();
    let vacated = plan.vacate(erasure, &voids::rows_of(&tx, plan, &erasure.player).await?);
    (erased.entries, erased.places) = (vacated.entries, vacated.places);
    tx.carry_out(vacated.orders(erasure)).await?;
    tx.tell(feed::entries(vacated.updates));
    let placeholder = Erasure::placeholder(erasure.job);
    let prizes: Vec<(Uuid, Arc<str>)> =
        tx.list(sql!("erasure/prizes"), values![id], rows::read).await?;
    for (prize, tournament) in &prizes {
        let anonymous = Prize::id_of(tournament, &placeholder);
        let values = values![*prize, anonymous, placeholder.as_str(), now.as_ms()];
        tx.execute(sql!("erasure/prize"), values).await?;
    }
    erased.prizes = prizes.len() as u64;
    let dead: Vec<Option<i64>> = tx.list(sql!("erasure/dead"), values![id], rows::read).await?;
    let rejected: Vec<Option<i64>> =
        tx.list(sql!("erasure/rejected"), values![id], rows::read).await?;
    (erased.dead, erased.rejected) = (dead.len() as u64, rejected.len() as u64);
    let player = || erasure.player.clone();
    let named: Option<i64> = tx.first(sql!("erasure/name"), values![id], rows::read).await?;
    if let Some(named) = named {
        let version = Version(named + 1);
        tx.tell([Change::Name(PlayerName { player: player(), nickname: String::new(), version })]);
    }
    let banned: Option<i64> = tx.first(sql!("erasure/ban"), values![id], rows::read).await?;
    if let Some(banned) = banned {
        let version = Version(banned + 1);
        tx.tell([Change::Ban(PlayerBan { player: player(), ban: None, version })]);
    }
    tx.count(Counts::of_erased(&dead, &rejected), Timestamp::MIN).await?;
    let receipt = erased.receipt().to_string();
    tx.execute(sql!("erasure/finish"), values![erasure.job, now.as_ms(), receipt]).await?;
    tx.commit().await.map(drop)
}

/// Those of the players of a batch who were erased.
pub(crate) async fn erased_of(
    tx: &Session,
    key: &str,
    batch: &Batch,
) -> Result<BTreeSet<PlayerId>> {
    let players: Vec<PlayerId> = batch.players().into_iter().collect();
    let tombstones: Vec<Uuid> = players.iter().map(|player| Tombstone::of(key, player).0).collect();
    let places: Vec<i64> = tx.list(sql!("erasure/erased"), values![tombstones], rows::read).await?;
    let erased = places.into_iter().filter_map(|place| {
        // Counted from 1.
        players.get(usize::try_from(place).ok()?.checked_sub(1)?).cloned()
    });
    Ok(erased.collect())
}

/// Fails if a player was erased.
pub(crate) async fn refuse_erased(tx: &Session, player: &PlayerId) -> Result<()> {
    let key: Option<String> = tx.first(sql!("erasure/key"), values![], rows::read).await?;
    let Some(key) = key else { return Ok(()) };
    let tombstone = Tombstone::of(&key, player).0;
    let job: Option<Uuid> =
        tx.first(sql!("erasure/job_of"), values![tombstone], rows::read).await?;
    if job.is_some() { Err(StoreError::Erased) } else { Ok(()) }
}
