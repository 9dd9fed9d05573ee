//! PostgreSQL goes away and comes back, alone or together with Redis.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use scoreline_testkit::postgres::Server;
use scoreline_testkit::proxy::Proxy;
use serde_json::json;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::devices::{BATCH, Devices, Kind, Ledger, batch, seed};
use crate::node::{agent, wait_for};

/// Events a second that devices send while PostgreSQL is away.
const RATE: u64 = 2_000;
/// How long the backlog of an outage may take.
const DRAIN_LONGEST: Duration = Duration::from_secs(30);

/// How long after the return of PostgreSQL the boards are of now again, of which some seconds are those
/// that a node waits for an answer which never comes.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(10);

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
    let (status, intake) = cluster.nodes[0].get("/api/events/health");
    let expected = (&json!("degraded"), &json!("disconnected"), &json!(null));
    assert_eq!((&intake["status"], &intake["database"], &intake["recent_events"]), expected);
    assert_eq!(status, 200, "events are taken: {intake}");
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
        let (status, intake) = node.get("/api/events/health");
        assert_eq!((status, &intake["status"]), (503, &json!("unhealthy")), "{intake}");
        assert_eq!(node.get("/api/v2/players/player-0/stats").0, 503, "reads pretend nothing");
        let batch = batch("lone", &kinds, &mut random);
        own.send(&agent(), &node.address, &batch);
    }
    assert_eq!((own.refused(), own.acknowledged()), (2, 0), "refused, acknowledged");
    wait_for("devices to be refused", || (devices.ledger.refused() > 0).then_some(()));
    if random.random() {
        server.restart();
        devices.ledger.wait_for_more(10 * BATCH as u64);
        cluster.redis.restart();
    } else {
        cluster.redis.restart();
        devices.ledger.wait_for_more(10 * BATCH as u64);
        server.restart();
    }
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

#[test]
fn postgres_killed_as_soon_as_redis_is_back_events_go_to_the_queue() {
    let server = Server::start();
    let mut cluster = Cluster::start(server.database(), 2);
    cluster.redis.kill();
    cluster.wait_for_mode("direct");
    let devices = Devices::start(&cluster.nodes, 500, seed());
    // Until then the nodes have missed Redis so often that they leave it alone for seconds.
    devices.ledger.wait_for_more(1_000);
    cluster.redis.restart();
    server.kill();
    devices.ledger.wait_for_more(1_000);
    server.restart();
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    cluster.check(&ledger);
}

/// How long a database that is silent may hold up a reader of a board.
const READ_LONGEST: Duration = Duration::from_secs(1);

#[test]
fn while_postgres_is_away_boards_are_told_whole_and_say_how_old_they_are() {
    let server = Server::start();
    let proxy = Proxy::start(server.port());
    let database = server.database();
    let url = database.url_at(proxy.port());
    let cluster = Cluster::start_with(database, 1, |surroundings| surroundings.database_url = url);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    devices.ledger.wait_for_more(1_000);
    let ledger = devices.finish();
    cluster.drain(&ledger);
    let node = &cluster.nodes[0];
    let board = |path: &str| {
        let begin = Instant::now();
        let (status, mut answer) = node.get(path);
        assert!(begin.elapsed() < READ_LONGEST, "{path} took {:?}", begin.elapsed());
        assert_eq!(status, 200, "{path}: {answer}");
        let fields = answer.as_object_mut().expect("an object");
        fields.remove("last_updated");
        let age = fields.remove("age_seconds").and_then(|age| age.as_i64()).expect("an age");
        (answer, age)
    };
    let top = "/api/v2/leaderboard/global?limit=3";
    let best = board(top).0["leaderboard"][0]["user_id"].as_str().expect("somebody").to_owned();
    let current = node.get("/api/v2/tournaments/current").1;
    let cup = current["tournament"]["tournament_id"].as_str().expect("one runs").to_owned();
    let questions = [
        top.to_owned(),
        "/api/v2/leaderboards/global?offset=5&limit=2".to_owned(),
        "/api/v2/leaderboards/weekly?limit=2".to_owned(),
        "/api/v2/leaderboards/weekly?period=previous&limit=2".to_owned(),
        format!("/api/v2/leaderboards/global/players/{best}?around=2"),
        format!("/api/v2/leaderboards/global/rank?user_ids={best},nobody"),
        format!("/api/v2/leaderboard/user/{best}"),
    ];
    let before = questions.each_ref().map(|question| board(question).0);

    // Silent first, as a network that swallows everything; then gone.
    proxy.hold_back(Duration::from_secs(8));
    for silent in [true, false] {
        if !silent {
            server.kill();
        }
        wait_for("answers that say how old they are", || (board(top).1 > 2).then_some(()));
        for (question, before) in questions.iter().zip(&before) {
            assert_eq!(board(question).0, *before, "{question}: exact as of the last commit");
        }
        let current = node.get("/api/v2/tournaments/current").1;
        assert_eq!(current["tournament"]["tournament_id"], *cup);
        let standings = node.get(&format!("/api/v2/tournaments/{cup}/leaderboard?limit=2")).1;
        assert_eq!(standings["leaderboard"][0]["rank"], 1, "{standings}");
        assert_eq!(node.get("/api/v2/tournaments/unknown/leaderboard").0, 503);
        let health = node.health();
        assert_eq!(health["services"]["database"]["status"], "unhealthy", "{health}");
        assert!(health["services"]["database"]["reason"].is_string(), "{health}");
        assert!(health["services"]["ranks"]["reason"].is_string(), "{health}");
    }
    assert_eq!(node.get(&format!("/api/v2/players/{best}/stats")).0, 503, "the rest is not");
    proxy.hold_back(Duration::ZERO);
    server.restart();
    let back = Instant::now();
    wait_for("boards of now", || (board(top).1 == 0).then_some(()));
    println!("caught up {:?} after the return", back.elapsed());
    assert!(back.elapsed() < CAUGHT_UP_WITHIN, "only after {:?}", back.elapsed());
    for (question, before) in questions.iter().zip(&before) {
        assert_eq!(board(question), (before.clone(), 0), "{question}");
    }
    let (succeeded, printed) = node.run(&["verify", "--ranks"]);
    assert!(succeeded, "{printed}");
    cluster.check(&ledger);
}
