//! A small game, a clock turned by hand, and workers on a real store that can be made to fail.

pub mod faults;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::event::validate::Validator;
use scoreline_core::fold::{Plan, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::intake::{Intake, IntakeError, Receipt, Submission};
use scoreline_core::nodes::{NodeId, NodeReport, Nodes};
use scoreline_core::operations::{Operations, RebuildStatus};
use scoreline_core::queue::{ObjectionKind, QueueSettings};
use scoreline_core::store::{SetAsideMax, Store};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Tournament;
use scoreline_ranking::Ranks;
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_testkit::clock::ManualClock;
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_testkit::memory_queue::MemoryBroker;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_workers::queued::QueueSetup;
use scoreline_workers::{NodesSetup, Setup, Workers, start};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tempfile::TempDir;

use faults::FaultyStore;

/// The definition of the small game.
pub const GAME: &str = include_str!("game.toml");

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Workers on a store in a folder of their own.
pub struct World {
    pub folder: TempDir,
    pub clock: Arc<ManualClock>,
    pub store: Arc<FaultyStore>,
    pub workers: Workers,
    shared: Shared,
}

/// What the workers share with those of other processes, where they do.
#[derive(Clone, Default)]
pub struct Shared {
    pub broker: Option<MemoryBroker>,
    pub nodes: Option<Arc<MemoryNodes>>,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

impl World {
    /// A new game at ten past ten, with its background jobs left to the test.
    pub async fn new() -> Self {
        Self::with_game(GAME).await
    }

    /// Runs statements on the database, beside the store.
    pub fn on_database(&self, statements: &str) {
        let path = self.folder.path().join("scoreline.db");
        let database = rusqlite::Connection::open(path).expect("the database opens");
        database.execute_batch(statements).expect("the statements run");
    }

    pub async fn with_game(game: &str) -> Self {
        Self::with(game, |_| Shared::default()).await
    }

    /// The small game with events that go through a queue.
    pub async fn queued(broker: &MemoryBroker) -> Self {
        let broker = Some(broker.clone());
        Self::with(GAME, |_| Shared { broker, nodes: None }).await
    }

    /// A game whose workers share what is made from their clock.
    pub async fn with(game: &str, share: impl FnOnce(&Arc<ManualClock>) -> Shared) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("game.toml"), game).expect("the definition is written");
        let clock = Arc::new(ManualClock::new(at("2026-11-23T10:10:00Z")));
        let shared = share(&clock);
        let (store, workers) = Self::bring_up(&folder, &clock, &shared, false).await;
        let world = Self { folder, clock, store, workers, shared };
        world.tick().await;
        world
    }

    /// The same data in another process, with no boards in memory.
    pub async fn restarted(self) -> Self {
        self.restarted_with(false).await
    }

    /// The same, with or without background jobs that run by themselves.
    pub async fn restarted_with(self, jobs: bool) -> Self {
        let Self { folder, clock, store, workers, shared } = self;
        let stopped = workers.shutdown(Duration::from_secs(10)).await;
        assert!(stopped.intake_drained && stopped.jobs_rested);
        drop((workers, store));
        let (store, workers) = Self::bring_up(&folder, &clock, &shared, jobs).await;
        Self { folder, clock, store, workers, shared }
    }

    async fn bring_up(
        folder: &TempDir,
        clock: &Arc<ManualClock>,
        shared: &Shared,
        jobs: bool,
    ) -> (Arc<FaultyStore>, Workers) {
        let store = FaultyStore::new(open_store(folder));
        let setup = Setup {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            definition_file: Some(folder.path().join("game.toml")),
            replace_game: false,
            retention_days: 90,
            set_aside_max: SetAsideMax::default(),
            transactions: NonZeroU32::MIN,
            queue: shared.broker.as_ref().map(|broker| QueueSetup {
                queue: Arc::new(broker.connect(QueueSettings::of(DATABASE))),
                workers: 2,
                accepted: vec![ObjectionKind::Volatile],
            }),
            nodes: shared.nodes.as_ref().map(|nodes| NodesSetup {
                nodes: Arc::clone(nodes) as Arc<dyn Nodes>,
                me: node_report(1),
            }),
            jobs,
        };
        let workers = start(setup).await.expect("the workers start");
        (store, workers)
    }

    pub fn intake(&self) -> Arc<dyn Intake> {
        self.workers.intake()
    }

    pub fn operations(&self) -> Arc<dyn Operations> {
        self.workers.operations()
    }

    pub fn ranks(&self) -> Arc<Ranks> {
        self.workers.ranks()
    }

    pub fn plan(&self) -> Arc<Plan> {
        self.operations().plan()
    }

    /// Everything quick that is due now.
    pub async fn tick(&self) {
        self.workers.scheduler().tick(self.clock.now()).await;
    }

    /// Everything slow that is due now.
    pub async fn keep_house(&self) {
        self.workers.scheduler().keep_house(self.clock.now()).await;
    }

    pub fn rewrite_game(&self, game: &str) {
        std::fs::write(self.folder.path().join("game.toml"), game).expect("it is written");
    }

    /// What a request with these events brings, received at `received_at`.
    pub fn checked(&self, received_at: Timestamp, events: &[Value]) -> Submission {
        let definition = self.operations().definition();
        let mut validator = Validator::new(&definition, received_at, None, None);
        let mut submission = Submission::default();
        for (index, event) in events.iter().enumerate() {
            let raw: Box<RawValue> = to_raw_value(event).expect("JSON");
            match validator.check(index, &raw) {
                Ok(event) => submission.events.push(event),
                Err(rejected) => submission.rejected.push(*rejected),
            }
        }
        submission
    }

    /// Sends events as one request.
    pub async fn send(&self, events: &[Value]) -> Result<Receipt, IntakeError> {
        let intake = self.intake();
        let arrival = intake.arrive();
        let submission = self.checked(arrival.received_at(), events);
        intake.submit(arrival, submission).await
    }

    /// Begins to send events as one request.
    pub fn sending(
        &self,
        events: &[Value],
    ) -> tokio::task::JoinHandle<Result<Receipt, IntakeError>> {
        let intake = self.intake();
        let arrival = intake.arrive();
        let submission = self.checked(arrival.received_at(), events);
        tokio::spawn(async move { intake.submit(arrival, submission).await })
    }

    /// A run of the small game, now.
    pub fn run(&self, player: &str, score: i64) -> Value {
        self.run_no(player, score, 0)
    }

    /// A run that differs from others of the same score by its number.
    pub fn run_no(&self, player: &str, score: i64, no: i64) -> Value {
        json!({
            "event_type": "run", "user_id": player, "timestamp": self.clock.now().to_string(),
            "app_version": "1.0", "platform": "ios", "mode": "endless", "score": score,
            "meters": 12.5, "no": no,
        })
    }

    /// The present rows of a board that never starts over.
    pub fn board(&self, name: &str) -> BoardKey {
        let plan = self.plan();
        let slot = plan.projection(ProjectionKind::Board, name).expect("a board").slot;
        BoardKey { slot, period: Timestamp::EPOCH }
    }

    pub async fn tournament(&self, id: &str) -> Tournament {
        let found = self.store.as_ref_store().tournament(Arc::from(id)).await;
        found.expect("the store answers").expect("the tournament exists")
    }

    /// The players of a board in their order, with their points, as the memory has them.
    pub async fn ranking(&self, board: BoardKey) -> Vec<(String, i64)> {
        let places = self.ranks().range(board, 0, 1_000).await.expect("ranks").answer;
        places.into_iter().map(|one| (one.player.to_string(), one.entry.standing.points)).collect()
    }

    /// Recomputes everything from the raw events and answers how many there were.
    pub async fn verify(&self) -> u64 {
        let plan = self.operations().plan();
        let report = self.store.as_ref_store().verify(plan, 20, Arc::new(|_| {})).await;
        let report = report.expect("it is verified");
        assert_eq!(report.differences, [], "derived state is the fold of the raw events");
        assert_eq!(report.incomplete, Vec::<String>::new());
        report.events
    }

    /// Waits until no rebuild runs and answers how it ended.
    pub async fn rebuilt(&self) -> RebuildStatus {
        eventually("the rebuild ends", || async {
            !matches!(self.operations().rebuild_status(), RebuildStatus::Running { .. })
        })
        .await;
        self.operations().rebuild_status()
    }
}

impl FaultyStore {
    /// The store as its callers see it.
    pub fn as_ref_store(&self) -> &dyn Store {
        self
    }
}

/// What the `no`-th node says of itself.
pub fn node_report(no: u128) -> NodeReport {
    NodeReport {
        node: NodeId(uuid::Uuid::from_u128(no)),
        watermark: Timestamp::EPOCH,
        version: "0.1.0".to_owned(),
        address: format!("127.0.0.1:{}", 8_000 + no),
    }
}

pub fn player(id: &str) -> PlayerId {
    PlayerId::new(id).expect("a player id")
}

/// Waits until a condition holds; fails after ten seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waited = tokio::time::timeout(Duration::from_secs(10), async {
        while !holds().await {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("waited too long until {what}"));
}

fn open_store(folder: &TempDir) -> Arc<dyn Store> {
    let path = folder.path().join("scoreline.db");
    Arc::new(SqliteStore::open(&path, Access::ReadWrite).expect("the store opens"))
}
