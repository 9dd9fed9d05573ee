//! What may stand in an event, and what its sender is told where it may not.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::{with, without};
use crate::test_app::TestApp;

/// Posts one event as text, for what a JSON library would not write.
async fn post_text(app: &TestApp, text: String) -> Value {
    app.send(Request::post("/api/events").body(text)).await.expect(200)
}

#[tokio::test]
async fn numbers_as_digit_strings_are_numbers() {
    let app = TestApp::start().await;
    let mut event = app.game("ann", 0);
    for (field, digits) in [("score", "1200"), ("duration_seconds", " 90 "), ("max_combo", "2.0")] {
        event[field] = json!(digits);
    }
    assert_eq!(app.post_events(&event).await["accepted"], 1);
    app.board_shows(&[("ann", 1200)]).await;
    let statistics = app.get("/api/v2/players/ann/stats").await["statistics"].clone();
    assert_eq!(statistics["total_playtime_seconds"], 90);
    for nonsense in ["", " ", "12a", "0x10", "NaN", "Infinity", "１２", "1,000", "null"] {
        let rejected = app.post_rejected(&with(&event, "score", nonsense)).await;
        assert_eq!(rejected["code"], "wrong_type", "{nonsense:?}");
        assert_eq!(rejected["field"], "score", "{nonsense:?}");
    }
}

#[tokio::test]
async fn whole_numbers_up_to_two_to_the_53_are_exact_and_greater_ones_are_named() {
    const MAX: i64 = 9_007_199_254_740_991;
    let app = TestApp::start().await;
    let coins = app.coins("ann", MAX);
    assert_eq!(app.post_events(&coins).await["accepted"], 1);
    app.page_shows("/api/v2/leaderboards/coins", "score", &[("ann", MAX)]).await;
    let too_great = [
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e300",
        "1e999",
        "\"9007199254740993\"",
        "123456789012345678901234567890",
    ];
    for number in too_great {
        let text = app.coins("ann", 4711).to_string().replace("4711", number);
        let answer = post_text(&app, text).await;
        assert_eq!(answer["rejected"][0]["code"], "out_of_range", "{number}: {answer}");
        assert_eq!(answer["rejected"][0]["field"], "amount", "{number}");
    }
    // Kept as it came: no digit of what was sent is lost on the way to the operator.
    let kept = app.quarantine().await;
    assert!(kept.iter().any(|entry| entry["event"].to_string().contains("18446744073709551616")));
    let text = with(&app.game("ann", 7), "unknown", 1).to_string();
    let answer = post_text(&app, text.replace("\"unknown\":1", "\"unknown\":1e400")).await;
    assert_eq!(answer["accepted"], 1, "an unknown field is kept whatever it holds: {answer}");
}

#[tokio::test]
async fn negative_and_absurd_scores_are_kept_away_from_the_board() {
    let app = TestApp::start().await;
    let game = app.game("ann", 100);
    for (score, code) in [
        (json!(-1), "out_of_range"),
        (json!(1.5), "wrong_type"),
        (json!(null), "missing_field"),
        (json!(true), "wrong_type"),
        (json!([1]), "wrong_type"),
        (json!({}), "wrong_type"),
        (json!(1_000_000_000), "out_of_range"),
        (json!(9_000_000), "implausible"),
    ] {
        let rejected = app.post_rejected(&with(&game, "score", score.clone())).await;
        assert_eq!((&rejected["code"], &rejected["field"]), (&json!(code), &json!("score")));
    }
    assert_eq!(app.player("ann").await, Value::Null);
    let zero = with(&app.game("ann", 0), "score", json!(-0.0));
    assert_eq!(app.post_events(&zero).await["accepted"], 1, "minus zero is zero");
    app.board_shows(&[("ann", 0)]).await;
}

#[tokio::test]
async fn nul_characters_are_told_wherever_they_stand_and_hurt_nobody() {
    let app = TestApp::start().await;
    let game = app.game("ann", 100);
    for field in ["user_id", "cause_of_death", "app_version", "event_type"] {
        let rejected = app.post_rejected(&with(&game, field, "a\0b")).await;
        assert_eq!(rejected["code"], "nul_character", "{field}: {rejected}");
        assert_eq!(rejected["field"], field);
    }
    assert_eq!(app.quarantine().await.len(), 4);
    let nested = with(&app.game("ann", 100), "deep", json!({ "list": ["a", "\0"] })).to_string();
    let in_a_key = app.game("ann", 100).to_string().replacen('{', "{\"a\\u0000b\":1,", 1);
    for text in [with(&game, "something_new", "a\0b").to_string(), nested, in_a_key] {
        let answer = post_text(&app, text).await;
        assert_eq!(answer["accepted"], 1, "nothing depends on it: {answer}");
        assert_eq!(answer["flaws"][0]["code"], "nul_character", "{answer}");
    }
    assert_eq!(app.games_of("ann").await, 3);
}

#[tokio::test]
async fn half_of_a_surrogate_pair_is_no_character_and_both_halves_are_one() {
    let app = TestApp::start().await;
    let text = |field: &str, value: &str| {
        let event = with(&app.game("ann", 1), field, "VALUE");
        event.to_string().replace("VALUE", value)
    };
    for half in ["\\ud800", "\\udc00", "a\\ud83d b", "\\udc00\\ud800"] {
        let answer = post_text(&app, text("cause_of_death", half)).await;
        assert_eq!(answer["rejected"][0]["field"], "cause_of_death", "{half}: {answer}");
        let answer = post_text(&app, text("locale", half)).await;
        assert_eq!(answer["flaws"][0]["field"], "locale", "{half}: {answer}");
    }
    assert_eq!(post_text(&app, text("cause_of_death", "\\ud83d\\ude80")).await["accepted"], 1);
    assert_eq!(app.games_of("ann").await, 5);
}

#[tokio::test]
async fn any_script_and_emoji_are_kept_as_they_came() {
    let app = TestApp::start().await;
    for player in
        ["玩家-一", "🚀🛩️", "مرحبا", "e\u{301}", "' OR 1=1 --", "a b", "%00", "../..", "\u{202e}x"]
    {
        app.plays(player, 100).await;
        let path = format!("/api/events/recent?limit=1&user_id={}", percent_encoded(player));
        let recent = app.get(&path).await;
        assert_eq!(recent["events"][0]["user_id"], player);
        let own = app.player(&percent_encoded(player)).await;
        assert_eq!((&own["user_id"], &own["nickname"]), (&json!(player), &json!("Pilot")));
    }
}

/// Every byte that is not plain, as an address writes it.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes everything");
        }
        encoded
    })
}

#[tokio::test]
async fn player_ids_have_1_to_255_characters() {
    let app = TestApp::start().await;
    let longest = "é".repeat(255);
    app.plays(&longest, 10).await;
    app.board_shows(&[(&longest, 10)]).await;
    let game = app.game("ann", 100);
    for (id, code) in [
        (json!("é".repeat(256)), "wrong_length"),
        (json!("x".repeat(300)), "wrong_length"),
        (json!(""), "unidentified_player"),
        (json!("  "), "unidentified_player"),
        (json!("null"), "unidentified_player"),
        (json!("[object Object]"), "unidentified_player"),
        (json!("00000000-0000-0000-0000-000000000000"), "unidentified_player"),
        (json!(7), "wrong_type"),
        (json!(null), "missing_field"),
    ] {
        let rejected = app.post_rejected(&with(&game, "user_id", id.clone())).await;
        assert_eq!(rejected["code"], code, "{id}");
        assert_eq!(rejected["field"], "user_id", "{id}");
    }
    assert_eq!(app.post_rejected(&without(&game, "user_id")).await["code"], "missing_field");
    let path = format!("/api/v2/leaderboard/user/{}", "x".repeat(300));
    app.send(Request::get(&path)).await.problem(400);
}
