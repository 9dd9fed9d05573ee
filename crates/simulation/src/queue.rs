//! A node's way to the queue: the queue in memory that passes the suite of all queues, behind a [`Line`].

use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Hold, Lease, Leased, Objection, Parcel, Queue, QueueFigures, Result, Settled,
};
use scoreline_core::time::Timestamp;
use scoreline_testkit::memory_queue::MemoryQueue;

use crate::line::{Line, Weight};
use crate::sabotage::Sabotage;

/// A queue in memory that is asked over a network.
pub struct DistantQueue {
    pub line: Line,
    pub inner: MemoryQueue,
}

/// Waits for a step of the queue in memory, which never waits itself.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match work.as_mut().poll(&mut context) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => unreachable!("a step of a queue in memory is done at once"),
    }
}

impl DistantQueue {
    async fn ask<T>(
        &self,
        step: &str,
        weight: Weight,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        self.line.ask(step, weight, || at_once(work)).await
    }
}

#[async_trait]
impl Queue for DistantQueue {
    async fn push(&self, class: Class, parcel: &Parcel) -> Result<()> {
        self.ask("push", Weight::Write, self.inner.push(class, parcel)).await
    }

    async fn claim(&self, events_max: usize, shares: &Shares) -> Result<Vec<Leased>> {
        let claim = async {
            let leased = self.inner.claim(events_max, shares).await?;
            if self.line.world.does(Sabotage::SettlesAtOnce) {
                let settled = |one: &Leased| Settled { lease: one.lease.clone(), dead: 0 };
                self.inner.settle(&leased.iter().map(settled).collect::<Vec<_>>()).await?;
            }
            Ok(leased)
        };
        self.ask("claim", Weight::Read, claim).await
    }

    async fn wait(&self, longest: Duration) -> Result<()> {
        self.line.life.beat().await;
        let woken = self.inner.wait(longest).await;
        self.line.life.beat().await;
        woken
    }

    async fn settle(&self, settled: &[Settled]) -> Result<Vec<Hold>> {
        self.ask("settle", Weight::Write, self.inner.settle(settled)).await
    }

    async fn retry(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        self.ask("retry", Weight::Write, self.inner.retry(leases, pause)).await
    }

    async fn put_off(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>> {
        self.ask("put off", Weight::Write, self.inner.put_off(leases, pause)).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        self.ask("release", Weight::Write, self.inner.release(leases)).await
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<Hold>> {
        self.ask("extend", Weight::Write, self.inner.extend(leases)).await
    }

    fn lease(&self) -> Duration {
        self.inner.lease()
    }

    async fn pause(&self, class: Class) -> Result<()> {
        self.ask("pause", Weight::Write, self.inner.pause(class)).await
    }

    async fn resume(&self, class: Class) -> Result<()> {
        self.ask("resume", Weight::Write, self.inner.resume(class)).await
    }

    async fn figures(&self) -> Result<QueueFigures> {
        self.ask("figures", Weight::Read, self.inner.figures()).await
    }

    async fn watermark(&self) -> Result<Option<Timestamp>> {
        let watermark = self.ask("watermark", Weight::Read, self.inner.watermark()).await?;
        Ok(watermark.filter(|_| !self.line.world.does(Sabotage::HidesWhatWaits)))
    }

    async fn preflight(&self) -> Result<Vec<Objection>> {
        self.ask("preflight", Weight::Read, self.inner.preflight()).await
    }

    async fn ping(&self) -> Result<()> {
        self.ask("ping", Weight::Read, self.inner.ping()).await
    }

    async fn owner(&self) -> Result<Option<DatabaseId>> {
        self.ask("owner", Weight::Read, self.inner.owner()).await
    }

    async fn adopt(&self) -> Result<()> {
        self.ask("adopt", Weight::Write, self.inner.adopt()).await
    }
}
