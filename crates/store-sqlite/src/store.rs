//! The traits of the core, each method one closure on one connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::rank::{Contender, PlayerStanding};
use scoreline_core::store::{
    Adopted, Applied, Award, Batch, BindOutcome, BoardStore, CrashHook, DeadEvent, DeadFilter,
    Entry, EventFilter, EventStore, FigureRow, FigureStore, MaintenanceStore, Page, PlayerProfile,
    PlayerStore, PoolFigures, Progress, ProjectionStore, QuarantineEntry, QuarantineFilter,
    QuarantineNo, QuarantineStore, Removed, Result, StoreError, StoreFigures, StoredEvent, Totals,
    TournamentStore, VerifyReport,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, NewTournament, Prize, PrizeStatistics, Tournament};
use uuid::Uuid;

use crate::checkpoint::Checkpointer;
use crate::connection::Connections;
use crate::error::translate;
use crate::glance::{GLANCE_ROWS_MAX, Glances};
use crate::statement::{execute, list, sql};
use crate::{
    apply, backup, boards, changes, dead, events, filling, open, players, prizes, projections,
    quarantine, retention, rows, state, tournaments, verify,
};

/// Connections that only read.
const READERS: usize = 4;
/// Connections for short reads: as many as threads could be reading at a time.
const GLANCES: usize = 4;
/// Bytes that are written to find out whether a disk that was full still is.
const PROBE_BYTES: i64 = 256 * 1024;

/// Whether a store may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For the one server of a data directory.
    ReadWrite,
    /// For tools beside a running server. Methods that write answer a conflict.
    ReadOnly,
}

/// What tests may change about a store.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the store dies.
    pub crash: CrashHook,
    /// The most pages the file may have: a small disk.
    pub pages_max: Option<u32>,
}

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    /// `None` if it was opened for reading only.
    writer: Option<Connections>,
    readers: Connections,
    glances: Glances,
    /// Whether the last attempt to apply events or to probe the disk found it full.
    disk_is_full: Arc<AtomicBool>,
    crash: CrashHook,
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it, and brings its schema up to date.
    ///
    /// Fails with [`StoreError::Unusable`] if the file is another program's, damaged, or of a newer
    /// version; nothing is changed then. With [`Access::ReadOnly`] the file must exist and be of
    /// this version.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        Self::open_with(path, access, Options::default())
    }

    /// Opens a store with what a test wants changed.
    pub fn open_with(path: &Path, access: Access, options: Options) -> Result<Self> {
        let writer = match access {
            Access::ReadWrite => {
                let connection = open::writer(path, &options)?;
                let checkpointer = Checkpointer::start(path)?;
                let after = move |writer: &Connection| checkpointer.after_writing(writer);
                Some(Connections::start("writer", vec![connection], after)?)
            }
            Access::ReadOnly => {
                open::checked_reader(path)?;
                None
            }
        };
        let readers = (0..READERS).map(|_| open::reader(path)).collect::<Result<Vec<_>>>()?;
        let glances = (0..GLANCES).map(|_| open::reader(path)).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            path: path.to_path_buf(),
            writer,
            readers: Connections::start("reader", readers, |_| ())?,
            glances: Glances::new(glances),
            disk_is_full: Arc::default(),
            crash: options.crash,
        })
    }

    async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Conflict("the store was opened for reading only".to_owned()));
        };
        let outcome = writer.run(work).await;
        if matches!(outcome, Err(StoreError::DiskFull)) {
            self.disk_is_full.store(true, Ordering::Relaxed);
        }
        outcome
    }

    async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        self.readers.run(work).await
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        let crash = self.crash.clone();
        let applied = self
            .write(move |connection| apply::apply(connection, &plan, &batch, now, &crash))
            .await?;
        self.disk_is_full.store(false, Ordering::Relaxed);
        Ok(applied)
    }

    async fn recent(&self, filter: EventFilter, limit: usize) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| events::recent(connection, &filter, limit)).await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<EventKey>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| events::scan(connection, &filter, after, limit)).await
    }

    async fn dead(
        &self,
        filter: DeadFilter,
        after: Option<EventKey>,
        limit: usize,
    ) -> Result<Page<DeadEvent, EventKey>> {
        self.read(move |connection| dead::page(connection, &filter, after, limit)).await
    }

    async fn discard_dead(&self, filter: DeadFilter, note: String, now: Timestamp) -> Result<u64> {
        self.write(move |connection| dead::discard(connection, &filter, &note, now)).await
    }
}

#[async_trait]
impl QuarantineStore for SqliteStore {
    async fn quarantine(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        limit: usize,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        self.read(move |connection| quarantine::page(connection, &filter, after, limit)).await
    }

    async fn discard_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
    ) -> Result<u64> {
        self.write(move |connection| quarantine::discard(connection, &filter, &note, now)).await
    }
}

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(move |connection| projections::adopt(connection, &definition, now)).await
    }

    async fn definition(&self) -> Result<Option<String>> {
        self.read(|connection| projections::definition_text(connection)).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.read(move |connection| {
            // Several queries, one view of the data.
            let tx = connection.transaction().map_err(translate)?;
            projections::read_plan(&tx, definition).map(Arc::new)
        })
        .await
    }

    async fn plan_version(&self) -> Result<i64> {
        self.read(|connection| state::plan_version(connection)).await
    }

    async fn start_fill(&self, projection: ProjectionNo) -> Result<Slot> {
        self.write(move |connection| filling::start(connection, projection)).await
    }

    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        projection: ProjectionNo,
        events: usize,
    ) -> Result<Progress> {
        let crash = self.crash.clone();
        self.write(move |connection| filling::step(connection, &plan, projection, events, &crash))
            .await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.write(move |connection| filling::sweep(connection, rows)).await
    }
}

#[async_trait]
impl BoardStore for SqliteStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        if players.len() <= GLANCE_ROWS_MAX {
            let glance = |connection: &Connection| boards::entries(connection, board, &players);
            if let Some(entries) = self.glances.run(glance) {
                return entries;
            }
        }
        self.read(move |connection| boards::entries(connection, board, &players)).await
    }

    async fn standings(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerStanding>> {
        self.read(move |connection| boards::standings(connection, board, after.as_ref(), limit))
            .await
    }

    async fn periods(&self, slot: Slot, limit: usize) -> Result<Vec<Timestamp>> {
        self.read(move |connection| boards::periods(connection, slot, limit)).await
    }

    async fn steps(&self, board: BoardKey, every: usize) -> Result<Vec<Contender>> {
        self.read(move |connection| boards::steps(connection, board, every)).await
    }

    async fn range(
        &self,
        board: BoardKey,
        from: Option<Contender>,
        skipped: u64,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |connection| boards::range(connection, board, from.as_ref(), skipped, limit))
            .await
    }

    async fn range_before(
        &self,
        board: BoardKey,
        before: Contender,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |connection| boards::range_before(connection, board, &before, limit)).await
    }

    async fn count_between(
        &self,
        board: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        self.read(move |connection| boards::count_between(connection, board, &spans)).await
    }
}

#[async_trait]
impl PlayerStore for SqliteStore {
    async fn set_nickname(&self, player: PlayerId, nickname: String, now: Timestamp) -> Result<()> {
        self.write(move |connection| players::set_nickname(connection, &player, &nickname, now))
            .await
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        self.read(move |connection| players::nicknames(connection, &players)).await
    }

    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>> {
        if let Some(profile) = self.glances.run(|connection| players::profile(connection, &player))
        {
            return profile;
        }
        self.read(move |connection| players::profile(connection, &player)).await
    }

    async fn bind_secret(
        &self,
        player: PlayerId,
        hash: String,
        now: Timestamp,
    ) -> Result<BindOutcome> {
        self.write(move |connection| players::bind_secret(connection, &player, &hash, now)).await
    }
}

#[async_trait]
impl TournamentStore for SqliteStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write(move |connection| tournaments::create(connection, &new)).await
    }

    async fn tournaments(&self, offset: usize, limit: usize) -> Result<Vec<Tournament>> {
        self.read(move |connection| tournaments::page(connection, offset, limit)).await
    }

    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        self.read(move |connection| tournaments::one(connection, &id)).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        self.read(|connection| tournaments::open(connection)).await
    }

    async fn cancel_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |connection| tournaments::cancel(connection, &id, now)).await
    }

    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |connection| tournaments::end(connection, &id, now)).await
    }

    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        let crash = self.crash.clone();
        self.write(move |connection| tournaments::seal(connection, &id, now, &crash)).await
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        // Ranking a large board takes a second; the writer goes on meanwhile, because a sealed
        // board rests.
        let sealed = Arc::clone(&id);
        let ranking =
            self.read(move |connection| tournaments::rank_sealed(connection, &sealed)).await?;
        let crash = self.crash.clone();
        self.write(move |connection| tournaments::close(connection, &id, &ranking, now, &crash))
            .await
    }

    async fn prizes_of(&self, id: Arc<str>, offset: usize, limit: usize) -> Result<Vec<Prize>> {
        self.read(move |connection| prizes::of_tournament(connection, &id, offset, limit)).await
    }

    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        self.read(move |connection| prizes::pending(connection, &player)).await
    }

    async fn claim_prize(&self, prize: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        let crash = self.crash.clone();
        self.write(move |connection| prizes::claim(connection, prize, &player, now, &crash)).await
    }

    async fn prize_history(&self, player: PlayerId, limit: usize) -> Result<Vec<Prize>> {
        self.read(move |connection| prizes::history(connection, &player, limit)).await
    }

    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        self.read(move |connection| prizes::statistics(connection, &player)).await
    }
}

#[async_trait]
impl FigureStore for SqliteStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.read(move |connection| {
            let values = params![slot.0, grain_ms, from.floor_to(grain_ms).as_ms()];
            list(connection, sql!("figure/list"), values, |row| {
                Ok(FigureRow {
                    start: rows::time(row, 0)?,
                    event_type: rows::text(row, 1)?,
                    figure: changes::read_figure(row, 2)?,
                })
            })
        })
        .await
    }

    async fn totals(&self) -> Result<Totals> {
        self.read(|connection| state::totals(connection)).await
    }
}

#[async_trait]
impl MaintenanceStore for SqliteStore {
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed> {
        let crash = self.crash.clone();
        self.write(move |connection| {
            retention::remove_events(connection, &plan, before, events, &crash)
        })
        .await
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.write(move |connection| retention::remove_figures(connection, fine, coarse)).await
    }

    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        let path = self.path.clone();
        aside(move || verify::verify(&mut open::reader(&path)?, &plan, list, &*progress)).await
    }

    async fn backup(
        &self,
        to: PathBuf,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        let from = self.path.clone();
        aside(move || backup::back_up(&from, &to, &*progress)).await
    }

    async fn ping(&self) -> Result<()> {
        self.plan_version().await?;
        if self.writer.is_none() {
            return Ok(());
        }
        let disk_is_full = Arc::clone(&self.disk_is_full);
        self.write(move |connection| {
            if disk_is_full.load(Ordering::Relaxed) {
                // A few bytes may still fit on a disk that has no room for events.
                execute(connection, sql!("state/write_probe"), [PROBE_BYTES])?;
                execute(connection, sql!("state/remove_probe"), ())?;
                disk_is_full.store(false, Ordering::Relaxed);
            }
            execute(connection, sql!("state/touch"), ()).map(|_| ())
        })
        .await
    }

    fn pool(&self) -> PoolFigures {
        self.readers.figures()
    }

    async fn store_figures(&self) -> Result<StoreFigures> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let log_bytes = size(&open::log_path(&self.path));
        Ok(StoreFigures { bytes: size(&self.path) + log_bytes, log_bytes })
    }
}

/// Does long work on a thread of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Failed(Box::new(error)))?
}
