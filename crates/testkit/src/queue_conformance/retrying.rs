//! Attempts that failed.

use std::time::Duration;

use scoreline_core::game::Class::{Bulk, Normal};
use scoreline_core::queue::Hold::{Gone, Held};

use super::Broker;
use super::world::{a_lease, node, nos, parcel, two_nodes};

const TWO_S: Duration = Duration::from_secs(2);

pub async fn a_retry_comes_back_when_it_is_due_with_one_attempt_more(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 4, 0)).await;
    for attempts in 0..4 {
        let leased = [other.claim_one().await];
        assert_eq!(leased[0].attempts, attempts);
        assert_eq!(leased[0].parcel, parcel(1, 4, 0), "it is the same every time");
        assert_eq!(other.retry(&leased, TWO_S * 30).await, [Held]);
        broker.age(TWO_S * 20).await;
        one.assert_nothing_to_claim().await;
        broker.age(TWO_S * 10).await;
    }
    let leased = other.claim_one().await;
    other.settle_all_held(&[leased]).await;
    assert_eq!(other.watermark().await, None);
}

pub async fn retries_come_back_by_themselves_each_by_its_own_pause(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push_each(Bulk, 0..3).await;
    let leased = node.claim(10).await;
    for (one, pauses) in leased.chunks(1).zip([3, 1, 2]) {
        assert_eq!(node.retry(one, TWO_S * pauses).await, [Held]);
    }
    for expected in [1, 2, 0] {
        node.assert_nothing_to_claim().await;
        broker.age(TWO_S).await;
        assert_eq!(nos(&[node.claim_one().await]), [expected]);
    }
}

pub async fn a_retry_is_not_delivered_twice(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push_each(Normal, 0..30).await;
    let leased = one.drain().await;
    one.retry(&leased, TWO_S).await;
    broker.age(a_lease()).await;
    let (mine, yours) = tokio::join!(one.claim(100), other.claim(100));
    let mut came = [nos(&mine), nos(&yours)].concat();
    came.extend(nos(&one.drain().await));
    came.sort_unstable();
    assert_eq!(came, (0..30).collect::<Vec<_>>());
}

pub async fn a_lease_from_before_a_retry_is_good_for_nothing(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push(Normal, &parcel(1, 1, 0)).await;
    let before = [node.claim_one().await];
    assert_eq!(node.retry(&before, TWO_S).await, [Held]);
    assert_eq!(node.settle(&before).await, [Gone], "while it is delayed");
    broker.age(TWO_S).await;
    let after = [node.claim_one().await];
    assert_eq!(node.settle(&before).await, [Gone], "nor once the same node has it again");
    node.settle_all_held(&after).await;
}

pub async fn attempts_add_up_over_retries_and_lost_leases(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 1, 0)).await;
    one.claim_one().await;
    broker.age(a_lease()).await;
    let taken = [other.claim_one().await];
    assert_eq!(taken[0].attempts, 1);
    other.retry(&taken, TWO_S).await;
    broker.age(TWO_S).await;
    let again = [one.claim_one().await];
    assert_eq!(again[0].attempts, 2);
    assert_eq!(one.release(&again).await, [Held]);
    assert_eq!(other.claim_one().await.attempts, 2);
    broker.age(a_lease()).await;
    assert_eq!(one.claim_one().await.attempts, 3);
}

pub async fn what_is_put_off_comes_back_when_it_is_due_without_an_attempt(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 4, 0)).await;
    let leased = [one.claim_one().await];
    one.retry(&leased, TWO_S).await;
    broker.age(TWO_S).await;
    for _ in 0..5 {
        let leased = [other.claim_one().await];
        assert_eq!(leased[0].attempts, 1, "only the one that failed counts");
        assert_eq!(leased[0].parcel, parcel(1, 4, 0), "it is the same every time");
        assert_eq!(other.put_off(&leased, TWO_S).await, [Held]);
        assert_eq!(other.settle(&leased).await, [Gone], "the lease is good for nothing");
        one.assert_nothing_to_claim().await;
        broker.age(TWO_S).await;
    }
    let figures = one.figures().await.by_class[Normal];
    assert_eq!((figures.open_events(), figures.delayed.events), (4, 4));
    one.settle_all_held(&[one.claim_one().await]).await;
    assert_eq!(one.watermark().await, None);
}
