//! The commands beside the server.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Server, game_ended, post, printed, run, scoreline};

#[test]
fn what_was_exported_comes_back_once_however_often_it_is_imported() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let mut games: Vec<_> =
        (0..50).map(|n| game_ended(&format!("player-{}", n % 7), n * 10)).collect();
    games[0]["a_field_of_a_later_version"] = json!({ "nested": { "deeply": "}" } });
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
    let export = |data_dir| run(folder.path(), &["export", "--data-dir", data_dir]).stdout;
    assert!(export("data") == export("other"), "what came back is what went out");
}

#[test]
fn a_bad_line_of_an_import_is_told_by_its_number_and_costs_none_of_its_neighbours() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let games: Vec<_> = (0..3).map(|n| game_ended(&format!("player-{n}"), n)).collect();
    server.post("/api/events", &json!(games)).expect("an answer");
    let exported = String::from_utf8(server.run(&["export"]).stdout).expect("a text");
    drop(server);
    let lines: Vec<&str> = exported.lines().collect();
    let broken = format!("\u{feff}{}\r\n\r\n{}\r\n{}", lines[0], &lines[1][..50], lines[2]);
    std::fs::write(folder.path().join("broken.ndjson"), broken).expect("written");
    let import = |name: &str, more: &[&str]| {
        run(folder.path(), &[&["import", "broken.ndjson", "--data-dir", name][..], more].concat())
    };

    let imported = import("lenient", &[]);
    assert_eq!(imported.status.code(), Some(1), "{}", printed(&imported));
    let told = printed(&imported);
    assert!(told.contains("line 3: it is not what 'scoreline export' writes"), "{told}");
    assert!(told.contains("3 lines: 2 new, 0 known, 0 in quarantine, 1 set aside"), "{told}");
    let strict = import("strict", &["--strict"]);
    assert_eq!(strict.status.code(), Some(2), "{}", printed(&strict));
    assert!(printed(&strict).contains("1 line: 1 new"), "{}", printed(&strict));
    assert!(printed(&strict).contains("nothing from there on"), "{}", printed(&strict));
}

#[test]
fn an_export_overwrites_nothing_unless_it_is_told_to_and_knows_its_types() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    server.post("/api/events", &game_ended("ann", 100)).expect("an answer");
    let path = folder.path().join("events.ndjson");
    std::fs::write(&path, "something else").expect("written");
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("changed");
    let export = |more: &[&str]| server.run(&[&["export"][..], more].concat());

    let refused = export(&["--output", "events.ndjson"]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("--force overwrites it"), "{}", printed(&refused));
    assert_eq!(std::fs::read_to_string(&path).expect("read"), "something else");
    let forced = export(&["--output", "events.ndjson", "--force"]);
    assert!(forced.status.success(), "{}", printed(&forced));
    assert!(std::fs::read_to_string(&path).expect("read").starts_with("{\"received_at\":"));
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let unknown = export(&["--type", "game_endet", "--output", "none.ndjson"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", printed(&unknown));
    assert!(printed(&unknown).contains("did you mean \"game_ended\"?"), "{}", printed(&unknown));
    assert!(!folder.path().join("none.ndjson").exists());
    let none_yet = export(&["--type", "share_clicked"]);
    assert!(none_yet.status.success(), "{}", printed(&none_yet));
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
    assert!(printed(&verified).contains("1 event folded again"), "{}", printed(&verified));
}

#[test]
fn players_are_known_to_a_backup_that_is_served_elsewhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &["--auth", "player"]);
    let ann = json!({ "user_id": "ann", "device_secret": "the-secret-of-a-device" });
    let session = |server: &Server, body: &Value| {
        server.post("/api/v2/players/session", body).expect("an answer")
    };
    let (status, bound) = session(&server, &ann);
    assert_eq!(status, 200, "{bound}");
    std::fs::create_dir_all(folder.path().join("elsewhere/data")).expect("a folder");
    let copied = server.run(&["backup", "elsewhere/data/scoreline.db"]);
    assert!(copied.status.success(), "{}", printed(&copied));
    drop(server);

    let restored = Server::start(&folder.path().join("elsewhere"), &["--auth", "player"]);
    let old = bound["token"].as_str().expect("a token");
    let refused = post(&restored.base, "/api/events", old, &game_ended("ann", 10));
    assert_eq!(refused.expect("an answer").0, 401, "it was signed by another server");
    let (status, again) = session(&restored, &ann);
    assert_eq!(status, 200, "{again}");
    let new = again["token"].as_str().expect("a token");
    let accepted = post(&restored.base, "/api/events", new, &game_ended("ann", 10));
    assert_eq!(accepted.expect("an answer").0, 200);
    let stranger = json!({ "user_id": "ann", "device_secret": "the-secret-of-another" });
    assert_eq!(session(&restored, &stranger).0, 403);
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

    std::fs::write(&path, "[game]\nname = 7\nnam = 1\n").expect("written");
    // The same words and the same exit code, whoever finds the mistakes.
    for command in [&["reload"][..], &["reload", "--plan"], &["check", "game.toml"]] {
        let refused = server.run(command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {}", printed(&refused));
        let told = "line 3: game.nam: there is no such key";
        assert!(printed(&refused).contains(told), "{command:?}: {}", printed(&refused));
    }
    let doctor = server.run(&["doctor", "--game", "game.toml"]);
    let mistakes = "FAIL  game definition: game.toml has ";
    assert!(printed(&doctor).contains(mistakes), "{}", printed(&doctor));
    let doctor = printed(&server.run(&["doctor"]));
    assert!(doctor.contains("game definition: \"Sample Flight\" is in force"), "{doctor}");
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
fn a_variable_that_is_no_text_is_refused_instead_of_passed_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut config = scoreline(folder.path());
    config.arg("config").env("SCORELINE_ADMIN_TOKEN", OsStr::from_bytes(b"sixteen letters \xe9"));
    let config = config.output().expect("the binary runs");
    assert_eq!(config.status.code(), Some(2));
    assert!(printed(&config).contains("admin_token (from environment)"), "{}", printed(&config));
    let mut config = scoreline(folder.path());
    config.arg("config").env("NOT_A_SETTING", OsStr::from_bytes(b"\xe9"));
    assert!(config.output().expect("the binary runs").status.success());
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
fn a_reader_of_anything_may_leave_before_it_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    server.post("/api/events", &game_ended("ann", 100)).expect("an answer");
    std::fs::write(folder.path().join("bad.toml"), "[game]\nnam = 1\n").expect("written");
    for (arguments, code) in [
        (&["verify"][..], 0),
        (&["config"], 0),
        (&["config", "--template"], 0),
        (&["check", "bad.toml"], 1),
        (&["doctor"], 0),
        (&["export"], 0),
        (&["rebuild"], 0),
        (&["reload"], 0),
        (&["backup", "copy.db"], 0),
        (&["--help"], 0),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = scoreline(folder.path());
        let ended = command.args(arguments).stdout(writer).output().expect("the binary runs");
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", printed(&ended));
        assert!(!printed(&ended).contains("panicked"), "{arguments:?}: {}", printed(&ended));
    }
}

#[test]
fn doctor_names_a_directory_that_cannot_be_made_and_a_port_that_is_taken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("file"), "no directory").expect("written");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let arguments = ["doctor", "--data-dir", "file/data", "--port", &port];
    let doctor = run(folder.path(), &arguments);
    assert_eq!(doctor.status.code(), Some(1));
    let told = printed(&doctor);
    assert!(told.contains("FAIL  data directory: file cannot be written"), "{told}");
    assert!(told.contains("it must be a directory"), "{told}");
    assert!(told.contains(&format!("FAIL  port: 127.0.0.1:{port}")), "{told}");
    assert!(told.contains("  disk: "), "{told}");
}

#[test]
fn a_server_with_a_wrong_definition_names_every_mistake_and_does_not_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("bad.toml"), "[game]\nnam = \"x\"\n").expect("written");
    let started = run(folder.path(), &["serve", "--port", "0", "--game", "bad.toml"]);
    assert_eq!(started.status.code(), Some(1));
    for line in ["line 1: game: name is missing", "line 2: game.nam: there is no such key here"] {
        assert!(printed(&started).contains(line), "{}", printed(&started));
    }
}

#[test]
fn a_demo_that_could_not_play_is_refused_before_it_starts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = "[game]\nname = \"own\"\n[events.won]\n[leaderboards.wins]\nevent = \"won\"\n\
               operator = \"count\"\n";
    std::fs::write(folder.path().join("own.toml"), own).expect("written");
    for (arguments, reason) in [
        (["--game", "own.toml"], "plays the sample game"),
        (["--auth", "player"], "have no tokens"),
    ] {
        let arguments = [&["serve", "--demo", "--port", "0"][..], &arguments].concat();
        let refused = run(folder.path(), &arguments);
        assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
        assert!(printed(&refused).contains(reason), "{}", printed(&refused));
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_rebuild_makes_no_database_where_none_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rebuilt = run(folder.path(), &["rebuild", "--data-dir", "mistyped"]);
    assert_eq!(rebuilt.status.code(), Some(2));
    assert!(printed(&rebuilt).contains("mistyped holds no database"), "{}", printed(&rebuilt));
    assert!(!folder.path().join("mistyped").exists());
}

#[test]
fn a_rate_limit_does_not_hold_up_the_commands_of_an_operator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &["--rate-limit", "1"]);
    for _ in 0..15 {
        let rebuilt = server.run(&["rebuild", "--all"]);
        assert!(rebuilt.status.success(), "{}", printed(&rebuilt));
    }
}

#[test]
fn a_command_that_is_refused_says_which_token_it_sent() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let wrong = "not-the-token-of-that-server";
    let refused = server.run(&["reload", "--admin-token", wrong]);
    assert_eq!(refused.status.code(), Some(2));
    let told = printed(&refused);
    assert!(told.contains("it was sent the admin_token of the settings (from flag)"), "{told}");
    assert!(!told.contains(wrong), "{told}");
    std::fs::write(folder.path().join("data/admin_token"), wrong).expect("written");
    let told = printed(&server.run(&["reload"]));
    assert!(told.contains("the token in ./data/admin_token"), "{told}");
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

#[test]
fn help_lists_what_belongs_to_the_command_before_the_settings_of_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (arguments, own) in [
        (&["verify", "--help"][..], "--ranks"),
        (&["serve", "--help"], "--demo-players"),
        (&["bench", "--help"], "--profile"),
        (&["bench", "indexes", "--help"], "--prizes"),
        (&["export", "--help"], "--until"),
        (&["--help"], "rebuild"),
    ] {
        let help = run(folder.path(), arguments);
        assert_eq!(help.status.code(), Some(0));
        let text = printed(&help);
        let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}: {text}"));
        let settings = place("Settings:");
        assert!(place(own) < settings, "{arguments:?}: {text}");
        assert!(settings < place("--data-dir") && settings < place("--config"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_as_a_command_is_refused_by_name_with_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (arguments, named) in [
        (&["serve", "--demo-players", "0"][..], "--demo-players"),
        (&["bench", "--profile", "mongo"], "embedded"),
        (&["bench", "--seconds", "0"], "--seconds"),
        (&["export", "--from", "yesterday"], "--from"),
        (&["export", "--player", ""], "--player"),
        (&["verify", "--list", "many"], "--list"),
        (&["backup"], "<FILE>"),
        (&["verfy"], "verify"),
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(printed(&refused).contains(named), "{arguments:?}: {}", printed(&refused));
    }
}

#[test]
fn a_setting_may_stand_before_a_command_and_after_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [["--port", "8091", "config"], ["config", "--port", "8091"]] {
        let told = printed(&run(folder.path(), &arguments));
        let line = told.lines().find(|line| line.contains("8091")).expect("it is told");
        assert!(line.contains("port") && line.contains("flag"), "{told}");
    }
}
