//! The way to the queue: whether it may be trusted with events now, and what was last seen of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scoreline_core::breaker::{Admission, Breaker};
use scoreline_core::queue::loss::{LossNews, Losses};
use scoreline_core::queue::{Objection, ObjectionKind, Queue, QueueError, QueueFigures};
use scoreline_core::time::Clock;
use tokio_util::sync::CancellationToken;

/// Between two looks at the queue's figures.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two checks of how the queue's server is set up.
const PREFLIGHT_EVERY: Duration = Duration::from_secs(10);
/// The longest that events wait for a look at a queue that is left alone.
const EARLY_LOOK_LONGEST: Duration = Duration::from_secs(1);

/// The way to the queue, shared by the intake and the workers of this node.
pub(super) struct Link {
    /// What an operator accepts of what speaks against the queue.
    accepted: Vec<ObjectionKind>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held while somebody looks early; when that last ended.
    looking: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Default)]
struct State {
    breaker: Breaker,
    /// What speaks against the queue and is not accepted.
    objections: Vec<Objection>,
    /// What speaks against it and is.
    risks: Vec<Objection>,
    figures: QueueFigures,
    losses: LossNews,
}

impl Link {
    pub fn new(accepted: Vec<ObjectionKind>, clock: Arc<dyn Clock>) -> Self {
        Self { accepted, clock, state: Mutex::default(), looking: tokio::sync::Mutex::default() }
    }

    /// Whether events may go to the queue now. After a probe, its outcome must be told.
    pub fn admit(&self) -> Admission {
        let mut state = self.state.lock();
        if let Some(objection) = state.objections.first() {
            let reason = objection.message.clone();
            return Admission::Refused { reason, wait: PREFLIGHT_EVERY };
        }
        state.breaker.admit(self.clock.monotonic())
    }

    /// The queue did what it was asked, or had good reasons not to.
    pub fn works(&self) {
        if self.state.lock().breaker.succeeded() {
            tracing::info!("the queue takes events again");
        }
    }

    /// The queue is in trouble.
    pub fn failed(&self, error: &QueueError) {
        if self.state.lock().breaker.failed(error.to_string(), self.clock.monotonic()) {
            tracing::error!(
                queue.error = %error,
                queue.error_kind = %error.kind(),
                "the queue is in trouble; events go to the database directly until it is back"
            );
        }
    }

    /// Why events go to the database directly, while they do.
    pub fn away(&self) -> Option<String> {
        let state = self.state.lock();
        let objection = state.objections.first().map(|objection| objection.message.clone());
        objection.or_else(|| state.breaker.refusing().map(str::to_owned))
    }

    /// Whether the queue belongs to another database.
    pub fn is_foreign(&self) -> bool {
        let about = |objection: &Objection| objection.about == ObjectionKind::Foreign;
        self.state.lock().objections.iter().any(about)
    }

    /// What speaks against the queue, though an operator accepts it.
    pub fn risks(&self) -> Vec<String> {
        self.state.lock().risks.iter().map(|risk| risk.message.clone()).collect()
    }

    /// What was last seen of the queue.
    pub fn figures(&self) -> QueueFigures {
        self.state.lock().figures
    }

    /// The losses of the queue that this node noticed within the last day.
    pub fn recent_losses(&self) -> Losses {
        self.state.lock().losses.news()
    }

    /// Looks at the queue until stopped: figures cost their readers nothing, and a queue that is back
    /// is noticed without requests.
    pub async fn watch(&self, queue: &dyn Queue, stop: &CancellationToken) {
        let (mut preflight_at, mut was_silent) = (self.clock.monotonic(), false);
        while !stop.is_cancelled() {
            if preflight_at <= self.clock.monotonic() || self.is_left_alone() {
                if self.preflight(queue).await {
                    preflight_at = self.clock.monotonic() + PREFLIGHT_EVERY;
                    if std::mem::take(&mut was_silent) {
                        // It answers again, so there is nothing to wait for.
                        self.try_early(queue).await;
                    }
                } else {
                    was_silent = true;
                }
            }
            self.look(queue).await;
            tokio::select! {
                biased;
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Asks what speaks against the queue. Answers whether it could be asked.
    pub async fn preflight(&self, queue: &dyn Queue) -> bool {
        let Ok(found) = queue.preflight().await else { return false };
        let (risks, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| one.about.is_accepted_by(&self.accepted));
        let mut state = self.state.lock();
        if state.risks != risks {
            for risk in &risks {
                tracing::warn!(
                    queue.risk = risk.about.as_str(),
                    "accepted events may be lost, as SCORELINE_QUEUE_ACCEPTS allows: {}",
                    risk.message
                );
            }
            state.risks = risks;
        }
        if state.objections != found {
            for objection in &found {
                tracing::error!(
                    queue.objection = objection.about.as_str(),
                    "events go to the database directly: {}",
                    objection.message
                );
            }
            if found.is_empty() {
                tracing::info!("nothing speaks against the queue any more");
            }
            state.objections = found;
        }
        true
    }

    /// Whether the queue is back though it would be left alone for a while yet: asked when events have
    /// nowhere else to go. One of those who come looks, the others share what it finds.
    pub async fn is_back(&self, queue: &dyn Queue) -> bool {
        let came = self.clock.monotonic();
        let mut looked_at = self.looking.lock().await;
        if looked_at.is_none_or(|at| at < came) {
            let look = async {
                if self.preflight(queue).await {
                    self.try_early(queue).await;
                }
            };
            // One that takes longer is as good as away.
            let _ = tokio::time::timeout(EARLY_LOOK_LONGEST, look).await;
            *looked_at = Some(self.clock.monotonic());
        }
        self.away().is_none()
    }

    /// Uses a queue again that can be written to, before its pause is over. If it cannot, the pause
    /// goes on as it was. May be cancelled.
    async fn try_early(&self, queue: &dyn Queue) {
        if self.is_left_alone() && !self.is_foreign() && queue.ping().await.is_ok() {
            self.answers();
        }
    }

    fn is_left_alone(&self) -> bool {
        self.state.lock().breaker.refusing().is_some()
    }

    fn answers(&self) {
        if self.state.lock().breaker.answered() {
            tracing::info!("the queue answers again");
        }
    }

    async fn look(&self, queue: &dyn Queue) {
        if self.is_foreign() {
            // What it counts is nothing to this node.
            self.state.lock().figures = QueueFigures::default();
            return;
        }
        let is_probe = match self.state.lock().breaker.admit(self.clock.monotonic()) {
            Admission::Granted => false,
            Admission::Probe => true,
            Admission::Refused { .. } => return,
        };
        // Figures are only read; whether the queue can be written to, only a ping tells.
        let outcome = match queue.figures().await {
            Ok(figures) if is_probe => queue.ping().await.map(|()| figures),
            outcome => outcome,
        };
        match outcome {
            Ok(figures) => {
                let mut state = self.state.lock();
                let lost = state.losses.look(figures.losses, self.clock.monotonic());
                state.figures = figures;
                drop(state);
                if is_probe {
                    self.answers();
                }
                if lost {
                    tracing::error!(
                        queue.losses = figures.losses.times,
                        queue.lost_events = figures.losses.events,
                        "the queue has lost what waited in it; what was applied before is not affected"
                    );
                }
            }
            Err(error) => self.failed(&error),
        }
    }
}
