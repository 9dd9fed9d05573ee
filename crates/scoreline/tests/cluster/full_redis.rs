//! Redis has no memory left.

use rand::SeedableRng;
use rand::rngs::StdRng;
use scoreline_testkit::postgres::Server;

use crate::cluster::{Cluster, Redis};
use crate::devices::{Answer, Kind, Ledger, batch, seed};
use crate::node::{agent, wait_for};

/// Bytes of a key that is not of the queue: with it, what the test does hardly changes the percentage.
const BALLAST_BYTES: u64 = 48 * 1024 * 1024;

/// Lets Redis have so little memory that what it uses is this percentage of it.
fn fill(redis: &Redis, percent: u64) {
    let info: String = redis.ask(&["INFO", "memory"]);
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")?.trim().parse().ok());
    let most: u64 = used.map(|used: u64| used * 100 / percent).expect("it says how much");
    redis.ask::<()>(&["CONFIG", "SET", "maxmemory", &most.to_string()]);
}

#[test]
fn a_full_redis_refuses_the_least_urgent_first_and_still_drains() {
    let cluster = Cluster::start(Server::shared().database(), 1);
    let node = &cluster.nodes[0];
    let mut random = StdRng::seed_from_u64(seed());
    let (agent, ledger) = (agent(), Ledger::default());
    let mut send = |kind| {
        let batch = batch("lone", &[kind], &mut random);
        ledger.send(&agent, &node.address, &batch)
    };
    cluster.redis.ask::<()>(&["SETRANGE", "ballast", &BALLAST_BYTES.to_string(), "x"]);
    fill(&cluster.redis, 50);
    cluster.set_paused(true);
    let kinds = [Kind::Bulk, Kind::Normal, Kind::Critical];
    for kind in kinds {
        assert_eq!(send(kind), Answer::Acknowledged, "{kind:?} while there is room");
    }
    for (number, percent) in [85, 95, 105].into_iter().enumerate() {
        fill(&cluster.redis, percent);
        // A node looks at the memory once a second.
        wait_for("the refusal of the next class", || {
            matches!(send(kinds[number]), Answer::Refused(_)).then_some(())
        });
        for kind in &kinds[..number] {
            assert!(matches!(send(*kind), Answer::Refused(_)), "{kind:?} at {percent} %");
        }
        for kind in &kinds[number + 1..] {
            assert_eq!(send(*kind), Answer::Acknowledged, "{kind:?} at {percent} %");
        }
    }
    let health = node.health();
    assert_eq!(
        health["services"]["queue"]["mode"], "redis",
        "a full queue is no trouble: {health}"
    );
    cluster.set_paused(false);
    cluster.drain(&ledger);
    fill(&cluster.redis, 50);
    for kind in kinds {
        wait_for("room again", || (send(kind) == Answer::Acknowledged).then_some(()));
    }
    assert_eq!(ledger.cut_off(), 0);
    cluster.check(&ledger);
}
