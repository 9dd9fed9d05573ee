//! What all of a run share: the lot, the time, whether things still go wrong, and a record of what happened.

use std::fmt::Arguments;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scoreline_core::time::{Clock, Timestamp};

use crate::random::Random;
use crate::sabotage::Sabotage;

/// When a run begins: ten seconds before an hour, so that periods change in it.
const BEGINNING: &str = "2026-11-23T10:59:50Z";
/// The offset and the prime of the hash FNV-1a.
const FNV: (u64, u64) = (0xcbf2_9ce4_8422_2325, 0x0100_0000_01b3);

/// A run.
pub struct World {
    random: Mutex<Random>,
    began: tokio::time::Instant,
    /// Whether things go wrong.
    is_rough: AtomicBool,
    record: Mutex<Record>,
    sabotage: Option<Sabotage>,
}

struct Record {
    hash: u64,
    steps: u64,
    is_told: bool,
}

impl World {
    /// The beginning of the run of a seed. `is_told` prints all that happens.
    pub fn new(seed: u64, is_told: bool, sabotage: Option<Sabotage>) -> Self {
        Self {
            random: Mutex::new(Random::new(seed)),
            began: tokio::time::Instant::now(),
            is_rough: AtomicBool::new(false),
            record: Mutex::new(Record { hash: FNV.0, steps: 0, is_told }),
            sabotage,
        }
    }

    /// Draws something.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Random) -> T) -> T {
        draw(&mut self.random.lock())
    }

    /// Whether this is done wrongly.
    pub fn does(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    /// Whether things go wrong now.
    pub fn is_rough(&self) -> bool {
        self.is_rough.load(Ordering::Relaxed)
    }

    /// Lets things go wrong, or no longer.
    pub fn set_rough(&self, rough: bool) {
        self.is_rough.store(rough, Ordering::Relaxed);
    }

    /// How long the run lasts already.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        let ms = i64::try_from(self.elapsed().as_millis()).expect("a run is short");
        beginning().plus_ms(ms)
    }

    /// Puts on record that something happened.
    pub fn note(&self, what: Arguments<'_>) {
        let text = what.to_string();
        let at_ms = self.elapsed().as_millis();
        let mut record = self.record.lock();
        record.steps += 1;
        for byte in text.bytes().chain(at_ms.to_le_bytes()) {
            record.hash = (record.hash ^ u64::from(byte)).wrapping_mul(FNV.1);
        }
        if record.is_told {
            println!("{at_ms:>7} ms  {text}");
        }
    }

    /// A hash of all that happened, and how much that was.
    pub fn record(&self) -> (u64, u64) {
        let record = self.record.lock();
        (record.hash, record.steps)
    }
}

/// When a run begins.
pub fn beginning() -> Timestamp {
    Timestamp::parse(BEGINNING).expect("a constant")
}

/// The clock of a machine, which may be wrong.
pub struct MachineClock {
    /// Whose time it shows.
    pub world: std::sync::Arc<World>,
    /// By how much it is ahead.
    pub ahead_ms: i64,
}

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        self.world.now().plus_ms(self.ahead_ms)
    }

    fn monotonic(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn uptime(&self) -> Duration {
        self.world.elapsed()
    }
}
