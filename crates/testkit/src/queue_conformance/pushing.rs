//! Pushing parcels into a queue.

use scoreline_core::event::RejectCode;
use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::intake::Submission;
use scoreline_core::queue::admission::Limits;
use scoreline_core::queue::{ByClass, Hold, Parcel, QueueError, QueueSettings};

use super::Broker;
use super::world::{DATABASE, Node, SOON, nos, parcel, two_nodes};
use crate::game::{assorted, rejected};

pub async fn what_is_pushed_comes_out_as_it_was(broker: &dyn Broker) {
    let (sender, worker) = two_nodes(broker).await;
    let submission = Submission {
        events: assorted(40, 1),
        rejected: vec![rejected(Some("çelik"), 3, 5, RejectCode::Implausible)],
    };
    let pushed = Parcel::pack(&submission).expect("events");
    for class in [Bulk, Normal, Critical] {
        sender.push(class, &pushed).await;
        let leased = worker.claim_one().await;
        assert_eq!(leased.lease.class, class);
        assert_eq!((leased.attempts, leased.lease.events), (0, 41));
        assert_eq!(leased.parcel, pushed);
        let unpacked = leased.parcel.unpack().expect("readable");
        assert_eq!(unpacked.events, submission.events);
        assert_eq!(unpacked.rejected, submission.rejected);
        worker.settle_all_held(&[leased]).await;
    }
}

pub async fn parcels_of_a_class_come_out_in_the_order_they_went_in(broker: &dyn Broker) {
    let (sender, worker) = two_nodes(broker).await;
    sender.push_each(Normal, 0..50).await;
    let mut came = Vec::new();
    loop {
        let leased = worker.claim(7).await;
        if leased.is_empty() {
            break;
        }
        came.extend(nos(&leased));
    }
    assert_eq!(came, (0..50).collect::<Vec<_>>());
}

async fn limited(broker: &dyn Broker, open_events_max: ByClass<u64>) -> Node {
    let limits = Limits { open_events_max, memory_bytes_max: None };
    Node(broker.connect(QueueSettings { limits, ..QueueSettings::of(DATABASE) }).await)
}

pub async fn a_class_that_is_full_refuses_and_the_others_go_on(broker: &dyn Broker) {
    let node = limited(broker, ByClass([10, 10, 5])).await;
    node.push(Bulk, &parcel(1, 4, 0)).await;
    let refused = node.0.push(Bulk, &parcel(2, 2, 0)).await;
    assert!(
        matches!(&refused, Err(QueueError::Overloaded { class: Bulk, .. })),
        "instead came {refused:?}"
    );
    node.push(Bulk, &parcel(3, 1, 0)).await;
    node.push(Critical, &parcel(4, 2, 0)).await;
    let figures = node.figures().await;
    assert_eq!(figures.by_class.map(|class| class.waiting.events), ByClass([2, 0, 5]));
    let mut came = nos(&node.drain().await);
    came.sort_unstable();
    assert_eq!(came, [1, 3, 4], "nothing is kept of what was refused");
}

pub async fn a_full_class_has_room_again_once_something_is_settled(broker: &dyn Broker) {
    let node = limited(broker, ByClass([4; 3])).await;
    node.push(Normal, &parcel(1, 4, 0)).await;
    let leased = node.claim_one().await;
    assert!(node.0.push(Normal, &parcel(2, 1, 0)).await.is_err(), "leased events count too");
    assert_eq!(node.retry(std::slice::from_ref(&leased), SOON).await, [Hold::Held]);
    assert!(node.0.push(Normal, &parcel(2, 1, 0)).await.is_err(), "delayed ones as well");
    broker.age(SOON).await;
    let leased = node.claim_one().await;
    node.settle_all_held(&[leased]).await;
    node.push(Normal, &parcel(2, 1, 0)).await;
}

pub async fn a_parcel_larger_than_the_limit_fits_an_empty_class(broker: &dyn Broker) {
    let node = limited(broker, ByClass([1; 3])).await;
    node.push(Critical, &parcel(1, 40, 0)).await;
    assert_eq!(node.claim_one().await.parcel, parcel(1, 40, 0));
}
