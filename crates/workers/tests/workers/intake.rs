//! What the direct intake promises.

use scoreline_core::game::Class;
use scoreline_core::intake::IntakeError;
use scoreline_core::limits::DIRECT_WAITING_EVENTS_MAX;
use scoreline_core::queue::ByClass;
use scoreline_core::store::{DeadFilter, FigureStore, TournamentStore};
use scoreline_core::time::Clock;
use serde_json::Value;

use crate::support::faults::{Fault, Point};
use crate::support::{HOUR_MS, MINUTE_MS, World, eventually, player};

async fn stored(world: &World) -> u64 {
    world.store.totals().await.expect("totals").applied
}

#[tokio::test]
async fn nobody_is_answered_before_the_commit_and_the_ranks_are_there_with_the_answer() {
    let world = World::new().await;
    world.store.hold();
    let sending = world.sending(&[world.run("ada", 10), world.run("bob", 20)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    assert!(!sending.is_finished(), "nothing is durable yet");
    assert_eq!(stored(&world).await, 0);
    assert_eq!(world.intake().figures().active, 2);

    world.store.let_through();
    let receipt = sending.await.expect("no panic").expect("it is accepted");
    assert_eq!((receipt.accepted, receipt.quarantined), (2, 0));
    assert_eq!(stored(&world).await, 2);
    let ranking = world.ranking(world.board("best")).await;
    assert_eq!(ranking, [("bob".to_owned(), 20), ("ada".to_owned(), 10)]);
    assert_eq!(world.intake().figures().active, 0);
}

#[tokio::test]
async fn what_waits_during_a_commit_is_committed_together() {
    let world = World::new().await;
    world.store.hold();
    let first = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let others: Vec<_> = (0..50).map(|n| world.sending(&[world.run_no("p", 2, n)])).collect();
    let waiting = || async { world.intake().figures().waiting_by_class[Class::Critical] == 50 };
    eventually("all of them wait", waiting).await;
    assert_eq!(world.intake().figures().oldest_waiting, Some(world.clock.now()));

    world.store.let_through();
    for sending in others.into_iter().chain([first]) {
        sending.await.expect("no panic").expect("it is accepted");
    }
    assert_eq!(world.store.applications(), 2);
    let figures = world.intake().figures();
    assert_eq!((figures.completed, figures.waiting_by_class), (51, ByClass::default()));
    assert_eq!(figures.oldest_waiting, None);
    let commits = world.intake().commits();
    assert_eq!(commits.events.buckets.iter().map(|(_, count)| count).sum::<u64>(), 2);
    assert!((commits.events.sum - 51.0).abs() < 1e-9);
}

#[tokio::test]
async fn a_full_line_refuses_with_a_time_to_wait_and_takes_more_once_it_is_shorter() {
    let world = World::new().await;
    world.store.hold();
    let first = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let events: Vec<Value> =
        (0..).take(DIRECT_WAITING_EVENTS_MAX / 8).map(|n| world.run_no("p", 2, n)).collect();
    let intake = world.intake();
    let many = world.checked(world.clock.now(), &events);
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let (intake, arrival) = (world.intake(), intake.arrive());
            let submission = scoreline_core::intake::Submission {
                events: many.events.clone(),
                rejected: Vec::new(),
            };
            tokio::spawn(async move { intake.submit(arrival, submission).await })
        })
        .collect();
    let full = DIRECT_WAITING_EVENTS_MAX as u64;
    eventually("the line is full", || async {
        intake.figures().waiting_by_class[Class::Critical] == full
    })
    .await;

    let refused = world.send(&[world.run("late", 1)]).await;
    let Err(error @ IntakeError::Overloaded { .. }) = refused else {
        panic!("expected a refusal, got {refused:?}")
    };
    assert!((1..=30).contains(&error.retry_after_s()));

    world.store.let_through();
    for sending in waiting.into_iter().chain([first]) {
        sending.await.expect("no panic").expect("what was in line is accepted");
    }
    world.send(&[world.run("late", 1)]).await.expect("there is room again");
    assert_eq!(stored(&world).await, full / 8 + 2, "each distinct event once");
}

#[tokio::test]
async fn a_full_disk_is_said_at_once_and_intake_recovers_by_itself() {
    let world = World::new().await;
    world.store.fail(Point::Apply, Fault::DiskFull);
    world.store.fail(Point::Ping, Fault::DiskFull);
    let refused = world.send(&[world.run("p", 1)]).await;
    let Err(IntakeError::Unavailable { reason, .. }) = refused else {
        panic!("expected a refusal, got {refused:?}")
    };
    assert!(reason.contains("disk is full"), "{reason}");
    assert!(world.intake().figures().refusing.is_some());

    let before = world.store.applications();
    for _ in 0..20 {
        world.send(&[world.run("p", 1)]).await.expect_err("the store is known to be down");
    }
    assert!(world.store.applications() <= before + 1, "the store is not asked for each");

    world.store.repair();
    let recovered = || async { world.intake().figures().refusing.is_none() };
    eventually("the intake has noticed", recovered).await;
    world.send(&[world.run("p", 1)]).await.expect("it is accepted again");
    assert_eq!(stored(&world).await, 1);
}

#[tokio::test]
async fn those_behind_a_failed_commit_are_told_too() {
    let world = World::new().await;
    world.store.hold();
    world.store.fail(Point::Apply, Fault::Failed);
    let first = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let behind = world.sending(&[world.run("q", 1)]);
    let waits = || async { world.intake().figures().waiting_by_class[Class::Critical] == 1 };
    eventually("another one waits", waits).await;
    world.store.let_through();
    for sending in [first, behind] {
        let refused = sending.await.expect("no panic");
        assert!(matches!(refused, Err(IntakeError::Unavailable { .. })), "{refused:?}");
    }
    assert_eq!(world.store.applications(), 1);
    assert_eq!(world.intake().watermark(), world.clock.now(), "nothing is held open by them");
}

#[tokio::test]
async fn a_panic_in_the_store_costs_one_batch_and_not_the_intake() {
    let world = World::new().await;
    world.store.fail(Point::Apply, Fault::Panic);
    let refused = world.send(&[world.run("p", 1)]).await;
    assert!(matches!(refused, Err(IntakeError::Unavailable { .. })), "{refused:?}");
    world.store.repair();
    let recovered = || async { world.send(&[world.run("p", 1)]).await.is_ok() };
    eventually("the next ones are taken", recovered).await;
}

#[tokio::test]
async fn an_unheard_answer_is_healed_by_sending_again() {
    let world = World::new().await;
    let events = [world.run("p", 1), world.run("p", 2)];
    world.store.fail(Point::Apply, Fault::FailedAfterwards);
    world.send(&events).await.expect_err("the answer was lost");
    world.store.repair();
    let again = || async { world.send(&events).await.is_ok() };
    eventually("it is accepted", again).await;
    assert_eq!(world.verify().await, 2, "counted once, though it was committed twice");
    assert_eq!(world.ranking(world.board("best")).await, [("p".to_owned(), 2)]);
}

#[tokio::test]
async fn work_goes_on_when_its_sender_has_gone_and_holds_the_watermark_until_then() {
    let world = World::new().await;
    world.store.hold();
    let received_at = world.clock.now();
    let sending = world.sending(&[world.run("p", 1)]);
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    sending.abort();
    sending.await.expect_err("it was cancelled");
    world.clock.advance(MINUTE_MS);
    assert_eq!(world.intake().watermark(), received_at);
    world.store.let_through();
    let settled = || async { world.intake().watermark() == world.clock.now() };
    eventually("it is settled", settled).await;
    assert_eq!(stored(&world).await, 1);
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_slow_database_is_told_to_come_again() {
    let world = World::new().await;
    world.store.hold();
    let (first, second) = (world.run("p", 1), world.run_no("p", 2, 2));
    let begun = world.sending(std::slice::from_ref(&first));
    eventually("the commit begins", || async { world.store.applications() == 1 }).await;
    let waiting = world.sending(std::slice::from_ref(&second));
    eventually("it waits", || async {
        world.intake().figures().waiting_by_class[Class::Critical] == 1
    })
    .await;
    // The time of timers, not of the game. Only senders have timers here.
    tokio::time::pause();
    for sending in [begun, waiting] {
        let refused = sending.await.expect("no panic").expect_err("it took too long");
        assert!(matches!(refused, IntakeError::Unavailable { .. }), "{refused}");
        assert!(refused.to_string().contains("within 10 s") && refused.retry_after_s() >= 1);
    }
    tokio::time::resume();
    world.clock.advance(MINUTE_MS);
    world.store.let_through();
    let settled = || async { world.intake().watermark() == world.clock.now() };
    eventually("all is settled", settled).await;
    assert_eq!(stored(&world).await, 1, "what was under way; what had not begun was let go");
    world.send(&[first, second]).await.expect("a resend");
    assert_eq!(world.verify().await, 2);
}

#[tokio::test]
async fn a_late_comer_does_not_overtake_on_a_tie() {
    let world = World::new().await;
    world.send(&[world.run("zoe", 50)]).await.expect("accepted");
    world.clock.advance(1);
    world.send(&[world.run("ada", 50)]).await.expect("accepted");
    world.clock.advance(1);
    world.send(&[world.run_no("zoe", 50, 1)]).await.expect("accepted");
    let ranking = world.ranking(world.board("best")).await;
    assert_eq!(ranking, [("zoe".to_owned(), 50), ("ada".to_owned(), 50)]);
}

#[tokio::test]
async fn a_plan_that_changed_elsewhere_is_fetched_and_the_events_are_applied() {
    let world = World::new().await;
    let before = world.plan().version;
    let open = world.store.open_tournaments().await.expect("tournaments");
    let upcoming = open.last().expect("the next one");
    let cancelled = world.store.cancel_tournament(upcoming.id.clone(), world.clock.now()).await;
    cancelled.expect("it is cancelled behind the back of the workers");
    world.send(&[world.run("p", 1)]).await.expect("accepted");
    assert!(world.plan().version > before);
}

#[tokio::test]
async fn rejected_events_are_quarantined_with_the_commit() {
    let world = World::new().await;
    let mut unknown = world.run("p", 1);
    unknown["event_type"] = Value::from("dance");
    let receipt = world.send(&[world.run("p", 1), unknown]).await.expect("accepted");
    assert_eq!((receipt.accepted, receipt.quarantined), (1, 1));
    assert_eq!(world.store.totals().await.expect("totals").quarantined, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_concurrency_ranks_end_as_the_store_has_them() {
    let world = World::new().await;
    for round in 0..20 {
        let sending: Vec<_> = (0..20)
            .map(|n| world.sending(&[world.run_no(&format!("p{}", n % 3), round * 20 + n, n)]))
            .collect();
        let operations = world.operations();
        operations.retry_dead(DeadFilter::default(), 10).await.expect("nothing is dead");
        for sending in sending {
            sending.await.expect("no panic").expect("accepted");
        }
        for n in 0..3 {
            let (ranks, players) = (world.ranks(), [player(&format!("p{n}"))]);
            let places = ranks.places(world.board("best"), &players).await.expect("ranks");
            let place = places.answer[0].as_ref().expect("on the board");
            let best = (0..20).filter(|k| k % 3 == n).max().expect("some") + round * 20;
            assert_eq!(place.entry.standing.points, best);
        }
    }
    world.clock.advance(HOUR_MS);
    assert_eq!(world.verify().await, 400);
}
