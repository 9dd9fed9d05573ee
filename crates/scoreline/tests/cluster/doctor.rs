//! What `doctor` and `/api/health` say of servers that are not set up well.

use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::node::{Node, wait_for};

fn says(node: &Node, is_fine: bool, lines: &[&str]) {
    let (fine, said) = node.run(&["doctor"]);
    assert_eq!(fine, is_fine, "{said}");
    for line in lines {
        assert!(said.contains(line), "{line:?} is missing: {said}");
    }
}

#[test]
fn a_redis_that_answers_before_it_syncs_is_refused_in_words_unless_that_is_accepted() {
    let mut cluster = Cluster::start(Server::shared().database(), 1);
    let node = &cluster.nodes[0];
    says(
        node,
        true,
        &[
            "PostgreSQL: version ",
            "PostgreSQL durability: commits are on its disk",
            "PostgreSQL connections: ",
            "Redis: it answers",
            "Redis durability: what it takes is on its disk",
            "no maxmemory",
            "queue: 0 events wait",
        ],
    );
    cluster.redis.ask::<()>(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let refused = "appendfsync everysec";
    says(node, false, &[refused, "until then events go to PostgreSQL directly"]);
    cluster.wait_for_mode("direct");
    let reason = node.health()["services"]["redis"]["reason"].to_string();
    assert!(reason.contains(refused), "{reason}");

    let mut surroundings = node.surroundings().clone();
    surroundings.settings.push(("SCORELINE_QUEUE_ACCEPTS", "unsynced".to_owned()));
    let accepting = Node::start(&surroundings);
    wait_for("the queue to be used", || {
        (accepting.health()["services"]["queue"]["mode"] == "redis").then_some(())
    });
    let redis = accepting.health()["services"]["redis"].clone();
    assert!(redis["status"] == "healthy" && redis["reason"].is_null(), "{redis}");
    assert!(redis["risks"][0].as_str().is_some_and(|risk| risk.contains(refused)), "{redis}");
    let log = accepting.log();
    assert!(log.contains("accepted events may be lost"), "{log}");
    says(&accepting, true, &["accepted as a risk", refused]);

    cluster.redis.kill();
    says(&accepting, false, &["Redis: ", "events go to PostgreSQL directly until it is back"]);
}
