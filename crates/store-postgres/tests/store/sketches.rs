//! Sketches of players are rewritten with most batches, and must not spread over ever more pages.

use scoreline_testkit::game::played;
use scoreline_testkit::postgres::Server;
use scoreline_testkit::store_conformance::world::World;

use crate::support::{Schema, server_with};

/// Where the sketches lie that have all their bytes: their pages, and their places.
const PAGES: &str =
    "SELECT count(*), string_agg((ctid::text::point)[0]::text, ' ' ORDER BY grain_ms, event_type)
     FROM figure_players WHERE octet_length(players) = 2561";
const PLACES: &str = "SELECT ctid FROM figure_players";
/// Sees what is there now, and keeps PostgreSQL from clearing away whatever of it changes.
const SEE: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1";

/// A server that does nothing by itself: a statistician that looks at the table would keep older
/// versions of it in sight as well.
fn undisturbed() -> &'static Server {
    server_with(&[("autovacuum", "off")])
}

/// Applies a game of each of these players.
async fn play(world: &mut World<'_>, players: std::ops::Range<u32>) {
    let events: Vec<_> = players.map(|n| played(&n.to_string(), n.into(), 0, 5)).collect();
    world.apply(&events).await;
}

#[tokio::test]
async fn a_sketch_stays_on_its_page_while_its_last_two_versions_are_still_in_sight() {
    let schema = Schema::on(undisturbed().database());
    let mut world = World::new(&schema).await;
    // From a few players, whose sketches share a page, to more than are kept one by one.
    let mut players = 0..30;
    while players.end <= 1_500 {
        play(&mut world, players.clone()).await;
        players = players.end..players.end + 70;
    }
    let (pages, places) = (schema.run(PAGES), schema.run(PLACES));
    assert!(pages.starts_with("4|"), "two grains, with and without type: {pages}");
    let reader = schema.hold(SEE);
    for _ in 0..2 {
        play(&mut world, players.clone()).await;
        players = players.end..players.end + 70;
        assert_eq!(schema.run(PAGES), pages);
    }
    drop(reader);
    let moved = schema.run(PLACES);
    assert!(places.lines().all(|place| !moved.contains(place)), "all changed: {places} {moved}");
    world.check().await;
}
