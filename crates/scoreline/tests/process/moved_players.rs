//! `scoreline player move`: what it says before it does anything, and that two players are one afterwards.

use serde_json::{Value, json};

use crate::support::{Server, game_ended, printed};

fn board(server: &Server) -> Vec<(String, i64)> {
    let board = server.get("/api/v2/leaderboard/global");
    let row = |row: &Value| {
        let player = row["user_id"].as_str().expect("a player").to_owned();
        (player, row["high_score"].as_i64().expect("a score"))
    };
    board["leaderboard"].as_array().expect("rows").iter().map(row).collect()
}

#[test]
fn a_player_is_moved_by_who_says_so_twice_and_what_still_comes_counts_for_the_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let sent = json!([
        game_ended("lost", 900),
        game_ended("lost", 300),
        game_ended("found", 500),
        game_ended("ann", 400),
        { "event_type": "nonsense", "user_id": "lost" },
    ]);
    let (status, answer) = server.post("/api/events", &sent).expect("an answer");
    assert_eq!((status, &answer["accepted"]), (200, &json!(4)), "{answer}");

    let looked = server.run(&["player", "move", "lost", "found"]);
    assert_eq!(looked.status.code(), Some(2), "{}", printed(&looked));
    for told in ["2 events", "1 entries of the quarantine", "cannot be taken back"] {
        assert!(printed(&looked).contains(told), "{told}: {}", printed(&looked));
    }
    assert_eq!(board(&server)[0], ("lost".to_owned(), 900), "nothing has happened");

    let moving = ["player", "move", "lost", "found", "--yes", "--note", "a new phone"];
    let moved = server.run(&moving);
    assert!(moved.status.success(), "{}", printed(&moved));
    assert!(printed(&moved).contains("lost is found now"), "{}", printed(&moved));
    let expected = [("found".to_owned(), 900), ("ann".to_owned(), 400)];
    assert_eq!(board(&server), expected);
    let again = server.run(&moving);
    assert!(again.status.success() && printed(&again).contains("lost is found already"));
    for refused in [["found", "lost"], ["lost", "ann"], ["ann", "ann"]] {
        let output = server.run(&["player", "move", refused[0], refused[1], "--yes"]);
        assert!(!output.status.success(), "{refused:?}: {}", printed(&output));
    }

    let late = json!([sent[0], game_ended("lost", 950)]);
    let (_, answer) = server.post("/api/events", &late).expect("an answer");
    assert_eq!(answer["accepted"], 2, "{answer}");
    assert_eq!(board(&server)[0], ("found".to_owned(), 950));
    let row = server.get("/api/v2/leaderboard/user/found");
    assert_eq!(row["user"]["total_games"], 4, "a resend counts once: {row}");
    let log = server.get("/api/admin/audit?act=movePlayer");
    assert_eq!(log["entries"][0]["note"], "a new phone", "{log}");
    for command in [&["verify"][..], &["rebuild", "--all"], &["verify"]] {
        let output = server.run(command);
        assert!(output.status.success(), "{command:?}: {}", printed(&output));
    }
    assert_eq!(board(&server)[0], ("found".to_owned(), 950), "the same after a rebuild");
}
