//! What happens only where transactions meet: deadlocks, and locks in the order of those who write.

use std::sync::Arc;

use scoreline_core::audit::{Act, Actor};
use scoreline_core::erasure::Erasure;
use scoreline_core::error::ErrorKind;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::joining::Joining;
use scoreline_core::naming::NewName;
use scoreline_core::store::{Batch, Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::HandPrize;
use scoreline_core::void::{Meant, Voiding};
use scoreline_testkit::game::{DAY_MS, assorted, monday, played, player, restamped};
use scoreline_testkit::store_conformance::Database as _;
use scoreline_testkit::store_conformance::world::World;

use uuid::Uuid;

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
    assert_eq!(schema.run(days).trim(), "2", "only those of absurd times are left");
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

/// What a player or an operator does to `ann` meanwhile.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    Name,
    Bind,
    Award,
}

impl Meanwhile {
    const ALL: [Self; 3] = [Self::Name, Self::Bind, Self::Award];

    async fn is_done(self, store: Arc<dyn Store>, now: Timestamp) -> Result<(), StoreError> {
        let ann = player("ann");
        match self {
            Self::Name => {
                let name = NewName::of("Ann".to_owned(), false);
                store.name(ann, name, now).await.map(drop)
            }
            Self::Bind => store.bind_secret(ann, "hash".to_owned(), now).await.map(drop),
            Self::Award => {
                let prize = HandPrize::new(None, ann, [1, 0], "why").expect("a prize");
                store.award_prize(prize, act("awardPrize", now)).await.map(drop)
            }
        }
    }
}

fn act(what: &str, at: Timestamp) -> Act {
    let by = Actor { name: "ops".to_owned(), key: None, address: None };
    Act { by, what: what.to_owned(), target: "ann".to_owned(), note: None, at }
}

/// Lets `going` come as far as the row that all acts lock, and `meanwhile` wait for it; then both go on.
async fn meet(
    schema: &Schema,
    world: &World<'_>,
    going: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    meanwhile: Meanwhile,
) -> StoreError {
    let acts = schema.hold("UPDATE store_state SET acts = acts");
    let going = tokio::spawn(going);
    while schema.run(MANY_WAIT).trim() != "1" {
        assert!(!going.is_finished(), "it waits for the row of acts");
    }
    let other = tokio::spawn(meanwhile.is_done(Arc::clone(&world.store), world.clock.now()));
    while schema.run(MANY_WAIT).trim() != "2" {
        assert!(!other.is_finished(), "{meanwhile:?} waits until it is known whose the player is");
    }
    acts.commit();
    going.await.expect("does not panic").expect("is done");
    other.await.expect("does not panic").expect_err("the player is gone")
}

/// How many wait for a lock in this database.
const MANY_WAIT: &str = "SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_moved_meanwhile_gets_no_name_no_secret_and_no_prize() {
    for meanwhile in Meanwhile::ALL {
        let schema = Schema::new();
        let mut world = World::new(&schema).await;
        world.apply(&[played("ann", 1, 0, 5), played("bob", 2, 0, 5)]).await;
        let moves = move_ann(&world, false).await;
        let refused = meet(&schema, &world, moves, meanwhile).await;
        assert!(matches!(refused, StoreError::Moved), "{meanwhile:?}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_meanwhile_gets_no_name_no_secret_and_no_prize() {
    for meanwhile in Meanwhile::ALL {
        let schema = Schema::new();
        let mut world = World::new(&schema).await;
        world.apply(&[played("ann", 1, 0, 5)]).await;
        let (store, now) = (Arc::clone(&world.store), world.clock.now());
        let erases = async move {
            let erasure = Erasure { job: Uuid::from_u128(7), player: player("ann") };
            let asked = store.request_erasure(erasure, "key".into(), act("erasePlayer", now));
            asked.await.map(drop)
        };
        let refused = meet(&schema, &world, erases, meanwhile).await;
        assert!(matches!(refused, StoreError::Erased), "{meanwhile:?}: {refused:?}");
    }
}

/// All events of a player.
const EVERYTHING: Meant = Meant::Fitting { event_type: None, from: None, until: None };

/// Lets retention come as far as what it writes, and `meanwhile` as far as it comes; then both go on.
async fn meet_retention<T: Send + 'static>(
    schema: &Schema,
    world: &World<'_>,
    meanwhile: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> T {
    let boards = schema.hold("LOCK TABLE board_entries IN SHARE MODE");
    let (plan, store) = (world.plan().await, Arc::clone(&world.store));
    let before = monday().plus_ms(100 * DAY_MS);
    let removing = tokio::spawn(async move { store.remove_events(plan, before, 1_000).await });
    while schema.run(MANY_WAIT).trim() != "1" {
        assert!(!removing.is_finished(), "it waits for the boards");
    }
    let other = tokio::spawn(meanwhile);
    while schema.run(MANY_WAIT).trim() != "2" {
        assert!(!other.is_finished(), "it waits as well");
    }
    boards.commit();
    let removed = removing.await.expect("does not panic").expect("removes");
    assert_eq!(removed.events, 1);
    other.await.expect("does not panic").expect("is done")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voided_while_it_is_merged_counts_in_the_baseline_or_not_at_all() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&[played("ann", 1, 0, 5)]).await;
    let (plan, store, now) = (world.plan().await, Arc::clone(&world.store), world.clock.now());
    let voided = meet_retention(&schema, &world, async move {
        let voiding = Voiding { meant: EVERYTHING, void: true, dry_run: false };
        store.void(plan, player("ann"), voiding, act("voidEvents", now)).await
    });
    assert_eq!(voided.await.changed, 0, "it is gone");
    assert_eq!(world.verify().await.differing, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_comes_while_the_event_is_merged_changes_no_receipt_in_the_baseline() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let game = played("ann", 1, -1, 5);
    // The week turns between the two receipts.
    world.apply(&[restamped(&game, -1, 1)]).await;
    let (plan, store, now) = (world.plan().await, Arc::clone(&world.store), world.clock.now());
    let batch = Batch { events: vec![game], ..Batch::default() };
    let applied =
        meet_retention(&schema, &world, async move { store.apply(plan, batch, now).await });
    let applied = applied.await;
    // Each may hold what the other waits for. If PostgreSQL takes back the removal, the event is there; if the copy,
    // its id is free again.
    assert_eq!(applied.applied + applied.duplicates, 1);
    assert_eq!(world.verify().await.differing, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_looking_at_a_move_waits_for_nobody() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&[played("ann", 1, 0, 5), played("bob", 2, 0, 5)]).await;
    let rows = schema.hold(
        "SELECT * FROM player_statistics FOR UPDATE; SELECT * FROM board_entries FOR UPDATE;
         SELECT * FROM player_analytics FOR UPDATE; SELECT * FROM store_state FOR UPDATE",
    );
    let moves = move_ann(&world, true).await;
    let looking = tokio::spawn(moves);
    while !looking.is_finished() {
        assert_eq!(schema.run(MANY_WAIT).trim(), "0");
    }
    looking.await.expect("does not panic").expect("looks");
    drop(rows);
}

#[tokio::test]
async fn a_move_that_loses_a_deadlock_is_tried_again_without_its_caller_knowing() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    world.apply(&[played("ann", 1, 0, 5), played("bob", 2, 0, 5)]).await;
    lose_deadlocks(&schema, 3);
    move_ann(&world, false).await.await.expect("moves");
    assert_eq!(world.store.moved_to(player("ann")).await.expect("answers"), Some(player("bob")));
    assert_eq!(world.verify().await.differing, 0);
}

/// Moves ann to bob, or looks what that would do.
async fn move_ann(
    world: &World<'_>,
    dry_run: bool,
) -> impl Future<Output = Result<(), StoreError>> + Send + 'static {
    let (plan, store, now) = (world.plan().await, Arc::clone(&world.store), world.clock.now());
    async move {
        let (player, to) = (player("ann"), player("bob"));
        let joining = Joining { player, to, id: Uuid::from_u128(7), dry_run };
        store.move_player(plan, joining, act("movePlayer", now)).await.map(drop)
    }
}
