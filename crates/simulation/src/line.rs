//! The way of a node to the database, the queue and the other nodes: what is asked may come late or never,
//! and so may its answer; and the node may die at either end.
//!
//! A node that died goes on asking for ever and gets no answer, so that it looks from outside as if its
//! process were gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scoreline_core::queue::QueueError;
use scoreline_core::store::StoreError;
use tokio::sync::Notify;

use crate::random::Random;
use crate::world::World;

/// Whether a node lives.
#[derive(Default)]
pub struct Life {
    is_over: AtomicBool,
    ended: Notify,
}

impl Life {
    /// Ends it.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.ended.notify_waiters();
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Waits for its end.
    pub async fn over(&self) {
        let ended = self.ended.notified();
        if !self.is_over() {
            ended.await;
        }
    }

    /// Goes on only if it is not over.
    pub async fn beat(&self) {
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}

/// The way of one node.
#[derive(Clone)]
pub struct Line {
    pub world: Arc<World>,
    pub life: Arc<Life>,
    /// Which node, for the record.
    pub node: u64,
}

/// How much is at stake in a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It changes something: deaths before and after it matter most.
    Write,
    /// It only looks.
    Read,
}

/// What goes wrong with a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// What was asked is lost on its way.
    Lost,
    /// The other side fails and does nothing.
    Fails,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// The node dies before it is done.
    DiesBefore,
    /// The node dies after it is done.
    DiesAfter,
}

/// An error of the other side.
pub trait Trouble {
    /// Nothing is heard of it.
    fn unreachable() -> Self;
    /// It answers that it failed.
    fn failed() -> Self;
}

impl Trouble for StoreError {
    fn unreachable() -> Self {
        Self::Unreachable("the simulated network lost it".to_owned())
    }

    fn failed() -> Self {
        Self::Failed("the simulated database failed".into())
    }
}

impl Trouble for QueueError {
    fn unreachable() -> Self {
        Self::Unreachable("the simulated network lost it".to_owned())
    }

    fn failed() -> Self {
        Self::Failed("the simulated queue failed".into())
    }
}

impl Line {
    /// Asks something of the other side. `work` is done at once and as a whole, or not at all.
    pub async fn ask<T, E: Trouble>(
        &self,
        step: &str,
        weight: Weight,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.life.beat().await;
        let rough = self.world.is_rough();
        let (there, back, mishap) = self.world.draw(|random| {
            (
                way(random, rough),
                way(random, rough),
                rough.then(|| mishap(random, weight)).flatten(),
            )
        });
        pass(there).await;
        self.life.beat().await;
        match mishap {
            Some(Mishap::Lost) => {
                self.note(step, "is lost");
                return Err(E::unreachable());
            }
            Some(Mishap::Fails) => {
                self.note(step, "fails");
                return Err(E::failed());
            }
            Some(Mishap::DiesBefore) => self.die(step, "before").await,
            Some(Mishap::AnswerLost | Mishap::DiesAfter) | None => {}
        }
        let answer = work();
        if weight == Weight::Write {
            self.note(step, if answer.is_ok() { "is done" } else { "is refused" });
        }
        pass(back).await;
        self.life.beat().await;
        match mishap {
            Some(Mishap::DiesAfter) => self.die(step, "after").await,
            Some(Mishap::AnswerLost) => {
                self.note(step, "is not answered");
                return Err(E::unreachable());
            }
            _ => {}
        }
        answer
    }

    async fn die(&self, step: &str, when: &str) {
        self.world.note(format_args!("node {} dies {when} {step}", self.node));
        self.life.end();
        self.life.beat().await;
    }

    fn note(&self, step: &str, what: &str) {
        self.world.note(format_args!("node {}: {step} {what}", self.node));
    }
}

/// How long a message is on its way: mostly no time, sometimes long enough to be overtaken.
fn way(random: &mut Random, rough: bool) -> Duration {
    match random.below(100) {
        0..70 => Duration::ZERO,
        70..90 => random.ms(1, 5),
        90..99 if rough => random.ms(5, 300),
        99 if rough => random.ms(300, 4_000),
        _ => random.ms(1, 20),
    }
}

async fn pass(way: Duration) {
    if !way.is_zero() {
        tokio::time::sleep(way).await;
    }
}

fn mishap(random: &mut Random, weight: Weight) -> Option<Mishap> {
    let drawn = random.below(1_000);
    if weight == Weight::Read {
        return (drawn < 4).then_some(Mishap::Lost);
    }
    match drawn {
        0..20 => Some(Mishap::Lost),
        20..50 => Some(Mishap::Fails),
        50..80 => Some(Mishap::AnswerLost),
        80..84 => Some(Mishap::DiesBefore),
        84..90 => Some(Mishap::DiesAfter),
        _ => None,
    }
}

/// What no run of the simulation asks is refused.
pub fn unasked<T>() -> Result<T, StoreError> {
    Err(StoreError::Unusable("no run of the simulation asks this".to_owned()))
}
