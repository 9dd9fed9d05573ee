//! The time that this node goes by: what its clocks say, as `scoreline_core::timekeeping` judges it.
//!
//! Where nodes may share the database, its clock stamps, so that a tournament ends at one moment for all.
//! It is asked twice a second; between two answers the machine's uptime tells how much time went by, so
//! that nobody who sets the machine's clock moves anything. What is decided is noted in the store, for
//! the next start and for other nodes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scoreline_core::limits::CLOCK_NOTE_MS;
use scoreline_core::nodes::Nodes;
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::timekeeping::{Doubt, Proof, Reading, Timekeeping, Told, Turn};
use tokio_util::sync::CancellationToken;

/// How often the database's clock is asked for each measurement; the quickest answer counts.
const CLOCK_SAMPLES: usize = 3;
/// How far the machine's clock may be from the database's before that is worth a warning.
const CLOCK_OFFSET_TOLERATED_MS: i64 = 1_000;
/// How often it is looked whether something is to be noted, or was noted by another node.
const ROUND: Duration = Duration::from_secs(1);
/// How often the time is noted while it is in doubt: whoever starts then begins with it.
const DOUBTED_NOTE_MS: i64 = 10 * 1_000;

/// The time that counts.
pub struct Timekeeper {
    system: Arc<dyn Clock>,
    nodes: Option<Arc<dyn Nodes>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keeping: Timekeeping,
    /// What the database's clock said, and how long the machine had run then.
    database: Option<(Timestamp, Duration)>,
    /// How far the machine's clock was from that.
    offset_ms: i64,
    /// How long the machine had run when the time was last noted.
    noted: Option<Duration>,
}

impl Timekeeper {
    /// Goes by the machine's clock, or by that of the database of `nodes` once it was asked.
    pub fn new(system: Arc<dyn Clock>, nodes: Option<Arc<dyn Nodes>>) -> Arc<Self> {
        Arc::new(Self { system, nodes, state: Mutex::default() })
    }

    /// Asks the database for its time, where that is what counts.
    pub async fn ask(&self) -> Result<(), StoreError> {
        let Some(nodes) = &self.nodes else { return Ok(()) };
        let mut best: Option<(Duration, Timestamp, Duration)> = None;
        for _ in 0..CLOCK_SAMPLES {
            let asked = self.system.uptime();
            let time = nodes.time().await?;
            let took = self.system.uptime().saturating_sub(asked);
            if best.is_none_or(|(quickest, ..)| took < quickest) {
                // The answer is from half way between question and answer, as far as anyone can tell.
                best = Some((took, time, asked + took / 2));
            }
        }
        let Some((_, time, uptime)) = best else { return Ok(()) };
        let mut state = self.state.lock();
        state.database = Some((time, uptime));
        let reading = state.reading(&*self.system);
        let offset_ms = reading.told.ms_since(self.system.now());
        let moved_ms = offset_ms - std::mem::replace(&mut state.offset_ms, offset_ms);
        if moved_ms.abs() > CLOCK_OFFSET_TOLERATED_MS {
            tracing::warn!(
                clock.offset_ms = offset_ms,
                "this machine's clock differs from the database's, whose time counts; check its \
                 time synchronisation"
            );
        }
        let told = state.keeping.read(reading);
        state.take(told);
        Ok(())
    }

    /// Begins to watch for jumps, with what the store kept of the time.
    pub async fn begin(&self, store: &dyn Store) -> Result<(), StoreError> {
        self.ask().await?;
        let note = store.clock_note().await?;
        let mut state = self.state.lock();
        let reading = state.reading(&*self.system);
        let told = state.keeping.begin(note, reading);
        state.take(told);
        Ok(())
    }

    /// Why the time is not trusted, if it is not.
    pub fn doubt(&self) -> Option<Doubt> {
        self.told().doubt
    }

    /// The epoch of the time, if it is trusted. Who decides something for good by the time asks before
    /// and after: the answers must be the same.
    pub fn trusted(&self) -> Option<i64> {
        let told = self.told();
        told.doubt.is_none().then(|| self.epoch())
    }

    /// An operator says that the clock is right. Answers the time since, or `None` where nobody doubted
    /// it. Other nodes hear of it within a second.
    pub async fn trust(&self, store: &dyn Store) -> Option<Timestamp> {
        let told = {
            let mut state = self.state.lock();
            let reading = state.reading(&*self.system);
            let told = state.keeping.trust(reading)?;
            state.take(told)
        };
        // What could not be noted is noted later.
        if let Err(error) = self.note(store).await {
            tracing::warn!(store.error = %error, "that the clock is trusted could not be noted yet");
        }
        Some(told.time)
    }

    /// Looks what other nodes noted, and notes what is due.
    pub async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let told = self.told();
        let every_ms = if told.doubt.is_some() { DOUBTED_NOTE_MS } else { CLOCK_NOTE_MS };
        let every = Duration::from_millis(every_ms.unsigned_abs());
        let uptime = self.system.uptime();
        let is_due =
            self.state.lock().noted.is_none_or(|noted| uptime.saturating_sub(noted) >= every);
        if !is_due && told.doubt.is_none() {
            return Ok(());
        }
        if let Some(note) = store.clock_note().await? {
            let mut state = self.state.lock();
            let reading = state.reading(&*self.system);
            let told = state.keeping.heed(note, reading);
            state.take(told);
        }
        if is_due {
            self.note(store).await?;
        }
        Ok(())
    }

    /// Keeps the time until stopped, then notes it once more.
    pub async fn run(self: Arc<Self>, store: Arc<dyn Store>, stop: CancellationToken) {
        let mut every = tokio::time::interval(ROUND);
        loop {
            tokio::select! {
                biased;
                _ = every.tick() => {}
                () = stop.cancelled() => break,
            }
            if let Err(error) = self.keep(&*store).await {
                tracing::debug!(store.error = %error, "the time could not be noted");
            }
        }
        if let Err(error) = self.note(&*store).await {
            tracing::debug!(store.error = %error, "the time could not be noted");
        }
    }

    async fn note(&self, store: &dyn Store) -> Result<(), StoreError> {
        let (note, uptime) = {
            let mut state = self.state.lock();
            let reading = state.reading(&*self.system);
            (state.keeping.note(reading), reading.uptime)
        };
        store.note_clock(note).await?;
        self.state.lock().noted = Some(uptime);
        Ok(())
    }

    fn told(&self) -> Told {
        let mut state = self.state.lock();
        let reading = state.reading(&*self.system);
        let told = state.keeping.read(reading);
        state.take(told)
    }
}

impl State {
    fn reading(&self, system: &dyn Clock) -> Reading {
        let (uptime, wall) = system.moment();
        match self.database {
            None => Reading { told: wall, witness: None, uptime },
            Some((time, at)) => {
                let since_ms = uptime.saturating_sub(at).as_millis();
                let told = time.plus_ms(i64::try_from(since_ms).unwrap_or(i64::MAX));
                Reading { told, witness: Some(wall), uptime }
            }
        }
    }

    /// Takes a change to heart: the log hears of it, and it is noted as soon as may be.
    fn take(&mut self, told: Told) -> Told {
        let Some(turn) = told.turn else { return told };
        self.noted = None;
        match (turn, told.doubt) {
            (Turn::Doubted, Some(doubt)) => tracing::error!(
                clock.time = %told.time,
                clock.told = %doubt.told,
                clock.offset_ms = doubt.offset_ms,
                clock.at_start = doubt.at_start,
                "the clock jumped: time goes on from before, no tournament closes and nothing is \
                 removed until the jump has proved itself; set the clock right, or run 'scoreline \
                 clock --trust' if it is"
            ),
            (Turn::CameBack, _) => {
                tracing::info!(clock.time = %told.time, "the clock is back where it should be");
            }
            (Turn::Accepted(proof), _) => accepted(told.time, proof),
            (Turn::Doubted, None) => {}
        }
        told
    }
}

fn accepted(time: Timestamp, proof: Proof) {
    tracing::warn!(clock.time = %time, clock.proof = proof.as_str(), "the clock is trusted again");
}

impl Clock for Timekeeper {
    fn now(&self) -> Timestamp {
        self.told().time
    }

    fn monotonic(&self) -> Instant {
        self.system.monotonic()
    }

    fn uptime(&self) -> Duration {
        self.system.uptime()
    }

    fn epoch(&self) -> i64 {
        self.state.lock().keeping.epoch()
    }
}
