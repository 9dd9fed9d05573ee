//! The throw-away servers themselves.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use scoreline_testkit::postgres::{Server, ServerOptions};
use tokio::time::Instant;

/// Set for the process that a test starts to kill it.
const VICTIM: &str = "SCORELINE_TEST_VICTIM";

#[test]
fn every_database_is_empty_and_its_own() {
    let server = Server::shared();
    let (first, second) = (server.database(), server.database());
    assert_ne!(first.url(), second.url());
    first.run("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('a')");
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'notes'";
    assert_eq!((first.run(tables).trim(), second.run(tables).trim()), ("1", "0"));
    let name = first.name().to_owned();
    drop(first);
    let gone = server.run("postgres", "SELECT datname FROM pg_database");
    assert!(!gone.lines().any(|line| line == name), "{gone}");
}

#[test]
fn what_was_committed_survives_a_kill() {
    let server = Server::start();
    let database = server.database();
    database.run("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')");
    server.kill();
    server.restart();
    assert_eq!(database.run("SELECT text FROM notes").trim(), "kept");
    server.stop();
    server.restart();
    assert_eq!(database.run("SELECT text FROM notes").trim(), "kept");
}

#[test]
fn a_server_with_a_certificate_names_its_authority() {
    let server = Server::start_with(&ServerOptions { tls: true, ..ServerOptions::default() });
    let authority = std::fs::read_to_string(server.authority()).expect("reads");
    assert!(authority.contains("BEGIN CERTIFICATE"));
    assert!(server.database().url().contains("verify-full"));
    assert_eq!(server.run("postgres", "SHOW ssl").trim(), "on");
}

/// Not a test of its own: what the next one starts, and kills.
#[test]
fn a_victim_waits_to_be_killed() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let server = Server::start();
    println!("folder {}", server.authority().parent().expect("a folder").display());
    loop {
        std::thread::park();
    }
}

#[test]
fn a_server_does_not_outlive_a_test_process_that_is_killed() {
    use std::io::{BufRead as _, BufReader};
    let mut victim = Command::new(std::env::current_exe().expect("a program"))
        .args(["a_victim_waits_to_be_killed", "--exact", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let told = BufReader::new(victim.stdout.take().expect("a pipe"))
        .lines()
        .map(|line| line.expect("a line"))
        .find_map(|line| Some(line.split_once("folder ")?.1.to_owned()))
        .expect("the victim tells its folder");
    let pid_file = Path::new(&told).join("data/postmaster.pid");
    let pid = std::fs::read_to_string(&pid_file).expect("the server runs");
    let process = Path::new("/proc").join(pid.lines().next().expect("a number"));
    assert!(process.exists());
    victim.kill().expect("kills");
    victim.wait().expect("is gone");
    let deadline = Instant::now() + Duration::from_secs(20);
    while process.exists() || Path::new(&told).exists() {
        assert!(Instant::now() < deadline, "the server or its folder outlived the test");
        std::thread::yield_now();
    }
}
