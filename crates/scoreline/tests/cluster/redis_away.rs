//! Redis dies and comes back.

use scoreline_testkit::postgres::Server;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};
use crate::node::{Node, wait_for};

#[test]
fn redis_killed_under_load_events_go_to_the_database_and_then_through_the_queue_again() {
    let mut cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 1_000, seed());
    devices.ledger.wait_for_more(1_000);
    cluster.redis.kill();
    cluster.wait_for_health("degraded health with a reason", |health| {
        let services = &health["services"];
        health["status"] == "degraded"
            && services["queue"]["mode"] == "direct"
            && services["redis"]["status"] == "unhealthy"
            && services["redis"]["reason"].is_string()
    });
    let before = cluster.stored();
    devices.ledger.wait_for_more(2_000);
    assert!(cluster.stored() > before, "events go to the database meanwhile");
    cluster.redis.restart();
    cluster.wait_for_mode("redis");
    let before = cluster.redis.count("pushed");
    devices.ledger.wait_for_more(2_000);
    assert!(cluster.redis.count("pushed") > before, "events go through the queue again");
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "refused, cut off");
    cluster.check(&ledger);
}

/// Everything that tells ranks, as a player in the middle asks for it.
const QUESTIONS: [&str; 5] = [
    "/api/v2/leaderboard/global?limit=10&user_id=p17",
    "/api/v2/leaderboard/user/p17",
    "/api/v2/leaderboards/global?limit=5&offset=12",
    "/api/v2/leaderboards/global/players/p17?around=3",
    "/api/v2/leaderboards/global/rank?user_ids=p2,nobody,p17,p29",
];

/// A game of a player that has just ended.
pub fn game(player: &str, score: u64) -> Value {
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    let now_ms = u64::try_from(since.as_millis()).expect("64 bits");
    json!({
        "event_type": "game_ended", "user_id": player, "timestamp": now_ms,
        "app_version": "1.0.0", "platform": "ios", "game_mode": "endless", "score": score,
        "duration_seconds": 600, "obstacles_dodged": 1, "coins_collected": 1, "gems_collected": 0,
        "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 1,
    })
}

/// A game of a player, at once applied or waiting in the queue.
pub fn play(node: &Node, player: &str, score: u64) {
    let (status, answer) = node.post("/api/events", &game(player, score));
    assert_eq!(status, 200, "{answer}");
}

/// An answer without what changes from second to second, and how old it says that it is.
fn asked(node: &Node, question: &str) -> (Value, i64) {
    let (status, mut answer) = node.get(question);
    assert_eq!(status, 200, "{question}: {answer}");
    let fields = answer.as_object_mut().expect("an object");
    fields.remove("last_updated");
    let age = fields.remove("age_seconds").and_then(|age| age.as_i64()).expect("an age");
    (answer, age)
}

#[test]
fn while_redis_is_away_every_node_shows_what_any_of_them_takes() {
    let mut cluster = Cluster::start(Server::shared().database(), 2);
    for n in 0..30 {
        // Three of each score, of whom the first ranks highest.
        play(&cluster.nodes[0], &format!("p{n}"), 1_000 + n / 3 * 10);
    }
    let has_players = |node: &Node, players: u64| {
        (node.get(QUESTIONS[0]).1["total_players"] == players).then_some(())
    };
    for node in &cluster.nodes {
        wait_for("everybody on the board", || has_players(node, 30));
    }
    let expected = QUESTIONS.map(|question| asked(&cluster.nodes[0], question));
    cluster.redis.kill();
    cluster.wait_for_mode("direct");
    for node in &cluster.nodes {
        for (question, expected) in QUESTIONS.iter().zip(&expected) {
            assert_eq!(asked(node, question), *expected, "{question}: as if nothing had happened");
        }
    }
    play(&cluster.nodes[1], "p17", 5_000);
    play(&cluster.nodes[1], "late", 1_000);
    for node in &cluster.nodes {
        wait_for("what the second node took", || has_players(node, 31));
        let (answer, age) = asked(node, QUESTIONS[0]);
        assert_eq!(answer["leaderboard"][0]["user_id"], "p17", "{answer}");
        assert_eq!((&answer["user_rank"]["rank"], age), (&json!(1), 0), "{answer}");
        let (last, _) = asked(node, "/api/v2/leaderboard/user/late");
        assert_eq!(last["user"]["rank"], 31, "who came last to a score ranks last: {last}");
    }
}
