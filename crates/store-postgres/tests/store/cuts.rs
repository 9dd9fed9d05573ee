//! A connection that is cut between any two messages of a batch: all or nothing, and whoever got no
//! answer finds out by asking again.

use scoreline_core::store::{Batch, StoreError};
use scoreline_testkit::game::{event, played};
use scoreline_testkit::postgres::LastMessage;
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
        assert!(!again.touched.is_empty(), "what follows is told even for duplicates");
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
