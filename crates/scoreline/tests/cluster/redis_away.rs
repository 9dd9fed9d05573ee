//! Redis dies and comes back.

use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};

#[test]
fn redis_killed_under_load_events_go_to_the_database_and_then_through_the_queue_again() {
    let mut cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 1_000, seed());
    devices.ledger.wait_for_more(1_000);
    cluster.redis.kill();
    cluster.wait_for_health("degraded health with a reason", |health| {
        let services = &health["services"];
        health["status"] == "degraded"
            && services["queue"]["mode"] == "direct"
            && services["redis"]["status"] == "unhealthy"
            && services["redis"]["reason"].is_string()
    });
    let before = cluster.stored();
    devices.ledger.wait_for_more(2_000);
    assert!(cluster.stored() > before, "events go to the database meanwhile");
    cluster.redis.restart();
    cluster.wait_for_mode("redis");
    let before = cluster.redis.count("pushed");
    devices.ledger.wait_for_more(2_000);
    assert!(cluster.redis.count("pushed") > before, "events go through the queue again");
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    cluster.check(&ledger);
}
