//! The queued intake: events wait in a durable queue for the workers of all nodes.
//!
//! An event is acknowledged when the queue keeps it. While the queue is away or may not be trusted,
//! events go to the store directly and are acknowledged after the commit: slower under a burst, and
//! just as safe. If the store does not take them either, the queue is looked at once more. A queue
//! that is full is no trouble; it refuses the least urgent first.

mod link;
mod load;
mod room;
mod worker;

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use scoreline_core::breaker::Admission;
use scoreline_core::game::Class;
use scoreline_core::intake::{
    Arrival, CommitFigures, Intake, IntakeError, IntakeFigures, QueueLink, Receipt, Submission,
};
use scoreline_core::queue::{ByClass, ClassFigures, ObjectionKind, Parcel, Queue, parcels};
use scoreline_core::time::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::applier::Applier;
use crate::direct::{DirectIntake, retry_after_s};
use link::Link;
use worker::Workers;

/// What the queued intake needs.
pub struct QueueSetup {
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// How many workers this node has.
    pub workers: u32,
    /// What an operator accepts of what speaks against the queue.
    pub accepted: Vec<ObjectionKind>,
}

/// Takes submissions into the queue, and into the store while that is away.
pub struct QueuedIntake {
    shared: Arc<Shared>,
    workers: Arc<Workers>,
    /// Pushes under way.
    pushing: TaskTracker,
    /// The workers, and who watches the queue.
    running: TaskTracker,
    stop: CancellationToken,
    closed: Mutex<bool>,
}

struct Shared {
    queue: Arc<dyn Queue>,
    direct: Arc<DirectIntake>,
    applier: Arc<Applier>,
    link: Arc<Link>,
    clock: Arc<dyn Clock>,
}

impl QueuedIntake {
    /// Starts the workers. Events go directly to the store until the queue was looked at.
    pub async fn start(
        setup: QueueSetup,
        direct: Arc<DirectIntake>,
        applier: Arc<Applier>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let QueueSetup { queue, workers, accepted } = setup;
        let link = Arc::new(Link::new(accepted, Arc::clone(&clock)));
        link.preflight(&*queue).await;
        let (running, stop) = (TaskTracker::new(), CancellationToken::new());
        let workers = Workers::start(
            Arc::clone(&queue),
            Arc::clone(&applier),
            Arc::clone(&link),
            Arc::clone(&clock),
            workers,
            &running,
            stop.clone(),
        );
        running.spawn({
            let (link, queue, stop) = (Arc::clone(&link), Arc::clone(&queue), stop.clone());
            async move { link.watch(&*queue, &stop).await }
        });
        Arc::new(Self {
            shared: Arc::new(Shared { queue, direct, applier, link, clock }),
            workers,
            pushing: TaskTracker::new(),
            running,
            stop,
            closed: Mutex::new(false),
        })
    }

    /// The queue itself.
    pub fn queue(&self) -> &Arc<dyn Queue> {
        &self.shared.queue
    }

    /// Refuses what comes from now on, and answers once everything that was accepted is in the queue
    /// and the workers of this node have finished what they held. Repeating it changes nothing.
    pub async fn shutdown(&self) {
        *self.closed.lock() = true;
        self.pushing.close();
        self.pushing.wait().await;
        self.stop.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

impl Shared {
    /// Puts a submission into the queue. What could not be put there goes to the store, all of it:
    /// a part that is in the queue already will be found to be known.
    async fn push(
        self: Arc<Self>,
        arrival: Arc<dyn Arrival>,
        submission: Submission,
    ) -> Result<Receipt, IntakeError> {
        let (accepted, quarantined) = (submission.events.len(), submission.rejected.len());
        let definition = Arc::clone(&self.applier.plans().current().definition);
        let parcels = parcels(submission, &definition);
        for (class, parcel) in &parcels {
            match self.queue.push(*class, parcel).await {
                Ok(()) => {}
                Err(error) if error.is_trouble() => {
                    self.link.failed(&error);
                    return self.take_directly(arrival, &parcels).await;
                }
                Err(_) => {
                    self.link.works();
                    return Err(IntakeError::Overloaded { retry_after_s: self.retry_after_s() });
                }
            }
        }
        self.link.works();
        Ok(Receipt { accepted, quarantined, conflicting: Vec::new() })
    }

    async fn take_directly(
        &self,
        arrival: Arc<dyn Arrival>,
        parcels: &[(Class, Parcel)],
    ) -> Result<Receipt, IntakeError> {
        let mut submission = Submission::default();
        for (_, parcel) in parcels {
            let part = parcel.unpack().expect("what was packed just now can be unpacked");
            submission.events.extend(part.events);
            submission.rejected.extend(part.rejected);
        }
        self.direct.submit(shared(&arrival), submission).await
    }

    fn retry_after_s(&self) -> u32 {
        let waiting: u64 =
            self.link.figures().by_class.iter().map(|(_, class)| class.open_events()).sum();
        retry_after_s(usize::try_from(waiting).unwrap_or(usize::MAX), None)
    }
}

/// Whether the store has not taken events, and only for now: it is away, or too slow for all of them.
fn is_in_trouble(taken: &Result<Receipt, IntakeError>) -> bool {
    matches!(taken, Err(IntakeError::Unavailable { .. } | IntakeError::Overloaded { .. }))
}

/// An arrival that counts as open for as long as anybody holds it.
struct SharedArrival(Arc<dyn Arrival>);

impl Arrival for SharedArrival {
    fn received_at(&self) -> Timestamp {
        self.0.received_at()
    }
}

fn shared(arrival: &Arc<dyn Arrival>) -> Box<dyn Arrival> {
    Box::new(SharedArrival(Arc::clone(arrival)))
}

#[async_trait]
impl Intake for QueuedIntake {
    fn arrive(&self) -> Box<dyn Arrival> {
        self.shared.direct.arrive()
    }

    async fn submit(
        &self,
        arrival: Box<dyn Arrival>,
        submission: Submission,
    ) -> Result<Receipt, IntakeError> {
        if submission.events.is_empty() && submission.rejected.is_empty() {
            return Ok(Receipt::default());
        }
        if *self.closed.lock() {
            return Err(IntakeError::ShuttingDown);
        }
        let arrival = Arc::from(arrival);
        if let Admission::Refused { .. } = self.shared.link.admit() {
            let taken = self.shared.direct.submit(shared(&arrival), submission.clone()).await;
            if !is_in_trouble(&taken) || !self.shared.link.is_back(&*self.shared.queue).await {
                return taken;
            }
        }
        // A task of its own: a client that goes away must not leave a probe without its outcome.
        let pushed = self.pushing.spawn(Arc::clone(&self.shared).push(arrival, submission));
        pushed.await.unwrap_or_else(|_| {
            let reason = "putting the events into the queue was interrupted".to_owned();
            Err(IntakeError::Unavailable { reason, retry_after_s: 1 })
        })
    }

    fn watermark(&self) -> Timestamp {
        self.shared.direct.watermark()
    }

    fn figures(&self) -> IntakeFigures {
        let now = self.shared.clock.monotonic();
        let link = &self.shared.link;
        let (away, seen, direct) = (link.away(), link.figures(), self.shared.direct.figures());
        let classes = seen.by_class;
        let sum = |read: fn(&ClassFigures) -> u64| {
            classes.iter().map(|(_, class)| read(class)).sum::<u64>()
        };
        let queue = QueueLink {
            away: away.clone(),
            foreign: link.is_foreign(),
            held_up: self.workers.held_up(),
            risks: link.risks(),
            by_class: classes,
            losses: seen.losses,
            recent_losses: link.recent_losses(),
            reclaimed: sum(|class| class.reclaimed),
            stale: sum(|class| class.stale),
        };
        self.workers.measured(|measured| IntakeFigures {
            mode: if away.is_none() { "redis" } else { "direct" },
            waiting_by_class: ByClass::from_fn(|class| {
                classes[class].waiting.events + direct.waiting_by_class[class]
            }),
            active: sum(|class| class.active.events) + direct.active,
            delayed: sum(|class| class.delayed.events),
            completed: measured.completed() + direct.completed,
            duplicates: measured.duplicates() + direct.duplicates,
            workers: measured.workers(),
            capacity_per_second: measured.capacity_per_second(now).or(direct.capacity_per_second),
            current_load_percent: measured.busy_percent(now).max(direct.current_load_percent),
            oldest_waiting: [seen.oldest(), direct.oldest_waiting].into_iter().flatten().min(),
            paused: classes.map(|class| class.paused),
            // Only without the queue does it matter that the store is down.
            refusing: direct.refusing.clone().filter(|_| away.is_some()),
            queue: Some(queue),
        })
    }

    fn commits(&self) -> CommitFigures {
        let direct = self.shared.direct.commits();
        let queued = self.workers.measured(crate::measured::Measurements::commits);
        queued.plus(&direct)
    }
}
