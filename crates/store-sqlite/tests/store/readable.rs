//! What people read of events with SQL, and how events lie: apart from what they have in common.

use rusqlite::Connection;
use scoreline_core::game::Definition;
use scoreline_core::limits::PAYLOAD_SHAPES_MAX;
use scoreline_core::store::EventFilter;
use scoreline_testkit::game::{definition, event, player};
use scoreline_testkit::store_conformance::world::World;

use crate::support::File;

/// Player, id, type and payload of every event, in the order of application, as a program reads them that knows
/// nothing of Scoreline.
fn read(file: &File) -> Vec<(String, String, String, String)> {
    let connection = Connection::open(file.path()).expect("opens");
    let columns = "player_id, event_id, event_type, payload";
    let sql = format!("SELECT {columns} FROM readable_events ORDER BY applied_at, event_time");
    let mut all = connection.prepare(&sql).expect("is SQL");
    let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.expect("answers").map(|row| row.expect("a row")).collect()
}

fn count(file: &File, of: &str) -> i64 {
    let connection = Connection::open(file.path()).expect("opens");
    let sql = format!("SELECT count(*) FROM {of}");
    connection.query_row(&sql, (), |row| row.get(0)).expect("answers")
}

#[tokio::test]
async fn anybody_reads_payloads_as_they_were_sent() {
    let file = File::new();
    let mut world = World::new(&file).await;
    let payloads = [
        r#"{"score":12345678901234567890123,"note":"a \"b\", {","list":[1,{"x":[]}],"none":null}"#,
        "{}",
        r#"{"score":-0.0,"yes":true,"name":"Ünï\u20ac"}"#,
    ];
    let sent: Vec<_> = (1_u8..)
        .zip(payloads)
        .map(|(n, text)| event("ann", n.into(), n.into(), "started", text))
        .collect();
    world.apply(&sent).await;
    let found = read(&file);
    for (one, (who, id, kind, payload)) in sent.iter().zip(found) {
        assert_eq!((&*who, id, &*kind), ("ann", one.id.simple().to_string(), "started"));
        assert_eq!(payload.replace('€', r"\u20ac"), *one.payload);
    }
    let of_ann = EventFilter { player: Some(player("ann")), ..EventFilter::default() };
    let scanned = world.store.scan(of_ann, None, 9).await.expect("answers");
    let scanned: Vec<_> = scanned.iter().map(|one| &*one.event.payload).collect();
    assert_eq!(scanned, payloads, "the server reads them to the letter");
}

/// A game that declares what events say.
const GAME: &str = r#"
    [game]
    name = "Test"
    [events.ended.fields]
    score = { type = "integer" }
    note = { type = "string" }
    [leaderboards.scores]
    event = "ended"
    operator = "best"
    score = "score"
"#;

#[tokio::test]
async fn names_of_declared_fields_are_kept_once_and_all_else_lies_whole_in_its_event() {
    let file = File::new();
    let mut world = World::new(&file).await;
    let game = Definition::parse(GAME).expect("no mistakes");
    world.adopt(Definition { events: game.events, ..definition() }).await;
    let says = |n: u8, payload: &str| event("ann", n.into(), n.into(), "ended", payload);
    let scores: Vec<_> = (0..50).map(|n| says(n, &format!(r#"{{"score":{n}}}"#))).collect();
    world.apply(&scores).await;
    assert_eq!(count(&file, "payload_shapes WHERE names = '[\"score\"]'"), 1);
    assert_eq!(count(&file, "events WHERE payload = '[7]'"), 1);

    let strange = [
        says(60, r#"{"score":1,"ann@example.com":2}"#),
        says(61, r#"{"":null,"$flaws":[]}"#),
        event("ann", 62, 62, "undeclared", r#"{"score":3}"#),
    ];
    world.apply(&strange).await;
    assert_eq!(count(&file, "payload_shapes WHERE names LIKE '%ann%'"), 0);
    assert_eq!(count(&file, "payload_shapes WHERE names = ''"), 2, "one for each type");
    file.execute(&format!(
        "INSERT INTO payload_shapes (event_type, names)
         WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no <= {PAYLOAD_SHAPES_MAX})
         SELECT 'ended', no FROM n"
    ));
    let late = [says(70, r#"{"note":"x"}"#), says(71, r#"{"score":71}"#)];
    world.apply(&late).await;
    assert_eq!(count(&file, "payload_shapes WHERE names = '[\"note\"]'"), 0, "there is no room");
    let found = read(&file);
    for one in scores.iter().chain(&strange).chain(&late) {
        assert!(found.iter().any(|(_, _, _, payload)| *payload == *one.payload), "{one:?}");
    }
    assert_eq!(world.apply(&scores).await.duplicates, scores.len());
    world.check().await;
}
