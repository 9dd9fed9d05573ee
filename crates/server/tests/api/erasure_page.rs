//! The page by which a player asks to be erased: `/privacy/erase`.

use serde_json::json;

use crate::client::{Answer, Request};
use crate::console::Dana;
use crate::test_app::{ADMIN_TOKEN, Setup, TestApp, eventually};

const PAGE: &str = "/privacy/erase";
const REQUESTS: &str = "/api/admin/erasure-requests";
const SECRET: &str = "the secret of her device";

fn with_page(auth: &str) -> Setup {
    let setup = TestApp::with().setting("erasure_page", "on").setting("auth", auth);
    setup.setting("trusted_proxies", "127.0.0.1")
}

/// Sends the form as a browser at this address does.
async fn send_from(app: &TestApp, address: &str, form: &str) -> Answer {
    let request = Request::post(PAGE).header("x-forwarded-for", address);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    app.send(request.header("sec-fetch-site", "same-origin").body(form)).await
}

async fn send(app: &TestApp, form: &str) -> Answer {
    send_from(app, "203.0.113.1", form).await
}

#[tokio::test]
async fn without_the_setting_there_is_no_page() {
    let app = TestApp::start().await;
    assert_eq!(app.send(Request::get(PAGE)).await.status, 404);
    assert_eq!(send(&app, "user_id=ann&sure=1").await.status, 404);
    assert_eq!(app.operator_get(REQUESTS).await["requests"], json!([]));
}

#[tokio::test]
async fn the_page_has_no_script_and_nobody_else_may_frame_or_fill_it() {
    let app = with_page("open").start().await;
    let page = app.send(Request::get(&format!("{PAGE}?user_id=a%22%3Cb"))).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    let text = page.text();
    assert!(!text.contains("<script") && !text.contains("/console/"), "{text}");
    assert!(text.contains("a&#34;&#60;b"), "what the game fills in is text: {text}");
    let style = text.split("href=\"").find(|part| part.contains(".css")).expect("a style sheet");
    let style = style.split('"').next().expect("an address");
    assert_eq!(
        app.send(Request::get(style)).await.header("content-type"),
        "text/css; charset=utf-8"
    );

    for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post(PAGE).header(header, value).body("user_id=ann&sure=1");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(app.send(request).await.status, 403, "{header}");
    }
    for wrong in ["", "user_id=&sure=1", "user_id=ann", "user_id=a%00b&sure=1"] {
        assert_eq!(send(&app, wrong).await.status / 100, 4, "{wrong}");
    }
    assert_eq!(app.operator_get(REQUESTS).await["requests"], json!([]), "nothing came of it");
}

#[tokio::test]
async fn with_the_secret_of_the_device_a_player_is_erased_at_once() {
    let app = with_page("player").start().await;
    let session = json!({ "user_id": "ann", "device_secret": SECRET });
    let answer = app.post("/api/v2/players/session", &session).await.expect(200);
    let token = answer["token"].as_str().expect("a token");
    let sent = Request::post("/api/events").bearer(token).json(&app.game("ann", 900));
    app.send(sent).await.expect(200);
    app.board_shows(&[("ann", 900)]).await;

    assert!(app.send(Request::get(PAGE)).await.text().contains("name=\"device_secret\""));
    for wrong in
        ["user_id=ann&sure=1", "user_id=ann&sure=1&device_secret=guessed", "user_id=ben&sure=1"]
    {
        let answer = send(&app, wrong).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(answer.text().contains("There is no player with this id and this secret."));
    }
    let unsure = format!("user_id=ann&device_secret={}", SECRET.replace(' ', "+"));
    assert_eq!(send(&app, &unsure).await.status, 400);
    app.board_shows(&[("ann", 900)]).await;

    let done = send(&app, &format!("{unsure}&sure=1")).await;
    assert_eq!(done.status, 202);
    assert!(done.text().contains("is being deleted"), "{}", done.text());
    app.board_shows(&[]).await;
    let log = app.operator_get("/api/admin/audit?act=erasePlayer").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["who"], &entry["address"]), (&json!("the player"), &json!(null)), "{log}");
    let job = entry["target"].as_str().and_then(|target| target.strip_prefix("erased-"));
    let job = format!("/api/admin/jobs/{}", job.expect("a placeholder"));
    let ended = eventually("the end", async || {
        let state = app.operator_get(&job).await;
        if state["status"] == "done" { Ok(state) } else { Err(state) }
    });
    assert_eq!(ended.await["receipt"]["events"], 1);
}

#[tokio::test]
async fn where_any_id_is_believed_a_request_waits_for_an_operator() {
    let app = with_page("open").start().await;
    app.post_events(&json!([app.game("ann", 900), app.game("ben", 100)])).await;
    assert!(!app.send(Request::get(PAGE)).await.text().contains("device_secret"));
    for message in ["ann%40example.com", "somebody+else"] {
        let answer = send(&app, &format!("user_id=ann&sure=1&message={message}")).await;
        assert_eq!(answer.status, 202);
        assert!(answer.text().contains("Your request is noted"));
    }
    assert_eq!(send(&app, "user_id=ben&sure=1").await.status, 202);
    let too_long = format!("user_id=eve&sure=1&message={}", "a".repeat(301));
    assert_eq!(send(&app, &too_long).await.status, 400);
    let listed = app.operator_get(REQUESTS).await;
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(2), "{listed}");
    let first = &listed["requests"][0];
    assert_eq!((&first["user_id"], &first["message"]), (&json!("ann"), &json!("ann@example.com")));
    app.board_shows(&[("ann", 900), ("ben", 100)]).await;

    let dana = Dana::of(&app).await;
    let page = dana.sees("/console/erasure-requests").await;
    assert!(page.contains("ann@example.com") && page.contains("ben"), "{page}");
    let fields = [("id", "ben"), ("note", "did not answer")];
    dana.does("/console/erasure-requests/dismiss", &fields).await;
    assert!(!dana.sees("/console/erasure-requests").await.contains("/console/player?id=ben"));
    let log = app.operator_get("/api/admin/audit?act=dismissErasureRequest").await;
    assert_eq!(
        (&log["entries"][0]["target"], &log["entries"][0]["note"]),
        (&json!("ben"), &json!("did not answer"))
    );
    let again = json!({ "user_id": "ben" });
    let again = app.operate(&format!("{REQUESTS}/dismiss"), &again).await.expect(200);
    assert_eq!(again["changed"], false);

    let erase = Request::new("DELETE", "/api/v2/players/ann").bearer(ADMIN_TOKEN);
    app.send(erase.json(&json!({ "confirm": "ann" }))).await.expect(202);
    let gone = eventually("the request to go with the player", async || {
        let listed = app.operator_get(REQUESTS).await;
        if listed["requests"] == json!([]) { Ok(()) } else { Err(listed) }
    });
    gone.await;
    assert_eq!(send(&app, "user_id=ann&sure=1").await.status, 202, "as for anybody");
    assert_eq!(app.operator_get(REQUESTS).await["requests"], json!([]), "nothing is left to erase");
}

#[tokio::test]
async fn a_request_that_nobody_decides_about_raises_an_alert_until_somebody_does() {
    let alerts = "[alerts]\nerasure_waiting_hours = { warning = 1.5, critical = 20.0 }\n";
    let app = with_page("open").alerts(alerts).start().await;
    app.post_events(&app.game("ann", 900)).await;
    assert_eq!(send(&app, "user_id=ann&sure=1").await.status, 202);
    let raised = async |wanted: serde_json::Value| {
        eventually("the alerts", async || {
            let alerts = app.get("/api/health").await["alerts"].clone();
            let named = json!([&alerts[0]["metric"], &alerts[0]["level"]]);
            if named == wanted { Ok(()) } else { Err(alerts) }
        })
        .await;
    };
    let dana = Dana::of(&app).await;
    let asked = "title=\"requests to be erased\">1<";
    assert!(dana.sees("/console/players").await.contains(asked));
    raised(json!([null, null])).await;
    app.advance(2 * 3_600_000);
    raised(json!(["erasure_waiting_hours", "warning"])).await;
    let waits = "scoreline_erasure_waiting_hours 2";
    assert!(app.metrics().await.contains(waits), "{}", app.metrics().await);

    dana.does("/console/erasure-requests/dismiss", &[("id", "ann"), ("note", "it was not ann")])
        .await;
    raised(json!([null, null])).await;
    eventually("nothing beside the place in the menu", async || {
        let page = dana.sees("/console/players").await;
        if page.contains(asked) { Err(page) } else { Ok(()) }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_asks_again_and_again_waits() {
    let app = with_page("open").start().await;
    for n in 0..10 {
        let answer = send_from(&app, "203.0.113.7", &format!("user_id=p{n}&sure=1")).await;
        assert_eq!(answer.status, 202, "{n}");
    }
    let refused = send_from(&app, "203.0.113.7", "user_id=p10&sure=1").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(send_from(&app, "203.0.113.8", "user_id=p10&sure=1").await.status, 202);
}
