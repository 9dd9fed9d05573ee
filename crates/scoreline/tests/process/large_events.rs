//! Beside many large events, nothing that reads them takes much memory: pages are bounded in bytes.

use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::{Server, game_ended, scoreline, wait_for};

/// A game whose events may be as large as any.
const GAME: &str = r#"
[game]
name = "Large"

[events.game_ended]
unknown_bytes_max = 262144
[events.game_ended.fields]
score = { type = "integer", required = true }

[events.stuck]
unknown_bytes_max = 262144

[leaderboards.global]
event = "game_ended"
operator = "best"
score = "score"

[statistics.points]
event = "game_ended"
operator = "sum"
field = "score"
"#;

/// Bytes of one event.
const EVENT_BYTES: usize = 200 * 1024;
const BATCH: usize = 40;
/// So many batches hold 78 MiB, and as many of those that die.
const BATCHES: usize = 10;
/// How much more than at rest reading may take.
const GROWTH_MAX: u64 = 48 * 1024 * 1024;

fn large(event_type: &str, batch: usize) -> Value {
    let padding = "p".repeat(EVENT_BYTES);
    (0..BATCH)
        .map(|n| {
            let mut event = game_ended(&format!("p{batch}-{n}"), 1);
            event["event_type"] = json!(event_type);
            event["padding"] = json!(padding);
            event
        })
        .collect()
}

/// What a process says of its memory, in bytes.
fn memory(process: u32, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let found = status.lines().find_map(|text| text.strip_prefix(line))?;
    let kib: String = found.chars().filter(char::is_ascii_digit).collect();
    Some(kib.parse::<u64>().ok()? * 1_024)
}

/// Does something, and answers by how much more memory than before the process took at its most.
fn growth(process: u32, work: impl FnOnce()) -> u64 {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("the peak is forgotten");
    let before = memory(process, "VmRSS:").expect("it runs");
    work();
    memory(process, "VmHWM:").expect("it runs").saturating_sub(before)
}

/// The most memory that a command took, as far as it was looked at.
fn peak(folder: &Path, arguments: &[&str]) -> u64 {
    let mut command = scoreline(folder);
    let mut child: Child =
        command.args(arguments).stdout(Stdio::null()).spawn().expect("the binary runs");
    let mut most = 0;
    let status = wait_for("the end of the command", || {
        most = most.max(memory(child.id(), "VmHWM:").unwrap_or(0));
        child.try_wait().expect("it ran")
    });
    assert!(status.success(), "{arguments:?}");
    most
}

fn refuse_stuck(folder: &Path) {
    let connection =
        rusqlite::Connection::open(folder.join("data/scoreline.db")).expect("the database opens");
    let trigger = "CREATE TRIGGER refused BEFORE INSERT ON events WHEN NEW.event_type = 'stuck' \
                   BEGIN SELECT RAISE(ABORT, 'refused'); END";
    connection.execute_batch(trigger).expect("the statement runs");
}

fn count(server: &Server, path: &str) -> u64 {
    server.get(path)["count"].as_u64().expect("a count")
}

#[test]
fn whatever_reads_large_events_takes_little_memory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("game.toml"), GAME).expect("the game is written");
    let server =
        Server::start(folder.path(), &["--game", "game.toml", "--set-aside-mib-max", "1000"]);
    refuse_stuck(folder.path());
    for batch in 0..BATCHES {
        for event_type in ["game_ended", "stuck"] {
            let (status, answer) =
                server.post("/api/events", &large(event_type, batch)).expect("an answer");
            assert_eq!((status, &answer["accepted"]), (200, &json!(BATCH)), "{answer}");
        }
    }
    let all = (BATCH * BATCHES) as u64;
    let process = server.id();
    let took = |what: &str, growth: u64| {
        assert!(growth < GROWTH_MAX, "{what} took {} MiB more", growth >> 20);
    };
    took(
        "recent events",
        growth(process, || assert!(count(&server, "/api/events/recent?limit=1000") < all)),
    );
    took(
        "dead events",
        growth(process, || {
            let page = server.get("/api/events/dead?limit=1000");
            assert!(page["count"].as_u64().expect("a count") < all);
            assert!(page["next_cursor"].is_string(), "there is more");
        }),
    );
    took(
        "a retry",
        growth(process, || {
            let order = json!({ "limit": 1_000 });
            let answer = server.post("/api/events/retry-failed", &order).expect("an answer").1;
            assert_eq!(answer["retried"], all, "{answer}");
        }),
    );
    took(
        "a rebuild",
        growth(process, || {
            let order = json!({ "all": true });
            assert_eq!(server.post("/api/admin/rebuild", &order).expect("an answer").0, 202);
            wait_for("the rebuild", || {
                (server.get("/api/admin/rebuild")["status"] == "finished").then_some(())
            });
        }),
    );
    took(
        "discarding",
        growth(process, || {
            let order = json!({ "note": "stuck" });
            let answer = server.post("/api/events/dead/discard", &order).expect("an answer").1;
            assert_eq!(answer["discarded"], all, "{answer}");
        }),
    );
    let at_rest = peak(folder.path(), &["audit"]);
    took("an export", peak(folder.path(), &["export"]).saturating_sub(at_rest));
    took("a verification", peak(folder.path(), &["verify"]).saturating_sub(at_rest));
}
