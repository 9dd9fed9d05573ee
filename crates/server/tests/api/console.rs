//! The console without a browser: who gets in, what every answer carries, and that what clients send is
//! text.

use crate::client::{Answer, Request};
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, TestApp, days};

fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(pairs.join("&"))
}

/// The cookie that an answer sets, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
}

async fn signed_in(app: &TestApp) -> String {
    let answer = app.send(form("/console/sign-in", &[("key", ADMIN_TOKEN)])).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/console"), "{}", answer.text());
    cookie(&answer)
}

/// What the forms of a page carry.
fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="csrf" value=""#).expect("a form");
    rest.split('"').next().expect("a value").to_owned()
}

async fn page(app: &TestApp, path: &str) -> String {
    let answer = app.send(Request::get(path).bearer(ADMIN_TOKEN)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[tokio::test]
async fn nobody_sees_a_page_before_signing_in_and_afterwards_comes_to_what_was_asked_for() {
    let app = TestApp::start().await;
    for path in ["/console", "/console/charts/events.csv", "/console/live/overview"] {
        let away = app.send(Request::get(path)).await;
        assert_eq!(away.status, 303, "{path}");
        assert!(away.header("location").starts_with("/console/sign-in?next="), "{path}");
        let wrong = app.send(Request::get(path).bearer("wrong")).await;
        assert_eq!(wrong.status, 403, "{path}");
    }
    let away = app.send(Request::get("/console?range=24h")).await;
    let sign_in = app.send(Request::get(away.header("location"))).await;
    assert!(sign_in.text().contains(r#"value="/console?range=24h""#), "{}", sign_in.text());
    let fields = [("key", ADMIN_TOKEN), ("next", "/console?range=24h")];
    let answer = app.send(form("/console/sign-in", &fields)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/console?range=24h"));
    let set = answer.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let overview = app.send(Request::get("/console").header("cookie", &cookie(&answer))).await;
    assert_eq!(overview.status, 200);
    assert!(overview.text().contains("Ready: no event has come in yet."), "{}", overview.text());
}

#[tokio::test]
async fn every_answer_of_the_console_forbids_what_it_does_not_need() {
    let app = TestApp::start().await;
    for path in ["/console", "/console/sign-in", "/console/nothing", "/console/assets/nothing"] {
        let answer = app.send(Request::get(path).bearer(ADMIN_TOKEN)).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let overview = page(&app, "/console").await;
    for inline in [" style=", "<style", " onclick=", "javascript:", "http://", "https://"] {
        let svg = overview.replace("http://www.w3.org/2000/svg", "");
        assert!(!svg.contains(inline), "{inline} in {overview}");
    }
    let sheet = overview
        .split('"')
        .find(|text| text.starts_with("/console/assets/console") && text.contains("css"))
        .expect("a style sheet");
    let sheet = app.send(Request::get(sheet)).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn wrong_tries_are_counted_and_the_right_token_waits_with_them() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        let wrong = app.send(form("/console/sign-in", &[("key", "wrong")])).await;
        assert_eq!((wrong.status, wrong.header("set-cookie")), (403, ""));
        assert!(wrong.text().contains("That is no key that is good here."));
    }
    let right = app.send(form("/console/sign-in", &[("key", ADMIN_TOKEN)])).await;
    assert_eq!((right.status, right.header("set-cookie")), (429, ""));
}

#[tokio::test]
async fn a_session_ends_when_it_is_signed_out_and_when_its_time_is_over() {
    let app = TestApp::start().await;
    let status = async |cookie: &str| {
        app.send(Request::get("/console").header("cookie", cookie)).await.status
    };
    let first = signed_in(&app).await;
    let page = app.send(Request::get("/console").header("cookie", &first)).await.text();
    let token = form_token(&page);
    let out = form("/console/sign-out", &[("csrf", &token)]).header("cookie", &first);
    let out = app.send(out).await;
    assert_eq!((out.status, out.header("location")), (303, "/console/sign-in"));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(status(&first).await, 303, "whoever kept the cookie has nothing of it");
    let second = signed_in(&app).await;
    assert_eq!(status(&second).await, 200);
    assert_eq!(status(&second.replace("v1.", "v1.x")).await, 303, "it is another session");
    app.advance(days(1));
    assert_eq!(status(&second).await, 303);
}

#[tokio::test]
async fn a_form_of_another_site_or_session_changes_nothing() {
    let app = TestApp::start().await;
    let session = signed_in(&app).await;
    let page = app.send(Request::get("/console").header("cookie", &session)).await.text();
    let token = form_token(&page);
    let other = signed_in(&app).await;
    let out = |fields: &[(&str, &str)], session: &str| {
        form("/console/sign-out", fields).header("cookie", session)
    };
    for request in [
        out(&[], &session),
        out(&[("csrf", "guessed")], &session),
        out(&[("csrf", &token)], &other),
        out(&[("csrf", &token)], &session).header("sec-fetch-site", "cross-site"),
        out(&[("csrf", &token)], &session).header("origin", "https://evil.example"),
    ] {
        assert_eq!(app.send(request).await.status, 403);
    }
    let still = app.send(Request::get("/console").header("cookie", &session)).await;
    assert_eq!(still.status, 200, "nobody was signed out");
    let sign_in = form("/console/sign-in", &[("key", ADMIN_TOKEN)]);
    let foreign = app.send(sign_in.header("origin", "https://evil.example")).await;
    assert_eq!((foreign.status, foreign.header("set-cookie")), (403, ""));
}

#[tokio::test]
async fn the_link_that_is_printed_signs_in_once() {
    let app = TestApp::start().await;
    let link = app.server().console_link();
    let path = link.split_once("/console").map(|(_, path)| format!("/console{path}"));
    let path = path.expect("a link into the console");
    let first = app.send(Request::get(&path)).await;
    assert_eq!((first.status, first.header("location")), (303, "/console"));
    let session = cookie(&first);
    assert_eq!(app.send(Request::get("/console").header("cookie", &session)).await.status, 200);
    let second = app.send(Request::get(&path)).await;
    assert_eq!((second.status, second.header("set-cookie")), (403, ""));
}

#[tokio::test]
async fn the_overview_says_what_waits_for_a_person_and_what_came_in() {
    let app = TestApp::start().await;
    app.plays("ann", 1_000).await;
    app.post_rejected(&with(&app.game("ann", 5), "score", -1)).await;
    let overview = page(&app, "/console?range=24h").await;
    assert!(overview.contains("All is well"), "{overview}");
    assert!(overview.contains("<b>1 event</b>"), "{overview}");
    assert!(overview.contains("Events per hour") && overview.contains("game_ended"), "{overview}");
    let csv =
        app.send(Request::get("/console/charts/types.csv?range=24h").bearer(ADMIN_TOKEN)).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text(), "Type,events,players\r\ngame_ended,1,1\r\n");
}
