//! What operators can do while the server runs.

use scoreline_core::error::ErrorKind;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::operations::{OperationError, RebuildScope, RebuildStatus, Requeued, Retried};
use scoreline_core::store::{DeadFilter, FigureStore, PlayerStore, QuarantineFilter};
use serde_json::Value;

use crate::support::faults::{Fault, Point};
use crate::support::{GAME, World, player};

/// The small game with one more statistic.
fn with_statistic() -> String {
    format!(
        "{GAME}\n[statistics.top_score]\nevent = \"run\"\noperator = \"best\"\nfield = \"score\"\n"
    )
}

/// The small game in which `dance` is an event.
fn with_dance() -> String {
    format!("{GAME}\n[events.dance]\nclass = \"bulk\"\n")
}

async fn statistic(world: &World, name: &str, who: &str) -> Option<i64> {
    let plan = world.plan();
    let slot = plan.projection(ProjectionKind::Statistic, name)?.slot;
    let profile = world.store.profile(player(who)).await.expect("the store answers")?;
    profile.statistics.iter().find(|(known, _)| *known == slot).map(|(_, value)| *value)
}

#[tokio::test]
async fn a_reload_puts_the_file_in_force_and_tells_what_lacks_history() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let unchanged = world.operations().reload(false).await.expect("reloaded");
    assert!(!unchanged.changed);
    assert!(unchanged.incomplete.is_empty());

    world.rewrite_game(&with_statistic());
    let reloaded = world.operations().reload(false).await.expect("reloaded");
    assert!(reloaded.changed);
    let incomplete: Vec<_> =
        reloaded.incomplete.iter().map(|(kind, name)| (*kind, &**name)).collect();
    assert_eq!(incomplete, [(ProjectionKind::Statistic, "top_score")]);
    world.send(&[world.run("bob", 20)]).await.expect("accepted");
    assert_eq!(statistic(&world, "top_score", "bob").await, Some(20));
    assert_eq!(statistic(&world, "top_score", "ada").await, None);
}

#[tokio::test]
async fn a_bad_or_missing_file_changes_nothing() {
    let world = World::new().await;
    let before = world.plan();
    world.rewrite_game("[events.run\nclass = 7");
    let error = world.operations().reload(false).await.expect_err("it has mistakes");
    assert!(matches!(&error, OperationError::Definition(mistakes) if !mistakes.is_empty()));
    assert_eq!(error.kind(), ErrorKind::Invalid);
    std::fs::remove_file(world.folder.path().join("game.toml")).expect("removed");
    let error = world.operations().reload(false).await.expect_err("there is no file");
    assert!(matches!(error, OperationError::DefinitionFile(_)));
    let huge = "#".repeat(scoreline_core::limits::DEFINITION_BYTES_MAX + 1);
    world.rewrite_game(&huge);
    let error = world.operations().reload(false).await.expect_err("it is too large");
    assert!(matches!(error, OperationError::DefinitionFile(_)));
    assert_eq!(world.plan().version, before.version);
    world.send(&[world.run("ada", 10)]).await.expect("the old definition is in force");
}

#[tokio::test]
async fn a_rebuild_fills_from_history_while_events_come_in() {
    let world = World::new().await;
    for n in 0..30 {
        let runs: Vec<Value> = (0..10).map(|k| world.run_no(&format!("p{k}"), n * k, n)).collect();
        world.send(&runs).await.expect("accepted");
    }
    world.rewrite_game(&with_statistic());
    world.operations().reload(false).await.expect("reloaded");
    world.operations().rebuild(RebuildScope::Incomplete).await.expect("started");
    let running = world.operations().rebuild(RebuildScope::All).await;
    assert_eq!(running.expect_err("one runs already").kind(), ErrorKind::Conflict);
    for n in 30..60 {
        world.clock.advance(1);
        world.send(&[world.run_no("p1", 1_000 + n, n)]).await.expect("accepted meanwhile");
    }
    assert!(matches!(world.rebuilt().await, RebuildStatus::Finished { projections: 1, .. }));
    assert_eq!(statistic(&world, "top_score", "p9").await, Some(29 * 9));
    assert_eq!(statistic(&world, "top_score", "p1").await, Some(1_059));
    assert_eq!(world.verify().await, 330);

    world.operations().rebuild(RebuildScope::All).await.expect("started");
    assert!(matches!(world.rebuilt().await, RebuildStatus::Finished { .. }));
    assert_eq!(world.verify().await, 330);
    let best = world.ranking(world.board("best")).await;
    assert_eq!(best[0], ("p1".to_owned(), 1_059), "the ranks follow to the new rows");
    world.send(&[world.run("p0", 5_000)]).await.expect("accepted");
    assert_eq!(world.ranking(world.board("best")).await[0], ("p0".to_owned(), 5_000));
}

#[tokio::test]
async fn a_rebuild_that_a_crash_interrupted_goes_on() {
    let world = World::new().await;
    for n in 0..20 {
        let runs: Vec<Value> = (0..10).map(|k| world.run_no(&format!("p{k}"), n * k, n)).collect();
        world.send(&runs).await.expect("accepted");
    }
    world.rewrite_game(&with_statistic());
    world.operations().reload(false).await.expect("reloaded");
    world.store.fail(Point::FillStep, Fault::Panic);
    world
        .operations()
        .rebuild(RebuildScope::Named(vec!["top_score".to_owned()]))
        .await
        .expect("ok");
    assert!(matches!(world.rebuilt().await, RebuildStatus::Failed { .. }));
    let filling = |world: &World| {
        let plan = world.plan();
        let projection = plan.projection(ProjectionKind::Statistic, "top_score").expect("there");
        (projection.filling.is_some(), projection.complete)
    };
    let world = world.restarted().await;
    assert_eq!(filling(&world), (true, false), "the store remembers it");
    let world = world.restarted_with(true).await;
    assert!(matches!(world.rebuilt().await, RebuildStatus::Finished { projections: 1, .. }));
    assert_eq!(filling(&world), (false, true));
    assert_eq!(statistic(&world, "top_score", "p9").await, Some(19 * 9));
    world.verify().await;
}

#[tokio::test]
async fn a_rebuild_of_what_is_no_longer_wanted_ends_as_retired() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    world.rewrite_game(&with_statistic());
    world.operations().reload(false).await.expect("reloaded");
    // Steps are tried again until there is room, so the rebuild is under way meanwhile.
    world.store.fail(Point::FillStep, Fault::DiskFull);
    world.operations().rebuild(RebuildScope::Incomplete).await.expect("started");
    world.rewrite_game(GAME);
    world.operations().reload(false).await.expect("reloaded");
    world.store.repair();
    let RebuildStatus::Retired { projections, .. } = world.rebuilt().await else {
        panic!("{:?}", world.operations().rebuild_status());
    };
    assert_eq!(projections, [(ProjectionKind::Statistic, "top_score".into())]);
    world.rewrite_game(&with_statistic());
    world.operations().reload(false).await.expect("reloaded");
    world.operations().rebuild(RebuildScope::Incomplete).await.expect("started anew");
    assert!(matches!(world.rebuilt().await, RebuildStatus::Finished { projections: 1, .. }));
    world.verify().await;
}

#[tokio::test]
async fn an_unknown_name_is_nothing_to_rebuild() {
    let world = World::new().await;
    let scope = RebuildScope::Named(vec!["best".to_owned(), "nonsense".to_owned()]);
    let error = world.operations().rebuild(scope).await.expect_err("there is no such board");
    assert!(error.to_string().contains("nonsense"), "{error}");
    assert_eq!(world.operations().rebuild_status(), RebuildStatus::Idle);
}

#[tokio::test]
async fn quarantined_events_are_applied_once_when_the_definition_allows_them() {
    let world = World::new().await;
    let dance = |who: &str| {
        let mut event = world.run(who, 1);
        event["event_type"] = Value::from("dance");
        event
    };
    let mut cheat = world.run("eve", 1);
    cheat["score"] = Value::from(-5);
    // Two of the same content in one request are two events.
    let events = [dance("ada"), dance("ada"), dance("bob"), cheat];
    let receipt = world.send(&events).await.expect("accepted");
    assert_eq!(receipt.quarantined, 4);
    world.clock.advance(1_000);

    let filter = QuarantineFilter::default;
    let none = world.operations().requeue_quarantined(filter()).await.expect("checked");
    assert_eq!(none, Requeued { checked: 4, accepted: 0, still_rejected: 4 });
    world.rewrite_game(&with_dance());
    world.operations().reload(false).await.expect("reloaded");
    let some = world.operations().requeue_quarantined(filter()).await.expect("checked");
    assert_eq!(some, Requeued { checked: 4, accepted: 3, still_rejected: 1 });
    let again = world.operations().requeue_quarantined(filter()).await.expect("checked");
    assert_eq!(again, Requeued { checked: 1, accepted: 0, still_rejected: 1 });
    let receipt = world.send(&events).await.expect("the client sends them again");
    assert_eq!((receipt.accepted, receipt.quarantined), (3, 1));
    let totals = world.store.totals().await.expect("totals");
    assert_eq!((totals.applied, totals.quarantined, totals.duplicates), (3, 1, 3));
    assert_eq!(world.verify().await, 3);
}

#[tokio::test]
async fn dead_events_are_applied_once_when_their_cause_is_gone() {
    let world = World::new().await;
    world.on_database(
        "CREATE TRIGGER refused BEFORE INSERT ON events WHEN NEW.payload LIKE '%404%' \
         BEGIN SELECT RAISE(ABORT, 'such events are refused'); END",
    );
    let mut far = world.run("ada", 9);
    far["meters"] = Value::from(404);
    world.send(&[world.run("bob", 3), far]).await.expect("accepted: one of them is dead");
    assert_eq!(world.store.totals().await.expect("totals").dead, 1);
    let operations = world.operations();
    let retry = || operations.retry_dead(DeadFilter::default(), 100);
    assert_eq!(retry().await.expect("tried"), Retried { retried: 1, processed: 0, failed: 1 });

    world.on_database("DROP TRIGGER refused");
    assert_eq!(retry().await.expect("tried"), Retried { retried: 1, processed: 1, failed: 0 });
    assert_eq!(retry().await.expect("tried"), Retried::default());
    let ranking = world.ranking(world.board("best")).await;
    assert_eq!(ranking, [("ada".to_owned(), 9), ("bob".to_owned(), 3)]);
    assert_eq!(world.verify().await, 2);
}
