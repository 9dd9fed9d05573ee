//! The traits of the core, each method one piece of work on the runtime of the connections.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::fold::{Figure, FigureKey, Plan};
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::rank::{Contender, PlayerStanding};
use scoreline_core::store::{
    Adopted, Applied, Award, Batch, BindOutcome, BoardStore, DeadEvent, DeadFilter, Entry,
    EventFilter, EventStore, FigureRow, FigureStore, MaintenanceStore, Page, PlayerProfile,
    PlayerStore, PoolFigures, Progress, ProjectionStore, QuarantineEntry, QuarantineFilter,
    QuarantineNo, QuarantineStore, Removed, Result, StoreError, StoreFigures, StoredEvent, Totals,
    TournamentStore, VerifyReport,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, NewTournament, Prize, PrizeStatistics, Tournament};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::migrate::PendingMigration;
use crate::moving::TakeOver;
use crate::pool::Database;
use crate::session::{Session, View, sql};
use crate::settings::Settings;
use crate::trial::IndexTrial;
use crate::value::values;
use crate::{
    apply, boards, changes, dead, events, filling, migrate, partitions, players, prizes,
    projections, quarantine, retention, rows, state, tournaments, verify,
};

/// How often it is seen to that the days to come have their partitions.
const DAYS_CHECKED_EVERY: Duration = Duration::from_secs(60 * 60);

/// A store in a schema of a PostgreSQL database.
pub struct PostgresStore {
    database: Arc<Database>,
    /// Makes partitions ahead for as long as the store is open.
    keeper: JoinHandle<()>,
}

impl PostgresStore {
    /// Connects, brings the schema up to date and makes the days around today. Any number of nodes
    /// may do so at once.
    ///
    /// Fails with [`StoreError::Unusable`] if the schema is another program's or of a newer
    /// version; nothing is changed then.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let database = Arc::new(Database::new(settings)?);
        let ready = Arc::clone(&database);
        database
            .run(async move {
                migrate::migrate(&ready).await?;
                partitions::make_ahead(&ready).await
            })
            .await?;
        let keeper = database.runtime().spawn(keep_days(Arc::clone(&database)));
        Ok(Self { database, keeper })
    }

    /// What [`PostgresStore::open`] would run to bring the schema up to date. Changes nothing.
    pub async fn pending_migrations(settings: &Settings) -> Result<Vec<PendingMigration>> {
        let database = Arc::new(Database::new(settings)?);
        let asked = Arc::clone(&database);
        database.run(async move { migrate::pending(&asked).await }).await
    }

    /// Begins to take over everything that another store holds. Fails with a conflict if there is
    /// anything here.
    pub async fn take_over(&self) -> Result<TakeOver> {
        self.write(|database| async move { TakeOver::begin(&database).await }).await
    }

    /// Begins a measurement of what the indexes buy, which spoils the database. Fails with a
    /// conflict if there is anything here.
    pub async fn begin_index_trial(&self) -> Result<IndexTrial> {
        self.write(|database| async move { IndexTrial::begin(&database).await }).await
    }

    async fn write<T, F>(&self, work: impl FnOnce(Arc<Database>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.database.run(work(Arc::clone(&self.database))).await
    }

    pub(crate) async fn read<T, F>(
        &self,
        work: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        let database = Arc::clone(&self.database);
        self.database.run(async move { work(database.session().await?).await }).await
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.keeper.abort();
        self.database.close();
    }
}

/// Makes the days to come while there is time. One that was missed is made the next hour.
async fn keep_days(database: Arc<Database>) {
    let mut hours = tokio::time::interval(DAYS_CHECKED_EVERY);
    hours.tick().await;
    loop {
        hours.tick().await;
        if let Err(error) = partitions::make_ahead(&database).await {
            tracing::warn!(
                partitions.error = %error,
                "the partitions of the days to come could not be made; it is tried again in an hour"
            );
        }
    }
}

#[async_trait]
impl EventStore for PostgresStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.write(move |database| async move { apply::apply(&database, &plan, &batch, now).await })
            .await
    }

    async fn recent(&self, filter: EventFilter, limit: usize) -> Result<Vec<StoredEvent>> {
        self.read(move |session| async move { events::recent(&session, &filter, limit).await })
            .await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<EventKey>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |session| async move { events::scan(&session, &filter, after, limit).await })
            .await
    }

    async fn dead(
        &self,
        filter: DeadFilter,
        after: Option<EventKey>,
        limit: usize,
    ) -> Result<Page<DeadEvent, EventKey>> {
        self.read(move |session| async move { dead::page(&session, &filter, after, limit).await })
            .await
    }

    async fn discard_dead(&self, filter: DeadFilter, note: String, now: Timestamp) -> Result<u64> {
        self.write(
            move |database| async move { dead::discard(&database, &filter, &note, now).await },
        )
        .await
    }
}

#[async_trait]
impl QuarantineStore for PostgresStore {
    async fn quarantine(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        limit: usize,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        self.read(
            move |session| async move { quarantine::page(&session, &filter, after, limit).await },
        )
        .await
    }

    async fn discard_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
    ) -> Result<u64> {
        self.write(move |database| async move {
            quarantine::discard(&database, &filter, &note, now).await
        })
        .await
    }
}

#[async_trait]
impl ProjectionStore for PostgresStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(
            move |database| async move { projections::adopt(&database, &definition, now).await },
        )
        .await
    }

    async fn definition(&self) -> Result<Option<String>> {
        self.read(move |session| async move { projections::definition_text(&session).await }).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.write(move |database| async move {
            // Several queries, one view of the data.
            let tx = database.begin(View::Still).await?;
            let plan = projections::read_plan(&tx, definition).await?;
            tx.commit().await?;
            Ok(Arc::new(plan))
        })
        .await
    }

    async fn plan_version(&self) -> Result<i64> {
        self.read(move |session| async move { state::plan_version(&session).await }).await
    }

    async fn start_fill(&self, projection: ProjectionNo) -> Result<Slot> {
        self.write(move |database| async move { filling::start(&database, projection).await }).await
    }

    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        projection: ProjectionNo,
        events: usize,
    ) -> Result<Progress> {
        self.write(move |database| async move {
            filling::step(&database, &plan, projection, events).await
        })
        .await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.write(move |database| async move { filling::sweep(&database, rows).await }).await
    }
}

#[async_trait]
impl BoardStore for PostgresStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.read(move |session| async move { boards::entries(&session, board, &players).await })
            .await
    }

    async fn standings(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerStanding>> {
        self.read(move |session| async move {
            boards::standings(&session, board, after.as_ref(), limit).await
        })
        .await
    }

    async fn steps(&self, board: BoardKey, every: usize) -> Result<Vec<Contender>> {
        self.read(move |session| async move { boards::steps(&session, board, every).await }).await
    }

    async fn range(
        &self,
        board: BoardKey,
        from: Option<Contender>,
        skipped: u64,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |session| async move {
            boards::range(&session, board, from.as_ref(), skipped, limit).await
        })
        .await
    }

    async fn range_before(
        &self,
        board: BoardKey,
        before: Contender,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |session| async move {
            boards::range_before(&session, board, &before, limit).await
        })
        .await
    }

    async fn count_between(
        &self,
        board: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        self.read(
            move |session| async move { boards::count_between(&session, board, &spans).await },
        )
        .await
    }

    async fn periods(&self, slot: Slot, limit: usize) -> Result<Vec<Timestamp>> {
        self.read(move |session| async move { boards::periods(&session, slot, limit).await }).await
    }
}

#[async_trait]
impl PlayerStore for PostgresStore {
    async fn set_nickname(&self, player: PlayerId, nickname: String, now: Timestamp) -> Result<()> {
        self.read(move |session| async move {
            players::set_nickname(&session, &player, &nickname, now).await
        })
        .await
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        self.read(move |session| async move { players::nicknames(&session, &players).await }).await
    }

    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>> {
        self.read(move |session| async move { players::profile(&session, &player).await }).await
    }

    async fn bind_secret(
        &self,
        player: PlayerId,
        hash: String,
        now: Timestamp,
    ) -> Result<BindOutcome> {
        self.write(move |database| async move {
            players::bind_secret(&database, &player, &hash, now).await
        })
        .await
    }
}

#[async_trait]
impl TournamentStore for PostgresStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write(move |database| async move { tournaments::create(&database, &new).await }).await
    }

    async fn tournaments(&self, offset: usize, limit: usize) -> Result<Vec<Tournament>> {
        self.read(move |session| async move { tournaments::page(&session, offset, limit).await })
            .await
    }

    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        self.read(move |session| async move { tournaments::one(&session, &id).await }).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        self.read(move |session| async move { tournaments::open(&session).await }).await
    }

    async fn cancel_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move { tournaments::cancel(&database, &id, now).await })
            .await
    }

    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move { tournaments::end(&database, &id, now).await }).await
    }

    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move { tournaments::seal(&database, &id, now).await })
            .await
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        self.write(move |database| async move {
            // Ranking a large board takes a second; others go on meanwhile, because a sealed board
            // rests.
            let ranking = tournaments::rank_sealed(&database, &id).await?;
            tournaments::close(&database, &id, &ranking, now).await
        })
        .await
    }

    async fn prizes_of(&self, id: Arc<str>, offset: usize, limit: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move {
            prizes::of_tournament(&session, &id, offset, limit).await
        })
        .await
    }

    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        self.read(move |session| async move { prizes::pending(&session, &player).await }).await
    }

    async fn claim_prize(&self, prize: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        self.write(
            move |database| async move { prizes::claim(&database, prize, &player, now).await },
        )
        .await
    }

    async fn prize_history(&self, player: PlayerId, limit: usize) -> Result<Vec<Prize>> {
        self.read(move |session| async move { prizes::history(&session, &player, limit).await })
            .await
    }

    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        self.read(move |session| async move { prizes::statistics(&session, &player).await }).await
    }
}

#[async_trait]
impl FigureStore for PostgresStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.read(move |session| async move {
            let range = (from.floor_to(grain_ms), Timestamp::MAX);
            let figures = changes::read_figures(&session, slot.0, grain_ms, range).await?;
            let row = |(key, figure): (FigureKey, Figure)| FigureRow {
                start: key.start,
                event_type: key.event_type,
                figure,
            };
            Ok(figures.into_iter().map(row).collect())
        })
        .await
    }

    async fn totals(&self) -> Result<Totals> {
        self.read(move |session| async move { state::totals(&session).await }).await
    }
}

#[async_trait]
impl MaintenanceStore for PostgresStore {
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed> {
        self.write(move |database| async move {
            retention::remove_events(&database, &plan, before, events).await
        })
        .await
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            retention::remove_figures(&database, fine, coarse).await
        })
        .await
    }

    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        self.write(move |database| async move {
            verify::verify(&database, &plan, list, &*progress).await
        })
        .await
    }

    async fn backup(
        &self,
        _to: PathBuf,
        _progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        Err(StoreError::Conflict(format!(
            "a database on PostgreSQL is backed up by its own tools: pg_dump --schema={} takes a \
             copy while it serves; base backups with archived logs bring back any moment",
            self.database.schema()
        )))
    }

    async fn ping(&self) -> Result<()> {
        let is_writable = self
            .read(|session| async move {
                session.only(sql!("state/is_writable"), values![], |row| rows::get(row, 0)).await
            })
            .await?;
        if is_writable {
            return Ok(());
        }
        Err(StoreError::Unreachable("the server takes no writes: it is a standby".to_owned()))
    }

    fn pool(&self) -> PoolFigures {
        self.database.figures()
    }

    async fn store_figures(&self) -> Result<StoreFigures> {
        let schema = self.database.schema().to_owned();
        let bytes = self
            .read(|session| async move {
                session.only(sql!("state/sizes"), values![schema], |row| rows::count(row, 0)).await
            })
            .await?;
        // The log is the server's, not ours alone.
        Ok(StoreFigures { bytes, log_bytes: 0 })
    }
}
