//! Beside many large events, nothing that reads them takes much memory: pages are bounded in bytes.

use std::path::Path;
use std::process::{Child, Stdio};

use scoreline_testkit::postgres::{Server as Postgres, TestDatabase};
use scoreline_testkit::redis::RedisServer;
use serde_json::{Value, json};

use crate::support::{DEADLINE, Server, game_ended, scoreline, wait_for};

const ADMIN_TOKEN: &str = "of-the-operator-of-tests";

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
/// How much more than at rest whatever reads may take with SQLite.
const SQLITE_GROWTH_MAX: u64 = 48 * 1024 * 1024;
/// The same with PostgreSQL and Redis, whose connections keep what their largest statement took.
const POSTGRES_GROWTH_MAX: u64 = 100 * 1000 * 1000;
/// By how much events are made older: 40 days.
const AGED_MS: i64 = 40 * 24 * 60 * 60 * 1_000;

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
fn peak(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> u64 {
    let mut command = scoreline(folder);
    command.envs(environment.iter().copied());
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

/// Where the events lie.
enum Place<'d> {
    Sqlite(&'d Path),
    Postgres(&'d TestDatabase<'d>),
}

impl Place<'_> {
    /// How much more than at rest whatever reads may take here.
    fn growth_max(&self) -> u64 {
        match self {
            Self::Sqlite(_) => SQLITE_GROWTH_MAX,
            Self::Postgres(_) => POSTGRES_GROWTH_MAX,
        }
    }

    /// Runs a statement of the place's own dialect.
    fn run(&self, sqlite: &str, postgres: &str) {
        match self {
            Self::Sqlite(folder) => {
                let path = folder.join("data/scoreline.db");
                let connection = rusqlite::Connection::open(path).expect("the database opens");
                connection.busy_timeout(DEADLINE).expect("it may wait");
                connection.execute_batch(sqlite).expect("the statement runs");
            }
            Self::Postgres(database) => drop(database.run(postgres)),
        }
    }

    /// Lets the database refuse one type: those that come are accepted, and die.
    fn refuse_stuck(&self) {
        self.run(
            "CREATE TRIGGER refused BEFORE INSERT ON events WHEN 'stuck' = \
             (SELECT event_type FROM payload_shapes WHERE shape_no = NEW.shape_no) \
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
            "ALTER TABLE scoreline.events ADD CONSTRAINT refused CHECK (event_type <> 'stuck') NOT VALID",
        );
    }

    /// Makes all events as old as what retention removes.
    fn age(&self) {
        let older = |columns: &[&str]| -> String {
            let set: Vec<String> =
                columns.iter().map(|column| format!("{column} = {column} - {AGED_MS}")).collect();
            set.join(", ")
        };
        let of_event = ["event_time", "received_at", "counted_at", "applied_at"];
        let sqlite = format!("UPDATE events SET {}", older(&of_event));
        let of_place = [&of_event[..], &["key_time"]].concat();
        let postgres = format!(
            "UPDATE scoreline.events SET {}; UPDATE scoreline.event_keys SET {}",
            older(&of_place),
            older(&["key_time"])
        );
        self.run(&sqlite, &postgres);
    }
}

fn count(server: &Server, path: &str) -> u64 {
    server.get(path)["count"].as_u64().expect("a count")
}

fn took(what: &str, growth: u64, most: u64) {
    println!("{what} took {} MiB more", growth >> 20);
    assert!(growth < most, "{what} took {} MiB more", growth >> 20);
}

fn ordered(server: &Server, path: &str, order: &Value) -> Value {
    let (status, answer) = server.post(path, order).expect("an answer");
    assert!(status < 300, "{path}: {answer}");
    answer
}

/// Sends all events, half of which die.
fn send_all(server: &Server) {
    for batch in 0..BATCHES {
        for event_type in ["game_ended", "stuck"] {
            let answer = ordered(server, "/api/events", &large(event_type, batch));
            assert_eq!(answer["accepted"], json!(BATCH), "{answer}");
        }
    }
}

/// Does everything that reads events, and looks at the memory that it takes.
fn read_all(server: &Server, place: &Place<'_>) {
    let all = (BATCH * BATCHES) as u64;
    let process = server.id();
    let took = |what, growth| took(what, growth, place.growth_max());
    took(
        "recent events",
        growth(process, || assert_eq!(count(server, "/api/events/recent?limit=1000"), all)),
    );
    took(
        "recent events with their texts",
        growth(process, || {
            assert_eq!(count(server, "/api/events/recent?limit=1000&raw=true"), all);
        }),
    );
    for query in ["limit=1000", "limit=1000&raw=true"] {
        took(
            "dead events",
            growth(process, || {
                let page = server.get(&format!("/api/events/dead?{query}"));
                assert_eq!(page["count"], all, "lists read no more than they show");
            }),
        );
    }
    took(
        "a retry",
        growth(process, || {
            let order = json!({ "limit": 1_000 });
            let answer = ordered(server, "/api/events/retry-failed", &order);
            assert_eq!(answer["retried"], all, "{answer}");
        }),
    );
    took(
        "a rebuild",
        growth(process, || {
            ordered(server, "/api/admin/rebuild", &json!({ "all": true }));
            wait_for("the rebuild", || {
                (server.get("/api/admin/rebuild")["status"] == "finished").then_some(())
            });
        }),
    );
    took(
        "discarding",
        growth(process, || {
            let answer = ordered(server, "/api/events/dead/discard", &json!({ "note": "stuck" }));
            assert_eq!(answer["discarded"], all, "{answer}");
        }),
    );
    place.age();
    took(
        "retention",
        growth(process, || {
            let order = json!({ "events_older_than_days": 31, "dead": true });
            let answer = ordered(server, "/api/admin/free-space", &order);
            assert_eq!(
                (&answer["events"], &answer["dead"]),
                (&json!(all), &json!(all)),
                "{answer}"
            );
        }),
    );
}

/// The commands that read all events, beside one that reads none.
fn read_by_commands(folder: &Path, environment: &[(&str, &str)], place: &Place<'_>) {
    // It ends so soon that a single look may come before it has taken what it needs.
    let looks = (0..8).map(|_| peak(folder, environment, &["audit"]));
    let at_rest = looks.max().expect("there are some");
    for command in ["export", "verify"] {
        let more = peak(folder, environment, &[command]).saturating_sub(at_rest);
        took(command, more, place.growth_max());
    }
}

#[test]
fn whatever_reads_large_events_takes_little_memory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("game.toml"), GAME).expect("the game is written");
    let server =
        Server::start(folder.path(), &["--game", "game.toml", "--set-aside-mib-max", "1000"]);
    let place = Place::Sqlite(folder.path());
    place.refuse_stuck();
    send_all(&server);
    read_by_commands(folder.path(), &[], &place);
    read_all(&server, &place);
}

#[test]
fn whatever_reads_large_events_out_of_postgresql_or_a_queue_takes_little_memory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("game.toml"), GAME).expect("the game is written");
    let database = Postgres::shared().database();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let redis = runtime.block_on(RedisServer::start());
    let url = database.url();
    let environment = [("DATABASE_URL", url.as_str()), ("SCORELINE_ADMIN_TOKEN", ADMIN_TOKEN)];
    let mut command = scoreline(folder.path());
    command.args(["serve", "--port", "0", "--game", "game.toml", "--set-aside-mib-max", "1000"]);
    command.env("DATABASE_URL", &url).env("REDIS_URL", redis.url());
    command.env("SCORELINE_ADMIN_TOKEN", ADMIN_TOKEN);
    let mut server = Server::started(folder.path(), command);
    ADMIN_TOKEN.clone_into(&mut server.token);
    let place = Place::Postgres(&database);
    place.refuse_stuck();
    wait_for("the queue", || {
        (server.get("/api/events/stats")["queue"]["mode"] == "redis").then_some(())
    });
    // All of them wait, and are taken by all workers at once.
    ordered(&server, "/api/admin/queue/pause", &json!({}));
    send_all(&server);
    let claiming = growth(server.id(), || {
        ordered(&server, "/api/admin/queue/resume", &json!({}));
        let all = 2 * (BATCH * BATCHES) as u64;
        wait_for("the workers", || {
            let summary = server.get("/api/events/stats")["summary"].clone();
            let of = |name: &str| summary[name].as_u64().unwrap_or(0);
            (of("processed_events") + of("failed_events") == all).then_some(())
        });
    });
    took("claims", claiming, place.growth_max());
    read_by_commands(folder.path(), &environment, &place);
    read_all(&server, &place);
}
