//! Statistics of players, as the definition counts them.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{TestApp, hours};

#[tokio::test]
async fn the_statistics_of_the_definition_are_counted_from_all_events() {
    let app = TestApp::start().await;
    let story = with(&app.game("ann", 900), "game_mode", "story");
    let ad = |kind: &str| {
        let mut ad = app.launch("ann");
        ad["event_type"] = json!("ad_watched");
        ad["ad_type"] = json!(kind);
        ad["ad_placement"] = json!("menu");
        ad
    };
    let mut purchase = app.launch("ann");
    for (field, value) in [
        ("event_type", json!("purchase_completed")),
        ("product_id", json!("gems")),
        ("product_type", json!("consumable")),
        ("price_usd", json!("4.99")),
        ("currency_code", json!("USD")),
        ("transaction_id", json!("t1")),
    ] {
        purchase[field] = value;
    }
    let first_seen = app.now();
    let batch = json!([
        app.game("ann", 100),
        story,
        app.coins("ann", 70),
        ad("rewarded"),
        ad("interstitial"),
        ad("banner"),
        purchase,
        app.game("ben", 5),
    ]);
    assert_eq!(app.post_events(&batch).await["accepted"], 8);
    app.advance(hours(2));
    app.plays("ann", 60).await;
    let answer = app.get("/api/v2/players/ann/stats").await;
    let statistics = json!({
        "games_played": 3, "best_score": 100, "total_score": 1060,
        "total_playtime_seconds": 65 + 105 + 63, "coins_collected": 9, "gems_collected": 3,
        "levels_completed": 0, "perfect_levels": 0, "stars_earned": 0, "coins_earned": 70,
        "coins_spent": 0, "purchases": 1, "revenue_cents": 499, "ads_watched": 2,
    });
    let expected = json!({
        "success": true, "user_id": "ann", "nickname": "Pilot",
        "first_seen": first_seen.to_string(), "last_seen": app.now().to_string(),
        "statistics": statistics,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn of_a_player_nothing_was_heard_of_there_are_no_statistics() {
    let app = TestApp::start().await;
    let problem = app.send(Request::get("/api/v2/players/nobody/stats")).await.problem(404);
    assert_eq!(problem["type"], "/problems/not-found");
    let body = json!({ "user_id": "named", "nickname": "Only A Name" });
    app.post("/api/v2/leaderboard/update-nickname", &body).await.expect(200);
    let named = app.get("/api/v2/players/named/stats").await;
    assert_eq!((&named["nickname"], &named["first_seen"]), (&json!("Only A Name"), &Value::Null));
    assert_eq!(named["statistics"]["games_played"], 0);
    let long = format!("/api/v2/players/{}/stats", "x".repeat(256));
    app.send(Request::get(&long)).await.problem(400);
}
