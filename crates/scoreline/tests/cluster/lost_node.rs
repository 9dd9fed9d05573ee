//! One of three nodes dies with work in hand.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use scoreline_testkit::postgres::Server;
use serde_json::json;

use crate::cluster::{CLASSES, Cluster};
use crate::devices::{Devices, seed};
use crate::node::wait_for;

/// The tournament that ends while a node dies.
const CUP: &str = "flash-cup";
/// How long that lasts, in milliseconds.
const CUP_MS: i64 = 4_000;

/// A consumer of a class: name, how many parcels it holds, and more.
type Consumer = Vec<redis::Value>;

fn start(server: &Server) -> Cluster<'_> {
    Cluster::start_with(server.database(), 3, |surroundings| {
        surroundings.settings.push(("SCORELINE_QUEUE_LEASE_S", "2".to_owned()));
    })
}

/// How many nodes hold parcels of the queue.
fn holders(cluster: &Cluster<'_>) -> usize {
    let mut holders = BTreeSet::new();
    for class in CLASSES {
        let work = format!("{{scoreline:queue:{class}}}:work");
        let consumers: Vec<Consumer> = cluster.redis.ask(&["XINFO", "CONSUMERS", &work, "workers"]);
        for consumer in consumers {
            let read = |at: usize| redis::from_redis_value::<String>(consumer[at].clone());
            if read(3).is_ok_and(|pending| pending != "0") {
                holders.insert(read(1).expect("a name"));
            }
        }
    }
    holders.len()
}

#[test]
fn a_node_killed_with_events_in_hand_leaves_them_to_the_others() {
    let seed = seed();
    let mut cluster = start(Server::shared());
    let devices = Devices::start(&cluster.nodes, 500, seed);
    devices.ledger.wait_for_more(500);
    let lock = cluster.database.hold("LOCK TABLE scoreline.events IN SHARE MODE");
    wait_for("all nodes to hold events", || (holders(&cluster) == 3).then_some(()));
    let victim = StdRng::seed_from_u64(seed).random_range(0..cluster.nodes.len());
    cluster.nodes[victim].kill();
    devices.ledger.wait_for_more(500);
    drop(lock);
    wait_for("others to take over", || (cluster.redis.count("reclaimed") > 0).then_some(()));
    let ledger = devices.finish();
    assert_eq!(ledger.refused(), 0);
    cluster.nodes.swap_remove(victim);
    cluster.check(&ledger);
}

#[test]
fn a_node_killed_while_it_closes_a_tournament_leaves_that_to_the_others() {
    let mut cluster = start(Server::shared());
    let now_ms: i64 = cluster
        .database
        .run("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        .trim()
        .parse()
        .expect("a time");
    let at = |ms: i64| {
        let time =
            format!("SELECT to_json(to_timestamp({} / 1000.0) AT TIME ZONE 'UTC')", now_ms + ms);
        format!("{}Z", cluster.database.run(&time).trim().trim_matches('"'))
    };
    let cup = json!({
        "id": CUP, "name": "Flash Cup", "board": "global",
        "starts_at": at(0), "ends_at": at(CUP_MS),
        "prizes": [{ "first_rank": 1, "last_rank": 3, "coins": 100, "gems": 1 }],
    });
    let (status, answer) = cluster.nodes[0].post("/api/v2/tournaments", &cup);
    assert_eq!(status, 201, "{answer}");
    let devices = Devices::start(&cluster.nodes, 500, seed());
    let lock = cluster.database.hold("LOCK TABLE scoreline.prizes IN SHARE MODE");
    wait_for("a node to award prizes", || {
        let waiting = cluster.database.run(
            "SELECT count(*) FROM pg_locks \
             WHERE NOT granted AND relation = 'scoreline.prizes'::regclass",
        );
        (waiting.trim() != "0").then_some(())
    });
    let closing = cluster.database.run(
        "SELECT address FROM scoreline.nodes JOIN scoreline.turns USING (node_id) \
         WHERE name = 'jobs'",
    );
    let victim = cluster.nodes.iter().position(|node| node.address == closing.trim());
    let victim = victim.expect("the node whose turn it is is one of ours");
    cluster.nodes[victim].kill();
    drop(lock);
    let closed = format!(
        "SELECT count(*) FROM scoreline.tournaments \
         WHERE tournament_id = '{CUP}' AND closed_at IS NOT NULL"
    );
    wait_for("the tournament to close", || {
        (cluster.database.run(&closed).trim() == "1").then_some(())
    });
    let ledger = devices.finish();
    assert_eq!(ledger.refused(), 0);
    cluster.nodes.swap_remove(victim);
    cluster.check(&ledger);
    let awarded = format!(
        "SELECT string_agg(rank || ':' || coins, ' ' ORDER BY rank) FROM scoreline.prizes \
         WHERE tournament_id = '{CUP}'"
    );
    assert_eq!(cluster.database.run(&awarded).trim(), "1:100 2:100 3:100");
}
