//! How a queue is doing.

use super::ByClass;
use super::loss::Losses;
use crate::time::Timestamp;

/// A number of events with the number of their parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Events, rejected ones among them.
    pub events: u64,
    /// Parcels.
    pub parcels: u64,
}

/// How one class is doing. Counters start with the queue, not with the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassFigures {
    /// What can be claimed.
    pub waiting: Amount,
    /// What is leased, also where the lease has run out and nobody has claimed it yet.
    pub active: Amount,
    /// What waits for another attempt, also where the pause is over and nobody has claimed it yet.
    pub delayed: Amount,
    /// The oldest receipt of what is not settled.
    pub oldest: Option<Timestamp>,
    /// Events that were settled as applied or known.
    pub completed: u64,
    /// Events that were settled as dead.
    pub failed: u64,
    /// Parcels claimed again because the lease of their owner ran out.
    pub reclaimed: u64,
    /// Times that somebody came to settle, retry, release or extend what was no longer theirs.
    pub stale: u64,
    /// Whether an operator has paused it.
    pub paused: bool,
}

impl ClassFigures {
    /// Events that are not settled: waiting, leased and delayed.
    pub fn open_events(&self) -> u64 {
        self.waiting.events + self.active.events + self.delayed.events
    }
}

/// How the whole queue is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueFigures {
    /// Each class.
    pub by_class: ByClass<ClassFigures>,
    /// What the queue lost without anybody taking it out.
    pub losses: Losses,
    /// The memory of its server.
    pub memory: Memory,
}

impl QueueFigures {
    /// The oldest receipt of what is not settled, over all classes.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.by_class.iter().filter_map(|(_, class)| class.oldest).min()
    }
}

/// Memory of the queue's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// In use, in bytes.
    pub used_bytes: u64,
    /// The most there may be, in bytes; `None` without a limit.
    pub most_bytes: Option<u64>,
}
