//! PostgreSQL is slow: every answer takes its time.

use std::time::Duration;

use scoreline_testkit::postgres::Server;
use scoreline_testkit::proxy::Proxy;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};

/// How long every answer is held back.
const SLOW: Duration = Duration::from_millis(100);
/// The slowest acknowledgement that the queue may give, whatever the database does.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(3);

/// Two nodes, and what holds back the answers of their database.
fn behind_a_proxy() -> (Cluster<'static>, Proxy) {
    let server = Server::shared();
    let proxy = Proxy::start(server.port());
    let database = server.database();
    let slow_url = database.url_at(proxy.port());
    let cluster = Cluster::start_with(database, 2, |surroundings| {
        surroundings.database_url = slow_url;
    });
    (cluster, proxy)
}

#[test]
fn a_slow_database_holds_up_neither_acknowledgements_nor_the_direct_way() {
    let (mut cluster, proxy) = behind_a_proxy();
    let devices = Devices::start(&cluster.nodes, 1_000, seed());
    devices.ledger.wait_for_more(500);
    proxy.hold_back(SLOW);
    devices.ledger.wait_for_more(3_000);
    let slowest = devices.ledger.slowest();
    assert!(slowest < ACKNOWLEDGED_WITHIN, "an acknowledgement took {slowest:?}");
    for node in &cluster.nodes {
        let pool = node.get("/api/health/pool").1;
        // Ten workers, the jobs and this node's report: nobody queues up behind them.
        assert!(pool["waiting"].as_u64().is_some_and(|waiting| waiting <= 12), "{pool}");
    }
    cluster.redis.kill();
    devices.ledger.wait_for_more(1_000);
    println!("the slowest direct answer took {:?}", devices.ledger.slowest());
    cluster.redis.restart();
    proxy.hold_back(Duration::ZERO);
    cluster.wait_for_mode("redis");
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    cluster.check(&ledger);
}

/// How long every answer is held back where everybody wants the same rows.
const VERY_SLOW: Duration = Duration::from_millis(200);
/// The slowest answer of any kind that the direct way may give.
const ANSWERED_WITHIN: Duration = Duration::from_secs(13);

#[test]
fn a_slow_database_with_everybody_at_the_same_rows_makes_nobody_wait_for_long() {
    let (mut cluster, proxy) = behind_a_proxy();
    let devices = Devices::start_with_players(&cluster.nodes, 1_000, 4, seed());
    devices.ledger.wait_for_more(500);
    proxy.hold_back(VERY_SLOW);
    devices.ledger.wait_for_more(3_000);
    assert_eq!((devices.ledger.refused(), devices.ledger.cut_off()), (0, 0), "the queue takes all");
    cluster.redis.kill();
    // Each request has its own deadline: one that wants the same rows as others waits through a
    // dozen slow answers.
    // In portions, because the pace is nobody's promise: what the workers had in hand waits for the same rows.
    for _ in 0..8 {
        devices.ledger.wait_for_more(250);
    }
    cluster.wait_for_health("the load of the database", |health| {
        let alerts = health["alerts"].as_array().expect("alerts");
        alerts.iter().any(|alert| alert["metric"] == "database_load")
    });
    println!(
        "the slowest answer took {:?}, and {} were told to come again",
        devices.ledger.slowest(),
        devices.ledger.refused()
    );
    assert!(devices.ledger.slowest() < ANSWERED_WITHIN, "{:?}", devices.ledger.slowest());
    cluster.redis.restart();
    proxy.hold_back(Duration::ZERO);
    cluster.wait_for_mode("redis");
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    assert_eq!(ledger.cut_off(), 0, "everybody was answered");
    cluster.check(&ledger);
}
