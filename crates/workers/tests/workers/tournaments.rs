//! A tournament's life on a clock turned by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::error::ErrorKind;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::BoardKey;
use scoreline_core::operations::RebuildScope;
use scoreline_core::store::{PrizeStore, TournamentStore};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::{ExtraTournament, Tournament, TournamentStatus};
use serde_json::{Value, json};

use crate::support::faults::{Fault, Point};
use crate::support::{GAME, HOUR_MS, MINUTE_MS, World, at};

/// The tournaments of the series `cup`, by their start.
async fn cups(world: &World) -> Vec<Tournament> {
    let mut all = world.store.tournaments(0, 100).await.expect("tournaments");
    all.retain(|one| one.series.as_deref() == Some("cup"));
    all.reverse();
    all
}

async fn winners(world: &World, id: &Arc<str>) -> Vec<(u64, String)> {
    let prizes = world.store.prizes_of(Arc::clone(id), 0, 100).await.expect("prizes");
    prizes
        .into_iter()
        .map(|prize| (prize.won.expect("won").rank, prize.player.to_string()))
        .collect()
}

fn named(winners: &[&str]) -> Vec<(u64, String)> {
    (1..).zip(winners).map(|(rank, player)| (rank, (*player).to_owned())).collect()
}

fn failing(world: &World) -> Vec<&'static str> {
    let jobs = world.operations().jobs();
    jobs.into_iter().filter(|job| job.failing.is_some()).map(|job| job.name).collect()
}

#[tokio::test]
async fn the_present_and_the_next_one_of_a_series_exist_from_the_start() {
    let world = World::new().await;
    for _ in 0..3 {
        world.tick().await;
    }
    let cups = cups(&world).await;
    let windows: Vec<_> = cups.iter().map(|one| (one.starts_at, one.ends_at)).collect();
    let [ten, eleven, twelve] =
        ["2026-11-23T10:00Z", "2026-11-23T11:00Z", "2026-11-23T12:00Z"].map(at);
    assert_eq!(windows, [(ten, eleven), (eleven, twelve)]);
    assert_eq!(cups[0].status_at(world.clock.now()), TournamentStatus::Active);
    assert_eq!(failing(&world), Vec::<&str>::new());
}

#[tokio::test]
async fn a_tournament_runs_ends_and_pays_once_however_often_it_is_looked_at() {
    let world = World::new().await;
    let first = cups(&world).await.remove(0);
    for (player, score) in [("ada", 30), ("bob", 40), ("cyd", 30), ("dan", 5), ("eve", 1)] {
        world.send(&[world.run(player, score)]).await.expect("accepted");
        world.clock.advance(1);
    }
    world.clock.set(first.ends_at.plus_ms(-1));
    world.tick().await;
    assert_eq!(world.tournament(&first.id).await.closed_at, None, "its last moment counts");

    world.clock.set(first.ends_at);
    world.send(&[world.run("dan", 1_000)]).await.expect("accepted, for the next one");
    for _ in 0..5 {
        world.tick().await;
        world.clock.advance(500);
    }
    let closed = world.tournament(&first.id).await;
    assert_eq!(closed.status_at(world.clock.now()), TournamentStatus::Closed);
    assert_eq!(closed.participants, Some(5));
    assert_eq!(winners(&world, &first.id).await, named(&["bob", "ada", "cyd"]));
    let cups = cups(&world).await;
    assert_eq!(cups.len(), 3, "the one after the next was created");
    assert_eq!(cups[1].status_at(world.clock.now()), TournamentStatus::Active);
    assert_eq!(world.verify().await, 6);
    assert_eq!(failing(&world), Vec::<&str>::new());
}

#[tokio::test]
async fn a_request_on_its_way_keeps_a_tournament_from_sealing_and_its_score_counts() {
    let world = World::new().await;
    let first = cups(&world).await.remove(0);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    world.clock.set(first.ends_at.plus_ms(-1));
    let intake = world.intake();
    let arrival = intake.arrive();
    let run = world.run("bob", 20);

    world.clock.set(first.ends_at.plus_ms(MINUTE_MS));
    world.tick().await;
    assert_eq!(world.tournament(&first.id).await.sealed_at, None);
    world.clock.advance(10 * MINUTE_MS);
    world.tick().await;
    assert_eq!(failing(&world), ["close_tournaments"], "waiting that long shows");

    let submission = world.checked(arrival.received_at(), &[run]);
    intake.submit(arrival, submission).await.expect("accepted");
    world.tick().await;
    assert!(world.tournament(&first.id).await.closed_at.is_some());
    assert_eq!(winners(&world, &first.id).await, named(&["bob", "ada"]));
    assert_eq!(failing(&world), Vec::<&str>::new());
}

#[tokio::test]
async fn an_event_applied_after_sealing_changes_nothing_of_it() {
    let world = World::new().await;
    let first = cups(&world).await.remove(0);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let received_at = world.clock.now();
    let late = world.checked(received_at, &[world.run("bob", 99)]);
    world.clock.set(first.ends_at);
    world.tick().await;
    assert_eq!(winners(&world, &first.id).await, named(&["ada"]));

    let intake = world.intake();
    intake.submit(intake.arrive(), late).await.expect("accepted, as out of quarantine");
    let slot = world.tournament(&first.id).await.slot;
    let standings = world.ranking(BoardKey { slot, period: Timestamp::EPOCH }).await;
    assert_eq!(standings, [("ada".to_owned(), 10)]);
    world.tick().await;
    assert_eq!(winners(&world, &first.id).await, named(&["ada"]));
    assert_eq!(world.verify().await, 2);
}

#[tokio::test]
async fn a_crash_at_any_step_of_closing_ends_with_the_same_prizes() {
    for point in [Point::Seal, Point::Close] {
        for fault in [Fault::Failed, Fault::FailedAfterwards, Fault::Panic] {
            let mut world = World::new().await;
            let first = cups(&world).await.remove(0);
            world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
            world.clock.set(first.ends_at);
            world.store.fail(point, fault);
            world.tick().await;
            assert!(failing(&world).contains(&"close_tournaments"), "{point:?} {fault:?}");

            world = world.restarted().await;
            world.tick().await;
            world.tick().await;
            assert!(world.tournament(&first.id).await.closed_at.is_some(), "{point:?} {fault:?}");
            let won = winners(&world, &first.id).await;
            assert_eq!(won, named(&["bob", "ada"]), "{point:?} {fault:?}");
            world.verify().await;
        }
    }
}

#[tokio::test]
async fn tournaments_missed_while_the_server_was_down_are_closed_when_it_is_back() {
    let world = World::new().await;
    let ids: Vec<_> = cups(&world).await.into_iter().map(|one| one.id).collect();
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let world = world.restarted().await;
    world.clock.advance(5 * HOUR_MS);
    world.tick().await;
    for id in &ids {
        assert!(world.tournament(id).await.closed_at.is_some(), "{id}");
    }
    assert_eq!(winners(&world, &ids[0]).await, named(&["ada"]));
    assert_eq!(winners(&world, &ids[1]).await, []);
    let now = world.clock.now();
    let active = cups(&world).await;
    assert!(active.iter().any(|one| one.status_at(now) == TournamentStatus::Active));
}

fn extra(world: &World, id: &str) -> ExtraTournament {
    ExtraTournament {
        id: id.to_owned(),
        name: "Extra".to_owned(),
        board: "best".to_owned(),
        starts_at: world.clock.now().plus_ms(-5 * MINUTE_MS),
        ends_at: world.clock.now().plus_ms(5 * MINUTE_MS),
        prizes: Some(json!([{ "ranks": "1-2", "coins": 7, "gems": 1 }])),
    }
}

#[tokio::test]
async fn one_created_while_its_time_runs_counts_what_came_before_it() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    world.clock.advance(1);
    let created = world.operations().create_tournament(extra(&world, "extra")).await;
    let created = created.expect("it is created");
    let again = world.operations().create_tournament(extra(&world, "extra")).await;
    assert_eq!(again.expect_err("its id is taken").kind(), ErrorKind::Conflict);

    world.clock.set(created.ends_at);
    // Its prizes are not awarded for half of the events: it is filled first.
    world.tick().await;
    world.rebuilt().await;
    world.tick().await;
    assert!(world.tournament("extra").await.closed_at.is_some());
    assert_eq!(winners(&world, &created.id).await, named(&["bob", "ada"]));
    world.verify().await;
}

#[tokio::test]
async fn an_operator_cancels_and_ends_tournaments() {
    let world = World::new().await;
    let operations = world.operations();
    operations.create_tournament(extra(&world, "a")).await.expect("created");
    operations.create_tournament(extra(&world, "b")).await.expect("created");
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    world.clock.advance(1);
    let cancelled = operations.cancel_tournament("a").await.expect("cancelled");
    assert_eq!(cancelled.status_at(world.clock.now()), TournamentStatus::Cancelled);
    let ended = operations.end_tournament("b").await.expect("ended");
    assert!(ended.ends_at <= world.clock.now().plus_ms(1));
    let unknown = operations.end_tournament("nobody").await.expect_err("there is none");
    assert_eq!(unknown.kind(), ErrorKind::NotFound);

    world.clock.advance(MINUTE_MS);
    world.tick().await;
    world.rebuilt().await;
    world.tick().await;
    assert_eq!(winners(&world, &cancelled.id).await, []);
    assert_eq!(winners(&world, &ended.id).await, named(&["ada"]));
}

#[tokio::test]
async fn a_board_that_changes_its_meaning_changes_nothing_for_its_tournaments() {
    let world = World::new().await;
    let cups_before = cups(&world).await;
    let mut story = world.run("bob", 500);
    story["mode"] = Value::from("story");
    world.send(&[world.run("ada", 3), story.clone()]).await.expect("accepted");
    world.clock.set(cups_before[1].starts_at);
    world.tick().await;
    assert_eq!(winners(&world, &cups_before[0].id).await, named(&["ada"]));
    story["timestamp"] = Value::from(world.clock.now().to_string());
    world.send(&[world.run("ada", 4), story]).await.expect("accepted");

    // From now on, story runs count too.
    world.rewrite_game(&GAME.replace("where = { mode = \"endless\" }", ""));
    world.operations().reload(false).await.expect("reloaded");
    let closed = RebuildScope::Named(vec![cups_before[0].id.to_string()]);
    world.operations().rebuild(closed).await.expect("history says what was paid for");
    world.rebuilt().await;
    world.operations().rebuild(RebuildScope::All).await.expect("started");
    world.rebuilt().await;
    world.clock.set(cups_before[1].ends_at);
    world.tick().await;
    world.rebuilt().await;
    world.tick().await;
    assert_eq!(winners(&world, &cups_before[1].id).await, named(&["ada"]), "as was promised");
    let slot = world.tournament(&cups_before[0].id).await.slot;
    let standings = world.ranking(BoardKey { slot, period: Timestamp::EPOCH }).await;
    assert_eq!(standings, [("ada".to_owned(), 3)]);
    assert_eq!(world.verify().await, 4);
}

#[tokio::test]
async fn tournaments_take_part_in_ranks_as_soon_as_they_begin() {
    let world = World::new().await;
    let next = cups(&world).await.remove(1);
    world.clock.set(next.starts_at);
    world.tick().await;
    let board = BoardKey { slot: next.slot, period: Timestamp::EPOCH };
    let loaded = world.ranks().boards().loaded();
    let loaded: BTreeSet<BoardKey> = loaded.into_iter().map(|(board, _)| board).collect();
    assert!(loaded.contains(&board));
    let mut story = world.run("bob", 500);
    story["mode"] = Value::from("story");
    world.send(&[world.run("ada", 3), story]).await.expect("accepted");
    assert_eq!(world.ranking(board).await, [("ada".to_owned(), 3)]);
    let plan = world.plan();
    let projection = plan.projection(ProjectionKind::Tournament, &next.id).expect("its own");
    assert_eq!(projection.slot, next.slot);
}
