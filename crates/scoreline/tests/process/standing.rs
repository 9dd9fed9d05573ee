//! `scoreline player`: bans, and events that do not count.

use serde_json::json;

use crate::support::{Server, game_ended, printed, wait_for};

#[test]
fn players_are_banned_and_their_events_voided_and_both_taken_back_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let told = |arguments: &[&str]| {
        let output = server.run(arguments);
        assert!(output.status.success(), "{}", printed(&output));
        printed(&output)
    };
    let events = json!([game_ended("device/1", 900), game_ended("ben", 100)]);
    assert_eq!(server.post("/api/events", &events).expect("an answer").0, 200);
    let first_is = |player: &str| {
        wait_for(player, || {
            let board = server.get("/api/v2/leaderboard/global");
            (board["leaderboard"][0]["user_id"] == player).then_some(())
        });
    };
    first_is("device/1");

    let banned = told(&["player", "ban", "device/1", "--shadow", "--note", "a changed app"]);
    assert_eq!(banned, "device/1 is on no board, and sees the boards as before\n");
    first_is("ben");
    let lifted = told(&["player", "unban", "device/1"]);
    assert_eq!(lifted, "device/1 is on the boards again, with all that was counted\n");
    first_is("device/1");

    let void = ["player", "void", "device/1", "--event-type", "game_ended", "--note", "x"];
    let dry = told(&[&void[..], &["--dry-run"]].concat());
    assert_eq!(dry, "1 events of device/1 are meant; nothing was changed\n");
    assert_eq!(told(&void), "1 of 1 events of device/1 do not count any more\n");
    first_is("ben");
    assert_eq!(told(&void), "0 of 1 events of device/1 do not count any more\n");
    let back = told(&["player", "unvoid", "device/1", "--note", "it was a mistake"]);
    assert_eq!(back, "1 of 1 events of device/1 count again\n");
    first_is("device/1");
    for wrong in [
        &["player", "void", "ben"][..],
        &["player", "void", "ben", "--from", "yesterday", "--note", "x"],
        &["player", "void", "ben", "--event", "nothing", "--note", "x"],
        &["player", "ban", "ben", "--until", "soon"],
    ] {
        let refused = server.run(wrong);
        assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    }
}
