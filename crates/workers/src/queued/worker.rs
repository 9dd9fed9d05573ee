//! The workers of the queue: claim, apply, settle after the commit.
//!
//! Trouble of the database is nobody's fault: the parcels go back untried, and nobody claims until
//! the database answers again. Trouble with one parcel burns its attempts; after the last one it is
//! taken apart, and what cannot be applied is buried with its reason. The store does the same within
//! a batch for events whose data it refuses.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::breaker::{Admission, Breaker};
use scoreline_core::error::ErrorKind;
use scoreline_core::limits::QUEUE_CLAIM_EVENTS_MAX;
use scoreline_core::queue::backoff::{RetryRule, spread_of};
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{Hold, Lease, Leased, Queue, QueueError, Settled};
use scoreline_core::store::{Applied, Batch, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::link::Link;
use super::load::Load;
use super::room::{Room, left_more};
use crate::applier::{Applier, log_conflicting, log_dead};
use crate::measured::Measurements;

/// The longest that a worker waits for work before it looks for what others left behind.
const REST_LONGEST: Duration = Duration::from_secs(2);
/// The longest that a worker waits before it looks again whether a server is back.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Parcels that are remembered as applied while the queue is away. The leases of others run out.
const OWED_MAX: usize = 10_000;
/// How long a parcel of a newer version is left for the nodes that can read it.
const NEWER_PAUSE: Duration = Duration::from_secs(5);

/// What all workers of this node share.
pub(super) struct Workers {
    queue: Arc<dyn Queue>,
    applier: Arc<Applier>,
    link: Arc<Link>,
    clock: Arc<dyn Clock>,
    /// Whether the database is known to be down.
    database: Mutex<Breaker>,
    measured: Mutex<Measurements>,
    /// What they hold together.
    room: Room,
    /// What is applied and could not be settled, as the queue was away.
    owed: Mutex<Vec<Settled>>,
    rule: RetryRule,
    shares: Shares,
    stop: CancellationToken,
}

/// What an error says about the work that failed.
enum Fault {
    /// Nothing: the database is in trouble.
    Database,
    /// It cannot be done as it is.
    Work,
}

impl Workers {
    /// Starts `workers` of them.
    pub fn start(
        queue: Arc<dyn Queue>,
        applier: Arc<Applier>,
        link: Arc<Link>,
        clock: Arc<dyn Clock>,
        workers: u32,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let own = Arc::new(Self {
            queue,
            applier,
            link,
            database: Mutex::default(),
            measured: Mutex::new(Measurements::new(clock.monotonic(), workers)),
            clock,
            room: Room::default(),
            owed: Mutex::default(),
            rule: RetryRule::default(),
            shares: Shares::default(),
            stop,
        });
        for _ in 0..workers {
            tasks.spawn(Arc::clone(&own).work());
        }
        own
    }

    /// What was measured of all of them.
    pub fn measured<T>(&self, read: impl FnOnce(&Measurements) -> T) -> T {
        read(&self.measured.lock())
    }

    /// Why nothing is claimed, while nothing is.
    pub fn held_up(&self) -> Option<String> {
        self.database.lock().refusing().map(str::to_owned)
    }

    async fn work(self: Arc<Self>) {
        while !self.stop.is_cancelled() {
            if !self.database_is_there().await {
                continue;
            }
            if self.link.is_foreign() {
                self.pause(LOOK_AGAIN).await;
                continue;
            }
            let claim = self.queue.claim(QUEUE_CLAIM_EVENTS_MAX, &self.shares);
            match self.room.take(claim, &self.stop).await {
                Ok((leased, _held)) => {
                    self.settle_owed().await;
                    if leased.is_empty() {
                        self.rest().await;
                    } else {
                        self.process(leased).await;
                    }
                }
                Err(error) => {
                    self.link.failed(&error);
                    self.pause(LOOK_AGAIN).await;
                }
            }
        }
        self.settle_owed().await;
    }

    /// Whether there is a database to apply to. One worker at a time finds out when it is back.
    async fn database_is_there(&self) -> bool {
        let admission = self.database.lock().admit(self.clock.monotonic());
        match admission {
            Admission::Granted => true,
            Admission::Refused { wait, .. } => {
                self.pause(wait.clamp(Duration::from_millis(10), LOOK_AGAIN)).await;
                false
            }
            Admission::Probe => match self.applier.probe().await {
                Ok(()) => {
                    self.database.lock().answered();
                    tracing::info!("the database answers again; the workers go on");
                    true
                }
                Err(error) => {
                    self.database.lock().failed(error.to_string(), self.clock.monotonic());
                    false
                }
            },
        }
    }

    async fn rest(&self) {
        let woken = tokio::select! {
            biased;
            woken = self.queue.wait(REST_LONGEST) => woken,
            () = self.stop.cancelled() => return,
        };
        // What a listener heard last may be old news when the queue is back already: whether it is
        // there, only the next claim tells.
        if woken.is_err() {
            self.pause(LOOK_AGAIN).await;
        }
    }

    async fn pause(&self, length: Duration) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(length) => {}
            () = self.stop.cancelled() => {}
        }
    }

    async fn process(&self, leased: Vec<Leased>) {
        let (worn, fresh): (Vec<_>, Vec<_>) =
            leased.into_iter().partition(|one| one.attempts >= self.rule.attempts_max);
        if !fresh.is_empty() {
            self.apply_together(fresh).await;
        }
        for one in worn {
            self.take_apart(one).await;
        }
    }

    /// Applies parcels in one transaction. If that fails through one of them, each is tried alone.
    async fn apply_together(&self, leased: Vec<Leased>) {
        let mut load = Load::unpack(&leased);
        if !load.newer.is_empty() {
            tracing::info!(
                queue.parcels = load.newer.len(),
                "entries of the queue are left for newer nodes"
            );
            self.told(self.queue.put_off(&load.newer, NEWER_PAUSE).await);
        }
        if load.leases.is_empty() {
            return;
        }
        let (rows, batch) = (load.rows(), std::mem::take(&mut load.batch));
        let fault = match self.apply(&load.leases, batch, rows).await {
            Ok(applied) => return self.settle(load.settled(&applied)).await,
            Err(error) => (self.fault(&error).await, error),
        };
        match fault {
            (Fault::Database, _) => self.release(&load.leases).await,
            (Fault::Work, _) if leased.len() > 1 => {
                for one in leased {
                    Box::pin(self.apply_together(vec![one])).await;
                }
            }
            (Fault::Work, error) => {
                for one in leased {
                    self.try_again_later(one, &error).await;
                }
            }
        }
    }

    async fn try_again_later(&self, leased: Leased, error: &StoreError) {
        let failed = leased.attempts.saturating_add(1);
        let spread = spread_of(&leased.lease.id, failed);
        let Some(pause) = self.rule.pause_after(failed, spread) else {
            return self.take_apart(leased).await;
        };
        tracing::warn!(
            queue.class = leased.lease.class.as_str(),
            queue.id = %leased.lease.id,
            queue.attempts = failed,
            queue.pause_ms = pause.as_millis(),
            store.error = %error,
            "events of the queue could not be applied and are tried again"
        );
        self.told(self.queue.retry(&[leased.lease], pause).await);
    }

    /// Applies the events of a parcel one by one, and buries those that cannot be.
    async fn take_apart(&self, leased: Leased) {
        let lease = std::slice::from_ref(&leased.lease);
        let load = Load::unpack(std::slice::from_ref(&leased));
        if load.leases.is_empty() {
            return self.told(self.queue.put_off(lease, NEWER_PAUSE).await);
        }
        let mut dead = Vec::new();
        for event in load.batch.events {
            let batch = Batch { events: vec![event.clone()], ..Batch::default() };
            let Err(error) = self.apply(lease, batch, 1).await else { continue };
            match self.fault(&error).await {
                Fault::Database => return self.release(lease).await,
                Fault::Work => dead.push((event, error.to_string())),
            }
        }
        let rows = dead.len() + load.batch.rejected.len();
        let rest = Batch { dead, rejected: load.batch.rejected, ..Batch::default() };
        let buried = u32::try_from(rest.dead.len()).unwrap_or(u32::MAX);
        match self.apply(lease, rest, rows).await {
            Ok(_) => self.settle(vec![Settled { lease: leased.lease, dead: buried }]).await,
            Err(_) => self.release(lease).await,
        }
    }

    /// Applies a batch, and keeps the leases of its parcels for as long as that takes.
    async fn apply(
        &self,
        leases: &[Lease],
        batch: Batch,
        rows: usize,
    ) -> Result<Applied, StoreError> {
        let commit = self.measured.lock().begin(rows, self.clock.monotonic());
        let received: Vec<Timestamp> = batch.events.iter().map(|event| event.received_at).collect();
        let outcome = self.keeping(leases, self.applier.apply(batch)).await;
        let now = self.clock.monotonic();
        match &outcome {
            Ok(applied) => {
                self.applier.shown(received.into_iter().map(|received_at| (received_at, 1)));
                self.measured.lock().succeed(commit, applied, left_more(rows), now);
                self.database.lock().succeeded();
                log_dead(applied);
                log_conflicting(applied);
            }
            Err(_) => self.measured.lock().fail(commit, now),
        }
        outcome
    }

    async fn keeping<T>(&self, leases: &[Lease], work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(self.queue.lease() / 2) => {
                    self.told(self.queue.extend(leases).await);
                }
            }
        }
    }

    /// Whether the database or the work is at fault. The kind of an error tells; where it leaves both
    /// possible, the database is asked.
    async fn fault(&self, error: &StoreError) -> Fault {
        let is_work = match error.kind() {
            ErrorKind::Busy => false,
            ErrorKind::Broken => self.applier.probe().await.is_ok(),
            ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound => true,
        };
        if is_work {
            return Fault::Work;
        }
        if self.database.lock().failed(error.to_string(), self.clock.monotonic()) {
            tracing::error!(
                store.error = %error,
                store.error_kind = %error.kind(),
                "the database is in trouble; what is in the queue waits for it"
            );
        }
        Fault::Database
    }

    /// Settles what is applied; what cannot be told now is told when the queue is back. Otherwise it
    /// would count as waiting until its lease runs out, and tournaments would wait for it.
    async fn settle(&self, settled: Vec<Settled>) {
        let answer = self.queue.settle(&settled).await;
        if answer.is_err() {
            let mut owed = self.owed.lock();
            let room = OWED_MAX.saturating_sub(owed.len());
            owed.extend(settled.into_iter().take(room));
        }
        self.told(answer);
    }

    async fn settle_owed(&self) {
        let owed = std::mem::take(&mut *self.owed.lock());
        if !owed.is_empty() {
            self.settle(owed).await;
        }
    }

    async fn release(&self, leases: &[Lease]) {
        self.told(self.queue.release(leases).await);
    }

    /// Takes in what the queue said of parcels. If it could not be told and never is, their leases
    /// run out, they are delivered again, and found to be applied.
    fn told(&self, answer: Result<Vec<Hold>, QueueError>) {
        match answer {
            Ok(holds) => {
                let stale = holds.iter().filter(|hold| **hold != Hold::Held).count();
                if stale > 0 {
                    tracing::info!(
                        queue.parcels = stale,
                        "entries of the queue had gone to another worker meanwhile"
                    );
                }
                self.link.works();
            }
            Err(error) => self.link.failed(&error),
        }
    }
}
