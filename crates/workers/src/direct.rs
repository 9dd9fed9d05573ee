//! The direct intake: group commit, in process, acknowledged after the commit.
//!
//! Submissions wait in one line. One loop takes all that wait, up to the size of a transaction, and
//! commits them together, as many transactions at once as the store takes; while all are under way,
//! the next submissions gather. So a lone request is committed at once, and under load the price of
//! a commit is shared by thousands of events. After the commit
//! the ranks are brought up to date, and only then everybody is answered: who reads the leaderboard
//! after an acknowledgement finds the score there.
//!
//! While the store is known to be down, submissions are refused at once, and one at a time is let
//! through to find out. While it is slow, whoever would wait for too long is told to come again.
//! Nothing is ever answered as accepted that is not committed.

mod queue;
mod watermark;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use scoreline_core::breaker::{Admission, Breaker};
use scoreline_core::intake::{
    Arrival, CommitFigures, Intake, IntakeError, IntakeFigures, Receipt, Submission,
};
use scoreline_core::limits::DIRECT_ANSWER_MAX_MS;
use scoreline_core::queue::ByClass;
use scoreline_core::store::{Batch, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::task::TaskTracker;

use crate::applier::{Applier, Committed, log_conflicting, log_dead};
use crate::measured::{CommitNo, Measurements};
pub(crate) use queue::retry_after_s;
use queue::{Size, Waiting, WaitingLine};
use watermark::Watermark;

/// How long a submission waits for its answer.
const ANSWER_LONGEST: Duration = Duration::from_millis(DIRECT_ANSWER_MAX_MS);

/// Takes submissions straight into the store.
pub struct DirectIntake {
    applier: Arc<Applier>,
    watermark: Arc<Watermark>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Something was put in line, or the line was closed.
    changed: Notify,
    /// One for each transaction that may be under way.
    slots: Arc<Semaphore>,
    /// Commits and acknowledgements under way.
    finishing: TaskTracker,
    /// The commit loop.
    running: TaskTracker,
}

struct State {
    line: WaitingLine,
    breaker: Breaker,
    measured: Measurements,
    closed: bool,
}

impl State {
    fn retry_after_s(&self, now: Instant) -> u32 {
        retry_after_s(self.line.size().rows, self.measured.capacity_per_second(now))
    }
}

/// What the commit loop does next.
enum Work {
    Commit(Vec<Waiting>, CommitNo),
    Probe,
    Stop,
}

impl DirectIntake {
    /// Starts the commit loop, for a store that takes `transactions` at once.
    pub fn start(
        applier: Arc<Applier>,
        clock: Arc<dyn Clock>,
        transactions: NonZeroU32,
    ) -> Arc<Self> {
        let state = State {
            line: WaitingLine::default(),
            breaker: Breaker::default(),
            measured: Measurements::new(clock.monotonic(), transactions.get()),
            closed: false,
        };
        let intake = Arc::new(Self {
            applier,
            watermark: Watermark::new(Arc::clone(&clock)),
            clock,
            state: Mutex::new(state),
            changed: Notify::new(),
            slots: Arc::new(Semaphore::new(transactions.get() as usize)),
            finishing: TaskTracker::new(),
            running: TaskTracker::new(),
        });
        let (running, token) = (Arc::clone(&intake), intake.running.token());
        if transactions.get() > 1 {
            // Several transactions are waited for over the network, where everything else waits.
            tokio::spawn(async move {
                running.run_to_the_end().await;
                drop(token);
            });
            return intake;
        }
        std::thread::Builder::new()
            .name("intake".to_owned())
            .spawn(move || {
                running.run_on_this_thread();
                drop(token);
            })
            .expect("the system gives the process one more thread at its start");
        intake
    }

    /// Refuses what comes from now on, and answers once everything that was accepted before is
    /// committed and answered. Repeating it changes nothing.
    pub async fn shutdown(&self) {
        self.state.lock().closed = true;
        self.changed.notify_one();
        self.running.close();
        self.running.wait().await;
    }

    /// The commit loop of one writer has a thread of its own: among the tasks that read and check
    /// requests it would wait for its turn after every commit, while the database rests.
    fn run_on_this_thread(self: Arc<Self>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without I/O needs nothing that could be missing");
        runtime.block_on(self.run_to_the_end());
    }

    async fn run_to_the_end(self: Arc<Self>) {
        Arc::clone(&self).run().await;
        self.finishing.close();
        self.finishing.wait().await;
    }

    async fn run(self: Arc<Self>) {
        loop {
            let slots = Arc::clone(&self.slots);
            let slot = slots.acquire_owned().await.expect("the semaphore is never closed");
            match self.next_work().await {
                Work::Commit(batch, no) => {
                    self.finishing.spawn(Arc::clone(&self).commit(batch, no, slot));
                }
                Work::Probe => self.probe().await,
                Work::Stop => return,
            }
        }
    }

    async fn next_work(&self) -> Work {
        loop {
            let probe_at = {
                let mut state = self.state.lock();
                let batch = state.line.take_batch();
                if !batch.is_empty() {
                    let events = batch.iter().map(|waiting| waiting.submission.events.len()).sum();
                    let no = state.measured.begin(events, self.clock.monotonic());
                    return Work::Commit(batch, no);
                }
                if state.closed {
                    return Work::Stop;
                }
                state.breaker.probe_at()
            };
            let Some(probe_at) = probe_at else {
                self.changed.notified().await;
                continue;
            };
            // Without requests nobody would find out that the store is back, and a load balancer
            // sends none to a server that is not ready.
            let probe_at = tokio::time::Instant::from_std(probe_at);
            if tokio::time::timeout_at(probe_at, self.changed.notified()).await.is_err()
                && self.state.lock().breaker.admit(self.clock.monotonic()) == Admission::Probe
            {
                return Work::Probe;
            }
        }
    }

    /// Commits a batch and answers its senders. The slot is free again once it is committed: the
    /// next batch commits while the ranks take this one.
    async fn commit(
        self: Arc<Self>,
        mut waiting: Vec<Waiting>,
        no: CommitNo,
        slot: OwnedSemaphorePermit,
    ) {
        let mut batch = Batch::default();
        let mut receipts = Vec::with_capacity(waiting.len());
        for Waiting { submission, .. } in &mut waiting {
            receipts.push(Receipt {
                accepted: submission.events.len(),
                quarantined: submission.rejected.len(),
                conflicting: Vec::new(),
            });
            batch.events.append(&mut submission.events);
            batch.rejected.append(&mut submission.rejected);
        }
        let outcome = self.applier.commit(batch).await;
        let now = self.clock.monotonic();
        match outcome {
            Ok(committed) => {
                let recovered = {
                    let mut state = self.state.lock();
                    let more_waits = state.line.size().rows > 0;
                    state.measured.succeed(no, committed.applied(), more_waits, now);
                    state.breaker.succeeded()
                };
                if recovered {
                    tracing::info!("the store takes events again");
                }
                drop(slot);
                self.acknowledge(committed, waiting, receipts).await;
            }
            Err(error) => self.give_up(waiting, no, &error, now),
        }
    }

    async fn acknowledge(
        &self,
        committed: Committed,
        waiting: Vec<Waiting>,
        mut receipts: Vec<Receipt>,
    ) {
        let applied = committed.publish().await;
        let received = waiting.iter().zip(&receipts);
        self.applier
            .shown(received.map(|(waiting, receipt)| {
                (waiting.arrival.received_at(), receipt.accepted as u64)
            }));
        log_dead(&applied);
        log_conflicting(&applied);
        tell_conflicts(&mut receipts, &applied.conflicting);
        for (waiting, receipt) in waiting.into_iter().zip(receipts) {
            self.answer(waiting, Ok(receipt));
        }
    }

    /// Answers a batch that was not committed. While the store is down, those that wait behind it
    /// are answered too: they would only grow old.
    fn give_up(&self, failed: Vec<Waiting>, no: CommitNo, error: &StoreError, now: Instant) {
        let (behind, began, wait) = {
            let mut state = self.state.lock();
            state.measured.fail(no, now);
            // A refusal is about the data of this batch; the store itself has answered.
            if matches!(error, StoreError::Refused(_)) {
                state.breaker.answered();
                (Vec::new(), true, Duration::ZERO)
            } else {
                let began = state.breaker.failed(error.to_string(), now);
                let wait = state.breaker.probe_at().map_or(Duration::ZERO, |at| at - now);
                (state.line.take_all(), began, wait)
            }
        };
        let unavailable = unavailable(error.to_string(), wait);
        // Whoever waits for work began to before this: now there is a probe to wait for.
        self.changed.notify_one();
        if began {
            tracing::error!(
                store.error = %error,
                store.error_kind = %error.kind(),
                intake.submissions = failed.len() + behind.len(),
                "events could not be stored; their senders were told to send them again"
            );
        }
        for waiting in failed.into_iter().chain(behind) {
            self.answer(waiting, Err(unavailable.clone()));
        }
    }

    fn answer(&self, waiting: Waiting, answer: Result<Receipt, IntakeError>) {
        self.state.lock().line.settle(waiting.arrival.received_at());
        drop(waiting.arrival);
        // A client that went away in the meantime does not hear it.
        let _ = waiting.answer.send(answer);
    }

    async fn probe(&self) {
        let outcome = self.applier.probe().await;
        let mut state = self.state.lock();
        match outcome {
            Ok(()) => {
                state.breaker.answered();
                tracing::info!("the store answers again");
            }
            Err(error) => {
                state.breaker.failed(error.to_string(), self.clock.monotonic());
            }
        }
    }

    /// What a sender is told whose events were not stored in time. If they are on their way, they may
    /// still be: then the resend finds them.
    fn too_slow(&self) -> IntakeError {
        let reason =
            format!("the database has not stored the events within {} s", ANSWER_LONGEST.as_secs());
        let retry_after_s = self.state.lock().retry_after_s(self.clock.monotonic());
        IntakeError::Unavailable { reason, retry_after_s }
    }

    fn enqueue(&self, waiting: Waiting) -> Result<(), IntakeError> {
        let now = self.clock.monotonic();
        let mut state = self.state.lock();
        if state.closed {
            return Err(IntakeError::ShuttingDown);
        }
        if !state.line.has_room_for(&waiting.size, now) {
            return Err(IntakeError::Overloaded { retry_after_s: state.retry_after_s(now) });
        }
        // Asked last: who is admitted as a probe must go through.
        if let Admission::Refused { reason, wait } = state.breaker.admit(now) {
            return Err(unavailable(reason, wait));
        }
        state.line.push(waiting);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }
}

#[async_trait]
impl Intake for DirectIntake {
    fn arrive(&self) -> Box<dyn Arrival> {
        self.watermark.arrive()
    }

    async fn submit(
        &self,
        arrival: Box<dyn Arrival>,
        submission: Submission,
    ) -> Result<Receipt, IntakeError> {
        let size = Size::of(&submission, &self.applier.plans().current().definition);
        if size.rows == 0 {
            return Ok(Receipt::default());
        }
        let (answer, answered) = oneshot::channel();
        let since = self.clock.monotonic();
        self.enqueue(Waiting { submission, size, since, arrival, answer })?;
        match tokio::time::timeout(ANSWER_LONGEST, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(unavailable("the commit was interrupted".to_owned(), Duration::ZERO)),
            Err(_) => Err(self.too_slow()),
        }
    }

    fn watermark(&self) -> Timestamp {
        self.watermark.now()
    }

    fn figures(&self) -> IntakeFigures {
        let now = self.clock.monotonic();
        let state = self.state.lock();
        let measured = &state.measured;
        IntakeFigures {
            mode: "direct",
            waiting_by_class: state.line.size().by_class,
            active: measured.active() as u64,
            delayed: 0,
            completed: measured.completed(),
            duplicates: measured.duplicates(),
            workers: measured.workers(),
            capacity_per_second: measured.capacity_per_second(now),
            current_load_percent: measured.busy_percent(now),
            oldest_waiting: state.line.oldest(),
            paused: ByClass::default(),
            refusing: state.breaker.refusing().map(str::to_owned),
            queue: None,
        }
    }

    fn commits(&self) -> CommitFigures {
        self.state.lock().measured.commits()
    }
}

/// Takes back from the receipts of submissions, which say how many events of each there were, what
/// was not accepted. `conflicting` are places in the batch that they made together.
fn tell_conflicts(receipts: &mut [Receipt], conflicting: &[usize]) {
    let mut conflicting = conflicting.iter().copied().peekable();
    let mut begin = 0;
    for receipt in receipts {
        let end = begin + receipt.accepted;
        while let Some(place) = conflicting.next_if(|place| *place < end) {
            receipt.conflicting.push(place - begin);
        }
        receipt.accepted -= receipt.conflicting.len();
        receipt.quarantined += receipt.conflicting.len();
        begin = end;
    }
}

fn unavailable(reason: String, wait: Duration) -> IntakeError {
    let whole_seconds = wait.as_millis().div_ceil(1_000).max(1);
    IntakeError::Unavailable {
        reason,
        retry_after_s: u32::try_from(whole_seconds).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_told_to_those_who_sent_them() {
        let receipt = |accepted| Receipt { accepted, quarantined: 1, conflicting: Vec::new() };
        let mut receipts = [receipt(2), receipt(0), receipt(3)];
        tell_conflicts(&mut receipts, &[1, 2, 4]);
        let told: Vec<_> = receipts
            .into_iter()
            .map(|one| (one.accepted, one.quarantined, one.conflicting))
            .collect();
        assert_eq!(told, [(1, 2, vec![1]), (0, 1, vec![]), (1, 3, vec![0, 2])]);
    }
}
