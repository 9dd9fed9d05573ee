//! What no run asks of a store: it is refused, so that a run that comes to ask it fails. What the jobs ask and
//! is empty in every run is answered so.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::analytics::{CounterQuery, CounterRow};
use scoreline_core::audit::{Act, Audited};
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::erasure::{Erasure, ErasureStep, Tombstone};
use scoreline_core::fold::Plan;
use scoreline_core::id::{PlayerId, ProjectionNo, Slot};
use scoreline_core::joining::{Joined, Joining};
use scoreline_core::key::Key;
use scoreline_core::naming::{Blocking, Named, NewName};
use scoreline_core::session::Unbinding;
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    ActStore, AnalyticsStore, Answer, AskStore, AuditStore, DeadStore, ErasureRequestStore,
    ErasureStore, FigureRow, FigureStore, FillingStore, KeyStore, LetGo, Measured, Order,
    PrizeStore, Progress, QuarantineStore, Question, Result, ReviewStore, SetAside, SetAsideStore,
    SignOutStore, Size, VerifyReport, VerifyStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, HandAward, HandPrize, Revocation};
use scoreline_core::turning::Turning;
use scoreline_core::void::Voided;
use uuid::Uuid;

use crate::line::unasked;
use crate::store::DistantStore;

#[async_trait]
impl AskStore for DistantStore {
    async fn ask(&self, _: Question, _: Values<'static>) -> Result<Vec<Answer>> {
        unasked()
    }

    async fn order(&self, _: Vec<Order<'static>>) -> Result<()> {
        unasked()
    }
}

impl DeadStore for DistantStore {}

impl QuarantineStore for DistantStore {}

#[async_trait]
impl SetAsideStore for DistantStore {
    async fn measure_set_aside(&self, _: SetAside) -> Result<Measured> {
        Ok(Measured::default())
    }

    async fn give_up(&self, _: SetAside, _: Values<'static>) -> Result<u64> {
        unasked()
    }

    async fn let_go(&self, _: SetAside, _: LetGo) -> Result<Size> {
        Ok(Size::default())
    }
}

#[async_trait]
impl FillingStore for DistantStore {
    async fn start_fill(&self, _: ProjectionNo) -> Result<Slot> {
        unasked()
    }

    async fn fill_step(&self, _: Arc<Plan>, _: ProjectionNo, _: usize) -> Result<Progress> {
        unasked()
    }

    async fn sweep_retired(&self, _: usize) -> Result<u64> {
        Ok(0)
    }
}

#[async_trait]
impl PrizeStore for DistantStore {
    async fn claim_prize(&self, _: Uuid, _: PlayerId, _: Timestamp) -> Result<Claim> {
        unasked()
    }

    async fn award_prize(&self, _: HandPrize, _: Act) -> Result<HandAward> {
        unasked()
    }

    async fn revoke_prize(&self, _: Uuid, _: Act) -> Result<Revocation> {
        unasked()
    }
}

#[async_trait]
impl FigureStore for DistantStore {
    async fn figures(&self, _: Slot, _: i64, _: Timestamp) -> Result<Vec<FigureRow>> {
        unasked()
    }
}

#[async_trait]
impl AnalyticsStore for DistantStore {
    async fn counters(&self, _: Slot, _: Vec<CounterQuery>) -> Result<Vec<Vec<CounterRow>>> {
        unasked()
    }
}

#[async_trait]
impl VerifyStore for DistantStore {
    async fn verify(
        &self,
        _: Arc<Plan>,
        _: usize,
        _: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        unasked()
    }
}

#[async_trait]
impl KeyStore for DistantStore {
    async fn create_key(&self, _: Key, _: Act) -> Result<()> {
        unasked()
    }

    async fn revoke_key(&self, _: Uuid, _: Act) -> Result<Key> {
        unasked()
    }
}

impl SignOutStore for DistantStore {}

impl ErasureRequestStore for DistantStore {}

#[async_trait]
impl AuditStore for DistantStore {
    async fn note_act(&self, _: Audited) -> Result<()> {
        unasked()
    }
}

#[async_trait]
impl ActStore for DistantStore {
    async fn ban(&self, _: PlayerId, _: Option<Ban>, _: Act) -> Result<bool> {
        unasked()
    }

    async fn rename(&self, _: PlayerId, _: NewName, _: Act) -> Result<Named> {
        unasked()
    }

    async fn block(&self, _: Blocking, _: Act) -> Result<bool> {
        unasked()
    }

    async fn unbind(&self, _: PlayerId, _: Unbinding, _: Act) -> Result<bool> {
        unasked()
    }

    async fn turn(&self, _: Arc<Plan>, _: Turning, _: Act) -> Result<Voided> {
        unasked()
    }

    async fn move_player(&self, _: Arc<Plan>, _: Joining, _: Act) -> Result<Joined> {
        unasked()
    }

    async fn bans_over(&self, _: Timestamp) -> Result<Vec<PlayerId>> {
        Ok(Vec::new())
    }

    async fn bans(&self, _: Option<PlayerId>, _: usize) -> Result<Vec<PlayerBan>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl ReviewStore for DistantStore {
    async fn players_in_review(&self, _: Option<PlayerId>, _: usize) -> Result<Vec<PlayerId>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl ErasureStore for DistantStore {
    async fn request_erasure(&self, _: Erasure, _: String, _: Act) -> Result<Uuid> {
        unasked()
    }

    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        Ok(Vec::new())
    }

    async fn erase_step(
        &self,
        _: Arc<Plan>,
        _: Erasure,
        _: usize,
        _: Timestamp,
    ) -> Result<ErasureStep> {
        unasked()
    }

    async fn erasure_key(&self) -> Result<Option<String>> {
        Ok(None)
    }

    async fn tombstones(&self, _: Option<Tombstone>, _: usize) -> Result<Vec<Tombstone>> {
        Ok(Vec::new())
    }
}
