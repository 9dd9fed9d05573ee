//! The background jobs beside tournaments: ranks in memory, retention, and how failures show.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::BoardKey;
use scoreline_core::limits::{BOARD_IDLE_MS, RANK_STAIRS_PREPARED_MS};
use scoreline_core::rank::RankIndex;
use scoreline_core::store::{EventFilter, EventStore, Store, TournamentStore};
use scoreline_core::time::Clock;
use scoreline_workers::{Setup, StartError, start};

use crate::support::faults::{Fault, IndexFault, Point};
use crate::support::{DAY_MS, GAME, HOUR_MS, MINUTE_MS, SECOND_MS, World, at, eventually, player};

async fn loaded(world: &World) -> BTreeSet<BoardKey> {
    let loaded = world.ranks().index().loaded().await.expect("loaded");
    loaded.into_iter().map(|(board, _)| board).collect()
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
    assert!(loaded(&world).await.contains(&today));
    assert!(!loaded(&world).await.contains(&tomorrow));
    world.clock.set(tomorrow.period.plus_ms(-30_000));
    world.tick().await;
    assert!(loaded(&world).await.contains(&tomorrow));

    world.clock.set(tomorrow.period);
    world.tick().await;
    world.clock.advance(BOARD_IDLE_MS - 1);
    world.ranking(today).await;
    world.tick().await;
    world.clock.advance(BOARD_IDLE_MS - 1);
    world.tick().await;
    assert!(loaded(&world).await.contains(&today), "somebody looked at it");
    world.clock.advance(MINUTE_MS);
    world.tick().await;
    assert!(!loaded(&world).await.contains(&today));
    assert!(loaded(&world).await.contains(&tomorrow));
    assert_eq!(world.ranking(today).await, [], "the store answers");
    world.load_ranks().await;
    assert!(loaded(&world).await.contains(&today), "asking for it loads it again");
}

#[tokio::test]
async fn while_a_board_is_loaded_again_the_store_answers_and_says_how_old_that_is() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    let (best, ranks) = (world.board("best"), world.ranks());
    let ages = || async {
        let players = [player("ada"), player("eve")];
        let places = ranks.places(best, &players).await.expect("places");
        let around = ranks.around(best, &player("ada"), 5).await.expect("neighbours");
        let count = ranks.len(best).await.expect("a count");
        let ranking = ranks.range(best, 0, 10).await.expect("a page");
        let standing = places.answer.iter().map(|one| one.as_ref().map(|place| place.rank));
        assert_eq!(standing.collect::<Vec<_>>(), [Some(2), None]);
        assert_eq!((around.answer.len(), count.answer, ranking.answer.len()), (2, 2, 2));
        [places.age_ms, around.age_ms, count.age_ms, ranking.age_ms]
    };
    assert_eq!(ages().await, [0; 4]);

    world.index.unload(best).await.expect("its data is deleted");
    let held = world.index.hold_next_load();
    let at_once = tokio::time::timeout(Duration::from_secs(5), ages());
    assert_eq!(at_once.await.expect("nobody waits for the index"), [0; 4], "read just now");
    let scheduler = Arc::clone(world.workers.scheduler());
    let now = world.clock.now();
    let loading = tokio::spawn(async move { scheduler.load_ranks(now).await });
    world.clock.advance(SECOND_MS);
    assert_eq!(ages().await, [SECOND_MS; 4], "from the store while it is loaded");
    drop(held);
    loading.await.expect("it is loaded");
    assert_eq!(ages().await, [0; 4], "from the index");
}

#[tokio::test]
async fn a_board_that_cannot_be_loaded_stays_missing_until_it_can() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let best = world.board("best");
    world.index.unload(best).await.expect("its data is deleted");
    assert_eq!(world.ranking(best).await.len(), 1);
    *world.index.fault.lock() = Some(IndexFault::Away);
    world.load_ranks().await;
    let failing = || {
        let jobs = world.operations().jobs();
        jobs.into_iter().find(|job| job.name == "load_ranks").expect("the job").failing
    };
    assert!(failing().is_some(), "it shows");
    *world.index.fault.lock() = None;
    world.load_ranks().await;
    assert!(loaded(&world).await.contains(&best));
    assert_eq!(failing(), None);
}

#[tokio::test]
async fn a_node_that_starts_while_the_index_is_away_prepares_for_its_first_readers() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let world = world.restarted().await;
    *world.index.fault.lock() = Some(IndexFault::Away);
    world.keep_house().await;
    let read = world.store.steps_read();
    assert_eq!(read, 3, "each board in force and the tournament");
    for board in [world.board("best"), daily(&world, "2026-11-23")] {
        assert_eq!(world.ranking(board).await, [("ada".to_owned(), 10)]);
    }
    world.clock.advance(RANK_STAIRS_PREPARED_MS);
    world.keep_house().await;
    assert_eq!(world.store.steps_read(), read, "only once, and not by readers");
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
        index: Arc::clone(&world.index) as Arc<dyn RankIndex>,
        clock: Arc::clone(&world.clock) as Arc<dyn Clock>,
        definition_file: Some(world.folder.path().join("game.toml")),
        replace_game: false,
        retention_days,
        transactions: NonZeroU32::MIN,
        queue: None,
        nodes: None,
        jobs: true,
    }
}
