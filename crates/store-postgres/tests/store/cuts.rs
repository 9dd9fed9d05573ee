//! A connection that is cut between any two messages of a batch: all of the batch is stored or
//! nothing, and a caller without an answer finds out by asking again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use scoreline_core::event::Event;
use scoreline_core::fold::Plan;
use scoreline_core::store::{Batch, Store, StoreError};
use scoreline_testkit::game::{assorted, at, event, played};
use scoreline_testkit::postgres::LastMessage;
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

/// More messages than a batch takes.
const MESSAGES_MAX: usize = 1_000;

/// Applies batches through a line that is cut ever later, until one comes through whole. Answers how
/// often the batch was there, and how often it was not, when it was sent again.
async fn cut_everywhere(last: LastMessage) -> (usize, usize) {
    let (mut schema, line) = Schema::behind_a_line().await;
    // One connection, so that every batch says the same.
    schema.settings.connections = 1;
    let mut world = World::new(&schema).await;
    let (mut there, mut not_there) = (0, 0);
    for messages in 0..MESSAGES_MAX {
        let id = 10 * messages as u128;
        let events = vec![
            played("ann", id, 0, 5),
            played("bob", id + 1, 1, 7),
            event("ann", id + 2, 2, "paused", "{}"),
        ];
        let batch = Batch { events: events.clone(), ..Batch::default() };
        let plan = world.plan().await;
        let now = world.clock.advance(10);
        let position = world.store.position().await.expect("answers");
        line.cut_after(messages, last);
        let outcome = world.store.apply(plan.clone(), batch.clone(), now).await;
        let came_through = line.spare();
        if came_through {
            assert_eq!(outcome.expect("applies").applied, events.len());
            world.learn(&events).await;
            world.check().await;
            return (there, not_there);
        }
        assert!(matches!(outcome, Err(StoreError::Unreachable(_))), "{messages}: {outcome:?}");
        let again = world.store.apply(plan, batch, now).await.expect("applies");
        assert_eq!((again.applied + again.duplicates, &again.dead), (events.len(), &vec![]));
        match again.applied {
            0 => there += 1,
            3 => not_there += 1,
            some => panic!("{some} of a batch, cut after {messages} messages"),
        }
        assert_eq!(
            again.told.is_some(),
            again.applied > 0,
            "what was told before is not told again"
        );
        if again.told.is_some() {
            // The announcement of it is not to be the message that is cut.
            world.store.listen(&position).await;
        }
        world.learn(&events).await;
        let totals = world.store.totals().await.expect("answers");
        assert_eq!(totals.applied, world.known.len() as u64, "after {messages} messages");
    }
    panic!("a batch takes fewer messages");
}

#[tokio::test]
async fn a_message_that_is_lost_takes_the_batch_with_it() {
    let (there, not_there) = cut_everywhere(LastMessage::Lost).await;
    assert!(not_there > 5, "{not_there} cuts");
    assert_eq!(there, 0, "nothing is stored that was never told to be");
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_when_the_batch_comes_again() {
    let (there, not_there) = cut_everywhere(LastMessage::Delivered).await;
    assert!(there > 0 && not_there > 5, "{there} and {not_there}");
}

/// Interruptions that must have happened, to any of the writers, before a writer stops.
const INTERRUPTIONS_MIN: usize = 5;

/// Applies events until there is an answer, and again until enough was interrupted.
async fn insist(
    store: &dyn Store,
    plan: &Arc<Plan>,
    events: &[Event],
    interruptions: &AtomicUsize,
) {
    let mut is_answered = false;
    while !is_answered || interruptions.load(Ordering::Relaxed) < INTERRUPTIONS_MIN {
        let batch = Batch { events: events.to_vec(), ..Batch::default() };
        match store.apply(Arc::clone(plan), batch, at(0)).await {
            Ok(applied) => {
                assert_eq!(applied.dead, []);
                is_answered = true;
            }
            Err(StoreError::Unreachable(_)) => {
                interruptions.fetch_add(1, Ordering::Relaxed);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_ended_at_random_while_many_apply_lose_nothing() {
    let schema = Arc::new(Schema::new());
    let mut world = World::new(&*schema).await;
    let nodes = [Arc::clone(&world.store), schema.open().await];
    let interruptions = Arc::new(AtomicUsize::new(0));
    let plan = world.plan().await;
    let events = assorted(240, 5);
    let applying: Vec<_> = (0..4)
        .map(|n| {
            let (store, plan) = (Arc::clone(&nodes[n % 2]), Arc::clone(&plan));
            let interruptions = Arc::clone(&interruptions);
            // Each has half of what the next one has as well.
            let events: Vec<_> = events.iter().cycle().skip(60 * n).take(120).cloned().collect();
            tokio::spawn(async move {
                for batch in events.chunks(12) {
                    insist(&*store, &plan, batch, &interruptions).await;
                }
            })
        })
        .collect();
    while applying.iter().any(|one| !one.is_finished()) {
        let schema = Arc::clone(&schema);
        let ending = tokio::task::spawn_blocking(move || {
            schema.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                 ORDER BY random() LIMIT 1",
            )
        });
        ending.await.expect("runs");
    }
    for one in applying {
        one.await.expect("does not panic");
    }
    world.learn(&events).await;
    world.check().await;
}
