//! What operators do to players: docs/players.md.

use serde_json::{Value, json};

use crate::client::Request;
use crate::test_app::{ADMIN_TOKEN, TestApp, days, eventually, hours};

async fn act(app: &TestApp, player: &str, verb: &str, body: &Value) -> Value {
    app.operate(&format!("/api/v2/players/{player}/{verb}"), body).await.expect(200)
}

/// What the main board shows, and to whom.
async fn seen_by(app: &TestApp, viewer: &str) -> Vec<(u64, String)> {
    let path = format!("/api/v2/leaderboard/global?user_id={viewer}");
    let page = app.get(&path).await;
    let rows = page["leaderboard"].as_array().expect("a list");
    let row = |row: &Value| {
        let player = row["user_id"].as_str().expect("a player").to_owned();
        (row["rank"].as_u64().expect("a rank"), player)
    };
    rows.iter().map(row).collect()
}

fn ranked(players: &[&str]) -> Vec<(u64, String)> {
    (1..).zip(players.iter().map(|player| (*player).to_owned())).collect()
}

#[tokio::test]
async fn boards_pass_over_who_is_banned_at_once_and_until_that_is_lifted() {
    let app = TestApp::start().await;
    for (player, score) in [("cheat", 1_700), ("ann", 300), ("ben", 200)] {
        app.plays(player, score).await;
    }
    // Mistyped, it would be a ban for ever.
    let mistyped = json!({ "untill": "2026-12-01T00:00:00Z" });
    let refused = app.operate("/api/v2/players/cheat/ban", &mistyped).await.problem(400);
    assert_eq!(refused["errors"][0]["field"], "untill", "{refused}");
    app.board_shows(&[("cheat", 1_700), ("ann", 300), ("ben", 200)]).await;
    let banned = act(&app, "cheat", "ban", &json!({ "note": "no game gives that" })).await;
    assert_eq!((&banned["banned"], &banned["changed"]), (&json!(true), &json!(true)));
    assert_eq!(seen_by(&app, "ann").await, ranked(&["ann", "ben"]));
    assert_eq!(
        seen_by(&app, "cheat").await,
        ranked(&["ann", "ben"]),
        "and is not hidden from them"
    );
    assert_eq!(app.player("cheat").await, Value::Null);
    assert_eq!(app.player("ann").await["rank"], 1);
    let current = app.get("/api/v2/tournaments/current").await["tournament"].clone();
    assert_eq!(current["participants"], 2);
    let id = current["tournament_id"].as_str().expect("an id");
    app.page_shows(
        &format!("/api/v2/tournaments/{id}/leaderboard"),
        "best_score",
        &[("ann", 300), ("ben", 200)],
    )
    .await;
    app.plays("cheat", 1_800).await;
    assert_eq!(seen_by(&app, "ann").await, ranked(&["ann", "ben"]), "later scores obey too");
    let again = act(&app, "cheat", "ban", &json!({})).await;
    assert_eq!(again["changed"], false);

    let app = app.restart().await;
    assert_eq!(seen_by(&app, "ann").await, ranked(&["ann", "ben"]));
    act(&app, "cheat", "unban", &json!({ "note": "a mistake" })).await;
    assert_eq!(seen_by(&app, "ann").await, ranked(&["cheat", "ann", "ben"]));
    assert_eq!(app.player("cheat").await["high_score"], 1_800, "what was played meanwhile counts");
    let log = app.operator_get("/api/admin/audit?target=cheat").await;
    let told: Vec<_> = log["entries"].as_array().expect("a list").iter().collect();
    assert_eq!(told.len(), 2, "{log}");
    assert_eq!(
        (&told[1]["act"], &told[1]["note"]),
        (&json!("banPlayer"), &json!("no game gives that"))
    );
    assert_eq!(
        (&told[0]["before"]["banned"], &told[0]["after"]["banned"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn who_is_banned_in_the_shadow_sees_the_boards_as_if() {
    let app = TestApp::start().await;
    for (player, score) in [("ann", 400), ("cheat", 300), ("ben", 200), ("cy", 100)] {
        app.plays(player, score).await;
    }
    act(&app, "cheat", "ban", &json!({ "shadow": true })).await;
    assert_eq!(seen_by(&app, "ann").await, ranked(&["ann", "ben", "cy"]));
    assert_eq!(seen_by(&app, "cheat").await, ranked(&["ann", "cheat", "ben", "cy"]));
    let own = app.player("cheat").await;
    assert_eq!((&own["rank"], &own["high_score"]), (&json!(2), &json!(300)));
    assert_eq!(app.player("ben").await["rank"], 2);
    let around = |id: &str| format!("/api/v2/leaderboards/global/players/{id}?around=1");
    let places = async |id: &str| {
        let page = app.get(&around(id)).await;
        let rows = page["around"].as_array().expect("a list").clone();
        rows.iter().map(|row| (row["rank"].as_u64(), row["user_id"].clone())).collect::<Vec<_>>()
    };
    let expected = [(Some(1), json!("ann")), (Some(2), json!("cheat")), (Some(3), json!("ben"))];
    assert_eq!(places("cheat").await, expected);
    let expected = [(Some(1), json!("ann")), (Some(2), json!("ben")), (Some(3), json!("cy"))];
    assert_eq!(places("ben").await, expected);
    app.plays("cheat", 1_000).await;
    assert_eq!(seen_by(&app, "cheat").await, ranked(&["cheat", "ann", "ben", "cy"]));
    let page = app.get("/api/v2/leaderboard/global?user_id=cheat&limit=1").await;
    assert_eq!((&page["user_rank"]["rank"], &page["total_players"]), (&json!(1), &json!(4)));
}

#[tokio::test]
async fn who_is_banned_when_the_week_ends_wins_nothing_and_the_next_one_does() {
    let app = TestApp::start().await;
    for (player, score) in [("cheat", 1_700), ("shady", 900), ("fair", 100)] {
        app.plays(player, score).await;
    }
    act(&app, "cheat", "ban", &json!({})).await;
    act(&app, "shady", "ban", &json!({ "shadow": true })).await;
    app.advance(days(7));
    let won = async |player: &str| {
        app.get(&format!("/api/v2/prizes/pending?user_id={player}")).await["prizes"].clone()
    };
    let prize = eventually("the prize of the fair one", async || {
        won("fair").await.get(0).cloned().ok_or("no prize")
    })
    .await;
    assert_eq!(prize["rank"], 1);
    assert_eq!((won("cheat").await, won("shady").await), (json!([]), json!([])));
}

#[tokio::test]
async fn a_ban_with_an_end_ends_by_itself() {
    let app = TestApp::start().await;
    for (player, score) in [("cheat", 1_700), ("ann", 300)] {
        app.plays(player, score).await;
    }
    let until = json!({ "until": "2026-11-23T12:00:00Z" });
    act(&app, "cheat", "ban", &until).await;
    app.board_shows(&[("ann", 300)]).await;
    app.advance(hours(2));
    app.board_shows(&[("cheat", 1_700), ("ann", 300)]).await;
    let past = Request::post("/api/v2/players/ann/ban").bearer(ADMIN_TOKEN).json(&until);
    assert_eq!(app.send(past).await.problem(400)["errors"][0]["field"], "until");
}

const UNIQUE: &str = "\n[nicknames]\nunique = true\nreserved = [\"Admin\"]\n";

async fn wants(app: &TestApp, player: &str, nickname: &str) -> (u16, Value) {
    let body = json!({ "user_id": player, "nickname": nickname });
    let answer = app.post("/api/v2/leaderboard/update-nickname", &body).await;
    (answer.status, answer.json()["error"].clone())
}

#[tokio::test]
async fn a_name_that_must_be_unique_is_refused_with_its_look_alikes_in_the_words_that_clients_show()
{
    let game = format!("{}{UNIQUE}", scoreline_core::game::SAMPLE);
    let app = TestApp::with().game(game).start().await;
    assert_eq!(wants(&app, "ann", "Ace Pilot").await.0, 200);
    let taken = (400, json!("Nickname is already taken"));
    for same in ["Ace Pilot", "ACE PILOT", "acepilot", "Ace Pi1ot"] {
        assert_eq!(wants(&app, "bob", same).await, taken, "{same}");
    }
    assert_eq!(wants(&app, "ann", "Ace pilot").await.0, 200, "it is her own");
    assert_eq!(wants(&app, "ann", "Ada").await.0, 200);
    assert_eq!(wants(&app, "bob", "Ace Pilot").await.0, 200, "it is free again");
    // Unless the game says so, names need not be unique.
    let app = TestApp::start().await;
    for player in ["ann", "bob"] {
        assert_eq!(wants(&app, player, "Ace Pilot").await.0, 200);
    }
}

#[tokio::test]
async fn operators_rename_players_and_block_names_and_the_log_says_why() {
    let game = format!("{}{UNIQUE}", scoreline_core::game::SAMPLE);
    let app = TestApp::with().game(game).start().await;
    app.plays("ann", 10).await;
    assert_eq!(wants(&app, "ann", "Insult").await.0, 200);
    let blocked = app
        .operate("/api/v2/nicknames/block", &json!({ "nickname": "Insult", "note": "rude" }))
        .await;
    let expected =
        json!({ "success": true, "nickname": "Insult", "changed": true, "players": ["ann"] });
    assert_eq!(blocked.expect(200), expected);
    for name in ["Insult", "INSULT", "Insu1t", "i n s u l t"] {
        assert_eq!(
            wants(&app, "bob", name).await,
            (400, json!("Nickname is not allowed")),
            "{name}"
        );
    }
    let renamed = json!({ "nickname": "Admin", "note": "rude" });
    let renamed = app.operate("/api/v2/players/ann/nickname", &renamed).await.expect(200);
    assert_eq!(renamed["nickname"], "Admin", "reserved names are the operator's to give");
    assert_eq!(app.player("ann").await["nickname"], "Admin");
    assert_eq!(wants(&app, "ann", "Insult").await.0, 400, "there is no way back");
    let clash = json!({ "nickname": "admin" });
    app.operate("/api/v2/players/bob/nickname", &clash).await.problem(409);
    let short =
        app.operate("/api/v2/players/bob/nickname", &json!({ "nickname": "x" })).await.problem(400);
    assert_eq!(short["errors"][0]["field"], "nickname");

    let list = app.operator_get("/api/v2/nicknames/blocked").await;
    assert_eq!(
        (&list["nicknames"][0]["nickname"], &list["nicknames"][0]["note"]),
        (&json!("Insult"), &json!("rude"))
    );
    assert_eq!(
        app.operate("/api/v2/nicknames/unblock", &json!({ "nickname": "insult" }))
            .await
            .expect(200)["changed"],
        true
    );
    assert_eq!(
        app.operate("/api/v2/nicknames/unblock", &json!({ "nickname": "insult" }))
            .await
            .expect(200)["changed"],
        false
    );
    assert_eq!(wants(&app, "bob", "Insult").await.0, 200);
    let log = app.operator_get("/api/admin/audit?act=renamePlayer").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["target"], &entry["note"]), (&json!("ann"), &json!("rude")));
    assert_eq!(
        (&entry["before"]["nickname"], &entry["after"]["nickname"]),
        (&json!("Insult"), &json!("Admin"))
    );
}

const VOID: &str = "/api/events/void";
const UNVOID: &str = "/api/events/unvoid";

#[tokio::test]
async fn a_score_that_is_voided_is_gone_from_boards_and_statistics_until_it_counts_again() {
    let app = TestApp::start().await;
    let cheated = app.game("ann", 1_700);
    app.post_events(&json!([cheated, app.game("ann", 200), app.game("ben", 300)])).await;
    app.board_shows(&[("ann", 1_700), ("ben", 300)]).await;
    let body = json!({
        "event_ids": [cheated["event_id"]], "filter": { "user_id": "ann" }, "note": "a changed app",
    });
    let looked = app.operate(VOID, &crate::story::with(&body, "dry_run", true)).await.expect(200);
    assert_eq!((&looked["matched"], &looked["changed"]), (&json!(1), &json!(1)));
    app.board_shows(&[("ann", 1_700), ("ben", 300)]).await;
    let done = app.operate(VOID, &body).await.expect(200);
    assert_eq!((&done["matched"], &done["changed"]), (&json!(1), &json!(1)));
    assert_eq!(seen_by(&app, "ben").await, ranked(&["ben", "ann"]));
    assert_eq!(app.player("ann").await["high_score"], 200);
    assert_eq!(app.games_of("ann").await, 1);
    let stats = app.get("/api/v2/players/ann/stats").await;
    assert_eq!(stats["statistics"]["games_played"], 1, "{stats}");
    app.post_events(&cheated).await;
    assert_eq!(app.games_of("ann").await, 1, "a resend obeys");
    assert_eq!(app.operate(VOID, &body).await.expect(200)["changed"], 0);

    let app = app.restart().await;
    app.board_shows(&[("ben", 300), ("ann", 200)]).await;
    let by_filter = json!({ "filter": { "user_id": "ann" }, "note": "a mistake" });
    let back = app.operate(UNVOID, &by_filter).await.expect(200);
    assert_eq!((&back["matched"], &back["changed"]), (&json!(2), &json!(1)));
    assert_eq!(seen_by(&app, "ben").await, ranked(&["ann", "ben"]));
    let log = app.operator_get("/api/admin/audit?target=ann").await;
    let told: Vec<_> =
        log["entries"].as_array().expect("a list").iter().map(|one| one["act"].clone()).collect();
    assert_eq!(told, ["unvoidEvents", "voidEvents"]);
    assert_eq!(log["entries"][1]["note"], "a changed app");
}

#[tokio::test]
async fn events_are_voided_by_ids_alone_and_by_type_of_everybody() {
    let app = TestApp::start().await;
    let (one, other) = (app.game("ann", 900), app.game("ben", 800));
    let ids = json!([one["event_id"], other["event_id"]]);
    app.post_events(&json!([one, other, app.game("cy", 100)])).await;
    let body = json!({ "event_ids": ids, "note": "both" });
    assert_eq!(app.operate(VOID, &body).await.expect(200)["changed"], 2);
    app.board_shows(&[("cy", 100)]).await;
    let all = json!({ "filter": { "event_type": "game_ended" }, "note": "a broken build" });
    let done = app.operate(VOID, &all).await.expect(200);
    assert_eq!((&done["matched"], &done["changed"]), (&json!(3), &json!(1)));
    app.board_shows(&[]).await;
    app.operate(UNVOID, &all).await.expect(200);
    app.board_shows(&[("ann", 900), ("ben", 800), ("cy", 100)]).await;
    for (body, field) in [
        (json!({ "note": "everything" }), "filter"),
        (json!({ "filter": { "user_id": "ann" } }), "note"),
        (json!({ "filter": { "user_id": "ann", "score": 5 }, "note": "x" }), "filter"),
        (json!({ "event_ids": ["no id"], "note": "x" }), "event_ids"),
    ] {
        let problem = app.operate(VOID, &body).await.problem(400);
        let named = problem["errors"][0]["field"].as_str().expect("a field").to_owned();
        assert!(named.starts_with(field), "{body}: {problem}");
    }
}

#[tokio::test]
async fn a_score_that_is_voided_before_the_week_ends_wins_nothing() {
    let app = TestApp::start().await;
    for (player, score) in [("cheat", 1_700), ("fair", 100)] {
        app.plays(player, score).await;
    }
    let body = json!({ "filter": { "user_id": "cheat" }, "note": "why" });
    app.operate(VOID, &body).await.expect(200);
    app.advance(days(7));
    let won = async |player: &str| {
        app.get(&format!("/api/v2/prizes/pending?user_id={player}")).await["prizes"].clone()
    };
    let prize = eventually("the prize of the fair one", async || {
        won("fair").await.get(0).cloned().ok_or("no prize")
    })
    .await;
    assert_eq!(prize["rank"], 1);
    // What is paid stays paid.
    app.operate(UNVOID, &body).await.expect(200);
    assert_eq!(won("cheat").await, json!([]));
}

#[tokio::test]
async fn everything_that_is_kept_of_a_player_is_exported() {
    let app = TestApp::start().await;
    // More than one page of events.
    for _ in 0..10 {
        let games: Vec<Value> = (0..450).map(|score| app.game("ann", score)).collect();
        app.post_events(&json!(games)).await;
    }
    app.plays("ben", 900).await;
    let bad = json!([{ "event_type": "nonsense", "user_id": "ann" }, app.game("ann", -1)]);
    app.post_events(&bad).await;
    let name = json!({ "user_id": "ann", "nickname": "Annie" });
    app.post("/api/v2/leaderboard/update-nickname", &name).await.expect(200);
    act(&app, "ann", "ban", &json!({ "shadow": true, "note": "a secret thought" })).await;
    app.advance(days(7));
    let export = async |player: &str| {
        let path = format!("/api/v2/players/{player}/export");
        app.send(Request::get(&path).bearer(ADMIN_TOKEN)).await.expect(200)
    };
    let ann = export("ann").await;
    assert_eq!((&ann["user_id"], &ann["profile"]["nickname"]), (&json!("ann"), &json!("Annie")));
    assert_eq!(ann["profile"]["ban"]["shadow"], true);
    let events = ann["events"].as_array().expect("a list");
    let stats = app.get("/api/v2/players/ann/stats").await;
    assert_eq!(json!(events.len()), stats["statistics"]["games_played"]);
    assert_eq!(ann["statistics"]["games_played"], stats["statistics"]["games_played"]);
    assert!(events.iter().all(|one| one["event"]["user_id"] == "ann" && one["voided"] == false));
    let scores: std::collections::BTreeSet<_> =
        events.iter().map(|one| one["event"]["score"].as_i64()).collect();
    assert_eq!(scores.len(), 450, "each is there");
    let boards = ann["boards"].as_array().expect("a list");
    let best = |name: &str| boards.iter().find(|one| one["name"] == name).expect("a place").clone();
    assert_eq!(best("global")["score"], 449);
    assert!(boards.iter().any(|one| one["kind"] == "tournament"), "{boards:?}");
    assert_eq!(ann["rejected"].as_array().map(Vec::len), Some(2));
    assert_eq!(ann["acts"][0]["act"], "banPlayer");
    assert!(!ann.to_string().contains("a secret thought"));
    assert!(!ann.to_string().contains("ben"));
    let nobody = export("nobody").await;
    for list in ["boards", "prizes", "events", "rejected", "dead", "acts"] {
        assert_eq!(nobody[list], json!([]), "{list}");
    }
    let ben = eventually("the prize of ben", async || {
        let ben = export("ben").await;
        if ben["prizes"][0]["rank"] == 1 { Ok(ben) } else { Err(ben) }
    })
    .await;
    assert_eq!(ben["prizes"][0]["claimed_at"], Value::Null);
    app.send(Request::get("/api/v2/players/ann/export")).await.problem(401);
}

#[tokio::test]
async fn a_player_who_is_erased_is_gone_for_good() {
    let app = TestApp::start().await;
    for (player, score) in [("gone", 500), ("stays", 400)] {
        app.plays(player, score).await;
    }
    let name = json!({ "user_id": "gone", "nickname": "Real Name" });
    app.post("/api/v2/leaderboard/update-nickname", &name).await.expect(200);
    let erase = |body: Value| {
        Request::new("DELETE", "/api/v2/players/gone").bearer(ADMIN_TOKEN).json(&body)
    };
    for slip in [json!({ "confirm": "stays" }), json!({})] {
        let slip = app.send(erase(slip)).await.problem(400);
        assert_eq!(slip["errors"][0]["field"], "confirm");
    }
    let body = json!({ "confirm": "gone", "note": "by mail" });
    let begun = app.send(erase(body.clone())).await.expect(202);
    app.board_shows(&[("stays", 400)]).await;
    let job = format!("/api/admin/jobs/{}", begun["job_id"].as_str().expect("a job"));
    let done = eventually("the erasure", async || {
        let job = app.operator_get(&job).await;
        if job["status"] == "done" { Ok(job) } else { Err(job) }
    })
    .await;
    assert_eq!((&done["receipt"]["events"], &done["progress"]), (&json!(1), &json!(1.0)));
    assert_eq!(app.send(erase(body)).await.expect(202)["job_id"], begun["job_id"]);
    app.board_shows(&[("stays", 400)]).await;
    app.send(Request::get("/api/v2/players/gone/stats")).await.problem(404);
    let bad = json!({ "event_type": "nonsense", "user_id": "gone" });
    let late = json!([app.game("gone", 600), app.game("stays", 450), bad]);
    let late = app.post_events(&late).await;
    assert_eq!((&late["accepted"], &late["count"]), (&json!(1), &json!(3)), "{late}");
    let rejected = late["rejected"].as_array().expect("a list");
    let told: Vec<_> = rejected.iter().map(|one| (&one["index"], &one["code"])).collect();
    let erased = json!("player_erased");
    assert_eq!(told, [(&json!(0), &erased), (&json!(2), &erased)]);
    app.board_shows(&[("stays", 450)]).await;
    let kept = app.operator_get("/api/events/quarantine").await;
    assert_eq!(kept["count"], 0, "{kept}");
    assert_eq!(app.operator_get("/api/events/recent?user_id=gone").await["count"], 0);
    app.post("/api/v2/leaderboard/update-nickname", &name).await.problem(409);
    let session = json!({ "user_id": "gone", "device_secret": "a secret of some length" });
    app.post("/api/v2/players/session", &session).await.problem(409);
    app.operate("/api/v2/players/gone/unban", &json!({})).await.problem(409);
    let app = app.restart().await;
    let late = app.post_events(&app.game("gone", 700)).await;
    assert_eq!(late["accepted"], 0, "also after a restart: {late}");
    app.board_shows(&[("stays", 450)]).await;
    let log = app.operator_get("/api/admin/audit?act=erasePlayer").await;
    assert_eq!(log["entries"][0]["note"], "by mail");
    assert!(!app.operator_get("/api/admin/audit").await.to_string().contains("gone"), "{log}");
    app.send(Request::get("/api/admin/jobs/none").bearer(ADMIN_TOKEN)).await.problem(404);
}

#[tokio::test]
async fn a_player_who_is_moved_is_another_from_then_on() {
    let app = TestApp::start().await;
    let lost = app.game("lost", 500);
    assert_eq!(app.post_events(&lost).await["accepted"], 1);
    for (player, score) in [("found", 300), ("ann", 400)] {
        app.plays(player, score).await;
    }
    let name = json!({ "user_id": "lost", "nickname": "Pilot" });
    app.post("/api/v2/leaderboard/update-nickname", &name).await.expect(200);
    let bad = json!({ "event_type": "nonsense", "user_id": "lost" });
    app.post_events(&bad).await;
    let moving = json!({ "to": "found", "note": "a new phone" });
    let looking = act(&app, "lost", "move", &json!({ "to": "found", "dry_run": true })).await;
    assert_eq!((&looking["events"], &looking["rejected"]), (&json!(1), &json!(1)), "{looking}");
    app.board_shows(&[("lost", 500), ("ann", 400), ("found", 300)]).await;
    let moved = act(&app, "lost", "move", &moving).await;
    assert_eq!((&moved["to"], &moved["changed"]), (&json!("found"), &json!(true)), "{moved}");
    app.board_shows(&[("found", 500), ("ann", 400)]).await;
    let row = app.player("found").await;
    assert_eq!((&row["nickname"], &row["total_games"]), (&json!("Pilot"), &json!(2)), "{row}");
    assert_eq!(app.player("lost").await, Value::Null);
    let kept = app.operator_get("/api/events/quarantine?user_id=found").await;
    assert_eq!(kept["count"], 1, "{kept}");

    // A resend and a late event under the former id.
    assert_eq!(app.post_events(&lost).await["accepted"], 1);
    assert_eq!(app.player("found").await["total_games"], 2, "it counts once");
    app.plays("lost", 600).await;
    app.board_shows(&[("found", 600), ("ann", 400)]).await;
    assert_eq!(app.player("found").await["total_games"], 3);
    assert_eq!(act(&app, "lost", "move", &moving).await["changed"], false);

    let refused = async |app: &TestApp, player: &str, to: &str, status| {
        let path = format!("/api/v2/players/{player}/move");
        let problem = app.operate(&path, &json!({ "to": to })).await.problem(status);
        problem["errors"][0]["field"].as_str().expect("a field").to_owned()
    };
    assert_eq!(refused(&app, "ann", "ann", 400).await, "to");
    assert_eq!(refused(&app, "found", "lost", 409).await, "to");
    assert_eq!(refused(&app, "lost", "ann", 409).await, "user_id");
    app.post("/api/v2/leaderboard/update-nickname", &name).await.problem(409);
    let session = json!({ "user_id": "lost", "device_secret": "a secret of some length" });
    app.post("/api/v2/players/session", &session).await.problem(409);
    app.operate("/api/v2/players/lost/ban", &json!({})).await.problem(409);

    let app = app.restart().await;
    app.plays("lost", 650).await;
    app.board_shows(&[("found", 650), ("ann", 400)]).await;
    let log = app.operator_get("/api/admin/audit?act=movePlayer").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["target"], &entry["note"]), (&json!("lost"), &json!("a new phone")));
    assert_eq!(entry["after"]["user_id"], "found", "{log}");
}
