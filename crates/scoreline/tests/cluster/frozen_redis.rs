//! Redis stands still: it takes questions and answers none.

use std::time::Duration;

use scoreline_testkit::postgres::Server;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};

/// By when everybody is answered: the time of an answer, and what a busy machine adds.
const ANSWERED_WITHIN: Duration = Duration::from_secs(18);
/// How long a client waits at all.
const CLIENT_WAITS: Duration = Duration::from_secs(60);

/// What a device, a player, an operator and whoever watches ask.
fn questions() -> [(&'static str, &'static str, Value); 9] {
    // The devices send events meanwhile; none is to be counted beside theirs.
    [
        ("POST", "/api/events", json!([])),
        ("GET", "/metrics", Value::Null),
        ("GET", "/api/health", Value::Null),
        ("GET", "/readyz", Value::Null),
        ("GET", "/livez", Value::Null),
        ("GET", "/api/events/stats", Value::Null),
        ("GET", "/api/v2/leaderboard/global", Value::Null),
        ("POST", "/api/admin/queue/pause", json!({ "queue": "bulk" })),
        ("POST", "/api/admin/queue/resume", json!({ "queue": "bulk" })),
    ]
}

#[test]
fn with_a_redis_that_stands_still_every_question_is_answered_in_time_and_events_are_taken() {
    let cluster = Cluster::start(Server::shared().database(), 1);
    let devices = Devices::start(&cluster.nodes, 200, seed());
    devices.ledger.wait_for_more(500);
    cluster.redis.signal("STOP");
    let node = &cluster.nodes[0];
    std::thread::scope(|scope| {
        for (method, path, body) in questions() {
            scope.spawn(move || {
                let started = Instant::now();
                let status = node.ask_for(CLIENT_WAITS, method, path, &body);
                let took = started.elapsed();
                assert!(took < ANSWERED_WITHIN, "{method} {path}: {status} after {took:?}");
                assert!(status < 500 || status == 503, "{method} {path}: {status}");
            });
        }
    });
    cluster.wait_for_health("a reason", |health| {
        let services = &health["services"];
        services["queue"]["mode"] == "direct" && services["redis"]["reason"].is_string()
    });
    devices.ledger.wait_for_more(500);
    cluster.redis.signal("CONT");
    cluster.wait_for_mode("redis");
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    cluster.check(&ledger);
}
