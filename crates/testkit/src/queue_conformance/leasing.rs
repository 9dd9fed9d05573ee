//! Leases: which node holds a parcel, and for how long.

use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::queue::Hold::{Gone, Held, Taken};

use super::Broker;
use super::world::{SOON, a_lease, node, nos, parcel, two_nodes};

pub async fn work_that_stalls_goes_to_another_node(broker: &dyn Broker) {
    let (stalled, other) = two_nodes(broker).await;
    stalled.push(Normal, &parcel(1, 3, 0)).await;
    let lost = stalled.claim_one().await;
    other.assert_nothing_to_claim().await;
    broker.age(a_lease() / 2).await;
    other.assert_nothing_to_claim().await;
    broker.age(a_lease() / 2).await;
    let taken = other.claim_one().await;
    assert_eq!(taken.parcel, lost.parcel);
    assert_eq!(taken.attempts, 1, "the lease that ran out was an attempt");
    other.settle_all_held(&[taken]).await;
    assert_eq!(other.watermark().await, None);
}

pub async fn a_lease_that_was_extended_goes_on(broker: &dyn Broker) {
    let (slow, other) = two_nodes(broker).await;
    slow.push_each(Bulk, 0..2).await;
    let leased = slow.claim(10).await;
    for _ in 0..3 {
        broker.age(a_lease() * 2 / 3).await;
        assert_eq!(slow.extend(&leased).await, [Held, Held]);
        other.assert_nothing_to_claim().await;
    }
    slow.settle_all_held(&leased).await;
}

pub async fn a_lease_that_is_over_settles_nothing_once_it_was_taken(broker: &dyn Broker) {
    let (late, other) = two_nodes(broker).await;
    late.push_each(Critical, 0..3).await;
    let leased = late.claim(10).await;
    late.settle_all_held(&leased[..1]).await;
    broker.age(a_lease()).await;
    let taken = other.claim(10).await;
    assert_eq!(nos(&taken), [1, 2]);
    assert_eq!(late.settle(&leased).await, [Gone, Taken, Taken]);
    other.settle_all_held(&taken).await;
    assert_eq!(late.settle(&leased).await, [Gone; 3]);
    let figures = late.figures().await.by_class[Critical];
    assert_eq!(figures.completed, 3, "each counts once");
    assert_eq!(figures.open_events(), 0);
}

pub async fn a_lease_that_was_taken_is_good_for_nothing(broker: &dyn Broker) {
    let (late, other) = two_nodes(broker).await;
    late.push(Normal, &parcel(1, 1, 0)).await;
    let old = [late.claim_one().await];
    broker.age(a_lease()).await;
    let new = [other.claim_one().await];
    assert_eq!(late.extend(&old).await, [Taken]);
    assert_eq!(late.release(&old).await, [Taken]);
    assert_eq!(late.retry(&old, SOON).await, [Taken]);
    late.assert_nothing_to_claim().await;
    assert_eq!(other.extend(&new).await, [Held], "the new owner was not disturbed");
    // The node that lost it may be the one that takes it over again.
    broker.age(a_lease()).await;
    let newest = [late.claim_one().await];
    assert_eq!(late.settle(&old).await, [Taken], "an old lease of the same node is no better");
    assert_eq!(other.settle(&new).await, [Taken]);
    late.settle_all_held(&newest).await;
}

pub async fn settling_again_changes_nothing(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push(Normal, &parcel(1, 5, 0)).await;
    let leased = [node.claim_one().await];
    node.settle_all_held(&leased).await;
    assert_eq!(node.settle(&leased).await, [Gone]);
    assert_eq!(node.retry(&leased, SOON).await, [Gone]);
    assert_eq!(node.release(&leased).await, [Gone]);
    assert_eq!(node.extend(&leased).await, [Gone]);
    assert_eq!(node.figures().await.by_class[Normal].completed, 5);
    broker.age(a_lease()).await;
    node.assert_nothing_to_claim().await;
    assert!(node.settle(&[]).await.is_empty());
}

pub async fn what_is_released_comes_back_at_once_without_an_attempt(broker: &dyn Broker) {
    let (leaving, other) = two_nodes(broker).await;
    leaving.push_each(Normal, 0..3).await;
    for _ in 0..5 {
        let leased = leaving.claim(10).await;
        assert_eq!(nos(&leased), [0, 1, 2], "they keep their place");
        assert!(leased.iter().all(|one| one.attempts == 0));
        assert_eq!(leaving.release(&leased).await, [Held; 3]);
        assert_eq!(leaving.figures().await.by_class[Normal].waiting.events, 3);
    }
    leaving.push_each(Normal, 3..4).await;
    let mut leased = other.drain().await;
    leased.sort_by_key(|one| one.parcel.received_at());
    assert_eq!(nos(&leased), [0, 1, 2, 3]);
    other.settle_all_held(&leased).await;
}

pub async fn a_lease_belongs_to_its_node(broker: &dyn Broker) {
    let (owner, other) = two_nodes(broker).await;
    owner.push(Bulk, &parcel(1, 1, 0)).await;
    let leased = [owner.claim_one().await];
    assert_eq!(other.settle(&leased).await, [Taken]);
    assert_eq!(owner.release(&leased).await, [Held]);
    assert_eq!(owner.settle(&leased).await, [Taken], "it was given back");
    let taken = [other.claim_one().await];
    assert_eq!(owner.settle(&leased).await, [Taken], "and belongs to another now");
    other.settle_all_held(&taken).await;
}

pub async fn all_stalled_work_is_taken_over_however_much_it_is(broker: &dyn Broker) {
    let (stalled, other) = two_nodes(broker).await;
    stalled.push_each(Normal, 0..350).await;
    stalled.push_each(Bulk, 0..20).await;
    let lost = stalled.drain().await;
    assert_eq!(lost.len(), 370);
    // Some of it is settled in time, so that there are gaps.
    for chunk in lost.chunks(9) {
        stalled.settle_all_held(&chunk[..1]).await;
    }
    broker.age(a_lease()).await;
    let mut came = 0;
    loop {
        let taken = other.claim(40).await;
        if taken.is_empty() {
            break;
        }
        assert!(taken.iter().all(|one| one.attempts == 1));
        came += taken.len();
        other.settle_all_held(&taken).await;
    }
    assert_eq!(came, 370 - lost.chunks(9).len());
    assert_eq!(other.watermark().await, None);
}

pub async fn every_lease_that_runs_out_is_an_attempt(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Critical, &parcel(1, 1, 0)).await;
    for attempts in 0..5 {
        let node = if attempts % 2 == 0 { &one } else { &other };
        assert_eq!(node.claim_one().await.attempts, attempts);
        broker.age(a_lease()).await;
    }
    let leased = other.claim_one().await;
    assert_eq!(other.release(std::slice::from_ref(&leased)).await, [Held]);
    assert_eq!(one.claim_one().await.attempts, 5, "a release adds none");
}
