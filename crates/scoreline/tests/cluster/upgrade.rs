//! An upgrade and its rollback under load: nodes of two versions side by side.

use std::sync::Arc;

use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{Parcel, Queue, Settled};
use scoreline_core::time::Timestamp;
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};
use crate::later::Version::{Contracting, Expanding};
use crate::node::Program::{Later, Present};
use crate::node::wait_for;

/// Events that devices send while the nodes are as they are.
const BETWEEN: u64 = 500;

#[test]
fn an_upgrade_and_its_rollback_under_load_fail_no_request_until_the_old_version_is_done_with() {
    let mut cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    devices.ledger.wait_for_more(BETWEEN);
    assert_eq!(cluster_versions(&cluster), "1");
    // There, and back, each time with both versions at work for a while.
    for (program, node) in
        [(Later(Expanding), 0), (Later(Expanding), 1), (Present, 0), (Present, 1)]
    {
        cluster.nodes[node].replace(program);
        devices.ledger.wait_for_more(BETWEEN);
        for node in &cluster.nodes {
            assert_eq!(node.get("/api/v2/leaderboard/global").0, 200);
        }
    }
    assert_eq!(cluster_versions(&cluster), "1 2", "what was added stays");
    let log = cluster.nodes[0].log();
    assert!(log.contains("a newer version has added to the schema"), "{log}");
    let verified = cluster.nodes[0].run(&["verify"]);
    assert!(verified.0, "while events come: {}", verified.1);

    // What the present version uses is not removed while it runs.
    let said = cluster.nodes[0].refused(Later(Contracting));
    assert!(said.contains("0003_contracts removes what the node on"), "{said}");
    assert_eq!(cluster_versions(&cluster), "1 2");
    for node in 0..2 {
        cluster.nodes[node].replace(Later(Expanding));
        devices.ledger.wait_for_more(BETWEEN);
    }
    for node in 0..2 {
        cluster.nodes[node].replace(Later(Contracting));
        devices.ledger.wait_for_more(BETWEEN);
    }
    assert_eq!(cluster_versions(&cluster), "1 2 3");
    let said = cluster.nodes[0].refused(Present);
    assert!(said.contains("use the newer program"), "{said}");
    // The version in between does without what was removed: this rollback is open.
    cluster.nodes[0].replace(Later(Expanding));
    devices.ledger.wait_for_more(BETWEEN);
    let ledger = devices.finish();
    println!(
        "{} connections were cut off or refused, and their batches sent again",
        ledger.cut_off()
    );
    assert_eq!(ledger.refused(), 0);
    assert_eq!(cluster.redis.count("reclaimed"), 0, "what a node held it gave back");
    cluster.check_counts(&ledger);
}

fn cluster_versions(cluster: &Cluster<'_>) -> String {
    let sql =
        "SELECT string_agg(version::text, ' ' ORDER BY version) FROM scoreline.schema_migrations";
    cluster.database.run(sql).trim().to_owned()
}

/// What the database of a cluster is called, which its queue belongs to.
fn identity(cluster: &Cluster<'_>) -> DatabaseId {
    let identity = cluster.database.run("SELECT identity FROM scoreline.store_state");
    DatabaseId(identity.trim().parse().expect("a UUID"))
}

#[test]
fn entries_that_only_a_newer_node_can_read_wait_for_it_and_hold_up_nobody() {
    let mut cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let newer: Arc<dyn Queue> = {
        let _inside = runtime.enter();
        let options = RedisOptions::new(cluster.redis.url(), identity(&cluster));
        let queue = RedisQueue::connect(options);
        Arc::new(queue.expect("the address is right"))
    };
    // The first byte of an entry is its version.
    let parcel = Parcel::from_stored(Arc::from([2_u8, 1, 2, 3].as_slice()), 7, Timestamp::EPOCH);
    for class in Class::ALL {
        runtime.block_on(newer.push(class, &parcel)).expect("takes a parcel");
    }
    wait_for("the entries to be left", || {
        (cluster.redis.count("delayed_events") == 21).then_some(())
    });
    devices.ledger.wait_for_more(3_000);
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    wait_for("all the others to be applied", || {
        (cluster.redis.open_events() == 21 && cluster.stored() == ledger.acknowledged())
            .then_some(())
    });
    assert_eq!(cluster.redis.count("failed"), 0);
    // Newer nodes take the place of these.
    for node in &mut cluster.nodes {
        assert!(node.stop().success());
    }
    let mut left = 3;
    wait_for("a newer node to take them", || {
        let leased = runtime.block_on(newer.claim(1_000, &Shares::default())).expect("claims");
        for one in &leased {
            assert_eq!((one.attempts, &one.parcel), (0, &parcel), "no attempt was burned");
        }
        left -= leased.len();
        let settled: Vec<_> =
            leased.into_iter().map(|one| Settled { lease: one.lease, dead: 0 }).collect();
        runtime.block_on(newer.settle(&settled)).expect("settles");
        (left == 0).then_some(())
    });
    for node in &mut cluster.nodes {
        node.restart();
    }
    cluster.check(&ledger);
}
