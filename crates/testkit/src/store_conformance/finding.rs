//! Finding players by how their names or ids begin.

use scoreline_core::fold::{ANALYTICS, ProjectionKind};

use super::Database;
use super::world::World;
use crate::game::{at, played, player};

pub async fn players_are_found_by_the_beginning_of_the_name_or_the_id(database: &dyn Database) {
    let mut world = World::new(database).await;
    let names = [
        ("p1", "Ada"),
        ("p2", "ADAM"),
        ("p3", "A da Vinci"),
        ("p4", "Bob"),
        ("p5", "Adz"),
        ("p6", "100 ada"),
        ("p%", "\u{410}\u{501}\u{430}"),
    ];
    for (id, name) in names {
        world.store.set_nickname(player(id), name.to_owned(), at(0)).await.expect("named");
    }
    let games = [played("p10", 1, 10, 90), played("p1", 2, 10, 90), played("q", 3, 10, 90)];
    world.apply(&games).await;
    let called = async |beginning: &str, rows| {
        let found = world.store.called_like(beginning.to_owned(), rows).await.expect("answers");
        found.into_iter().map(|one| one.player.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(called("aDa", 9).await, ["p%", "p1", "p2", "p3"], "in the order of the names");
    assert_eq!(called("ad", 2).await, ["p%", "p1"], "so many at most");
    assert_eq!(called("adz", 9).await, ["p5"]);
    for none in ["", "  ", "%", "_da", "adamant", "da"] {
        assert_eq!(called(none, 9).await, [] as [&str; 0], "{none:?}");
    }
    let slot = world.projection(ProjectionKind::Analytics, ANALYTICS).await.slot;
    let known = async |beginning: &str, rows| {
        let found = world.store.known_like(slot, player(beginning), rows).await.expect("answers");
        found.into_iter().map(|one| one.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(known("p1", 9).await, ["p1", "p10"], "each once, named or not");
    assert_eq!(known("p", 3).await, ["p%", "p1", "p10"], "in their order, so many at most");
    assert_eq!(known("p%", 9).await, ["p%"]);
    assert_eq!(known("P", 9).await, [] as [&str; 0], "ids are told apart by case");
}
