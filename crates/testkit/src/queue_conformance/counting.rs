//! Figures and the watermark.

use std::time::Duration;

use scoreline_core::game::Class::{self, Bulk, Critical, Normal};
use scoreline_core::queue::{Amount, ClassFigures, Settled};

use super::Broker;
use super::world::{Node, a_lease, node, parcel, two_nodes};
use crate::game::at;

fn amount(events: u64, parcels: u64) -> Amount {
    Amount { events, parcels }
}

async fn of(node: &Node, class: Class) -> ClassFigures {
    node.figures().await.by_class[class]
}

pub async fn figures_follow_a_parcel_through_its_life(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    let none = ClassFigures::default();
    assert_eq!(of(&one, Normal).await, none);
    one.push(Normal, &parcel(1, 20, 7)).await;
    one.push(Normal, &parcel(2, 5, 3)).await;
    let oldest = Some(at(3));
    let expected = ClassFigures { waiting: amount(25, 2), oldest, ..none };
    assert_eq!(of(&other, Normal).await, expected, "pushed");

    let leased = one.claim(1_000).await;
    let expected = ClassFigures { active: amount(25, 2), oldest, ..none };
    assert_eq!(of(&other, Normal).await, expected, "claimed");

    one.retry(&leased[1..], Duration::from_secs(2)).await;
    let expected = ClassFigures { active: amount(20, 1), delayed: amount(5, 1), oldest, ..none };
    assert_eq!(of(&other, Normal).await, expected, "delayed");

    one.release(&leased[..1]).await;
    let expected = ClassFigures { waiting: amount(20, 1), delayed: amount(5, 1), oldest, ..none };
    assert_eq!(of(&other, Normal).await, expected, "released");

    broker.age(Duration::from_secs(2)).await;
    let leased = other.drain().await;
    let expected = ClassFigures { active: amount(25, 2), oldest, ..none };
    assert_eq!(of(&one, Normal).await, expected, "claimed again");

    other.settle_all_held(&leased).await;
    assert_eq!(of(&one, Normal).await, ClassFigures { completed: 25, ..none }, "settled");
}

pub async fn dead_events_are_counted_apart(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push(Critical, &parcel(1, 10, 0)).await;
    let lease = node.claim_one().await.lease;
    node.0.settle(&[Settled { lease, dead: 3 }]).await.expect("settles");
    let expected = ClassFigures { completed: 7, failed: 3, ..ClassFigures::default() };
    assert_eq!(of(&node, Critical).await, expected);
}

pub async fn figures_tell_what_was_taken_over_and_who_came_too_late(broker: &dyn Broker) {
    let (late, other) = two_nodes(broker).await;
    late.push_each(Bulk, 0..2).await;
    let lost = late.claim(10).await;
    broker.age(a_lease()).await;
    let taken = other.claim(10).await;
    let figures = of(&other, Bulk).await;
    assert_eq!((figures.reclaimed, figures.stale), (2, 0));
    assert_eq!(figures.active, amount(2, 2), "they are active once, not twice");
    late.settle(&lost).await;
    assert_eq!(of(&other, Bulk).await.stale, 2);
    other.settle_all_held(&taken).await;
    let figures = of(&other, Bulk).await;
    assert_eq!((figures.completed, figures.reclaimed, figures.stale), (2, 2, 2));
}

pub async fn the_watermark_is_the_oldest_receipt_wherever_it_is(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    one.push(Normal, &parcel(1, 2, 50)).await;
    one.push(Bulk, &parcel(2, 2, 20)).await;
    other.assert_watermark(20, "it waits").await;
    let leased = one.claim(1_000).await;
    let (bulk, normal) = (&leased[1..], &leased[..1]);
    assert_eq!(bulk[0].lease.class, Bulk);
    other.assert_watermark(20, "it is leased").await;
    one.retry(bulk, Duration::from_secs(2)).await;
    other.assert_watermark(20, "it is delayed").await;
    broker.age(Duration::from_secs(2)).await;
    other.assert_watermark(20, "it is due").await;
    let bulk = [other.claim_one().await];
    one.assert_watermark(20, "it is leased again").await;
    other.release(&bulk).await;
    one.assert_watermark(20, "it is released").await;
    let bulk = [other.claim_one().await];
    other.settle_all_held(&bulk).await;
    one.assert_watermark(50, "only the other is left").await;
    one.settle_all_held(normal).await;
    assert_eq!(other.watermark().await, None);
}

pub async fn the_watermark_holds_when_clocks_of_nodes_differ(broker: &dyn Broker) {
    let (ahead, behind) = two_nodes(broker).await;
    ahead.push(Normal, &parcel(1, 1, 600_000)).await;
    behind.push(Normal, &parcel(2, 1, 0)).await;
    ahead.push(Normal, &parcel(3, 1, 600_001)).await;
    ahead.assert_watermark(0, "the second parcel is older than the first").await;
    let leased = ahead.claim(1_000).await;
    ahead.settle_all_held(&leased[..1]).await;
    behind.assert_watermark(0, "leased parcels count by their own receipts").await;
    behind.retry(&leased[1..], Duration::from_secs(2)).await;
    ahead.retry(&leased[1..2], Duration::from_secs(2)).await;
    ahead.settle_all_held(&leased[2..]).await;
    behind.assert_watermark(0, "delayed ones too").await;
    // Pauses go by the queue's clock, whatever the receipts and the nodes say.
    behind.assert_nothing_to_claim().await;
    broker.age(Duration::from_secs(2)).await;
    let leased = [behind.claim_one().await];
    behind.settle_all_held(&leased).await;
    assert_eq!(ahead.watermark().await, None);
}

pub async fn each_class_counts_for_itself(broker: &dyn Broker) {
    let node = node(broker).await;
    for (class, parcels) in Class::ALL.into_iter().zip([1, 2, 3]) {
        node.push_each(class, 0..parcels).await;
    }
    let waiting = node.figures().await.by_class.map(|class| class.waiting);
    assert_eq!(waiting.0, [amount(1, 1), amount(2, 2), amount(3, 3)]);
}
