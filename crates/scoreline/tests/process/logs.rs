//! What is logged: what an operator must know, and at any level no secret of anybody.

use std::fs::File;

use scoreline_testkit::postgres::Server as Postgres;
use serde_json::{Value, json};

use crate::support::{Server, game_ended, post, scoreline, wait_for};

#[test]
fn the_most_detailed_log_holds_no_secret() {
    const ADMIN_TOKEN: &str = "the-token-of-the-admin";
    const SERVER_KEY: &str = "the-key-of-the-game-server";
    const DEVICE_SECRET: &str = "the-secret-of-a-device";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = format!("admin_token = \"{ADMIN_TOKEN}\"\nserver_key = \"{SERVER_KEY}\"\n");
    std::fs::write(folder.path().join("scoreline.toml"), settings).expect("written");
    let server = Server::start_logging(folder.path(), "trace", &["--auth", "player"]);

    let body = json!({ "user_id": "ann", "device_secret": DEVICE_SECRET });
    let (status, session) = server.post("/api/v2/players/session", &body).expect("an answer");
    assert_eq!(status, 200, "{session}");
    let token = session["token"].as_str().expect("a token");
    for (token, status) in [(token, 200), ("wrong", 401), (ADMIN_TOKEN, 401)] {
        let answer = post(&server.base, "/api/events", token, &game_ended("ann", 10));
        assert_eq!(answer.expect("an answer").0, status);
    }
    let mut other = body;
    other["device_secret"] = json!("another secret of ann");
    let refused = post(&server.base, "/api/v2/players/session", "", &other);
    assert_eq!(refused.expect("an answer").0, 403);
    for token in [ADMIN_TOKEN, "wrong"] {
        post(&server.base, "/api/admin/reload", token, &json!({})).expect("an answer");
    }
    assert!(!folder.path().join("data/admin_token").exists(), "one is named already");
    let token_secret = std::fs::read_to_string(folder.path().join("data/token_secret"));
    let token_secret = token_secret.expect("it is there");
    server.signal("TERM");
    assert!(server.wait().success());
    let log = std::fs::read_to_string(folder.path().join("log")).expect("the log is text");
    assert!(log.contains("the game definition was read again"), "it is a log: {log}");
    let another = "another secret of ann";
    for secret in [ADMIN_TOKEN, SERVER_KEY, DEVICE_SECRET, another, token, token_secret.trim()] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "a secret is in the log");
    }
}

#[test]
fn lines_of_json_name_the_request_that_they_are_about() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start_logging(folder.path(), "info", &["--log", "json"]);
    let token =
        std::fs::read_to_string(folder.path().join("data/admin_token")).expect("it is there");
    let (status, answer) =
        post(&server.base, "/api/admin/reload", token.trim(), &json!({})).expect("an answer");
    assert_eq!(status, 200, "{answer}");
    let line = wait_for("a line of the request", || {
        let log = server.log();
        let mut lines = log.lines().map(|line| {
            serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        });
        lines.find(|line| line["span"]["http.route"] == "/api/admin/reload")
    });
    let id = line["span"]["request.id"].as_str().expect("an id");
    assert_eq!(id.len(), 16, "{line}");
}

#[test]
fn a_node_that_commands_cannot_find_says_so_when_it_starts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let database = Postgres::shared().database();
    std::fs::write(path("data"), "where the directory would be").expect("written");
    let mut node = scoreline(folder.path());
    node.args(["serve", "--port", "0"]).env("DATABASE_URL", database.url());
    node.env("RUST_LOG", "warn").stderr(File::create(path("log")).expect("a file"));
    let mut node = node.spawn().expect("the binary runs");
    wait_for("the warning", || {
        let log = std::fs::read_to_string(path("log")).expect("the log is text");
        log.contains("will not find this node").then_some(())
    });
    node.kill().expect("it runs");
    node.wait().expect("it ran");
}
