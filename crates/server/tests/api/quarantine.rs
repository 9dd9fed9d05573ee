//! Rejected events: visible, replayable once the definition is corrected, given up only with a note.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::{with, without};
use crate::test_app::{ADMIN_TOKEN, TestApp, days, eventually, hours};

const SAMPLE: &str = scoreline_core::game::SAMPLE;
const BOSS: &str = "
[events.boss_defeated.fields]
boss = { type = \"string\", required = true }
score = { type = \"integer\", required = true, min = 0 }

[leaderboards.bosses]
event = \"boss_defeated\"
score = \"score\"
operator = \"best\"
";

fn boss_defeated(app: &TestApp, player: &str, score: i64) -> Value {
    let mut event = without(&app.launch(player), "session_number");
    event["event_type"] = json!("boss_defeated");
    event["boss"] = json!("kraken");
    event["score"] = json!(score);
    event
}

async fn requeue(app: &TestApp, filter: Value) -> Value {
    app.operate("/api/events/requeue-quarantined", &json!({ "filter": filter })).await.expect(200)
}

#[tokio::test]
async fn events_of_a_type_that_was_forgotten_count_after_it_is_added() {
    let app = TestApp::with().game(SAMPLE).start().await;
    let bosses = json!([boss_defeated(&app, "ann", 70), boss_defeated(&app, "ben", 50)]);
    assert_eq!(app.post_events(&bosses).await["accepted"], 0);
    app.post_rejected(&with(&boss_defeated(&app, "eve", 1), "score", -1)).await;
    let before = requeue(&app, json!({})).await;
    let expected = json!({ "success": true, "checked": 3, "accepted": 0, "still_rejected": 3 });
    assert_eq!(before, expected, "nothing is lost by asking too early");

    app.advance(hours(30));
    app.write_game(&format!("{SAMPLE}{BOSS}"));
    app.operate("/api/admin/reload", &json!({})).await.expect(200);
    let requeued = requeue(&app, json!({ "event_type": "boss_defeated" })).await;
    let expected = json!({ "success": true, "checked": 3, "accepted": 2, "still_rejected": 1 });
    assert_eq!(requeued, expected);
    app.page_shows("/api/v2/leaderboards/bosses", "score", &[("ann", 70), ("ben", 50)]).await;

    let again = requeue(&app, json!({})).await;
    assert_eq!((&again["checked"], &again["accepted"]), (&json!(1), &json!(0)));
    assert_eq!(app.post_events(&bosses).await["accepted"], 2, "a late resend is a duplicate");
    let ann = app.get("/api/v2/leaderboards/bosses/players/ann").await;
    assert_eq!(ann["player"]["attempts"], 1, "{ann}");
    let left = app.quarantine().await;
    assert_eq!(left.len(), 1);
    assert_eq!(
        (&left[0]["user_id"], &left[0]["code"]),
        (&json!("eve"), &json!("out_of_range")),
        "it says what is wrong with it now"
    );
    let stats = app.get("/api/events/stats?timeframe=7d").await;
    assert_eq!(stats["summary"]["quarantined_events"], 1);
    let hours = stats["hourly_distribution"].as_array().expect("a list");
    let expected = json!({ "hour": "2026-11-23T10:00:00.000Z", "count": 2 });
    assert_eq!(*hours, [expected], "they count when they happened, not when they were requeued");
}

#[tokio::test]
async fn an_event_keeps_its_receipt_so_that_a_requeue_reaches_the_right_week() {
    let app = TestApp::with().game(SAMPLE).now("2026-11-22T23:00:00Z").start().await;
    app.post_rejected(&with(&app.game("late", 300), "duration_seconds", 1)).await;
    app.advance(hours(20));
    app.plays("new", 100).await;
    app.write_game(&SAMPLE[..SAMPLE.find("# Plausibility").expect("the rules come last")]);
    app.operate("/api/admin/reload", &json!({})).await.expect(200);
    assert_eq!(requeue(&app, json!({ "code": "implausible" })).await["accepted"], 1);
    app.board_shows(&[("late", 300), ("new", 100)]).await;
    app.page_shows("/api/v2/leaderboards/weekly", "score", &[("new", 100)]).await;
    let path = "/api/v2/leaderboards/weekly?period=previous";
    app.page_shows(path, "score", &[("late", 300)]).await;
}

#[tokio::test]
async fn quarantine_is_listed_by_type_reason_time_and_player() {
    let app = TestApp::start().await;
    app.post_rejected(&with(&app.game("ann", 1), "score", -1)).await;
    app.advance(hours(1));
    app.post_rejected(&with(&app.game("ben", 1), "score", "x")).await;
    app.advance(hours(1));
    app.post_rejected(&with(&app.launch("ann"), "session_number", 0)).await;
    let count = async |query: &str| {
        let page = app.operator_get(&format!("/api/events/quarantine?{query}")).await;
        assert_eq!(page["count"], page["events"].as_array().map_or(0, Vec::len));
        page["count"].as_u64().expect("a count")
    };
    for (query, expected) in [
        ("", 3),
        ("event_type=game_ended", 2),
        ("user_id=ann", 2),
        ("user_id=ann&event_type=app_launched", 1),
        ("code=out_of_range", 2),
        ("reason=wrong_type", 1),
        ("from=2026-11-23T11:00:00Z", 2),
        ("until=2026-11-23T11:00:00Z", 1),
        ("from=2026-11-23T10:30:00Z&until=2026-11-23T11:30:00Z", 1),
        ("user_id=nobody", 0),
        ("discarded=true", 0),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    for query in [
        "from=yesterday",
        "until=x",
        "user_id=",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=",
        "cursor=x",
        "code=no_such_code",
        "reason=no_such_code",
    ] {
        let path = format!("/api/events/quarantine?{query}");
        let answer = app.send(Request::get(&path).bearer(ADMIN_TOKEN)).await;
        let problem = answer.problem(400);
        let field = query.split('=').next().expect("a name");
        assert_eq!(problem["errors"][0]["field"], field, "{query}");
    }
    let mistyped = Request::get("/api/events/quarantine?usr_id=ann").bearer(ADMIN_TOKEN);
    let fault = app.send(mistyped).await.problem(400)["errors"][0].clone();
    let reason = "is no parameter here; did you mean \"user_id\"?";
    assert_eq!(fault, json!({ "field": "usr_id", "reason": reason }), "nobody is shown all events");
    let first = &app.quarantine().await[0];
    assert_eq!(first["message"], "score must be at least 0, but is -1");
    assert!(first["event"].as_str().is_some_and(|raw| raw.contains("\"ann\"")), "{first}");
    let listed = app.operator_get("/api/events/quarantine").await;
    assert_eq!(listed["events"][0]["event"], Value::Null, "a text is read where it is asked for");
}

#[tokio::test]
async fn pages_of_quarantine_follow_their_cursor_and_miss_nothing() {
    let app = TestApp::start().await;
    let bad: Vec<Value> = (0..25).map(|n| with(&app.game("ann", 1), "score", -1 - n)).collect();
    app.post_events(&json!(bad)).await;
    let (mut seen, mut path) = (Vec::new(), "/api/events/quarantine?limit=10".to_owned());
    for size in [10, 10, 5] {
        let page = app.operator_get(&path).await;
        assert_eq!(page["count"], size);
        seen.extend(
            page["events"].as_array().expect("a list").iter().map(|one| one["id"].as_i64()),
        );
        // What comes in meanwhile shifts no page.
        let cursor = page["next_cursor"].as_str().unwrap_or_default();
        path = format!("/api/events/quarantine?limit=10&cursor={cursor}");
    }
    assert!(seen.is_sorted() && seen.len() == 25, "{seen:?}");
    seen.dedup();
    assert_eq!(seen.len(), 25);
}

#[tokio::test]
async fn quarantined_events_are_given_up_with_a_note_and_stay_visible() {
    let app = TestApp::start().await;
    app.post_rejected(&with(&app.game("ann", 1), "score", -1)).await;
    app.post_rejected(&with(&app.game("ben", 1), "score", -1)).await;
    let path = "/api/events/quarantine/discard";
    for body in [json!({}), json!({ "note": "  " }), json!({ "note": "n".repeat(501) })] {
        assert_eq!(app.operate(path, &body).await.problem(400)["errors"][0]["field"], "note");
    }
    let body = json!({ "filter": { "user_id": "ann" }, "note": "a cheater's" });
    assert_eq!(app.operate(path, &body).await.expect(200)["discarded"], 1);
    app.advance(hours(1));
    assert_eq!(app.operate(path, &body).await.expect(200)["discarded"], 0, "once is enough");
    let left = app.quarantine().await;
    assert_eq!((left.len(), &left[0]["user_id"]), (1, &json!("ben")));
    let discarded = app.operator_get("/api/events/quarantine?discarded=true").await;
    let entry = &discarded["events"][0];
    assert_eq!((&entry["user_id"], &entry["note"]), (&json!("ann"), &json!("a cheater's")));
    assert_eq!(entry["discarded_at"], "2026-11-23T10:00:00.000Z");
    assert_eq!(requeue(&app, json!({})).await["checked"], 1, "what was given up stays so");
    let stats = app.get("/api/events/stats").await;
    assert_eq!(stats["summary"]["quarantined_events"], 1);
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_changes_nothing() {
    let app = TestApp::start().await;
    app.post_rejected(&with(&app.game("ann", 1), "score", -1)).await;
    for path in ["/api/events/requeue-quarantined", "/api/events/quarantine/discard"] {
        for body in [
            json!({ "filter": { "usr_id": "ann" }, "note": "typo" }),
            json!({ "filter": { "from": "soon" }, "note": "no time" }),
            json!({ "fliter": {}, "note": "typo" }),
            json!({ "filter": 7, "note": "no filter" }),
        ] {
            app.operate(path, &body).await.problem(400);
        }
        let broken = Request::post(path).bearer(ADMIN_TOKEN).body("{");
        app.send(broken).await.refused("Invalid JSON payload");
    }
    assert_eq!(app.quarantine().await.len(), 1);
}

#[tokio::test]
async fn a_requeue_of_thousands_works_page_by_page() {
    let app = TestApp::with().game(SAMPLE).start().await;
    for batch in 0..3 {
        let bosses: Vec<Value> =
            (0..500).map(|n| boss_defeated(&app, &format!("p{batch}-{n}"), n)).collect();
        app.post_events(&json!(bosses)).await;
    }
    app.advance(days(1));
    app.write_game(&format!("{SAMPLE}{BOSS}"));
    app.operate("/api/admin/reload", &json!({})).await.expect(200);
    let requeued = requeue(&app, json!({})).await;
    assert_eq!((&requeued["checked"], &requeued["accepted"]), (&json!(1_500), &json!(1_500)));
    eventually("a full board", async || {
        let total = app.get("/api/v2/leaderboards/bosses").await["total_players"].clone();
        if total == 1_500 { Ok(()) } else { Err(total) }
    })
    .await;
    assert_eq!(app.quarantine().await.len(), 0);
}

#[tokio::test]
async fn a_code_that_does_not_exist_and_a_key_that_stands_twice_are_mistakes() {
    let app = TestApp::start().await;
    let list = |code: &str| {
        let path = format!("/api/events/quarantine?code={code}");
        app.send(Request::get(&path).bearer(ADMIN_TOKEN))
    };
    assert_eq!(list("out_of_range").await.status, 200);
    let problem = list("out_of_rang").await.problem(400);
    assert_eq!(problem["errors"][0]["field"], "code");
    let reason = problem["errors"][0]["reason"].as_str().expect("a text");
    assert!(reason.contains("did you mean \"out_of_range\"?"), "{reason}");

    for (body, field) in [
        (r#"{"note": "a", "note": "b"}"#, "note"),
        (r#"{"note": "a", "filter": {"user_id": "ann", "user_id": "ben"}}"#, "filter.user_id"),
    ] {
        let discard = Request::post("/api/events/quarantine/discard").bearer(ADMIN_TOKEN);
        let problem = app.send(discard.body(body)).await.problem(400);
        let fault = json!({ "field": field, "reason": "is there twice" });
        assert_eq!(problem["errors"], json!([fault]));
    }
}
