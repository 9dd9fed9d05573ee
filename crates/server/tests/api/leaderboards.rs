//! Who stands where, as players, their friends and a CDN see it.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{MINUTE_MS, TestApp, eventually};

const GLOBAL: &str = "/api/v2/leaderboard/global";

/// Twenty players with 20, 40, … 400 points, the best of them last.
async fn twenty_players(app: &TestApp) {
    let games: Vec<Value> = (1..=20).map(|n| app.game(&format!("p{n:02}"), n * 20)).collect();
    app.post_events(&json!(games)).await;
}

/// A page once it holds all players.
async fn page(app: &TestApp, path: &str, total: u64) -> Value {
    eventually(&format!("{total} players at {path}"), async || {
        let page = app.get(path).await;
        if page["total_players"] == total { Ok(page) } else { Err(page) }
    })
    .await
}

fn ranks(rows: &Value) -> Vec<(u64, &str)> {
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| {
        (row["rank"].as_u64().expect("a rank"), row["user_id"].as_str().expect("a player"))
    })
    .collect()
}

#[tokio::test]
async fn an_empty_board_is_a_board() {
    let app = TestApp::start().await;
    let board = app.get(&format!("{GLOBAL}?user_id=ann")).await;
    let expected = json!({
        "success": true, "leaderboard": [], "user_rank": null, "total_players": 0,
        "last_updated": "2026-11-23T10:00:00.000Z", "age_seconds": 0, "outdated": false,
        "cache_ttl_seconds": 1,
    });
    assert_eq!(board, expected);
    assert_eq!(app.player("ann").await, Value::Null);
}

#[tokio::test]
async fn the_global_board_shows_the_best_fifteen_and_the_own_rank() {
    let app = TestApp::start().await;
    twenty_players(&app).await;
    let board = page(&app, &format!("{GLOBAL}?user_id=p03"), 20).await;
    let rows = board["leaderboard"].as_array().expect("a list");
    assert_eq!(rows.len(), 15);
    let first = json!({
        "rank": 1, "user_id": "p20", "nickname": "Pilot", "high_score": 400, "total_games": 1,
        "last_played": "2026-11-23T10:00:00.000Z",
    });
    assert_eq!(rows[0], first);
    assert_eq!(ranks(&board["leaderboard"])[14], (15, "p06"));
    let own = json!({
        "rank": 18, "nickname": "Pilot", "high_score": 60, "total_games": 1, "in_top_15": false,
    });
    assert_eq!(board["user_rank"], own);
    let within = app.get(&format!("{GLOBAL}?user_id=p06&limit=3")).await;
    assert_eq!(within["user_rank"]["in_top_15"], true);
    assert_eq!(within["leaderboard"].as_array().map(Vec::len), Some(3));
    assert_eq!(app.get(&format!("{GLOBAL}?user_id=nobody")).await["user_rank"], Value::Null);
    assert_eq!(
        page(&app, &format!("{GLOBAL}?limit=1000"), 20).await["leaderboard"][19]["rank"],
        20
    );
    for bad in ["limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "user_id="] {
        let answer = app.send(Request::get(&format!("{GLOBAL}?{bad}"))).await;
        let field = bad.split('=').next().expect("a name");
        assert_eq!(answer.problem(400)["errors"][0]["field"], field, "{bad}");
    }
}

#[tokio::test]
async fn only_endless_games_count_and_only_the_best_of_them() {
    let app = TestApp::start().await;
    let story = with(&app.game("ann", 900), "game_mode", "story");
    app.post_events(&json!([app.game("ann", 50), app.game("ann", 80), app.game("ann", 30), story]))
        .await;
    app.board_shows(&[("ann", 80)]).await;
    assert_eq!(app.games_of("ann").await, 3);
}

#[tokio::test]
async fn a_player_is_told_rank_percentile_and_hours() {
    let app = TestApp::start().await;
    twenty_players(&app).await;
    let long = with(&app.game("p05", 10), "duration_seconds", 7_200 - 65 + 360);
    let earlier = with(&long, "timestamp", "2026-11-23T08:00:00Z");
    app.post_events(&earlier).await;
    let answer = app.get("/api/v2/leaderboard/user/p05").await;
    let user = json!({
        "user_id": "p05", "nickname": "Pilot", "rank": 16, "high_score": 100, "total_games": 2,
        "total_playtime_hours": "2.1", "last_played": "2026-11-23T10:00:00.000Z",
        "percentile": "25.0",
    });
    let expected = json!({
        "success": true, "found": true, "user": user, "total_players": 20, "age_seconds": 0,
        "outdated": false,
    });
    assert_eq!(answer, expected);
    assert_eq!(app.player("p20").await["percentile"], "100.0");
    assert_eq!(app.player("p01").await["percentile"], "5.0");
}

#[tokio::test]
async fn a_tie_goes_to_whoever_reached_the_score_first() {
    let app = TestApp::start().await;
    app.plays("early", 100).await;
    app.advance(MINUTE_MS);
    app.plays("late", 100).await;
    app.board_shows(&[("early", 100), ("late", 100)]).await;
    // Reaching it again later takes nothing away, and a better score is another matter.
    app.advance(MINUTE_MS);
    app.plays("early", 100).await;
    app.plays("late", 99).await;
    app.board_shows(&[("early", 100), ("late", 100)]).await;
    app.plays("late", 101).await;
    app.board_shows(&[("late", 101), ("early", 100)]).await;
    // At the same moment, the order is by player: any order would do, but it must stay one.
    let app = TestApp::start().await;
    app.post_events(&json!([app.game("zoe", 7), app.game("bob", 7), app.game("mia", 7)])).await;
    app.board_shows(&[("bob", 7), ("mia", 7), ("zoe", 7)]).await;
    let app = app.restart().await;
    app.board_shows(&[("bob", 7), ("mia", 7), ("zoe", 7)]).await;
}

#[tokio::test]
async fn a_score_is_on_the_board_as_soon_as_it_is_acknowledged() {
    let app = TestApp::start().await;
    for score in 1..=20 {
        app.plays("ann", score).await;
        assert_eq!(app.player("ann").await["high_score"], score, "no waiting, no cron");
        let own = app.get(&format!("{GLOBAL}?user_id=ann")).await["user_rank"].clone();
        assert_eq!(own["high_score"], score);
    }
}

#[tokio::test]
async fn a_nickname_shows_on_every_board_at_once_and_works_before_the_first_score() {
    let app = TestApp::start().await;
    let path = "/api/v2/leaderboard/update-nickname";
    let rename = async |name: &str| {
        let answer =
            app.post(path, &json!({ "user_id": "ann", "nickname": name })).await.expect(200);
        (answer["success"].clone(), answer["nickname"].clone())
    };
    assert_eq!(rename("  Ace One ").await, (json!(true), json!("Ace One")), "trimmed");
    app.post_events(&json!([app.game("ann", 10), app.coins("ann", 5), app.game("ben", 5)])).await;
    app.board_shows(&[("ann", 10), ("ben", 5)]).await;
    rename("飛行機王").await;
    let tournament = "/api/v2/tournaments/weekly_2026_w48/leaderboard";
    for page in [GLOBAL, "/api/v2/leaderboards/weekly", "/api/v2/leaderboards/coins", tournament] {
        let rows = app.get(page).await["leaderboard"].clone();
        assert_eq!(rows[0]["nickname"], "飛行機王", "{page}: {rows}");
    }
    assert_eq!(app.player("ann").await["nickname"], "飛行機王");
    assert_eq!(app.get("/api/v2/players/ann/stats").await["nickname"], "飛行機王");
    let own = app.get(&format!("{GLOBAL}?user_id=ann")).await;
    assert_eq!(own["user_rank"]["nickname"], "飛行機王");
    let app = app.restart().await;
    assert_eq!(app.player("ann").await["nickname"], "飛行機王");
    assert_eq!(app.player("ben").await["nickname"], "Pilot");
}

#[tokio::test]
async fn what_is_no_nickname_is_refused_in_the_words_that_clients_know() {
    let app = TestApp::start().await;
    let path = "/api/v2/leaderboard/update-nickname";
    let missing = "user_id and nickname required";
    for body in [
        json!({}),
        json!({ "user_id": "ann" }),
        json!({ "nickname": "Ace" }),
        json!({ "user_id": "", "nickname": "Ace" }),
        json!({ "user_id": "ann", "nickname": "" }),
        json!({ "user_id": "ann", "nickname": null }),
        json!({ "user_id": 7, "nickname": "Ace" }),
    ] {
        app.post(path, &body).await.refused(missing);
    }
    let problem = app.post(path, &json!({ "user_id": 7, "nickname": "" })).await.refused(missing);
    let faults = json!([
        { "field": "user_id", "reason": "must be a text, but is 7" },
        { "field": "nickname", "reason": "must not be empty" },
    ]);
    assert_eq!(problem["errors"], faults, "older clients read the words, newer ones the fields");
    app.send(Request::post(path)).await.refused(missing);
    let refuse = async |name: String, error: &str| {
        let body = json!({ "user_id": "ann", "nickname": name });
        let problem = app.post(path, &body).await.refused(error);
        assert_eq!(problem["errors"][0]["field"], "nickname");
    };
    for name in ["ab", "   ", " a ", "飛行", &"x".repeat(21), &"x".repeat(100_000)] {
        refuse(name.to_owned(), "Nickname must be 3-20 characters").await;
    }
    for name in ["a_b_c", "<b>x</b>", "ace!", "a\0bc", "😀😀😀", "ace\nace"] {
        refuse(name.to_owned(), "Nickname can only contain letters, numbers, and spaces").await;
    }
    for name in ["a\u{202e}bc", "\u{3164}\u{3164}\u{3164}", "Ad\u{34f}min", "Ad\u{200d}min"] {
        refuse(name.to_owned(), "Nickname must not contain invisible characters").await;
    }
    let piled = format!("a{}", "\u{335}".repeat(19));
    refuse(piled, "Nickname must not pile marks on a letter").await;
    let imitation = "\u{410}dmin".to_owned();
    refuse(imitation, "Nickname must not mix letters with look-alikes of another script").await;
    for name in ["Ace", &"x".repeat(20), "Зоя 7", "नमस्ते", "٣٤٥", "A 1", "می\u{200c}خواهم"]
    {
        app.post(path, &json!({ "user_id": "ann", "nickname": name })).await.expect(200);
    }
}
