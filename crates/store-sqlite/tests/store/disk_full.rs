//! A disk without room: nothing is pretended, nothing is damaged, and it goes on by itself.

use scoreline_core::event::Event;
use scoreline_core::store::{Batch, EventFilter, MaintenanceStore, Store, StoreError};
use scoreline_store_sqlite::Options;
use scoreline_testkit::game::{ENDED, event, played};
use scoreline_testkit::store_conformance::world::World;

use crate::support::File;

/// Pages of the small disk: 1 MiB.
const PAGES_MAX: u32 = 256;

fn large(id: u128) -> Event {
    let filler = "x".repeat(2_000);
    let payload = format!(r#"{{"mode":"endless","score":5,"filler":"{filler}"}}"#);
    event("ann", id, i64::try_from(id).expect("small"), ENDED, &payload)
}

async fn fill_the_disk(world: &mut World<'_>) -> Vec<Event> {
    for n in 0.. {
        let events: Vec<Event> = (0..20).map(|m| large(n * 20 + m)).collect();
        let batch = Batch { events: events.clone(), ..Batch::default() };
        let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
        match applied {
            Ok(_) => world.learn(&events).await,
            Err(StoreError::DiskFull) => return events,
            Err(other) => panic!("{other}"),
        }
        assert!(n < 100, "the disk is full at some time");
    }
    unreachable!("numbers do not end")
}

#[tokio::test]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room_again() {
    let file = File::with(Options { pages_max: Some(PAGES_MAX), ..Options::default() });
    let mut world = World::new(&file).await;
    world.apply(&[played("bob", 1_000_000, 5, 5)]).await;
    let refused = fill_the_disk(&mut world).await;
    world.check().await;
    let ping = world.store.ping().await;
    assert!(matches!(ping, Err(StoreError::DiskFull)), "{ping:?}");
    let stored = world.scan(&EventFilter::default(), 100).await;
    assert!(stored.iter().all(|(event, _)| !refused.contains(event)), "all of a batch or nothing");

    // Somebody makes room. The store that was refused goes on without being opened again.
    file.execute("DELETE FROM events WHERE event_no <= 80");
    world.store.ping().await.expect("there is room");
    let batch = Batch { events: refused.clone(), ..Batch::default() };
    let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
    assert_eq!(applied.expect("applies").applied, refused.len());
    let report = world.verify().await;
    assert!(report.differing > 0, "it misses the events that somebody removed");
    assert!(report.differences.iter().any(|one| one.what == "totals" && one.key == "applied"));
}

#[tokio::test]
async fn a_store_that_found_the_disk_full_opens_again_with_all_it_had() {
    let mut file = File::with(Options { pages_max: Some(PAGES_MAX), ..Options::default() });
    let known = {
        let mut world = World::new(&file).await;
        fill_the_disk(&mut world).await;
        world.known
    };
    file.options = Options::default();
    let mut world = World::new(&file).await;
    world.known = known;
    world.clock.advance(1_000_000);
    world.check().await;
    world.apply(&(5_000..5_020).map(large).collect::<Vec<_>>()).await;
    world.check().await;
}

#[tokio::test]
async fn reading_goes_on_while_the_disk_is_full() {
    let file = File::with(Options { pages_max: Some(PAGES_MAX), ..Options::default() });
    let mut world = World::new(&file).await;
    fill_the_disk(&mut world).await;
    let board = world.board("best").await;
    assert_eq!(world.ranking(board).await, [("ann".to_owned(), 5)]);
    let store: &dyn Store = &*world.store;
    assert!(MaintenanceStore::store_figures(store).await.expect("answers").bytes > 500_000);
}
