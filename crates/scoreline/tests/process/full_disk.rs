//! There is no room left to write: nothing is pretended, nothing breaks, and it passes.

use std::path::Path;
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

/// The size of the small disk.
const DISK: &str = "size=64m";

/// A disk of its own, in the memory, for as long as a test runs.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mounted() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder.path());
        let status = mount.status().expect("mount belongs to every Debian");
        assert!(status.success(), "this test needs the right to mount a disk: run it as root");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

/// Events that are rejected, each with a text that is kept as far as any is.
fn rejected(first: usize) -> Value {
    let padding = "p".repeat(3_500);
    (first..first + 60)
        .map(|n| {
            let mut event = game_ended("ann", 1);
            event["score"] = json!(format!("none {n}"));
            event["note"] = json!(padding);
            event
        })
        .collect()
}

/// Posts `batch` until it is refused. Answers how often it was taken, and the words of the refusal.
fn fill_up(server: &Server, batch: impl Fn(usize) -> Value) -> (usize, String) {
    for taken in 0.. {
        let (status, answer) = server.post("/api/events", &batch(taken)).expect("an answer");
        match status {
            200 => assert!(taken < 10_000, "the disk is full at some time"),
            503 => return (taken, answer["detail"].as_str().expect("words").to_owned()),
            other => panic!("{other}: {answer}"),
        }
    }
    unreachable!("numbers do not end")
}

fn number(text: &str, before: &str) -> u64 {
    let (_, rest) = text.split_once(before).expect(text);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect(text)
}

#[test]
fn a_small_disk_that_is_full_has_a_way_out_with_everything_that_was_accepted() {
    let disk = SmallDisk::mounted();
    let server = Server::start(disk.path(), &[]);
    // Half of the disk is what nobody needs.
    for n in 0..100 {
        let (status, answer) = server.post("/api/events", &rejected(60 * n)).expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }
    let (taken, words) = fill_up(&server, |_| batch());
    assert!(taken > 0 && words.contains("the disk is full"), "{taken}: {words}");
    let health = server.get("/api/health");
    let reason = health["services"]["database"]["reason"].as_str().expect("a reason");
    assert!(reason.contains("the disk is full"), "{health}");

    // Giving up is written down, though nothing else can be.
    let (status, answer) = server
        .post("/api/events/quarantine/discard", &json!({ "note": "a broken client" }))
        .expect("an answer");
    assert_eq!((status, &answer["discarded"]), (200, &json!(6_000)), "{answer}");
    assert_eq!(fill_up(&server, |_| batch()).0, 0, "what was let go of is not for events");
    drop(server);

    let server = Server::start(disk.path(), &[]);
    assert_eq!(fill_up(&server, |_| batch()).0, 0, "it starts, and is still full");
    let user = server.get("/api/v2/leaderboard/user/ann");
    assert_eq!(user["user"]["total_games"], taken * BATCH, "nothing that was accepted is lost");
    let freed = server.run(&["free-space"]);
    assert!(freed.status.success(), "{}", printed(&freed));
    let told = printed(&freed);
    assert_eq!(number(&told, "removed for good: "), 6_000, "{told}");
    assert!(number(&told, "the database is ") > 20 * 1_024, "{told}");
    wait_for("the way in", || {
        let (status, _) = server.post("/api/events", &batch()).expect("an answer");
        (status == 200).then_some(())
    });
    assert_eq!(server.get("/api/health")["status"], "healthy");
    drop(server);
    let verified = run(disk.path(), &["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    let freed = run(disk.path(), &["free-space", "--quarantine", "--events-older-than", "31"]);
    assert!(printed(&freed).contains("0 raw events"), "{}", printed(&freed));
}
