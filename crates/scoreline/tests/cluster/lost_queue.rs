//! Somebody deletes everything in Redis, with the events that wait there.

use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};
use crate::node::wait_for;

#[test]
fn a_queue_that_lost_its_events_says_how_many_and_goes_on() {
    let cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    devices.ledger.wait_for_more(500);
    cluster.set_paused(true);
    devices.ledger.wait_for_more(1_500);
    cluster.redis.ask::<()>(&["FLUSHALL"]);
    devices.ledger.wait_for_more(500);
    cluster.wait_for_health("the loss", |health| {
        health["services"]["redis"]["losses"] == 1
            && health["services"]["redis"]["lost_events"].as_u64().is_some_and(|lost| lost > 0)
    });
    cluster.set_paused(false);
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "intake never stops");
    wait_for("an empty queue", || (cluster.redis.open_events() == 0).then_some(()));
    let lost = ledger.acknowledged() - cluster.stored();
    let told = cluster.redis.count("lost_events");
    println!("lost {lost}, estimated {told}");
    assert!(lost >= 1_500 && told.abs_diff(lost) <= lost / 5, "lost {lost}, estimated {told}");
    for node in &cluster.nodes {
        assert!(node.log().contains("the queue has lost what waited in it"), "{}", node.log());
    }
    cluster.check_what_is_stored();
}
