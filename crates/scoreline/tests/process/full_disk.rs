//! There is no room left to write: nothing is pretended, nothing breaks, and it passes.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed, run, wait_for};

/// A limit on the size of files, in bytes, that a first few batches fit into.
const ROOM_BYTES: u32 = 1_500_000;
const BATCH: usize = 50;

fn limit_files(server: &Server, bytes: &str) {
    let status = Command::new("prlimit")
        .args([format!("--pid={}", server.id()), format!("--fsize={bytes}:")])
        .status()
        .expect("prlimit belongs to every Debian");
    assert!(status.success());
}

fn batch() -> Value {
    let mut events: Vec<Value> = (0..).take(BATCH).map(|n| game_ended("ann", 10 * n)).collect();
    for event in &mut events {
        event["note"] = json!("n".repeat(2_000));
    }
    json!(events)
}

#[test]
fn without_room_it_answers_503_serves_reads_and_recovers_with_everything_it_accepted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start_ignoring_file_limits(folder.path());
    limit_files(&server, &ROOM_BYTES.to_string());
    let mut accepted = 0;
    let refused = wait_for("a full disk", || {
        let (status, answer) = server.post("/api/events", &batch()).expect("an answer");
        if status == 200 {
            accepted += BATCH;
            return None;
        }
        Some((status, answer))
    });
    assert_eq!(refused.0, 503, "{}", refused.1);
    assert!(accepted > 0, "the first batches fit");
    assert_eq!(server.get("/api/health")["status"], "unhealthy");
    let mut with_a_wrong_one = batch();
    with_a_wrong_one[0]["score"] = json!("none");
    let refused = server.post("/api/events", &with_a_wrong_one).expect("an answer");
    assert_eq!(refused.0, 503, "{}", refused.1);
    let metrics = server.text("/metrics");
    assert!(!metrics.contains("events_rejected_total{"), "nothing is in quarantine: {metrics}");
    let user = server.get("/api/v2/leaderboard/user/ann");
    assert_eq!(user["user"]["total_games"], accepted, "reads are served, of what was accepted");

    limit_files(&server, "unlimited");
    wait_for("the recovery", || {
        let (status, _) = server.post("/api/events", &batch()).expect("an answer");
        (status == 200).then_some(())
    });
    accepted += BATCH;
    wait_for("health", || (server.get("/api/health")["status"] == "healthy").then_some(()));
    let user = server.get("/api/v2/leaderboard/user/ann");
    assert_eq!(user["user"]["total_games"], accepted);
    drop(server);
    let verified = run(folder.path(), &["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
}
