//! `scoreline import` of an embedded data directory: everything moves to PostgreSQL.

use std::path::Path;
use std::process::{Command, Output};

use scoreline_testkit::postgres::{Server as Postgres, TestDatabase};
use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed, scoreline, wait_for};

const PLAYERS: i64 = 60;

/// The binary with a PostgreSQL to store in.
fn on(database: &TestDatabase<'_>, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = scoreline(folder);
    command.env("DATABASE_URL", database.url()).args(arguments);
    command
}

fn run_on(database: &TestDatabase<'_>, folder: &Path, arguments: &[&str]) -> Output {
    on(database, folder, arguments).output().expect("the binary runs")
}

fn accepted(server: &Server, path: &str, body: &Value) -> Value {
    let (status, answer) = server.post(path, body).expect("an answer");
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// Lets the database of a server refuse purchases: those that come are accepted, and die.
fn refuse_purchases(folder: &Path) {
    let path = folder.join("data/scoreline.db");
    let connection = rusqlite::Connection::open(path).expect("the database opens");
    let trigger = "CREATE TRIGGER refused BEFORE INSERT ON events \
                   WHEN 'purchase_completed' = \
             (SELECT event_type FROM payload_shapes WHERE shape_no = NEW.shape_no) \
                   BEGIN SELECT RAISE(ABORT, 'purchases are refused'); END";
    connection.execute_batch(trigger).expect("the statement runs");
}

/// A purchase.
fn bought(player: &str) -> Value {
    let mut event = game_ended(player, 0);
    for (field, value) in [
        ("event_type", json!("purchase_completed")),
        ("product_id", json!("gems")),
        ("product_type", json!("consumable")),
        ("price_usd", json!(4.99)),
        ("currency_code", json!("USD")),
        ("transaction_id", json!("t1")),
    ] {
        event[field] = value;
    }
    event
}

/// A game with a history: thousands of events, some rejected, some dead, names, and this week's
/// tournament closed with prizes of which one is claimed.
fn live(server: &Server, folder: &Path) {
    for round in 0..40 {
        let games: Vec<Value> =
            (0..PLAYERS).map(|n| game_ended(&format!("p{n}"), n * 37 % 500 + round)).collect();
        accepted(server, "/api/events", &json!(games));
        accepted(server, "/api/events", &json!(games[..5]));
    }
    let mut rejected = game_ended("p1", 5);
    rejected["score"] = json!("a tab\tand a \\ and a \u{0}");
    accepted(server, "/api/events", &rejected);
    refuse_purchases(folder);
    accepted(server, "/api/events", &json!([bought("p1"), bought("p2")]));
    let name = json!({ "user_id": "p3", "nickname": "Ann 3" });
    accepted(server, "/api/v2/leaderboard/update-nickname", &name);
    let tournament = server.get("/api/v2/tournaments/current");
    let id = tournament["tournament"]["tournament_id"].as_str().expect("one runs").to_owned();
    accepted(server, &format!("/api/v2/tournaments/{id}/end"), &json!({}));
    let prize = wait_for("a prize", || pending(server, best(server).as_str()));
    let claim = json!({ "prize_id": prize, "user_id": best(server) });
    accepted(server, "/api/v2/prizes/claim", &claim);
}

fn best(server: &Server) -> String {
    let board = server.get("/api/v2/leaderboards/global");
    board["leaderboard"][0]["user_id"].as_str().expect("a player").to_owned()
}

fn pending(server: &Server, player: &str) -> Option<String> {
    let answer = server.get(&format!("/api/v2/prizes/pending?user_id={player}"));
    answer["prizes"][0]["prize_id"].as_str().map(str::to_owned)
}

/// What players and operators see, without what only the moment of asking decides.
fn seen(server: &Server) -> Vec<(String, Value)> {
    let mut paths: Vec<String> = [
        "/api/v2/leaderboards",
        "/api/v2/leaderboards/global?limit=100",
        "/api/v2/leaderboards/weekly?limit=100",
        "/api/v2/tournaments",
        "/api/events/dead",
        "/api/events/quarantine",
    ]
    .map(str::to_owned)
    .to_vec();
    for n in 0..PLAYERS {
        paths.push(format!("/api/v2/leaderboard/user/p{n}"));
        paths.push(format!("/api/v2/players/p{n}/stats"));
        paths.push(format!("/api/events/recent?limit=1000&user_id=p{n}"));
        paths.push(format!("/api/v2/prizes/pending?user_id=p{n}"));
        paths.push(format!("/api/v2/prizes/history?user_id=p{n}"));
        paths.push(format!("/api/v2/prizes/stats?user_id=p{n}"));
    }
    let mut seen: Vec<(String, Value)> =
        paths.into_iter().map(|path| (path.clone(), server.get(&path))).collect();
    let stats = server.get("/api/events/stats");
    seen.push(("summary".to_owned(), stats["summary"].clone()));
    for (path, answer) in &mut seen {
        assert!(answer["type"].is_null(), "{path}: {answer}");
        forget_the_moment(answer);
        if let Some(events) = answer["events"].as_array_mut() {
            // Events that were applied together are in no order among themselves.
            events.sort_by_key(|event| event["id"].to_string());
        }
    }
    seen
}

/// Removes what counts down to something.
fn forget_the_moment(answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.contains("remaining") && name != "timestamp");
            fields.values_mut().for_each(forget_the_moment);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_the_moment),
        _ => {}
    }
}

#[test]
fn an_embedded_server_moves_to_postgres_with_everything_it_knows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Postgres::shared().database();
    let server = Server::start(folder.path(), &[]);
    live(&server, folder.path());
    let before = seen(&server);
    assert_eq!(server.get("/api/events/dead")["count"], 2);
    assert_eq!(server.get("/api/events/quarantine")["count"], 1);
    let running = run_on(&database, folder.path(), &["import", "data"]);
    assert!(printed(&running).contains("another server uses"), "{}", printed(&running));
    server.signal("TERM");
    assert!(server.wait().success());

    let moved = run_on(&database, folder.path(), &["import", "data"]);
    assert!(moved.status.success(), "{}", printed(&moved));
    assert!(printed(&moved).contains(" 2400 events"), "{}", printed(&moved));
    let verified = run_on(&database, folder.path(), &["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    assert!(printed(&verified).contains("events folded again"), "{}", printed(&verified));
    let again = run_on(&database, folder.path(), &["import", "data"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(printed(&again).contains("is in use already"), "{}", printed(&again));

    let server = Server::start_on(folder.path(), &database.url());
    let after = seen(&server);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    // New numbers come after those that moved.
    let mut rejected = game_ended("p1", 5);
    rejected["score"] = json!("none");
    accepted(&server, "/api/events", &rejected);
    accepted(&server, "/api/events", &game_ended("p1", 5_000));
    assert_eq!(best(&server), "p1");
    assert_eq!(server.get("/api/events/quarantine")["count"], 2);
    let secret = database.run("SELECT secret FROM scoreline.secrets WHERE name = 'token_secret'");
    let known = std::fs::read_to_string(folder.path().join("data/token_secret")).expect("text");
    assert_eq!(secret.trim(), known.trim(), "tokens of players stay valid");
    let absurd = database.run("SELECT count(*) FROM scoreline.events_absurd");
    assert_eq!(absurd.trim(), "0", "every event found its day");
}

#[test]
fn what_cannot_move_is_told_and_nothing_is_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    server.post("/api/events", &game_ended("ann", 100)).expect("an answer");
    let copied = server.run(&["backup", "copy.db"]);
    assert!(copied.status.success(), "{}", printed(&copied));
    let nowhere = server.run(&["import", "copy.db"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(printed(&nowhere).contains("set DATABASE_URL"), "{}", printed(&nowhere));

    let database = Postgres::shared().database();
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let empty = run_on(&database, folder.path(), &["import", "empty"]);
    assert!(printed(&empty).contains("no database here"), "{}", printed(&empty));
    // A copy has no server, so that it moves beside one.
    let moved = run_on(&database, folder.path(), &["import", "copy.db"]);
    assert!(moved.status.success(), "{}", printed(&moved));
    let verified = run_on(&database, folder.path(), &["verify"]);
    assert!(printed(&verified).contains("1 event folded again"), "{}", printed(&verified));
}

#[test]
fn commands_on_postgres_do_what_they_do_on_a_file_or_say_what_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Postgres::shared().database();
    let plan = run_on(&database, folder.path(), &["migrate", "--plan"]);
    assert!(printed(&plan).contains("CREATE TABLE scoreline.events"), "{}", printed(&plan));
    let migrated = run_on(&database, folder.path(), &["migrate"]);
    assert!(migrated.status.success(), "{}", printed(&migrated));

    let events: Vec<Value> = (0..50).map(|n| game_ended(&format!("p{}", n % 7), n)).collect();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).expect("a folder");
    let server = Server::start(&source, &[]);
    accepted(&server, "/api/events", &json!(events));
    let exported = server.run(&["export", "--output", "../events.ndjson.gz"]);
    assert!(exported.status.success(), "{}", printed(&exported));
    for told in ["50 new, 0 known", "0 new, 50 known"] {
        let imported = run_on(&database, folder.path(), &["import", "events.ndjson.gz"]);
        assert!(printed(&imported).contains(told), "{}", printed(&imported));
    }
    let exported = run_on(&database, folder.path(), &["export"]);
    assert_eq!(String::from_utf8_lossy(&exported.stdout).lines().count(), 50);
    let rebuilt = run_on(&database, folder.path(), &["rebuild", "--all"]);
    assert!(printed(&rebuilt).contains("filled from history"), "{}", printed(&rebuilt));
    let verified = run_on(&database, folder.path(), &["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    assert!(printed(&verified).contains("50 events folded again"), "{}", printed(&verified));
    let backup = run_on(&database, folder.path(), &["backup", "copy.db"]);
    assert_eq!(backup.status.code(), Some(2));
    assert!(printed(&backup).contains("pg_dump"), "{}", printed(&backup));
}
