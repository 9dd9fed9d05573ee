//! Claims: which node gets which parcels, and how many.

use std::collections::BTreeSet;

use scoreline_core::game::Class::{self, Bulk, Critical, Normal};
use scoreline_core::queue::{ByClass, Leased};

use super::Broker;
use super::world::{events, node, nos, parcel, two_nodes};

fn by_class(leased: &[Leased]) -> ByClass<u64> {
    let mut counted = ByClass::default();
    for one in leased {
        counted[one.lease.class] += u64::from(one.parcel.events());
    }
    counted
}

pub async fn a_parcel_is_leased_once_however_many_claim_at_once(broker: &dyn Broker) {
    let (one, other) = two_nodes(broker).await;
    for class in Class::ALL {
        one.push_each(class, (0..40).map(|n| n + 100 * class as u32)).await;
    }
    let (mine, yours, again, more) =
        tokio::join!(one.claim(40), other.claim(40), one.claim(40), other.claim(40));
    let came: Vec<u32> = [mine, yours, again, more].iter().flat_map(|leased| nos(leased)).collect();
    let different: BTreeSet<u32> = came.iter().copied().collect();
    assert_eq!(different.len(), came.len(), "some came twice: {came:?}");
    let rest = nos(&one.drain().await);
    assert_eq!(different.len() + rest.len(), 120, "and none is lost");
}

pub async fn a_claim_takes_by_shares(broker: &dyn Broker) {
    let node = node(broker).await;
    for class in Class::ALL {
        node.push_each(class, 0..100).await;
    }
    let first = node.claim(50).await;
    assert_eq!(by_class(&first), ByClass([30, 15, 5]));
    let second = node.claim(50).await;
    assert_eq!(by_class(&second), ByClass([30, 15, 5]));
    assert_eq!(nos(&second)[0], 30, "it goes on where the first one ended");
}

pub async fn what_a_class_leaves_goes_to_the_others(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push_each(Critical, 0..4).await;
    node.push_each(Bulk, 0..100).await;
    assert_eq!(by_class(&node.claim(50).await), ByClass([4, 0, 46]));
    node.push_each(Normal, 0..100).await;
    assert_eq!(by_class(&node.claim(40).await), ByClass([0, 30, 10]));
}

pub async fn bulk_is_not_starved_by_urgent_work(broker: &dyn Broker) {
    let node = node(broker).await;
    node.push_each(Critical, 0..60).await;
    node.push_each(Bulk, 0..3).await;
    for _ in 0..3 {
        assert_eq!(by_class(&node.claim(5).await)[Bulk], 1, "each claim takes some of it");
    }
}

pub async fn a_claim_goes_beyond_its_limit_by_a_parcel_at_most(broker: &dyn Broker) {
    let node = node(broker).await;
    for no in 0..6 {
        node.push(Normal, &parcel(no, 20, 0)).await;
    }
    assert_eq!(events(&node.claim(50).await), 60, "whole parcels, the last goes beyond");
    assert_eq!(events(&node.claim(1).await), 20);
    assert_eq!(events(&node.claim(40).await), 40);
}

pub async fn an_empty_queue_answers_at_once(broker: &dyn Broker) {
    let node = node(broker).await;
    node.assert_nothing_to_claim().await;
    assert_eq!(node.watermark().await, None);
    assert_eq!(node.figures().await.oldest(), None);
    assert_eq!(node.0.preflight().await.expect("answers"), [], "it is set up well");
    node.0.ping().await.expect("answers");
}
