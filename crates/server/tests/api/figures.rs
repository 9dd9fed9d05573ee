//! What operators look at every second: totals, players, types, hours, the queue, the last events.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::{with, without};
use crate::test_app::{HOUR_MS, MINUTE_MS, TestApp, days, eventually};

/// The figures of a time span once their total is `total`: they may be a second old.
async fn stats(app: &TestApp, timeframe: &str, total: u64) -> Value {
    eventually(&format!("{total} events within {timeframe}"), async || {
        let stats = app.get(&format!("/api/events/stats?timeframe={timeframe}")).await;
        if stats["summary"]["total_events"] == total { Ok(stats) } else { Err(stats) }
    })
    .await
}

#[tokio::test]
async fn a_server_that_has_seen_nothing_answers_zeros() {
    let app = TestApp::start().await;
    let stats = app.get("/api/events/stats").await;
    let summary = json!({
        "total_events": 0, "processed_events": 0, "pending_events": 0, "failed_events": 0,
        "quarantined_events": 0, "duplicate_events": 0, "unique_users": 0, "event_types": 0,
        "first_event": null, "last_event": null, "avg_processing_time_seconds": 0.0,
    });
    assert_eq!(stats["summary"], summary);
    assert_eq!((&stats["success"], &stats["timeframe"]), (&json!(true), &json!("24 hours")));
    assert_eq!((&stats["event_types"], &stats["hourly_distribution"]), (&json!([]), &json!([])));
    let class = json!({ "waiting": 0, "paused": false });
    // SQLite has one writer.
    let workers = if crate::ON_POSTGRES { 4 } else { 1 };
    let queue = json!({
        "mode": "direct", "waiting": 0, "active": 0, "delayed": 0, "failed": 0, "completed": 0,
        "workers": workers, "capacity_per_second": null, "current_load_percent": 0.0,
        "oldest_waiting_seconds": 0.0, "paused": false,
        "by_class": { "critical": class, "normal": class, "bulk": class },
    });
    let mut found = stats["queue"].clone();
    // The share of the last minute is the one figure that is not exact.
    assert!(found["current_load_percent"].as_f64().is_some_and(|share| share < 100.0));
    found["current_load_percent"] = json!(0.0);
    assert_eq!(found, queue);
}

#[tokio::test]
async fn the_summary_counts_players_types_and_times() {
    let app = TestApp::start().await;
    let early = with(&app.launch("ann"), "timestamp", "2026-11-23T07:15:00Z");
    let bad = with(&app.game("eve", 1), "score", -1);
    let twin = app.game("ann", 10);
    let batch = json!([early, app.game("ann", 5), app.game("ben", 5), twin, twin, bad]);
    app.post_events(&batch).await;
    let stats = stats(&app, "24h", 4).await;
    let summary = &stats["summary"];
    for (field, expected) in [
        ("processed_events", json!(4)),
        ("pending_events", json!(0)),
        ("failed_events", json!(0)),
        ("quarantined_events", json!(1)),
        ("duplicate_events", json!(1)),
        ("unique_users", json!(2)),
        ("event_types", json!(2)),
        ("first_event", json!("2026-11-23T07:15:00.000Z")),
        ("last_event", json!("2026-11-23T10:00:00.000Z")),
    ] {
        assert_eq!(summary[field], expected, "{field}");
    }
    let types = json!([
        { "event_type": "game_ended", "count": 3, "unique_users": 2 },
        { "event_type": "app_launched", "count": 1, "unique_users": 1 },
    ]);
    assert_eq!(stats["event_types"], types);
    let hours = json!([
        { "hour": "2026-11-23T07:00:00.000Z", "count": 1 },
        { "hour": "2026-11-23T10:00:00.000Z", "count": 3 },
    ]);
    assert_eq!(stats["hourly_distribution"], hours, "by the time of the event");
    assert_eq!(stats["queue"]["completed"], 5, "duplicates were work too");
    assert!(stats["queue"]["capacity_per_second"].as_f64().is_none_or(|rate| rate > 0.0));
}

#[tokio::test]
async fn every_time_span_holds_all_that_happened_within_it() {
    let app = TestApp::with().now("2026-11-23T10:33:00Z").start().await;
    let ages_ms = [
        MINUTE_MS,
        59 * MINUTE_MS,
        2 * HOUR_MS,
        24 * HOUR_MS - MINUTE_MS,
        3 * days(1),
        7 * days(1) - MINUTE_MS,
        8 * days(1),
        30 * days(1) - MINUTE_MS,
    ];
    for age_ms in ages_ms {
        let time = app.now().plus_ms(-age_ms).to_string();
        let event = with(&without(&app.launch("ann"), "event_id"), "timestamp", time);
        app.post_events(&event).await;
    }
    for (timeframe, title, total) in
        [("1h", "1 hour", 2), ("24h", "24 hours", 4), ("7d", "7 days", 6), ("30d", "30 days", 8)]
    {
        assert_eq!(stats(&app, timeframe, total).await["timeframe"], title);
    }
    for otherwise in ["", "?timeframe=", "?timeframe=1y", "?timeframe=24H"] {
        let answer = app.get(&format!("/api/events/stats{otherwise}")).await;
        assert_eq!(answer["timeframe"], "24 hours", "{otherwise}");
    }
}

#[tokio::test]
async fn recent_events_are_the_last_received_first() {
    let app = TestApp::start().await;
    for n in 0..5 {
        app.plays(&format!("p{n}"), 10).await;
        app.post_events(&app.launch("ann")).await;
        app.advance(1_000);
    }
    let list = async |query: &str| {
        let answer = app.get(&format!("/api/events/recent{query}")).await;
        assert_eq!(answer["count"], answer["events"].as_array().map_or(0, Vec::len));
        answer["events"].as_array().expect("a list").clone()
    };
    let all = list("").await;
    assert_eq!(all.len(), 10);
    let received: Vec<&str> = all.iter().filter_map(|one| one["received_at"].as_str()).collect();
    assert!(received.is_sorted_by(|a, b| a >= b), "{received:?}");
    let games = list("?event_type=game_ended&limit=2").await;
    let players: Vec<_> = games.iter().map(|one| one["user_id"].clone()).collect();
    assert_eq!(players, ["p4", "p3"]);
    assert_eq!(list("?user_id=ann&limit=3").await.len(), 3);
    assert_eq!(list("?user_id=ann&event_type=game_ended").await.len(), 0);
    assert_eq!(list("?event_type=made_up").await.len(), 0);
    let first = &games[0];
    for (field, expected) in [
        ("event_type", json!("game_ended")),
        ("received_at", json!("2026-11-23T10:00:04.000Z")),
        ("processed_at", json!("2026-11-23T10:00:04.000Z")),
        ("processing_attempts", json!(1)),
        ("processing_error", json!(null)),
    ] {
        assert_eq!(first[field], expected, "{field}");
    }
    assert!(first["id"].as_str().is_some_and(|id| id.len() == 36), "{first}");
    for bad in ["0", "-1", "1001", "ten", "1.5", "", "99999999999999999999"] {
        let answer = app.send(Request::get(&format!("/api/events/recent?limit={bad}"))).await;
        assert_eq!(answer.problem(400)["errors"][0]["field"], "limit", "{bad}");
    }
    assert_eq!(list("?limit=1000").await.len(), 10);
}

#[tokio::test]
async fn the_health_of_events_tells_the_last_five_minutes() {
    let app = TestApp::with().now("2026-11-23T10:04:50Z").start().await;
    let recent = async || {
        let health = app.get("/api/events/health").await;
        assert_eq!(health["status"], "healthy", "{health}");
        assert_eq!(
            (&health["database"], &health["stuck_events"]),
            (&json!("connected"), &json!(0))
        );
        health["recent_events"].clone()
    };
    assert_eq!(recent().await, 0);
    app.plays("ann", 10).await;
    assert_eq!(recent().await, 1);
    app.advance(20_000);
    assert_eq!(recent().await, 1, "twenty seconds later it is still recent");
    app.advance(4 * MINUTE_MS);
    assert_eq!(recent().await, 1);
    app.advance(6 * MINUTE_MS);
    assert_eq!(recent().await, 0, "ten minutes later it is not");
}

#[tokio::test]
async fn the_figures_agree_with_each_other() {
    let app = TestApp::start().await;
    for n in 0..7 {
        app.plays(&format!("p{n}"), n).await;
    }
    let stats = stats(&app, "24h", 7).await;
    assert_eq!(stats["summary"]["unique_users"], 7);
    assert!((app.metric("scoreline_events{name=\"applied\"}").await - 7.0).abs() < 0.5);
    assert!((app.metric("scoreline_events_accepted_total").await - 7.0).abs() < 0.5);
    let health = app.get("/api/health").await;
    assert_eq!(health["performance"]["events_applied"], 7);
    assert_eq!(stats["queue"]["completed"], 7);
    let board = app.get("/api/v2/leaderboard/global").await;
    assert_eq!(board["total_players"], 7);
}
