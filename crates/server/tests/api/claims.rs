//! A running game moves from open to player: boards tell no ids, and a player who has played goes to nobody but
//! the device that played.

use serde_json::{Value, json};

use crate::client::Request;
use crate::story::{fresh_event_id, with};
use crate::test_app::{ADMIN_TOKEN, TestApp};

const SESSION: &str = "/api/v2/players/session";
const SERVER_KEY: &str = "the-key-of-the-game-server";
const SECRET: &str = "a-device-secret-of-ann";

fn claim(player: &str, proof: Option<&str>) -> Value {
    let mut body = json!({ "user_id": player, "device_secret": SECRET });
    if let Some(proof) = proof {
        body["proof"] = json!(proof);
    }
    body
}

/// What a list calls its players, best first.
fn names(page: &Value, list: &str) -> Vec<String> {
    let rows = page[list].as_array().expect("a list").iter();
    rows.map(|row| row["user_id"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_player_who_has_played_goes_to_who_names_an_id_that_only_the_device_knows() {
    let app = TestApp::with()
        .setting("auth", "open")
        .setting("claims", "proof")
        .setting("server_key", SERVER_KEY)
        .start()
        .await;
    let last = with(&app.game("ann", 10), "session_id", "a-session-of-anns-device");
    app.post_events(&last).await;
    app.plays("ben", 20).await;
    app.plays("cleo", 30).await;
    let stranger = app.post(SESSION, &claim("ann", None)).await.problem(403);
    assert!(stranger["detail"].as_str().is_some_and(|why| why.contains("'proof'")), "{stranger}");
    for guess in [fresh_event_id().as_str(), "another-session-of-somebody", "ann-ann-ann-ann-ann"] {
        app.post(SESSION, &claim("ann", Some(guess))).await.problem(403);
    }
    // Neither what boards show of a player is proof, nor what another player's device knows.
    let of_ben = with(&app.game("ben", 5), "session_id", "a-session-of-bens-device");
    app.post_events(&of_ben).await;
    app.post(SESSION, &claim("ann", Some("a-session-of-bens-device"))).await.problem(403);

    let event_id = last["event_id"].as_str().expect("an id").to_uppercase();
    app.post(SESSION, &claim("ann", Some(&event_id))).await.expect(200);
    app.post(SESSION, &claim("ben", Some("a-session-of-bens-device"))).await.expect(200);
    // Whoever is bound needs no proof any more, and whoever is new never did.
    app.post(SESSION, &claim("ann", None)).await.expect(200);
    app.post(SESSION, &claim("nobody-yet", None)).await.expect(200);
    // A game server speaks for anybody, and so does an operator.
    let trusted = Request::post(SESSION).header("x-server-key", SERVER_KEY);
    app.send(trusted.json(&claim("cleo", None))).await.expect(200);
    app.plays("dan", 40).await;
    app.send(Request::post(SESSION).bearer(ADMIN_TOKEN).json(&claim("dan", None)))
        .await
        .expect(200);

    // An operator who takes a secret away knows why.
    let unbind = Request::new("DELETE", "/api/v2/players/ann/secret").bearer(ADMIN_TOKEN);
    app.send(unbind.json(&json!({ "note": "a new phone" }))).await.expect(200);
    app.post(SESSION, &claim("ann", None)).await.expect(200);
}

#[tokio::test]
async fn an_id_that_follows_from_what_boards_show_proves_nothing() {
    let app = TestApp::with().setting("claims", "proof").start().await;
    let mut game = with(&app.game("ann", 10), "session_id", "a-session-of-anns-device");
    game.as_object_mut().expect("an object").remove("event_id");
    app.post_events(&game).await;
    let recent = app.operator_get("/api/events/recent").await;
    let derived = recent["events"][0]["id"].as_str().expect("an id");
    assert_eq!(&derived[14..15], "8", "{derived}");
    app.post(SESSION, &claim("ann", Some(derived))).await.problem(403);
    app.post(SESSION, &claim("ann", Some("a-session-of-anns-device"))).await.expect(200);
}

#[tokio::test]
async fn who_guesses_what_a_device_knows_is_held_up() {
    let app = TestApp::with().setting("claims", "proof").start().await;
    app.plays("ann", 10).await;
    let mut refused = 0;
    for _ in 0..60 {
        let answer = app.post(SESSION, &claim("ann", Some(&fresh_event_id()))).await;
        if answer.status == 429 {
            assert!(answer.header("retry-after").parse::<u32>().is_ok());
            refused += 1;
        } else {
            answer.problem(403);
        }
    }
    assert!(refused > 30, "{refused} of 60");
}

#[tokio::test]
async fn boards_tell_aliases_where_ids_are_not_for_everybody() {
    let app = TestApp::with().setting("public_ids", "aliases").start().await;
    for (player, score) in [("ann", 30), ("ben", 20), ("cleo", 10)] {
        app.plays(player, score).await;
    }
    let tournament =
        app.get("/api/v2/tournaments/current").await["tournament"]["tournament_id"].clone();
    let tournament = tournament.as_str().expect("one runs").to_owned();
    let paths = [
        "/api/v2/leaderboard/global".to_owned(),
        "/api/v2/leaderboards/global".to_owned(),
        format!("/api/v2/tournaments/{tournament}/leaderboard"),
    ];
    let all = names(&app.get(&paths[0]).await, "leaderboard");
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|name| name.starts_with("anon-") && name.len() == 25), "{all:?}");
    for path in &paths {
        assert_eq!(names(&app.get(path).await, "leaderboard"), all, "{path}: the same everywhere");
    }
    // Who names a player is shown the id that they know already, and no other.
    let own = [all[0].clone(), "ben".to_owned(), all[2].clone()];
    for path in [&paths[0], &paths[2]] {
        let page = app.get(&format!("{path}?user_id=ben")).await;
        assert_eq!(names(&page, "leaderboard"), own, "{path}");
        assert_eq!(page["user_rank"]["rank"], 2, "{path}");
    }
    let around = app.get("/api/v2/leaderboards/global/players/ben").await;
    assert_eq!(
        (&around["player"]["user_id"], names(&around, "around")),
        (&json!("ben"), own.to_vec())
    );
    let friends = app.get("/api/v2/leaderboards/global/rank?user_ids=cleo,ann").await;
    assert_eq!(names(&friends, "players"), ["ann", "cleo"]);
    assert_eq!(app.player("ben").await["user_id"], "ben");

    // An alias is no id: it finds nobody, has nothing, and opens nothing.
    let alias = &all[0];
    let found = app.get(&format!("/api/v2/leaderboard/user/{alias}")).await;
    assert_eq!(found["found"], false, "{found}");
    let rank = app.get(&format!("/api/v2/leaderboards/global/rank?user_ids={alias}")).await;
    assert_eq!(names(&rank, "players"), Vec::<String>::new());
    let prizes = app.get(&format!("/api/v2/prizes/stats?user_id={alias}")).await;
    assert_eq!(prizes["stats"]["total_prizes"], 0);

    // Operators see who it is, and a start changes no alias.
    let recent = app.operator_get("/api/events/recent").await;
    assert!(names(&recent, "events").contains(&"ann".to_owned()), "{recent}");
    let app = app.restart().await;
    assert_eq!(names(&app.get(&paths[0]).await, "leaderboard"), all);
}

#[tokio::test]
async fn an_alias_is_another_in_another_database() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let app = TestApp::with().setting("public_ids", "aliases").start().await;
        app.plays("ann", 30).await;
        seen.extend(names(&app.get("/api/v2/leaderboards/global").await, "leaderboard"));
    }
    assert_ne!(seen[0], seen[1], "nobody can work one out from an id");
}

#[tokio::test]
async fn what_was_set_aside_says_who_proved_to_have_sent_it() {
    let app =
        TestApp::with().setting("auth", "player").setting("server_key", SERVER_KEY).start().await;
    app.refuse_purchases();
    let mut bought = app.launch("ann");
    for (field, value) in [
        ("event_type", json!("purchase_completed")),
        ("product_id", json!("gems")),
        ("product_type", json!("consumable")),
        ("price_usd", json!(4.99)),
        ("currency_code", json!("USD")),
        ("transaction_id", json!("t1")),
    ] {
        bought[field] = value;
    }
    let session = app.post(SESSION, &claim("ann", None)).await.expect(200);
    let token = session["token"].as_str().expect("a token");
    let rejected = with(&app.game("ben", 1), "score", 1);
    for event in [&bought, &rejected] {
        app.send(Request::post("/api/events").bearer(token).json(event)).await.expect(200);
    }
    let by_server = with(&with(&bought, "event_id", fresh_event_id()), "transaction_id", "t2");
    let refused = with(&app.game("ben", 1), "score", -1);
    for event in [&by_server, &refused] {
        let request = Request::post("/api/events").header("x-server-key", SERVER_KEY);
        app.send(request.json(event)).await.expect(200);
    }
    for path in ["/api/events/dead", "/api/events/quarantine"] {
        let page = app.operator_get(path).await;
        let senders: Vec<&Value> =
            page["events"].as_array().expect("a list").iter().map(|one| &one["sent_by"]).collect();
        assert_eq!(senders, [&json!("player:ann"), &json!("key:server key")], "{path}: {page}");
    }
    // It dies again, and is still from who sent it.
    app.operate("/api/events/retry-failed", &json!({})).await.expect(200);
    let dead = app.operator_get("/api/events/dead").await;
    assert_eq!(dead["events"][0]["sent_by"], "player:ann", "{dead}");
}

#[tokio::test]
async fn a_parameter_that_means_nothing_is_an_error_where_no_released_client_asks() {
    let app = TestApp::start().await;
    app.plays("ann", 30).await;
    for path in [
        "/api/v2/leaderboards/global?perod=current",
        "/api/v2/leaderboards/global/players/ann?arround=3",
        "/api/v2/leaderboards/global/rank?user_ids=ann&perod=current",
        "/api/v2/tournaments?statuss=active",
    ] {
        let problem = app.send(Request::get(path)).await.problem(400);
        let reason = problem["errors"][0]["reason"].as_str().expect("a reason");
        assert!(reason.contains("is no parameter here; did you mean"), "{path}: {reason}");
    }
    let mistyped = json!({ "user_id": "ann", "device_secrt": SECRET });
    let problem = app.post(SESSION, &mistyped).await.problem(400);
    assert_eq!(
        problem["errors"][0]["field"], "device_secrt",
        "it would be bound to another secret"
    );
    // Released clients add their own to what they ask for.
    for path in [
        "/api/v2/leaderboard/global?_=17",
        "/api/v2/prizes/pending?user_id=ann&v=2",
        "/api/v2/prizes/history?user_id=ann&v=2",
        "/api/v2/prizes/stats?user_id=ann&v=2",
    ] {
        app.get(path).await;
    }
    for path in
        ["/api/v2/leaderboard/global?limit=no", "/api/v2/prizes/history?user_id=ann&limit=0"]
    {
        app.send(Request::get(path)).await.problem(400);
    }
}
