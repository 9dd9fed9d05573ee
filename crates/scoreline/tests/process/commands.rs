//! The commands beside the server.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::support::{Server, game_ended, printed, run, scoreline};

#[test]
fn what_was_exported_comes_back_once_however_often_it_is_imported() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let games: Vec<_> = (0..50).map(|n| game_ended(&format!("player-{}", n % 7), n * 10)).collect();
    server.post("/api/events", &json!(games)).expect("an answer");
    let exported = server.run(&["export", "--output", "events.ndjson.gz"]);
    assert!(exported.status.success(), "{}", printed(&exported));
    drop(server);

    for _ in 0..2 {
        let imported = run(folder.path(), &["import", "events.ndjson.gz", "--data-dir", "other"]);
        assert!(imported.status.success(), "{}", printed(&imported));
    }
    let verified = run(folder.path(), &["verify", "--data-dir", "other"]);
    assert!(printed(&verified).contains("50 events folded again"), "{}", printed(&verified));
    assert!(verified.status.success(), "{}", printed(&verified));
}

#[test]
fn a_backup_beside_a_running_server_is_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    server.post("/api/events", &game_ended("ann", 100)).expect("an answer");
    std::fs::create_dir(folder.path().join("copy")).expect("a folder");
    let copied = server.run(&["backup", "copy/scoreline.db"]);
    assert!(copied.status.success(), "{}", printed(&copied));
    let again = server.run(&["backup", "copy/scoreline.db"]);
    assert!(!again.status.success(), "an existing file is not overwritten");
    let verified = server.run(&["verify", "--data-dir", "copy"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    assert!(printed(&verified).contains("1 events folded again"), "{}", printed(&verified));
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let second = server.run(&["serve", "--port", "0"]);
    assert!(!second.status.success());
    assert!(printed(&second).contains(&format!("process {}", server.id())), "{}", printed(&second));
}

#[test]
fn a_foreign_or_damaged_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    let path = folder.path().join("data/scoreline.db");
    for content in
        [b"this is no database at all, but long enough to look at".repeat(100), vec![0xff; 8_192]]
    {
        std::fs::write(&path, &content).expect("written");
        let refused = run(folder.path(), &["serve", "--port", "0"]);
        assert!(!refused.status.success());
        assert!(printed(&refused).contains("scoreline.db"), "{}", printed(&refused));
        assert_eq!(printed(&refused).matches("cannot be used").count(), 1, "said once");
        assert_eq!(std::fs::read(&path).expect("read"), content, "the file is left as it was");
    }
}

#[test]
fn a_reload_takes_a_good_definition_and_leaves_the_old_one_for_a_bad_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("game.toml");
    let sample = scoreline_core::game::SAMPLE;
    std::fs::write(&path, sample).expect("written");
    let server = Server::start(folder.path(), &["--game", "game.toml"]);
    server.post("/api/events", &game_ended("ann", 100)).expect("an answer");

    std::fs::write(&path, "[game]\nname = 7\n").expect("written");
    let refused = server.run(&["reload"]);
    assert!(!refused.status.success());
    assert!(printed(&refused).contains("line"), "{}", printed(&refused));
    assert_eq!(server.get("/api/v2/leaderboards/global")["total_players"], 1);

    let board = "\n[leaderboards.longest]\nevent = \"game_ended\"\nscore = \"duration_seconds\"\noperator = \"best\"\n";
    std::fs::write(&path, format!("{sample}{board}")).expect("written");
    let checked = server.run(&["check", "game.toml"]);
    assert!(checked.status.success(), "{}", printed(&checked));
    let reloaded = server.run(&["reload"]);
    assert!(printed(&reloaded).contains("board longest"), "{}", printed(&reloaded));
    let rebuilt = server.run(&["rebuild"]);
    assert!(rebuilt.status.success(), "{}", printed(&rebuilt));
    let board = server.get("/api/v2/leaderboards/longest");
    assert_eq!(board["leaderboard"][0]["score"], 6, "{board}");
    let verified = server.run(&["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
}

#[test]
fn doctor_and_config_say_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let doctor = run(folder.path(), &["doctor", "--port", "0"]);
    assert!(doctor.status.success(), "{}", printed(&doctor));
    let doctor = run(folder.path(), &["doctor", "--retention-days", "3"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(printed(&doctor).contains("from 31"), "{}", printed(&doctor));
    std::fs::write(folder.path().join("scoreline.toml"), "prot = 1\n").expect("written");
    let config = run(folder.path(), &["config"]);
    assert!(printed(&config).contains("did you mean port?"), "{}", printed(&config));
}

#[test]
fn a_reader_of_an_export_may_stop_when_it_has_seen_enough() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    // Far more than a pipe holds, so that the export is still writing when the reader leaves.
    for part in 0..5 {
        let games: Vec<_> = (0..500).map(|n| game_ended(&format!("p-{part}-{n}"), n)).collect();
        assert_eq!(server.post("/api/events", &json!(games)).expect("an answer").0, 200);
    }
    let mut export = scoreline(folder.path());
    export.arg("export").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut export = export.spawn().expect("the binary runs");
    let mut first = String::new();
    let mut lines = BufReader::new(export.stdout.take().expect("a pipe"));
    lines.read_line(&mut first).expect("a line");
    drop(lines);
    assert!(first.starts_with("{\"received_at\":"), "{first}");
    let ended = export.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", printed(&ended));
    assert_eq!(printed(&ended), "", "it leaves without a word");
}

#[test]
fn what_a_running_server_refuses_is_said_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let refused = server.run(&["rebuild", "zz"]);
    assert!(!refused.status.success());
    let words = printed(&refused);
    assert_eq!(words.matches("\"zz\" is no board, tournament or statistic").count(), 1, "{words}");
}
