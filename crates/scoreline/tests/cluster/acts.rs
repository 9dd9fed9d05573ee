//! Levers on players and events: used at one of three nodes, seen at the others, and obeyed by what comes later.

use scoreline_testkit::postgres::Server;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::node::{Node, wait_for};
use crate::redis_away::{game, play};

/// The definition: the sample, with a rule whose breach waits for an operator.
const GAME: &str = concat!(
    include_str!("../../../core/src/game/sample.toml"),
    "\n[[plausibility]]\nevent = \"game_ended\"\nfield = \"coins_collected\"\nat_most = 10\n\
     times = \"duration_seconds\"\nthen = \"review\"\n"
);

/// Posts as the operator; the answer, which must be one of success.
#[track_caller]
fn act(node: &Node, path: &str, body: &Value) -> Value {
    let (status, answer) = node.post(path, body);
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

/// Who is on the board that a node shows, in order, as `seen_by` sees it.
fn board(node: &Node, seen_by: &str) -> Vec<String> {
    let (_, answer) = node.get(&format!("/api/v2/leaderboard/global?limit=50&user_id={seen_by}"));
    let rows = answer["leaderboard"].as_array().into_iter().flatten();
    rows.filter_map(|row| Some(row["user_id"].as_str()?.to_owned())).collect()
}

/// Waits until all nodes show this board to somebody who is not on it.
#[track_caller]
fn all_show(cluster: &Cluster<'_>, what: &str, players: &[&str]) {
    for node in &cluster.nodes {
        wait_for(&format!("{what} at {}", node.address), || {
            (board(node, "nobody") == players).then_some(())
        });
    }
}

/// Waits until all nodes say this of something.
#[track_caller]
fn all_say(cluster: &Cluster<'_>, what: &str, path: &str, holds: impl Fn(&Value) -> bool) {
    for node in &cluster.nodes {
        wait_for(&format!("{what} at {}", node.address), || holds(&node.get(path).1).then_some(()));
    }
}

#[test]
fn what_an_operator_does_at_one_node_holds_at_all_and_for_what_comes_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let definition = folder.path().join("game.toml");
    std::fs::write(&definition, GAME).expect("the definition is written");
    let cluster = Cluster::start_with(Server::shared().database(), 3, |surroundings| {
        let definition = definition.to_str().expect("a plain path").to_owned();
        surroundings.settings.push(("SCORELINE_GAME", definition));
    });
    let [one, two, three] = &cluster.nodes[..] else { panic!("three nodes") };
    for (node, (player, score)) in [one, two, three].into_iter().cycle().zip([
        ("ann", 900),
        ("bob", 800),
        ("cas", 700),
        ("dee", 600),
        ("eve", 500),
        ("fay", 400),
    ]) {
        play(node, player, score);
    }
    all_show(&cluster, "everybody", &["ann", "bob", "cas", "dee", "eve", "fay"]);

    // A ban, lifted at another node, and one that its player does not see.
    act(one, "/api/v2/players/bob/ban", &json!({ "note": "a cheat" }));
    all_show(&cluster, "the ban", &["ann", "cas", "dee", "eve", "fay"]);
    act(two, "/api/v2/players/bob/unban", &json!({ "note": "no cheat" }));
    act(three, "/api/v2/players/cas/ban", &json!({ "note": "a cheat", "shadow": true }));
    all_show(&cluster, "both", &["ann", "bob", "dee", "eve", "fay"]);
    for node in &cluster.nodes {
        assert_eq!(board(node, "cas")[2], "cas", "who is banned in the shadow sees nothing of it");
    }

    // Events that do not count, and do again.
    let of_ann = json!({ "filter": { "user_id": "ann" }, "note": "refunded" });
    assert_eq!(act(two, "/api/events/void", &of_ann)["changed"], 1);
    all_show(&cluster, "the void", &["bob", "dee", "eve", "fay"]);
    let games = |count: i64| {
        move |answer: &Value| answer["statistics"]["games_played"].as_i64().unwrap_or(0) == count
    };
    all_say(&cluster, "no games", "/api/v2/players/ann/stats", games(0));
    assert_eq!(act(three, "/api/events/unvoid", &of_ann)["changed"], 1);
    all_show(&cluster, "the end of it", &["ann", "bob", "dee", "eve", "fay"]);
    all_say(&cluster, "one game", "/api/v2/players/ann/stats", games(1));

    // A move, and what still comes under the former id, through another node and the queue.
    act(one, "/api/v2/players/dee/move", &json!({ "to": "dan", "note": "a new phone" }));
    all_show(&cluster, "the move", &["ann", "bob", "dan", "eve", "fay"]);
    play(three, "dee", 650);
    all_say(&cluster, "both games", "/api/v2/leaderboard/user/dan", |answer| {
        answer["user"]["total_games"] == 2 && answer["user"]["high_score"] == 650
    });

    // An erasure, and what still comes of who is erased.
    let begun = two.delete("/api/v2/players/eve", &json!({ "confirm": "eve", "note": "asked" }));
    assert_eq!(begun.0, 202, "{}", begun.1);
    all_show(&cluster, "the erasure", &["ann", "bob", "dan", "fay"]);
    let job = format!("/api/admin/jobs/{}", begun.1["job_id"].as_str().expect("a job"));
    all_say(&cluster, "the end of the job", &job, |answer| answer["status"] == "done");
    for node in &cluster.nodes {
        let late = game("eve", 550);
        let (_, answer) = node.post("/api/events", &late);
        assert_eq!(answer["rejected"][0]["code"], "player_erased", "{answer}");
    }

    // A prize that is taken back.
    let award = json!({ "user_id": "fay", "items": { "coins": 5, "gems": 1 }, "note": "sorry" });
    let prize =
        act(three, "/api/v2/prizes", &award)["prize_id"].as_str().expect("an id").to_owned();
    let pending = "/api/v2/prizes/pending?user_id=fay";
    all_say(&cluster, "the prize", pending, |answer| answer["count"] == 1);
    act(one, &format!("/api/v2/prizes/{prize}/revoke"), &json!({ "note": "too much" }));
    all_say(&cluster, "no prize", pending, |answer| answer["count"] == 0);

    // A score that breaks a rule counts once an operator accepts it.
    let (_, answer) = one.post("/api/events", &hoard("gus", 990));
    assert_eq!(answer["accepted"], 1, "{answer}");
    let waiting = "/api/admin/review?user_id=gus";
    all_say(&cluster, "what waits", waiting, |answer| answer["count"] == 1);
    assert_eq!(board(three, "nobody")[0], "ann", "it does not count yet");
    let accept = json!({ "decision": "accept", "user_id": "gus", "note": "I saw it" });
    assert_eq!(act(two, "/api/admin/review", &accept)["changed"], 1);
    let all = ["gus", "ann", "bob", "dan", "fay"];
    all_show(&cluster, "what was accepted", &all);

    for command in [&["verify"][..], &["rebuild", "--all"], &["verify", "--ranks"]] {
        let (succeeded, printed) = one.run(command);
        assert!(succeeded, "{command:?}: {printed}");
    }
    all_show(&cluster, "the same after a rebuild", &all);
}

/// A game in which more was collected than is plausible.
fn hoard(player: &str, score: u64) -> Value {
    let mut hoard = game(player, score);
    hoard["coins_collected"] = json!(6_001);
    hoard
}
