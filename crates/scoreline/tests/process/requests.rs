//! What clients send that they should not.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::{DEADLINE, Server, game_ended};

#[test]
fn a_half_sent_request_is_cut_off_while_others_are_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut resting = TcpStream::connect(&address).expect("a connection");
    resting.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    assert!(is_alive(&mut resting));
    let mut slow = TcpStream::connect(&address).expect("a connection");
    slow.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    slow.write_all(b"POST /api/events HTTP/1.1\r\nHost: local").expect("written");
    let (status, _) = server.post("/api/events", &game_ended("quick", 10)).expect("an answer");
    assert_eq!(status, 200);
    let mut rest = Vec::new();
    // The server closes the connection, with or without a word.
    let _ = slow.read_to_end(&mut rest);
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    assert_eq!(slow.write(b"x").and_then(|_| slow.read(&mut [0])).unwrap_or(0), 0);
    // A connection that only rests, as those of proxies do, is not a slow client.
    assert!(is_alive(&mut resting));
}

/// Whether a connection that stays open answers a request.
fn is_alive(connection: &mut TcpStream) -> bool {
    let asked = connection.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut answer = Vec::new();
    let mut some = [0; 256];
    while asked.is_ok() && !answer.ends_with(b"\r\n\r\nok") {
        match connection.read(&mut some) {
            Ok(0) | Err(_) => return false,
            Ok(count) => answer.extend_from_slice(&some[..count]),
        }
    }
    answer.starts_with(b"HTTP/1.1 200 OK")
}

#[test]
fn every_event_of_a_mixed_batch_is_answered_and_the_rejected_ones_can_be_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let mut negative = game_ended("ann", 10);
    negative["score"] = json!(-5);
    let batch = json!([game_ended("ann", 100), null, negative, { "event_type": "unheard_of" }]);
    let (status, answer) = server.post("/api/events", &batch).expect("an answer");
    assert_eq!(status, 200);
    assert_eq!((&answer["count"], &answer["accepted"]), (&json!(4), &json!(1)));
    let rejected = answer["rejected"].as_array().expect("a list");
    let indexes: Vec<_> = rejected.iter().map(|one| one["index"].clone()).collect();
    assert_eq!(indexes, [1, 2, 3]);
    assert_eq!(rejected[1]["code"], "out_of_range");
    assert_eq!(rejected[1]["field"], "score");
    let quarantine = server.get("/api/events/quarantine");
    assert_eq!(quarantine["count"], 3, "{quarantine}");
    let (status, _) = server.post("/api/events", &batch).expect("an answer");
    assert_eq!(status, 200);
    let quarantine = server.get("/api/events/quarantine");
    assert_eq!(quarantine["count"], 3, "a resend is the same entry: {quarantine}");
    assert_eq!(server.get("/api/v2/leaderboard/user/ann")["user"]["total_games"], 1);
}

#[test]
fn limits_reject_instead_of_truncating_and_broken_json_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &["--batch-events-max", "3"]);
    let many: Vec<_> = (0..4).map(|n| game_ended("ann", n)).collect();
    let (status, answer) = server.post("/api/events", &json!(many)).expect("an answer");
    assert_eq!(status, 413);
    assert!(answer["detail"].as_str().is_some_and(|text| text.contains("batch_events_max")));
    assert_eq!(server.get("/api/v2/leaderboard/user/ann")["found"], false);
    let (status, answer) = server.post("/api/events", &json!("text")).expect("an answer");
    assert_eq!((status, &answer["error"]), (400, &json!("Invalid JSON payload")));
    assert_eq!(answer["success"], false);
    assert_eq!(
        server.get("/api/v2/leaderboards/")["success"],
        true,
        "a trailing slash is accepted"
    );
    let nowhere = server.get("/api/nowhere");
    assert_eq!(nowhere["error"], "Endpoint not found");
    assert_eq!(server.get("/api/events")["error"], "Endpoint not found");
}
