//! A Redis as the suite of queues needs it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::ConnectionLike;
use scoreline_core::game::Class;
use scoreline_core::queue::{Queue, QueueSettings};
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_testkit::queue_conformance::Broker;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_testkit::redis::RedisServer;

/// A queue of its own on a server of its own.
pub struct RedisBroker {
    pub server: RedisServer,
}

impl RedisBroker {
    pub async fn start() -> Self {
        Self { server: RedisServer::start().await }
    }

    pub async fn start_guarded() -> Self {
        Self { server: RedisServer::start_guarded().await }
    }

    pub fn node(&self, settings: QueueSettings) -> RedisQueue {
        let options = RedisOptions { settings, ..options(&self.server) };
        RedisQueue::connect(options).expect("the address is right")
    }
}

/// How a queue finds a server.
pub fn options(server: &RedisServer) -> RedisOptions {
    let root_certificate = server.root_certificate();
    RedisOptions { root_certificate, ..RedisOptions::new(server.url(), DATABASE) }
}

/// The name of a key of a class.
pub fn key(class: Class, name: &str) -> String {
    format!("{{scoreline:queue:{}}}:{name}", class.as_str())
}

#[async_trait]
impl Broker for RedisBroker {
    async fn connect(&self, settings: QueueSettings) -> Arc<dyn Queue> {
        Arc::new(self.node(settings))
    }

    async fn age(&self, by: Duration) {
        let mut connection = self.server.connection().await;
        for class in Class::ALL {
            age(&mut connection, class, by).await;
        }
    }

    async fn lose_everything(&self) {
        self.server.ask::<()>(&["FLUSHALL"]).await;
    }
}

/// An entry of XPENDING: id, consumer, idle time in ms, deliveries.
type Pending = (String, String, i64, u32);

/// Moves into the past when leases began and retries were delayed.
pub async fn age(connection: &mut (impl ConnectionLike + Send), class: Class, by: Duration) {
    let by_ms = i64::try_from(by.as_millis()).expect("short");
    let [counts, work, delayed] = ["counts", "work", "delayed"].map(|name| key(class, name));
    let pending: redis::RedisResult<Vec<Pending>> = redis::cmd("XPENDING")
        .arg(&work)
        .arg(&["workers", "-", "+", "1000000"])
        .query_async(connection)
        .await;
    // Without a group, nothing is leased yet.
    for (id, consumer, idle_ms, _) in pending.unwrap_or_default() {
        redis::cmd("XCLAIM")
            .arg(&work)
            .arg(&["workers", &consumer, "0", &id, "IDLE"])
            .arg(idle_ms + by_ms)
            .arg("JUSTID")
            .exec_async(connection)
            .await
            .expect("a lease is moved");
    }
    let due: Vec<(String, i64)> = redis::cmd("ZRANGE")
        .arg(&delayed)
        .arg(&["0", "-1", "WITHSCORES"])
        .query_async(connection)
        .await
        .expect("answers");
    for (id, due_ms) in due {
        redis::cmd("ZADD")
            .arg(&delayed)
            .arg(due_ms - by_ms)
            .arg(id)
            .exec_async(connection)
            .await
            .expect("a retry is moved");
    }
    for name in ["stalled_at", "scan_next"] {
        let at: Option<i64> = redis::cmd("HGET")
            .arg(&[&counts, name])
            .query_async(connection)
            .await
            .expect("answers");
        let Some(at) = at else { continue };
        redis::cmd("HSET")
            .arg(&[&counts, name])
            .arg((at - by_ms).max(0))
            .exec_async(connection)
            .await
            .expect("a look for stalled work is moved");
    }
}
