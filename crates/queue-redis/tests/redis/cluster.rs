//! A Redis Cluster of three nodes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::cluster::ClusterClient;
use scoreline_core::game::Class::{self, Normal};
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{Hold, Queue, QueueError, QueueSettings};
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_testkit::queue_conformance::Broker;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_testkit::queue_conformance::world::{SOON, nos, parcel};
use scoreline_testkit::redis::{RedisCluster, RedisServer, SLOTS};
use tokio::time::Instant;

use crate::broker::{age, key};

struct Cluster {
    servers: RedisCluster,
}

impl Cluster {
    async fn start() -> Self {
        Self { servers: RedisCluster::start().await }
    }

    /// Which node has the slot of a class.
    async fn owner_of(&self, class: Class) -> usize {
        let slot: u32 =
            self.servers.nodes[0].ask(&["CLUSTER", "KEYSLOT", &key(class, "work")]).await;
        SLOTS.iter().position(|(_, last)| slot <= last.parse().expect("a number")).expect("a slot")
    }

    /// Moves a class with its keys to the next node, as resharding does.
    async fn move_slot_of(&self, class: Class) {
        let slot: u32 =
            self.servers.nodes[0].ask(&["CLUSTER", "KEYSLOT", &key(class, "work")]).await;
        let (slot, at) = (slot.to_string(), self.owner_of(class).await);
        let (from, to) =
            (&self.servers.nodes[at], &self.servers.nodes[(at + 1) % self.servers.nodes.len()]);
        let from_id: String = from.ask(&["CLUSTER", "MYID"]).await;
        let to_id: String = to.ask(&["CLUSTER", "MYID"]).await;
        to.ask::<()>(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]).await;
        from.ask::<()>(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]).await;
        let keys: Vec<String> = from.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]).await;
        let port = to.port().to_string();
        let mut migrate = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
        migrate.extend(keys.iter().map(|key| &**key));
        from.ask::<()>(&migrate).await;
        for node in [to, from].into_iter().chain(&self.servers.nodes) {
            node.ask::<()>(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]).await;
        }
    }

    fn node(&self, settings: QueueSettings) -> RedisQueue {
        let options = RedisOptions { settings, ..RedisOptions::new(self.servers.url(), DATABASE) };
        RedisQueue::connect(options).expect("the addresses are right")
    }

    /// The same, as if it were new.
    async fn emptied(&self) -> &Self {
        (&self).lose_everything().await;
        self
    }
}

#[async_trait]
impl Broker for &Cluster {
    async fn connect(&self, settings: QueueSettings) -> Arc<dyn Queue> {
        Arc::new(self.node(settings))
    }

    async fn age(&self, by: Duration) {
        let urls = self.servers.nodes.iter().map(RedisServer::url);
        let client = ClusterClient::new(urls).expect("the addresses are right");
        let mut connection = client.get_async_connection().await.expect("connects");
        for class in Class::ALL {
            age(&mut connection, class, by).await;
        }
    }

    async fn lose_everything(&self) {
        for node in &self.servers.nodes {
            node.ask::<()>(&["FLUSHALL"]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_passes_the_suite_of_queues() {
    let cluster = Cluster::start().await;
    scoreline_testkit::queue_conformance!(one_by_one: cluster.emptied().await);
}

#[tokio::test]
async fn every_node_of_a_cluster_must_sync_before_it_answers() {
    let cluster = Cluster::start().await;
    let queue = cluster.node(QueueSettings::of(DATABASE));
    assert_eq!(queue.preflight().await.expect("answers"), []);
    cluster.servers.nodes[2].ask::<()>(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    let objections = queue.preflight().await.expect("answers");
    assert_eq!(objections.len(), 1);
    assert!(objections[0].message.contains("appendfsync everysec"), "{objections:?}");
}

#[tokio::test]
async fn a_class_whose_slot_moves_to_another_node_is_followed() {
    let cluster = Cluster::start().await;
    let queue = cluster.node(QueueSettings::of(DATABASE));
    queue.push(Normal, &parcel(1, 1, 0)).await.expect("takes a parcel");
    let leased = queue.claim(10, &Shares::default()).await.expect("hands out work");
    queue.push(Normal, &parcel(2, 1, 0)).await.expect("takes a parcel");
    cluster.move_slot_of(Normal).await;
    queue.push(Normal, &parcel(3, 1, 0)).await.expect("takes a parcel");
    assert_eq!(queue.release(&[leased[0].lease.clone()]).await.expect("releases"), [Hold::Held]);
    let leased = queue.claim(10, &Shares::default()).await.expect("hands out work");
    assert_eq!(nos(&leased), [1, 2, 3]);
    assert_eq!(queue.figures().await.expect("counts").losses.times, 0);
    // Who waits has moved, too.
    let last = parcel(4, 1, 0);
    let (waited, pushed) = tokio::join!(queue.wait(SOON / 2), queue.push(Normal, &last));
    pushed.expect("takes a parcel");
    waited.expect("is woken");
}

#[tokio::test]
async fn a_node_that_was_killed_and_is_back_has_kept_its_class() {
    let mut cluster = Cluster::start().await;
    let queue = cluster.node(QueueSettings::of(DATABASE));
    for class in Class::ALL {
        queue.push(class, &parcel(class as u32, 1, 0)).await.expect("takes a parcel");
    }
    let at = cluster.owner_of(Normal).await;
    cluster.servers.nodes[at].kill();
    let begin = Instant::now();
    let refused = queue.push(Normal, &parcel(7, 1, 0)).await;
    assert!(matches!(refused, Err(QueueError::Unreachable(_))), "{refused:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "it took {:?}", begin.elapsed());
    cluster.servers.nodes[at].run().await;
    let deadline = Instant::now() + SOON;
    while queue.push(Normal, &parcel(8, 1, 0)).await.is_err() {
        assert!(Instant::now() < deadline, "the class does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut came = nos(&queue.claim(10, &Shares::default()).await.expect("hands out work"));
    came.sort_unstable();
    came.dedup();
    assert!(came.starts_with(&[0, 1, 2]) && came.ends_with(&[8]), "{came:?}");
    assert_eq!(queue.figures().await.expect("counts").losses.times, 0);
}
