//! A node's way to the database: what a run asks of a store, behind a [`Line`]. What no run asks is refused in
//! `unasked.rs`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::feed::{Heard, Position};
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::naming::{Named, NewName};
use scoreline_core::rank::{Entry, PlayerEntry, PlayerName};
use scoreline_core::session::{Binding, Revocations};
use scoreline_core::store::{
    Adopted, Applied, Award, Batch, BoardStore, ClockStore, EventFilter, EventStore, FeedStore,
    MaintenanceStore, PlayerProfile, PlayerStore, PoolFigures, Progress, ProjectionStore, Removed,
    Result, RetentionStore, ScanPosition, StoreFigures, StoredEvent, Text, TournamentStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::ClockNote;
use scoreline_core::tournament::life::Transition;
use scoreline_core::tournament::{NewTournament, Tournament};

use crate::database::Database;
use crate::line::{Line, Weight, unasked};
use crate::shared::Shared;

/// How long a reader of the feed waits at most before it looks itself.
const LISTEN_LONGEST: Duration = Duration::from_secs(1);
/// In how many of a thousand cases a reader of the feed has lost the thread.
const LOST_OF_THOUSAND: u64 = 3;

/// A database that is asked over a network.
pub struct DistantStore {
    pub line: Line,
    pub shared: Arc<Shared>,
}

impl DistantStore {
    async fn write<T>(
        &self,
        step: &str,
        work: impl FnOnce(&mut Database) -> Result<T>,
    ) -> Result<T> {
        let transaction = || {
            let done = work(&mut self.shared.database.lock());
            self.shared.told.notify_waiters();
            done
        };
        self.line.ask(step, Weight::Write, transaction).await
    }

    pub async fn read<T>(
        &self,
        step: &str,
        work: impl FnOnce(&mut Database) -> Result<T>,
    ) -> Result<T> {
        self.line.ask(step, Weight::Read, || work(&mut self.shared.database.lock())).await
    }
}

#[async_trait]
impl EventStore for DistantStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.write("apply", |database| database.apply(&plan, &batch, now)).await
    }

    async fn recent(&self, _: EventFilter, _: usize, _: Text) -> Result<Vec<StoredEvent>> {
        unasked()
    }

    async fn scan(
        &self,
        _: EventFilter,
        _: Option<ScanPosition>,
        _: usize,
    ) -> Result<Vec<StoredEvent>> {
        unasked()
    }
}

#[async_trait]
impl ProjectionStore for DistantStore {
    async fn adopt(&self, definition: Arc<Definition>, _: Timestamp) -> Result<Adopted> {
        self.write("adopt", |database| database.adopt(&definition)).await
    }

    async fn definition(&self) -> Result<Option<String>> {
        self.read("definition", |database| Ok(database.definition())).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.read("plan", |database| database.plan(&definition)).await
    }

    async fn plan_version(&self) -> Result<i64> {
        self.read("plan version", |database| Ok(database.plan_version())).await
    }
}

#[async_trait]
impl BoardStore for DistantStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        let of = |database: &mut Database| {
            Ok(players.iter().map(|player| database.entry(board, player)).collect())
        };
        self.read("entries", of).await
    }

    async fn board_page(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerEntry>> {
        let page = |database: &mut Database| {
            let all = database.entries_of(board).into_iter();
            let left = all.filter(|one| after.as_ref().is_none_or(|after| one.player > *after));
            Ok(left.take(limit).collect())
        };
        self.read("board page", page).await
    }
}

#[async_trait]
impl FeedStore for DistantStore {
    async fn position(&self) -> Result<Position> {
        self.read("position", |database| Ok(database.position())).await
    }

    async fn changes_after(&self, position: &Position) -> Result<Heard> {
        let world = &self.line.world;
        let is_lost = world.is_rough() && world.draw(|random| random.chance(LOST_OF_THOUSAND));
        let heard = |database: &mut Database| {
            Ok(if is_lost { Heard::Lost } else { database.heard_after(position) })
        };
        self.read("changes after", heard).await
    }

    async fn listen(&self, position: &Position) {
        self.line.life.beat().await;
        let told = self.shared.told.notified();
        if !self.shared.database.lock().has_news(position) {
            // Heard or not: who listens looks.
            let _ = tokio::time::timeout(LISTEN_LONGEST, told).await;
        }
        let nap = self.line.world.draw(|random| match random.below(20) {
            0 => random.ms(100, 2_000),
            _ => random.ms(1, 20),
        });
        tokio::time::sleep(nap).await;
        self.line.life.beat().await;
    }

    async fn prune_feed(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl TournamentStore for DistantStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write("create tournament", |database| Ok(database.create_tournament(&new))).await
    }

    async fn tournaments(&self, _: usize, _: usize) -> Result<Vec<Tournament>> {
        self.read("tournaments", |database| Ok(database.tournaments.clone())).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        let is_open = |one: &&Tournament| one.closed_at.is_none() && one.cancelled_at.is_none();
        let open = |database: &mut Database| {
            Ok(database.tournaments.iter().filter(is_open).cloned().collect())
        };
        self.read("open tournaments", open).await
    }

    async fn move_tournament(
        &self,
        id: Arc<str>,
        transition: Transition,
        now: Timestamp,
    ) -> Result<()> {
        match transition {
            Transition::Seal => self.write("seal", |database| database.seal(&id, now)).await,
            Transition::Cancel | Transition::End => unasked(),
        }
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        self.write("close", |database| database.close(&id, now)).await
    }
}

#[async_trait]
impl ClockStore for DistantStore {
    async fn clock_note(&self) -> Result<Option<ClockNote>> {
        self.read("clock note", |database| Ok(database.clock_note)).await
    }

    async fn note_clock(&self, note: ClockNote) -> Result<()> {
        let noted = |database: &mut Database| {
            database.clock_note = Some(note);
            Ok(())
        };
        self.read("note clock", noted).await
    }
}

#[async_trait]
impl PlayerStore for DistantStore {
    async fn name(&self, _: PlayerId, _: NewName, _: Timestamp) -> Result<Named> {
        unasked()
    }

    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>> {
        Ok(vec![None; players.len()])
    }

    async fn names(&self, _: Option<PlayerId>, _: usize) -> Result<Vec<PlayerName>> {
        Ok(Vec::new())
    }

    async fn profile(&self, _: PlayerId) -> Result<Option<PlayerProfile>> {
        unasked()
    }

    async fn binding(&self, _: PlayerId) -> Result<Binding> {
        unasked()
    }

    async fn bind_secret(&self, _: PlayerId, _: String, _: Timestamp) -> Result<Binding> {
        unasked()
    }

    async fn forget_unused_bindings(&self, _: Timestamp, _: usize) -> Result<u64> {
        Ok(0)
    }

    async fn renew_resemblance(&self, _: usize) -> Result<u64> {
        Ok(0)
    }

    async fn revocations(&self, _: Option<PlayerId>, _: usize) -> Result<Vec<Revocations>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl RetentionStore for DistantStore {
    async fn remove_events(&self, _: Arc<Plan>, _: Timestamp, _: usize) -> Result<Removed> {
        Ok(Removed { events: 0, finished: true })
    }

    async fn remove_figures(&self, _: Timestamp, _: Timestamp) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl MaintenanceStore for DistantStore {
    async fn backup(&self, _: PathBuf, _: Arc<dyn Fn(Progress) + Send + Sync>) -> Result<()> {
        unasked()
    }

    async fn ping(&self) -> Result<()> {
        self.read("ping", |_| Ok(())).await
    }

    fn pool(&self) -> PoolFigures {
        PoolFigures::default()
    }

    async fn give_back(&self, _: bool) -> Result<u64> {
        Ok(0)
    }

    async fn store_figures(&self) -> Result<StoreFigures> {
        Ok(StoreFigures::default())
    }
}
