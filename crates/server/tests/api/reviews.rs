//! Suspicious scores: only their players see them until somebody decides (docs/fair-play.md).

use scoreline_core::game::SAMPLE;
use serde_json::{Value, json};

use crate::test_app::{TestApp, eventually};

const REVIEW: &str = "/api/admin/review";

/// The sample game, in which scores of more than ten points a second are suspicious.
async fn watched() -> TestApp {
    let rule = "[[plausibility]]\nevent = \"game_ended\"\nfield = \"score\"\nat_most = 10\n\
                times = \"duration_seconds\"\nthen = \"review\"\n";
    TestApp::with().game(format!("{SAMPLE}\n{rule}")).start().await
}

/// A game of so many seconds.
fn game(app: &TestApp, player: &str, score: i64, seconds: i64) -> Value {
    let mut game = app.game(player, score);
    game["duration_seconds"] = json!(seconds);
    game
}

/// The rows of the main board as somebody sees them.
async fn seen_by(app: &TestApp, viewer: &str) -> Vec<(u64, String, i64)> {
    let page = app.get(&format!("/api/v2/leaderboard/global?user_id={viewer}")).await;
    let row = |row: &Value| {
        let player = row["user_id"].as_str().expect("a player").to_owned();
        let rank = row["rank"].as_u64().expect("a rank");
        (rank, player, row["high_score"].as_i64().expect("a score"))
    };
    page["leaderboard"].as_array().expect("a list").iter().map(row).collect()
}

fn rows<const N: usize>(rows: [(&str, i64); N]) -> Vec<(u64, String, i64)> {
    (1..).zip(rows).map(|(rank, (player, score))| (rank, player.to_owned(), score)).collect()
}

#[tokio::test]
async fn a_score_in_review_is_seen_by_its_player_alone_until_somebody_accepts_it() {
    let app = watched().await;
    app.post_events(&json!([game(&app, "ann", 100, 60), game(&app, "ben", 300, 60)])).await;
    app.board_shows(&[("ben", 300), ("ann", 100)]).await;
    let held = game(&app, "ann", 900, 60);
    let answer = app.post_events(&json!([held, game(&app, "cy", 800, 60)])).await;
    assert_eq!(answer["success"], true, "a device is not told");
    eventually("what is held is listed", async || {
        let listed = app.operator_get(REVIEW).await;
        if listed["count"] == 2 { Ok(()) } else { Err(listed) }
    })
    .await;
    assert_eq!(seen_by(&app, "ben").await, rows([("ben", 300), ("ann", 100)]));
    assert_eq!(seen_by(&app, "ann").await, rows([("ann", 900), ("ben", 300)]));
    assert_eq!(
        seen_by(&app, "cy").await,
        rows([("cy", 800), ("ben", 300), ("ann", 100)]),
        "who has no other score sees that one"
    );
    let own = app.get("/api/v2/leaderboard/user/ann").await;
    let user = &own["user"];
    assert_eq!((&user["rank"], &user["high_score"]), (&json!(1), &json!(900)), "{own}");
    app.post_events(&held).await;
    assert_eq!(app.operator_get(REVIEW).await["count"], 2, "a resend is no second entry");

    let app = app.restart().await;
    assert_eq!(seen_by(&app, "ann").await, rows([("ann", 900), ("ben", 300)]));
    let listed = app.operator_get(&format!("{REVIEW}?user_id=ann&rule=plausibility")).await;
    let entry = &listed["reviews"][0];
    assert_eq!((&entry["state"], &entry["event_id"]), (&json!("waiting"), &held["event_id"]));
    assert!(entry["reason"].as_str().is_some_and(|reason| reason.contains("at most 10")));
    let body = json!({ "decision": "accept", "ids": [entry["id"]], "note": "I saw it" });
    assert_eq!(app.operate(REVIEW, &body).await.expect(200)["changed"], 1);
    assert_eq!(app.operate(REVIEW, &body).await.expect(200)["changed"], 0);
    assert_eq!(seen_by(&app, "ben").await, rows([("ann", 900), ("ben", 300)]));
    let body = json!({ "decision": "refuse", "user_id": "cy", "note": "a changed app" });
    assert_eq!(app.operate(REVIEW, &body).await.expect(200)["changed"], 1);
    assert_eq!(seen_by(&app, "cy").await, rows([("ann", 900), ("ben", 300)]));
    let refused = app.operator_get(&format!("{REVIEW}?state=refused")).await;
    assert_eq!(refused["reviews"][0]["note"], "a changed app");
    let log = app.operator_get("/api/admin/audit?target=cy").await;
    assert_eq!(log["entries"][0]["act"], "decideReviews");
}

#[tokio::test]
async fn what_is_asked_of_the_review_list_must_make_sense() {
    let app = watched().await;
    for (body, field) in [
        (json!({ "decision": "accept", "note": "x" }), "ids"),
        (json!({ "decision": "perhaps", "ids": [1], "note": "x" }), "decision"),
        (json!({ "decision": "accept", "ids": [1] }), "note"),
        (json!({ "decision": "accept", "ids": vec![1; 1_001], "note": "x" }), "ids"),
    ] {
        let problem = app.operate(REVIEW, &body).await.expect(400);
        assert!(problem["detail"].as_str().is_some_and(|it| it.contains(field)), "{problem}");
    }
    let none = json!({ "decision": "accept", "ids": [99], "note": "x" });
    assert_eq!(app.operate(REVIEW, &none).await.expect(200)["changed"], 0);
}

#[tokio::test]
async fn many_scores_are_decided_at_once_by_rule_and_age() {
    let app = watched().await;
    app.post_events(&json!([game(&app, "ann", 900, 60), game(&app, "ben", 800, 60)])).await;
    eventually("both are held", async || {
        let listed = app.operator_get(REVIEW).await;
        if listed["count"] == 2 { Ok(()) } else { Err(listed) }
    })
    .await;
    let decide = async |conditions: Value| {
        let mut body = json!({ "decision": "refuse", "note": "x" });
        let conditions = conditions.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(conditions);
        app.operate(REVIEW, &body).await.expect(200)["changed"].clone()
    };
    assert_eq!(decide(json!({ "rule": "clock" })).await, 0);
    let (before, after) = (app.now().plus_ms(-1_000), app.now().plus_ms(1_000));
    let (before, after) = (before.to_string(), after.to_string());
    let older = app.operator_get(&format!("{REVIEW}?held_before={before}")).await;
    assert_eq!(older["count"], 0);
    assert_eq!(decide(json!({ "rule": "plausibility", "held_before": before })).await, 0);
    assert_eq!(decide(json!({ "rule": "plausibility", "held_before": after })).await, 2);
    assert_eq!(app.operator_get(REVIEW).await["count"], 0);
}

#[tokio::test]
async fn a_run_that_begins_brings_a_ticket_which_its_end_must_bring_back_once() {
    let with_field = SAMPLE.replace(
        "[events.game_ended.fields]\n",
        "[events.game_ended.fields]\nticket = { type = \"string\" }\n",
    );
    let rule = "[tickets]\nbegins = \"game_started\"\nends = \"game_ended\"\nfield = \"ticket\"\n\
                least_seconds = 5\n";
    let app = TestApp::with().game(format!("{with_field}\n{rule}")).start().await;
    let begun = json!({
        "event_type": "game_started", "user_id": "ann", "timestamp": app.now().to_string(),
        "app_version": "1.0.0", "platform": "ios", "game_mode": "endless", "selected_jet": "red",
        "hearts_remaining": 3, "event_id": "018f2c7e-0000-7000-8000-000000000001",
    });
    let answer = app.post_events(&json!([app.launch("ann"), begun])).await;
    let given = &answer["tickets"][0];
    assert_eq!((&given["index"], &given["event_id"]), (&json!(1), &begun["event_id"]), "{answer}");
    assert!(app.post_events(&app.launch("ann")).await["tickets"].is_null());
    app.advance(6_000);
    let ended = |score| {
        let mut game = game(&app, "ann", score, 60);
        game["ticket"] = given["ticket"].clone();
        game
    };
    let first = ended(100);
    app.post_events(&json!([first])).await;
    app.board_shows(&[("ann", 100)]).await;
    app.post_events(&json!([first, ended(200), game(&app, "ann", 300, 60)])).await;
    let listed = eventually("two are held", async || {
        let listed = app.operator_get(REVIEW).await;
        if listed["count"] == 2 { Ok(listed) } else { Err(listed) }
    })
    .await;
    let reasons: Vec<&str> = listed["reviews"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["reason"].as_str())
        .collect();
    assert!(reasons.contains(&"brings a ticket that came back before"), "{reasons:?}");
    assert!(reasons.contains(&"brings no ticket in ticket"), "{reasons:?}");
    app.board_shows(&[("ann", 100)]).await;
}
