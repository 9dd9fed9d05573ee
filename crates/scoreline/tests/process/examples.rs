//! What examples/ shows works as it stands.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use uuid::Uuid;

use crate::support::{Server, printed, run};

fn example(name: &str) -> PathBuf {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    crates.join("../../examples").join(name).canonicalize().expect("the example is there")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "devices give every event an id of its own")]
fn the_second_game_has_no_mistakes_and_ranks_its_players() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let game = example("word-duel.toml").display().to_string();
    let checked = run(folder.path(), &["check", &game]);
    assert_eq!(checked.status.code(), Some(0), "{}", printed(&checked));

    let server = Server::start(folder.path(), &["--game", &game]);
    let matches: Vec<_> = [("ann", "won", 1_216), ("bob", "lost", 1_184)]
        .into_iter()
        .map(|(player, result, rating)| {
            json!({
                "event_type": "match_ended", "user_id": player, "event_id": Uuid::new_v4(),
                "timestamp": "2026-11-23T10:00:00Z", "app_version": "1.0.0", "platform": "web",
                "match_id": Uuid::nil(), "opponent": "somebody", "result": result, "rating": rating,
                "words": 14, "points": 230, "longest_word": "quartz", "seconds": 90,
            })
        })
        .collect();
    let (status, answer) = server.post("/api/events", &json!(matches)).expect("an answer");
    assert_eq!((status, &answer["accepted"]), (200, &json!(2)), "{answer}");
    let board = server.get("/api/v2/leaderboard/global");
    assert_eq!(board["leaderboard"][0]["user_id"], "ann", "{board}");
    assert_eq!(board["leaderboard"][0]["high_score"], 1_216, "{board}");
    let wins = server.get("/api/v2/leaderboards/season_wins");
    assert_eq!(wins["total_players"], 1, "{wins}");
}

#[test]
fn the_client_sends_a_game_and_reads_its_rank() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let mut client = Command::new("python3");
    client.arg(example("client.py")).args([&server.base, "ann"]);
    let output = client.output().expect("python3 is installed; scripts/test installs it");
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(printed(&output), "rejected: []\nrank: 1\n");
}
