//! The change feed between nodes: commits that overtake each other, feeds that are pruned, databases that
//! were restored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::feed::{Change, CommitNo, Heard, Position, encode};
use scoreline_core::limits::{FEED_BYTES_MAX, FEED_POLL_MS};
use scoreline_core::store::{Batch, Store};
use scoreline_core::time::Clock;
use scoreline_testkit::game::{assorted, played, player};
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::feed::Follower;
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

/// A transaction that tells of a plan, as it stands in SQL.
fn telling(version: i64) -> String {
    let body = encode(&[Change::Plan { version }]);
    let digits = body.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    format!("INSERT INTO changes (body) VALUES ('\\x{digits}')")
}

/// What was committed after a position, which moves on. `None` if the thread was lost.
async fn hear(store: &dyn Store, position: &mut Position) -> Option<Vec<(CommitNo, Change)>> {
    match store.changes_after(position).await.expect("tells") {
        Heard::Lost => None,
        Heard::Commits { commits, position: next } => {
            *position = next;
            let each = commits.into_iter().map(|one| (one.no, one.changes[0].clone()));
            Some(each.collect())
        }
    }
}

async fn versions(store: &dyn Store, position: &mut Position) -> Vec<i64> {
    let heard = hear(store, position).await.expect("the thread is not lost");
    let version = |(_, change)| match change {
        Change::Plan { version } => version,
        other => panic!("{other:?}"),
    };
    heard.into_iter().map(version).collect()
}

#[tokio::test]
async fn a_commit_that_others_overtook_is_heard_once_it_is_there() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut position = store.position().await.expect("answers");
    let slow = schema.hold(&telling(1));
    schema.run(&telling(2));
    assert_eq!(versions(&*store, &mut position).await, [2]);
    let abandoned = schema.hold(&telling(3));
    schema.run(&telling(4));
    assert_eq!(versions(&*store, &mut position).await, [4]);
    drop(abandoned);
    assert_eq!(versions(&*store, &mut position).await, [0; 0], "what was taken back is not told");
    slow.commit();
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard = versions(&*store, &mut position).await;
    }
    assert_eq!(heard, [1]);
    assert_eq!(versions(&*store, &mut position).await, [0; 0], "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_commit_and_take_back_in_any_order_every_commit_is_heard_once() {
    let schema = Arc::new(Schema::new());
    let store = schema.open().await;
    let mut position = store.position().await.expect("answers");
    let writers: Vec<_> = (0..6_i64)
        .map(|writer| {
            let schema = Arc::clone(&schema);
            tokio::task::spawn_blocking(move || {
                for n in 0..8 {
                    let version = writer * 100 + n;
                    let held = schema.hold(&telling(version));
                    // Others commit meanwhile.
                    schema.run(&telling(version + 50));
                    if n % 3 == 0 { drop(held) } else { held.commit() }
                }
            })
        })
        .collect();
    let mut heard = Vec::new();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        heard.extend(versions(&*store, &mut position).await);
    }
    let is_committed = |n: &i64| n % 3 != 0;
    let mut expected: Vec<i64> = (0..6)
        .flat_map(|writer| {
            let held = (0..8).filter(is_committed).map(move |n| writer * 100 + n);
            held.chain((0..8).map(move |n| writer * 100 + n + 50))
        })
        .collect();
    // The last commits may still be on their way when their writers are done.
    let wait = tokio::time::timeout(Duration::from_secs(30), async {
        while heard.len() < expected.len() {
            heard.extend(versions(&*store, &mut position).await);
        }
    });
    wait.await.expect("all is heard");
    heard.sort_unstable();
    expected.sort_unstable();
    assert_eq!(heard, expected);
}

/// Prunes as if a node had done so twice, an hour apart, while a reader looks now and then and hears
/// nothing new.
async fn prune_all(schema: &Schema, store: &dyn Store, reader: &mut Position) {
    for _ in 0..2 {
        schema.run("UPDATE feed_state SET next_at = next_at - interval '1 hour'");
        store.prune_feed().await.expect("prunes");
        assert_eq!(versions(store, reader).await, [0; 0]);
    }
}

#[tokio::test]
async fn a_reader_that_slept_through_a_pruning_has_lost_the_thread_and_others_have_not() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut sleeper = store.position().await.expect("answers");
    let mut reader = sleeper.clone();
    schema.run(&telling(1));
    assert_eq!(versions(&*store, &mut reader).await, [1]);
    // It is on its way for longer than the feed is kept.
    let slow = schema.hold(&telling(2));
    store.prune_feed().await.expect("prunes");
    assert_eq!(schema.run("SELECT count(*) FROM changes").trim(), "1", "it is not old enough");
    prune_all(&schema, &*store, &mut reader).await;
    assert_eq!(schema.run("SELECT count(*) FROM changes").trim(), "0");
    assert_eq!(hear(&*store, &mut sleeper).await, None);
    slow.commit();
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard = versions(&*store, &mut reader).await;
    }
    assert_eq!(heard, [2]);
    prune_all(&schema, &*store, &mut reader).await;
}

#[tokio::test]
async fn a_reader_that_is_too_far_behind_is_told_to_load_anew() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut position = store.position().await.expect("answers");
    let mebibytes = FEED_BYTES_MAX / (1024 * 1024);
    schema.run(&format!(
        "INSERT INTO changes (body) SELECT convert_to(repeat('x', 1048576), 'UTF8')
         FROM generate_series(1, {mebibytes} + 1)"
    ));
    assert_eq!(hear(&*store, &mut position).await, None);
}

#[tokio::test]
async fn a_database_that_was_restored_from_a_dump_tells_only_what_happens_in_it() {
    let schema = Schema::new();
    drop(schema.open().await);
    // As a dump of a database with many more transactions leaves it.
    schema.run(&format!(
        "UPDATE feed_state SET pruned = '900000000:900000000:', next = '900000001:900000001:';
         {}; UPDATE changes SET xid = '900000000'",
        telling(1)
    ));
    let store = schema.open().await;
    let mut position = store.position().await.expect("answers");
    assert_eq!(versions(&*store, &mut position).await, [0; 0]);
    schema.run(&telling(2));
    assert_eq!(versions(&*store, &mut position).await, [2]);
    prune_all(&schema, &*store, &mut position).await;
}

#[tokio::test]
async fn what_another_version_wrote_is_loaded_anew() {
    let schema = Schema::new();
    let store = schema.open().await;
    let mut position = store.position().await.expect("answers");
    schema.run("INSERT INTO changes (body) VALUES ('\\xff00')");
    assert_eq!(hear(&*store, &mut position).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_that_apply_to_one_player_agree_on_what_everybody_hears() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    let (plan, now) = (world.plan().await, world.clock.now());
    let mut events = assorted(200, 11);
    events.extend((5_000..).zip(0..100).map(|(id, n)| played("ann", id, 0, n % 17)));
    let nodes: Vec<_> = (0..2)
        .map(|node| {
            let mine: Vec<_> = events.iter().skip(node).step_by(2).cloned().collect();
            let (settings, plan) = (schema.settings.clone(), Arc::clone(&plan));
            tokio::spawn(async move {
                let store = scoreline_store_postgres::PostgresStore::open(&settings).await;
                let store: Arc<dyn Store> = Arc::new(store.expect("opens"));
                let mut told = BTreeSet::new();
                for chunk in mine.chunks(5) {
                    let batch = Batch { events: chunk.to_vec(), ..Batch::default() };
                    let applied = store.apply(Arc::clone(&plan), batch, now).await;
                    told.extend(applied.expect("applies").told.map(|commit| commit.no));
                }
                told
            })
        })
        .collect();
    let mut heard = 0;
    let mut told = BTreeSet::new();
    for node in nodes {
        heard += follower.catch_up(&world).await;
        told.extend(node.await.expect("does not panic"));
    }
    heard += follower.catch_up(&world).await;
    assert_eq!(heard, told.len(), "each commit once");
    follower.check(&world).await;
    world.learn(&events).await;
    world.check().await;
}

#[tokio::test]
async fn another_node_hears_of_a_commit_before_it_is_time_to_look_anyway() {
    let schema = Schema::new();
    let (writer, reader) = (schema.open().await, schema.open().await);
    let position = reader.position().await.expect("answers");
    // The first look at an hour that does not ring: it ends when it is time to look anyway.
    let begun = tokio::time::Instant::now();
    reader.listen(&position).await;
    assert!(begun.elapsed() >= Duration::from_millis(FEED_POLL_MS));
    // Even on a busy machine, one of some announcements comes before that.
    for n in 0..10_i64 {
        let position = reader.position().await.expect("answers");
        let name = format!("Ann {n}");
        let now = scoreline_testkit::game::at(n);
        let begun = tokio::time::Instant::now();
        writer.set_nickname(player("ann"), name, now).await.expect("sets");
        reader.listen(&position).await;
        if begun.elapsed() < Duration::from_millis(FEED_POLL_MS) {
            return;
        }
    }
    panic!("no announcement was heard");
}

#[tokio::test]
async fn the_first_transaction_of_a_connection_tells_what_it_does_and_not_one_after_it() {
    let schema = Schema::new();
    let world = World::new(&schema).await;
    let (plan, now) = (world.plan().await, world.clock.now());
    for no in 0..5 {
        // None of the statements has been prepared on the connections of this one.
        let store = schema.open().await;
        let events = vec![played("p", no, 0, 5)];
        let batch = Batch { events, ..Batch::default() };
        store.apply(Arc::clone(&plan), batch, now).await.expect("applies");
    }
    let untold = "SELECT count(*) FROM events
                  WHERE xmin::text::bigint NOT IN (SELECT xid::text::bigint FROM changes)";
    assert_eq!(schema.run(untold).trim(), "0");
    assert_eq!(schema.run("SELECT count(*) FROM events").trim(), "5");
}
