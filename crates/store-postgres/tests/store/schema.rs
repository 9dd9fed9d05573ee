//! The schema and its days: made once, by the first to come, and refused where it is another
//! program's.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::nodes::{NodeId, NodeReport, Nodes};
use scoreline_core::store::schema::Migration;
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::game::{self, DAY_MS, assorted, played};
use scoreline_testkit::postgres::Server;
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::world::World;
use tokio::time::Instant;

use crate::support::Schema;

const MIGRATIONS: &str = "SELECT count(*) FROM schema_migrations";
const DAYS: &str = "SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'events'::regclass AND c.relname NOT LIKE 'events_absurd%'";

async fn refused(settings: &Settings, hint: &str) {
    for outcome in [
        PostgresStore::open(settings).await.map(|_| ()),
        PostgresStore::pending_migrations(settings).await.map(|_| ()),
    ] {
        match outcome {
            Err(StoreError::Unusable(reason)) => {
                assert!(reason.contains(hint), "{reason:?} tells {hint:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_name_is_refused() {
    let mut schema = Schema::new();
    let name = format!("latin_{}", std::process::id());
    let create = format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    Server::shared_unsynced().run("postgres", &create);
    let (server, _) = schema.settings.url.rsplit_once('/').expect("an address");
    schema.settings.url = format!("{server}/{name}");
    refused(&schema.settings, "encoding LATIN1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_one_schema() {
    let schema = Schema::new();
    let starting: Vec<_> = (0..3)
        .map(|_| {
            let settings = schema.settings.clone();
            tokio::spawn(async move { PostgresStore::open(&settings).await })
        })
        .collect();
    let mut nodes: Vec<Arc<dyn Store>> = Vec::new();
    for node in starting {
        nodes.push(Arc::new(node.await.expect("does not panic").expect("opens")));
    }
    assert_eq!(schema.run(MIGRATIONS).trim(), "1");
    assert_eq!(schema.run(DAYS).trim(), "4", "two behind, today, one ahead");
    let mut world = World::new(&schema).await;
    for (n, node) in nodes.into_iter().enumerate() {
        world.store = node;
        world.apply(&assorted(50, n as u64)).await;
    }
    world.check().await;
}

#[tokio::test]
async fn what_would_run_is_told_and_not_run() {
    let schema = Schema::new();
    let pending = PostgresStore::pending_migrations(&schema.settings).await.expect("answers");
    let told: Vec<_> = pending.iter().map(|one| (one.version, one.to_string())).collect();
    assert_eq!(told, [(1, "0001_production".to_owned())]);
    assert!(pending[0].sql.contains("CREATE TABLE scoreline.events"));
    assert_eq!(schema.run("SELECT to_regnamespace('scoreline') IS NULL").trim(), "t");
    schema.open().await;
    let pending = PostgresStore::pending_migrations(&schema.settings).await;
    assert_eq!(pending.expect("answers"), []);
}

/// A version to come, which only adds.
const EXPANDS: Migration = Migration {
    name: "0002_expands",
    sql: "ALTER TABLE scoreline.events ADD COLUMN later TEXT;
          ALTER TABLE scoreline.board_entries ADD COLUMN later BIGINT;
          ALTER TABLE scoreline.players ADD COLUMN later TEXT DEFAULT 'new';
          CREATE TABLE scoreline.later (id BIGINT PRIMARY KEY);
          CREATE INDEX players_by_later ON scoreline.players (later);",
    needs: 1,
};
/// One after it, which removes what the first version uses.
const CONTRACTS: Migration = Migration {
    name: "0003_contracts",
    sql: "ALTER TABLE scoreline.players DROP COLUMN nickname_at;",
    needs: 2,
};

fn report(version: &str) -> NodeReport {
    let node = version.bytes().fold(0, |no, letter| no * 256 + u128::from(letter));
    NodeReport {
        node: NodeId(uuid::Uuid::from_u128(node)),
        watermark: Timestamp::EPOCH,
        version: version.to_owned(),
        address: format!("node-of-{version}"),
    }
}

#[tokio::test]
async fn a_schema_that_a_newer_version_has_only_added_to_is_used_beside_it() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&assorted(100, 1)).await;
    let mut next = Schema::beside(&schema);
    next.settings.migrations.push(EXPANDS);
    let pending = PostgresStore::pending_migrations(&next.settings).await.expect("answers");
    assert_eq!(pending.iter().map(|one| one.name).collect::<Vec<_>>(), ["0002_expands"]);
    let (old, new) = (Arc::clone(&world.store), next.open().await);
    assert_eq!(schema.run(MIGRATIONS).trim(), "2");
    for (n, store) in [&old, &new, &schema.open().await, &old].into_iter().enumerate() {
        world.store = Arc::clone(store);
        world.apply(&assorted(80, n as u64)).await;
        world.check().await;
    }
    let pending = PostgresStore::pending_migrations(&schema.settings).await;
    assert_eq!(pending.expect("answers"), [], "the old version misses nothing");
}

#[tokio::test]
async fn nothing_is_removed_that_a_running_node_uses() {
    let schema = Schema::new();
    let old = PostgresStore::open(&schema.settings).await.expect("opens");
    let node = report("old");
    old.report(node.clone()).await.expect("reports");
    let mut next = Schema::beside(&schema);
    next.settings.migrations.extend([EXPANDS, CONTRACTS]);
    let refused_by = PostgresStore::open(&next.settings).await.map(|_| ());
    match refused_by {
        Err(StoreError::Unusable(reason)) => {
            assert!(reason.contains("0003_contracts removes"), "{reason}");
            assert!(reason.contains("node-of-old (version old)"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(schema.run(MIGRATIONS).trim(), "1", "all or nothing");
    old.report(node.clone()).await.expect("goes on");
    // One that opened before, and reports only after the migration, hears of it.
    let late = PostgresStore::open(&schema.settings).await.expect("opens");
    old.leave(node.node).await.expect("leaves");
    next.open().await;
    match late.report(report("late")).await {
        Err(StoreError::Unusable(reason)) => assert!(reason.contains("newer program"), "{reason}"),
        other => panic!("{other:?}"),
    }
    refused(&schema.settings, "takes a program that knows version 2").await;
}

#[tokio::test]
async fn a_migration_that_cannot_have_a_table_lets_others_go_first() {
    let schema = Schema::new();
    schema.open().await;
    let reader = schema.hold("SELECT count(*) FROM players");
    let mut next = Schema::beside(&schema);
    next.settings.migrations.push(EXPANDS);
    let migrating = tokio::spawn(async move { PostgresStore::open(&next.settings).await });
    let waits =
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'players'::regclass";
    until(|| schema.run(waits).trim() == "1").await;
    // Whatever queues behind the migration is held up, but not for long.
    let begin = Instant::now();
    schema.run("SELECT count(*) FROM players");
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert_eq!(schema.run(MIGRATIONS).trim(), "1");
    drop(reader);
    migrating.await.expect("does not panic").expect("opens in the end");
    assert_eq!(schema.run(MIGRATIONS).trim(), "2");
}

async fn until(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "it does not come about");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_schema_that_was_never_released_is_refused() {
    let schema = Schema::new();
    schema.open().await;
    schema.run("UPDATE schema_migrations SET checksum = checksum + 1");
    refused(&schema.settings, "not the released one").await;
}

#[tokio::test]
async fn another_programs_schema_is_refused_and_left_alone() {
    let schema = Schema::new();
    schema.run("CREATE SCHEMA scoreline; CREATE TABLE scoreline.notes (text TEXT)");
    refused(&schema.settings, "another namespace").await;
    assert_eq!(
        schema.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'scoreline'").trim(),
        "1"
    );
}

#[tokio::test]
async fn an_empty_schema_that_somebody_prepared_is_used() {
    let schema = Schema::new();
    schema.run("CREATE SCHEMA scoreline AUTHORIZATION game");
    schema.open().await;
    assert_eq!(schema.run(MIGRATIONS).trim(), "1");
}

#[tokio::test]
async fn a_role_that_may_not_make_a_schema_is_told_what_it_needs() {
    let schema = Schema::new();
    schema.run(
        "REVOKE CREATE ON DATABASE %db% FROM game;
         ALTER DATABASE %db% OWNER TO keeper",
    );
    match PostgresStore::open(&schema.settings).await.map(|_| ()) {
        Err(StoreError::Unusable(reason)) => assert!(reason.contains("needs CREATE"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn namespaces_of_one_database_know_nothing_of_each_other() {
    let first = Schema::new();
    let mut second = Schema::beside(&first);
    second.settings.namespace = "other_game".to_owned();
    let mut here = World::new(&first).await;
    let mut there = World::new(&second).await;
    here.apply(&assorted(80, 1)).await;
    there.apply(&assorted(120, 2)).await;
    here.check().await;
    there.check().await;
    assert_ne!(here.known.len(), there.known.len());
}

#[tokio::test]
async fn an_unknown_namespace_or_address_is_told() {
    let mut schema = Schema::new();
    schema.settings.namespace = "no-name".to_owned();
    refused(&schema.settings, "name of a schema").await;
    schema.settings.namespace = "scoreline".to_owned();
    schema.settings.url = schema.settings.url.replace("/test_", "/no_such_");
    refused(&schema.settings, "DATABASE_URL").await;
}

#[tokio::test]
async fn events_of_a_day_that_was_not_made_move_when_it_is() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let today_ms: i64 = schema
        .run("SELECT (extract(epoch FROM now()) * 1000)::bigint")
        .trim()
        .parse()
        .expect("a number");
    let from_monday_ms = today_ms - game::monday().as_ms();
    let later: Vec<_> = (0_u8..20)
        .map(|n| played("ann", n.into(), from_monday_ms + i64::from(n % 5) * DAY_MS, 5))
        .collect();
    world.apply(&later).await;
    world.apply(&assorted(60, 1)).await;
    let absurd =
        "SELECT count(*) FROM events_absurd WHERE event_id < '00000000-0000-0000-0000-000000000014'
         AND player_id = 'ann' AND event_time > (SELECT extract(epoch FROM now()) * 1000 - 1)";
    assert_eq!(schema.run(absurd).trim(), "12", "those of two days have no day yet");
    let mut more = Schema::beside(&schema);
    more.settings.days_ahead = 10;
    world.store = more.open().await;
    assert_eq!(schema.run(absurd).trim(), "0");
    assert_eq!(schema.run(DAYS).trim(), "13");
    world.check().await;
    world.apply(&later).await;
    world.check().await;
}

#[tokio::test]
async fn days_that_are_over_and_empty_are_dropped() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&assorted(100, 2)).await;
    assert_eq!(schema.run(DAYS).trim(), "4");
    let plan = world.plan().await;
    let before = game::monday().plus_ms(100_000 * DAY_MS);
    let step = world.store.remove_events(plan, before, 1_000).await.expect("removes");
    assert!(step.finished && step.events > 0);
    assert_eq!(schema.run(DAYS).trim(), "0");
    world.removed = world.known.keys().cloned().collect();
    world.check().await;
    // Nothing is lost while a day is missing, and opening makes it again.
    let event = played("zoe", 1, 90 * DAY_MS, 5);
    world.apply(std::slice::from_ref(&event)).await;
    world.check().await;
    world.store = schema.open().await;
    assert_eq!(schema.run(DAYS).trim(), "4");
    world.check().await;
}

#[tokio::test]
async fn whoever_wants_a_backup_is_told_what_takes_it() {
    let mut schema = Schema::new();
    schema.settings.namespace = "flight".to_owned();
    let store = schema.open().await;
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("backup.db");
    match store.backup(to.clone(), Arc::new(|_| ())).await {
        Err(StoreError::BackedUpElsewhere(reason)) => {
            assert!(reason.contains("pg_dump --schema=flight"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!to.exists());
}
