//! Nicknames, secrets, profiles.

use scoreline_core::store::BindOutcome;

use super::Database;
use super::world::World;
use crate::game::{at, played, player};

pub async fn nicknames_are_set_and_read_in_order(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 0, 5)]).await;
    let set = async |id: &str, name: &str| {
        world.store.set_nickname(player(id), name.to_owned(), at(0)).await.expect("sets");
    };
    set("ann", "Ann").await;
    set("stranger", "Ünknown \u{1f680}").await;
    set("ann", "Annie").await;
    let asked = ["stranger", "bob", "ann", "stranger"].map(player).to_vec();
    let found = world.store.nicknames(asked).await.expect("answers");
    let expected = [Some("Ünknown \u{1f680}"), None, Some("Annie"), Some("Ünknown \u{1f680}")];
    assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    assert_eq!(
        world.store.nicknames(Vec::new()).await.expect("answers"),
        [] as [Option<String>; 0]
    );
}

pub async fn a_player_nobody_heard_of_has_no_profile(database: &dyn Database) {
    let mut world = World::new(database).await;
    assert_eq!(world.store.profile(player("ann")).await.expect("answers"), None);
    world.store.set_nickname(player("ann"), "Ann".into(), at(0)).await.expect("sets");
    let profile = world.store.profile(player("ann")).await.expect("answers").expect("is known");
    assert_eq!((profile.nickname.as_deref(), profile.statistics.len()), (Some("Ann"), 0));
    world.apply(&[played("bob", 1, 0, 5)]).await;
    let profile = world.store.profile(player("bob")).await.expect("answers").expect("is known");
    assert_eq!((profile.nickname, profile.statistics.len()), (None, 5));
    world.check().await;
}

pub async fn the_first_secret_stays(database: &dyn Database) {
    let world = World::new(database).await;
    world.store.set_nickname(player("ann"), "Ann".into(), at(0)).await.expect("sets");
    for id in ["ann", "bob"] {
        let bound = async || world.store.bound_secret(player(id)).await.expect("answers");
        assert_eq!(bound().await, None, "neither a name nor nothing at all is a secret");
        let bind = async |hash: &str| {
            world.store.bind_secret(player(id), hash.to_owned(), at(1)).await.expect("answers")
        };
        assert_eq!(bind("first").await, BindOutcome::Bound);
        assert_eq!(bind("second").await, BindOutcome::Known("first".into()));
        assert_eq!(bind("first").await, BindOutcome::Known("first".into()));
        assert_eq!(bound().await.as_deref(), Some("first"));
    }
    let names = world.store.nicknames(vec![player("ann")]).await.expect("answers");
    assert_eq!(names, [Some("Ann".to_owned())], "a secret does not touch the name");
}

pub async fn entries_come_in_the_order_asked(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 3, 5), played("bob", 2, 4, 7)]).await;
    let board = world.board("best").await;
    let asked = ["bob", "nobody", "ann", "bob"].map(player).to_vec();
    let found = world.store.entries(board, asked).await.expect("answers");
    let points: Vec<_> =
        found.iter().map(|entry| entry.map(|entry| entry.standing.points)).collect();
    assert_eq!(points, [Some(7), None, Some(5), Some(7)]);
    assert_eq!(world.store.entries(board, Vec::new()).await.expect("answers"), []);
}
