//! SIGHUP: the definition file is read again, and a mistake in it stops nothing.

use serde_json::Value;

use crate::support::{Server, game_ended, wait_for};

const LONGEST: &str = "
[leaderboards.longest]
event = \"game_ended\"
score = \"duration_seconds\"
operator = \"best\"
";

fn boards(server: &Server) -> Vec<Value> {
    let answer = server.get("/api/v2/leaderboards");
    let boards = answer["leaderboards"].as_array().expect("a list").iter();
    boards.map(|board| board["board"].clone()).collect()
}

#[test]
fn a_hang_up_reads_the_definition_again_and_a_mistake_leaves_the_old_one_in_force() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("game.toml");
    let sample = scoreline_core::game::SAMPLE;
    std::fs::write(&path, sample).expect("written");
    let server = Server::start_logging(folder.path(), "info", &["--game", "game.toml"]);
    let play = |score| server.post("/api/events", &game_ended("ann", score)).expect("an answer").0;
    assert_eq!(play(100), 200);
    assert_eq!(boards(&server), ["global", "weekly", "coins"]);

    std::fs::write(&path, format!("{sample}{LONGEST}")).expect("written");
    server.signal("HUP");
    wait_for("the new board", || (boards(&server).len() == 4).then_some(()));
    assert_eq!(play(200), 200);
    let board = server.get("/api/v2/leaderboards/longest");
    assert_eq!(board["leaderboard"][0]["score"], 11, "{board}");

    std::fs::write(&path, sample.replacen("operator = \"best\"", "operator = \"bset\"", 1))
        .expect("written");
    server.signal("HUP");
    wait_for("the refusal", || server.log().contains("the one in force stays").then_some(()));
    let log = server.log();
    let mistake = log.lines().find(|line| line.contains("mistake in the game definition"));
    assert!(mistake.is_some_and(|line| line.contains("bset")), "{log}");
    assert_eq!(boards(&server).len(), 4);
    assert_eq!(play(300), 200);

    std::fs::write(&path, sample).expect("written");
    server.signal("HUP");
    wait_for("the old boards", || (boards(&server).len() == 3).then_some(()));
    let user = server.get("/api/v2/leaderboard/user/ann");
    assert_eq!(
        (&user["user"]["total_games"], &user["user"]["high_score"]),
        (&3.into(), &300.into())
    );
    server.signal("TERM");
    assert!(server.wait().success());
}
