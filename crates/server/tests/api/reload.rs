//! Another game definition, without a restart and without a gap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, TestApp, days, eventually};

const SAMPLE: &str = scoreline_core::game::SAMPLE;
const LONGEST: &str = "
[leaderboards.longest]
title = \"Longest flight\"
event = \"game_ended\"
operator = \"best\"
score = \"duration_seconds\"
";

async fn reload(app: &TestApp) -> Value {
    app.operate("/api/admin/reload", &json!({})).await.expect(200)
}

/// Waits for the end of a rebuild and answers how it went.
async fn rebuilt(app: &TestApp) -> Value {
    eventually("the end of the rebuild", async || {
        let status = app.operator_get("/api/admin/rebuild").await;
        if status["status"] == "running" { Err(status) } else { Ok(status) }
    })
    .await
}

#[tokio::test]
async fn a_reload_of_the_same_definition_changes_nothing() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 10).await;
    let answer = reload(&app).await;
    assert_eq!((&answer["success"], &answer["changed"]), (&json!(true), &json!(false)));
    assert_eq!(answer["incomplete"], json!([]));
    app.board_shows(&[("ann", 10)]).await;
    let compiled_in = TestApp::start().await;
    assert_eq!(reload(&compiled_in).await["changed"], false);
}

#[tokio::test]
async fn a_definition_with_mistakes_is_refused_with_their_lines_and_the_old_one_stays() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 10).await;
    let wrong = SAMPLE.replacen("operator = \"best\"", "operator = \"bset\"", 1);
    app.write_game(&wrong.replacen("type = \"string\"", "type = \"sting\"", 1));
    let problem = app.operate("/api/admin/reload", &json!({})).await.problem(400);
    let mistakes = problem["errors"].as_array().expect("a list");
    assert_eq!(mistakes.len(), 2, "all of them at once: {problem}");
    for mistake in mistakes {
        let reason = mistake["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("line ") && mistake["field"].is_string(), "{mistake}");
    }
    let suggestions = problem["errors"].to_string();
    assert!(suggestions.contains("best") && suggestions.contains("string"), "{suggestions}");
    for text in ["", "[game", "\0", "[game]\nname = 7\n"] {
        app.write_game(text);
        app.operate("/api/admin/reload", &json!({})).await.problem(400);
    }
    app.plays("ann", 20).await;
    app.board_shows(&[("ann", 20)]).await;
    let game = app.data_file("../game.toml");
    std::fs::remove_file(&game).expect("it was there");
    let problem = app.operate("/api/admin/reload", &json!({})).await.problem(400);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("game.toml")), "{problem}");
    app.plays("ann", 30).await;
}

#[tokio::test]
async fn a_new_event_type_and_platform_are_taken_right_after_the_reload() {
    let app = TestApp::with().game(SAMPLE).start().await;
    let mut event = app.launch("ann");
    event["event_type"] = json!("boss_defeated");
    event["platform"] = json!("web");
    assert_eq!(app.post_rejected(&event).await["code"], "unknown_event_type");
    let platforms = "platforms = [\"ios\", \"android\"";
    let wider = SAMPLE.replacen(platforms, &format!("{platforms}, \"web\""), 1);
    app.write_game(&format!("{wider}\n[events.boss_defeated]\n"));
    let answer = reload(&app).await;
    assert_eq!((&answer["changed"], &answer["incomplete"]), (&json!(true), &json!([])));
    assert_eq!(app.post_events(&event).await["accepted"], 1);
}

#[tokio::test]
async fn a_new_board_counts_at_once_and_says_that_it_lacks_history() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 100).await;
    app.write_game(&format!("{SAMPLE}{LONGEST}"));
    let answer = reload(&app).await;
    assert_eq!(answer["changed"], true);
    assert_eq!(answer["incomplete"], json!([{ "kind": "board", "name": "longest" }]));
    app.plays("ben", 200).await;
    let path = "/api/v2/leaderboards/longest";
    app.page_shows(path, "score", &[("ben", 70)]).await;
    let complete = async || {
        let boards = app.get("/api/v2/leaderboards").await;
        let boards = boards["leaderboards"].as_array().expect("a list").clone();
        boards.into_iter().find(|board| board["board"] == "longest").expect("it is there")
    };
    assert_eq!(complete().await["complete"], false);
    app.operate("/api/admin/rebuild", &json!({})).await.expect(202);
    let status = rebuilt(&app).await;
    assert_eq!((&status["status"], &status["projections_filled"]), (&json!("finished"), &json!(1)));
    app.page_shows(path, "score", &[("ben", 70), ("ann", 65)]).await;
    assert_eq!(complete().await["complete"], true);
}

#[tokio::test]
async fn a_board_is_filled_from_history_while_games_come_in() {
    let app = Arc::new(TestApp::with().game(SAMPLE).start().await);
    for batch in 0..20 {
        let games: Vec<Value> =
            (0..500).map(|n| app.game(&format!("old-{}", n % 200), batch * 40 + n % 40)).collect();
        assert_eq!(app.post_events(&json!(games)).await["accepted"], 500);
    }
    app.advance(days(1));
    app.write_game(&format!("{SAMPLE}{LONGEST}"));
    reload(&app).await;
    let stop = Arc::new(AtomicBool::new(false));
    let sender = tokio::spawn({
        let (app, stop) = (Arc::clone(&app), Arc::clone(&stop));
        async move {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let games: Vec<Value> =
                    (0..20).map(|n| app.game(&format!("new-{n}"), 1_000)).collect();
                assert_eq!(app.post_events(&json!(games)).await["accepted"], 20);
                sent += 20;
            }
            sent
        }
    });
    app.operate("/api/admin/rebuild", &json!({ "names": ["longest"] })).await.expect(202);
    let status = rebuilt(&app).await;
    assert_eq!(status["status"], "finished", "{status}");
    stop.store(true, Ordering::Relaxed);
    let sent: u64 = sender.await.expect("every game was acknowledged");
    // Every game counts exactly once: those the scan found and those that came meanwhile.
    let attempts = async |path: &str| {
        let page = app.get(&format!("{path}?limit=1000")).await;
        let rows = page["leaderboard"].as_array().expect("a list").clone();
        rows.iter().map(|row| row["attempts"].as_u64().expect("a count")).sum::<u64>()
    };
    for path in ["/api/v2/leaderboards/longest", "/api/v2/leaderboards/global"] {
        eventually("all games on the board", async || {
            let found = attempts(path).await;
            if found == 10_000 + sent { Ok(()) } else { Err((found, sent)) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_rebuild_of_everything_changes_nothing_that_can_be_seen() {
    let app = TestApp::start().await;
    for n in 0..30 {
        app.plays(&format!("p{n:02}"), 100 - n).await;
        app.post_events(&app.coins(&format!("p{n:02}"), n + 1)).await;
        app.advance(1_000);
    }
    let paths = [
        "/api/v2/leaderboards/global?limit=100",
        "/api/v2/leaderboards/weekly?limit=100",
        "/api/v2/leaderboards/coins?limit=100",
        "/api/v2/tournaments/weekly_2026_w48/leaderboard?limit=100",
        "/api/v2/players/p07/stats",
        "/api/v2/leaderboard/user/p12",
    ];
    let look = async || {
        let mut seen = Vec::new();
        for path in paths {
            seen.push(app.get(path).await);
        }
        seen
    };
    let before = eventually("all thirty on every board", async || {
        let seen = look().await;
        let full =
            |page: &Value| page["leaderboard"].as_array().is_some_and(|rows| rows.len() == 30);
        if seen[..4].iter().all(full) { Ok(seen) } else { Err(()) }
    })
    .await;
    app.operate("/api/admin/rebuild", &json!({ "all": true })).await.expect(202);
    assert_eq!(rebuilt(&app).await["status"], "finished");
    eventually("the same answers", async || {
        let after = look().await;
        if after == before { Ok(()) } else { Err(after) }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_rebuilt_is_refused() {
    let app = TestApp::start().await;
    let rebuild = "/api/admin/rebuild";
    let status = app.operator_get(rebuild).await;
    assert_eq!(status, json!({ "success": true, "status": "idle" }));
    let unknown = app.operate(rebuild, &json!({ "names": ["nowhere"] })).await;
    assert!([400, 404].contains(&unknown.status), "{}", unknown.text());
    let status = unknown.status;
    unknown.problem(status);
    for body in [json!({ "name": ["global"] }), json!({ "names": "global" }), json!([1])] {
        app.operate(rebuild, &body).await.problem(400);
    }
    let broken = Request::post(rebuild).bearer(ADMIN_TOKEN).body("{");
    app.send(broken).await.refused("Invalid JSON payload");
}

/// The sample in which the global board and with it the weekly tournament count iOS only.
fn filtered() -> String {
    let endless = "where = { game_mode = \"endless\" }";
    SAMPLE.replacen(endless, "where = { game_mode = \"endless\", platform = \"ios\" }", 1)
}

async fn plan(app: &TestApp) -> Vec<(String, String)> {
    let answer = app.operate("/api/admin/reload", &json!({ "plan": true })).await.expect(200);
    let changes = answer["plan"].as_array().expect("a list").clone();
    assert_eq!(answer["changed"], !changes.is_empty());
    let text = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
    changes.iter().map(|one| (text(one, "kind"), text(one, "subject"))).collect()
}

#[tokio::test]
async fn a_plan_tells_what_a_reload_would_change_and_changes_nothing() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 10).await;
    assert_eq!(plan(&app).await, []);
    let without_launch = filtered().replace("events.app_launched", "events.app_started");
    app.write_game(&format!("{without_launch}{LONGEST}"));
    let told = plan(&app).await;
    let expected = [
        ("event_type_added", "app_started"),
        ("event_type_removed", "app_launched"),
        ("board_changed", "global"),
        ("board_added", "longest"),
        ("tournament_kept", "weekly_2026_w48"),
        ("tournament_kept", "weekly_2026_w49"),
    ];
    let found: Vec<(&str, &str)> =
        told.iter().map(|(kind, subject)| (kind.as_str(), subject.as_str())).collect();
    assert_eq!(found, expected);
    let boards = app.get("/api/v2/leaderboards").await;
    assert!(!boards.to_string().contains("longest"), "{boards}");
    assert_eq!(plan(&app).await, told, "it was only told");
}

#[tokio::test]
async fn a_board_whose_meaning_changed_is_shown_as_it_was_until_it_is_filled() {
    let app = TestApp::with().game(SAMPLE).start().await;
    let mut android = app.game("ben", 50);
    android["platform"] = json!("android");
    app.post_events(&json!([app.game("ann", 10), android])).await;
    let global = "/api/v2/leaderboards/global";
    app.page_shows(global, "score", &[("ben", 50), ("ann", 10)]).await;
    app.write_game(&filtered());
    let answer = reload(&app).await;
    assert_eq!(answer["incomplete"], json!([{ "kind": "board", "name": "global" }]));
    app.page_shows(global, "score", &[("ben", 50), ("ann", 10)]).await;
    assert_eq!(app.get(global).await["outdated"], true);
    app.plays("eve", 30).await;
    app.page_shows(global, "score", &[("ben", 50), ("eve", 30), ("ann", 10)]).await;
    app.operate("/api/admin/rebuild", &json!({})).await.expect(202);
    assert_eq!(rebuilt(&app).await["status"], "finished");
    app.page_shows(global, "score", &[("eve", 30), ("ann", 10)]).await;
    assert_eq!(app.get(global).await["outdated"], false);
    // The tournament has taken over what the board meant when it was created.
    let weekly = "/api/v2/tournaments/weekly_2026_w48/leaderboard";
    app.page_shows(weekly, "best_score", &[("ben", 50), ("eve", 30), ("ann", 10)]).await;
}

#[tokio::test]
async fn a_tournament_whose_board_and_series_are_gone_goes_on_closes_and_pays() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 10).await;
    let start = SAMPLE.find("[tournaments.weekly]").expect("a series");
    let rest = &SAMPLE[start..];
    let end = rest.find("\n[statistics").unwrap_or(rest.len());
    let without_series = format!("{}{}", &SAMPLE[..start], &rest[end..]);
    let without = without_series.replace("[leaderboards.global]", "[leaderboards.everyone]");
    let own = "main_leaderboard = \"global\"";
    app.write_game(&without.replacen(own, "main_leaderboard = \"everyone\"", 1));
    reload(&app).await;
    app.plays("ben", 20).await;
    let weekly = "/api/v2/tournaments/weekly_2026_w48/leaderboard";
    app.page_shows(weekly, "best_score", &[("ben", 20), ("ann", 10)]).await;
    let app = app.restart().await;
    app.advance(days(7));
    let paid = eventually("the prize of the winner", async || {
        let pending = app.get("/api/v2/prizes/pending?user_id=ben").await;
        if pending["count"] == 1 { Ok(pending) } else { Err(pending) }
    })
    .await;
    assert_eq!(paid["prizes"][0]["coins"], 5_000);
    app.page_shows(weekly, "best_score", &[("ben", 20), ("ann", 10)]).await;
}

#[tokio::test]
async fn what_an_open_tournament_reads_decides_though_its_board_left_the_definition() {
    // Nothing but the board of the cup reads it.
    let taken = "
[events.flight.fields]
height = { type = \"integer\" }
";
    let read = "
[leaderboards.heights]
event = \"flight\"
operator = \"best\"
score = \"height\"
[tournaments.heights]
leaderboard = \"heights\"
schedule = { cron = \"0 0 * * 1\" }
id = \"heights_{week_year}_{week}\"
name = \"Heights\"
prizes = []
";
    let app = TestApp::with().game(format!("{SAMPLE}{taken}{read}")).start().await;
    let flight = |height: Value| {
        let event = with(&app.launch("ann"), "event_type", "flight");
        with(&event, "height", height)
    };
    let code = async |event: Value| app.post_rejected(&event).await["code"].clone();
    assert_eq!(code(flight(json!("high"))).await, "wrong_type");
    app.write_game(&format!("{SAMPLE}{taken}"));
    reload(&app).await;
    assert_eq!(code(flight(json!("high"))).await, "wrong_type", "the cup goes on");
    // Nothing is said to have changed about the type.
    assert!(plan(&app).await.iter().all(|(kind, _)| kind != "event_type_changed"));
    let app = app.restart().await;
    assert_eq!(
        app.post_rejected(&with(
            &with(&app.launch("ann"), "event_type", "flight"),
            "height",
            "high"
        ))
        .await["code"],
        "wrong_type"
    );
    app.advance(days(15));
    eventually("all cups are closed", async || {
        let event = with(&with(&app.launch("ann"), "event_type", "flight"), "height", "high");
        let answer = app.post_events(&event).await;
        if answer["accepted"] == 1 { Ok(()) } else { Err(answer) }
    })
    .await;
}

#[tokio::test]
async fn the_definition_of_another_game_is_refused_unless_it_is_meant() {
    let app = TestApp::with().game(SAMPLE).start().await;
    app.plays("ann", 10).await;
    let name = scoreline_core::game::Definition::sample().game.name;
    let other = SAMPLE.replacen(&format!("name = {name:?}"), "name = \"Dune\"", 1);
    app.write_game(&other);
    let refused = app.operate("/api/admin/reload", &json!({})).await.problem(409);
    let words = refused["detail"].as_str().expect("words");
    assert!(
        words.contains(&name) && words.contains("Dune") && words.contains("replace"),
        "{words}"
    );
    assert_eq!(plan(&app).await[0].0, "game_replaced");
    app.board_shows(&[("ann", 10)]).await;
    let meant = app.operate("/api/admin/reload", &json!({ "replace_game": true })).await;
    assert_eq!(meant.expect(200)["changed"], true);
    let typo = app.operate("/api/admin/reload", &json!({ "plans": true })).await.problem(400);
    assert_eq!(typo["errors"][0]["field"], "plans");
}
