//! A store that does what the real one does, until a test makes trouble.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use parking_lot::Mutex;
use scoreline_core::analytics::{CounterQuery, CounterRow};
use scoreline_core::audit::{Act, Audited};
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erasure, ErasureState, ErasureStep, Tombstone};
use scoreline_core::feed::{Heard, Position};
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::joining::{Joined, Joining};
use scoreline_core::key::Key;
use scoreline_core::naming::{Blocking, Named, NewName};
use scoreline_core::rank::{Entry, PlayerEntry};
use scoreline_core::session::{Binding, Unbinding};
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    ActStore, Adopted, AnalyticsStore, Answer, Applied, AskStore, AuditStore, Award, Batch,
    BoardStore, ClockStore, DeadStore, ErasureRequestStore, ErasureStore, EventFilter, EventStore,
    FeedStore, FigureRow, FigureStore, FillingStore, KeyStore, LetGo, MaintenanceStore, Order,
    PlayerProfile, PlayerStore, PoolFigures, PrizeStore, Progress, ProjectionStore,
    QuarantineStore, Question, Removed, Result, RetentionStore, ReviewStore, ScanPosition,
    SetAside, SetAsideStore, SignOutStore, Size, Store, StoreError, StoreFigures, StoredEvent,
    Text, TournamentStore, VerifyReport, VerifyStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::Transition;
use scoreline_core::tournament::{Claim, HandAward, HandPrize, NewTournament, Revocation};
use scoreline_core::turning::Turning;
use scoreline_core::void::Voided;
use tokio::sync::watch;
use uuid::Uuid;

/// What goes wrong in one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full; nothing is done.
    DiskFull,
    /// Something else fails; nothing is done.
    Failed,
    /// It is done, but the caller never hears of it, as if the process had died.
    FailedAfterwards,
    /// The method panics.
    Panic,
}

/// The methods that tests make fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    Apply,
    Ping,
    FillStep,
    Seal,
    Close,
    BoardPage,
    ChangesAfter,
    ForgetBindings,
}

/// A store with faults.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    faults: Mutex<Vec<(Point, Fault)>>,
    /// Applying anything of this player fails, as a bug in a store would have it.
    poison: Mutex<Option<PlayerId>>,
    /// Applying waits while this is false.
    open: watch::Sender<bool>,
    entered: AtomicUsize,
    /// Whether the next reader of the feed is told that it has lost the thread.
    loses_thread: AtomicBool,
}

impl FaultyStore {
    pub fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        let (faults, open) = (Mutex::default(), watch::Sender::new(true));
        let (poison, entered, loses_thread) = Default::default();
        Arc::new(Self { inner, faults, poison, open, entered, loses_thread })
    }

    /// Makes a method fail until [`FaultyStore::repair`].
    pub fn fail(&self, point: Point, fault: Fault) {
        self.faults.lock().push((point, fault));
    }

    /// Makes every application fail that holds an event of this player.
    pub fn poison(&self, player: PlayerId) {
        *self.poison.lock() = Some(player);
    }

    pub fn repair(&self) {
        *self.poison.lock() = None;
        self.faults.lock().clear();
    }

    /// Lets every application wait until [`FaultyStore::let_through`].
    pub fn hold(&self) {
        self.open.send_replace(false);
    }

    pub fn let_through(&self) {
        self.open.send_replace(true);
    }

    /// How often something began to be applied.
    pub fn applications(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }

    /// Tells the next reader of the feed that it has lost the thread.
    pub fn lose_thread(&self) {
        self.loses_thread.store(true, Ordering::SeqCst);
    }

    fn fault(&self, point: Point) -> Option<Fault> {
        self.faults.lock().iter().find(|(at, _)| *at == point).map(|(_, fault)| *fault)
    }

    /// Runs `work` with the fault of `point` before or after it.
    async fn through<T>(&self, point: Point, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.fault(point) {
            None => work.await,
            Some(Fault::DiskFull) => Err(StoreError::DiskFull),
            Some(Fault::Failed) => Err(broken()),
            Some(Fault::FailedAfterwards) => {
                work.await?;
                Err(broken())
            }
            Some(Fault::Panic) => panic!("a fault that a test asked for"),
        }
    }
}

fn broken() -> StoreError {
    StoreError::Failed("a fault that a test asked for".into())
}

#[async_trait]
impl AskStore for FaultyStore {
    async fn ask(&self, question: Question, values: Values<'static>) -> Result<Vec<Answer>> {
        self.inner.ask(question, values).await
    }

    async fn order(&self, orders: Vec<Order<'static>>) -> Result<()> {
        self.inner.order(orders).await
    }
}

#[async_trait]
impl EventStore for FaultyStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.entered.fetch_add(1, Ordering::SeqCst);
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open).await.expect("the store outlives its callers");
        if let Some(poison) = &*self.poison.lock()
            && batch.events.iter().any(|event| event.player == *poison)
        {
            return Err(broken());
        }
        self.through(Point::Apply, self.inner.apply(plan, batch, now)).await
    }

    async fn recent(
        &self,
        filter: EventFilter,
        limit: usize,
        text: Text,
    ) -> Result<Vec<StoredEvent>> {
        self.inner.recent(filter, limit, text).await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<ScanPosition>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.inner.scan(filter, after, limit).await
    }
}

impl DeadStore for FaultyStore {}

impl QuarantineStore for FaultyStore {}

#[async_trait]
impl SetAsideStore for FaultyStore {
    async fn give_up(&self, place: SetAside, values: Values<'static>) -> Result<u64> {
        self.inner.give_up(place, values).await
    }

    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size> {
        self.inner.let_go(place, which).await
    }
}

#[async_trait]
impl ProjectionStore for FaultyStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.inner.adopt(definition, now).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.inner.plan(definition).await
    }
}

#[async_trait]
impl FillingStore for FaultyStore {
    async fn start_fill(&self, projection: ProjectionNo) -> Result<Slot> {
        self.inner.start_fill(projection).await
    }

    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        projection: ProjectionNo,
        events: usize,
    ) -> Result<Progress> {
        // Steps of few events, so that a small history takes many.
        let step = self.inner.fill_step(plan, projection, events.min(50));
        self.through(Point::FillStep, step).await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.inner.sweep_retired(rows).await
    }
}

#[async_trait]
impl BoardStore for FaultyStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.inner.entries(board, players).await
    }

    async fn board_page(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerEntry>> {
        self.through(Point::BoardPage, self.inner.board_page(board, after, limit)).await
    }
}

#[async_trait]
impl FeedStore for FaultyStore {
    async fn position(&self) -> Result<Position> {
        self.inner.position().await
    }

    async fn changes_after(&self, position: &Position) -> Result<Heard> {
        self.through(Point::ChangesAfter, async {
            if self.loses_thread.swap(false, Ordering::SeqCst) {
                return Ok(Heard::Lost);
            }
            self.inner.changes_after(position).await
        })
        .await
    }

    async fn listen(&self, position: &Position) {
        self.inner.listen(position).await;
    }

    async fn prune_feed(&self) -> Result<()> {
        self.inner.prune_feed().await
    }
}

#[async_trait]
impl PlayerStore for FaultyStore {
    async fn name(&self, player: PlayerId, name: NewName, now: Timestamp) -> Result<Named> {
        self.inner.name(player, name, now).await
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        self.inner.nicknames(players).await
    }

    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>> {
        self.inner.profile(player).await
    }

    async fn binding(&self, player: PlayerId) -> Result<Binding> {
        self.inner.binding(player).await
    }

    async fn bind_secret(&self, player: PlayerId, hash: String, now: Timestamp) -> Result<Binding> {
        self.inner.bind_secret(player, hash, now).await
    }
    async fn forget_unused_bindings(&self, before: Timestamp, limit: usize) -> Result<u64> {
        let forgotten = self.inner.forget_unused_bindings(before, limit);
        self.through(Point::ForgetBindings, forgotten).await
    }

    async fn renew_resemblance(&self, rows: usize) -> Result<u64> {
        self.inner.renew_resemblance(rows).await
    }
}

#[async_trait]
impl TournamentStore for FaultyStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.inner.create_tournament(new).await
    }

    async fn move_tournament(
        &self,
        id: Arc<str>,
        transition: Transition,
        now: Timestamp,
    ) -> Result<()> {
        let acted = self.inner.move_tournament(id, transition, now);
        if transition == Transition::Seal {
            self.through(Point::Seal, acted).await
        } else {
            acted.await
        }
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        self.through(Point::Close, self.inner.close_tournament(id, now)).await
    }
}

#[async_trait]
impl PrizeStore for FaultyStore {
    async fn claim_prize(&self, prize: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim> {
        self.inner.claim_prize(prize, player, now).await
    }

    async fn award_prize(&self, prize: HandPrize, act: Act) -> Result<HandAward> {
        self.inner.award_prize(prize, act).await
    }
    async fn revoke_prize(&self, prize: Uuid, act: Act) -> Result<Revocation> {
        self.inner.revoke_prize(prize, act).await
    }
}

#[async_trait]
impl FigureStore for FaultyStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.inner.figures(slot, grain_ms, from).await
    }
}

#[async_trait]
impl AnalyticsStore for FaultyStore {
    async fn counters(
        &self,
        slot: Slot,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>> {
        self.inner.counters(slot, queries).await
    }
}

#[async_trait]
impl RetentionStore for FaultyStore {
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed> {
        self.inner.remove_events(plan, before, events).await
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.inner.remove_figures(fine, coarse).await
    }
}

#[async_trait]
impl VerifyStore for FaultyStore {
    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        self.inner.verify(plan, list, progress).await
    }
}

impl ClockStore for FaultyStore {}

#[async_trait]
impl MaintenanceStore for FaultyStore {
    async fn backup(
        &self,
        to: PathBuf,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        self.inner.backup(to, progress).await
    }

    async fn ping(&self) -> Result<()> {
        self.through(Point::Ping, self.inner.ping()).await
    }
    fn pool(&self) -> PoolFigures {
        self.inner.pool()
    }
    async fn give_back(&self, all: bool) -> Result<u64> {
        self.inner.give_back(all).await
    }
    async fn store_figures(&self) -> Result<StoreFigures> {
        self.inner.store_figures().await
    }
}

#[async_trait]
impl KeyStore for FaultyStore {
    async fn create_key(&self, key: Key, act: Act) -> Result<()> {
        self.inner.create_key(key, act).await
    }

    async fn revoke_key(&self, id: Uuid, act: Act) -> Result<Key> {
        self.inner.revoke_key(id, act).await
    }
}

impl SignOutStore for FaultyStore {}

impl ErasureRequestStore for FaultyStore {}

#[async_trait]
impl AuditStore for FaultyStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        self.inner.note_act(audited).await
    }
}

#[async_trait]
impl ActStore for FaultyStore {
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool> {
        self.inner.ban(player, ban, act).await
    }

    async fn rename(&self, player: PlayerId, name: NewName, act: Act) -> Result<Named> {
        self.inner.rename(player, name, act).await
    }

    async fn block(&self, blocking: Blocking, act: Act) -> Result<bool> {
        self.inner.block(blocking, act).await
    }

    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool> {
        self.inner.unbind(player, unbinding, act).await
    }

    async fn turn(&self, plan: Arc<Plan>, turning: Turning, act: Act) -> Result<Voided> {
        self.inner.turn(plan, turning, act).await
    }

    async fn move_player(&self, plan: Arc<Plan>, joining: Joining, act: Act) -> Result<Joined> {
        self.inner.move_player(plan, joining, act).await
    }
}

impl ReviewStore for FaultyStore {}

#[async_trait]
impl ErasureStore for FaultyStore {
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid> {
        self.inner.request_erasure(erasure, key, act).await
    }
    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        self.inner.pending_erasures().await
    }
    async fn erasure(&self, job: Uuid) -> Result<Option<ErasureState>> {
        self.inner.erasure(job).await
    }
    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep> {
        self.inner.erase_step(plan, erasure, events, now).await
    }
    async fn erasure_key(&self) -> Result<Option<String>> {
        self.inner.erasure_key().await
    }
    async fn tombstones(&self, after: Option<Tombstone>, limit: usize) -> Result<Vec<Tombstone>> {
        self.inner.tombstones(after, limit).await
    }
}
