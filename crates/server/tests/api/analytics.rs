//! Exact analytics: what an operator reads after a few days of three players.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, TestApp};

/// A launch at a time, in a session, from a country.
fn launch(app: &TestApp, player: &str, at: &str, platform: &str) -> Value {
    let event = with(&app.launch(player), "timestamp", format!("2026-11-{at}Z"));
    let event = with(&event, "session_id", format!("{player}-{}", &at[..2]));
    with(&with(&event, "platform", platform), "country", "DE")
}

fn bought(app: &TestApp, player: &str, at: &str, price: f64) -> Value {
    let mut event = launch(app, player, at, "ios");
    let own = json!({
        "event_type": "purchase_completed", "product_id": "gems_1", "product_type": "consumable",
        "price_usd": price, "currency_code": "USD", "transaction_id": at,
    });
    for (field, value) in own.as_object().expect("an object") {
        event[field] = value.clone();
    }
    event
}

/// Ann plays on Friday, Saturday and Monday; Ben on Saturday and Sunday; Cid on Monday.
async fn days(app: &TestApp) {
    let batch = json!([
        launch(app, "ann", "20T10:00:00", "ios"),
        launch(app, "ann", "20T10:20:00", "ios"),
        launch(app, "ann", "20T11:00:00", "ios"),
        launch(app, "ann", "21T10:00:00", "android"),
        launch(app, "ben", "21T08:00:00", "android"),
        launch(app, "ben", "22T08:00:00", "android"),
        bought(app, "ann", "21T10:10:00", 4.99),
        bought(app, "ann", "21T10:11:00", 0.99),
        launch(app, "ann", "23T09:00:00", "ios"),
        with(&launch(app, "cid", "23T09:30:00", "ios"), "app_version", "=cmd"),
        with(&app.coins("ann", 70), "source", "chest"),
        with(&app.coins("ben", 30), "source", "ad"),
    ]);
    let answer = app.post_events(&batch).await;
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(12), &json!([])), "{answer}");
    // A repetition changes nothing.
    app.post_events(&batch).await;
}

fn row(days: &Value, day: &str) -> Value {
    let days = days.as_array().expect("a list");
    days.iter().find(|row| row["day"] == day).unwrap_or_else(|| panic!("{day} in {days:?}")).clone()
}

#[tokio::test]
async fn active_players_are_told_by_day_week_and_month() {
    let app = TestApp::start().await;
    days(&app).await;
    let answer =
        app.operator_get("/api/v2/analytics/active?from=2026-11-20&until=2026-11-23").await;
    assert_eq!(
        (&answer["zone"], &answer["complete"], &answer["from"], &answer["as_of"]),
        (&json!("UTC"), &json!(true), &json!("2026-11-20"), &json!(app.now().to_string()))
    );
    assert!(answer["definition"].as_str().is_some_and(|text| text.contains("dau")));
    let expected = json!({
        "day": "2026-11-21", "dau": 2, "wau": 2, "mau": 2, "new": 1, "returning": 1, "stickiness": 1.0,
    });
    assert_eq!(row(&answer["days"], "2026-11-21"), expected);
    let monday = row(&answer["days"], "2026-11-23");
    assert_eq!((&monday["dau"], &monday["wau"], &monday["new"]), (&json!(3), &json!(3), &json!(1)));
    assert_eq!(answer["days"].as_array().map(Vec::len), Some(4));
    // Without days, it is the last thirty, today among them.
    let answer = app.operator_get("/api/v2/analytics/active").await;
    assert_eq!(answer["days"].as_array().map(Vec::len), Some(30));
    assert_eq!((&answer["from"], &answer["until"]), (&json!("2026-10-25"), &json!("2026-11-23")));
}

#[tokio::test]
async fn a_late_event_moves_its_player_to_an_earlier_cohort() {
    let app = TestApp::start().await;
    days(&app).await;
    let path = "/api/v2/analytics/retention?from=2026-11-19&until=2026-11-23";
    let answer = app.operator_get(path).await;
    let friday = row(&answer["cohorts"], "2026-11-20");
    assert_eq!(
        (&friday["size"], &friday["returned"]["1"], &friday["returned"]["3"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!((&friday["complete"]["1"], &friday["complete"]["3"]), (&json!(true), &json!(false)));
    app.post_events(&json!([launch(&app, "ann", "19T23:59:59", "ios")])).await;
    let answer = app.operator_get(path).await;
    assert_eq!(row(&answer["cohorts"], "2026-11-20")["size"], 0);
    let thursday = row(&answer["cohorts"], "2026-11-19");
    assert_eq!(
        (&thursday["size"], &thursday["returned"]["1"], &thursday["returned"]["3"]),
        (&json!(1), &json!(1), &json!(0))
    );
}

#[tokio::test]
async fn sessions_end_after_half_an_hour_without_events() {
    let app = TestApp::start().await;
    days(&app).await;
    let answer =
        app.operator_get("/api/v2/analytics/sessions?from=2026-11-20&until=2026-11-20").await;
    let friday = row(&answer["days"], "2026-11-20");
    assert_eq!(
        (&friday["sessions"], &friday["players"], &friday["per_player"]),
        (&json!(2), &json!(1), &json!(2.0))
    );
    // One of twenty minutes and one of a moment; their p50 is the shorter one.
    let lengths = &friday["length_seconds"];
    assert_eq!((&lengths["sum"], &lengths["p50"]), (&json!(1200.0), &json!(0.5)));
    let p90 = lengths["p90"].as_f64().expect("a number");
    assert!((1_200.0 * 0.96..1_200.0 * 1.04).contains(&p90), "{p90}");
}

#[tokio::test]
async fn revenue_and_the_economy_add_up() {
    let app = TestApp::start().await;
    days(&app).await;
    let answer =
        app.operator_get("/api/v2/analytics/revenue?from=2026-11-21&until=2026-11-22").await;
    assert_eq!(answer["currency"], "USD");
    let expected = json!({
        "day": "2026-11-21", "revenue": 5.98, "payers": 1, "purchases": 2, "arpdau": 2.99, "arppu": 5.98,
        "first_purchases": 1,
    });
    assert_eq!(row(&answer["days"], "2026-11-21"), expected);
    assert_eq!(row(&answer["days"], "2026-11-22")["arppu"], json!(null));
    let answer = app
        .operator_get("/api/v2/analytics/economy?currency=coins&from=2026-11-23&until=2026-11-23")
        .await;
    let expected = json!({
        "day": "2026-11-23", "earned": 100, "spent": 0, "by_source": { "chest": 70, "ad": 30 }, "by_sink": {},
    });
    assert_eq!(row(&answer["days"], "2026-11-23"), expected);
    let answer = app.operator_get("/api/v2/analytics/economy?currency=gems").await;
    assert_eq!(row(&answer["days"], "2026-11-23")["earned"], 0);
}

#[tokio::test]
async fn a_split_tells_every_value_apart() {
    let app = TestApp::start().await;
    days(&app).await;
    let day = "from=2026-11-21&until=2026-11-21";
    let answer = app.operator_get(&format!("/api/v2/analytics/active?{day}&by=platform")).await;
    let told: Vec<_> = answer["days"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            (
                row["value"].as_str().expect("a value"),
                row["dau"].as_i64().expect("a count"),
                row["new"].as_i64(),
            )
        })
        .collect();
    // Ann launched on Android and bought on iOS.
    assert_eq!(told, [("android", 2, Some(1)), ("ios", 1, Some(0))]);
    assert_eq!(answer["values_left_out"], 0);
    let answer = app.operator_get(&format!("/api/v2/analytics/revenue?{day}&by=country")).await;
    assert_eq!(
        (&answer["days"][0]["value"], &answer["days"][0]["revenue"]),
        (&json!("DE"), &json!(5.98))
    );
}

#[tokio::test]
async fn a_funnel_tells_how_far_players_came() {
    let app = TestApp::start().await;
    let level = |player: &str, at: &str, level: u32| {
        let mut event = launch(&app, player, at, "ios");
        let own = json!({
            "event_type": "level_completed", "level_id": level, "zone_id": 1, "score": 10, "stars": 3,
            "time_seconds": 60, "hearts_remaining": 3, "first_attempt": true,
        });
        for (field, value) in own.as_object().expect("an object") {
            event[field] = value.clone();
        }
        event
    };
    let batch = json!([
        level("ann", "20T10:00:00", 1),
        level("ann", "20T10:10:00", 2),
        level("ann", "20T10:20:00", 4),
        level("ben", "20T10:00:00", 2),
        level("ben", "20T11:00:00", 1),
        level("cid", "21T10:00:00", 1),
    ]);
    app.post_events(&batch).await;
    let answer =
        app.operator_get("/api/v2/analytics/funnels/levels?from=2026-11-20&until=2026-11-20").await;
    assert_eq!((&answer["funnel"], &answer["title"]), (&json!("levels"), &json!("Levels")));
    let players: Vec<_> = (0..4).map(|n| answer["steps"][n]["players"].clone()).collect();
    // Ben was in the second level first, and Ann never in the third.
    assert_eq!(players, [2, 1, 0, 0]);
    assert_eq!(answer["steps"][1]["share_of_first"], 0.5);
    let median = answer["steps"][1]["median_seconds_from_previous"].as_f64().expect("a number");
    assert!((600.0 * 0.96..600.0 * 1.04).contains(&median), "{median}");
    let missing = Request::get("/api/v2/analytics/funnels/nowhere").bearer(ADMIN_TOKEN);
    app.send(missing).await.problem(404);
}

#[tokio::test]
async fn a_spreadsheet_gets_csv_in_which_nothing_runs() {
    let app = TestApp::start().await;
    days(&app).await;
    let ask = async |path: &str| {
        let request = Request::get(path).bearer(ADMIN_TOKEN).header("accept", "text/csv");
        let answer = app.send(request).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        answer.text()
    };
    let day = "from=2026-11-23&until=2026-11-23";
    let active = ask(&format!("/api/v2/analytics/active?{day}&by=app_version")).await;
    assert_eq!(
        active,
        "value,day,dau,wau,mau,new,returning,stickiness\r\n1.0.0,2026-11-23,2,2,2,0,2,1\r\n\
         \"'=cmd\",2026-11-23,1,1,1,1,0,1\r\n"
    );
    let retention = ask("/api/v2/analytics/retention?from=2026-11-20&until=2026-11-20").await;
    assert_eq!(retention, "day,size,d1,d3,d7,d14,d30\r\n2026-11-20,1,1,,,,\r\n");
    for path in ["sessions", "revenue", "funnels/levels", "economy?currency=coins"] {
        let table = ask(&format!("/api/v2/analytics/{path}")).await;
        assert!(table.lines().count() > 1, "{path}: {table}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told_with_its_limit() {
    let app = TestApp::start().await;
    for (query, field, reason) in [
        ("from=2026-13-01", "from", "must be a day such as 2026-11-29, but is \"2026-13-01\""),
        ("from=2026-11-02&until=2026-11-01", "from", "must not be after 2026-11-01"),
        ("from=2025-01-01&until=2026-11-01", "from", "there must be at most 400 days, but are 670"),
        ("until=tomorrow", "until", "must be a day such as 2026-11-29, but is \"tomorrow\""),
        ("frm=2026-11-01", "frm", "is no parameter here; did you mean \"from\"?"),
    ] {
        let request =
            Request::get(&format!("/api/v2/analytics/active?{query}")).bearer(ADMIN_TOKEN);
        let problem = app.send(request).await.problem(400);
        assert_eq!(problem["errors"], json!([{ "field": field, "reason": reason }]), "{query}");
    }
    let request = Request::get("/api/v2/analytics/active?by=planet").bearer(ADMIN_TOKEN);
    assert_eq!(app.send(request).await.problem(400)["errors"][0]["field"], "by");
    let request = Request::get("/api/v2/analytics/economy").bearer(ADMIN_TOKEN);
    assert_eq!(app.send(request).await.problem(400)["errors"][0]["field"], "currency");
}
