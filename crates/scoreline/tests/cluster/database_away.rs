//! PostgreSQL goes away and comes back, alone or together with Redis.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use scoreline_testkit::postgres::Server;

use crate::cluster::Cluster;
use crate::devices::{BATCH, Devices, Kind, Ledger, batch, seed};
use crate::node::agent;

/// Events a second that devices send while PostgreSQL is away.
const RATE: u64 = 2_000;
/// How long the backlog of an outage may take.
const DRAIN_LONGEST: Duration = Duration::from_secs(30);

/// How long PostgreSQL stays away, in seconds: `SCORELINE_TEST_OUTAGE_S`, 5 otherwise.
fn outage_s() -> u64 {
    let named = std::env::var("SCORELINE_TEST_OUTAGE_S").ok();
    named.map_or(5, |text| text.parse().expect("SCORELINE_TEST_OUTAGE_S is a number of seconds"))
}

/// Lets PostgreSQL go away under load; the queue keeps what comes until it is back.
fn survives(go_away: impl FnOnce(&Server)) {
    let server = Server::start();
    let cluster = Cluster::start(server.database(), 2);
    let devices = Devices::start(&cluster.nodes, RATE, seed());
    devices.ledger.wait_for_more(RATE);
    go_away(&server);
    cluster.wait_for_health("degraded health with a reason", |health| {
        let services = &health["services"];
        health["status"] == "degraded"
            && services["queue"]["mode"] == "redis"
            && services["database"]["status"] == "unhealthy"
            && services["redis"]["reason"].is_string()
    });
    devices.ledger.wait_for_more(RATE * outage_s());
    assert!(cluster.redis.open_events() >= RATE * outage_s(), "events wait for the database");
    server.restart();
    let back = Instant::now();
    devices.ledger.wait_for_more(RATE);
    let ledger = devices.finish();
    cluster.drain(&ledger);
    println!("drained {:?} after the return", back.elapsed());
    assert!(back.elapsed() < DRAIN_LONGEST, "drained only after {:?}", back.elapsed());
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    assert_eq!(cluster.redis.count("failed"), 0);
    assert_eq!(cluster.redis.count("reclaimed"), 0, "no lease ran out");
    cluster.check(&ledger);
}

#[test]
fn postgres_stopped_under_load_its_backlog_is_applied_when_it_is_back() {
    survives(Server::stop);
}

#[test]
fn postgres_killed_under_load_its_backlog_is_applied_when_it_is_back() {
    survives(Server::kill);
}

#[test]
fn with_both_away_events_are_refused_until_one_of_them_is_back() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let server = Server::start();
    let mut cluster = Cluster::start(server.database(), 2);
    let devices = Devices::start(&cluster.nodes, 500, seed);
    devices.ledger.wait_for_more(500);
    server.kill();
    cluster.redis.kill();
    cluster.wait_for_health("unhealthy", |health| health["status"] == "unhealthy");
    let own = Ledger::default();
    let kinds = [Kind::Critical];
    for node in &cluster.nodes {
        assert_eq!(node.get("/api/health").0, 503);
        assert_eq!(node.get("/api/v2/players/player-0/stats").0, 503, "reads pretend nothing");
        let batch = batch("lone", &kinds, &mut random);
        own.send(&agent(), &node.address, &batch);
    }
    assert_eq!((own.refused(), own.acknowledged()), (2, 0), "refused, acknowledged");
    let told = devices.ledger.acknowledged();
    if random.random() {
        server.restart();
        devices.ledger.wait_for_more(10 * BATCH as u64);
        cluster.redis.restart();
    } else {
        cluster.redis.restart();
        devices.ledger.wait_for_more(10 * BATCH as u64);
        server.restart();
    }
    assert!(devices.ledger.refused() > 0, "devices were refused: {told} were acknowledged before");
    cluster.wait_for_mode("redis");
    cluster.wait_for_health("the return of both", |health| {
        health["services"]["redis"]["reason"].is_null()
            && health["services"]["database"]["status"] == "healthy"
    });
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    assert_eq!(ledger.cut_off(), 0, "every request was answered");
    cluster.check(&ledger);
}
