//! What a request with events may look like, and what is answered to one that may not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::client::Request;
use crate::story::with;
use crate::test_app::TestApp;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("written");
    encoder.finish().expect("finished")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("compressed")
}

#[tokio::test]
async fn all_three_forms_of_a_body_are_taken() {
    let app = TestApp::start().await;
    let one = app.post_events(&app.game("ann", 100)).await;
    let list = app.post_events(&json!([app.game("ann", 200), app.game("ben", 300)])).await;
    let envelope = json!({ "events": [app.game("ann", 50)], "sent_at": app.now().to_string() });
    let enveloped = app.post_events(&envelope).await;
    for (answer, count) in [(&one, 1), (&list, 2), (&enveloped, 1)] {
        let expected = json!({
            "success": true, "message": "Events received", "count": count, "received": count,
            "accepted": count, "rejected": [], "flaws": [], "timestamp": "2026-11-23T10:00:00.000Z",
        });
        assert_eq!(*answer, expected);
    }
    app.board_shows(&[("ben", 300), ("ann", 200)]).await;
    assert_eq!(app.games_of("ann").await, 3);
}

#[tokio::test]
async fn every_event_of_a_batch_has_an_answer_and_the_bad_ones_hold_nothing_up() {
    let app = TestApp::start().await;
    let negative = with(&app.game("ann", 10), "score", -5);
    let batch = json!([
        app.game("ann", 100), negative, null, "text", 7, [], {}, app.game("ann", 50),
        { "event_type": "unheard_of", "user_id": "ann" },
    ]);
    let answer = app.post_events(&batch).await;
    assert_eq!((&answer["count"], &answer["received"]), (&json!(9), &json!(9)));
    assert_eq!((&answer["accepted"], &answer["success"]), (&json!(2), &json!(true)));
    let rejected: Vec<(u64, &str)> = answer["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (one["index"].as_u64().expect("an index"), one["code"].as_str().expect("a code"))
        })
        .collect();
    let expected = [
        (1, "out_of_range"),
        (2, "not_an_object"),
        (3, "not_an_object"),
        (4, "not_an_object"),
        (5, "not_an_object"),
        (6, "missing_field"),
        (8, "unknown_event_type"),
    ];
    assert_eq!(rejected, expected);
    let first = &answer["rejected"][0];
    assert_eq!(first["event_type"], "game_ended");
    assert_eq!(first["event_id"], batch[1]["event_id"]);
    assert_eq!(first["field"], "score");
    assert_eq!(first["message"], "score must be at least 0, but is -5");
    assert_eq!(app.quarantine().await.len(), 7, "each of them is kept, null too");
    assert_eq!(app.games_of("ann").await, 2);
}

#[tokio::test]
async fn an_empty_list_and_no_body_are_no_events_and_no_fault() {
    let app = TestApp::start().await;
    for body in ["", "  \n\t", "[]", r#"{"events":[]}"#, r#"{"events":[],"sent_at":null}"#] {
        let answer = app.send(Request::post("/api/events").body(body)).await.expect(200);
        assert_eq!((&answer["count"], &answer["accepted"]), (&json!(0), &json!(0)), "{body:?}");
        assert_eq!(answer["success"], true, "{body:?}");
    }
    for encoding in ["gzip", "zstd"] {
        let answer = app.send(Request::post("/api/events").encoded(encoding, "")).await.expect(200);
        assert_eq!(answer["count"], 0, "{encoding}");
    }
}

#[tokio::test]
async fn broken_json_is_named_and_nothing_of_it_is_taken() {
    let app = TestApp::start().await;
    let good = app.game("ann", 100).to_string();
    let bodies = [
        "{".to_owned(),
        "nonsense".to_owned(),
        format!("[{good},"),
        format!("[{good}] {good}"),
        format!("[{good}]]"),
        format!("{{\"events\":[{good}],}}"),
        format!("{{\"events\":{good}}}"),
        format!("{{\"events\":[{good}],\"events\":[{good}]}}"),
        "\"text\"".to_owned(),
        "null".to_owned(),
        "12".to_owned(),
        "[".repeat(200_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(99_999)),
        "{\"events\":".repeat(100_000),
    ];
    for body in bodies {
        let start: String = body.chars().take(60).collect();
        let answer = app.send(Request::post("/api/events").body(body)).await;
        assert_eq!(answer.status, 400, "{start}");
        answer.refused("Invalid JSON payload");
    }
    for body in [b"[\"\xff\"]".as_slice(), b"\xfe\xff\0[\0]"] {
        let answer = app.send(Request::post("/api/events").body(body)).await;
        answer.refused("Invalid JSON payload");
    }
    assert_eq!(app.games_of("ann").await, 0);
    assert_eq!(app.quarantine().await, Vec::<Value>::new());
}

#[tokio::test]
async fn bytes_that_are_no_json_cost_their_own_event_only_and_are_kept_readable() {
    let app = TestApp::start().await;
    let mut games = 0;
    for value in
        [b"NaN".as_slice(), b"nan", b"-inf", b"Infinity", b"\"caf\xc3\"", b"{\"a\":,}", b"\x00"]
    {
        let (first, last) = (app.game("ann", 5).to_string(), app.game("ann", 6).to_string());
        let mut broken = with(&app.game("bad", 5), "accuracy", "?").to_string().into_bytes();
        let place = broken.windows(3).position(|part| part == b"\"?\"").expect("it stands there");
        broken.splice(place..place + 3, value.iter().copied());
        let body = [b"[", first.as_bytes(), b",", &*broken, b", ", last.as_bytes(), b"]"].concat();
        let answer = app.send(Request::post("/api/events").body(body)).await.expect(200);
        assert_eq!((&answer["count"], &answer["accepted"]), (&json!(3), &json!(2)), "{answer}");
        let rejected = &answer["rejected"][0];
        assert_eq!((&rejected["index"], &rejected["code"]), (&json!(1), &json!("invalid_json")));
        games += 2;
        assert_eq!(app.games_of("ann").await, games);
    }
    let kept = app.quarantine().await;
    assert_eq!(kept.len(), 7);
    assert!(kept.iter().all(|one| one["user_id"] == "bad" && one["event_type"] == "game_ended"));
    let texts: Vec<&str> = kept.iter().filter_map(|one| one["event"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains(r"caf\\xc3")), "{texts:?}");
    let requeued = app.operate("/api/events/requeue-quarantined", &json!({})).await.expect(200);
    assert_eq!((&requeued["accepted"], &requeued["still_rejected"]), (&json!(0), &json!(7)));
    assert_eq!(app.quarantine().await[0]["code"], "invalid_json", "that is what is wrong with it");
}

#[tokio::test]
async fn gzip_and_zstd_bodies_are_read_whatever_the_case_of_their_name() {
    let app = TestApp::start().await;
    let mut games = 0;
    for encoding in ["gzip", "GZIP", "x-gzip", "zstd", "identity"] {
        let text = app.game("ann", 100).to_string().into_bytes();
        let body = match encoding {
            "zstd" => zstd(&text),
            "identity" => text,
            _ => gzip(&text),
        };
        let answer = app.send(Request::post("/api/events").encoded(encoding, body)).await;
        assert_eq!(answer.expect(200)["accepted"], 1, "{encoding}");
        games += 1;
        assert_eq!(app.games_of("ann").await, games, "{encoding}");
    }
}

#[tokio::test]
async fn other_bodies_may_be_compressed_too() {
    let app = TestApp::start().await;
    let path = "/api/v2/leaderboard/update-nickname";
    for (encoding, name) in [("gzip", "Ann One"), ("zstd", "Ann Two")] {
        let text = json!({ "user_id": "ann", "nickname": name }).to_string().into_bytes();
        let body = if encoding == "gzip" { gzip(&text) } else { zstd(&text) };
        let answer = app.send(Request::post(path).encoded(encoding, body)).await.expect(200);
        assert_eq!(answer["nickname"], name);
    }
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let answer = app.send(Request::post(path).encoded("gzip", bomb)).await;
    let problem = answer.problem(413);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("1048576")), "{problem}");
    let brotli = app.send(Request::post(path).encoded("br", "x")).await;
    brotli.problem(415);
}

#[tokio::test]
async fn an_encoding_that_is_not_what_it_says_is_refused() {
    let app = TestApp::start().await;
    let whole = gzip(app.game("ann", 100).to_string().as_bytes());
    let cut = &whole[..whole.len() / 2];
    let whole_zstd = zstd(app.game("ann", 100).to_string().as_bytes());
    let cut_zstd = &whole_zstd[..whole_zstd.len() / 2];
    for (encoding, body) in
        [("gzip", cut), ("gzip", b"plain text"), ("zstd", cut_zstd), ("zstd", b"plain text")]
    {
        let answer = app.send(Request::post("/api/events").encoded(encoding, body)).await;
        answer.refused("Invalid JSON payload");
    }
    let answer = app.send(Request::post("/api/events").encoded("br", "x")).await;
    let problem = answer.problem(415);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("gzip")), "{problem}");
    assert_eq!(app.games_of("ann").await, 0);
}

#[tokio::test]
async fn a_compression_bomb_is_stopped_at_the_limit() {
    let app = TestApp::start().await;
    let gigabyte = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let zeros = vec![b' '; 1024 * 1024];
        for _ in 0..1024 {
            encoder.write_all(&zeros).expect("written");
        }
        encoder.finish().expect("finished")
    };
    assert!(gigabyte.len() < 10 * 1024 * 1024, "the bomb itself is within the limit");
    let answer = app.send(Request::post("/api/events").encoded("gzip", gigabyte)).await;
    let problem = answer.problem(413);
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("10485760") && detail.contains("body_bytes_max"), "{detail}");
    let small = zstd(&vec![b' '; 11 * 1024 * 1024]);
    app.send(Request::post("/api/events").encoded("zstd", small)).await.problem(413);
}

#[tokio::test]
async fn a_body_of_exactly_ten_mebibytes_is_taken_and_one_byte_more_is_not() {
    const LIMIT: usize = 10 * 1024 * 1024;
    let app = TestApp::start().await;
    let mut body = app.game("ann", 100).to_string();
    body.push_str(&" ".repeat(LIMIT - body.len()));
    let answer = app.send(Request::post("/api/events").body(body.clone())).await;
    assert_eq!(answer.expect(200)["accepted"], 1);
    body.push(' ');
    for request in [
        Request::post("/api/events").body(body.clone()),
        Request::post("/api/events").encoded("gzip", gzip(body.as_bytes())),
    ] {
        let problem = app.send(request).await.problem(413);
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains("10485760") && detail.contains("body_bytes_max"), "{detail}");
    }
    let full: Vec<Value> =
        (0..40).map(|_| with(&app.game("ann", 1), "note", "n".repeat(250_000))).collect();
    let answer = app.post_events(&json!(full)).await;
    assert_eq!(answer["accepted"], 40, "large events count like small ones");
    assert_eq!(app.games_of("ann").await, 41);
}

#[tokio::test]
async fn five_hundred_events_are_taken_and_one_more_is_refused_with_the_limit() {
    let app = TestApp::start().await;
    let games = |count: i64| (0..count).map(|n| app.game("ann", n)).collect::<Vec<Value>>();
    for body in [json!(games(501)), json!({ "events": games(501) }), json!(vec![Value::Null; 501])]
    {
        let answer = app.post("/api/events", &body).await;
        let problem = answer.problem(413);
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains("500") && detail.contains("batch_events_max"), "{detail}");
    }
    assert_eq!(app.games_of("ann").await, 0, "nothing was taken");
    assert_eq!(app.quarantine().await.len(), 0);
    let answer = app.post_events(&json!(games(500))).await;
    assert_eq!((&answer["count"], &answer["accepted"]), (&json!(500), &json!(500)));
    assert_eq!(app.games_of("ann").await, 500);
}

#[tokio::test]
async fn both_limits_are_settings() {
    let limits = TestApp::with().setting("batch_events_max", "2").setting("body_bytes_max", "2000");
    let app = limits.start().await;
    let games = json!([app.game("ann", 1), app.game("ann", 2), app.game("ann", 3)]);
    let problem = app.post("/api/events", &games).await.problem(413);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains('2')), "{problem}");
    let large = with(&app.game("ann", 1), "note", "n".repeat(2_000));
    let problem = app.post("/api/events", &large).await.problem(413);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("2000")), "{problem}");
    app.plays("ann", 5).await;
}

#[tokio::test]
async fn the_content_type_and_a_byte_order_mark_do_not_matter() {
    let app = TestApp::start().await;
    for kind in ["application/json", "application/json; charset=utf-8", "text/plain", ""] {
        let request = Request::post("/api/events").header("content-type", kind);
        let request = request.body(format!("\u{feff}{}", app.game("ann", 1)));
        assert_eq!(app.send(request).await.expect(200)["accepted"], 1, "{kind:?}");
    }
    assert_eq!(app.games_of("ann").await, 4);
}
