//! The console without a browser: who gets in, what every answer carries, and that what clients send is
//! text.

use scoreline_core::game::SAMPLE;
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::story::with;
use crate::test_app::{ADMIN_TOKEN, TestApp, days, hours};

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
    let app = app.restart().await;
    let status = async |cookie: &str| {
        app.send(Request::get("/console").header("cookie", cookie)).await.status
    };
    assert_eq!(status(&first).await, 303, "nor after a restart");
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

/// What turns text around, steers terminals, and is markup.
const HOSTILE: &str = "x\u{202e}gnp.\u{1b}[31m<img src=x onerror=alert(1)>'\"&";

/// All pages, and the scope that each needs.
const PAGES: [(&str, &str); 17] = [
    ("/console", "analytics:read"),
    ("/console?range=24h", "analytics:read"),
    ("/console?range=7d", "analytics:read"),
    ("/console/charts/events.csv", "analytics:read"),
    ("/console/charts/types.csv?range=7d", "analytics:read"),
    ("/console/live", "players:read"),
    ("/console/live?type=game_ended&player=ann&applied=1", "players:read"),
    ("/console/rejected", "players:read"),
    ("/console/rejected?tab=dead", "players:read"),
    ("/console/rejected?tab=given_up", "players:read"),
    ("/console/boards?player=ann", "boards:read"),
    ("/console/tournaments", "boards:read"),
    ("/console/players?q=a", "players:read"),
    ("/console/player?id=ann", "players:read"),
    ("/console/definition", "analytics:read"),
    ("/console/definition?plan=1", "analytics:read"),
    ("/console/audit", "admin"),
];

#[tokio::test]
async fn a_key_opens_the_pages_that_it_covers_and_no_other() {
    let app = TestApp::start().await;
    app.plays("ann", 500).await;
    for role in ["viewer", "support", "designer"] {
        let made = app.operate("/api/admin/keys", &json!({ "name": role, "role": role })).await;
        let made: Value = made.json();
        let key = made["api_key"].as_str().unwrap_or_else(|| panic!("{made}"));
        let scopes = made["key"]["scopes"].to_string();
        for (path, scope) in PAGES {
            let answer = app.send(Request::get(path).bearer(key)).await;
            let wanted = if scopes.contains(scope) { 200 } else { 403 };
            assert_eq!(answer.status, wanted, "{path} for {role}: {}", answer.text());
        }
        let signed_in = app.send(form("/console/sign-in", &[("key", key)])).await;
        assert_eq!(signed_in.status, 303, "{}", signed_in.text());
        let session = cookie(&signed_in);
        let overview = app.send(Request::get("/console").header("cookie", &session)).await.text();
        assert!(overview.contains(&format!(r#"<span class="role">{role}</span>"#)), "{overview}");
        let token = form_token(&overview);
        let act = form("/console/queue/pause", &[("csrf", &token)]).header("cookie", &session);
        assert_eq!(app.send(act).await.status, 403, "{role} holds nothing back");
    }
}

#[tokio::test]
async fn every_page_shows_what_clients_sent_as_text() {
    let app = TestApp::start().await;
    app.plays("ann", 500).await;
    let event = json!({ "event_type": HOSTILE, "user_id": HOSTILE, HOSTILE: HOSTILE });
    app.post_rejected(&event).await;
    app.post_rejected(&with(&app.game(HOSTILE, 5), "game_mode", HOSTILE)).await;
    app.plays(HOSTILE, 700).await;
    let player = "/console/player?id=x%E2%80%AEgnp.%1B%5B31m%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%27%22%26";
    let group = "/console/rejected?reason=unknown_event_type&type=x%E2%80%AEgnp.%1B%5B31m%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%27%22%26";
    for path in PAGES.map(|(path, _)| path).into_iter().chain([player, group]) {
        let text = page(&app, path).await;
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{path}: {text}");
        assert!(!text.contains("<img"), "{path}: {text}");
    }
    assert!(page(&app, player).await.contains("700"), "the player is found by the hostile id");
    assert!(page(&app, group).await.contains("none names the type"), "and the group by its type");
}

#[tokio::test]
async fn rejected_events_are_grouped_explained_requeued_and_given_up() {
    let app = TestApp::with().game(SAMPLE.to_string()).start().await;
    for player in ["ann", "bob"] {
        let boss = with(&app.launch(player), "event_type", "boss_defeated");
        app.post_rejected(&with(&boss, "boss", "kraken")).await;
    }
    app.post_rejected(&with(&app.game("ann", 5), "game_mode", "sideways")).await;
    let listed = page(&app, "/console/rejected").await;
    assert!(listed.contains("3 events in 2 groups"), "{listed}");
    let group = "/console/rejected?reason=unknown_event_type&type=boss_defeated";
    let open = page(&app, group).await;
    assert!(open.contains("[events.boss_defeated]") && open.contains("0 would pass"), "{open}");
    let other = page(&app, "/console/rejected?reason=not_allowed&type=game_ended").await;
    assert!(other.contains("The line that refuses them"), "{other}");
    assert!(other.contains(r#"<span class="hit">"#) && other.contains("game_mode = "), "{other}");

    app.write_game(&format!("{SAMPLE}\n[events.boss_defeated]\n"));
    app.operate("/api/admin/reload", &json!({})).await.expect(200);
    let until = (app.now().as_ms() + 1).to_string();
    let fields = [
        ("tab", "rejected"),
        ("reason", "unknown%5Fevent%5Ftype"),
        ("type", "boss%5Fdefeated"),
        ("until", &until),
    ];
    let done = app.send(form("/console/rejected/replay", &fields).bearer(ADMIN_TOKEN)).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let told = page(&app, done.header("location")).await;
    assert!(told.contains("2 events were tried again: 2 count now"), "{told}");

    let fields = [
        ("tab", "rejected"),
        ("reason", "not%5Fallowed"),
        ("type", "game%5Fended"),
        ("until", &until),
    ];
    let mute = app.send(form("/console/rejected/discard", &fields).bearer(ADMIN_TOKEN)).await;
    assert_eq!(mute.status, 400, "a note says why");
    let with_note = [&fields[..], &[("note", "a broken build")]].concat();
    let done = app.send(form("/console/rejected/discard", &with_note).bearer(ADMIN_TOKEN)).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let given_up = "/console/rejected?tab=given_up&reason=not_allowed&type=game_ended";
    assert!(page(&app, given_up).await.contains("a broken build"));
    let log = app.operator_get("/api/admin/audit").await;
    let log = log.to_string();
    assert!(log.contains("requeueQuarantined") && log.contains("discardQuarantined"), "{log}");
}

#[tokio::test]
async fn a_thousand_events_are_given_up_only_by_whoever_types_how_many() {
    let app = TestApp::start().await;
    for half in 0..3 {
        let events: Vec<Value> = (0..400)
            .map(|n| json!({ "event_type": "no_such_type", "user_id": "ann", "n": half * 400 + n }))
            .collect();
        app.post_events(&json!({ "events": events })).await;
    }
    let group = "/console/rejected?reason=unknown_event_type&type=no_such_type";
    let open = page(&app, group).await;
    assert!(open.contains("give up 1200") && open.contains("requeue 1200"), "{open}");
    let until = (app.now().as_ms() + 1).to_string();
    let fields = [
        ("tab", "rejected"),
        ("reason", "unknown_event_type"),
        ("type", "no_such_type"),
        ("until", &until),
        ("note", "a test device"),
    ];
    let send = async |typed: &str| {
        let fields = [&fields[..], &[("typed", typed)]].concat();
        app.send(form("/console/rejected/discard", &fields).bearer(ADMIN_TOKEN)).await
    };
    for wrong in ["", "give up", "give up 1199", "requeue 1200"] {
        assert_eq!(send(wrong).await.status, 409, "{wrong:?}");
    }
    let done = send("give up 1200").await;
    assert!(done.header("location").contains("tried=1200"), "{}", done.text());
}

#[tokio::test]
async fn a_board_is_read_from_any_rank_and_around_any_player() {
    let app = TestApp::start().await;
    for (player, score) in [("ann", 900), ("bob", 700), ("cat", 500)] {
        app.plays(player, score).await;
    }
    let board = page(&app, "/console/boards?player=bob").await;
    assert!(board.contains("Around the player you asked for"), "{board}");
    assert!(board.contains("rank 1 has 900"), "{board}");
    assert!(board.contains("How scores are spread"), "{board}");
    let sheet = page(&app, "/console/boards/spread.csv?board=global").await;
    assert!(board.contains("spread.csv") && sheet.starts_with("Score,players\r\n"), "{sheet}");
    let later = page(&app, "/console/boards?rank=3").await;
    assert!(later.contains(r#"title="cat""#) && !later.contains(r#"title="ann""#), "{later}");
    let nobody = page(&app, "/console/boards?player=nobody").await;
    assert!(nobody.contains("That player is not on this board."), "{nobody}");
    let missing = Request::get("/console/boards?board=no-such").bearer(ADMIN_TOKEN);
    assert_eq!(app.send(missing).await.status, 404);
}

#[tokio::test]
async fn a_tournament_shows_its_standings_and_is_ended_by_whoever_types_it() {
    let app = TestApp::start().await;
    app.plays("ann", 900).await;
    let current = app.get("/api/v2/tournaments/current").await;
    let id = current["tournament"]["tournament_id"].as_str().expect("an id").to_owned();
    let path = format!("/console/tournaments/{id}");
    let shown = page(&app, &path).await;
    assert!(shown.contains("ends in") && shown.contains(r#"title="ann""#), "{shown}");
    let end = |typed: &str| form(&format!("{path}/end"), &[("typed", typed)]).bearer(ADMIN_TOKEN);
    assert_eq!(app.send(end("")).await.status, 400);
    assert_eq!(app.send(end("end")).await.status, 303);
    app.advance(hours(1));
    let over = page(&app, &path).await;
    assert!(over.contains("Closing") || over.contains("Closed"), "{over}");
}

#[tokio::test]
async fn a_player_is_found_by_the_beginning_of_the_id_and_shown_with_everything_that_is_known() {
    let app = TestApp::start().await;
    app.plays("device-1234", 900).await;
    app.plays("device-1299", 800).await;
    app.post_rejected(&with(&app.game("device-1234", 5), "score", -1)).await;
    let found = page(&app, "/console/players?q=device-12").await;
    assert!(found.contains("device-1234") && found.contains("device-1299"), "{found}");
    let found = page(&app, "/console/players?q=device%25").await;
    assert!(found.contains("Nobody of that id or name"), "no sign stands for others: {found}");
    let whole = app.send(Request::get("/console/players?q=device-1234").bearer(ADMIN_TOKEN)).await;
    assert_eq!(whole.header("location"), "/console/player?id=device%2D1234");
    let shown = page(&app, whole.header("location")).await;
    assert!(shown.contains("was rejected") && shown.contains("applied"), "{shown}");
    assert!(shown.contains(">900<"), "{shown}");
    let refused = page(&app, "/console/player?id=device-1234&show=refused").await;
    assert!(refused.contains("was rejected") && !refused.contains("after receipt"), "{refused}");
    let nobody = page(&app, "/console/player?id=nobody").await;
    assert!(nobody.contains("Nothing was ever heard of this player"), "{nobody}");
}

#[tokio::test]
async fn a_reload_is_seen_before_it_is_done_and_mistakes_are_told_with_their_lines() {
    let app = TestApp::with().game(SAMPLE.to_string()).start().await;
    let before = page(&app, "/console/definition?plan=1").await;
    assert!(before.contains("would change nothing"), "{before}");
    assert!(before.contains("Nobody has reloaded it yet."), "{before}");
    app.write_game(&format!("{SAMPLE}\n[events.boss_defeated]\n"));
    let plan = page(&app, "/console/definition?plan=1").await;
    assert!(plan.contains("boss_defeated is accepted"), "{plan}");
    let reload = form("/console/definition/reload", &[]).bearer(ADMIN_TOKEN);
    let done = app.send(reload).await;
    assert_eq!(done.header("location"), "/console/definition?done=reloaded", "{}", done.text());
    assert!(page(&app, "/console/definition").await.contains("boss_defeated"));
    app.write_game("[game]\nname = 5\n");
    let refused = page(&app, "/console/definition?plan=1").await;
    assert!(refused.contains("It would be refused") && refused.contains("line"), "{refused}");
}

#[tokio::test]
async fn a_player_is_banned_with_a_reason_the_next_moves_up_and_the_ban_is_lifted() {
    let app = TestApp::start().await;
    app.plays("ann", 900).await;
    app.plays("bob", 700).await;
    let act = |act: &str, fields: &[(&str, &str)]| {
        form(&format!("/console/player/{act}"), fields).bearer(ADMIN_TOKEN)
    };
    let mute = app.send(act("ban", &[("id", "ann"), ("note", " "), ("how", "unseen")])).await;
    assert_eq!(mute.status, 400);
    let fields = [("id", "ann"), ("note", "speed hack"), ("how", "unseen")];
    let banned = app.send(act("ban", &fields)).await;
    assert_eq!(banned.header("location"), "/console/player?id=ann", "{}", banned.text());
    let shown = page(&app, "/console/player?id=ann").await;
    assert!(shown.contains("Banned, unseen") && shown.contains("Lift the ban"), "{shown}");
    let board = page(&app, "/console/boards?player=bob").await;
    assert!(!board.contains(r#"title="ann""#), "{board}");
    let lifted = app.send(act("unban", &[("id", "ann"), ("note", "wrong player")])).await;
    assert_eq!(lifted.status, 303, "{}", lifted.text());
    assert!(page(&app, "/console/boards").await.contains(r#"title="ann""#));
    let log = app.operator_get("/api/admin/audit").await.to_string();
    assert!(log.contains("banPlayer") && log.contains("speed hack"), "{log}");
    let shown = page(&app, "/console/audit?what=banPlayer").await;
    assert!(shown.contains("speed hack") && !shown.contains("unbanPlayer<"), "{shown}");
}

#[tokio::test]
async fn analytics_show_the_days_of_the_game_and_hand_out_each_chart_as_data() {
    let app = TestApp::start().await;
    let hostile = "=1+1\u{202e}";
    let launch = |player: &str, days_ago: i64| {
        let at = app.now().plus_ms(-days_ago * 86_400_000);
        let event = with(&app.launch(player), "timestamp", at.to_string());
        with(&event, "app_version", hostile)
    };
    let coins = with(&app.coins("ann", 70), "source", hostile);
    let events =
        json!([launch("ann", 8), launch("ann", 1), launch("ben", 1), launch("ann", 0), coins]);
    app.post_events(&events).await;
    let all = page(&app, "/console/analytics?by=app_version").await;
    for section in ["Yesterday", "Retention by first day", "Levels", "coins: sources and sinks"] {
        assert!(all.contains(section), "{section} in {all}");
    }
    assert!(!all.contains('\u{202e}'), "{all}");
    assert!(all.contains("Later than a day"), "{all}");
    let active = page(&app, "/console/analytics/active.csv?range=7").await;
    let rows: Vec<&str> = active.lines().collect();
    assert_eq!((rows[0], rows.len()), ("Day,DAU,DAU 7 days before", 8), "{active}");
    assert_eq!(rows[6..], ["2026-11-22,2,1", "2026-11-23,1,0"], "{active}");
    let csv = page(&app, "/console/analytics/split.csv?by=app_version").await;
    assert!(csv.contains(r#""'=1+1[RLO]",2,1"#), "{csv}");
    let json = page(&app, "/console/analytics/split.json?by=app_version").await;
    assert!(!json.contains('\u{202e}'), "{json}");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json["rows"][0]["value"], &json["rows"][0]["players"]),
        (&json!(hostile), &json!(2))
    );
    let quality = page(&app, "/console/analytics/quality.json").await;
    let quality: Value = serde_json::from_str(&quality).expect("JSON");
    let rows = quality["rows"].as_array().expect("rows");
    let late = rows.iter().find(|row| row["what"] == "Later than a day").expect("a row");
    assert_eq!(late["events"], 1, "the launch of yesterday is just a day old: {quality}");
    for name in ["hours", "new", "sessions", "retention", "funnel", "economy", "revenue", "payers"]
    {
        assert!(
            page(&app, &format!("/console/analytics/{name}.csv")).await.contains(','),
            "{name}"
        );
    }
    let answer = app.send(Request::get("/console/analytics/nothing.csv").bearer(ADMIN_TOKEN)).await;
    assert_eq!(answer.status, 404);
    for wrong in ["day=yesterday", "range=5", "by=player"] {
        let path = format!("/console/analytics?{wrong}");
        let answer = app.send(Request::get(&path).bearer(ADMIN_TOKEN)).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_can_be_taken_back() {
    let app = TestApp::start().await;
    let session = signed_in(&app).await;
    let as_operator = |path: &str| Request::get(path).header("cookie", &session);
    let token = form_token(&app.send(as_operator("/console/keys")).await.text());
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let fields: Vec<_> =
            [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        app.send(form(path, &fields).header("cookie", &session)).await
    };
    for (wrong, field) in [
        (vec![("name", ""), ("role", "viewer")], "name"),
        (vec![("name", "x"), ("role", "king")], "role"),
        (vec![("name", "x"), ("role", "")], "role"),
        (vec![("name", "x"), ("role", "viewer"), ("days", "0")], "days"),
    ] {
        let answer = post("/console/keys", &wrong).await;
        assert_eq!(answer.status, 400, "{wrong:?}");
        assert!(answer.text().contains(field), "{wrong:?}: {}", answer.text());
    }
    let fields =
        [("name", "<b>dana</b>"), ("role", "viewer"), ("sends_events", "1"), ("days", "30")];
    let made = post("/console/keys", &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let text = made.text();
    let (_, key) = text.split_once(r#"id="made" tabindex="0">"#).expect("a key");
    let key = key.split('<').next().expect("a key").to_owned();
    assert!(key.starts_with("slk_") && !text.contains("<b>dana</b>"), "{text}");
    let list = app.send(as_operator("/console/keys")).await.text();
    assert!(!list.contains(&key) && list.contains("<code>events:write</code>"), "{list}");
    let seen = async |key: &str| app.send(Request::get("/console").bearer(key)).await.status;
    assert_eq!(seen(&key).await, 200);
    let (_, id) = list.split_once(r#"name="id" value=""#).expect("a form");
    let id = id.split('"').next().expect("an id").to_owned();
    assert_eq!(post("/console/keys/revoke", &[("id", &id)]).await.status, 303);
    assert_eq!(seen(&key).await, 401);
    let acts = page(&app, "/console/audit").await;
    assert!(acts.contains("createKey") && acts.contains("revokeKey"), "{acts}");
}

#[tokio::test]
async fn the_queue_says_what_waits_and_what_cannot_be_paused() {
    let app = TestApp::start().await;
    let queue = page(&app, "/console/queue").await;
    for text in ["There is no queue", "critical", "Nodes alive", "this page is from here"] {
        assert!(queue.contains(text), "{text} in {queue}");
    }
    assert!(!queue.contains("/console/queue/pause"), "without a queue nothing can be held back");
    let answer = app.send(form("/console/queue/pause", &[]).bearer(ADMIN_TOKEN)).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
}

/// An operator with a session: what they see and what they do.
pub struct Dana<'a> {
    app: &'a TestApp,
    session: String,
    token: String,
}

impl<'a> Dana<'a> {
    pub async fn of(app: &'a TestApp) -> Self {
        let session = signed_in(app).await;
        let page = app.send(Request::get("/console").header("cookie", &session)).await.text();
        Self { app, session, token: form_token(&page) }
    }

    pub async fn sees(&self, path: &str) -> String {
        let answer = self.app.send(Request::get(path).header("cookie", &self.session)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    pub async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = [("csrf", self.token.as_str())];
        let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
        self.app.send(form(path, &fields).header("cookie", &self.session)).await
    }

    pub async fn does(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.posts(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").to_owned()
    }
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!(r#"name="{name}" value=""#);
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("{name} in {page}"));
    rest.split('"').next().expect("a value").replace("&#38;", "&")
}

#[tokio::test]
async fn what_broke_a_rule_is_listed_with_its_reason_and_counts_once_it_is_accepted() {
    let rule = "[[suspicion]]\nevent = \"game_ended\"\nrule = \"interval\"\nleast_seconds = 5\n";
    let game = format!("{}\n{rule}", scoreline_core::game::SAMPLE);
    let app = TestApp::with().game(game).start().await;
    let hostile = "x\u{202e}&<b>";
    app.post_events(&json!([app.game(hostile, 100), app.game(hostile, 200)])).await;
    let dana = Dana::of(&app).await;
    let page = dana.sees("/console/review").await;
    assert!(page.contains("less than 5 s is not believed") && !page.contains("<b>&"), "{page}");
    assert!(dana.sees("/console/rejected").await.contains("/console/review"));
    let no = hidden(&page, "no");
    let fields = [("no", no.as_str()), ("decision", "accept"), ("note", "two devices")];
    dana.does("/console/review/decide", &fields).await;
    assert!(dana.sees("/console/review").await.contains("No event waits"));
    let accepted = dana.sees("/console/review?state=accepted").await;
    assert!(accepted.contains("two devices"), "{accepted}");
    let perhaps = [("no", no.as_str()), ("decision", "perhaps"), ("note", "x")];
    assert_eq!(dana.posts("/console/review/decide", &perhaps).await.status, 400);
    app.post_events(&json!([app.game(hostile, 300), app.game(hostile, 400)])).await;
    let of_all = dana.sees("/console/review").await;
    assert!(of_all.contains("Decide about many") && of_all.contains("choose a rule"));
    let any = [("rule", ""), ("decision", "refuse"), ("note", "x")];
    assert_eq!(dana.posts("/console/review/decide", &any).await.status, 400);
    let of_player = dana.sees("/console/review?id=x%E2%80%AE%26%3Cb%3E").await;
    assert!(of_player.contains("All that wait of this player"), "{of_player}");
    let all = [("id", hostile), ("rule", "interval"), ("decision", "refuse"), ("note", "both")];
    dana.does("/console/review/decide", &all).await;
    assert!(dana.sees("/console/review").await.contains("No event waits"));
}

#[tokio::test]
async fn events_are_voided_and_count_again_once_it_was_said_how_many_they_are() {
    let app = TestApp::start().await;
    let hostile = "x\u{202e}&<b>";
    let games: Vec<Value> = (1..=3).map(|n| app.game(hostile, n * 100)).collect();
    app.post_events(&json!(games)).await;
    let dana = Dana::of(&app).await;
    let player = "x%E2%80%AE%26%3Cb%3E";
    let page = dana.sees(&format!("/console/voiding?player={player}&type=game_ended")).await;
    assert!(page.contains("3 events are meant") && page.contains("Void 3 events"), "{page}");
    let what = hidden(&page, "what");
    let missing = dana.posts("/console/voiding", &[("what", &what), ("note", " ")]).await;
    assert_eq!(missing.status, 400);
    let fields = [("what", what.as_str()), ("note", "a changed app")];
    let path = dana.does("/console/voiding", &fields).await;
    assert!(dana.sees(&path).await.contains("3 events</b> do not count any more"));
    let profile = dana.sees(&format!("/console/player?id={player}")).await;
    assert_eq!(profile.matches("was voided and does not count").count(), 3, "{profile}");
    assert!(profile.contains("On no board."), "{profile}");
    let one =
        profile.split('"').find(|text| text.contains("act=unvoid") && text.contains("event="));
    let one = one.expect("a link").replace("&#38;", "&");
    let page = dana.sees(&one).await;
    assert!(page.contains("1 event is meant"), "{page}");
    let what = hidden(&page, "what");
    dana.does("/console/voiding", &[("what", &what), ("note", "it was fair")]).await;
    let profile = dana.sees(&format!("/console/player?id={player}")).await;
    assert_eq!(profile.matches("was voided and does not count").count(), 2, "{profile}");
    let acts = dana.sees("/console/audit").await;
    assert!(acts.contains("voidEvents") && acts.contains("unvoidEvents"), "{acts}");
    assert!(!acts.contains('\u{202e}'), "{acts}");
    let all = dana.sees("/console/voiding?from=2026-11-01T00:00").await;
    assert!(!all.contains("events are meant"), "everything is never meant: {all}");
}

#[tokio::test]
async fn players_are_found_by_name_renamed_and_a_name_is_blocked() {
    let app = TestApp::start().await;
    app.post_events(&json!([app.game("ann", 100)])).await;
    let dana = Dana::of(&app).await;
    let fields = |name: &'static str| [("id", "ann"), ("nickname", name), ("note", "asked for it")];
    assert_eq!(
        dana.does("/console/player/rename", &fields("Rude One")).await,
        "/console/player?id=ann"
    );
    let found = dana.sees("/console/players?q=rude+one").await;
    assert!(found.contains("whose names begin with") && found.contains("Rude One"), "{found}");
    let found = dana.sees("/console/players?q=RUD").await;
    assert!(found.contains("Rude One") && found.contains(">ann<"), "by the beginning: {found}");
    let page = dana.sees("/console/player?id=ann").await;
    let former = hidden(&page, "former");
    let mut renaming = fields("Pilot 17").to_vec();
    renaming.extend([("former", former.as_str()), ("block", "1")]);
    dana.does("/console/player/rename", &renaming).await;
    let names = dana.sees("/console/names").await;
    assert!(names.contains("Rude One"), "{names}");
    let wrong = dana.posts("/console/player/rename", &fields("!")).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    let fields = [("nickname", "Pilot 17"), ("note", "nobody")];
    let path = dana.does("/console/names/block", &fields).await;
    assert_eq!(path, "/console/players?q=Pilot%2017", "whoever is called so is shown");
    let fields = [("coded", "Rude%20One"), ("note", "it is fine")];
    dana.does("/console/names/unblock", &fields).await;
    assert!(!dana.sees("/console/names").await.contains("Rude One"));
}

#[tokio::test]
async fn a_ban_ends_when_it_was_said_to_end_and_a_device_is_unbound() {
    let app = TestApp::start().await;
    app.post_events(&json!([app.game("ann", 100)])).await;
    let dana = Dana::of(&app).await;
    let ban =
        |until: &'static str| [("id", "ann"), ("note", "rude"), ("how", "seen"), ("until", until)];
    for wrong in ["yesterday", "2020-01-01T00:00"] {
        let answer = dana.posts("/console/player/ban", &ban(wrong)).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    dana.does("/console/player/ban", &ban("2026-11-24T10:00")).await;
    assert!(dana.sees("/console/player?id=ann").await.contains("It ends by itself"));
    app.post(
        "/api/v2/players/session",
        &json!({ "user_id": "ann", "device_secret": "0123456789abcdef0123456789abcdef" }),
    )
    .await;
    let page = dana.sees("/console/player?id=ann").await;
    assert!(page.contains("unbind the device"), "{page}");
    let fields = [("id", "ann"), ("note", "a lost phone"), ("how", "secret")];
    dana.does("/console/player/unbind", &fields).await;
    assert!(dana.sees("/console/player?id=ann").await.contains("bound to no device"));
}

#[tokio::test]
async fn a_prize_is_awarded_once_and_taken_back_and_a_player_is_exported() {
    let app = TestApp::start().await;
    app.post_events(&json!([app.game("ann", 100)])).await;
    let dana = Dana::of(&app).await;
    let fields = |coins: &'static str, note: &'static str| {
        [("id", "ann"), ("coins", coins), ("gems", ""), ("note", note)]
    };
    for wrong in ["", "-5", "many", "99999999999"] {
        let answer = dana.posts("/console/player/award", &fields(wrong, "an outage")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    dana.does("/console/player/award", &fields("500", "an outage")).await;
    let again = dana.posts("/console/player/award", &fields("500", "an outage")).await;
    assert_eq!(again.status, 409, "{}", again.text());
    let page = dana.sees("/console/player?id=ann").await;
    assert!(page.contains("the newest 1, 1 pending"), "{page}");
    let prize = hidden(&page, "prize");
    let fields = [("id", "ann"), ("prize", prize.as_str()), ("note", "by mistake")];
    dana.does("/console/player/revoke", &fields).await;
    let page = dana.sees("/console/player?id=ann").await;
    assert!(page.contains("Revoked") && page.contains("0 pending"), "{page}");
    let fields = [("id", "ann"), ("prize", "nothing"), ("note", "by mistake")];
    assert_eq!(dana.posts("/console/player/revoke", &fields).await.status, 404);
    let export: Value =
        serde_json::from_str(&dana.sees("/console/player/export?id=ann").await).expect("JSON");
    assert_eq!((&export["user_id"], &export["prizes"][0]["coins"]), (&json!("ann"), &json!(500)));
}
