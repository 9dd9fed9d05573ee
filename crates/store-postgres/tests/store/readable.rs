//! What people ask with SQL: every query of docs/sql.md, and payloads that `jsonb` has no room for.

use std::sync::Arc;

use scoreline_core::game::Definition;
use scoreline_core::tournament::NewTournament;
use scoreline_testkit::game::{DAY_MS, at, cup, event, player};
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

const MINUTE_MS: i64 = 60_000;

/// The answers to the questions of the document, in its order, asked on a Thursday at noon.
const ANSWERS: [(&str, &str); 10] = [
    (
        "What happens, by type and hour",
        "2026-11-26 10:00:00+00|level_completed|1
2026-11-26 10:00:00+00|level_failed|1
2026-11-26 10:00:00+00|level_started|2
2026-11-26 10:00:00+00|purchase_completed|1
2026-11-26 11:00:00+00|currency_earned|2
2026-11-26 11:00:00+00|currency_spent|1
2026-11-26 11:00:00+00|purchase_completed|1",
    ),
    ("How many play, by day", "2026-11-23|2\n2026-11-24|2\n2026-11-26|2"),
    ("Who comes back", "2026-11-23|2|1|0\n2026-11-24|1|0|0"),
    ("Where players are lost", "3|2|1|1"),
    (
        "What the shop earns, by day and platform",
        "2026-11-26|android|1|1|0.99\n2026-11-26|ios|1|1|4.99",
    ),
    ("Where coins come from and go to", "coins|ad|150|\ncoins|skin||30"),
    ("Which levels are too hard", "1|2|1|90.0"),
    (
        "What a player did",
        r#"2026-11-26 11:30:00|purchase_completed|{"platform":"ios","price_usd":4.99}
2026-11-26 11:20:00|currency_spent|{"currency_type":"coins","amount":30,"spent_on":"skin"}
2026-11-26 11:10:00|currency_earned|{"currency_type":"coins","amount":50,"source":"ad"}"#,
    ),
    ("Who leads a leaderboard", "1|bob|Bob|700|1\n2|ann||500|1"),
    ("What tournaments gave away", "cup|2|2|1|150|10"),
];

/// A day's minute, as milliseconds after Monday.
fn on(day: i64, hour: i64, minute: i64) -> i64 {
    day * DAY_MS + (hour * 60 + minute) * MINUTE_MS
}

/// A few days of three players.
async fn play(world: &mut World<'_>) {
    let flight =
        |score: i64| format!(r#"{{"game_mode":"endless","score":{score},"duration_seconds":60}}"#);
    let (best, better) = (flight(500), flight(700));
    let said = [
        ("ann", on(0, 10, 0), "app_installed", "{}"),
        ("ann", on(0, 10, 5), "game_started", "{}"),
        ("ann", on(0, 10, 10), "game_ended", &best),
        ("ann", on(1, 9, 0), "app_launched", "{}"),
        (
            "ann",
            on(3, 11, 0),
            "currency_earned",
            r#"{"currency_type":"coins","amount":100,"source":"ad"}"#,
        ),
        (
            "ann",
            on(3, 11, 10),
            "currency_earned",
            r#"{"currency_type":"coins","amount":50,"source":"ad"}"#,
        ),
        (
            "ann",
            on(3, 11, 20),
            "currency_spent",
            r#"{"currency_type":"coins","amount":30,"spent_on":"skin"}"#,
        ),
        ("ann", on(3, 11, 30), "purchase_completed", r#"{"platform":"ios","price_usd":4.99}"#),
        ("bob", on(0, 9, 0), "game_ended", &better),
        ("bob", on(0, 12, 0), "app_installed", "{}"),
        ("bob", on(0, 12, 5), "game_started", "{}"),
        ("cat", on(1, 8, 0), "app_installed", "{}"),
        ("cat", on(3, 10, 0), "level_started", r#"{"level_id":1}"#),
        ("cat", on(3, 10, 5), "level_failed", r#"{"level_id":1}"#),
        ("cat", on(3, 10, 6), "level_started", r#"{"level_id":1}"#),
        ("cat", on(3, 10, 10), "level_completed", r#"{"level_id":1,"time_seconds":90}"#),
        ("cat", on(3, 10, 15), "purchase_completed", r#"{"platform":"android","price_usd":0.99}"#),
    ];
    let events: Vec<_> = (0..)
        .zip(said)
        .map(|(id, (player_id, ms, event_type, payload))| {
            event(player_id, id, ms, event_type, payload)
        })
        .collect();
    world.apply(&events).await;
}

async fn hold_a_tournament(world: &World<'_>) {
    let store = &world.store;
    let board = Arc::new(world.definition.boards["global"].without_resets());
    let tournament = NewTournament { board, ..cup("cup", "best", 0, on(1, 0, 0)) };
    assert!(store.create_tournament(tournament).await.expect("creates"));
    let no = world.projection(scoreline_core::fold::ProjectionKind::Tournament, "cup").await.no;
    world.fill(no, 100).await;
    store.seal_tournament(Arc::from("cup"), at(on(1, 1, 0))).await.expect("seals");
    store.close_tournament(Arc::from("cup"), at(on(1, 1, 0))).await.expect("closes");
    let prizes = store.prizes_of(Arc::from("cup"), 0, 10).await.expect("answers");
    let (prize, winner) = (prizes[0].id, prizes[0].player.clone());
    store.claim_prize(prize, winner, at(on(1, 2, 0))).await.expect("claims");
    store.set_nickname(player("bob"), "Bob".into(), at(0)).await.expect("names");
}

/// The blocks of SQL in a document, each with the heading that it stands under.
fn blocks(document: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut heading = "";
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ").or(line.strip_prefix("## ")) {
            heading = title;
        }
        if line.starts_with("```sql") {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((heading, text.join("\n")));
        }
    }
    blocks
}

#[tokio::test]
async fn every_question_of_the_document_is_answered_to_the_role_it_describes() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.adopt(Definition::sample()).await;
    play(&mut world).await;
    hold_a_tournament(&world).await;

    let analytics = blocks(include_str!("../../../../docs/analytics.md"));
    let document = include_str!("../../../../docs/sql.md");
    let mut blocks = blocks(document).into_iter();
    let (_, setup) = blocks.next().expect("who may ask");
    schema.run(&setup);
    let asked: Vec<_> = blocks.collect();
    let titles = |(title, _): &(&str, _)| (*title).to_owned();
    assert_eq!(
        asked.iter().map(titles).collect::<Vec<_>>(),
        ANSWERS.iter().map(|(title, _)| (*title).to_owned()).collect::<Vec<_>>()
    );
    for ((title, sql), (_, answer)) in asked.iter().zip(ANSWERS) {
        let sql = sql.replace("now()", "timestamptz '2026-11-26 12:00Z'");
        let found = schema.run(&format!("SET ROLE analyst; SET TimeZone = 'UTC'; {sql}"));
        assert_eq!(found.trim(), answer, "{title}");
    }
    // What they answer is tested below.
    for (_, sql) in analytics {
        schema.run(&format!("SET ROLE analyst; {sql}"));
    }
    let hidden = "SELECT count(*) FILTER (WHERE has_table_privilege('analyst', oid, 'SELECT'))
        FROM pg_class WHERE relname IN ('secrets', 'players')";
    assert_eq!(schema.run(hidden).trim(), "0", "nobody is given what is secret");
    schema.run("DROP OWNED BY analyst; DROP ROLE analyst");
}

#[tokio::test]
async fn every_question_of_the_page_on_analytics_is_answered() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.adopt(Definition::sample()).await;
    play(&mut world).await;
    let answers = [
        "2026-11-23|2|2|\n2026-11-24|2|1|\n2026-11-26|2||598",
        "2026-11-23|2\n2026-11-24|3\n2026-12-23|2\n2026-12-26|0",
        "2026-11-23|2|1|\n2026-11-24|1||",
        "2026-11-23|3|900.0000000000000000\n2026-11-24|2|\n2026-11-26|2|2700.0000000000000000\n1|1",
        "2026-11-26|earned|ad|150\n2026-11-26|spent|skin|30",
        "2026-11-23|2\n2026-11-24|2\n2026-11-26|2",
    ];
    let asked = blocks(include_str!("../../../../docs/analytics.md"));
    assert_eq!(asked.len(), answers.len());
    for ((_, sql), answer) in asked.iter().zip(answers) {
        let sql = sql.replace("now()", "timestamptz '2026-11-26 12:00Z'");
        assert_eq!(schema.run(&sql).trim(), answer, "{sql}");
    }
}

#[tokio::test]
async fn a_payload_that_jsonb_has_no_room_for_is_still_told_as_text() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let said = [
        (r#"{"n":1e400}"#, true),
        (r#"{"n":-1e-400}"#, true),
        (r#"{"t":"\u0000"}"#, false),
        (r#"{"t":"\ud800"}"#, false),
        (r#"{"t":"\udc00x"}"#, false),
        (r#"{"t":"\ud83d\ude80"}"#, true),
        (r#"{"n":1e999999}"#, false),
    ];
    let events: Vec<_> =
        (0..).zip(said).map(|(id, (payload, _))| event("ann", id, 0, "odd", payload)).collect();
    world.apply(&events).await;
    let told = schema
        .run("SELECT payload IS NOT NULL, payload_text FROM readable_events ORDER BY event_id");
    let expected: Vec<_> = said
        .iter()
        .map(|(payload, fits)| format!("{}|{payload}", if *fits { "t" } else { "f" }))
        .collect();
    assert_eq!(told.trim(), expected.join("\n"));
}

#[tokio::test]
async fn times_are_turned_there_and_back() {
    let schema = Schema::new();
    schema.open().await;
    let there = schema.run(
        "SET TimeZone = 'UTC'; SELECT time_of(ms) FROM unnest('{1795694400123, -1, NULL,
         9223372036854775807, -9223372036854775808, 9224318000000000, -210866803200000}'::int8[]) ms",
    );
    assert_eq!(
        there.lines().collect::<Vec<_>>(),
        [
            "2026-11-26 12:00:00.123+00",
            "1969-12-31 23:59:59.999+00",
            "",
            "infinity",
            "-infinity",
            "294276-12-31 19:33:20+00",
            "4714-11-24 00:00:00+00 BC",
        ]
    );
    let back = schema.run(
        "SELECT ms_of(moment) FROM unnest('{2026-11-26 12:00:00.123Z, 1969-12-31 23:59:59.9995Z,
         infinity, -infinity, NULL}'::timestamptz[]) moment",
    );
    assert_eq!(
        back.lines().collect::<Vec<_>>(),
        ["1795694400123", "-1", "9223372036854775807", "-9223372036854775808", ""]
    );
}

#[tokio::test]
async fn a_question_about_a_stretch_of_time_reads_its_days_only() {
    let schema = Schema::new();
    schema.open().await;
    let plan = schema.run(
        "EXPLAIN (COSTS off) SELECT count(payload) FROM readable_events
         WHERE key_time >= ms_of(date_trunc('day', now(), 'UTC'))",
    );
    // The two days that are over, and what says that it is older than any game.
    assert!(plan.contains("Subplans Removed: 3"), "{plan}");
}
