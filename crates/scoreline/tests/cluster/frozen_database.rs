//! PostgreSQL stands still: it takes questions and answers none.

use std::time::Duration;

use scoreline_testkit::postgres::Server;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::node::{Node, Surroundings};

/// By when everybody but operators is answered: the time of an answer, and what a busy machine adds.
const ANSWERED_WITHIN: Duration = Duration::from_secs(18);
/// By when operators are answered: a connection and a statement have deadlines of their own.
const OPERATORS_ANSWERED_WITHIN: Duration = Duration::from_secs(45);
/// By when the node is healthy again after the database goes on.
const HEALTHY_WITHIN: Duration = Duration::from_secs(30);
/// How long a client waits at all.
const CLIENT_WAITS: Duration = Duration::from_secs(90);

/// What a device and an operator post.
fn posts() -> [(&'static str, Value); 8] {
    [
        ("/api/events", json!([{ "event_type": "game_ended", "user_id": "ann" }])),
        ("/api/v2/players/session", json!({ "user_id": "ann", "device_secret": "x".repeat(32) })),
        ("/api/v2/leaderboard/update-nickname", json!({ "user_id": "ann", "nickname": "Ann" })),
        ("/api/v2/prizes/claim", json!({ "user_id": "ann", "prize_id": "none" })),
        ("/api/events/retry-failed", json!({})),
        ("/api/events/requeue-quarantined", json!({})),
        ("/api/events/dead/discard", json!({})),
        ("/api/admin/reload", json!({})),
    ]
}

/// All that can be asked: the method, the path, the body and whether an operator asks.
fn questions(document: &Value) -> Vec<(&'static str, String, Value, bool)> {
    let paths = document["paths"].as_object().expect("paths");
    let is_operators =
        |operation: &Value| operation["security"].to_string().contains("admin_token");
    let gets = paths.iter().filter(|(_, item)| item["get"].is_object()).map(|(path, item)| {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "weekly" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        ("GET", format!("{path}?user_id=ann&user_ids=ann"), Value::Null, is_operators(&item["get"]))
    });
    let posts = posts()
        .map(|(path, body)| ("POST", path.to_owned(), body, is_operators(&paths[path]["post"])));
    gets.chain(posts).collect()
}

#[test]
fn with_a_database_that_stands_still_every_question_is_answered_in_time() {
    let server = Server::start();
    let database = server.database();
    let surroundings = Surroundings {
        database_url: database.url(),
        redis_url: String::new(),
        settings: Vec::new(),
    };
    let node = Node::start(&surroundings);
    let questions = questions(&node.get("/api/openapi.json").1);
    assert!(questions.len() > 30, "{questions:?}");
    server.freeze();
    std::thread::scope(|scope| {
        for (method, path, body, is_operators) in &questions {
            let node = &node;
            scope.spawn(move || {
                let started = Instant::now();
                let status = node.ask_for(CLIENT_WAITS, method, path, body);
                let took = started.elapsed();
                let longest =
                    if *is_operators { OPERATORS_ANSWERED_WITHIN } else { ANSWERED_WITHIN };
                assert!(took < longest, "{method} {path} was answered {status} after {took:?}");
                assert!(status < 500 || status == 503, "{method} {path}: {status}");
            });
        }
    });
    server.thaw();
    let mut health = Value::Null;
    let start = Instant::now();
    while health["services"]["database"]["status"] != "healthy" || health["status"] == "unhealthy" {
        assert!(start.elapsed() < HEALTHY_WITHIN, "{health}");
        health = node.health();
    }
}
