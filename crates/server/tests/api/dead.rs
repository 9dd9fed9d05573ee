//! Events that could not be applied: visible with the reason, retried without counting twice, given
//! up only with a note.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, TestApp, hours};

/// A server whose database refuses purchases.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.refuse_purchases();
    app
}

/// A purchase.
fn bought(app: &TestApp, player: &str) -> Value {
    let mut event = app.launch(player);
    for (field, value) in [
        ("event_type", json!("purchase_completed")),
        ("product_id", json!("gems")),
        ("product_type", json!("consumable")),
        ("price_usd", json!(4.99)),
        ("currency_code", json!("USD")),
        ("transaction_id", json!("t1")),
    ] {
        event[field] = value;
    }
    event
}

async fn dead(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app.operator_get(&format!("/api/events/dead?{query}")).await;
    assert_eq!(page["count"], page["events"].as_array().map_or(0, Vec::len));
    page["events"].as_array().expect("a list").clone()
}

async fn retry(app: &TestApp, body: Value) -> Value {
    app.operate("/api/events/retry-failed", &body).await.expect(200)
}

#[tokio::test]
async fn one_event_that_cannot_be_applied_dies_alone_and_visibly() {
    let app = start().await;
    let batch = json!([app.game("ann", 10), bought(&app, "ben"), app.game("ann", 20)]);
    let answer = app.post_events(&batch).await;
    assert_eq!(answer["accepted"], 3, "it is durable, so it is accepted: {answer}");
    assert_eq!(app.games_of("ann").await, 2);
    let listed = dead(&app, "").await;
    assert_eq!(listed.len(), 1);
    let event = &listed[0];
    assert_eq!(event["event_type"], "purchase_completed");
    assert_eq!((&event["user_id"], &event["id"]), (&json!("ben"), &batch[1]["event_id"]));
    assert_eq!(event["processing_attempts"], 1);
    assert!(event["processing_error"].as_str().is_some_and(|text| !text.is_empty()), "{event}");
    assert_eq!(event["died_at"], "2026-11-23T10:00:00.000Z");
    assert_eq!(
        event["payload"],
        Value::Null,
        "a text may be large: it is read where it is asked for"
    );
    let event = &dead(&app, "raw=true").await[0];
    assert!(event["payload"].as_str().is_some_and(|text| text.contains("4.99")), "{event}");
    let stats = app.get("/api/events/stats").await;
    assert_eq!(stats["summary"]["failed_events"], 1);
    assert_eq!(stats["queue"]["failed"], 1);
    assert_eq!(stats["summary"]["processed_events"], 2);
    assert!((app.metric("scoreline_events{name=\"dead\"}").await - 1.0).abs() < 0.5);
}

#[tokio::test]
async fn a_dead_event_that_comes_again_is_the_same_one() {
    let app = start().await;
    let event = bought(&app, "ben");
    for attempts in 1..=3 {
        assert_eq!(app.post_events(&event).await["accepted"], 1);
        let listed = dead(&app, "").await;
        assert_eq!((listed.len(), &listed[0]["processing_attempts"]), (1, &json!(attempts)));
    }
}

#[tokio::test]
async fn after_the_cause_is_gone_a_retry_applies_them_once() {
    let app = start().await;
    let purchases: Vec<Value> = (0..5).map(|n| bought(&app, &format!("p{n}"))).collect();
    app.post_events(&json!(purchases)).await;
    let expected = json!({ "success": true, "retried": 5, "processed": 0, "failed": 5 });
    assert_eq!(retry(&app, json!({})).await, expected, "nothing is lost by trying too early");
    assert_eq!(dead(&app, "").await.len(), 5);

    app.take_purchases();
    let body = json!({ "limit": 2, "filter": { "event_type": "purchase_completed" } });
    let expected = json!({ "success": true, "retried": 2, "processed": 2, "failed": 0 });
    assert_eq!(retry(&app, body).await, expected);
    assert_eq!(retry(&app, json!({ "filter": { "user_id": "nobody" } })).await["retried"], 0);
    let expected = json!({ "success": true, "retried": 3, "processed": 3, "failed": 0 });
    assert_eq!(retry(&app, json!({})).await, expected);
    assert_eq!(retry(&app, json!({})).await["retried"], 0, "a second time changes nothing");
    assert_eq!(dead(&app, "").await.len(), 0);
    app.post_events(&json!(purchases)).await;
    for n in 0..5 {
        let own = app.get(&format!("/api/v2/players/p{n}/stats")).await;
        assert_eq!(own["statistics"]["purchases"], 1, "{own}");
    }
    let stats = app.get("/api/events/stats").await;
    assert_eq!(stats["summary"]["failed_events"], 0);
    assert_eq!(stats["summary"]["duplicate_events"], 5, "only the resend: {stats}");
}

#[tokio::test]
async fn dead_events_are_listed_by_type_reason_time_and_player_in_pages() {
    let app = start().await;
    for hour in 0..5 {
        let player = if hour % 2 == 0 { "ann" } else { "ben" };
        app.post_events(&bought(&app, player)).await;
        app.advance(hours(1));
    }
    let reason = dead(&app, "").await[0]["processing_error"].clone();
    let word = reason.as_str().and_then(|text| text.split(' ').next()).expect("a word");
    for (query, expected) in [
        ("user_id=ann".to_owned(), 3),
        ("event_type=purchase_completed".to_owned(), 5),
        ("event_type=game_ended".to_owned(), 0),
        ("from=2026-11-23T12:00:00Z".to_owned(), 3),
        ("until=2026-11-23T12:00:00Z".to_owned(), 2),
        (format!("reason={word}"), 5),
        ("reason=nothing-of-the-kind".to_owned(), 0),
    ] {
        assert_eq!(dead(&app, &query).await.len(), expected, "{query}");
    }
    let (mut path, mut ids) = ("/api/events/dead?limit=2".to_owned(), Vec::new());
    for size in [2, 2, 1] {
        let page = app.operator_get(&path).await;
        assert_eq!(page["count"], size);
        let events = page["events"].as_array().expect("a list");
        ids.extend(events.iter().map(|one| one["id"].to_string()));
        let cursor = page["next_cursor"].as_str().unwrap_or_default();
        path = format!("/api/events/dead?limit=2&cursor={cursor}");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5, "{ids:?}");
    for query in
        ["limit=0", "limit=1001", "cursor=x", "cursor=1.2", "from=x", "user_id=", "code=too_old"]
    {
        let path = format!("/api/events/dead?{query}");
        app.send(Request::get(&path).bearer(ADMIN_TOKEN)).await.problem(400);
    }
    // It would exclude nothing: all dead events would be meant.
    let by_code = json!({ "filter": { "code": "too_old" }, "note": "why" });
    let expected = "code is for quarantine; dead events have a reason";
    app.operate("/api/events/dead/discard", &by_code).await.refused(expected);
    let by_code = json!({ "filter": { "code": "too_old" } });
    app.operate("/api/events/retry-failed", &by_code).await.refused(expected);
    for limit in [json!(0), json!(-1), json!(1.5), json!("5")] {
        let body = json!({ "limit": limit });
        let expected = format!("limit must be a whole number from 1 on, but is {limit}");
        app.operate("/api/events/retry-failed", &body).await.refused(&expected);
    }
}

#[tokio::test]
async fn dead_events_are_given_up_with_a_note_and_stay_visible() {
    let app = start().await;
    app.post_events(&json!([bought(&app, "ann"), bought(&app, "ben")])).await;
    let path = "/api/events/dead/discard";
    app.operate(path, &json!({ "filter": { "user_id": "ann" } })).await.problem(400);
    let body = json!({ "filter": { "user_id": "ann" }, "note": "a test purchase" });
    assert_eq!(app.operate(path, &body).await.expect(200)["discarded"], 1);
    assert_eq!(app.operate(path, &body).await.expect(200)["discarded"], 0);
    assert_eq!(dead(&app, "").await.len(), 1);
    let discarded = dead(&app, "discarded=true").await;
    assert_eq!(discarded[0]["user_id"], "ann");
    assert_eq!(discarded[0]["note"], "a test purchase");
    assert_eq!(retry(&app, json!({})).await["retried"], 1, "only the other one");
    assert_eq!(app.get("/api/events/stats").await["summary"]["failed_events"], 1);
}

#[tokio::test]
async fn many_dead_events_raise_an_alert_that_says_what_to_do() {
    let app = start().await;
    let level = async || {
        let health = app.get("/api/health").await;
        let alerts = health["alerts"].as_array().expect("a list").clone();
        let found = alerts.into_iter().find(|alert| alert["metric"] == "queue_failed");
        (health["status"].as_str().expect("a status").to_owned(), found)
    };
    let die = async |players: std::ops::Range<usize>, each: usize| {
        let of = |player: usize| (0..each).map(move |_| format!("player-{player}"));
        let events: Vec<Value> = players.flat_map(of).map(|player| bought(&app, &player)).collect();
        app.post_events(&json!(events)).await;
    };
    die(0..1, 200).await;
    assert_eq!(level().await, ("healthy".to_owned(), None), "one player alarms nobody");
    let given_up = json!({ "note": "one player" });
    app.operate("/api/events/dead/discard", &with(&given_up, "limit", 150)).await.expect(200);
    let left = app.operate("/api/events/dead/discard", &given_up).await.expect(200);
    assert_eq!(left["discarded"], 50, "a limit is heeded");
    die(1..6, 10).await;
    assert_eq!(level().await, ("healthy".to_owned(), None), "exactly fifty are still fine");
    die(6..7, 1).await;
    let (status, alert) = level().await;
    let alert = alert.expect("more than fifty are worth a warning");
    assert_eq!((status.as_str(), &alert["level"]), ("healthy", &json!("warning")));
    assert_eq!((&alert["warning"], &alert["critical"]), (&json!(50.0), &json!(100.0)));
    assert_eq!(alert["value"], 51.0);
    assert!(alert["advice"].as_str().is_some_and(|text| text.contains("/api/events/dead")));
    die(7..12, 10).await;
    let (status, alert) = level().await;
    assert_eq!(
        (status.as_str(), &alert.expect("an alert")["level"]),
        ("degraded", &json!("critical"))
    );
    let retried = with(&json!({}), "limit", 1_000);
    assert_eq!(retry(&app, retried).await["failed"], 101);
}
