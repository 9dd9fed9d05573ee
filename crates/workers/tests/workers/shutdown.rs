//! Stopping: everything that was accepted is answered.

use std::time::Duration;

use scoreline_core::game::Class;
use scoreline_core::intake::IntakeError;
use scoreline_core::store::FigureStore;
use scoreline_workers::Stopped;

use crate::support::{World, eventually};

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_shutdown_answers_all_that_was_accepted_and_refuses_what_comes_later() {
    let world = World::new().await;
    world.store.hold();
    let first = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let others: Vec<_> = (0..10).map(|n| world.sending(&[world.run_no("p", 2, n)])).collect();
    let waiting = || async { world.intake().figures().waiting_by_class[Class::Critical] == 10 };
    eventually("the others wait", waiting).await;

    let (stopped, ()) = tokio::join!(world.workers.shutdown(LONG), async {
        let refuses = || async {
            matches!(world.send(&[world.run("late", 1)]).await, Err(IntakeError::ShuttingDown))
        };
        eventually("new events are refused", refuses).await;
        world.store.let_through();
    });
    assert_eq!(stopped, Stopped { intake_drained: true, jobs_rested: true });
    for sending in others.into_iter().chain([first]) {
        sending.await.expect("no panic").expect("it was accepted before");
    }
    assert_eq!(world.store.totals().await.expect("totals").applied, 11);
    assert_eq!(world.workers.shutdown(LONG).await, stopped, "repeating it changes nothing");
}

#[tokio::test]
async fn a_shutdown_that_cannot_drain_says_so_at_its_deadline() {
    let world = World::new().await;
    world.store.hold();
    let sending = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let stopped = world.workers.shutdown(Duration::from_millis(20)).await;
    assert!(!stopped.intake_drained);
    world.store.let_through();
    sending.await.expect("no panic").expect("late is better than never");
}
