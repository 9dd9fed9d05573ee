//! How often one player or one address may ask, and which callers are never limited.

use serde_json::json;

use crate::client::{Answer, Request};
use crate::story::with;
use crate::test_app::{TestApp, eventually};

const SERVER_KEY: &str = "the-key-of-the-game-server";

async fn limited(per_minute: u32) -> TestApp {
    let setup = TestApp::with().setting("rate_limit", &per_minute.to_string());
    setup.setting("auth", "open").setting("trusted_proxies", "127.0.0.1").start().await
}

/// Posts through a proxy that names the address of its client.
async fn post_from(app: &TestApp, address: &str, body: &serde_json::Value) -> Answer {
    app.send(Request::post("/api/events").header("x-forwarded-for", address).json(body)).await
}

/// Everything that the contract says of a request too many.
#[track_caller]
fn is_too_many(answer: &Answer, per_minute: u32) {
    let problem = answer.problem(429);
    assert_eq!(problem["type"], "/problems/rate-limited");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains(&per_minute.to_string())));
    let seconds: u32 = answer.header("retry-after").parse().expect("whole seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("ratelimit-limit"), per_minute.to_string());
    assert_eq!(answer.header("ratelimit-remaining"), "0");
    assert_eq!(answer.header("ratelimit-reset"), seconds.to_string());
}

#[tokio::test]
async fn a_player_who_asks_too_often_waits_and_others_do_not() {
    let app = limited(30).await;
    for n in 0..30 {
        assert_eq!(post_from(&app, &format!("10.0.0.{n}"), &app.game("ann", 1)).await.status, 200);
    }
    let one_more = app.game("ann", 1);
    is_too_many(&post_from(&app, "10.0.1.1", &one_more).await, 30);
    assert_eq!(app.games_of("ann").await, 30, "nothing of it was taken");
    assert_eq!(post_from(&app, "10.0.1.1", &app.game("ben", 1)).await.status, 200);
    // What was refused is welcome later.
    let later = eventually("ann's turn", async || {
        let answer = post_from(&app, "10.0.1.2", &one_more).await;
        if answer.status == 200 { Ok(answer) } else { Err(answer.status) }
    });
    assert_eq!(later.await.json()["accepted"], 1);
}

#[tokio::test]
async fn a_batch_counts_once_for_each_of_its_players_however_they_are_mixed() {
    let app = limited(3).await;
    let batch: Vec<_> = (0..60).map(|n| app.game(["ann", "ben", "eve"][n % 3], 1)).collect();
    for n in 0..3 {
        let answer = post_from(&app, &format!("10.0.0.{n}"), &json!(batch)).await;
        assert_eq!(answer.expect(200)["accepted"], 60);
    }
    is_too_many(&post_from(&app, "10.0.0.9", &json!(batch)).await, 3);
    assert_eq!(post_from(&app, "10.0.0.9", &app.game("new", 1)).await.status, 200);
}

#[tokio::test]
async fn an_address_has_room_for_many_players_but_not_for_all() {
    let app = limited(2).await;
    for n in 0..20 {
        let game = app.game(&format!("p{n}"), 1);
        assert_eq!(post_from(&app, "10.0.0.1", &game).await.status, 200, "{n}");
    }
    is_too_many(&post_from(&app, "10.0.0.1", &app.game("p20", 1)).await, 20);
    assert_eq!(post_from(&app, "10.0.0.2", &app.game("p20", 1)).await.status, 200);
    let read = |address: &str| {
        app.send(Request::get("/api/v2/leaderboard/global").header("x-forwarded-for", address))
    };
    is_too_many(&read("10.0.0.1").await, 20);
    assert_eq!(read("10.0.0.3").await.status, 200);
}

#[tokio::test]
async fn what_a_device_writes_into_the_forwarding_header_is_not_believed() {
    let app = limited(1).await;
    let mut refused = 0;
    for n in 0..20 {
        // The proxy appends the address that it sees on the right; what stands before it may be the
        // device's own invention.
        let forged = format!("1.2.3.{n}, nonsense, 10.0.0.1");
        let answer = post_from(&app, &forged, &app.game(&format!("p{n}"), 1)).await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 9, "one address, however many it claims to be: {refused}");
    let direct = TestApp::with().setting("rate_limit", "1").start().await;
    let mut refused = 0;
    for n in 0..20 {
        let game = direct.game(&format!("p{n}"), 1);
        refused += u32::from(post_from(&direct, &format!("10.0.0.{n}"), &game).await.status == 429);
    }
    assert!(refused >= 9, "nobody is trusted unless it is said: {refused}");
}

#[tokio::test]
async fn health_and_metrics_are_never_limited() {
    let app = limited(1).await;
    let from = |path: &str| app.send(Request::get(path).header("x-forwarded-for", "10.0.0.1"));
    for _ in 0..15 {
        from("/api/v2/leaderboard/global").await;
    }
    assert_eq!(from("/api/v2/leaderboard/global").await.status, 429);
    let paths = [
        "/health",
        "/api/health",
        "/api/health/pool",
        "/api/events/health",
        "/livez",
        "/readyz",
        "/metrics",
    ];
    for path in paths {
        for _ in 0..30 {
            assert_eq!(from(path).await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn an_address_counts_the_same_in_each_of_its_forms_and_ipv6_by_its_network() {
    let setup = TestApp::with().setting("rate_limit", "1").setting("auth", "open");
    let app = setup.setting("trusted_proxies", "::ffff:127.0.0.1").start().await;
    let post = async |n: usize, address: &str| {
        post_from(&app, address, &app.game(&format!("{address} {n}"), 1)).await
    };
    for (forms, neighbour) in [
        (["10.0.0.1", "::ffff:10.0.0.1"], "::ffff:10.0.0.2"),
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"], "2001:db8:0:2::1"),
    ] {
        for n in 0..10 {
            assert_eq!(post(n, forms[n % 2]).await.status, 200, "{n} {forms:?}");
        }
        for form in forms {
            is_too_many(&post(10, form).await, 10);
        }
        assert_eq!(post(11, neighbour).await.status, 200, "{neighbour}");
    }
}

#[tokio::test]
async fn a_site_that_makes_ipv6_networks_as_it_likes_has_a_limit_of_its_own() {
    let app = limited(1).await;
    let read = async |address: String| {
        let path = "/api/v2/leaderboard/global";
        app.send(Request::get(path).header("x-forwarded-for", &address)).await
    };
    // More than the site has, and no household more than its own.
    let mut taken = 0;
    let refused = loop {
        let answer = read(format!("2001:db8:1:{:x}::1", taken / 10)).await;
        if answer.status != 200 {
            break answer;
        }
        taken += 1;
        assert!(taken < 1_000, "nobody is refused");
    };
    is_too_many(&refused, 320);
    assert!(taken >= 320, "{taken}");
    assert_eq!(read("2001:db8:2:ff::1".to_owned()).await.status, 200);
}

#[tokio::test]
async fn devices_behind_a_network_of_proxies_are_told_apart() {
    let setup = TestApp::with().setting("rate_limit", "1").setting("auth", "open");
    let app = setup.setting("trusted_proxies", "127.0.0.0/8").start().await;
    for (header, one, other) in [
        ("x-forwarded-for", "203.0.113.7:50001", "203.0.113.8:50002"),
        ("x-forwarded-for", "[2001:db8:1::7]:1, 127.9.9.9:80", "[2001:db8:2::8]:1, 127.9.9.9"),
        ("forwarded", "for=\"203.0.113.17:1\";proto=https", "for=203.0.113.18"),
    ] {
        let read = async |value: &str| {
            let request = Request::get("/api/v2/leaderboard/global");
            app.send(request.header(header, value)).await
        };
        for _ in 0..10 {
            assert_eq!(read(one).await.status, 200, "{one}");
        }
        is_too_many(&read(one).await, 10);
        assert_eq!(read(other).await.status, 200, "{other}");
    }
}

#[tokio::test]
async fn a_game_server_with_its_key_speaks_for_all_its_players_unlimited() {
    let setup = TestApp::with().setting("rate_limit", "1").setting("server_key", SERVER_KEY);
    let app = setup.start().await;
    let post = |key: &'static str| {
        app.send(Request::post("/api/events").header("x-server-key", key).json(&app.game("ann", 1)))
    };
    for _ in 0..15 {
        assert_eq!(post(SERVER_KEY).await.status, 200);
    }
    // A wrong key wins nothing: trying keys is limited like anything else.
    let mut refused = 0;
    for _ in 0..15 {
        refused += u32::from(post("not-the-key-of-the-server").await.status == 429);
    }
    assert!(refused >= 4, "{refused}");
}

#[tokio::test]
async fn rejected_events_wear_out_the_limit_of_their_player_too() {
    let app = limited(3).await;
    for n in 0..3 {
        let bad = with(&app.game("ann", 1), "score", -1 - n);
        assert_eq!(post_from(&app, &format!("10.0.0.{n}"), &bad).await.status, 200);
    }
    let bad = with(&app.game("ann", 1), "score", -9);
    is_too_many(&post_from(&app, "10.0.0.9", &bad).await, 3);
    assert_eq!(app.quarantine().await.len(), 3, "nothing of it was taken");
}

#[tokio::test]
async fn a_token_cannot_wear_out_the_limit_of_another_player() {
    let setup = TestApp::with().setting("rate_limit", "4").setting("auth", "player");
    let app = setup.setting("trusted_proxies", "127.0.0.1").start().await;
    let token = async |player: &str| {
        let body = json!({ "user_id": player, "device_secret": "a long enough secret" });
        let answer = app.post("/api/v2/players/session", &body).await.expect(200);
        answer["token"].as_str().expect("a token").to_owned()
    };
    let (ann, ben) = (token("ann").await, token("ben").await);
    let post = async |token: &str, address: &str, body: &serde_json::Value| {
        let request = Request::post("/api/events").bearer(token).json(body);
        app.send(request.header("x-forwarded-for", address)).await
    };
    for n in 0..4 {
        let answer = post(&ann, &format!("10.0.0.{n}"), &app.game("ben", 1)).await.expect(200);
        assert_eq!(answer["rejected"][0]["code"], "wrong_player");
    }
    is_too_many(&post(&ann, "10.0.0.9", &json!([])).await, 4);
    assert_eq!(post(&ben, "10.0.0.9", &app.game("ben", 1)).await.expect(200)["accepted"], 1);
}

#[tokio::test]
async fn without_a_setting_nobody_waits() {
    let app = TestApp::start().await;
    for _ in 0..100 {
        app.plays("ann", 1).await;
    }
    assert_eq!(app.games_of("ann").await, 100);
}

#[tokio::test]
async fn what_is_refused_for_one_player_spends_nothing_of_another() {
    let app = limited(2).await;
    for n in 0..2 {
        let answer = post_from(&app, &format!("10.0.0.{n}"), &app.game("worn-out", 1)).await;
        assert_eq!(answer.status, 200);
    }
    let both = json!([app.game("ann", 1), app.game("worn-out", 2)]);
    for n in 0..5 {
        is_too_many(&post_from(&app, &format!("10.0.1.{n}"), &both).await, 2);
    }
    for n in 0..2 {
        let answer = post_from(&app, &format!("10.0.2.{n}"), &app.game("ann", 3 + n)).await;
        assert_eq!(answer.status, 200, "nobody spent what is hers");
    }
}
