//! A clock that jumps, as operators see it.

use serde_json::{Value, json};

use crate::client::Request;
use crate::test_app::{TestApp, days, eventually, hours};

const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1_000;

/// Waits until `/api/health` says whether the clock is in doubt, and answers what it says of it.
async fn clock_is(app: &TestApp, status: &str) -> Value {
    eventually("the server notices", async || {
        let health = app.get("/api/health").await;
        let clock = health["services"]["clock"].clone();
        if clock["status"] == status { Ok(clock) } else { Err(health) }
    })
    .await
}

async fn current(app: &TestApp) -> Value {
    app.get("/api/v2/tournaments/current").await["tournament"]["tournament_id"].clone()
}

#[tokio::test]
async fn a_clock_a_year_off_is_an_alert_and_moves_nothing_until_an_operator_trusts_it() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    let cup = current(&app).await;
    app.jump(YEAR_MS);
    let clock = clock_is(&app, "degraded").await;
    assert_eq!(clock["offset_seconds"], 365.0 * 86_400.0);
    assert_eq!(clock["in_doubt_since"], "2026-11-23T10:00:00.000Z");
    let health = app.get("/api/health").await;
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["timestamp"], "2026-11-23T10:00:00.000Z");
    assert_eq!(health["alerts"][0]["metric"], "clock_in_doubt");
    assert!((app.metric("scoreline_clock_in_doubt").await - 1.0).abs() < 0.5);
    assert!((app.metric("scoreline_clock_offset_seconds").await - 365.0 * 86_400.0).abs() < 0.5);

    // Days go by, which the machine's uptime tells.
    app.advance(hours(48));
    assert_eq!(app.get("/api/health").await["timestamp"], "2026-11-25T10:00:00.000Z");
    app.advance(days(20));
    assert_eq!(current(&app).await, Value::Null, "its end has come, and none may begin");

    let refused = app.send(Request::post("/api/admin/clock/trust").json(&json!({}))).await;
    assert_eq!(refused.status, 401);
    let trusted = app.operate("/api/admin/clock/trust", &json!({})).await;
    assert_eq!((trusted.status, &trusted.json()["was_in_doubt"]), (200, &json!(true)));
    assert_eq!(trusted.json()["time"], app.now().to_string());
    clock_is(&app, "healthy").await;
    eventually("the tournament is closed", async || {
        let prizes = app.get("/api/v2/prizes/pending?user_id=ann").await;
        if prizes["prizes"][0]["tournament_id"] == cup { Ok(()) } else { Err(prizes) }
    })
    .await;
    let again = app.operate("/api/admin/clock/trust", &json!({})).await;
    assert_eq!(again.json()["was_in_doubt"], false);
}

#[tokio::test]
async fn a_start_with_a_clock_a_year_off_is_a_jump_in_either_direction() {
    for jump_ms in [YEAR_MS, -YEAR_MS] {
        let app = TestApp::start().await;
        app.plays("ann", 10).await;
        let (now, cup) = (app.now(), current(&app).await);
        app.jump(jump_ms);
        let app = app.restart().await;
        clock_is(&app, "degraded").await;
        assert_eq!(app.get("/api/health").await["timestamp"], now.to_string());
        assert_eq!(current(&app).await, cup);
        app.jump(-jump_ms);
        clock_is(&app, "healthy").await;
        assert_eq!(app.get("/api/health").await["timestamp"], now.to_string());
    }
}
