//! Events that are odd in shape: deep, wide, doubled, unheard of.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::{fresh_event_id, with, without};
use crate::test_app::TestApp;

/// Nested lists as text: a JSON library would not write very deep ones.
fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[tokio::test]
async fn a_key_that_stands_twice_is_refused_because_readers_would_differ_about_it() {
    let app = TestApp::start().await;
    let text = app.game("ann", 5).to_string().replacen('{', r#"{"whatever":1,"whatever":2,"#, 1);
    let answer = app.send(Request::post("/api/events").body(text)).await.expect(200);
    assert_eq!(answer["flaws"][0]["code"], "duplicate_field", "nothing reads it: {answer}");
    for doubled in [r#""score":1"#, r#""user_id":"ben""#] {
        let text = app.game("ann", 5).to_string().replacen('{', &format!("{{{doubled},"), 1);
        let answer = app.send(Request::post("/api/events").body(text)).await.expect(200);
        assert_eq!(answer["rejected"][0]["code"], "duplicate_field", "{doubled}: {answer}");
    }
    assert_eq!(app.player("ben").await, Value::Null);
}

#[tokio::test]
async fn names_that_mean_something_elsewhere_are_plain_fields_here() {
    let app = TestApp::start().await;
    let mut event = app.game("__proto__", 5);
    for name in ["__proto__", "constructor", "prototype", "$where", "id", "player_id", "payload"] {
        event[name] = json!({ "score": 1_000_000, "admin": true });
    }
    assert_eq!(app.post_events(&event).await["accepted"], 1);
    app.board_shows(&[("__proto__", 5)]).await;
    for kind in ["__proto__", "constructor", "toString"] {
        let rejected = app.post_rejected(&with(&event, "event_type", kind)).await;
        assert_eq!(rejected["code"], "unknown_event_type", "{kind}");
    }
}

#[tokio::test]
async fn nesting_and_width_have_limits_that_cost_only_the_event_that_breaks_them() {
    let app = TestApp::start().await;
    let wide = |fields: usize| {
        let mut event = app.launch("ann");
        for n in 0..fields {
            event[format!("field_{n}")] = json!(n);
        }
        event
    };
    let deep = |depth| {
        let event = with(&app.launch("ann"), "deep", "NESTED").to_string();
        event.replace("\"NESTED\"", &nested(depth))
    };
    let large = with(&app.launch("ann"), "large", "x".repeat(256 * 1024));
    let batch = [
        wide(200).to_string(),
        wide(300).to_string(),
        deep(31),
        deep(32),
        deep(100_000),
        large.to_string(),
        app.game("ann", 1).to_string(),
    ];
    let batch = Request::post("/api/events").body(format!("[{}]", batch.join(",")));
    let answer = app.send(batch).await.expect(200);
    let rejected = answer["rejected"].as_array().expect("a list");
    let indexes: Vec<_> = rejected.iter().map(|one| one["index"].clone()).collect();
    assert_eq!(indexes, [1, 5], "{answer}");
    assert!(rejected.iter().all(|one| one["code"] == "too_large"), "{answer}");
    assert_eq!(answer["accepted"], 5);
    for (flaw, index) in answer["flaws"].as_array().expect("a list").iter().zip([3, 4]) {
        let told = (&flaw["index"], &flaw["code"]);
        assert_eq!(told, (&json!(index), &json!("too_large")), "nothing reads it: {answer}");
    }
    // The list of what is quarantined stays small whatever lies there.
    let listed =
        app.send(Request::get("/api/events/quarantine").bearer(crate::test_app::ADMIN_TOKEN)).await;
    assert!(listed.body.len() < 10_000, "{} bytes", listed.body.len());
}

#[tokio::test]
async fn unknown_fields_are_kept_unless_the_definition_says_reject() {
    let strict = scoreline_core::game::SAMPLE
        .replace("[events.app_launched]", "[events.app_launched]\nunknown_fields = \"reject\"");
    let app = TestApp::with().game(strict).start().await;
    let game = with(&app.game("ann", 5), "brand_new", json!({ "a": [1, null] }));
    assert_eq!(app.post_events(&game).await["accepted"], 1);
    let rejected = app.post_rejected(&with(&app.launch("ann"), "brand_new", 1)).await;
    assert_eq!(rejected["code"], "unknown_field");
    assert_eq!(rejected["field"], "brand_new");
    assert_eq!(app.post_events(&app.launch("ann")).await["accepted"], 1);
}

#[tokio::test]
async fn the_common_fields_are_checked_one_by_one() {
    let app = TestApp::start().await;
    let game = app.game("ann", 5);
    for field in ["event_type", "user_id", "timestamp", "app_version", "platform"] {
        let rejected = app.post_rejected(&without(&game, field)).await;
        let expected = (&json!("missing_field"), &json!(field));
        assert_eq!((&rejected["code"], &rejected["field"]), expected, "{rejected}");
    }
    for (field, value, code) in [
        ("platform", json!("windows"), "not_allowed"),
        ("platform", json!(1), "wrong_type"),
        ("app_version", json!({}), "wrong_type"),
        ("event_type", json!("t".repeat(101)), "wrong_length"),
        ("event_type", json!(""), "wrong_length"),
    ] {
        let rejected = app.post_rejected(&with(&game, field, value.clone())).await;
        let expected = (&json!(code), &json!(field));
        assert_eq!((&rejected["code"], &rejected["field"]), expected, "{value}");
    }
    for (field, value, code) in [
        ("app_version", json!(12), "wrong_type"),
        ("event_id", json!("not-a-uuid"), "invalid_uuid"),
        ("event_id", json!("00000000-0000-0000-0000-000000000000"), "invalid_uuid"),
        ("country", json!("DEU"), "wrong_length"),
        ("country", json!("419"), "wrong_length"),
        ("country", json!("001"), "wrong_length"),
        ("country", json!(""), "wrong_length"),
        ("locale", json!("en_US_#u-fw-mon-mu-celsius"), "wrong_length"),
        ("locale", json!("zh-Hans-CN-u-ca-chinese-nu-hanidec"), "wrong_length"),
        ("session_id", json!("s".repeat(256)), "wrong_length"),
        ("session_id", json!(1_795_428_000_000_i64), "wrong_type"),
    ] {
        let game = with(&game, "event_id", fresh_event_id());
        let answer = app.post_events(&json!([null, with(&game, field, value.clone())])).await;
        assert_eq!(answer["accepted"], 1, "{value}");
        let flaw = &answer["flaws"][0];
        let expected = (&json!(1), &json!(code), &json!(field));
        assert_eq!((&flaw["index"], &flaw["code"], &flaw["field"]), expected, "{answer}");
    }
    let mut whole = game;
    for (field, value) in
        [("session_id", "s1"), ("locale", "de-DE"), ("country", "DE"), ("campaign_id", "c1")]
    {
        whole[field] = json!(value);
    }
    assert_eq!(app.post_events(&whole).await["accepted"], 1);
}

#[tokio::test]
async fn all_28_types_of_the_sample_game_are_taken() {
    let app = TestApp::start().await;
    let sample = scoreline_core::game::Definition::sample();
    assert_eq!(sample.events.len(), 28);
    let samples = crate::samples::one_of_each(&app);
    assert_eq!(samples.len(), 28);
    let answer = app.post_events(&json!(samples)).await;
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(28), &json!([])));
    let stats = app.get("/api/events/stats").await;
    assert_eq!(stats["summary"]["event_types"], 28);
}

/// How many figures a scrape holds.
fn samples(metrics: &str) -> usize {
    metrics.lines().filter(|line| !line.starts_with('#')).count()
}

#[tokio::test]
async fn ten_thousand_unheard_of_types_grow_neither_figures_nor_metrics() {
    let app = TestApp::start().await;
    app.plays("ann", 5).await;
    // Asked twice: the first answer does not count its own request yet.
    app.metrics().await;
    let metrics_before = samples(&app.metrics().await);
    for batch in 0..20 {
        let events: Vec<Value> = (0..500)
            .map(|n| {
                let mut event =
                    with(&app.launch("ann"), "event_type", format!("made_up_{batch}_{n}"));
                event["event_id"] = json!(fresh_event_id());
                event
            })
            .collect();
        let answer = app.post_events(&json!(events)).await;
        assert_eq!(answer["accepted"], 0);
        assert_eq!(answer["rejected"].as_array().map(Vec::len), Some(500));
    }
    let metrics = app.metrics().await;
    assert!(!metrics.contains("made_up"), "no label is made of what devices send");
    // The only new one is that of their code.
    assert!(samples(&metrics) == metrics_before + 1, "{metrics}");
    let rejected = "scoreline_events_rejected_total{code=\"unknown_event_type\"}";
    assert!((app.metric(rejected).await - 10_000.0).abs() < 0.5);
    let stats = app.get("/api/events/stats").await;
    assert_eq!(stats["summary"]["event_types"], 1, "{stats}");
    assert_eq!(stats["summary"]["quarantined_events"], 10_000);
    assert_eq!(app.quarantine().await.len(), 1_000, "a page, not all of them");
}

#[tokio::test]
async fn flaws_are_counted_by_type_and_field_and_never_by_what_a_client_invents() {
    let app = TestApp::start().await;
    let game = app.game("ann", 5);
    for event in [
        with(&game, "country", "419"),
        with(&game, "country", "001"),
        with(&app.launch("ann"), "locale", 7),
        with(&game, "invented_1", "\0"),
        with(&game, "invented_2", "\0"),
    ] {
        let event = with(&event, "event_id", fresh_event_id());
        assert_eq!(app.post_events(&event).await["accepted"], 1);
    }
    let metrics = app.send(Request::get("/metrics")).await;
    let metrics = metrics.text();
    for line in [
        "scoreline_event_flaws_total{event_type=\"game_ended\",field=\"country\"} 2",
        "scoreline_event_flaws_total{event_type=\"app_launched\",field=\"locale\"} 1",
        "scoreline_event_flaws_total{event_type=\"game_ended\",field=\"(undeclared)\"} 2",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line} is in {metrics}");
    }
    assert!(!metrics.contains("invented"), "{metrics}");
    let stats = app.get("/api/events/stats").await;
    assert_eq!(
        stats["flaws"],
        json!([
            { "event_type": "game_ended", "field": "(undeclared)", "count": 2 },
            { "event_type": "game_ended", "field": "country", "count": 2 },
            { "event_type": "app_launched", "field": "locale", "count": 1 },
        ])
    );
}

const CONVERSIONS: &str = r#"
[events."conversion_*"]
[events."conversion_*".fields]
value = { type = "integer", min = 0 }
[leaderboards.conversions]
event = "conversion_*"
operator = "sum"
score = "value"
[statistics.conversions]
event = "conversion_*"
operator = "count"
"#;

#[tokio::test]
async fn events_of_a_pattern_count_together_and_keep_what_was_sent() {
    let sample = scoreline_core::game::SAMPLE;
    let app = TestApp::with().game(sample).start().await;
    let conversion = |n: i64| {
        let event = with(&app.launch("ann"), "event_type", format!("conversion_{n}"));
        with(&event, "value", n)
    };
    let unknown = app.post_rejected(&conversion(1)).await;
    assert_eq!(unknown["code"], "unknown_event_type");
    app.write_game(&format!("{sample}{CONVERSIONS}"));
    assert_eq!(app.operate("/api/admin/reload", &json!({})).await.status, 200);
    let requeued = app.operate("/api/events/requeue-quarantined", &json!({})).await.json();
    assert_eq!(requeued["accepted"], 1, "{requeued}");
    let again = conversion(2);
    for _ in 0..2 {
        app.post_events(&json!([again, conversion(3)])).await;
    }
    let rejected = app.post_rejected(&with(&conversion(4), "value", -1)).await;
    assert_eq!(
        (&rejected["event_type"], &rejected["field"]),
        (&json!("conversion_4"), &json!("value"))
    );

    let path = "/api/v2/leaderboards/conversions";
    app.page_shows(path, "score", &[("ann", 9)]).await;
    assert_eq!(app.get("/api/v2/players/ann/stats").await["statistics"]["conversions"], 4);
    let stats = app.get("/api/events/stats").await;
    assert_eq!(
        stats["event_types"],
        json!([{ "event_type": "conversion_*", "count": 4, "unique_users": 1 }])
    );
    let recent = app.operator_get("/api/events/recent?event_type=conversion_*").await;
    let mut sent: Vec<&str> = recent["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["event_type"].as_str())
        .collect();
    sent.sort_unstable();
    assert_eq!(sent, ["conversion_1", "conversion_2", "conversion_3", "conversion_3"]);
}

#[tokio::test]
async fn every_mistake_of_a_rejected_event_is_told() {
    let app = TestApp::start().await;
    let event = with(&without(&app.game("ann", -5), "platform"), "max_combo", "many");
    let rejected = app.post_rejected(&event).await;
    let fields: Vec<&Value> =
        rejected["errors"].as_array().expect("a list").iter().map(|one| &one["field"]).collect();
    assert_eq!(fields, ["platform", "score", "max_combo"], "{rejected}");
    assert_eq!(
        (&rejected["field"], &rejected["code"]),
        (&json!("platform"), &json!("missing_field"))
    );
    let message = rejected["message"].as_str().expect("a text");
    assert!(message.contains("; score must be at least 0, but is -5; max_combo"), "{message}");
    assert_eq!(app.quarantine().await[0]["message"], message);
}
