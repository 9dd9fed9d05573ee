//! The wall clock of a server jumps, while it runs and while it is down.
//!
//! Only the process sees it jump: a small library, made by the C compiler that links every Rust program,
//! stands before the system's. So this is tested on Linux with glibc.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed, scoreline, wait_for};

const DAY_S: i64 = 24 * 60 * 60;

/// A folder for a server whose wall clock can be set.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("a temporary folder"));
        machine.set(0);
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/clock/wall.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(machine.path("wall.so"))
            .args([source, "-ldl"])
            .status();
        assert!(compiled.expect("a C compiler").success());
        machine
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// Sets the wall clock off by so many seconds.
    fn set(&self, offset_s: i64) {
        // Never half a number, at whatever moment the server looks.
        std::fs::write(self.path("next"), offset_s.to_string()).expect("written");
        std::fs::rename(self.path("next"), self.path("offset")).expect("renamed");
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = scoreline(folder);
        command.env("LD_PRELOAD", self.path("wall.so")).env("WALL_OFFSET", self.path("offset"));
        command.env("RUST_LOG", "off");
        command
    }

    fn serve(&self) -> Server {
        let mut command = self.command(self.0.path());
        command.args(["serve", "--port", "0"]);
        Server::started(self.0.path(), command)
    }
}

fn current(server: &Server) -> Value {
    server.get("/api/v2/tournaments/current")["tournament"]["tournament_id"].clone()
}

fn doubts(server: &Server) -> Option<Value> {
    let health = server.get("/api/health");
    let alerts = health["alerts"].as_array().expect("a list");
    let raised = alerts.iter().any(|alert| alert["metric"] == "clock_in_doubt");
    let clock = &health["services"]["clock"];
    assert_eq!(raised, clock["status"] == "degraded", "{health}");
    raised.then(|| clock.clone())
}

#[test]
fn a_clock_that_jumps_a_year_ends_nothing_until_an_operator_trusts_it_and_a_restart_proves_nothing()
{
    let machine = Machine::new();
    let server = machine.serve();
    let play = |server: &Server, score| {
        server.post("/api/events", &game_ended("ann", score)).expect("an answer").0
    };
    assert_eq!(play(&server, 100), 200);
    let cup = current(&server);
    assert_eq!(doubts(&server), None);

    machine.set(365 * DAY_S);
    let clock = wait_for("the doubt", || doubts(&server));
    let off_s = clock["offset_seconds"].as_f64().expect("a number");
    assert!((off_s - 365.0 * 86_400.0).abs() < 5.0, "{clock}");
    assert!(clock["reason"].as_str().is_some_and(|why| why.contains("scoreline clock --trust")));
    assert_eq!((play(&server, 200), current(&server)), (200, cup.clone()));
    let told = server.run(&["clock"]);
    assert_eq!(told.status.code(), Some(1), "{}", printed(&told));
    assert!(server.text("/metrics").contains("scoreline_clock_in_doubt 1"));

    // It comes back by itself, and nothing has happened.
    machine.set(0);
    wait_for("the end of the doubt", || doubts(&server).is_none().then_some(()));
    assert_eq!(current(&server), cup);
    assert_eq!(server.run(&["clock"]).status.code(), Some(0));

    // A start with such a clock is a jump as well, also after another one.
    machine.set(365 * DAY_S);
    wait_for("the doubt", || doubts(&server));
    server.kill();
    let server = machine.serve();
    assert!(doubts(&server).is_some());
    server.signal("TERM");
    assert!(server.wait().success());
    let server = machine.serve();
    assert!(doubts(&server).is_some());
    assert_eq!(current(&server), cup);

    // It is next year indeed.
    let trusted = server.run(&["clock", "--trust"]);
    assert!(trusted.status.success(), "{}", printed(&trusted));
    assert_eq!(doubts(&server), None);
    wait_for("the prize", || {
        let prizes = server.get("/api/v2/prizes/pending?user_id=ann");
        (prizes["prizes"][0]["tournament_id"] == cup).then_some(())
    });
    let again = server.post("/api/admin/clock/trust", &json!({})).expect("an answer");
    assert_eq!((again.0, &again.1["was_in_doubt"]), (200, &json!(false)));
}

#[test]
fn a_clock_far_behind_does_not_take_stamps_back() {
    let machine = Machine::new();
    let server = machine.serve();
    machine.set(-365 * DAY_S);
    wait_for("the doubt", || doubts(&server));
    let before = server.get("/api/health")["timestamp"].clone();
    assert_eq!(server.post("/api/events", &game_ended("ann", 100)).expect("an answer").0, 200);
    let recent = server.get("/api/events/recent");
    let received = &recent["events"][0]["received_at"];
    assert!(received.as_str() >= before.as_str(), "{recent} is before {before}");
    // A server that starts so does not believe it either.
    server.signal("TERM");
    assert!(server.wait().success());
    let server = machine.serve();
    assert!(doubts(&server).is_some());
    assert!(server.get("/api/health")["timestamp"].as_str() >= before.as_str());
}
