//! Erasing a player of many events, while the server dies.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed, run, wait_for};

/// Events of the player who is erased.
const EVENTS: usize = 20_000;
/// Events of one request.
const BATCH: usize = 500;
const PLAYER: &str = "device-of-somebody-who-asked";

/// The files of the folder that hold a text, byte by byte.
fn files_with(folder: &std::path::Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
            continue;
        }
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
        if read.is_ok() && bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn an_erasure_goes_on_after_the_server_was_killed_in_the_middle() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    for _ in 0..EVENTS / BATCH {
        let games: Vec<Value> = (0..BATCH).map(|_| game_ended(PLAYER, 900)).collect();
        let answer = server.post("/api/events", &json!(games)).expect("an answer");
        assert_eq!((answer.0, &answer.1["accepted"]), (200, &json!(BATCH)));
    }
    assert_eq!(server.post("/api/events", &game_ended("stays", 100)).expect("an answer").0, 200);
    let name = json!({ "user_id": PLAYER, "nickname": "Somebody Real" });
    let named = server.post("/api/v2/leaderboard/update-nickname", &name);
    assert_eq!(named.expect("an answer").0, 200);
    let unsure = server.run(&["player", "erase", PLAYER]);
    assert_eq!(unsure.status.code(), Some(2), "{}", printed(&unsure));

    let mut command = crate::support::scoreline(folder.path());
    let mut erasing = command
        .args(["player", "erase", PLAYER, "--yes", "--note", "asked for it"])
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("starts");
    let job = wait_for("the job", || {
        let log = server.get("/api/admin/audit?act=erasePlayer");
        let target = log["entries"][0]["target"].as_str()?.to_owned();
        Some(target.strip_prefix("erased-").expect("a placeholder").to_owned())
    });
    let job = format!("/api/admin/jobs/{job}");
    let board = server.get("/api/v2/leaderboard/global");
    assert_eq!(board["leaderboard"][0]["user_id"], "stays", "at once: {board}");
    wait_for("the middle", || {
        let state = server.get(&job);
        assert_eq!(state["status"], "running", "it was too fast to be killed: {state}");
        state["progress"].as_f64().filter(|progress| *progress > 0.0)
    });
    server.kill();
    assert_ne!(erasing.wait().expect("ends").code(), Some(0), "its server is gone");
    let verified = run(folder.path(), &["verify"]);
    assert!(verified.status.success(), "in the middle: {}", printed(&verified));

    let server = Server::start(folder.path(), &[]);
    let done = wait_for("the end", || {
        let state = server.get(&job);
        (state["status"] == "done").then_some(state)
    });
    assert_eq!(done["receipt"]["events"], EVENTS, "{done}");
    let late =
        server.post("/api/events", &json!([game_ended(PLAYER, 950), game_ended("stays", 1)]));
    let (_, late) = late.expect("an answer");
    assert_eq!(late["accepted"], 1, "{late}");
    assert_eq!(late["rejected"][0]["code"], "player_erased");
    let again = server.run(&["player", "erase", PLAYER, "--yes"]);
    assert!(printed(&again).contains("\"events\":20000"), "the same job: {}", printed(&again));
    let verified = server.run(&["verify"]);
    assert!(verified.status.success(), "{}", printed(&verified));
    let rebuilt = server.run(&["rebuild", "--all"]);
    assert!(rebuilt.status.success(), "{}", printed(&rebuilt));
    let board = server.get("/api/v2/leaderboard/global");
    assert_eq!(board["total_players"], 1, "{board}");
    let log = server.get("/api/admin/audit").to_string();
    assert!(!log.contains(PLAYER) && log.contains("asked for it"), "{log}");
    server.signal("TERM");
    server.wait();
    let mut left = files_with(folder.path(), "Somebody Real");
    // Later writes take its room.
    left.retain(|file| !file.ends_with("-wal"));
    assert_eq!(left, [] as [String; 0], "the name is in no file of data any more");
}
