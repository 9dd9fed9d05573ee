//! What the queued intake and its workers promise.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::game::Class;
use scoreline_core::intake::IntakeError;
use scoreline_core::limits::{QUEUE_LEASE_MS, QUEUE_RETRY_LONGEST_MS};
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Hold, Memory, Objection, ObjectionKind, Parcel, Queue, QueueSettings, Settled,
};
use scoreline_core::store::{DeadFilter, DeadStore, FigureStore, PrizeStore, TournamentStore};
use scoreline_core::time::Clock;
use scoreline_testkit::memory_queue::{self, MemoryBroker};
use scoreline_testkit::queue_conformance::world::DATABASE;
use serde_json::json;
use tokio::time::Instant;

use crate::support::faults::{Fault, Point};
use crate::support::{HOUR_MS, World, eventually, player};

async fn stored(world: &World) -> u64 {
    world.store.totals().await.expect("totals").applied
}

async fn applied(world: &World, events: u64) {
    eventually("the workers have applied everything", || async {
        stored(world).await == events && waiting(world) == 0
    })
    .await;
}

fn waiting(world: &World) -> u64 {
    let figures = world.intake().figures();
    figures.waiting_by_class.total() + figures.active + figures.delayed
}

fn away(world: &World) -> Option<String> {
    world.intake().figures().queue.expect("there is a queue").away
}

#[tokio::test]
async fn an_event_is_acknowledged_by_the_queue_and_applied_by_a_worker() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.hold();
    let receipt = world.send(&[world.run("ada", 10), json!({"event_type": "run"})]).await;
    let receipt = receipt.expect("the queue keeps it, though nothing was applied");
    assert_eq!((receipt.accepted, receipt.quarantined), (1, 1));
    assert_eq!(stored(&world).await, 0);

    world.store.let_through();
    applied(&world, 1).await;
    eventually("the ranks follow", || async {
        world.ranking(world.board("best")).await == [("ada".to_owned(), 10)]
    })
    .await;
    assert_eq!(world.store.totals().await.expect("totals").quarantined, 1);
    let figures = world.intake().figures();
    assert_eq!((figures.mode, figures.workers, figures.completed), ("redis", 2, 1));
    world.verify().await;
}

#[tokio::test]
async fn while_the_database_is_away_events_are_accepted_and_no_attempt_is_burned() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.fail(Point::Apply, Fault::DiskFull);
    world.store.fail(Point::Ping, Fault::DiskFull);
    for n in 0..20 {
        world.send(&[world.run_no("ada", 10, n)]).await.expect("accepted");
    }
    eventually("the workers wait", || async {
        world.intake().figures().queue.is_some_and(|queue| queue.held_up.is_some())
    })
    .await;
    assert_eq!(world.intake().figures().refusing, None, "intake goes on");
    assert_eq!(stored(&world).await, 0);

    world.store.repair();
    applied(&world, 20).await;
    assert_eq!(world.intake().figures().delayed, 0);
    assert_eq!(world.store.totals().await.expect("totals").dead, 0);
    world.verify().await;
}

#[tokio::test]
async fn while_the_queue_is_away_events_go_to_the_store_and_then_through_it_again() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    for fault in [memory_queue::Fault::Unreachable, memory_queue::Fault::NotDurable] {
        let before = stored(&world).await;
        broker.set_fault(Some(fault));
        world.send(&[world.run_no("ada", 10, fault as i64)]).await.expect("accepted");
        assert_eq!(stored(&world).await, before + 1, "acknowledged after the commit");
        assert_eq!(world.intake().figures().mode, "direct");
        assert!(away(&world).is_some());

        broker.set_fault(None);
        eventually("the queue is used again", || async { away(&world).is_none() }).await;
    }
    world.store.hold();
    world.send(&[world.run("bob", 20)]).await.expect("accepted by the queue alone");
    world.store.let_through();
    applied(&world, 3).await;
    world.verify().await;
}

/// Takes the queue away for so long that it is left alone for seconds.
async fn leave_alone(broker: &MemoryBroker, world: &World) {
    broker.set_fault(Some(memory_queue::Fault::Unreachable));
    eventually("it was missed often", || async { broker.refusals() > 50 }).await;
    assert!(away(world).is_some());
}

#[tokio::test]
async fn events_that_the_store_does_not_take_go_to_a_queue_that_is_just_back() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    leave_alone(&broker, &world).await;
    world.send(&[world.run_no("ada", 10, 1)]).await.expect("the store takes it");
    world.store.fail(Point::Apply, Fault::DiskFull);
    world.store.fail(Point::Ping, Fault::DiskFull);
    let refused = world.send(&[world.run_no("ada", 10, 2)]).await;
    assert!(matches!(refused, Err(IntakeError::Unavailable { .. })), "both are away: {refused:?}");

    let both = || async { away(&world).is_some() && world.intake().figures().refusing.is_some() };
    assert!(both().await);
    broker.set_fault(None);
    world.clock.advance(1);
    // Several at once: one of them finds out for all.
    let sent = (3..10).map(|no| world.sending(&[world.run_no("ada", 10, no)])).collect::<Vec<_>>();
    for one in sent {
        one.await.expect("it ends").expect("the queue takes it");
    }
    assert_eq!((away(&world), stored(&world).await), (None, 1));
    world.store.repair();
    applied(&world, 8).await;
    world.verify().await;
}

#[tokio::test]
async fn a_queue_that_is_back_is_used_again_at_once_however_long_it_was_away() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    leave_alone(&broker, &world).await;
    broker.set_fault(None);
    let back = Instant::now();
    eventually("the queue is used again", || async { away(&world).is_none() }).await;
    assert!(back.elapsed() < Duration::from_secs(2), "only after {:?}", back.elapsed());
}

#[tokio::test]
async fn what_a_listener_heard_last_makes_nobody_leave_a_queue_alone_that_answers() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    broker.set_fault(Some(memory_queue::Fault::Deaf));
    eventually("every worker has asked its listener", || async {
        assert_eq!(away(&world), None);
        broker.refusals() > 4
    })
    .await;
    world.send(&[world.run("ada", 10)]).await.expect("the queue takes it");
    applied(&world, 1).await;
    assert_eq!(away(&world), None);
}

#[tokio::test]
async fn a_queue_that_may_forget_is_not_trusted_unless_that_is_accepted() {
    let broker = MemoryBroker::new();
    let objection = |about| Objection { about, message: format!("{about:?} in words") };
    broker.set_objections(vec![objection(ObjectionKind::Evicting)]);
    let world = World::queued(&broker).await;
    assert_eq!(away(&world).as_deref(), Some("Evicting in words"));
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    assert_eq!(stored(&world).await, 1, "it went to the store");

    broker.set_objections(vec![objection(ObjectionKind::Volatile)]);
    let world = World::queued(&broker).await;
    assert_eq!(away(&world), None, "these tests accept a volatile queue");
    let risks = world.intake().figures().queue.expect("there is a queue").risks;
    assert_eq!(risks, ["Volatile in words"], "but it is said");
}

#[tokio::test]
async fn a_full_queue_tells_clients_to_come_back_and_is_no_trouble() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    broker.set_memory(Memory { used_bytes: 100, most_bytes: Some(100) });
    let refused = world.send(&[world.run("ada", 10)]).await;
    assert!(matches!(refused, Err(IntakeError::Overloaded { .. })), "{refused:?}");
    assert_eq!(away(&world), None);
    broker.set_memory(Memory::default());
    world.send(&[world.run("ada", 10)]).await.expect("there is room");
    applied(&world, 1).await;
}

#[tokio::test]
async fn what_cannot_be_applied_is_tried_three_times_and_buried_alone() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.poison(player("eve"));
    world.store.hold();
    for (name, no) in [("ada", 1), ("eve", 2), ("bob", 3), ("eve", 4)] {
        world.send(&[world.run_no(name, 10, no)]).await.expect("accepted");
    }
    world.send(&[world.run_no("cyd", 10, 5), world.run_no("eve", 10, 6)]).await.expect("accepted");
    world.store.let_through();
    let dead = || async { world.store.totals().await.expect("totals").dead == 3 };
    eventually("all of one player are dead", || async {
        broker.age(Duration::from_millis(2 * QUEUE_RETRY_LONGEST_MS));
        dead().await && waiting(&world) == 0
    })
    .await;
    assert_eq!(stored(&world).await, 3, "the one that shared a request is applied");
    let buried = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers").rows;
    assert!(buried.iter().all(|one| one.reason.contains("a fault that a test asked for")));

    world.store.repair();
    let retried = world.operations().retry_dead(DeadFilter::default(), 10).await.expect("retried");
    assert_eq!(retried.processed, 3);
    world.verify().await;
}

#[tokio::test]
async fn an_entry_of_a_newer_version_is_left_for_others_and_holds_nothing_up_but_the_tournament() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    let newer_node = broker.connect(QueueSettings::of(DATABASE));
    let parcel = Parcel::from_stored(Arc::from([2_u8, 9, 9].as_slice()), 3, world.clock.now());
    newer_node.push(Class::Critical, &parcel).await.expect("takes a parcel");
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    for _ in 0..5 {
        eventually("it is put off", || async { world.intake().figures().delayed == 3 }).await;
        assert_eq!(stored(&world).await, 1, "the others go on");
        broker.age(Duration::from_secs(5));
    }
    world.clock.advance(HOUR_MS);
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None, "it may belong to it");
    // A newer node comes and takes it, as fresh as it was.
    let leased = loop {
        broker.age(Duration::from_secs(5));
        let leased = newer_node.claim(10, &Shares::default()).await.expect("claims");
        if let Some(one) = leased.into_iter().next() {
            break one;
        }
    };
    assert_eq!((leased.attempts, &leased.parcel), (0, &parcel), "no attempt was burned");
    let settled = Settled { lease: leased.lease, dead: 0 };
    assert_eq!(newer_node.settle(&[settled]).await.expect("settles"), [Hold::Held]);
    world.tick().await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
    assert_eq!(world.store.totals().await.expect("totals").dead, 0);
    world.verify().await;
}

#[tokio::test]
async fn what_was_applied_while_the_queue_was_away_is_settled_as_soon_as_it_is_back() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.hold();
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    eventually("a worker holds it", || async { world.store.applications() == 1 }).await;
    broker.set_fault(Some(memory_queue::Fault::Unreachable));
    world.store.let_through();
    eventually("it is applied", || async { stored(&world).await == 1 }).await;
    eventually("the queue is missed", || async { away(&world).is_some() }).await;
    broker.set_fault(None);
    // No time passes: its lease does not run out.
    eventually("it is settled", || async { away(&world).is_none() && waiting(&world) == 0 }).await;
    assert_eq!(world.intake().figures().queue.expect("there is a queue").reclaimed, 0);
    world.verify().await;
}

#[tokio::test]
async fn a_worker_that_panics_does_not_take_the_others_work_along() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.fail(Point::Apply, Fault::Panic);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    eventually("it waits for another attempt", || async { world.intake().figures().delayed == 1 })
        .await;
    world.store.repair();
    broker.age(Duration::from_millis(QUEUE_RETRY_LONGEST_MS));
    world.send(&[world.run("bob", 20)]).await.expect("accepted");
    applied(&world, 2).await;
}

#[tokio::test]
async fn what_was_committed_without_the_worker_hearing_of_it_is_not_counted_twice() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.fail(Point::Apply, Fault::FailedAfterwards);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    eventually("it was tried", || async { world.store.applications() > 0 }).await;
    world.store.repair();
    eventually("it is settled", || async {
        broker.age(Duration::from_millis(QUEUE_RETRY_LONGEST_MS));
        stored(&world).await == 1 && waiting(&world) == 0
    })
    .await;
    world.verify().await;
}

#[tokio::test]
async fn a_paused_class_waits_and_no_tournament_closes_over_it() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.operations().pause(Some(Class::Critical)).await.expect("paused");
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    eventually("it is seen", || async { world.intake().figures().paused[Class::Critical] }).await;
    world.clock.advance(HOUR_MS);
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None, "its last event waits");

    world.operations().resume(None).await.expect("resumed");
    applied(&world, 1).await;
    world.tick().await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
    let prizes = world.store.prizes_of(cup.id, 0, 10).await.expect("prizes");
    assert_eq!(prizes.len(), 1, "it won");
}

#[tokio::test]
async fn what_waits_survives_a_restart_and_what_a_dead_node_held_is_taken_over() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.operations().pause(None).await.expect("paused");
    for n in 0..30 {
        world.send(&[world.run_no("ada", n, n)]).await.expect("accepted");
    }
    let world = world.restarted().await;
    assert_eq!(stored(&world).await, 0);
    let dead_node = broker.connect(QueueSettings::of(DATABASE));
    world.operations().resume(None).await.expect("resumed");
    // Whichever of both was quicker: what the other node holds comes back when its lease is over.
    let _held = dead_node.claim(10, &Shares::default()).await.expect("claims");
    eventually("everything is applied", || async {
        broker.age(Duration::from_millis(QUEUE_LEASE_MS + 1));
        stored(&world).await == 30 && waiting(&world) == 0
    })
    .await;
    world.verify().await;
}

#[tokio::test]
async fn a_queue_that_lost_its_data_shows_and_intake_goes_on() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.operations().pause(None).await.expect("paused");
    world.send(&[world.run("ada", 10), world.run("bob", 10)]).await.expect("accepted");
    eventually("it was seen waiting", || async { waiting(&world) == 2 }).await;
    broker.lose_everything();
    world.operations().resume(None).await.expect("resumed");
    let losses = || world.intake().figures().queue.expect("there is a queue").losses;
    eventually("the loss is noticed", || async { losses().times > 0 }).await;
    assert_eq!(losses().events, 2);
    let news = world.intake().figures().queue.expect("there is a queue").recent_losses;
    assert_eq!(news, losses());
    world.send(&[world.run("cyd", 10)]).await.expect("accepted");
    applied(&world, 1).await;
    world.verify().await;
}

#[tokio::test]
async fn shutting_down_refuses_what_comes_and_finishes_what_is_held() {
    let broker = MemoryBroker::new();
    let world = World::queued(&broker).await;
    world.store.hold();
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    eventually("a worker holds it", || async { world.store.applications() == 1 }).await;
    let stopping = world.workers.shutdown(Duration::from_secs(10));
    let letting = async { world.store.let_through() };
    let (stopped, ()) = tokio::join!(stopping, letting);
    assert!(stopped.intake_drained && stopped.jobs_rested);
    assert_eq!(stored(&world).await, 1);
    let refused = world.send(&[world.run("bob", 10)]).await;
    assert!(matches!(refused, Err(IntakeError::ShuttingDown)), "{refused:?}");
    assert_eq!(world.intake().watermark(), world.clock.now());
}
