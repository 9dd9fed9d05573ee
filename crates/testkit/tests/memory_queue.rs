//! The queue in memory passes the suite of queues.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::game::Class;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Memory, Objection, ObjectionKind, Queue, QueueError, QueueSettings, Result,
};
use scoreline_testkit::memory_queue::{Fault, MemoryBroker, MemoryQueue};
use scoreline_testkit::queue_conformance::Broker;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_testkit::queue_conformance::world::parcel;

struct InMemory(MemoryBroker);

#[async_trait]
impl Broker for InMemory {
    async fn connect(&self, settings: QueueSettings) -> Arc<dyn Queue> {
        Arc::new(self.0.connect(settings))
    }

    async fn age(&self, by: Duration) {
        self.0.age(by);
    }

    async fn lose_everything(&self) {
        self.0.lose_everything();
    }
}

scoreline_testkit::queue_conformance!(InMemory(MemoryBroker::new()));

async fn a_node(broker: &MemoryBroker) -> MemoryQueue {
    let queue = broker.connect(QueueSettings::of(DATABASE));
    queue.push(Class::Normal, &parcel(1, 3, 0)).await.expect("takes a parcel");
    queue
}

#[tokio::test]
async fn a_server_that_is_away_fails_everything_and_keeps_what_it_had() {
    let broker = MemoryBroker::new();
    let queue = a_node(&broker).await;
    broker.set_fault(Some(Fault::Unreachable));
    let unreachable = |answer: Result<()>| matches!(answer, Err(QueueError::Unreachable(_)));
    assert!(unreachable(queue.push(Class::Normal, &parcel(2, 1, 0)).await));
    assert!(unreachable(queue.claim(10, &Shares::default()).await.map(drop)));
    assert!(unreachable(queue.wait(Duration::from_secs(60)).await));
    assert!(unreachable(queue.watermark().await.map(drop)));
    assert!(unreachable(queue.ping().await));
    broker.set_fault(Some(Fault::NotDurable));
    let refused = queue.push(Class::Normal, &parcel(2, 1, 0)).await;
    assert!(matches!(refused, Err(QueueError::NotDurable(_))));
    broker.set_fault(None);
    let leased = queue.claim(10, &Shares::default()).await.expect("hands out work");
    assert_eq!(leased.len(), 1, "what failed is not in it");
    assert_eq!(queue.figures().await.expect("counts").losses.times, 0);
}

#[tokio::test]
async fn a_server_short_of_memory_refuses_the_least_urgent() {
    let broker = MemoryBroker::new();
    let queue = a_node(&broker).await;
    broker.set_memory(Memory { used_bytes: 85, most_bytes: Some(100) });
    let refused = queue.push(Class::Bulk, &parcel(2, 1, 0)).await;
    assert!(matches!(refused, Err(QueueError::Overloaded { class: Class::Bulk, .. })));
    queue.push(Class::Normal, &parcel(3, 1, 0)).await.expect("takes what is more urgent");
}

#[tokio::test]
async fn what_speaks_against_a_server_is_told() {
    let broker = MemoryBroker::new();
    let queue = a_node(&broker).await;
    let objection =
        Objection { about: ObjectionKind::Volatile, message: "it forgets everything".to_owned() };
    broker.set_objections(vec![objection.clone()]);
    assert_eq!(queue.preflight().await.expect("answers"), [objection]);
}
