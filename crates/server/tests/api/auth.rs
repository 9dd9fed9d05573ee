//! Who may do what: open mode, players with secrets, game servers, operators.

use serde_json::{Value, json};

use crate::client::{Answer, CONTRACT, Request};
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, MINUTE_MS, Setup, TestApp, days, eventually};

const SERVER_KEY: &str = "the-key-of-the-game-server";
const SECRET: &str = "a-device-secret-of-ann";
const SESSION: &str = "/api/v2/players/session";

/// Who may call an endpoint, as the document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Public,
    Player,
    Operator,
    OperatorOrLocal,
}

/// An endpoint of the document, at a path that leads to nothing that is there.
struct Endpoint {
    method: String,
    path: String,
    access: Access,
}

impl Endpoint {
    /// A request that does nothing if it is let through: its body is not JSON.
    fn request(&self) -> Request {
        let request = Request::new(&self.method, &self.path);
        if self.method == "GET" { request } else { request.body("{") }
    }
}

fn access_of(operation: &Value) -> Access {
    let Some(requirements) = operation["security"].as_array() else { return Access::Public };
    let names = |scheme: &str| requirements.iter().any(|one| one.get(scheme).is_some());
    let is_optional = requirements.contains(&json!({}));
    match (names("admin_token"), names("player_token"), is_optional) {
        (true, false, false) => Access::Operator,
        (true, false, true) => Access::OperatorOrLocal,
        (false, true, true) => Access::Player,
        _ => panic!("who may call this? {operation}"),
    }
}

/// All endpoints that there are, so that a new one is among them.
fn endpoints() -> Vec<Endpoint> {
    let at = |path: &str| path.replace('{', "no-such-").replace('}', "");
    let operations = CONTRACT.operations().into_iter();
    operations
        .map(|(method, path, operation)| Endpoint {
            method,
            path: at(path),
            access: access_of(operation),
        })
        .collect()
}

fn is_refused(answer: &Answer) -> bool {
    [401, 403].contains(&answer.status)
}

fn player_mode() -> Setup {
    TestApp::with().setting("auth", "player").setting("server_key", SERVER_KEY)
}

async fn session(app: &TestApp, player: &str, secret: &str) -> String {
    let body = json!({ "user_id": player, "device_secret": secret });
    let answer = app.post(SESSION, &body).await.expect(200);
    assert_eq!((&answer["success"], &answer["user_id"]), (&json!(true), &json!(player)));
    answer["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn operator_routes_want_the_admin_token_whatever_the_mode() {
    for app in [TestApp::start().await, player_mode().start().await] {
        let operators = endpoints().into_iter().filter(|one| one.access == Access::Operator);
        for endpoint in operators {
            let what = format!("{} {}", endpoint.method, endpoint.path);
            // Without the admin token, the caller is not even told that this is not JSON.
            let missing = app.send(endpoint.request()).await;
            assert_eq!(missing.header("www-authenticate"), "Bearer", "{what}");
            assert_eq!(missing.problem(401)["type"], "/problems/unauthorized", "{what}");
            for wrong in ["wrong", "", SERVER_KEY, &ADMIN_TOKEN[1..]] {
                let answer = app.send(endpoint.request().bearer(wrong)).await;
                assert!(is_refused(&answer), "{what} with {wrong:?}");
            }
            let basic = endpoint.request().header("authorization", &format!("Basic {ADMIN_TOKEN}"));
            app.send(basic).await.problem(401);
            app.send(endpoint.request().header("x-server-key", SERVER_KEY)).await.problem(401);
            let operator = app.send(endpoint.request().bearer(ADMIN_TOKEN)).await;
            assert!(!is_refused(&operator), "{what}: {}", operator.text());
        }
        let current = app.get("/api/v2/tournaments/current").await;
        assert_eq!(current["tournament"]["status"], "active", "nobody cancelled it");
        let other_header = Request::get("/api/events/dead").header("x-admin-token", ADMIN_TOKEN);
        app.send(other_header).await.expect(200);
    }
}

#[tokio::test]
async fn every_endpoint_lets_through_exactly_whom_the_document_says() {
    let public = TestApp::with().setting("bind", "0.0.0.0").setting("auth", "open");
    let modes = [
        (TestApp::start().await, [Access::Player, Access::OperatorOrLocal].as_slice()),
        (public.start().await, &[Access::Player]),
        (player_mode().start().await, &[]),
    ];
    for (app, open) in modes {
        let endpoints = endpoints();
        assert!(endpoints.iter().filter(|one| one.access == Access::Operator).count() >= 14);
        for endpoint in endpoints {
            let what = format!("{} {} in {open:?}", endpoint.method, endpoint.path);
            let is_open = endpoint.access == Access::Public || open.contains(&endpoint.access);
            let answer = app.send(endpoint.request()).await;
            assert_eq!(is_refused(&answer), !is_open, "{what}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn in_player_mode_only_players_and_game_servers_reach_what_is_a_players() {
    let app = player_mode().start().await;
    let token = session(&app, "ann", SECRET).await;
    for endpoint in endpoints().into_iter().filter(|one| one.access == Access::Player) {
        let what = format!("{} {}", endpoint.method, endpoint.path);
        for let_in in [
            endpoint.request().bearer(&token),
            endpoint.request().header("x-server-key", SERVER_KEY),
        ] {
            let answer = app.send(let_in).await;
            assert!(!is_refused(&answer), "{what}: {}", answer.text());
        }
        for kept_out in [
            endpoint.request().bearer(ADMIN_TOKEN),
            endpoint.request().bearer(&token[1..]),
            endpoint.request().header("x-server-key", "wrong"),
        ] {
            assert!(is_refused(&app.send(kept_out).await), "{what}");
        }
    }
}

#[tokio::test]
async fn stats_and_recent_are_open_only_in_open_mode_on_loopback() {
    let public = TestApp::with().setting("bind", "0.0.0.0").setting("auth", "open");
    for (app, status) in [
        (TestApp::start().await, 200),
        (player_mode().start().await, 401),
        (public.start().await, 401),
    ] {
        for path in ["/api/events/stats", "/api/events/recent"] {
            assert_eq!(app.send(Request::get(path)).await.status, status, "{path}");
            app.operator_get(path).await;
        }
        app.get("/api/events/health").await;
        app.get("/api/v2/leaderboard/global").await;
    }
}

#[tokio::test]
async fn in_open_mode_any_device_id_is_believed() {
    let app = TestApp::start().await;
    let batch = json!([app.game("ann", 10), app.game("ben", 20)]);
    assert_eq!(app.post_events(&batch).await["accepted"], 2);
    let stranger = Request::post("/api/events").bearer("whatever").json(&app.game("ann", 30));
    assert_eq!(app.send(stranger).await.expect(200)["accepted"], 1);
}

#[tokio::test]
async fn an_id_that_is_nobodys_is_never_bound_to_a_secret() {
    let app = TestApp::start().await;
    for id in ["null", "undefined", "[object Object]", "00000000-0000-0000-0000-000000000000", " "]
    {
        let answer = app.post("/api/v2/players/session", &json!({ "user_id": id })).await;
        assert_eq!(answer.problem(400)["errors"][0]["field"], "user_id", "{id}");
    }
}

#[tokio::test]
async fn a_session_binds_a_player_to_a_secret_at_first_use() {
    let app = player_mode().start().await;
    let first = app.post(SESSION, &json!({ "user_id": "ann" })).await.expect(200);
    let made = first["device_secret"].as_str().expect("a secret is made").to_owned();
    assert!(made.len() >= 32, "{made}");
    assert_eq!(first["expires_in_seconds"], 3_600);
    assert_eq!(first["expires_at"], "2026-11-23T11:00:00.000Z");
    let body = json!({ "user_id": "ann", "device_secret": made });
    let again = app.post(SESSION, &body).await.expect(200);
    assert_eq!(again["device_secret"], Value::Null, "said once");
    for wrong in
        [json!({ "user_id": "ann" }), with(&body, "device_secret", "another secret of length")]
    {
        assert_eq!(app.post(SESSION, &wrong).await.problem(403)["type"], "/problems/forbidden");
    }
    let app = app.restart().await;
    app.post(SESSION, &body).await.expect(200);
    for (bad, status) in [
        (json!({}), 400),
        (json!({ "user_id": "" }), 400),
        (json!({ "user_id": "x".repeat(256) }), 400),
        (json!({ "user_id": "new", "device_secret": "short" }), 400),
        (json!({ "user_id": "new", "device_secret": "x".repeat(256) }), 400),
        (json!({ "user_id": 7 }), 400),
    ] {
        app.post(SESSION, &bad).await.problem(status);
    }
    assert_eq!(app.post(SESSION, &json!({})).await.problem(400)["error"], "user_id required");
}

#[tokio::test]
async fn a_token_speaks_for_its_player_alone() {
    let app = player_mode().start().await;
    let token = session(&app, "ann", SECRET).await;
    let as_ann = |request: Request| app.send(request.bearer(&token));
    let batch = json!([app.game("ann", 10), app.game("ben", 99), app.game("ann", 20)]);
    let answer = as_ann(Request::post("/api/events").json(&batch)).await.expect(200);
    assert_eq!(answer["accepted"], 2);
    assert_eq!(answer["rejected"][0]["code"], "wrong_player");
    assert_eq!((app.games_of("ann").await, app.games_of("ben").await), (2, 0));
    // A requeue must not let the forged event count.
    let requeued = app.operate("/api/events/requeue-quarantined", &json!({})).await.expect(200);
    assert_eq!((&requeued["accepted"], &requeued["still_rejected"]), (&json!(0), &json!(1)));

    let nickname = |player: &str| {
        let body = json!({ "user_id": player, "nickname": "New Name" });
        Request::post("/api/v2/leaderboard/update-nickname").json(&body)
    };
    as_ann(nickname("ann")).await.expect(200);
    as_ann(nickname("ben")).await.problem(403);
    for path in ["pending", "history", "stats"] {
        let question =
            |player: &str| Request::get(&format!("/api/v2/prizes/{path}?user_id={player}"));
        as_ann(question("ann")).await.expect(200);
        as_ann(question("ben")).await.problem(403);
        app.send(question("ann")).await.problem(401);
    }
    let claim = |player: &str| {
        let body = json!({ "user_id": player, "prize_id": "x" });
        Request::post("/api/v2/prizes/claim").json(&body)
    };
    as_ann(claim("ann")).await.expect(200);
    as_ann(claim("ben")).await.problem(403);
    app.send(claim("ann")).await.problem(401);
    app.send(nickname("ann")).await.problem(401);
    let refused = app.post("/api/events", &app.game("ann", 1)).await;
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    refused.problem(401);
}

#[tokio::test]
async fn a_token_that_expired_or_was_changed_is_no_token() {
    let app = player_mode().start().await;
    let token = session(&app, "ann", SECRET).await;
    let post = async |token: &str| {
        app.send(Request::post("/api/events").bearer(token).json(&app.game("ann", 1))).await.status
    };
    assert_eq!(post(&token).await, 200);
    let hex_of_ben = "62656e";
    let forged = token.replacen("616e6e", hex_of_ben, 1);
    assert_ne!(forged, token, "the player stands in it");
    let mut longer = token.clone();
    longer.push('0');
    for bad in ["", "x", ADMIN_TOKEN, SERVER_KEY, &forged, &longer, &token[..token.len() - 2]] {
        assert_eq!(post(bad).await, 401, "{bad}");
    }
    app.advance(59 * MINUTE_MS);
    assert_eq!(post(&token).await, 200);
    app.advance(MINUTE_MS);
    assert_eq!(post(&token).await, 401, "an hour is over");
    let fresh = session(&app, "ann", SECRET).await;
    let app = app.restart().await;
    let game = Request::post("/api/events").bearer(&fresh).json(&app.game("ann", 2));
    app.send(game).await.expect(200);
}

#[tokio::test]
async fn a_game_server_with_its_key_speaks_for_anyone() {
    let app = player_mode().start().await;
    let batch = json!([app.game("ann", 10), app.game("ben", 20)]);
    let request = || Request::post("/api/events").json(&batch);
    let answer = app.send(request().header("x-server-key", SERVER_KEY)).await.expect(200);
    assert_eq!(answer["accepted"], 2);
    app.send(request().header("x-server-key", "wrong")).await.problem(403);
    app.send(request().header("x-server-key", "")).await.problem(403);
    app.advance(days(7));
    eventually("ben's prize", async || {
        let question = Request::get("/api/v2/prizes/pending?user_id=ben");
        let answer = app.send(question.header("x-server-key", SERVER_KEY)).await.expect(200);
        if answer["count"] == 1 { Ok(()) } else { Err(answer) }
    })
    .await;
    let not_operator = Request::get("/api/events/dead").header("x-server-key", SERVER_KEY);
    app.send(not_operator).await.problem(401);
}

#[tokio::test]
async fn the_admin_token_that_is_made_at_first_start_is_private_and_stays() {
    let app = TestApp::with().without_admin_token().start().await;
    let token = app.secret("admin_token");
    assert!(token.len() >= 32);
    assert!(app.server().admin_token_is_new());
    app.send(Request::get("/api/events/dead").bearer(&token)).await.expect(200);
    app.send(Request::get("/api/events/dead").bearer(ADMIN_TOKEN)).await.problem(403);
    #[cfg(unix)]
    for name in ["admin_token", "token_secret"] {
        use std::os::unix::fs::PermissionsExt;
        if crate::ON_POSTGRES {
            continue;
        }
        let file = std::fs::metadata(app.data_file(name)).expect("it is there");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let app = app.restart().await;
    assert!(!app.server().admin_token_is_new(), "printed once");
    app.send(Request::get("/api/events/dead").bearer(&token)).await.expect(200);
}

#[tokio::test]
async fn in_open_mode_a_proxy_on_the_same_machine_opens_no_list_of_operators() {
    let app = TestApp::start().await;
    let path = "/api/events/recent";
    assert_eq!(app.send(Request::get(path)).await.status, 200, "a developer at home");
    for (header, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-real-ip", "203.0.113.7"),
        ("via", "1.1 proxy"),
    ] {
        app.send(Request::get(path).header(header, value)).await.problem(401);
    }
}

#[tokio::test]
async fn who_guesses_at_secrets_is_held_up_counted_and_keeps_nobody_out() {
    let app = TestApp::with()
        .setting("auth", "player")
        .setting("trusted_proxies", "127.0.0.1")
        .setting("rate_limit", "off")
        .start()
        .await;
    let ask = async |from: &str, secret: &str| {
        let body = json!({ "user_id": "ann", "device_secret": secret });
        app.send(Request::post(SESSION).header("x-forwarded-for", from).json(&body)).await
    };
    let own = "s".repeat(32);
    ask("203.0.113.1", &own).await.expect(200);
    let mut guesses = 0;
    let held_up = loop {
        let answer = ask("203.0.113.66", &format!("guess-{guesses:030}")).await;
        if answer.status != 403 {
            break answer;
        }
        guesses += 1;
    };
    assert!((20..25).contains(&guesses), "{guesses}");
    held_up.problem(429);
    assert!(!held_up.header("retry-after").is_empty());
    ask("203.0.113.1", &own).await.expect(200);
    let events = Request::post("/api/events").bearer("v1.616e6e.99999999999.00").body("[]");
    app.send(events).await.problem(401);
    app.send(Request::post("/api/admin/reload").bearer("wrong")).await.problem(403);
    let metrics = app.send(Request::get("/metrics")).await.text();
    for (name, count) in [("device_secret", guesses), ("player", 1), ("operator", 1)] {
        let line = format!("scoreline_http_refused_credentials_total{{name=\"{name}\"}} {count}");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn the_secret_that_signs_tokens_can_give_way_to_another_while_players_play() {
    let (former, next) = ("f".repeat(32), "n".repeat(32));
    let sign = |own: &str, other: &str| {
        player_mode().setting("token_secret", own).setting("token_secret_other", other)
    };
    let before = sign(&former, "").start().await;
    let token = session(&before, "ann", &"s".repeat(32)).await;
    let play = async |app: &TestApp| {
        app.send(Request::post("/api/events").bearer(&token).body("[]")).await.status
    };
    assert_eq!(play(&before).await, 200);
    assert_eq!(play(&sign(&former, &next).start().await).await, 200, "all nodes know the next");
    assert_eq!(play(&sign(&next, &former).start().await).await, 200, "the next one signs");
    assert_eq!(play(&sign(&next, "").start().await).await, 401, "an hour later");
}

#[tokio::test]
async fn who_is_unbound_is_bound_anew_and_no_token_of_before_is_good() {
    let app = player_mode().start().await;
    let token = session(&app, "ann", SECRET).await;
    let ben = session(&app, "ben", SECRET).await;
    let play = async |token: &str, player: &str| {
        let game = app.game(player, 10);
        app.send(Request::post("/api/events").bearer(token).json(&game)).await.status
    };
    assert_eq!(play(&token, "ann").await, 200);
    let unbind = async |body: &Value| {
        let path = "/api/v2/players/ann/secret";
        app.send(Request::new("DELETE", path).bearer(ADMIN_TOKEN).json(body)).await.expect(200)
    };
    let kept = unbind(&json!({ "keep_secret": true, "note": "a token was seen" })).await;
    assert_eq!((&kept["bound"], &kept["changed"]), (&json!(true), &json!(true)));
    assert_eq!(play(&token, "ann").await, 401);
    let token = session(&app, "ann", SECRET).await;
    assert_eq!(play(&token, "ann").await, 200, "for the same secret");

    let unbound = unbind(&json!({ "note": "a lost phone" })).await;
    assert_eq!((&unbound["bound"], &unbound["changed"]), (&json!(false), &json!(true)));
    assert_eq!(unbind(&json!({})).await["changed"], false, "there is nothing left to take away");
    assert_eq!(play(&token, "ann").await, 401);
    let other = "the secret of the other phone";
    let anew = session(&app, "ann", other).await;
    assert_eq!(play(&anew, "ann").await, 200);
    let former = json!({ "user_id": "ann", "device_secret": SECRET });
    app.post(SESSION, &former).await.problem(403);
    assert_eq!(app.games_of("ann").await, 3, "what was played stays");
    let app = app.restart().await;
    let play = async |token: &str, player: &str| {
        let game = app.game(player, 10);
        app.send(Request::post("/api/events").bearer(token).json(&game)).await.status
    };
    assert_eq!(play(&token, "ann").await, 401, "also after a restart");
    assert_eq!(play(&anew, "ann").await, 200);
    assert_eq!(play(&ben, "ben").await, 200, "nobody else is meant");
    let log = app.operator_get("/api/admin/audit?act=unbindPlayer").await;
    let notes: Vec<_> = log["entries"].as_array().expect("a list").iter().collect();
    assert_eq!(notes.len(), 2, "{log}");
    assert_eq!(notes[0]["after"]["bound"], false);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again_with_the_same_key() {
    let app = player_mode().start().await;
    let ask = |player: &str, key: &str| json!({ "user_id": player, "idempotency_key": key });
    let key = "k".repeat(16);
    let first = app.post(SESSION, &ask("ann", &key)).await.expect(200);
    let secret = first["device_secret"].as_str().expect("a secret").to_owned();
    let app = app.restart().await;
    let again = app.post(SESSION, &ask("ann", &key)).await.expect(200);
    assert_eq!(again["device_secret"], secret, "it was not lost after all");
    session(&app, "ann", &secret).await;
    app.post(SESSION, &ask("ann", &"x".repeat(16))).await.problem(403);
    app.post(SESSION, &json!({ "user_id": "ann" })).await.problem(403);
    let short = app.post(SESSION, &ask("ben", "short")).await.problem(400);
    assert_eq!(short["errors"][0]["field"], "idempotency_key");
    let ben = app.post(SESSION, &ask("ben", &key)).await.expect(200);
    assert_ne!(ben["device_secret"], secret, "another player, another secret");
    let unbind = Request::new("DELETE", "/api/v2/players/ann/secret").bearer(ADMIN_TOKEN);
    app.send(unbind).await.expect(200);
    let anew = app.post(SESSION, &ask("ann", &key)).await.expect(200);
    assert_ne!(anew["device_secret"], secret, "the lost one is worth nothing");
}
