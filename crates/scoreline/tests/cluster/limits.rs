//! Two nodes that count what a client asks of both, and each alone while Redis is away.

use scoreline_testkit::postgres::Server;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::node::{Node, agent, wait_for};

/// Requests of one player a minute.
const LIMIT: u32 = 60;

/// Two nodes with that limit.
fn start(server: &Server) -> Cluster<'_> {
    Cluster::start_with(server.database(), 2, |surroundings| {
        surroundings.settings.push(("SCORELINE_RATE_LIMIT", LIMIT.to_string()));
    })
}

/// Sends an event of a player, without any key: the status.
fn ask(node: &Node, player: &str) -> u16 {
    let event = json!({ "event_type": "unknown", "user_id": player });
    let sent = agent().post(format!("http://{}/api/events", node.address)).send_json(event);
    sent.expect("the node answers").status().as_u16()
}

/// How many requests of a player a node takes, one after the other, before it refuses.
fn taken(node: &Node, player: &str) -> u32 {
    let sent = 0..LIMIT * 2;
    sent.take_while(|_| ask(node, player) != 429).count().try_into().expect("a few")
}

fn counted_by(health: &Value) -> &str {
    health["services"]["limits"]["counted_by"].as_str().unwrap_or_default()
}

#[test]
fn two_nodes_refuse_together_and_each_alone_while_redis_is_away() {
    let mut cluster = start(Server::shared());
    cluster.wait_for_health("all nodes to count", |health| counted_by(health) == "all_nodes");
    let refilled = LIMIT / 4;
    assert!((LIMIT..LIMIT + refilled).contains(&taken(&cluster.nodes[0], "ann")));
    // One request for each look, until the second node has told of some and heard of the rest.
    let mut given = 0;
    wait_for("the second node to refuse", || {
        given += 1;
        (ask(&cluster.nodes[1], "ann") == 429).then_some(())
    });
    assert!(given < LIMIT, "it refused before it had given an allowance of its own: {given}");
    assert_eq!(ask(&cluster.nodes[1], "ben"), 200, "nobody else waits");

    cluster.redis.kill();
    cluster.wait_for_health("each node to count by itself, and to say why", |health| {
        health["status"] == "degraded"
            && counted_by(health) == "this_node"
            && health["services"]["limits"]["reason"].is_string()
    });
    for node in &cluster.nodes {
        assert!((LIMIT..LIMIT + refilled).contains(&taken(node, "eve")), "an allowance of each");
    }
    cluster.redis.restart();
    cluster.wait_for_health("all nodes to count again", |health| counted_by(health) == "all_nodes");
    for node in &cluster.nodes {
        assert!(node.log().contains("rate limits are counted by this node alone"));
    }
}
