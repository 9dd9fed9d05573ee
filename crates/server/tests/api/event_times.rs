//! When events happened, as devices tell it, and which of it the server believes.

use serde_json::{Value, json};

use crate::story::{with, without};
use crate::test_app::{TestApp, at, days, eventually, hours};

/// What the list of recent events says of the last one.
async fn last(app: &TestApp) -> Value {
    app.get("/api/events/recent?limit=1").await["events"][0].clone()
}

#[tokio::test]
async fn every_spelling_of_a_time_is_read() {
    let app = TestApp::start().await;
    let spellings = [
        (json!("2026-11-23T09:30:00.000Z"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23T09:30:00Z"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23T09:30:00"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23T09:30:00.123456789Z"), "2026-11-23T09:30:00.123Z"),
        (json!("2026-11-23T15:00:00+05:30"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23 09:30:00"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23"), "2026-11-23T00:00:00.000Z"),
        (json!(1_795_426_200_000_i64), "2026-11-23T09:30:00.000Z"),
        (json!("1795426200000"), "2026-11-23T09:30:00.000Z"),
        (json!(1_795_426_200), "2026-11-23T09:30:00.000Z"),
        (json!("Mon, 23 Nov 2026 09:30:00 GMT"), "2026-11-23T09:30:00.000Z"),
        (json!("٢٠٢٦-١١-٢٣T٠٩:٣٠:٠٠Z"), "2026-11-23T09:30:00.000Z"),
        (json!("2026-11-23T09:30:00 AM+0000"), "2026-11-23T09:30:00.000Z"),
        (json!("2569-11-23T09:30:00Z"), "2026-11-23T09:30:00.000Z"),
        (json!("0008-11-23T09:30:00Z"), "2026-11-23T09:30:00.000Z"),
        (json!(1_795_426_200_000.0), "2026-11-23T09:30:00.000Z"),
    ];
    for (n, (spelling, expected)) in spellings.into_iter().enumerate() {
        let player = format!("player-{n}");
        let event = with(&app.game(&player, 10), "timestamp", spelling.clone());
        assert_eq!(app.post_events(&event).await["accepted"], 1, "{spelling}");
        let own = app.get(&format!("/api/events/recent?user_id={player}")).await;
        assert_eq!(own["events"][0]["timestamp"], expected, "{spelling}");
        assert_eq!(app.player(&player).await["last_played"], expected, "{spelling}");
    }
}

#[tokio::test]
async fn what_is_no_time_is_told_and_counts_as_of_the_receipt() {
    let app = TestApp::start().await;
    let nonsense = [
        json!("yesterday"),
        json!(""),
        json!("2026-13-01T00:00:00Z"),
        json!("2026-02-30"),
        json!("2026-11-23T25:00:00Z"),
        json!(true),
        json!({}),
        json!(1e18),
    ];
    for value in nonsense {
        let answer = app.post_events(&with(&app.game("ann", 10), "timestamp", value.clone())).await;
        assert_eq!(answer["accepted"], 1, "{value}");
        let flaw = &answer["flaws"][0];
        let expected = (&json!("invalid_timestamp"), &json!("timestamp"));
        assert_eq!((&flaw["code"], &flaw["field"]), expected, "{value}");
        assert_eq!(last(&app).await["clock_corrected"], true, "{value}");
    }
    assert_eq!(app.player("ann").await["last_played"], app.now().to_string());
    assert_eq!(app.games_of("ann").await, 8);
}

#[tokio::test]
async fn an_absurd_time_counts_as_of_the_receipt_and_is_flagged_and_never_lost() {
    let app = TestApp::start().await;
    let now = app.now();
    let minute = 60_000;
    let edges = [
        ("1970-01-01T00:00:00Z".to_owned(), true),
        ("1969-12-31T23:59:59Z".to_owned(), true),
        ("2099-01-01T00:00:00Z".to_owned(), true),
        ("-009998-01-01T00:00:00Z".to_owned(), true),
        ("9999-12-30T00:00:00Z".to_owned(), true),
        (now.plus_ms(-days(30)).to_string(), false),
        (now.plus_ms(-days(30) - 1).to_string(), true),
        (now.plus_ms(5 * minute).to_string(), false),
        (now.plus_ms(5 * minute + 1).to_string(), true),
    ];
    let count = edges.len();
    for (n, (time, is_absurd)) in edges.into_iter().enumerate() {
        let player = format!("player-{n}");
        let event = with(&app.game(&player, 10), "timestamp", time.clone());
        assert_eq!(app.post_events(&event).await["accepted"], 1, "{time}");
        let own = app.get(&format!("/api/events/recent?user_id={player}")).await;
        assert_eq!(own["events"][0]["clock_corrected"], is_absurd, "{time}");
        let last_played = app.player(&player).await["last_played"].clone();
        assert_eq!(last_played == now.to_string(), is_absurd, "{time} counts as of {last_played}");
        // Sent again, it is still the same event.
        assert_eq!(app.post_events(&event).await["accepted"], 1, "{time}");
        assert_eq!(app.games_of(&player).await, 1, "{time}");
    }
    let stats = app.get("/api/events/stats?timeframe=30d").await;
    assert_eq!(stats["summary"]["duplicate_events"], count, "{stats}");
}

#[tokio::test]
async fn sent_at_corrects_the_clock_of_a_device() {
    let app = TestApp::start().await;
    // Three years fast: the game ended ten minutes before it was sent.
    let event = with(&app.game("fast", 10), "timestamp", "2029-05-05T04:50:00Z");
    let body = json!({ "events": [event], "sent_at": "2029-05-05T05:00:00Z" });
    assert_eq!(app.post_events(&body).await["accepted"], 1);
    assert_eq!(last(&app).await["clock_corrected"], true);
    let hour = |stats: &Value| stats["hourly_distribution"][0].clone();
    let stats = app.get("/api/events/stats?timeframe=24h").await;
    let expected = json!({ "hour": "2026-11-23T09:00:00.000Z", "count": 1 });
    assert_eq!(hour(&stats), expected, "counted ten minutes before ten o'clock");
    assert_eq!(stats["summary"]["first_event"], "2026-11-23T09:50:00.000Z");

    // The same clock, sent again an hour later: another correction, the same event.
    app.advance(hours(1));
    let body = json!({ "events": body["events"], "sent_at": "2029-05-05T06:00:00Z" });
    app.post_events(&body).await;
    assert_eq!(app.games_of("fast").await, 1);
}

#[tokio::test]
async fn a_body_that_is_sent_again_hours_later_moves_none_of_its_events() {
    let app = TestApp::start().await;
    let two_hours_ago = app.now().plus_ms(-hours(2));
    let event = with(&app.game("ann", 10), "timestamp", two_hours_ago.plus_ms(-5_000).to_string());
    let body = json!({ "events": [event], "sent_at": two_hours_ago.to_string() });
    assert_eq!(app.post_events(&body).await["accepted"], 1);
    assert_eq!(last(&app).await["clock_corrected"], false);
    assert_eq!(app.player("ann").await["last_played"], two_hours_ago.plus_ms(-5_000).to_string());
}

#[tokio::test]
async fn a_sent_at_that_is_right_or_nonsense_changes_nothing() {
    let app = TestApp::start().await;
    for sent_at in [json!("2026-11-23T09:59:30Z"), json!("soon"), json!(null), json!({})] {
        let body = json!({ "events": [app.game("ann", 10)], "sent_at": sent_at });
        assert_eq!(app.post_events(&body).await["accepted"], 1, "{sent_at}");
        assert_eq!(last(&app).await["clock_corrected"], false, "{sent_at}");
    }
}

#[tokio::test]
async fn what_was_played_offline_weeks_ago_counts_when_it_was_played() {
    let app = TestApp::start().await;
    let three_weeks_ago = app.now().plus_ms(-days(21)).to_string();
    app.post_events(&with(&app.game("ann", 10), "timestamp", three_weeks_ago.clone())).await;
    assert_eq!(app.player("ann").await["last_played"], three_weeks_ago);
    let month = app.get("/api/events/stats?timeframe=30d").await;
    assert_eq!(month["hourly_distribution"][0]["hour"], "2026-11-02T10:00:00.000Z");
    let day = app.get("/api/events/stats?timeframe=24h").await;
    assert_eq!(day["summary"]["total_events"], 0, "yesterday nothing was played");
    let weekly = app.get("/api/v2/leaderboards/weekly").await;
    assert_eq!(weekly["total_players"], 1, "boards and tournaments go by the receipt");
}

#[tokio::test]
async fn first_and_last_seen_follow_the_time_of_the_events() {
    let app = TestApp::start().await;
    let day_before = app.now().plus_ms(-days(1)).to_string();
    app.plays("ann", 10).await;
    app.post_events(&with(&app.launch("ann"), "timestamp", day_before.clone())).await;
    eventually("both events", async || {
        let stats = app.get("/api/v2/players/ann/stats").await;
        let fits = stats["first_seen"] == day_before.as_str()
            && stats["last_seen"] == at("2026-11-23T10:00:00Z").to_string();
        if fits { Ok(()) } else { Err(stats) }
    })
    .await;
    let unnamed = without(&app.game("ann", 10), "event_id");
    assert_eq!(app.post_events(&unnamed).await["accepted"], 1);
}
