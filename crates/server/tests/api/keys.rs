//! Named keys: what each scope opens, how they end, and the log of what was done with them.

use serde_json::{Value, json};

use crate::client::{CONTRACT, Request};
use crate::test_app::{ADMIN_TOKEN, TestApp, days};

const KEYS: &str = "/api/admin/keys";
const SCOPES: [&str; 7] = [
    "events:write",
    "boards:read",
    "players:read",
    "players:act",
    "analytics:read",
    "definition:write",
    "admin",
];

/// Makes a key, and answers it and its id.
async fn key(app: &TestApp, body: &Value) -> (String, String) {
    let answer = app.operate(KEYS, body).await.expect(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&answer["api_key"]), text(&answer["key"]["key_id"]))
}

async fn key_with(app: &TestApp, scope: &str) -> String {
    key(app, &json!({ "name": format!("with {scope}"), "scopes": [scope] })).await.0
}

#[tokio::test]
async fn every_operators_endpoint_opens_to_the_scope_it_names_and_to_no_other() {
    let app = TestApp::with().setting("auth", "player").start().await;
    let mut checked = 0;
    let mut keys = Vec::new();
    for scope in SCOPES {
        keys.push((scope, key_with(&app, scope).await));
    }
    for (method, path, operation) in CONTRACT.operations() {
        let mut requirements = operation["security"].as_array().into_iter().flatten();
        let Some(needed) = requirements.find_map(|one| one.get("admin_token")) else {
            continue;
        };
        let needed = needed[0].as_str().expect("a scope");
        assert!(SCOPES.contains(&needed), "{method} {path} needs {needed}");
        let path = path.replace('{', "no-such-").replace('}', "");
        for (scope, key) in &keys {
            let request = Request::new(&method, &path).bearer(key);
            let request = if method == "GET" { request } else { request.body("{") };
            let is_open = *scope == needed || *scope == "admin";
            let status = app.send(request).await.status;
            assert_eq!(status != 403, is_open, "{method} {path} with {scope}: {status}");
            assert_ne!(status, 401, "{method} {path} with {scope}");
            checked += 1;
        }
    }
    assert!(checked >= 7 * 20, "{checked}");
}

#[tokio::test]
async fn a_key_that_covers_events_speaks_for_anyone_and_no_other_does() {
    let app = TestApp::with().setting("auth", "player").start().await;
    let batch = json!([app.game("ann", 10), app.game("ben", 20)]);
    for scope in SCOPES {
        let key = key_with(&app, scope).await;
        for (name, value) in
            [("x-server-key", key.clone()), ("authorization", format!("Bearer {key}"))]
        {
            let request = Request::post("/api/events").header(name, &value).json(&batch);
            let expected = if ["events:write", "admin"].contains(&scope) { 200 } else { 403 };
            assert_eq!(app.send(request).await.status, expected, "{scope} as {name}");
        }
    }
    let unknown = format!("slk_{}_{}", "0".repeat(32), "0".repeat(64));
    let request = Request::post("/api/events").header("x-server-key", &unknown).json(&batch);
    app.send(request).await.problem(403);
}

#[tokio::test]
async fn a_key_is_shown_once_and_is_good_until_it_ends() {
    let app = TestApp::start().await;
    let body = json!({ "name": " ann ", "role": "support", "expires_in_days": 30 });
    let (support, id) = key(&app, &body).await;
    assert!(support.starts_with("slk_"), "{support}");
    let dead = || Request::get("/api/events/dead");
    let works = async |key: &str| app.send(dead().bearer(key)).await.status;
    assert_eq!(works(&support).await, 200);
    assert_eq!(works(&support[..support.len() - 1]).await, 403);
    app.send(Request::get("/api/events/dead").header("x-admin-token", &support)).await.expect(200);
    let listed = app.operator_get(KEYS).await;
    assert_eq!(listed["keys"][0]["name"], "ann");
    assert_eq!(listed["keys"][0]["last_used_at"], "2026-11-23T10:00:00.000Z");
    assert_eq!(listed["keys"][0]["scopes"].as_array().expect("a list").len(), 4);
    assert!(!listed.to_string().contains(&support[37..]), "its secret is nowhere");
    app.advance(days(29));
    assert_eq!(works(&support).await, 200);
    app.advance(days(1));
    assert_eq!(works(&support).await, 401, "its time is over");

    let (other, other_id) = key(&app, &json!({ "name": "ben", "role": "viewer" })).await;
    assert_eq!(works(&other).await, 403, "a viewer sees no single players");
    let stats = Request::get("/api/events/stats").bearer(&other);
    app.send(stats).await.expect(200);
    let revoke = |id: &str| Request::new("DELETE", &format!("{KEYS}/{id}")).bearer(ADMIN_TOKEN);
    let revoked = app.send(revoke(&other_id)).await.expect(200);
    assert_eq!(revoked["key"]["is_good"], false);
    assert_eq!(works(&other).await, 401, "at once");
    app.send(revoke(&other_id)).await.expect(200);
    app.send(revoke("nobody")).await.problem(404);
    let app = app.restart().await;
    let still = app.send(Request::get("/api/events/dead").bearer(&other)).await;
    assert_eq!(still.status, 401);
    assert_ne!(id, other_id);
}

#[tokio::test]
async fn a_key_that_makes_no_sense_is_refused_by_its_field() {
    let app = TestApp::start().await;
    for (body, field) in [
        (json!({ "role": "viewer" }), "name"),
        (json!({ "name": "", "role": "viewer" }), "name"),
        (json!({ "name": "x".repeat(101), "role": "viewer" }), "name"),
        (json!({ "name": "x" }), "role"),
        (json!({ "name": "x", "role": "king" }), "role"),
        (json!({ "name": "x", "scopes": ["everything"] }), "scopes"),
        (json!({ "name": "x", "role": "viewer", "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "name": "x", "role": "viewer", "expires_in_days": 3651 }), "expires_in_days"),
        (json!({ "name": "x", "role": "viewer", "colour": "red" }), "colour"),
    ] {
        let problem = app.operate(KEYS, &body).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    app.operate(KEYS, &json!({ "name": "x", "role": "viewer" })).await.expect(200);
    app.operate(KEYS, &json!({ "name": "x", "role": "admin" })).await.problem(409);
}

#[tokio::test]
async fn every_act_of_operators_is_in_the_log_with_who_did_it() {
    let app = TestApp::start().await;
    let (designer, designer_id) = key(&app, &json!({ "name": "dora", "role": "designer" })).await;
    app.send(Request::post("/api/admin/reload").bearer(&designer).json(&json!({})))
        .await
        .expect(200);
    // What is refused, and what only looks, is no act.
    app.send(Request::post("/api/admin/rebuild").bearer(&designer).json(&json!({})))
        .await
        .problem(403);
    app.operator_get("/api/events/dead").await;
    app.operate("/api/admin/reload", &json!({ "what": 1 })).await.problem(400);
    let log = app.operator_get("/api/admin/audit").await;
    let entries = log["entries"].as_array().expect("a list");
    let told: Vec<_> =
        entries.iter().map(|one| (&one["act"], &one["who"], &one["target"])).collect();
    let (reload, create) = (json!("reload"), json!("createKey"));
    let (dora, admin) = (json!("dora"), json!("admin token"));
    let (path, id) = (json!("/api/admin/reload"), json!(designer_id));
    assert_eq!(told, [(&reload, &dora, &path), (&create, &admin, &id)], "{log}");
    assert_eq!(entries[0]["key_id"], designer_id);
    assert_eq!(entries[0]["address"], "127.0.0.1");
    assert_eq!(entries[0]["after"], json!({ "status": 200 }));
    assert_eq!(entries[1]["after"]["scopes"], "boards:read analytics:read definition:write");
    assert!(!log.to_string().contains(&designer), "no key in the log");
    let page = app.operator_get("/api/admin/audit?limit=1").await;
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let next = app.operator_get(&format!("/api/admin/audit?limit=1&cursor={cursor}")).await;
    assert_eq!(next["entries"][0]["act"], "createKey");
    let of_dora = app.operator_get("/api/admin/audit?who=dora&act=reload").await;
    assert_eq!(of_dora["entries"].as_array().expect("a list").len(), 1);
    let wrong = Request::get("/api/admin/audit?cursor=x").bearer(ADMIN_TOKEN);
    app.send(wrong).await.problem(400);
}
