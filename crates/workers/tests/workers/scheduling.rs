//! The background jobs beside tournaments: ranks in memory, retention, and how failures show.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::limits::BOARD_IDLE_MS;
use scoreline_core::store::{
    ActStore, EventFilter, EventStore, PlayerStore, SetAsideMax, Store, TournamentStore,
};
use scoreline_core::time::Clock;
use scoreline_workers::{Setup, StartError, start};

use crate::support::faults::{Fault, Point};
use crate::support::{DAY_MS, GAME, HOUR_MS, MINUTE_MS, SECOND_MS, World, at, eventually};

fn loaded(world: &World) -> BTreeSet<BoardKey> {
    world.ranks().boards().loaded().into_iter().map(|(board, _)| board).collect()
}

fn daily(world: &World, day: &str) -> BoardKey {
    let plan = world.plan();
    let slot = plan.projection(ProjectionKind::Board, "daily").expect("a board").slot;
    BoardKey { slot, period: at(day) }
}

#[tokio::test]
async fn a_period_is_loaded_before_it_begins_and_leaves_when_nobody_asks_for_it() {
    let world = World::new().await;
    let [today, tomorrow] = ["2026-11-23", "2026-11-24"].map(|day| daily(&world, day));
    assert!(loaded(&world).contains(&today));
    assert!(!loaded(&world).contains(&tomorrow));
    world.clock.set(tomorrow.period.plus_ms(-30_000));
    world.tick().await;
    assert!(loaded(&world).contains(&tomorrow));

    world.clock.set(tomorrow.period);
    world.tick().await;
    world.clock.advance(BOARD_IDLE_MS - 1);
    world.ranking(today).await;
    world.tick().await;
    world.clock.advance(BOARD_IDLE_MS - 1);
    world.tick().await;
    assert!(loaded(&world).contains(&today), "somebody looked at it");
    world.clock.advance(MINUTE_MS);
    world.tick().await;
    assert!(!loaded(&world).contains(&today));
    assert!(loaded(&world).contains(&tomorrow));
    assert_eq!(world.ranking(today).await, [], "nobody played");
    assert!(loaded(&world).contains(&today), "asking for it loads it again");
}

#[tokio::test]
async fn old_events_are_removed_and_what_was_made_of_them_stays() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    world.keep_house().await;
    world.clock.advance(91 * DAY_MS);
    world.send(&[world.run("ada", 15)]).await.expect("accepted");
    world.keep_house().await;
    let left = world.store.scan(EventFilter::default(), None, 10).await.expect("events");
    assert_eq!(left.len(), 1, "only the last one is younger than 90 days");
    let ranking = world.ranking(world.board("best")).await;
    assert_eq!(ranking, [("bob".to_owned(), 20), ("ada".to_owned(), 15)]);
    assert_eq!(world.verify().await, 1);
}

#[tokio::test]
async fn names_that_another_version_compared_are_compared_anew_by_and_by() {
    let world = World::new().await;
    let named = |no: usize| PlayerId::new(&format!("player-{no}")).expect("an id");
    for no in 0..3 {
        let name = format!("Pilot {no}");
        world.store.set_nickname(named(no), name, world.clock.now()).await.expect("named");
    }
    world.keep_house().await;
    world.on_database("UPDATE players SET nickname_skeleton = player_id, nickname_rules = 7");
    let bearers = async || {
        let mut found = Vec::new();
        for no in 0..3 {
            found.push(world.store.bearers(format!("PILOT{no}"), 9).await.expect("names").len());
        }
        found
    };
    assert_eq!(bearers().await, [0, 0, 0]);
    world.keep_house().await;
    assert_eq!(bearers().await, [0, 0, 0], "it looks once a minute");
    world.clock.advance(MINUTE_MS);
    world.keep_house().await;
    assert_eq!(bearers().await, [1, 1, 1]);
}

#[tokio::test]
async fn a_failing_job_shows_until_it_works_again() {
    let world = World::new().await;
    let open = world.store.open_tournaments().await.expect("tournaments");
    world.clock.set(open[0].ends_at);
    world.store.fail(Point::Close, Fault::DiskFull);
    let closing = || {
        let jobs = world.operations().jobs();
        jobs.into_iter().find(|job| job.name == "close_tournaments").expect("the job").failing
    };
    for failures in 1..4 {
        world.tick().await;
        let (count, reason) = closing().expect("it fails");
        assert_eq!(count, failures);
        assert!(reason.contains("disk is full"), "{reason}");
    }
    world.store.repair();
    world.tick().await;
    assert_eq!(closing(), None);
}

#[tokio::test]
async fn a_job_that_is_done_once_a_day_and_fails_is_tried_again_within_a_minute() {
    let world = World::new().await;
    world.store.fail(Point::ForgetBindings, Fault::Failed);
    let failing = || {
        let jobs = world.operations().jobs();
        jobs.into_iter().find(|job| job.name == "forget_bindings").expect("the job").failing
    };
    world.keep_house().await;
    assert!(failing().is_some());
    world.store.repair();
    world.clock.advance(MINUTE_MS);
    world.keep_house().await;
    assert_eq!(failing(), None, "the server would be degraded for a day");
}

#[tokio::test]
async fn jobs_run_by_themselves_when_the_server_asks_for_it() {
    let world = World::new().await.restarted().await;
    let first = world.store.open_tournaments().await.expect("tournaments").remove(0);
    assert!(world.workers.shutdown(Duration::from_secs(10)).await.jobs_rested);
    world.clock.set(first.starts_at.plus_ms(HOUR_MS));
    let setup = setup(&world, 90);
    let running = start(setup).await.expect("it starts");
    eventually("the tournament is closed", || async {
        world.tournament(&first.id).await.closed_at.is_some()
    })
    .await;
    let jobs = running.operations().jobs();
    assert!(jobs.iter().all(|job| job.failing.is_none()), "{jobs:?}");
    assert!(running.shutdown(Duration::from_secs(10)).await.jobs_rested);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the time of the runtime stands still here")]
async fn a_reload_wakes_the_jobs_so_that_its_tournaments_do_not_wait_for_the_next_tick() {
    let world = World::new().await.restarted_with(true).await;
    world.clock.advance(SECOND_MS);
    eventually("the last job of a tick is done", || async {
        let jobs = world.operations().jobs();
        let last = jobs.into_iter().find(|job| job.name == "keep_ranks").expect("the job");
        last.last_success == Some(world.clock.now())
    })
    .await;
    // From here on no tick comes by itself: paused time would pass while everybody waits, but not
    // beside a thread that is at work.
    tokio::time::pause();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let at_work = tokio::task::spawn_blocking(move || released.recv());

    let second = GAME[GAME.find("[tournaments.cup]").expect("a series")..]
        .replace("tournaments.cup", "tournaments.bowl")
        .replace("cup_{year}", "bowl_{year}");
    let end = second.find("[statistics").expect("statistics follow");
    world.rewrite_game(&format!("{GAME}\n{}", &second[..end]));
    assert!(world.operations().reload(false).await.expect("reloaded").changed);
    let deadline = Instant::now() + Duration::from_secs(10);
    while world.store.tournament(Arc::from("bowl_2026_11_23_10")).await.expect("answers").is_none()
    {
        assert!(Instant::now() < deadline, "the jobs sleep on");
        tokio::task::yield_now().await;
    }
    drop(release);
    at_work.await.expect("it ends").expect_err("nothing was sent");
}

#[tokio::test]
async fn a_retention_shorter_than_the_window_for_resends_is_refused() {
    let world = World::new().await;
    let refused = start(setup(&world, 30)).await.err().expect("it does not start");
    assert!(matches!(refused, StartError::RetentionTooShort { days: 30 }));
}

fn setup(world: &World, retention_days: u32) -> Setup {
    Setup {
        store: Arc::clone(&world.store) as Arc<dyn Store>,
        clock: Arc::clone(&world.clock) as Arc<dyn Clock>,
        definition_file: Some(world.folder.path().join("game.toml")),
        replace_game: false,
        retention_days,
        set_aside_max: SetAsideMax::default(),
        transactions: NonZeroU32::MIN,
        queue: None,
        nodes: None,
        jobs: true,
    }
}
