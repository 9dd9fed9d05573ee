//! A queue whose data was deleted: the one case that it cannot undo, but must not hide.

use std::time::Duration;

use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::queue::Hold::Gone;
use scoreline_core::queue::loss::Losses;

use super::Broker;
use super::world::{SOON, node, nos, parcel, two_nodes};

pub async fn a_queue_that_lost_everything_goes_on(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push_each(Normal, 0..3).await;
    other.claim(1).await;
    broker.lose_everything().await;
    other.assert_nothing_to_claim().await;
    assert_eq!(one.watermark().await, None);
    one.push_each(Normal, 7..9).await;
    let leased = other.claim(10).await;
    assert_eq!(nos(&leased), [7, 8]);
    other.settle_all_held(&leased).await;
    // The first thing that a node does afterwards may be a push, too.
    broker.lose_everything().await;
    one.push_each(Critical, 9..10).await;
    one.claim_one().await;
}

pub async fn what_was_lost_is_estimated_once_however_many_nodes_notice(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 20, 0)).await;
    one.push(Normal, &parcel(2, 30, 0)).await;
    one.push(Bulk, &parcel(3, 7, 0)).await;
    let leased = other.claim(8).await;
    assert_eq!(leased.len(), 2, "one of each class");
    other.retry(&leased[1..], SOON).await;
    assert_eq!(one.figures().await.losses, Losses::default());
    assert_eq!(other.figures().await.losses, Losses::default());

    broker.lose_everything().await;
    // 30 waited, 7 were delayed, and 20 are safe in the memory of the worker.
    let lost = Losses { times: 1, events: 37 };
    assert_eq!(one.figures().await.losses, lost);
    assert_eq!(other.figures().await.losses, lost);
    assert_eq!(one.figures().await.losses, lost);
    let newcomer = node(broker).await;
    assert_eq!(newcomer.figures().await.losses, lost);
}

pub async fn leases_from_before_the_loss_are_gone(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push_each(Normal, 0..2).await;
    let leased = other.claim(10).await;
    broker.lose_everything().await;
    one.push_each(Normal, 5..7).await;
    let newer = other.claim(10).await;
    assert_eq!(other.settle(&leased).await, [Gone; 2]);
    assert_eq!(other.release(&leased).await, [Gone; 2]);
    assert_eq!(other.retry(&leased, SOON).await, [Gone; 2]);
    assert_eq!(other.extend(&leased).await, [Gone; 2]);
    other.settle_all_held(&newer).await;
    assert_eq!(other.figures().await.by_class[Normal].open_events(), 0);
}

pub async fn a_pause_and_the_counters_outlive_a_loss(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push(Normal, &parcel(1, 6, 0)).await;
    let leased = node.claim_one().await;
    node.settle_all_held(&[leased]).await;
    node.pause(Bulk).await;
    broker.lose_everything().await;
    let figures = node.figures().await;
    assert!(figures.by_class[Bulk].paused && !figures.by_class[Normal].paused);
    assert_eq!(figures.by_class[Normal].completed, 6);
    node.push(Bulk, &parcel(2, 1, 0)).await;
    node.assert_nothing_to_claim().await;
}

pub async fn losses_add_up(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    for times in 1..=3 {
        one.push(Critical, &parcel(1, 10, 0)).await;
        other.figures().await;
        broker.lose_everything().await;
        let lost = Losses { times, events: 10 * times };
        assert_eq!(other.figures().await.losses, lost);
        assert_eq!(one.figures().await.losses, lost);
    }
}

pub async fn an_idle_queue_loses_no_events(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push(Critical, &parcel(1, 10, 0)).await;
    let leased = node.claim_one().await;
    node.settle_all_held(&[leased]).await;
    broker.lose_everything().await;
    assert_eq!(node.figures().await.losses, Losses { times: 1, events: 0 });
    broker.age(Duration::from_secs(1)).await;
    assert_eq!(node.figures().await.losses.times, 1);
}
