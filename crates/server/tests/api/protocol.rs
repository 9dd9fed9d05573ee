//! HTTP itself: paths that are none, methods, slashes, browsers, compression, the shape of errors.

use std::io::Read;

use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::test_app::{ADMIN_TOKEN, TestApp};

/// Paths that answer 200 to a GET by anybody.
const READS: [&str; 14] = [
    "/api/events/stats",
    "/api/events/health",
    "/api/events/recent",
    "/api/v2/leaderboard/global",
    "/api/v2/leaderboard/user/ann",
    "/api/v2/leaderboards",
    "/api/v2/leaderboards/weekly",
    "/api/v2/tournaments",
    "/api/v2/tournaments/current",
    "/api/v2/tournaments/weekly_2026_w48/leaderboard",
    "/api/v2/tournaments/weekly_2026_w48/prizes",
    "/api/v2/players/ann/stats",
    "/api/health",
    "/api/health/pool",
];

/// Those of [`READS`] that refuse parameters which they do not know.
const STRICT: [&str; 4] = [
    "/api/events/recent",
    "/api/events/stats",
    "/api/v2/leaderboards/weekly",
    "/api/v2/tournaments",
];

const POSTS: [&str; 9] = [
    "/api/events",
    "/api/v2/leaderboard/update-nickname",
    "/api/v2/prizes/claim",
    "/api/v2/players/session",
    "/api/events/retry-failed",
    "/api/events/requeue-quarantined",
    "/api/events/dead/discard",
    "/api/admin/reload",
    "/api/admin/queue/pause",
];

#[track_caller]
fn is_unknown(answer: &Answer, method: &str, path: &str) {
    let problem = answer.problem(404);
    assert_eq!(problem["error"], "Endpoint not found", "{method} {path}");
    assert_eq!((&problem["path"], &problem["method"]), (&json!(path), &json!(method)));
    assert_eq!(problem["type"], "/problems/endpoint-not-found");
}

#[tokio::test]
async fn every_answer_names_its_request_by_the_id_that_a_proxy_gave_or_a_new_one() {
    let app = TestApp::start().await;
    for path in ["/api/health", "/api/nothing", "/console/sign-in", "/console"] {
        let given = Request::get(path).header("x-request-id", "abc-1.2_3");
        assert_eq!(app.send(given).await.header("x-request-id"), "abc-1.2_3", "{path}");
        let foreign = Request::get(path).header("x-request-id", "a line\tand another");
        let (one, other) = (app.send(foreign).await, app.send(Request::get(path)).await);
        let (one, other) = (one.header("x-request-id"), other.header("x-request-id"));
        assert!(one != other && one.len() == 16 && other.len() == 16, "{path}: {one}, {other}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_named_in_its_answer() {
    let app = TestApp::start().await;
    let paths = [
        "/",
        "/api",
        "/api/v2",
        "/nowhere",
        "/api/v2/leaderboard",
        "/api/v2/players",
        "/API/events",
        "/api/v2/tournaments/x",
        "/api/events/dead/x",
        "/favicon.ico",
        "/api/v2/players/ann",
        "/%2e%2e/etc/passwd",
        "/api/v2/leaderboard/user",
    ];
    for path in paths {
        is_unknown(&app.send(Request::get(path)).await, "GET", path);
        is_unknown(&app.send(Request::post(path).body("{}")).await, "POST", path);
    }
    let with_query = app.send(Request::get("/nowhere?a=1")).await;
    is_unknown(&with_query, "GET", "/nowhere");
    let action = Request::post("/api/v2/tournaments/weekly_2026_w48/celebrate");
    let path = "/api/v2/tournaments/weekly_2026_w48/celebrate";
    is_unknown(&app.send(action.bearer(ADMIN_TOKEN)).await, "POST", path);
    is_unknown(&app.send(Request::post(path)).await, "POST", path);
}

#[tokio::test]
async fn a_path_with_another_method_is_unknown_too() {
    let app = TestApp::start().await;
    for path in POSTS {
        is_unknown(&app.send(Request::get(path)).await, "GET", path);
        for method in ["PUT", "PATCH", "DELETE"] {
            is_unknown(&app.send(Request::new(method, path).body("{}")).await, method, path);
        }
    }
    for path in READS {
        if path != "/api/v2/tournaments" {
            is_unknown(&app.send(Request::post(path).body("{}")).await, "POST", path);
        }
    }
}

#[tokio::test]
async fn a_trailing_slash_is_accepted_everywhere() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    for path in READS {
        let plain = app.send(Request::get(path)).await;
        assert_eq!(plain.status, 200, "{path}: {}", plain.text());
        assert_eq!(plain.header("content-type"), "application/json", "{path}");
        let slash = app.send(Request::get(&format!("{path}/"))).await;
        assert_eq!(slash.status, 200, "{path}/: {}", slash.text());
        // What released clients ask passes over parameters that it does not know; what came later refuses them.
        let expected = if STRICT.contains(&path) { 400 } else { 200 };
        let query = app.send(Request::get(&format!("{path}/?x=1"))).await;
        assert_eq!(query.status, expected, "{path}/?x=1: {}", query.text());
    }
    let posted = app.post("/api/events/", &app.game("ann", 20)).await;
    assert_eq!(posted.expect(200)["accepted"], 1);
}

#[tokio::test]
async fn a_path_with_two_slashes_in_a_row_is_another_path() {
    let app = TestApp::start().await;
    for path in ["//metrics", "//api/health", "/api//health"] {
        is_unknown(&app.send(Request::get(path)).await, "GET", path);
        is_unknown(&app.send(Request::get(&format!("{path}/"))).await, "GET", path);
    }
}

#[tokio::test]
async fn a_request_that_names_its_host_twice_is_refused() {
    let app = TestApp::start().await;
    let path = "/api/v2/leaderboard/global";
    let twice = Request::get(path).header("host", "internal.example");
    let problem = app.send(twice).await.problem(400);
    assert_eq!(problem["errors"][0]["field"], "host");
    assert_eq!(app.send(Request::get(path)).await.status, 200);
}

#[tokio::test]
async fn no_cache_keeps_what_does_not_say_so_and_no_browser_guesses_its_type() {
    let app = TestApp::start().await;
    let session = json!({ "user_id": "ann", "device_secret": "a long enough secret" });
    let unseen = [
        app.send(Request::get("/api/v2/players/ann/stats")).await,
        app.send(Request::get("/api/v2/prizes/pending?user_id=ann")).await,
        app.send(Request::get("/api/v2/leaderboard/user/ann")).await,
        app.send(Request::get("/api/events/dead").bearer(ADMIN_TOKEN)).await,
        app.send(Request::get("/api/events/dead")).await,
        app.post("/api/v2/players/session", &session).await,
        app.post("/api/events", &app.game("ann", 20)).await,
        app.send(Request::get("/nowhere")).await,
    ];
    for answer in unseen {
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let board = app.send(Request::get("/api/v2/leaderboard/global")).await;
    assert_eq!(board.header("cache-control"), "public, max-age=1");
    assert_eq!(board.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::start().await;
    for path in ["/api/health", "/api/v2/leaderboard/global", "/livez"] {
        let answer = app.send(Request::new("HEAD", path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.is_empty(), "{path}");
    }
}

/// What browser games and the tools in them ask to send.
const HEADERS: [&str; 8] = [
    "content-type",
    "authorization",
    "content-encoding",
    "x-server-key",
    "baggage",
    "sentry-trace",
    "traceparent",
    "if-none-match",
];

#[tokio::test]
async fn options_answer_204_and_tell_a_browser_what_it_may_do() {
    let app = TestApp::start().await;
    for path in POSTS.into_iter().chain(READS).chain(["/nowhere"]) {
        let preflight = Request::new("OPTIONS", path)
            .header("origin", "https://play.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", &HEADERS.join(","));
        let answer = app.send(preflight).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("access-control-allow-methods").contains("POST"), "{path}");
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        for header in HEADERS {
            assert!(headers.contains(header), "{path}: {headers}");
        }
        assert_eq!(answer.header("access-control-max-age"), "7200", "{path}");
        let plain = app.send(Request::new("OPTIONS", path)).await;
        assert_eq!((plain.status, plain.body.len()), (204, 0), "{path}");
    }
    let read = Request::get("/api/v2/leaderboard/global").header("origin", "https://any.example");
    assert_eq!(app.send(read).await.header("access-control-allow-origin"), "*");
    let refused = Request::post("/api/events").header("origin", "https://any.example").body("{");
    let answer = app.send(refused).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (400, "*"));
    let readable = answer.header("access-control-expose-headers").to_lowercase();
    for header in ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
        assert!(readable.contains(header), "{header} is not in {readable}");
    }
}

#[tokio::test]
async fn where_all_origins_are_let_in_what_is_for_operators_stays_with_them() {
    let asks = |path: &str| {
        Request::new("OPTIONS", path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "content-type, X-Admin-Token")
    };
    let reads = |path: &str| {
        Request::get(path).header("origin", "https://evil.example").bearer(ADMIN_TOKEN)
    };
    let app = TestApp::start().await;
    let preflight = app.send(asks("/api/events/dead")).await;
    assert_eq!(preflight.header("access-control-allow-headers"), "content-type");
    for path in ["/api/events/dead", "/api/events/recent"] {
        let answer = app.send(reads(path)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let named = TestApp::with().setting("cors_origins", "https://evil.example").start().await;
    let preflight = named.send(asks("/api/events/dead")).await;
    assert_eq!(preflight.header("access-control-allow-headers"), "content-type, X-Admin-Token");
    let answer = named.send(reads("/api/events/dead")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://evil.example");
}

#[tokio::test]
async fn origins_are_a_setting() {
    let origins = "https://a.example, https://b.example";
    let app = TestApp::with().setting("cors_origins", origins).start().await;
    let allowed = async |origin: &str| {
        let read = Request::get("/api/v2/leaderboard/global").header("origin", origin);
        let answer = app.send(read).await;
        assert_eq!(answer.status, 200, "who is no browser does not care");
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(allowed("https://a.example").await, "https://a.example");
    assert_eq!(allowed("https://b.example").await, "https://b.example");
    assert_eq!(allowed("https://evil.example").await, "");
}

fn inflated(answer: &Answer) -> String {
    let mut text = String::new();
    match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text),
        "zstd" => zstd::Decoder::new(&*answer.body).expect("zstd").read_to_string(&mut text),
        other => panic!("{other:?} was not asked for"),
    }
    .expect("it can be inflated");
    text
}

#[tokio::test]
async fn answers_are_compressed_where_the_client_asks() {
    let app = TestApp::start().await;
    let games: Vec<Value> = (0..100).map(|n| app.game(&format!("p{n}"), n)).collect();
    app.post_events(&json!(games)).await;
    let path = "/api/events/recent?limit=100";
    let plain = app.send(Request::get(path)).await;
    assert_eq!(plain.header("content-encoding"), "");
    for encoding in ["gzip", "zstd"] {
        let answer = app.send(Request::get(path).header("accept-encoding", encoding)).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.header("vary").to_lowercase().contains("accept-encoding"), "{encoding}");
        assert!(answer.body.len() < plain.body.len() / 2, "{encoding}");
        assert_eq!(inflated(&answer), plain.text(), "{encoding}");
    }
    let refused = app.send(Request::get(path).header("accept-encoding", "identity")).await;
    assert_eq!(refused.header("content-encoding"), "");
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_a_problem_like_any_other() {
    let app = TestApp::start().await;
    for path in [
        "/api/v2/leaderboard/user/%ff",
        "/api/v2/players/%ff/stats",
        "/api/v2/leaderboards/%ff",
        "/api/v2/leaderboards/global/players/%ff",
        "/api/v2/leaderboards/%ff/rank?user_ids=a",
        "/api/v2/tournaments/%ff/leaderboard",
        "/api/v2/tournaments/%ff/prizes",
        "/api/v2/leaderboard/user/%00",
        "/api/v2/leaderboard/global?user_id=%00",
        "/api/v2/leaderboard/global?limit=%31%00",
    ] {
        app.send(Request::get(path)).await.problem(400);
    }
    for (path, field) in [
        ("/api/v2/leaderboard/user/%ff", "user_id"),
        ("/api/v2/leaderboards/global/players/%ff", "user_id"),
        ("/api/v2/leaderboards/%ff/rank?user_ids=a", "board"),
    ] {
        let problem = app.send(Request::get(path)).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{path}");
    }
    let odd = ["?", "?&&&", "?=", "?limit", "?a=b=c", "?user_id=%ff", "?user_id=a&user_id=b", "?%"];
    for query in odd {
        let answer = app.send(Request::get(&format!("/api/v2/leaderboard/global{query}"))).await;
        assert!([200, 400].contains(&answer.status), "{query}: {}", answer.text());
        if answer.status == 400 {
            answer.problem(400);
        }
    }
}

#[tokio::test]
async fn without_a_queue_there_is_nothing_to_pause() {
    let app = TestApp::start().await;
    for action in ["pause", "resume"] {
        let path = format!("/api/admin/queue/{action}");
        let problem = app.operate(&path, &json!({ "class": "bulk" })).await.problem(409);
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("queue")), "{problem}");
    }
}
