//! How workers without work learn that there is some.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::queue::Queue;
use scoreline_core::queue::shares::Shares;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Broker;
use super::world::{SOON, node, parcel, two_nodes};

/// Waits as a worker does, until a claim brings something; answers how many parcels it was.
async fn work(queue: Arc<dyn Queue>, events_max: usize) -> usize {
    loop {
        let leased = queue.claim(events_max, &Shares::default()).await.expect("hands out work");
        if !leased.is_empty() {
            return leased.len();
        }
        queue.wait(SOON).await.expect("waits");
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(limit, work).await.expect("it ends in time")
}

pub async fn a_push_by_another_node_ends_the_wait(broker: &dyn Broker) {
    let (sender, worker) = two_nodes(broker).await;
    for class in [Critical, Bulk, Normal] {
        let waiting = tokio::spawn(work(Arc::clone(&worker.0), 10));
        // Whether the worker waits already or not, it must get the parcel.
        tokio::task::yield_now().await;
        sender.push(class, &parcel(1, 3, 0)).await;
        assert_eq!(within(SOON / 2, waiting).await.expect("no panic"), 1);
    }
}

pub async fn nothing_pushed_before_the_wait_is_missed(broker: &dyn Broker) {
    let (sender, worker) = two_nodes(broker).await;
    for no in 0..20 {
        worker.assert_nothing_to_claim().await;
        sender.push(Normal, &parcel(no, 1, 0)).await;
        within(SOON / 2, worker.0.wait(SOON)).await.expect("waits");
        worker.claim_one().await;
    }
}

pub async fn a_wait_ends_when_its_time_is_up(broker: &dyn Broker) {
    let node = node(broker).await;
    node.assert_nothing_to_claim().await;
    let begin = Instant::now();
    // It may end early, for example once for what has been claimed already, but not always.
    let mut waits = 0;
    while begin.elapsed() < Duration::from_millis(300) {
        within(SOON, node.0.wait(Duration::from_millis(100))).await.expect("waits");
        waits += 1;
    }
    assert!(waits <= 30, "{waits} waits in 300 ms are polling");
}

pub async fn a_wait_ends_when_a_retry_is_due(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 1, 0)).await;
    let leased = one.claim_one().await;
    one.retry(&[leased], Duration::from_millis(150)).await;
    let begin = Instant::now();
    assert_eq!(within(SOON / 2, work(Arc::clone(&other.0), 10)).await, 1);
    assert!(begin.elapsed() >= Duration::from_millis(100), "and not before");
}

pub async fn every_worker_is_woken_by_work_for_all(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        workers.spawn(work(Arc::clone(&one.0), 1));
        workers.spawn(work(Arc::clone(&other.0), 1));
    }
    tokio::task::yield_now().await;
    let sender = node(broker).await;
    sender.push_each(Bulk, 0..8).await;
    let parcels: Vec<usize> = within(SOON / 2, workers.join_all()).await;
    assert_eq!(parcels, [1; 8]);
}

pub async fn a_wait_that_is_cancelled_takes_nothing_with_it(broker: &dyn Broker) {
    let (sender, worker) = two_nodes(broker).await;
    worker.assert_nothing_to_claim().await;
    for no in 0..10 {
        let waiting = tokio::spawn({
            let queue = Arc::clone(&worker.0);
            async move { queue.wait(SOON).await }
        });
        tokio::task::yield_now().await;
        sender.push(Critical, &parcel(no, 1, 0)).await;
        waiting.abort();
        let _ = waiting.await;
        assert_eq!(within(SOON / 2, work(Arc::clone(&worker.0), 10)).await, 1);
    }
}
