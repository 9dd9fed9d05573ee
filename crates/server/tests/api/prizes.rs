//! What players win: awarded once by rank, claimed once by the owner, remembered for good.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{TestApp, days, eventually, hours};

const PRIZES: &str = "/api/v2/prizes";
const CLAIM: &str = "/api/v2/prizes/claim";

async fn pending(app: &TestApp, player: &str) -> Vec<Value> {
    let answer = app.get(&format!("/api/v2/prizes/pending?user_id={player}")).await;
    let prizes = answer["prizes"].as_array().expect("a list").clone();
    assert_eq!((&answer["success"], &answer["count"]), (&json!(true), &json!(prizes.len())));
    assert_eq!(answer["has_prizes"], !prizes.is_empty());
    prizes
}

/// The prize that a player must have waiting.
async fn prize(app: &TestApp, player: &str) -> Value {
    eventually(&format!("a prize for {player}"), async || {
        pending(app, player).await.pop().ok_or("no prize")
    })
    .await
}

async fn claim(app: &TestApp, prize: &Value, player: &str) -> Value {
    let body = json!({ "prize_id": prize["prize_id"], "user_id": player });
    app.post(CLAIM, &body).await.expect(200)
}

async fn statistics(app: &TestApp, player: &str) -> Value {
    app.get(&format!("/api/v2/prizes/stats?user_id={player}")).await["stats"].clone()
}

/// A week in which these players got these scores, and its end.
async fn week(app: &TestApp, scores: &[(&str, i64)]) {
    for (player, score) in scores {
        app.plays(player, *score).await;
        app.advance(1);
    }
    app.advance(days(7));
}

#[tokio::test]
async fn the_first_fifty_win_by_rank_and_the_next_ones_nothing() {
    let app = TestApp::start().await;
    // Ranks 4 and 5 have the same score: who was first stands higher.
    let games: Vec<Value> = (1..=55)
        .map(|n| app.game(&format!("p{n:02}"), if n == 5 { 960 } else { 1_000 - n * 10 }))
        .collect();
    let (fifth, others): (Vec<Value>, Vec<Value>) =
        games.into_iter().partition(|game| game["user_id"] == "p05");
    app.post_events(&json!(others)).await;
    app.advance(1_000);
    app.post_events(&json!(fifth)).await;
    app.advance(days(7));
    prize(&app, "p01").await;
    for (rank, coins, gems) in [
        (1, 5000, 250),
        (2, 3000, 150),
        (3, 2000, 100),
        (4, 1000, 50),
        (5, 1000, 50),
        (10, 1000, 50),
        (11, 500, 25),
        (50, 500, 25),
    ] {
        let won = pending(&app, &format!("p{rank:02}")).await;
        assert_eq!(won.len(), 1, "rank {rank}");
        let numbers = (&won[0]["rank"], &won[0]["coins"], &won[0]["gems"]);
        assert_eq!(numbers, (&json!(rank), &json!(coins), &json!(gems)));
    }
    for player in ["p51", "p55", "nobody"] {
        assert_eq!(pending(&app, player).await.len(), 0, "{player}");
    }
    let all: u64 = {
        let mut prizes = 0;
        for n in 1..=55 {
            prizes += pending(&app, &format!("p{n:02}")).await.len() as u64;
        }
        prizes
    };
    assert_eq!(all, 50);
}

#[tokio::test]
async fn a_prize_is_described_to_its_winner() {
    let app = TestApp::start().await;
    week(&app, &[("ann", 90), ("ben", 80)]).await;
    let second = prize(&app, "ben").await;
    for (field, expected) in [
        ("tournament_id", json!("weekly_2026_w48")),
        ("tournament_name", json!("Weekly Tournament 2026 week 48")),
        ("rank", json!(2)),
        ("rank_label", json!("2nd Place")),
        ("coins", json!(3000)),
        ("gems", json!(150)),
        ("total_value", json!(4500)),
    ] {
        assert_eq!(second[field], expected, "{field}");
    }
    assert_eq!(second["awarded_at"], app.now().to_string());
    assert!(second["prize_id"].as_str().is_some_and(|id| id.len() == 36));
    assert!(second["celebration_message"].as_str().is_some_and(|text| text.contains("2nd")));
}

#[tokio::test]
async fn the_first_claim_wins_and_every_later_one_hears_of_it() {
    let app = TestApp::start().await;
    week(&app, &[("ann", 90)]).await;
    let won = prize(&app, "ann").await;
    let claimed_at = app.now().to_string();
    let first = claim(&app, &won, "ann").await;
    let expected = json!({
        "success": true, "message": "Prize claim acknowledged", "prize_id": won["prize_id"],
        "status": "claimed", "claimed_at": claimed_at, "coins": 5000, "gems": 250,
    });
    assert_eq!(first, expected);
    app.advance(hours(5));
    for _ in 0..3 {
        assert_eq!(claim(&app, &won, "ann").await, with(&expected, "status", "already_claimed"));
    }
    assert_eq!(pending(&app, "ann").await.len(), 0);
    let app = app.restart().await;
    assert_eq!(claim(&app, &won, "ann").await["status"], "already_claimed");
    assert_eq!(pending(&app, "ann").await.len(), 0, "closing again awards nothing again");
}

#[tokio::test]
async fn many_claims_at_once_are_one() {
    let app = TestApp::start().await;
    week(&app, &[("ann", 90)]).await;
    let won = prize(&app, "ann").await;
    let body = json!({ "prize_id": won["prize_id"], "user_id": "ann" });
    let address = app.server().address();
    let claims: Vec<_> =
        (0..20).map(|_| tokio::spawn(Request::post(CLAIM).json(&body).send(address))).collect();
    let mut claimed = 0;
    for claim in claims {
        let answer = claim.await.expect("an answer").expect(200);
        claimed += u32::from(answer["status"] == "claimed");
        assert_eq!(answer["coins"], 5000);
    }
    assert_eq!(claimed, 1);
    assert_eq!(statistics(&app, "ann").await["claimed_prizes"], 1);
}

#[tokio::test]
async fn nobody_claims_what_is_someone_elses() {
    let app = TestApp::start().await;
    week(&app, &[("ann", 90), ("ben", 80)]).await;
    let won = prize(&app, "ann").await;
    for (prize_id, player) in [
        (won["prize_id"].clone(), "ben"),
        (won["prize_id"].clone(), "nobody"),
        (json!("00000000-0000-4000-8000-000000000000"), "ann"),
        (json!("not a uuid"), "ann"),
        (json!("'; DROP TABLE prizes; --"), "ann"),
    ] {
        let answer = claim(&app, &json!({ "prize_id": prize_id }), player).await;
        let expected = json!({
            "success": true, "message": "Prize claim acknowledged", "prize_id": prize_id,
            "status": "not_found", "claimed_at": null, "coins": null, "gems": null,
        });
        assert_eq!(answer, expected, "{player}");
    }
    assert_eq!(pending(&app, "ann").await.len(), 1, "nothing happened to it");
    assert_eq!(claim(&app, &won, "ann").await["status"], "claimed");
}

#[tokio::test]
async fn a_devices_clock_never_spoils_a_claim() {
    let app = TestApp::start().await;
    let players = ["p0", "p1", "p2", "p3", "p4"];
    week(&app, &players.map(|player| (player, 50))).await;
    let clocks = [
        json!("1970-01-01T00:00:00Z"),
        json!("2099-01-01"),
        json!("nonsense"),
        json!(-1),
        json!({}),
    ];
    for (player, clock) in players.into_iter().zip(clocks) {
        let won = prize(&app, player).await;
        let body = json!({ "prize_id": won["prize_id"], "user_id": player, "claimed_at": clock });
        let answer = app.post(CLAIM, &body).await.expect(200);
        assert_eq!(answer["status"], "claimed", "{clock}");
        assert_eq!(answer["claimed_at"], app.now().to_string(), "the server's clock decides");
    }
}

#[tokio::test]
async fn a_question_without_its_player_is_refused_in_the_words_that_clients_know() {
    let app = TestApp::start().await;
    for path in ["pending", "history", "stats"] {
        for query in ["", "?user_id=", "?user=ann"] {
            let answer = app.send(Request::get(&format!("/api/v2/prizes/{path}{query}"))).await;
            let problem = answer.refused("user_id required");
            assert_eq!(problem["errors"][0]["field"], "user_id");
        }
        let long = format!("/api/v2/prizes/{path}?user_id={}", "x".repeat(256));
        app.send(Request::get(&long)).await.problem(400);
    }
    for body in [
        json!({}),
        json!({ "prize_id": "x" }),
        json!({ "user_id": "ann" }),
        json!({ "prize_id": "", "user_id": "ann" }),
        json!({ "prize_id": "x", "user_id": null }),
        json!({ "prize_id": 7, "user_id": "ann" }),
    ] {
        app.post(CLAIM, &body).await.refused("prize_id and user_id required");
    }
    app.send(Request::post(CLAIM)).await.refused("prize_id and user_id required");
    for body in ["{", "[]", "[\"x\", \"ann\"]", "5", "null"] {
        app.send(Request::post(CLAIM).body(body)).await.refused("Invalid JSON payload");
    }
}

#[tokio::test]
async fn an_operator_awards_a_prize_once() {
    let app = TestApp::start().await;
    let items = json!({ "coins": 500, "gems": 25 });
    let body = json!({ "user_id": "ann", "items": items, "note": "the outage" });
    let given = app.operate(PRIZES, &body).await.expect(200);
    let expected = json!({
        "success": true, "changed": true, "prize_id": given["prize_id"], "user_id": "ann",
        "coins": 500, "gems": 25, "awarded_at": app.now().to_string(), "claimed_at": null,
        "revoked_at": null,
    });
    assert_eq!(given, expected);
    assert_eq!(app.operate(PRIZES, &body).await.expect(200), with(&expected, "changed", false));
    let waiting = pending(&app, "ann").await;
    let expected = json!({
        "prize_id": given["prize_id"], "tournament_id": "", "tournament_name": "Award", "rank": 0,
        "rank_label": "Award", "coins": 500, "gems": 25, "awarded_at": app.now().to_string(),
        "total_value": 750, "celebration_message": "You were awarded a prize!",
    });
    assert_eq!(waiting, [expected]);
    assert_eq!(claim(&app, &given, "ann").await["status"], "claimed");
    let once_more = with(&body, "prize_id", "00000000-0000-4000-8000-000000000001");
    assert_eq!(app.operate(PRIZES, &once_more).await.expect(200)["changed"], true);
    let other = with(&once_more, "user_id", "ben");
    app.operate(PRIZES, &other).await.problem(409);
    let log = app.operator_get("/api/admin/audit?act=awardPrize").await;
    let entry = &log["entries"][1];
    assert_eq!((&entry["target"], &entry["note"]), (&json!("ann"), &json!("the outage")));
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(2), "{log}");
}

#[tokio::test]
async fn what_is_no_award_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let whole = json!({ "user_id": "ann", "items": { "coins": 1 }, "note": "why" });
    for (field, value) in [
        ("user_id", json!("")),
        ("items", json!({})),
        ("items", json!({ "coins": 0, "gems": 0 })),
        ("items.coins", json!({ "coins": -1 })),
        ("items.gems", json!({ "gems": 1_000_000_001 })),
        ("items.hats", json!({ "hats": 1 })),
        ("note", json!(" ")),
        ("prize_id", json!("no id")),
    ] {
        let key = field.split('.').next().expect("a key");
        let problem = app.operate(PRIZES, &with(&whole, key, value)).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert_eq!(pending(&app, "ann").await.len(), 0);
}

#[tokio::test]
async fn a_revoked_prize_is_not_the_players_any_more() {
    let app = TestApp::start().await;
    week(&app, &[("ann", 90), ("ben", 80)]).await;
    let (first, second) = (prize(&app, "ann").await, prize(&app, "ben").await);
    claim(&app, &second, "ben").await;
    let revoke = async |prize: &Value| {
        let id = prize["prize_id"].as_str().expect("an id");
        let path = format!("{PRIZES}/{id}/revoke");
        app.operate(&path, &json!({ "note": "a changed app" })).await.expect(200)
    };
    let revoked = revoke(&first).await;
    let said = (&revoked["changed"], &revoked["claimed_at"], &revoked["user_id"]);
    assert_eq!(said, (&json!(true), &Value::Null, &json!("ann")));
    assert_eq!(revoke(&first).await, with(&revoked, "changed", false));
    assert!(revoke(&second).await["claimed_at"].is_string(), "the game has to take it back");
    for (prize, player) in [(&first, "ann"), (&second, "ben")] {
        assert_eq!(claim(&app, prize, player).await["status"], "not_found");
        assert_eq!(pending(&app, player).await.len(), 0);
        assert_eq!(statistics(&app, player).await["total_prizes"], 0);
        let history = app.get(&format!("/api/v2/prizes/history?user_id={player}")).await;
        assert_eq!(history["count"], 0);
    }
    for id in ["nothing", "00000000-0000-4000-8000-000000000000"] {
        app.operate(&format!("{PRIZES}/{id}/revoke"), &json!({ "note": "x" })).await.problem(404);
    }
    let path = format!("{PRIZES}/{}/revoke", first["prize_id"].as_str().expect("an id"));
    assert_eq!(app.operate(&path, &json!({})).await.problem(400)["errors"][0]["field"], "note");
}

#[tokio::test]
async fn history_and_statistics_remember_every_prize() {
    let app = TestApp::start().await;
    let nothing = json!({
        "total_prizes": 0, "claimed_prizes": 0, "pending_prizes": 0, "total_coins_won": 0,
        "total_gems_won": 0, "claimed_coins": 0, "claimed_gems": 0, "best_rank": null,
        "tournaments_won": 0,
    });
    assert_eq!(statistics(&app, "ann").await, nothing);
    for week_no in 0..12 {
        let ben = if week_no == 3 { 10 } else { 90 };
        week(&app, &[("ann", 50), ("ben", ben)]).await;
        let expected = week_no + 1;
        eventually("the end of the week", async || {
            let found = pending(&app, "ann").await.len();
            if found == expected { Ok(()) } else { Err(found) }
        })
        .await;
    }
    let history = async |query: &str| {
        let answer = app.get(&format!("/api/v2/prizes/history?user_id=ann{query}")).await;
        answer["prizes"].as_array().expect("a list").clone()
    };
    assert_eq!(history("").await.len(), 10, "ten by default");
    let all = history("&limit=100").await;
    assert_eq!(all.len(), 12);
    let awarded: Vec<&str> = all.iter().filter_map(|one| one["awarded_at"].as_str()).collect();
    assert!(awarded.is_sorted_by(|a, b| a >= b), "newest first: {awarded:?}");
    let winner = all.iter().find(|one| one["rank"] == 1).expect("one week was won");
    assert_eq!((&winner["claimed"], &winner["claimed_at"]), (&json!(false), &Value::Null));
    claim(&app, winner, "ann").await;
    let all = history("&limit=1000").await;
    let claimed: Vec<&Value> = all.iter().filter(|one| one["claimed"] == true).collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0]["claimed_at"], app.now().to_string());
    let expected = json!({
        "total_prizes": 12, "claimed_prizes": 1, "pending_prizes": 11,
        "total_coins_won": 5000 + 11 * 3000, "total_gems_won": 250 + 11 * 150,
        "claimed_coins": 5000, "claimed_gems": 250, "best_rank": 1, "tournaments_won": 1,
    });
    assert_eq!(statistics(&app, "ann").await, expected);
    for bad in ["0", "-1", "x", "1001", ""] {
        let path = format!("/api/v2/prizes/history?user_id=ann&limit={bad}");
        assert_eq!(app.send(Request::get(&path)).await.problem(400)["errors"][0]["field"], "limit");
    }
}
