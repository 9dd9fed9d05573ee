//! A queue in memory: the second implementation of [`scoreline_core::queue::Queue`], for tests of
//! everything that stands on one.
//!
//! A [`MemoryBroker`] stands for the server, each [`MemoryQueue`] for a node's way to it. Tests let
//! time pass, take the server away and delete its data through the broker. It passes the same suite
//! as the queue on Redis, and the rules it follows are the same ones of the core.

mod state;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    ByClass, Hold, Lease, Leased, Memory, Objection, Parcel, Queue, QueueError, QueueFigures,
    QueueSettings, Result, Settled,
};
use scoreline_core::time::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

use state::{ClassState, Remembered};

/// Stands for the server behind the queue.
#[derive(Clone)]
pub struct MemoryBroker {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    state: Mutex<State>,
    /// Something can be claimed now that could not before, or a fault came or went.
    changed: Notify,
}

#[derive(Default)]
struct State {
    owner: Option<DatabaseId>,
    classes: ByClass<ClassState>,
    /// How much time has passed beside the real one.
    aged: Duration,
    nodes: u32,
    fault: Option<Fault>,
    /// How many requests failed.
    refusals: u64,
    memory: Memory,
    objections: Vec<Objection>,
}

/// What can be wrong with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not answer.
    Unreachable,
    /// It answers, but takes no writes.
    NotDurable,
    /// It answers, but whoever waits for work is told that it does not: what a listener heard last.
    Deaf,
}

impl Fault {
    fn error(self) -> QueueError {
        match self {
            Self::Unreachable => QueueError::Unreachable("a test took it away".to_owned()),
            Self::NotDurable => QueueError::NotDurable("a test filled its disk".to_owned()),
            Self::Deaf => QueueError::Unreachable("a test made its listener deaf".to_owned()),
        }
    }
}

impl Default for MemoryBroker {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryBroker {
    /// A server with an empty queue.
    pub fn new() -> Self {
        let (started, state, changed) = (Instant::now(), Mutex::default(), Notify::new());
        Self { shared: Arc::new(Shared { started, state, changed }) }
    }

    /// The way of one more node to the queue.
    pub fn connect(&self, settings: QueueSettings) -> MemoryQueue {
        let mut state = self.shared.state.lock();
        state.nodes += 1;
        MemoryQueue {
            shared: Arc::clone(&self.shared),
            settings,
            node: state.nodes,
            remembered: Mutex::default(),
        }
    }

    /// Lets time pass for leases and retries, at once.
    pub fn age(&self, by: Duration) {
        self.change(|state| state.aged += by);
    }

    /// Breaks the server in this way, or mends it.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.change(|state| state.fault = fault);
    }

    /// How often the server was asked something while it did not answer or took no writes.
    pub fn refusals(&self) -> u64 {
        self.shared.state.lock().refusals
    }

    /// Sets how much memory the server says it uses.
    pub fn set_memory(&self, memory: Memory) {
        self.change(|state| state.memory = memory);
    }

    /// Sets what speaks against the server.
    pub fn set_objections(&self, objections: Vec<Objection>) {
        self.change(|state| state.objections = objections);
    }

    /// Deletes everything, as FLUSHALL does.
    pub fn lose_everything(&self) {
        self.change(|state| {
            state.owner = None;
            state.classes = ByClass::from_fn(|class| state.classes[class].emptied());
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.state.lock());
        self.shared.changed.notify_waiters();
    }
}

/// One node's way to a queue in memory.
pub struct MemoryQueue {
    shared: Arc<Shared>,
    settings: QueueSettings,
    node: u32,
    remembered: Mutex<ByClass<Remembered>>,
}

impl MemoryQueue {
    /// The state, unless the server is in trouble.
    fn answering(&self) -> Result<MutexGuard<'_, State>> {
        self.unless(|fault| fault != Fault::Deaf)
    }

    /// Nothing, unless nobody hears what the server says of new work.
    fn listening(&self) -> Result<()> {
        self.unless(|fault| fault == Fault::Deaf).map(drop)
    }

    fn unless(&self, hinders: impl FnOnce(Fault) -> bool) -> Result<MutexGuard<'_, State>> {
        let mut state = self.shared.state.lock();
        match state.fault.filter(|fault| hinders(*fault)) {
            None => Ok(state),
            Some(fault) => {
                state.refusals += 1;
                Err(fault.error())
            }
        }
    }

    /// Does something with one class, as a script does it on a server.
    fn with<T>(
        &self,
        class: Class,
        work: impl FnOnce(&mut ClassState, Duration) -> Result<T>,
    ) -> Result<T> {
        let now = self.shared.started.elapsed();
        let mut state = self.answering()?;
        let own = self.settings.database;
        let owner = *state.owner.get_or_insert(own);
        if owner != own {
            return Err(QueueError::Foreign { owner, own });
        }
        let now = now + state.aged;
        let state = &mut state.classes[class];
        let remembered = &mut self.remembered.lock()[class];
        state.heal(remembered);
        let answer = work(state, now);
        *remembered = state.remember();
        answer
    }

    /// Does something with a leased parcel if the lease still holds it, and answers who held it.
    fn with_held(
        &self,
        lease: &Lease,
        work: impl FnOnce(&mut ClassState, Duration),
    ) -> Result<Hold> {
        self.with(lease.class, |class, now| {
            let hold = class.hold(lease, self.node);
            if hold == Hold::Held {
                work(class, now);
            }
            Ok(hold)
        })
    }

    /// How long until something can be claimed, if nothing changes before.
    fn next_in(&self) -> Result<Option<Duration>> {
        let mut next: Option<Duration> = None;
        for class in Class::ALL {
            let of_class = self.with(class, |state, now| Ok(state.next_in(now)))?;
            next = next.into_iter().chain(of_class).min();
        }
        Ok(next)
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn push(&self, class: Class, parcel: &Parcel) -> Result<()> {
        let memory = self.shared.state.lock().memory;
        self.settings.limits.admit_memory(class, &memory)?;
        self.with(class, |state, _| {
            let (open, more) = (state.open_events(), u64::from(parcel.events()));
            self.settings.limits.admit_events(class, open, more)?;
            state.push(parcel.clone());
            Ok(())
        })?;
        self.shared.changed.notify_waiters();
        Ok(())
    }

    async fn claim(&self, events_max: usize, shares: &Shares) -> Result<Vec<Leased>> {
        let mut claimable = ByClass::default();
        for class in Class::ALL {
            claimable[class] = self.with(class, |state, now| Ok(state.claimable_events(now)))?;
        }
        let mut leased = Vec::new();
        for (class, quota) in shares.quotas(events_max as u64, &claimable).iter() {
            let lease = self.settings.lease;
            leased.extend(self.with(class, |state, now| {
                Ok(state.claim(class, *quota, self.node, now, now + lease))
            })?);
        }
        Ok(leased)
    }

    async fn wait(&self, longest: Duration) -> Result<()> {
        let deadline = tokio::time::Instant::now() + longest;
        loop {
            self.listening()?;
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let next = self.next_in()?;
            if next == Some(Duration::ZERO) {
                return Ok(());
            }
            let next = next.map(|pause| tokio::time::Instant::now() + pause);
            let wake = next.map_or(deadline, |at| at.min(deadline));
            if tokio::time::timeout_at(wake, changed).await.is_err() && wake == deadline {
                return Ok(());
            }
        }
    }

    async fn settle(&self, settled: &[Settled]) -> Result<Vec<Hold>> {
        let answers = settled.iter().map(|Settled { lease, dead }| {
            self.with_held(lease, |class, _| class.settle(lease, *dead))
        });
        answers.collect()
    }

    async fn retry(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        let retry = |lease| self.with_held(lease, |class, now| class.retry(lease, now + pause));
        let holds = leases.iter().map(retry).collect();
        self.shared.changed.notify_waiters();
        holds
    }

    async fn put_off(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        let put_off = |lease| self.with_held(lease, |class, now| class.put_off(lease, now + pause));
        let holds = leases.iter().map(put_off).collect();
        self.shared.changed.notify_waiters();
        holds
    }

    async fn release(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        let release = |lease| self.with_held(lease, |class, _| class.release(lease));
        let holds = leases.iter().map(release).collect();
        self.shared.changed.notify_waiters();
        holds
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        let longer = self.settings.lease;
        let extend = |lease| self.with_held(lease, |class, now| class.extend(lease, now + longer));
        leases.iter().map(extend).collect()
    }

    fn lease(&self) -> Duration {
        self.settings.lease
    }

    async fn pause(&self, class: Class) -> Result<()> {
        self.with(class, |state, _| {
            state.paused = true;
            Ok(())
        })
    }

    async fn resume(&self, class: Class) -> Result<()> {
        self.with(class, |state, _| {
            state.paused = false;
            Ok(())
        })?;
        self.shared.changed.notify_waiters();
        Ok(())
    }

    async fn figures(&self) -> Result<QueueFigures> {
        let memory = self.shared.state.lock().memory;
        let mut figures = QueueFigures { memory, ..QueueFigures::default() };
        for class in Class::ALL {
            let (of_class, losses) =
                self.with(class, |state, _| Ok((state.figures(), state.losses())))?;
            figures.by_class[class] = of_class;
            figures.losses.times = figures.losses.times.max(losses.times);
            figures.losses.events += losses.events;
        }
        Ok(figures)
    }

    async fn watermark(&self) -> Result<Option<Timestamp>> {
        let mut oldest: Option<Timestamp> = None;
        for class in Class::ALL {
            let of_class = self.with(class, |state, _| Ok(state.oldest()))?;
            oldest = oldest.into_iter().chain(of_class).min();
        }
        Ok(oldest)
    }

    async fn preflight(&self) -> Result<Vec<Objection>> {
        let state = self.answering()?;
        let own = self.settings.database;
        let foreign = state.owner.filter(|owner| *owner != own);
        let foreign = foreign.map(|owner| Objection::foreign(owner, own));
        Ok(state.objections.iter().cloned().chain(foreign).collect())
    }

    async fn ping(&self) -> Result<()> {
        self.answering().map(drop)
    }

    async fn owner(&self) -> Result<Option<DatabaseId>> {
        Ok(self.answering()?.owner)
    }

    async fn adopt(&self) -> Result<()> {
        self.answering()?.owner = Some(self.settings.database);
        self.shared.changed.notify_waiters();
        Ok(())
    }
}
