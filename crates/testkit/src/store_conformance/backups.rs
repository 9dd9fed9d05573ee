//! Backups to a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scoreline_core::store::{Batch, Progress, StoreError};
use scoreline_core::time::Clock;

use super::FileDatabase;
use super::world::World;
use crate::game::{assorted, played};

pub async fn a_backup_taken_while_events_come_in_is_consistent(database: &dyn FileDatabase) {
    let mut world = World::new(database).await;
    world.apply(&assorted(400, 3)).await;
    let plan = world.plan().await;
    let writing = tokio::spawn({
        let (store, plan, now) = (Arc::clone(&world.store), Arc::clone(&plan), world.clock.now());
        async move {
            for n in 0..200 {
                let events = vec![played("eve", 10_000 + n, n as i64, 5)];
                let batch = Batch { events, ..Batch::default() };
                store.apply(Arc::clone(&plan), batch, now).await.expect("applies");
            }
        }
    });
    let finished = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&finished);
    let progress = move |step: Progress| ended.store(step.finished, Ordering::SeqCst);
    let copied = world.store.backup(database.backup_path(), Arc::new(progress)).await;
    copied.expect("backs up");
    assert!(finished.load(Ordering::SeqCst));
    writing.await.expect("does not panic");

    let copy = database.open_backup().await;
    let report = copy.verify(plan, 5, Arc::new(|_| ())).await.expect("verifies");
    assert_eq!((report.differing, report.differences), (0, vec![]));
    assert!(report.events >= world.known.len() as u64, "what was there before is in it");
    assert_eq!(copy.totals().await.expect("answers").applied, report.events);
    // A backup is a database: it takes events.
    let batch = Batch { events: vec![played("bob", 90_000, 7, 5)], ..Batch::default() };
    let plan = copy.plan(Arc::clone(&world.definition)).await.expect("plans");
    assert_eq!(copy.apply(plan, batch, world.clock.now()).await.expect("applies").applied, 1);
}

pub async fn a_backup_never_overwrites_a_file(database: &dyn FileDatabase) {
    let world = World::new(database).await;
    let path = database.backup_path();
    std::fs::write(&path, "precious").expect("writes");
    let refused = world.store.backup(path.clone(), Arc::new(|_| ())).await;
    assert!(matches!(refused, Err(StoreError::FileExists(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(path).expect("reads"), "precious");
    let nowhere = database.backup_path().join("no/such/folder/backup.db");
    let failed = world.store.backup(nowhere, Arc::new(|_| ())).await;
    assert!(failed.is_err());
}
