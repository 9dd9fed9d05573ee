//! A queue belongs to one database, and never brings an event to another.

use scoreline_core::game::Class::{self, Bulk, Critical, Normal};
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{ObjectionKind, QueueError, QueueSettings, Result};
use uuid::Uuid;

use super::Broker;
use super::world::{ALL, DATABASE, Node, SOON, node, nos, parcel};

const OTHER: DatabaseId = DatabaseId(Uuid::from_u128(2));

async fn node_of_another(broker: &dyn Broker) -> Node {
    Node(broker.connect(QueueSettings::of(OTHER)).await)
}

fn is_foreign<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(QueueError::Foreign { .. }))
}

async fn assert_refused(node: &Node, owner: DatabaseId, own: DatabaseId) {
    for class in Class::ALL {
        let pushed = node.0.push(class, &parcel(99, 1, 0)).await;
        let Err(QueueError::Foreign { owner: told, own: mine }) = pushed else {
            panic!("a node of another database put events into {}: {pushed:?}", class.as_str());
        };
        assert_eq!((told, mine), (owner, own));
    }
    assert!(is_foreign(&node.0.claim(ALL, &Shares::default()).await));
    assert!(is_foreign(&node.0.pause(Normal).await));
    assert!(is_foreign(&node.0.figures().await));
    assert!(is_foreign(&node.0.watermark().await), "what waits elsewhere is not known");
    let objections = node.0.preflight().await.expect("answers");
    assert_eq!(objections.len(), 1, "{objections:?}");
    assert_eq!(objections[0].about, ObjectionKind::Foreign);
    for id in [owner, own] {
        assert!(objections[0].message.contains(&id.to_string()), "{}", objections[0].message);
    }
    assert!(!objections[0].about.is_accepted_by(&ObjectionKind::ACCEPTABLE));
}

pub async fn a_queue_belongs_to_the_database_that_used_it_first(broker: &dyn Broker) {
    let (ours, other) = (node(broker).await, node_of_another(broker).await);
    assert_eq!(ours.0.owner().await.expect("answers"), None);
    ours.push_each(Normal, 0..1).await;
    assert_eq!(other.0.owner().await.expect("answers"), Some(DATABASE));
    assert_refused(&other, DATABASE, OTHER).await;
    let second = node(broker).await;
    assert_eq!(second.0.preflight().await.expect("answers"), []);
    second.settle_all_held(&[second.claim_one().await]).await;
}

pub async fn what_waits_is_never_handed_to_another_database(broker: &dyn Broker) {
    let (ours, other) = (node(broker).await, node_of_another(broker).await);
    ours.push_each(Critical, 0..2).await;
    ours.push_each(Bulk, 2..3).await;
    let leased = ours.claim(1).await;
    ours.retry(&leased, SOON).await;
    broker.age(SOON * 2).await;
    assert_refused(&other, DATABASE, OTHER).await;
    let mut left = nos(&ours.drain().await);
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2]);
}

pub async fn a_queue_that_was_replaced_by_anothers_is_refused_while_running(broker: &dyn Broker) {
    let ours = node(broker).await;
    ours.push_each(Normal, 0..3).await;
    let leased = ours.claim(1).await;
    broker.lose_everything().await;
    let other = node_of_another(broker).await;
    other.push_each(Normal, 7..9).await;
    assert_refused(&ours, OTHER, DATABASE).await;
    let settled = leased.iter().map(|one| one.lease.clone()).collect::<Vec<_>>();
    assert!(is_foreign(&ours.0.release(&settled).await));
    assert_eq!(nos(&other.drain().await), [7, 8], "nothing was taken and nothing was added");
    assert_eq!(other.figures().await.losses.times, 0, "the loss is not the other's");
}

pub async fn databases_that_come_at_once_do_not_share_out_the_classes(broker: &dyn Broker) {
    let (ours, other) = (node(broker).await, node_of_another(broker).await);
    let (upwards, downwards) = tokio::join!(
        async {
            let mut taken = 0;
            for class in [Critical, Normal, Bulk] {
                taken += u32::from(ours.0.push(class, &parcel(1, 1, 0)).await.is_ok());
            }
            taken
        },
        async {
            let mut taken = 0;
            for class in [Bulk, Normal, Critical] {
                taken += u32::from(other.0.push(class, &parcel(2, 1, 0)).await.is_ok());
            }
            taken
        }
    );
    let mut taken = [upwards, downwards];
    taken.sort_unstable();
    assert_eq!(taken, [0, 3], "one of them has all classes");
}

pub async fn looking_at_a_queue_does_not_take_it(broker: &dyn Broker) {
    let (ours, other) = (node(broker).await, node_of_another(broker).await);
    assert_eq!(other.0.preflight().await.expect("answers"), []);
    other.0.ping().await.expect("answers");
    assert_eq!(other.0.owner().await.expect("answers"), None);
    ours.push_each(Critical, 0..1).await;
    assert_refused(&other, DATABASE, OTHER).await;
}

pub async fn a_queue_that_is_adopted_changes_hands_with_all_that_waits(broker: &dyn Broker) {
    let (ours, other) = (node(broker).await, node_of_another(broker).await);
    ours.push_each(Normal, 0..3).await;
    ours.pause(Bulk).await;
    other.0.adopt().await.expect("an operator asked for it");
    assert_refused(&ours, OTHER, DATABASE).await;
    let figures = other.figures().await;
    assert!(figures.by_class[Bulk].paused && figures.losses.times == 0, "{figures:?}");
    assert_eq!(nos(&other.drain().await), [0, 1, 2]);
}
