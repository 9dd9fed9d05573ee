//! Devices send again what was not answered. Nothing is counted twice by that.

use serde_json::{Value, json};

use crate::story::{with, without};
use crate::test_app::{TestApp, days, eventually, hours};

async fn counted(app: &TestApp, player: &str) -> (u64, u64) {
    let stats = app.get("/api/events/stats?timeframe=30d").await;
    let duplicates = stats["summary"]["duplicate_events"].as_u64().expect("a number");
    (app.games_of(player).await, duplicates)
}

#[tokio::test]
async fn a_batch_with_event_ids_counts_once_however_often_it_comes() {
    let app = TestApp::start().await;
    let batch = json!([app.game("ann", 10), app.game("ann", 20)]);
    for sent_before in 0..3 {
        let answer = app.post_events(&batch).await;
        assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(2), &json!([])));
        assert_eq!(counted(&app, "ann").await, (2, 2 * sent_before));
        app.advance(hours(1));
    }
}

#[tokio::test]
async fn a_batch_without_event_ids_counts_once_too_and_twins_within_it_are_two() {
    let app = TestApp::start().await;
    let game = without(&app.game("ann", 10), "event_id");
    let batch = json!([game, game, without(&app.game("ann", 20), "event_id")]);
    assert_eq!(app.post_events(&batch).await["accepted"], 3);
    assert_eq!(counted(&app, "ann").await, (3, 0));
    app.advance(days(2));
    assert_eq!(app.post_events(&batch).await["accepted"], 3);
    assert_eq!(counted(&app, "ann").await, (3, 3));
    // In another form, with other spacing and order, it is still the same.
    let mut reversed = json!({});
    for (field, value) in game.as_object().expect("an object").iter().rev() {
        reversed[field] = value.clone();
    }
    let body = json!({ "events": [reversed], "sent_at": app.now().to_string() });
    app.post_events(&body).await;
    assert_eq!(counted(&app, "ann").await, (3, 4));
}

#[tokio::test]
async fn an_event_twice_in_one_batch_is_one_if_its_id_says_so() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    let answer = app.post_events(&json!([game, game, game])).await;
    assert_eq!(answer["accepted"], 3, "each of them is answered");
    assert_eq!(counted(&app, "ann").await, (1, 2));
}

#[tokio::test]
async fn the_same_id_in_other_spelling_or_stamped_anew_is_the_same_event() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    app.post_events(&game).await;
    let id = game["event_id"].as_str().expect("an id");
    for spelling in [id.to_uppercase(), format!("{{{id}}}"), id.replace('-', "")] {
        app.post_events(&with(&game, "event_id", spelling)).await;
    }
    assert_eq!(counted(&app, "ann").await, (1, 3));
    let sent_at = app.now().to_string();
    for stamp in ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00.001Z", "1795428000000"] {
        let again = with(&game, "timestamp", stamp);
        app.post_events(&json!({ "events": [again], "sent_at": sent_at })).await;
    }
    assert_eq!(counted(&app, "ann").await, (1, 6));
}

#[tokio::test]
async fn the_same_id_of_another_player_is_another_event() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    app.post_events(&json!([game, with(&game, "user_id", "bob")])).await;
    assert_eq!((app.games_of("ann").await, app.games_of("bob").await), (1, 1));
}

#[tokio::test]
async fn another_event_under_a_taken_id_is_told_and_kept_in_quarantine() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    let other = with(&game, "score", 20);
    let bad = with(&app.game("bob", 5), "score", -1);
    let batch = json!([bad, game, app.game("bob", 5), other, game]);
    for _ in 0..2 {
        let answer = app.post_events(&batch).await;
        assert_eq!((&answer["count"], &answer["accepted"]), (&json!(5), &json!(3)));
        let rejected = answer["rejected"].as_array().expect("a list");
        let told: Vec<_> = rejected.iter().map(|one| (&one["index"], &one["code"])).collect();
        let (out_of_range, conflicting) = (json!("out_of_range"), json!("conflicting_id"));
        assert_eq!(told, [(&json!(0), &out_of_range), (&json!(3), &conflicting)]);
        assert_eq!(rejected[1]["event_id"], game["event_id"]);
        assert_eq!(rejected[1]["field"], "event_id");
    }
    assert_eq!(counted(&app, "ann").await.0, 1);
    let kept = app.quarantine().await;
    let kept: Vec<_> = kept.iter().map(|one| (&one["code"], &one["times_seen"])).collect();
    assert_eq!(kept, [(&json!("out_of_range"), &json!(2)), (&json!("conflicting_id"), &json!(2))]);
}

#[tokio::test]
async fn checking_quarantine_again_leaves_a_conflicting_event_where_it_is() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    app.post_events(&json!([game, with(&game, "score", 20)])).await;
    let answer = app.operate("/api/events/requeue-quarantined", &json!({})).await.expect(200);
    assert_eq!((&answer["accepted"], &answer["still_rejected"]), (&json!(0), &json!(1)));
    assert_eq!(app.quarantine().await[0]["code"], "conflicting_id");
    assert_eq!(app.games_of("ann").await, 1);
}

#[tokio::test]
async fn a_rejected_event_that_comes_again_is_one_entry_that_was_seen_often() {
    let app = TestApp::start().await;
    let bad = with(&app.game("ann", 10), "score", -1);
    for _ in 0..3 {
        app.post_rejected(&bad).await;
    }
    let unnamed = without(&bad, "event_id");
    app.post_events(&json!([unnamed, unnamed])).await;
    app.post_events(&json!([unnamed, unnamed])).await;
    let seen: Vec<Value> =
        app.quarantine().await.iter().map(|entry| entry["times_seen"].clone()).collect();
    assert_eq!(seen, [3, 2, 2]);
}

#[tokio::test]
async fn a_resend_is_recognised_for_thirty_days_and_across_restarts() {
    let app = TestApp::start().await;
    let batch = json!([app.game("ann", 10), without(&app.game("ann", 20), "event_id")]);
    app.post_events(&batch).await;
    app.advance(days(30));
    let app = app.restart().await;
    assert_eq!(app.post_events(&batch).await["accepted"], 2);
    assert_eq!(app.games_of("ann").await, 2);
}

#[tokio::test]
async fn many_senders_of_one_batch_at_once_are_one() {
    let app = TestApp::start().await;
    let batch: Vec<Value> = (0..50).map(|n| app.game("ann", n)).collect();
    let batch = json!(batch);
    let senders: Vec<_> = (0..8).map(|_| tokio::spawn(app.post_events(&batch))).collect();
    for sender in senders {
        assert_eq!(sender.await.expect("an answer")["accepted"], 50);
    }
    assert_eq!(counted(&app, "ann").await, (50, 7 * 50));
}

#[tokio::test]
async fn a_resend_after_its_day_was_removed_is_in_quarantine_and_counts_when_the_game_says_so() {
    let game = scoreline_core::game::SAMPLE;
    let app = TestApp::with().game(game).start().await;
    let old = app.game("ann", 10);
    app.post_events(&json!([old])).await;
    app.advance(days(130));
    eventually("it is removed", async || {
        let recent = app.operator_get("/api/events/recent").await;
        if recent["events"] == json!([]) { Ok(()) } else { Err(recent) }
    })
    .await;
    let rejected = app.post_rejected(&old).await;
    assert_eq!((&rejected["code"], &rejected["field"]), (&json!("too_old"), &json!("timestamp")));
    assert_eq!(app.games_of("ann").await, 1);
    let quarantined = app.operator_get("/api/events/quarantine?code=too_old").await;
    assert_eq!(quarantined["events"][0]["user_id"], "ann", "{quarantined}");
    let requeue = async || app.operate("/api/events/requeue-quarantined", &json!({})).await.json();
    assert_eq!(requeue().await["accepted"], 0);

    app.write_game(&game.replacen("[game]", "[game]\nold_events = \"count\"", 1));
    assert_eq!(app.operate("/api/admin/reload", &json!({})).await.status, 200);
    assert_eq!(requeue().await["accepted"], 1);
    assert_eq!(app.games_of("ann").await, 2, "the game says that it counts");
}
