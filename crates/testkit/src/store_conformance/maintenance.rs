//! Verification, health.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use scoreline_core::fold::ProjectionKind;
use scoreline_core::store::{Progress, StoreError};
use scoreline_core::time::Clock;

use super::Database;
use super::world::World;
use crate::game::{self, assorted, cup, played};

pub async fn verification_finds_what_was_changed_behind_its_back(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(200, 1)).await;
    world.check().await;
    let best = world.board("best").await.slot.0;
    let coins = world.projection(ProjectionKind::Statistic, "coins").await.slot.0;
    let figures = world.projection(ProjectionKind::Figures, "figures").await.slot.0;
    let board_row = format!("slot = {best} AND player_id = 'ann'");
    let one_figure = format!(
        "slot = {figures} AND event_type = 'paused' AND grain_ms = 300000
         AND start_at = (SELECT min(start_at) FROM figures
                         WHERE slot = {figures} AND event_type = 'paused' AND grain_ms = 300000)"
    );
    // Each is done, found as one difference, and undone.
    for (what, done, undone) in [
        (
            "board best",
            format!("UPDATE board_entries SET points = points + 1 WHERE {board_row}"),
            format!("UPDATE board_entries SET points = points - 1 WHERE {board_row}"),
        ),
        (
            "board best",
            format!("UPDATE board_entries SET sum_1 = sum_1 + 1 WHERE {board_row}"),
            format!("UPDATE board_entries SET sum_1 = sum_1 - 1 WHERE {board_row}"),
        ),
        (
            "board best",
            format!("UPDATE board_entries SET player_id = 'eve' WHERE {board_row}"),
            format!(
                "UPDATE board_entries SET player_id = 'ann' WHERE slot = {best} AND player_id = 'eve'"
            ),
        ),
        (
            "statistic coins",
            database.add_to_statistic("ann", coins, 1),
            database.add_to_statistic("ann", coins, -1),
        ),
        (
            "statistic coins",
            database.add_to_statistic("eve", coins, 1),
            database.add_to_statistic("eve", coins, -1),
        ),
        (
            "figures",
            format!("UPDATE figures SET events = events + 1 WHERE {one_figure}"),
            format!("UPDATE figures SET events = events - 1 WHERE {one_figure}"),
        ),
    ] {
        database.tamper(&done).await;
        let report = world.verify().await;
        let renamed = done.contains("'eve' WHERE");
        assert_eq!(report.differing, if renamed { 2 } else { 1 }, "{done}: {report:?}");
        for difference in &report.differences {
            assert_eq!(difference.what, what, "{done}");
            assert!(!difference.key.is_empty());
            assert_ne!(difference.stored, difference.recomputed);
        }
        if done.contains("'eve'") {
            let eve = report.differences.iter().find(|one| one.key.contains("eve"));
            assert_eq!(eve.expect("the row too much").recomputed, "");
        }
        database.tamper(&undone).await;
        world.check().await;
    }
    database.tamper("DELETE FROM events").await;
    assert!(world.verify().await.differing > 10, "lost events are found as well");
}

pub async fn verification_lists_no_more_than_asked(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events: Vec<_> = (0..40).map(|n| played(&format!("{n}"), n, n as i64, 5)).collect();
    world.apply(&events).await;
    let best = world.board("best").await.slot.0;
    database.tamper(&format!("UPDATE board_entries SET points = 6 WHERE slot = {best}")).await;
    let report = world.verify().await;
    assert_eq!((report.differing, report.differences.len()), (40, 10));
    assert_eq!(report.events, 40);
    assert!(report.rows >= 40 * 12, "seven boards and five statistics: {}", report.rows);
}

pub async fn verification_finds_a_prize_that_is_missing_or_too_much(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.store.create_tournament(cup("cup", "best", 0, 1_000)).await.expect("creates");
    let events: Vec<_> = (0..9).map(|n| played(&format!("{n}"), n, n as i64, n as i64)).collect();
    world.apply(&events).await;
    world.store.seal_tournament(Arc::from("cup"), world.clock.now()).await.expect("seals");
    world.store.close_tournament(Arc::from("cup"), world.clock.now()).await.expect("closes");
    world.check().await;
    for (done, undone) in [
        (
            "UPDATE prizes SET coins = coins + 1 WHERE rank = 2",
            "UPDATE prizes SET coins = coins - 1 WHERE rank = 2",
        ),
        ("UPDATE prizes SET rank = 9 WHERE rank = 1", "UPDATE prizes SET rank = 1 WHERE rank = 9"),
    ] {
        database.tamper(done).await;
        let report = world.verify().await;
        assert_eq!(report.differing, 1, "{done}: {report:?}");
        assert!(report.differences[0].what.contains("cup"), "{report:?}");
        database.tamper(undone).await;
        world.check().await;
    }
    database.tamper("UPDATE prizes SET player_id = '0' WHERE rank = 1").await;
    let report = world.verify().await;
    let keys: Vec<_> = report.differences.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["0", "8"], "one has too much, one misses theirs");
}

pub async fn verification_reports_progress_to_its_end(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(300, 2)).await;
    let (done, finished) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (seen, ended) = (Arc::clone(&done), Arc::clone(&finished));
    let progress = move |progress: Progress| {
        let before = seen.swap(progress.done, Ordering::SeqCst);
        assert!(before <= progress.done && progress.done <= progress.total, "{progress:?}");
        ended.store(progress.finished, Ordering::SeqCst);
    };
    let report = world.store.verify(world.plan().await, 5, Arc::new(progress)).await;
    assert_eq!(report.expect("verifies").events, done.load(Ordering::SeqCst));
    assert!(finished.load(Ordering::SeqCst));
    let outdated = world.plan().await;
    world.adopt(game::with_statistic(game::definition(), "gems", "gems")).await;
    let refused = world.store.verify(outdated, 5, Arc::new(|_| ())).await;
    assert!(matches!(refused, Err(StoreError::StalePlan)), "{refused:?}");
}

pub async fn a_store_in_order_answers_and_tells_its_sizes(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.store.ping().await.expect("answers");
    world.apply(&assorted(300, 4)).await;
    world.store.ping().await.expect("answers");
    let pool = world.store.pool();
    assert!(pool.total >= 1 && pool.total <= pool.max && pool.idle <= pool.total, "{pool:?}");
    assert_eq!(pool.waiting, 0);
    let sizes = world.store.store_figures().await.expect("answers");
    assert!(sizes.bytes > 10_000 && sizes.bytes >= sizes.log_bytes, "{sizes:?}");
}
