//! Two servers with databases of their own on one Redis.

use scoreline_testkit::postgres::{Server, TestDatabase};

use crate::cluster::Cluster;
use crate::node::{Node, wait_for};
use crate::redis_away::play;

const PLAYERS: u64 = 20;

fn stored(database: &TestDatabase<'_>) -> String {
    database.run("SELECT count(*) FROM scoreline.events").trim().to_owned()
}

fn mode(node: &Node) -> String {
    node.health()["services"]["queue"]["mode"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_queue_of_another_database_is_left_alone_until_an_operator_gives_it_away() {
    let mut cluster = Cluster::start(Server::shared().database(), 1);
    let theirs = Server::shared().database();
    let mut surroundings = cluster.nodes[0].surroundings().clone();
    surroundings.database_url = theirs.url();
    let mut other = Node::start(&surroundings);
    for no in 0..PLAYERS {
        play(&cluster.nodes[0], &format!("ours-{no}"), no);
        play(&other, &format!("theirs-{no}"), no);
    }
    wait_for("our events", || (cluster.stored() == PLAYERS).then_some(()));
    assert_eq!(stored(&theirs), PLAYERS.to_string(), "acknowledged after the commit");
    assert_eq!(mode(&cluster.nodes[0]), "redis");

    let health = other.health();
    assert_eq!(health["status"], "degraded", "{health}");
    assert_eq!(health["services"]["queue"]["mode"], "direct");
    let alert = |alert: &serde_json::Value| alert["metric"] == "queue_foreign";
    let alert = health["alerts"].as_array().and_then(|alerts| alerts.iter().find(|one| alert(one)));
    assert_eq!(alert.expect("an alert")["level"], "critical");
    let way_out = "belongs to the database";
    assert!(health["services"]["redis"]["reason"].to_string().contains(way_out), "{health}");
    assert!(other.log().contains(way_out), "{}", other.log());
    for command in ["doctor", "identity"] {
        let (fine, said) = other.run(&[command]);
        assert!(!fine && (said.contains("another database") || said.contains(way_out)), "{said}");
    }

    let (fine, said) = other.run(&["identity", "--renew"]);
    assert!(!fine && said.contains("stop them"), "a node knows the former identity: {said}");
    assert!(cluster.nodes[0].stop().success());
    let (fine, said) = other.run(&["identity", "--adopt-queue"]);
    assert!(fine && said.contains("this database"), "{said}");
    wait_for("the adopted queue", || (mode(&other) == "redis").then_some(()));
    cluster.nodes[0].restart();
    wait_for("the former owner to be refused", || {
        (mode(&cluster.nodes[0]) == "direct").then_some(())
    });

    assert!(other.stop().success());
    let (fine, said) = other.run(&["identity", "--renew"]);
    assert!(said.contains("another database") && !fine, "as of now it is one of its own: {said}");
    other.restart();
    assert_eq!(mode(&other), "direct");
}
