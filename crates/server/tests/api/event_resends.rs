//! Devices send again what was not answered. Nothing is counted twice by that.

use serde_json::{Value, json};

use crate::story::{with, without};
use crate::test_app::{TestApp, days, hours};

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
async fn the_same_id_in_other_spelling_is_the_same_event_and_at_another_time_another() {
    let app = TestApp::start().await;
    let game = app.game("ann", 10);
    app.post_events(&game).await;
    let id = game["event_id"].as_str().expect("an id");
    for spelling in [id.to_uppercase(), format!("{{{id}}}"), id.replace('-', "")] {
        app.post_events(&with(&game, "event_id", spelling)).await;
    }
    assert_eq!(counted(&app, "ann").await, (1, 3));
    app.post_events(&with(&game, "timestamp", "2026-11-23T09:00:00Z")).await;
    assert_eq!(counted(&app, "ann").await, (2, 3));
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
