//! `scoreline player`: acts on players, by hand.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed};

#[test]
fn players_are_renamed_and_names_are_blocked_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    // An id that must be written otherwise in an address.
    let id = "device/1 ü";
    assert_eq!(server.post("/api/events", &game_ended(id, 100)).expect("an answer").0, 200);
    let told = |arguments: &[&str]| {
        let output = server.run(arguments);
        assert!(output.status.success(), "{}", printed(&output));
        printed(&output)
    };
    assert_eq!(told(&["player", "rename", id, "Ace"]), format!("{id} is called Ace now\n"));
    let board = server.get("/api/v2/leaderboard/global");
    assert_eq!(board["leaderboard"][0]["nickname"], "Ace", "{board}");

    let blocked = told(&["player", "block-name", "Ace", "--note", "rude"]);
    assert_eq!(blocked, format!("Ace is blocked\n  still called so: {id}\n"));
    let wanted = json!({ "user_id": "other", "nickname": "ace" });
    let path = "/api/v2/leaderboard/update-nickname";
    assert_eq!(server.post(path, &wanted).expect("an answer").0, 400);
    assert!(told(&["player", "blocked-names"]).contains("Ace  rude"));
    assert_eq!(told(&["player", "unblock-name", "ace"]), "ace can be chosen again\n");
    assert_eq!(told(&["player", "blocked-names"]), "");
    assert_eq!(server.post(path, &wanted).expect("an answer").0, 200);
    let exported: Value = serde_json::from_str(&told(&["player", "export", id])).expect("JSON");
    assert_eq!(
        (&exported["user_id"], &exported["profile"]["nickname"]),
        (&json!(id), &json!("Ace"))
    );
    let file = folder.path().join("player.json");
    let to_file = ["player", "export", id, "--output", file.to_str().expect("UTF-8")];
    told(&to_file);
    let written: Value =
        serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
    assert_eq!(written["events"], exported["events"]);
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    let again = server.run(&to_file);
    assert!(printed(&again).contains("--force overwrites it"), "{}", printed(&again));
    assert_eq!(told(&["player", "unbind", id]), format!("{id} was bound to no device\n"));
    let session = json!({ "user_id": id, "device_secret": "s".repeat(16) });
    let path = "/api/v2/players/session";
    assert_eq!(server.post(path, &session).expect("an answer").0, 200);
    let unbound = told(&["player", "unbind", id, "--note", "lost"]);
    assert_eq!(unbound, format!("{id} is bound to the next device that asks for a session\n"));
    let refused = server.run(&["player", "rename", id, "x"]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
}
