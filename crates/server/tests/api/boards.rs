//! Any board of the definition: pages, neighbours, friends, periods, and what a CDN may keep.

use serde_json::{Value, json};

use crate::client::Request;
use crate::test_app::{TestApp, days, eventually, hours};

const SAMPLE: &str = scoreline_core::game::SAMPLE;
const WEEKLY: &str = "/api/v2/leaderboards/weekly";

fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| row[field].to_string().trim_matches('"').to_owned()).collect()
}

async fn ten_players(app: &TestApp) {
    let games: Vec<Value> = (0..10).map(|n| app.game(&format!("p{n}"), 100 - n * 10)).collect();
    app.post_events(&json!(games)).await;
}

#[tokio::test]
async fn the_boards_of_the_definition_are_listed() {
    let app = TestApp::start().await;
    let answer = app.get("/api/v2/leaderboards").await;
    let board = |name: &str, title: &str| {
        json!({
            "board": name, "title": title, "period": null, "resets_at": null, "complete": true,
            "outdated": false,
        })
    };
    let mut weekly = board("weekly", "This week");
    weekly["period"] = json!("2026-11-23T00:00:00.000Z");
    weekly["resets_at"] = json!("2026-11-30T00:00:00.000Z");
    let boards = json!([board("global", "Global"), weekly, board("coins", "Coin collectors")]);
    assert_eq!(answer, json!({ "success": true, "leaderboards": boards }));
}

#[tokio::test]
async fn a_page_has_rows_with_score_attempts_and_sums() {
    let app = TestApp::start().await;
    app.plays("ann", 40).await;
    app.advance(hours(1));
    app.plays("ann", 20).await;
    app.page_shows(WEEKLY, "score", &[("ann", 40)]).await;
    let page = eventually("the second game", async || {
        let page = app.get(WEEKLY).await;
        if page["leaderboard"][0]["attempts"] == 2 { Ok(page) } else { Err(page) }
    })
    .await;
    let row = json!({
        "rank": 1, "user_id": "ann", "nickname": "Pilot", "score": 40, "attempts": 2,
        "reached_at": "2026-11-23T10:00:00.000Z", "last_at": "2026-11-23T11:00:00.000Z",
        "sums": { "total_playtime_seconds": 123 },
    });
    let expected = json!({
        "success": true, "board": "weekly", "title": "This week",
        "period": "2026-11-23T00:00:00.000Z", "periods": ["2026-11-23T00:00:00.000Z"],
        "leaderboard": [row], "total_players": 1, "age_seconds": 0, "outdated": false,
        "cache_ttl_seconds": 1,
    });
    assert_eq!(page, expected);
}

#[tokio::test]
async fn pages_are_turned_by_limit_and_offset() {
    let app = TestApp::start().await;
    ten_players(&app).await;
    let board = "/api/v2/leaderboards/global";
    app.page_shows(&format!("{board}?limit=2"), "score", &[("p0", 100), ("p1", 90)]).await;
    app.page_shows(&format!("{board}?limit=2&offset=8"), "score", &[("p8", 20), ("p9", 10)]).await;
    app.page_shows(&format!("{board}?offset=9"), "score", &[("p9", 10)]).await;
    for offset in ["10", "9223372036854775807", "18446744073709551615"] {
        app.page_shows(&format!("{board}?offset={offset}"), "score", &[]).await;
    }
    let row = app.get(&format!("{board}?limit=1&offset=4")).await["leaderboard"][0].clone();
    assert_eq!((&row["rank"], &row["user_id"]), (&json!(5), &json!("p4")));
    for bad in ["limit=0", "limit=1001", "offset=-1", "offset=x", "period=someday"] {
        let answer = app.send(Request::get(&format!("{board}?{bad}"))).await;
        let field = bad.split('=').next().expect("a name");
        assert_eq!(answer.problem(400)["errors"][0]["field"], field, "{bad}");
    }
    for path in [
        "/api/v2/leaderboards/nowhere",
        "/api/v2/leaderboards/nowhere/players/ann",
        "/api/v2/leaderboards/nowhere/rank?user_ids=ann",
    ] {
        let problem = app.send(Request::get(path)).await.problem(404);
        assert_eq!(problem["type"], "/problems/not-found", "{path}");
    }
}

#[tokio::test]
async fn a_player_is_shown_between_neighbours_on_both_sides() {
    let app = TestApp::start().await;
    ten_players(&app).await;
    let around = async |player: &str, query: &str| {
        app.get(&format!("/api/v2/leaderboards/global/players/{player}{query}")).await
    };
    let middle = around("p5", "?around=2").await;
    assert_eq!(column(&middle["around"], "user_id"), ["p3", "p4", "p5", "p6", "p7"]);
    assert_eq!(column(&middle["around"], "rank"), ["4", "5", "6", "7", "8"]);
    assert_eq!((&middle["player"]["rank"], &middle["player"]["score"]), (&json!(6), &json!(50)));
    assert_eq!((&middle["found"], &middle["total_players"]), (&json!(true), &json!(10)));
    let top = around("p0", "?around=2").await;
    assert_eq!(column(&top["around"], "user_id"), ["p0", "p1", "p2"]);
    let last = around("p9", "?around=2").await;
    assert_eq!(column(&last["around"], "user_id"), ["p7", "p8", "p9"]);
    assert_eq!(column(&around("p5", "").await["around"], "user_id").len(), 10, "five by default");
    assert_eq!(column(&around("p5", "?around=0").await["around"], "user_id"), ["p5"]);
    let nobody = around("nobody", "").await;
    assert_eq!((&nobody["found"], &nobody["player"]), (&json!(false), &Value::Null));
    assert_eq!(nobody["around"], json!([]));
    for bad in ["51", "-1", "x"] {
        let path = format!("/api/v2/leaderboards/global/players/p5?around={bad}");
        app.send(Request::get(&path)).await.problem(400);
    }
}

#[tokio::test]
async fn friends_are_ranked_among_everybody_up_to_a_hundred() {
    let app = TestApp::start().await;
    ten_players(&app).await;
    let board = "/api/v2/leaderboards/global/rank?user_ids=";
    let friends = app.get(&format!("{board}p7,p2,nobody,p4,p2")).await;
    let rows = &friends["players"];
    assert_eq!(column(rows, "rank"), ["3", "5", "8"], "in their order, each once: {friends}");
    assert_eq!(column(rows, "user_id"), ["p2", "p4", "p7"]);
    assert_eq!(friends["total_players"], 10);
    let hundred: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    assert_eq!(app.get(&format!("{board}{}", hundred.join(","))).await["players"][9]["rank"], 10);
    let one_more = format!("{board}{},more", hundred.join(","));
    let problem = app.send(Request::get(&one_more)).await.problem(400);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("100")), "{problem}");
    for bad in ["", ",", "a,,b"] {
        app.send(Request::get(&format!("{board}{bad}"))).await.problem(400);
    }
    app.send(Request::get("/api/v2/leaderboards/global/rank")).await.refused("user_ids required");
    app.send(Request::get(board)).await.refused("user_ids required");
}

#[tokio::test]
async fn a_friend_whose_id_holds_a_comma_or_begins_with_a_blank_can_be_asked_for() {
    let app = TestApp::start().await;
    for (n, id) in ["iPhone10,3-77", " lead", "a b", "plain"].into_iter().enumerate() {
        app.plays(id, 100 - i64::try_from(n).expect("few")).await;
    }
    let named = "user_ids=iPhone10%2C3-77&user_ids=%20lead&user_ids=a+b&user_ids=plain";
    let friends = app.get(&format!("/api/v2/leaderboards/global/rank?{named}")).await;
    let ids = column(&friends["players"], "user_id");
    assert_eq!(ids, ["iPhone10,3-77", " lead", "a b", "plain"]);
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    app.plays("ann", 10).await;
    app.board_shows(&[("ann", 10)]).await;
    let tournament = "/api/v2/tournaments/weekly_2026_w48/leaderboard";
    for path in ["/api/v2/leaderboard/global", WEEKLY, tournament] {
        let first = app.send(Request::get(path)).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        assert_eq!(first.header("cache-control"), "public, max-age=1", "{path}");
        // Caches that compress make a tag weak; lists and the star are as good.
        for known in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()]
        {
            let again = app.send(Request::get(path).header("if-none-match", &known)).await;
            assert_eq!(again.status, 304, "{path}: {known}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), "public, max-age=1");
        }
        let other = Request::get(path).header("if-none-match", "\"other\"");
        assert_eq!(app.send(other).await.status, 200);
        app.plays("ann", 20 + i64::try_from(path.len()).expect("short")).await;
        eventually("another page", async || {
            let changed = app.send(Request::get(path).header("if-none-match", &tag)).await;
            if changed.status == 200 { Ok(()) } else { Err(changed.status) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_period_that_nobody_played_in_is_none_and_takes_no_memory() {
    let app = TestApp::start().await;
    app.plays("ann", 50).await;
    let page = async |board: &str, period: &str| {
        app.get(&format!("/api/v2/leaderboards/{board}?period={period}")).await
    };
    let loaded = async || app.get("/api/health").await["services"]["ranks"]["boards"].clone();
    for (board, unknown) in [
        ("weekly", ["2000-01-01", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00.001Z"]),
        ("global", ["2000-01-01", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00.000Z"]),
    ] {
        page(board, "previous").await;
        let before = loaded().await;
        for period in unknown {
            let page = page(board, period).await;
            let expected = (&json!([]), &Value::Null, &json!(0));
            let found = (&page["leaderboard"], &page["period"], &page["total_players"]);
            assert_eq!(found, expected, "{board} {period}");
        }
        assert_eq!(loaded().await, before, "{board}");
    }
}

#[tokio::test]
async fn a_board_starts_over_and_its_last_period_stays_readable() {
    let app = TestApp::start().await;
    app.plays("ann", 50).await;
    app.set_now("2026-11-29T23:59:59.999Z");
    app.plays("ben", 40).await;
    app.page_shows(WEEKLY, "score", &[("ann", 50), ("ben", 40)]).await;
    app.advance(1);
    app.page_shows(WEEKLY, "score", &[]).await;
    app.plays("eve", 5).await;
    app.page_shows(WEEKLY, "score", &[("eve", 5)]).await;
    let previous = format!("{WEEKLY}?period=previous");
    app.page_shows(&previous, "score", &[("ann", 50), ("ben", 40)]).await;
    let page = app.get(&previous).await;
    assert_eq!(page["period"], "2026-11-23T00:00:00.000Z");
    assert_eq!(page["periods"], json!(["2026-11-30T00:00:00.000Z", "2026-11-23T00:00:00.000Z"]));
    let by_id = format!("{WEEKLY}?period=2026-11-23T00:00:00.000Z");
    app.page_shows(&by_id, "score", &[("ann", 50), ("ben", 40)]).await;
    let neighbour = app.get(&format!("{WEEKLY}/players/ben?period=previous")).await;
    assert_eq!(neighbour["player"]["rank"], 2);
    let friends = app.get(&format!("{WEEKLY}/rank?user_ids=ann,eve&period=previous")).await;
    assert_eq!(column(&friends["players"], "user_id"), ["ann"]);
    app.board_shows(&[("ann", 50), ("ben", 40), ("eve", 5)]).await;
    let never = app.get("/api/v2/leaderboards/global?period=previous").await;
    assert_eq!((&never["leaderboard"], &never["period"]), (&json!([]), &Value::Null));
    // Long after, and after a restart that has forgotten what was in memory.
    app.advance(days(21));
    let app = app.restart().await;
    app.page_shows(WEEKLY, "score", &[]).await;
    app.page_shows(&by_id, "score", &[("ann", 50), ("ben", 40)]).await;
}

#[tokio::test]
async fn a_daily_board_follows_the_clocks_of_its_time_zone() {
    let daily = "
[leaderboards.daily]
event = \"game_ended\"
operator = \"best\"
score = \"score\"
reset = { cron = \"0 3 * * *\", zone = \"Europe/Berlin\" }
";
    let path = "/api/v2/leaderboards/daily";
    // The clocks went back on 25 October 2026: from three in the morning to two.
    let game = format!("{SAMPLE}{daily}");
    let app = TestApp::with().game(&*game).now("2026-10-24T12:00:00Z").start().await;
    for (now, start, end) in [
        ("2026-10-24T12:00:00Z", "2026-10-24T01:00:00.000Z", "2026-10-25T02:00:00.000Z"),
        ("2026-10-25T01:59:59Z", "2026-10-24T01:00:00.000Z", "2026-10-25T02:00:00.000Z"),
        ("2026-10-25T02:00:00Z", "2026-10-25T02:00:00.000Z", "2026-10-26T02:00:00.000Z"),
    ] {
        app.set_now(now);
        let player = format!("at-{}", &now[11..16]);
        app.plays(&player, 10).await;
        app.page_shows(
            &format!("{path}?period={start}&limit=1000"),
            "score",
            &match now {
                "2026-10-24T12:00:00Z" => vec![("at-12:00", 10)],
                "2026-10-25T01:59:59Z" => vec![("at-12:00", 10), ("at-01:59", 10)],
                _ => vec![("at-02:00", 10)],
            },
        )
        .await;
        let boards = app.get("/api/v2/leaderboards").await;
        let boards = boards["leaderboards"].as_array().expect("a list");
        let daily = boards.iter().find(|board| board["board"] == "daily").expect("it is there");
        assert_eq!((&daily["period"], &daily["resets_at"]), (&json!(start), &json!(end)), "{now}");
    }
    // And forward on 28 March 2027: the day has 23 hours.
    app.set_now("2027-03-27T12:00:00Z");
    let boards = app.get("/api/v2/leaderboards").await;
    let daily = boards["leaderboards"].as_array().expect("a list").last().expect("one").clone();
    assert_eq!(daily["period"], "2027-03-27T02:00:00.000Z");
    assert_eq!(daily["resets_at"], "2027-03-28T01:00:00.000Z");
}
