//! What operators can do while the server runs.
//!
//! [`Operator`] implements the operations of `scoreline-core`; each concern has its own file. All
//! of them are safe to repeat, and none keeps state that a restart would miss: what is under way is
//! noted in the store.

mod joining;
mod reload;
mod replay;
mod reviewing;
mod room;
mod voiding;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::fold::Plan;
use scoreline_core::game::Class;
use scoreline_core::joining::{Joined, Joining};
use scoreline_core::latency::Latencies;
use scoreline_core::nodes::Node;
use scoreline_core::operations::{
    JobFigures, OperationError, Operations, RebuildScope, RebuildStatus, Reloaded, Requeued,
    Retried, ReviewOrder, RoomMade, RoomOrder, VoidOrder,
};
use scoreline_core::queue::Queue;
use scoreline_core::rank::Comparison;
use scoreline_core::reload::Change;
use scoreline_core::store::{DeadFilter, QuarantineFilter, SetAsideFigures, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::Doubt;
use scoreline_core::tournament::{ExtraTournament, Tournament};
use scoreline_core::void::Voided;
use scoreline_ranking::{RanksError, compare};
use tokio::sync::Mutex;

use crate::applier::Applier;
use crate::engine::Engine;

/// Does what operators ask for.
pub struct Operator {
    engine: Arc<Engine>,
    /// Applies what is replayed.
    applier: Arc<Applier>,
    /// `None` goes on with the definition of the data.
    definition_file: Option<PathBuf>,
    /// Days that events are kept.
    retention_days: u32,
    reloading: Mutex<()>,
}

impl Operator {
    /// An operator who works with `engine` and reads the definition from `definition_file`; `None`
    /// goes on with the definition of the data.
    pub fn new(
        engine: Arc<Engine>,
        applier: Arc<Applier>,
        definition_file: Option<PathBuf>,
        retention_days: u32,
    ) -> Arc<Self> {
        let reloading = Mutex::new(());
        Arc::new(Self { engine, applier, definition_file, retention_days, reloading })
    }

    fn queue(&self) -> Result<&Arc<dyn Queue>, OperationError> {
        self.engine.queue.as_ref().ok_or(OperationError::NoQueue)
    }

    async fn tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        let found = self.engine.store.tournament(Arc::from(id)).await?;
        Ok(found.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))?)
    }

    /// Fetches the plan after a change that is done already; if that fails, whoever applies next
    /// does it.
    async fn follow_own_change(&self) {
        if let Err(error) = self.engine.plans.follow().await {
            tracing::warn!(store.error = %error, "the plan after a change could not be read yet");
        }
    }
}

fn of_ranks(error: RanksError) -> OperationError {
    match error {
        RanksError::Store(error) => error.into(),
        RanksError::NotLoaded(_) => OperationError::BoardNotLoaded(error.to_string()),
    }
}

#[async_trait]
impl Operations for Operator {
    fn plan(&self) -> Arc<Plan> {
        self.engine.plans.current()
    }

    async fn reload(&self, replace_game: bool) -> Result<Reloaded, OperationError> {
        let _reloading = self.reloading.lock().await;
        let reloaded = self.read_definition_again(replace_game).await;
        reload::log(&reloaded);
        reloaded
    }

    async fn preview_reload(&self) -> Result<Vec<Change>, OperationError> {
        self.preview().await
    }

    async fn decide_reviews(&self, order: ReviewOrder, act: Act) -> Result<u64, OperationError> {
        self.settle_reviews(order, act).await
    }

    async fn void(&self, order: VoidOrder, act: Act) -> Result<Voided, OperationError> {
        self.void_events(order, act).await
    }

    async fn move_player(&self, joining: Joining, act: Act) -> Result<Joined, OperationError> {
        self.join(joining, act).await
    }

    async fn pause(&self, class: Option<Class>) -> Result<(), OperationError> {
        let queue = self.queue()?;
        for class in Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)) {
            queue.pause(class).await?;
            tracing::warn!(
                queue.class = class.as_str(),
                "an operator holds back a class of events"
            );
        }
        Ok(())
    }

    async fn resume(&self, class: Option<Class>) -> Result<(), OperationError> {
        let queue = self.queue()?;
        for class in Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)) {
            queue.resume(class).await?;
            tracing::info!(queue.class = class.as_str(), "a class of events is applied again");
        }
        Ok(())
    }

    fn other_nodes(&self) -> Vec<Node> {
        self.engine.membership.as_ref().map(|membership| membership.others()).unwrap_or_default()
    }

    async fn compare_boards(&self, list: usize) -> Result<Vec<Comparison>, OperationError> {
        let ranks = &self.engine.ranks;
        let mut found = Vec::new();
        for (board, _) in ranks.boards().loaded() {
            let compared = compare(ranks, board, list).await.map_err(of_ranks)?;
            let Some(one) = compared else { continue };
            if one.differing > 0 {
                tracing::error!(
                    ranks.slot = board.slot.0,
                    ranks.differing = one.differing,
                    "a board in memory differs from the database and is loaded anew"
                );
                ranks.reload(board).await.map_err(of_ranks)?;
            }
            found.push(one);
        }
        Ok(found)
    }

    async fn rebuild(&self, scope: RebuildScope) -> Result<(), OperationError> {
        self.engine.rebuilder.start(scope).await
    }

    fn rebuild_status(&self) -> RebuildStatus {
        self.engine.rebuilder.status()
    }

    async fn retry_dead(
        &self,
        filter: DeadFilter,
        limit: usize,
    ) -> Result<Retried, OperationError> {
        self.replay_dead(filter, limit).await
    }

    async fn requeue_quarantined(
        &self,
        filter: QuarantineFilter,
    ) -> Result<Requeued, OperationError> {
        self.replay_quarantine(filter).await
    }

    async fn create_tournament(
        &self,
        wanted: ExtraTournament,
    ) -> Result<Tournament, OperationError> {
        let plan = self.engine.plans.current();
        let new = wanted.checked(&plan.definition, self.engine.clock.now())?;
        let id = Arc::clone(&new.id);
        if !self.engine.store.create_tournament(new).await? {
            return Err(OperationError::TournamentExists(id));
        }
        self.follow_own_change().await;
        tracing::info!(tournament.id = %id, "a tournament was created by an operator");
        self.tournament(&id).await
    }

    async fn cancel_tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        self.engine.store.cancel_tournament(Arc::from(id), self.engine.clock.now()).await?;
        self.follow_own_change().await;
        tracing::info!(tournament.id = id, "a tournament was cancelled by an operator");
        self.tournament(id).await
    }

    async fn end_tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        self.engine.store.end_tournament(Arc::from(id), self.engine.clock.now()).await?;
        self.follow_own_change().await;
        tracing::info!(tournament.id = id, "a tournament was ended by an operator");
        self.tournament(id).await
    }

    fn clock_doubt(&self) -> Option<Doubt> {
        self.engine.time.doubt()
    }

    async fn trust_clock(&self) -> Result<Option<Timestamp>, OperationError> {
        let since = self.engine.time.trust(&*self.engine.store).await;
        if since.is_some() {
            self.engine.wake_jobs();
        }
        Ok(since)
    }

    async fn make_room(&self, order: RoomOrder) -> Result<RoomMade, OperationError> {
        self.remove_for_good(order).await
    }

    fn set_aside(&self) -> SetAsideFigures {
        self.engine.set_aside.figures()
    }

    fn jobs(&self) -> Vec<JobFigures> {
        self.engine.jobs.figures()
    }

    fn freshness(&self) -> Latencies {
        self.applier.freshness()
    }
}
