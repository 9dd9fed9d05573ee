//! Tournaments by the calendar and by hand: who leads, what is won, when it is over.

use serde_json::{Value, json};

use crate::client::Request;
use crate::test_app::{MINUTE_MS, TestApp, at, days, eventually, hours};

const CURRENT: &str = "/api/v2/tournaments/current";
const THIS_WEEK: &str = "weekly_2026_w48";
const END_OF_WEEK: &str = "2026-11-30T00:00:00Z";

fn board_of(id: &str) -> String {
    format!("/api/v2/tournaments/{id}/leaderboard")
}

/// A tournament of the list by its id; `null` while it is not there.
async fn tournament(app: &TestApp, id: &str) -> Value {
    let list = app.get("/api/v2/tournaments").await;
    let mut rows = list["tournaments"].as_array().expect("a list").iter();
    rows.find(|one| one["tournament_id"] == id).cloned().unwrap_or_default()
}

async fn reaches(app: &TestApp, id: &str, status: &str) -> Value {
    eventually(&format!("{id} is {status}"), async || {
        let found = tournament(app, id).await;
        if found["status"] == status { Ok(found) } else { Err(found) }
    })
    .await
}

async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    let list = app.get(&format!("/api/v2/tournaments{query}")).await;
    let rows = list["tournaments"].as_array().expect("a list");
    assert_eq!(list["count"], rows.len());
    rows.iter().map(|one| one["tournament_id"].as_str().expect("an id").to_owned()).collect()
}

fn flash(app: &TestApp, id: &str, starts_ms: i64, ends_ms: i64) -> Value {
    json!({
        "id": id, "name": "Flash Cup", "board": "global",
        "starts_at": app.now().plus_ms(starts_ms).to_string(),
        "ends_at": app.now().plus_ms(ends_ms).to_string(),
        "prizes": [{ "first_rank": 1, "last_rank": 1, "coins": 100, "gems": 0 }],
    })
}

#[tokio::test]
async fn the_week_has_its_tournament_from_the_first_start_on() {
    let app = TestApp::start().await;
    let current = app.get(CURRENT).await;
    assert_eq!(current["success"], true);
    let tournament = &current["tournament"];
    for (field, expected) in [
        ("tournament_id", json!(THIS_WEEK)),
        ("name", json!("Weekly Tournament 2026 week 48")),
        ("status", json!("active")),
        ("start_date", json!("2026-11-23T00:00:00.000Z")),
        ("end_date", json!("2026-11-30T00:00:00.000Z")),
        ("seconds_remaining", json!((7 * 24 - 10) * 3_600)),
        ("participants", json!(0)),
    ] {
        assert_eq!(tournament[field], expected, "{field}");
    }
    assert_eq!(tournament["prizes"][0]["coins"], 5000);
    assert_eq!(ids(&app, "").await, ["weekly_2026_w49", THIS_WEEK], "the next one is there too");
    app.plays("ann", 10).await;
    app.plays("ann", 20).await;
    app.plays("ben", 20).await;
    assert_eq!(app.get(CURRENT).await["tournament"]["participants"], 2);
}

#[tokio::test]
async fn its_prizes_are_told_by_rank() {
    let app = TestApp::start().await;
    let answer = app.get(&format!("/api/v2/tournaments/{THIS_WEEK}/prizes")).await;
    let ranks = |first: u64, last: u64| (first..=last).collect::<Vec<_>>();
    let prizes = json!([
        { "rank": 1, "coins": 5000, "gems": 250, "label": "1st Place" },
        { "rank": 2, "coins": 3000, "gems": 150, "label": "2nd Place" },
        { "rank": 3, "coins": 2000, "gems": 100, "label": "3rd Place" },
        { "ranks": ranks(4, 10), "coins": 1000, "gems": 50, "label": "4th-10th Place" },
        { "ranks": ranks(11, 50), "coins": 500, "gems": 25, "label": "11th-50th Place" },
    ]);
    let expected = json!({ "success": true, "tournament_id": THIS_WEEK, "prizes": prizes });
    assert_eq!(answer, expected);
    let unknown = app.get("/api/v2/tournaments/nothing/prizes").await;
    assert_eq!((&unknown["success"], &unknown["prizes"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn its_standings_show_attempts_prizes_and_the_own_rank() {
    let app = TestApp::start().await;
    app.plays("ann", 50).await;
    app.plays("ben", 60).await;
    app.advance(hours(1));
    app.plays("ann", 40).await;
    let path = board_of(THIS_WEEK);
    app.page_shows(&path, "best_score", &[("ben", 60), ("ann", 50)]).await;
    let page = eventually("the second game", async || {
        let page = app.get(&format!("{path}?user_id=ann")).await;
        if page["leaderboard"][1]["total_attempts"] == 2 { Ok(page) } else { Err(page) }
    })
    .await;
    let first = json!({
        "rank": 1, "user_id": "ben", "nickname": "Pilot", "best_score": 60, "total_attempts": 1,
        "last_attempt": "2026-11-23T10:00:00.000Z", "prize_tier": "1st: 5000 coins + 250 gems",
    });
    assert_eq!(page["leaderboard"][0], first);
    let own = &page["user_rank"];
    assert_eq!((&own["rank"], &own["best_score"]), (&json!(2), &json!(50)));
    assert_eq!(own["last_attempt"], "2026-11-23T11:00:00.000Z");
    assert_eq!(own["prize_tier"], "2nd: 3000 coins + 150 gems");
    assert_eq!((&page["total_participants"], &page["cache_ttl_seconds"]), (&json!(2), &json!(1)));
    assert_eq!(page["last_updated"], "2026-11-23T11:00:00.000Z");
    let stranger = app.get(&format!("{path}?user_id=eve")).await["user_rank"].clone();
    assert_eq!((&stranger["rank"], &stranger["participated"]), (&Value::Null, &json!(false)));
    assert!(stranger["message"].is_string());
    assert_eq!(app.get(&path).await["user_rank"], Value::Null);
    for bad in ["limit=0", "limit=1001", "limit=x", "user_id="] {
        app.send(Request::get(&format!("{path}?{bad}"))).await.problem(400);
    }
}

#[tokio::test]
async fn an_unknown_tournament_is_an_empty_board() {
    let app = TestApp::start().await;
    let page = app.get(&format!("{}?user_id=ann", board_of("weekly_1999_w01"))).await;
    assert_eq!((&page["success"], &page["leaderboard"]), (&json!(true), &json!([])));
    assert_eq!(page["tournament_id"], "weekly_1999_w01");
    assert_eq!(
        (&page["total_participants"], &page["user_rank"]["participated"]),
        (&json!(0), &json!(false))
    );
}

#[tokio::test]
async fn the_last_game_before_the_end_counts_and_the_next_one_belongs_to_the_next_week() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    app.advance(at(END_OF_WEEK).ms_since(app.now()) - 1);
    app.plays("ben", 20).await;
    app.advance(1);
    app.plays("eve", 30).await;
    assert_eq!(app.get(CURRENT).await["tournament"]["tournament_id"], "weekly_2026_w49");
    let closed = reaches(&app, THIS_WEEK, "closed").await;
    assert_eq!((&closed["participants"], &closed["seconds_remaining"]), (&json!(2), &json!(0)));
    app.page_shows(&board_of(THIS_WEEK), "best_score", &[("ben", 20), ("ann", 10)]).await;
    app.page_shows(&board_of("weekly_2026_w49"), "best_score", &[("eve", 30)]).await;
}

#[tokio::test]
async fn standings_are_frozen_whatever_comes_later() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    let offline = app.game("late", 500);
    app.set_now(END_OF_WEEK);
    reaches(&app, THIS_WEEK, "closed").await;
    // A device comes back with a game of last week: it counts by its receipt.
    assert_eq!(app.post_events(&offline).await["accepted"], 1);
    app.plays("ann", 90).await;
    app.board_shows(&[("late", 500), ("ann", 90)]).await;
    app.page_shows(&board_of(THIS_WEEK), "best_score", &[("ann", 10)]).await;
    app.page_shows(&board_of("weekly_2026_w49"), "best_score", &[("late", 500), ("ann", 90)]).await;
    let app = app.restart().await;
    app.page_shows(&board_of(THIS_WEEK), "best_score", &[("ann", 10)]).await;
    app.operate("/api/admin/rebuild", &json!({ "all": true })).await.expect(202);
    eventually("the rebuild", async || {
        let status = app.operator_get("/api/admin/rebuild").await;
        if status["status"] == "finished" { Ok(()) } else { Err(status) }
    })
    .await;
    app.page_shows(&board_of(THIS_WEEK), "best_score", &[("ann", 10)]).await;
}

#[tokio::test]
async fn weeks_that_a_server_slept_through_are_closed_when_it_wakes() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    app.advance(days(70));
    let app = app.restart().await;
    reaches(&app, THIS_WEEK, "closed").await;
    let current = app.get(CURRENT).await["tournament"].clone();
    assert_eq!(current["tournament_id"], "weekly_2027_w05", "{current}");
    let pending = app.get("/api/v2/prizes/pending?user_id=ann").await;
    assert_eq!(pending["count"], 1);
}

#[tokio::test]
async fn the_list_is_newest_first_and_by_status_however_long_it_is() {
    let app = TestApp::start().await;
    for week in 0..3 {
        reaches(&app, &format!("weekly_2026_w{}", 48 + week), "active").await;
        app.advance(days(7));
    }
    reaches(&app, "weekly_2026_w51", "active").await;
    reaches(&app, "weekly_2026_w50", "closed").await;
    let all = ids(&app, "").await;
    let weeks: Vec<String> = (48..=52).rev().map(|week| format!("weekly_2026_w{week}")).collect();
    assert_eq!(all, weeks);
    assert_eq!(ids(&app, "?status=upcoming").await, ["weekly_2026_w52"]);
    assert_eq!(ids(&app, "?status=active").await, ["weekly_2026_w51"]);
    assert_eq!(ids(&app, "?status=closed").await, weeks[2..]);
    assert_eq!(ids(&app, "?status=closed&limit=1").await, weeks[2..3], "a page of those asked for");
    assert_eq!(ids(&app, "?status=closed&limit=1&offset=1").await, weeks[3..4]);
    assert_eq!(ids(&app, "?status=cancelled").await, Vec::<String>::new());
    assert_eq!(ids(&app, "?limit=2&offset=1").await, weeks[1..3]);
    assert_eq!(ids(&app, "?offset=18446744073709551615").await, Vec::<String>::new());
    for bad in ["status=over", "status=", "limit=0", "limit=1001", "offset=-1"] {
        app.send(Request::get(&format!("/api/v2/tournaments?{bad}"))).await.problem(400);
    }
}

#[tokio::test]
async fn an_operator_makes_an_extra_tournament_that_comes_before_the_weekly_one() {
    let app = TestApp::start().await;
    let body = flash(&app, "flash-1", hours(1), hours(3));
    let made = app.operate("/api/v2/tournaments", &body).await.expect(201);
    assert_eq!(made["tournament"]["status"], "upcoming");
    assert_eq!(app.operate("/api/v2/tournaments", &body).await.problem(409)["error"], "Conflict");
    app.plays("ann", 70).await;
    app.advance(hours(1));
    assert_eq!(app.get(CURRENT).await["tournament"]["tournament_id"], "flash-1");
    app.plays("ben", 60).await;
    app.page_shows(&board_of("flash-1"), "best_score", &[("ben", 60)]).await;
    app.page_shows(&board_of(THIS_WEEK), "best_score", &[("ann", 70), ("ben", 60)]).await;
    app.advance(hours(2));
    reaches(&app, "flash-1", "closed").await;
    assert_eq!(app.get(CURRENT).await["tournament"]["tournament_id"], THIS_WEEK);
    let prize = app.get("/api/v2/prizes/pending?user_id=ben").await["prizes"][0].clone();
    assert_eq!((&prize["tournament_name"], &prize["coins"]), (&json!("Flash Cup"), &json!(100)));
}

#[tokio::test]
async fn an_extra_tournament_that_began_before_it_was_made_holds_what_was_played() {
    let app = TestApp::start().await;
    app.plays("ann", 70).await;
    app.advance(hours(1));
    let body = flash(&app, "since-ten", -hours(2), hours(3));
    app.operate("/api/v2/tournaments", &body).await.expect(201);
    app.page_shows(&board_of("since-ten"), "best_score", &[("ann", 70)]).await;
}

#[tokio::test]
async fn what_makes_no_sense_as_a_tournament_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let good = flash(&app, "good", 0, hours(1));
    for (field, value) in [
        ("id", json!("a/b")),
        ("id", json!("")),
        ("name", json!(" ")),
        ("board", json!("nowhere")),
        ("starts_at", json!("soon")),
        ("ends_at", json!("2026-11-23T09:00:00Z")),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        let problem = app.operate("/api/v2/tournaments", &bad).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{value}: {problem}");
    }
    let tier =
        |coins: Value| json!([{ "first_rank": 1, "last_rank": 1, "coins": coins, "gems": 0 }]);
    for (field, value, at, words) in [
        ("prizes", tier(json!("many")), "prizes[0].coins", "a whole number"),
        ("prizes", tier(json!(-1)), "prizes[0].coins", "a whole number from 0 to"),
        ("prizes", tier(json!(0)), "prizes[0]", "wins nothing"),
        ("prizes", json!([{ "ranks": 1, "coin": 5 }]), "prizes[0].coin", "did you mean \"coins\"?"),
        (
            "prizes",
            json!([{ "first_rank": 0, "last_rank": 1, "coins": 1 }]),
            "prizes[0].first_rank",
            "a whole number from 1 to",
        ),
        ("prizes", json!([{ "first_rank": 1, "coins": 1 }]), "prizes[0]", "last_rank is missing"),
        ("prizes", json!(5), "prizes", "a list"),
        ("prise", json!(5), "prise", "is no field here; did you mean \"prizes\"?"),
        ("name", json!(7), "name", "must be a text, but is 7"),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        let problem = app.operate("/api/v2/tournaments", &bad).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], at, "{value}: {problem}");
        let reason = problem["errors"][0]["reason"].as_str().expect("a reason");
        assert!(reason.contains(words) && !reason.contains("64"), "{problem}");
    }
    let mut silent = good.clone();
    silent.as_object_mut().expect("an object").remove("prizes");
    let problem = app.operate("/api/v2/tournaments", &silent).await.problem(400);
    let reason = problem["errors"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("an empty list makes a tournament without prizes"), "{problem}");
    let nameless = app.operate("/api/v2/tournaments", &json!({ "id": "x" })).await.problem(400);
    let missing: Vec<Value> = ["name", "board", "starts_at", "ends_at", "prizes"]
        .map(|field| json!({ "field": field, "reason": "is required" }))
        .into();
    assert_eq!(nameless["errors"], json!(missing), "all at once");
    assert_eq!(ids(&app, "").await.len(), 2);
}

#[tokio::test]
async fn a_cancelled_tournament_awards_nothing_and_stays_visible() {
    let app = TestApp::start().await;
    app.plays("ann", 70).await;
    let cancel = format!("/api/v2/tournaments/{THIS_WEEK}/cancel");
    for _ in 0..2 {
        let cancelled = app.operate(&cancel, &json!({})).await.expect(200);
        assert_eq!(cancelled["tournament"]["status"], "cancelled");
    }
    let none = app.get(CURRENT).await;
    let expected =
        json!({ "success": true, "tournament": null, "message": "No active tournament" });
    assert_eq!(none, expected);
    app.set_now(END_OF_WEEK);
    app.advance(MINUTE_MS);
    reaches(&app, "weekly_2026_w49", "active").await;
    reaches(&app, "weekly_2026_w50", "upcoming").await;
    assert_eq!(tournament(&app, THIS_WEEK).await["status"], "cancelled");
    assert_eq!(app.get("/api/v2/prizes/pending?user_id=ann").await["count"], 0);
    assert_eq!(ids(&app, "?status=cancelled").await, [THIS_WEEK]);
}

#[tokio::test]
async fn a_tournament_that_is_ended_early_awards_its_prizes_now() {
    let app = TestApp::start().await;
    app.plays("ann", 70).await;
    app.advance(hours(1));
    let end = format!("/api/v2/tournaments/{THIS_WEEK}/end");
    let ended = app.operate(&end, &json!({})).await.expect(200);
    assert_eq!(ended["tournament"]["end_date"], "2026-11-23T11:00:00.000Z");
    reaches(&app, THIS_WEEK, "closed").await;
    assert_eq!(app.get("/api/v2/prizes/pending?user_id=ann").await["count"], 1);
    app.operate(&end, &json!({})).await.problem(409);
    app.operate(&format!("/api/v2/tournaments/{THIS_WEEK}/cancel"), &json!({})).await.problem(409);
    app.operate("/api/v2/tournaments/weekly_2026_w49/end", &json!({})).await.problem(409);
    for action in ["end", "cancel"] {
        let path = format!("/api/v2/tournaments/nothing/{action}");
        assert_eq!(
            app.operate(&path, &json!({})).await.problem(404)["type"],
            "/problems/not-found"
        );
    }
}
