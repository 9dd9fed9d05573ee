//! One node cannot reach Redis, and the others can.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use scoreline_testkit::postgres::Server;
use scoreline_testkit::proxy::Proxy;
use serde_json::Value;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::devices::{Answer, Kind, Ledger, batch, seed};
use crate::node::{Node, agent, wait_for};

/// How old what another node shows may be.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

#[test]
fn what_a_node_without_redis_commits_is_seen_on_the_others_even_if_it_dies_then() {
    let mut cluster = Cluster::start(Server::shared().database(), 1);
    let proxy = Proxy::start(cluster.redis.port());
    let mut surroundings = cluster.nodes[0].surroundings().clone();
    surroundings.redis_url = format!("redis://127.0.0.1:{}", proxy.port());
    cluster.nodes.push(Node::start(&surroundings));
    cluster.wait_for_mode("redis");
    let (mut random, ledger) = (StdRng::seed_from_u64(seed()), Ledger::default());
    let mut send = |node: &Node, player: &str| {
        let batch = batch(player, &[Kind::Critical], &mut random);
        wait_for("an acknowledgement", || {
            let answer = ledger.send(&agent(), &node.address, &batch);
            (answer == Answer::Acknowledged).then_some(())
        });
    };
    let players = |node: &Node| -> Value {
        node.get("/api/v2/leaderboard/global?limit=1").1["total_players"].clone()
    };
    send(&cluster.nodes[0], "early");
    wait_for("the first player", || (players(&cluster.nodes[0]) == 1).then_some(()));

    // The second node loses its way to Redis, and is killed as soon as it has acknowledged.
    proxy.cut();
    send(&cluster.nodes[1], "late");
    let acknowledged = Instant::now();
    cluster.nodes[1].kill();
    wait_for("the other node to see it", || (players(&cluster.nodes[0]) == 2).then_some(()));
    let seen = acknowledged.elapsed();
    println!("seen on the other node after {seen:?}");
    assert!(seen < SEEN_WITHIN, "seen only after {seen:?}");
    cluster.nodes.truncate(1);
    let (succeeded, printed) = cluster.nodes[0].run(&["verify", "--ranks"]);
    assert!(succeeded, "{printed}");
    cluster.check(&ledger);
}
