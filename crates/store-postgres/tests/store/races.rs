//! What happens only where transactions meet: deadlocks, and locks in the order of those who write.

use std::sync::Arc;

use scoreline_core::error::ErrorKind;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::store::{Batch, StoreError};
use scoreline_core::time::Clock;
use scoreline_testkit::game::{DAY_MS, assorted, monday, played};
use scoreline_testkit::store_conformance::Database as _;
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

/// Lets writing to boards fail as the loser of a deadlock does, `times` times. A sequence counts
/// them, because it is not taken back with the transaction.
fn lose_deadlocks(schema: &Schema, times: u32) {
    schema.run(&format!(
        "CREATE SEQUENCE deadlocks;
         GRANT USAGE ON SEQUENCE deadlocks TO game;
         CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('scoreline.deadlocks') <= {times} THEN
                 RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER lose AFTER INSERT ON board_entries FOR EACH STATEMENT EXECUTE FUNCTION lose()"
    ));
}

#[tokio::test]
async fn a_batch_that_loses_a_deadlock_is_applied_again_without_its_caller_knowing() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    lose_deadlocks(&schema, 3);
    let applied = world.apply(&assorted(50, 1)).await;
    assert!(applied.applied > 0);
    world.check().await;
}

#[tokio::test]
async fn a_batch_that_loses_every_time_is_told_to_wait() {
    let schema = Schema::new();
    let world = World::new(&schema).await;
    lose_deadlocks(&schema, 1_000);
    let batch = Batch { events: assorted(50, 1), ..Batch::default() };
    let outcome = world.store.apply(world.plan().await, batch, world.clock.now()).await;
    let error = outcome.expect_err("it loses");
    assert!(matches!(error, StoreError::LostRace(_)), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Busy);
    world.check().await;
}

/// Days that somebody has to themselves, and whether somebody waits for all of them.
const DAYS_TAKEN: &str = "SELECT count(*) FILTER (WHERE granted AND c.relname ~ '^events_2'),
        count(*) FILTER (WHERE NOT granted AND c.relname = 'events')
     FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
     WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.mode = 'AccessExclusiveLock'";

#[tokio::test(flavor = "multi_thread")]
async fn who_drops_a_day_holds_none_while_it_waits_for_those_who_write() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&[played("ann", 1, 0, 5)]).await;
    let (plan, store) = (world.plan().await, Arc::clone(&world.store));
    let before = monday().plus_ms(100_000 * DAY_MS);
    // As far as an insert has come before it knows into which day the event goes.
    let writer = schema.hold("LOCK TABLE ONLY events IN ROW EXCLUSIVE MODE");
    let removing = tokio::spawn(async move { store.remove_events(plan, before, 1_000).await });
    let mut waited = false;
    while !removing.is_finished() {
        let seen = schema.run(DAYS_TAKEN);
        assert!(seen.starts_with("0|"), "a day is held: {seen}");
        waited |= seen.trim() == "0|1";
    }
    assert!(waited, "it was seen waiting");
    let removed = removing.await.expect("does not panic").expect("gives up dropping, not removing");
    assert!(removed.finished);
    drop(writer);
    let plan = world.plan().await;
    world.store.remove_events(plan, before, 1_000).await.expect("removes nothing, drops days");
    let days = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass";
    assert_eq!(schema.run(days).trim(), "1", "only that of absurd times is left");
}

/// Whether somebody waits for a lock in this database.
const SOMEBODY_WAITS: &str = "SELECT count(*) > 0 FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test(flavor = "multi_thread")]
async fn a_player_who_gets_a_first_row_from_two_sides_keeps_what_both_wrote() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&[played("bob", 1, 0, 5)]).await;
    let coins = world.projection(ProjectionKind::Statistic, "coins").await.slot.0;
    let other = schema.hold(&schema.add_to_statistic("ann", coins, 100));
    let (plan, store, now) = (world.plan().await, Arc::clone(&world.store), world.clock.now());
    let batch = Batch { events: vec![played("ann", 2, 0, 5)], ..Batch::default() };
    let applying = tokio::spawn(async move { store.apply(plan, batch, now).await });
    while schema.run(SOMEBODY_WAITS).trim() == "f" {
        assert!(!applying.is_finished(), "it waits for the other's row");
    }
    other.commit();
    applying.await.expect("does not panic").expect("applies");
    let amounts = |player: &str, more: i64| {
        schema.run(&format!(
            "SELECT statistic, amount - CASE statistic WHEN 'coins' THEN {more} ELSE 0 END
             FROM readable_statistics WHERE player_id = '{player}' ORDER BY statistic"
        ))
    };
    assert!(amounts("bob", 0).contains("coins"));
    assert_eq!(amounts("ann", 100), amounts("bob", 0));
}
