//! Classes that an operator has paused.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::queue::ByClass;
use scoreline_core::queue::shares::Shares;

use super::Broker;
use super::world::{SOON, a_lease, node, nos, parcel, two_nodes};

pub async fn a_paused_class_hands_out_nothing_on_any_node(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push_each(Normal, 0..5).await;
    one.push_each(Critical, 5..6).await;
    other.pause(Normal).await;
    assert_eq!(nos(&one.drain().await), [5], "the other classes go on");
    other.assert_nothing_to_claim().await;
    let paused = one.figures().await.by_class.map(|class| class.paused);
    assert_eq!(paused, ByClass([false, true, false]));
    one.resume(Normal).await;
    assert_eq!(nos(&other.claim(10).await), [0, 1, 2, 3, 4]);
    assert_eq!(one.figures().await.by_class.map(|class| class.paused), ByClass([false; 3]));
}

pub async fn a_paused_class_takes_what_is_pushed(broker: &dyn Broker) {
    let node = node(broker).await;
    node.pause(Bulk).await;
    node.push(Bulk, &parcel(1, 7, 40)).await;
    assert_eq!(node.figures().await.by_class[Bulk].waiting.events, 7);
    node.assert_watermark(40, "what a pause holds back is not settled").await;
}

pub async fn a_paused_class_keeps_stalled_work_and_retries(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push_each(Normal, 0..2).await;
    let leased = one.claim(10).await;
    one.retry(&leased[..1], Duration::from_secs(2)).await;
    one.pause(Normal).await;
    broker.age(a_lease()).await;
    other.assert_nothing_to_claim().await;
    other.resume(Normal).await;
    let mut came = nos(&other.drain().await);
    came.sort_unstable();
    assert_eq!(came, [0, 1]);
}

pub async fn what_is_leased_can_be_settled_during_a_pause(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push_each(Critical, 0..2).await;
    let leased = node.claim(10).await;
    node.pause(Critical).await;
    node.settle_all_held(&leased).await;
    assert_eq!(node.watermark().await, None);
}

pub async fn a_pause_outlives_the_node_that_asked_for_it(broker: &dyn Broker) {
    let first = node(broker).await;
    first.pause(Bulk).await;
    drop(first);
    let second = node(broker).await;
    second.push(Bulk, &parcel(1, 1, 0)).await;
    second.assert_nothing_to_claim().await;
    second.pause(Bulk).await;
    second.resume(Bulk).await;
    second.claim_one().await;
}

pub async fn resuming_wakes_who_waits(broker: &dyn Broker) {
    let (operator, worker) = two_nodes(broker).await;
    operator.pause(Normal).await;
    operator.push(Normal, &parcel(1, 1, 0)).await;
    worker.assert_nothing_to_claim().await;
    let queue = Arc::clone(&worker.0);
    let waiting = tokio::spawn(async move {
        loop {
            queue.wait(SOON).await.expect("waits");
            let leased = queue.claim(10, &Shares::default()).await.expect("hands out work");
            if !leased.is_empty() {
                return leased.len();
            }
        }
    });
    tokio::task::yield_now().await;
    operator.resume(Normal).await;
    let woken = tokio::time::timeout(SOON / 2, waiting).await.expect("it ends in time");
    assert_eq!(woken.expect("no panic"), 1);
}
