//! Nodes are replaced one after another, as an upgrade does it.

use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};

#[test]
fn nodes_rolled_one_after_another_under_load_fail_no_request() {
    let mut cluster = Cluster::start(Server::shared().database(), 3);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    for number in 0..cluster.nodes.len() {
        devices.ledger.wait_for_more(500);
        let node = &mut cluster.nodes[number];
        let status = node.stop();
        assert!(status.success(), "{status}: {}", node.log());
        devices.ledger.wait_for_more(500);
        cluster.nodes[number].restart();
    }
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    println!(
        "{} connections were cut off or refused, and their batches sent again",
        ledger.cut_off()
    );
    assert_eq!(ledger.refused(), 0);
    assert_eq!(cluster.redis.count("reclaimed"), 0, "what a node held it gave back");
    cluster.check(&ledger);
}
