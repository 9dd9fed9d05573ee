//! What must be in no answer: tokens, keys and device secrets.

use serde_json::json;

use crate::client::Request;
use crate::test_app::{ADMIN_TOKEN, TestApp};

#[tokio::test]
async fn no_answer_repeats_a_secret() {
    const SERVER_KEY: &str = "the-key-of-the-game-server";
    const DEVICE_SECRET: &str = "the-secret-of-a-device";
    let setup = TestApp::with().setting("auth", "player").setting("server_key", SERVER_KEY);
    let app = setup.start().await;
    let body = json!({ "user_id": "ann", "device_secret": DEVICE_SECRET });
    let session = app.post("/api/v2/players/session", &body).await;
    assert!(!session.text().contains(DEVICE_SECRET), "the device knows it already");
    let token = session.expect(200)["token"].as_str().expect("a token").to_owned();
    let signing = app.secret("token_secret");

    // What is sent with secrets, what fails because of them, and everything that can be read.
    let mut answers = Vec::new();
    for key in [SERVER_KEY, DEVICE_SECRET, ADMIN_TOKEN, &*token] {
        let game = app.game("ann", 10);
        for request in [
            Request::post("/api/events").json(&game).bearer(key),
            Request::post("/api/events").json(&game).header("x-server-key", key),
            Request::post("/api/events").body("{").bearer(key),
            Request::post("/api/admin/reload").bearer(key),
            Request::get("/api/events/dead").header("x-admin-token", key),
            Request::get("/nowhere").bearer(key),
        ] {
            answers.push(app.send(request).await);
        }
    }
    let paths = [
        "/api/events/stats",
        "/api/events/recent",
        "/api/events/dead",
        "/api/events/quarantine",
        "/api/events/health",
        "/api/health",
        "/api/health/pool",
        "/metrics",
        "/api/admin/rebuild",
        "/api/v2/players/ann/stats",
        "/api/v2/leaderboard/user/ann",
        "/api/v2/leaderboards",
        "/api/v2/tournaments",
    ];
    for path in paths {
        answers.push(app.send(Request::get(path).bearer(ADMIN_TOKEN)).await);
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    for answer in answers {
        let seen = format!("{:?} {}", answer.headers, answer.text());
        for secret in [SERVER_KEY, DEVICE_SECRET, ADMIN_TOKEN, &*token, &*signing] {
            assert!(!seen.contains(secret), "{seen}");
        }
    }
}
