//! Nicknames, secrets, profiles.

use std::collections::BTreeSet;

use scoreline_core::audit::AuditFilter;
use scoreline_core::feed::{Change, Heard};
use scoreline_core::id::BoardKey;
use scoreline_core::session::{Binding, Revocations, Unbinding};
use scoreline_core::void::Meant;
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{DAY_MS, at, played, player};

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
        let bound = async || world.store.binding(player(id)).await.expect("answers");
        let nothing = Binding::default();
        assert_eq!(bound().await, nothing, "neither a name nor nothing at all is a secret");
        let bind = async |hash: &str| {
            world.store.bind_secret(player(id), hash.to_owned(), at(1)).await.expect("answers")
        };
        let first = Binding { hash: Some("first".to_owned()), revocations: 0 };
        for hash in ["first", "second", "first"] {
            assert_eq!(bind(hash).await, first);
        }
        assert_eq!(bound().await, first);
    }
    let names = world.store.nicknames(vec![player("ann")]).await.expect("answers");
    assert_eq!(names, [Some("Ann".to_owned())], "a secret does not touch the name");
}

pub async fn who_is_unbound_is_bound_anew_and_their_sessions_are_told_to_be_revoked(
    database: &dyn Database,
) {
    let world = World::new(database).await;
    let store = &world.store;
    let position = store.position().await.expect("answers");
    let unbind = async |id: &str, unbinding| {
        store.unbind(player(id), unbinding, act("unbindPlayer", id, 5)).await.expect("answers")
    };
    assert!(!unbind("ann", Unbinding::Secret).await, "nobody heard of them");
    store.set_nickname(player("ann"), "Ann".into(), at(0)).await.expect("sets");
    assert!(!unbind("ann", Unbinding::Sessions).await, "they are bound to nothing");
    let bind = async |hash: &str| {
        store.bind_secret(player("ann"), hash.to_owned(), at(1)).await.expect("binds")
    };
    let bound = |hash: Option<&str>, revocations| Binding {
        hash: hash.map(ToOwned::to_owned),
        revocations,
    };
    assert_eq!(bind("first").await, bound(Some("first"), 0));
    assert!(unbind("ann", Unbinding::Sessions).await);
    assert_eq!(bind("second").await, bound(Some("first"), 1), "the secret stays");
    assert!(unbind("ann", Unbinding::Secret).await);
    assert_eq!(store.binding(player("ann")).await.expect("answers"), bound(None, 2));
    assert!(!unbind("ann", Unbinding::Secret).await, "once");
    assert_eq!(bind("second").await, bound(Some("second"), 2));

    let revoked = |id: &str, count| Revocations { player: player(id), count };
    let Heard::Commits { commits, .. } = store.changes_after(&position).await.expect("answers")
    else {
        panic!("the feed reaches back")
    };
    let mut told: Vec<_> = commits.iter().flat_map(|commit| commit.changes.to_vec()).collect();
    told.retain(|change| matches!(change, Change::Sessions(_)));
    told.sort_by_key(|change| format!("{change:?}"));
    assert_eq!(told, [1, 2].map(|count| Change::Sessions(revoked("ann", count))));
    store.bind_secret(player("bob"), "his".into(), at(1)).await.expect("binds");
    store.bind_secret(player("cy"), "hers".into(), at(1)).await.expect("binds");
    assert!(unbind("cy", Unbinding::Secret).await);
    let page = async |after: Option<&str>, rows| {
        store.revocations(after.map(player), rows).await.expect("answers")
    };
    assert_eq!(page(None, 9).await, [revoked("ann", 2), revoked("cy", 1)]);
    assert_eq!(page(None, 1).await, [revoked("ann", 2)]);
    assert_eq!(page(Some("ann"), 9).await, [revoked("cy", 1)]);
    let log = store.audit(AuditFilter::default(), None, 9).await.expect("answers").rows;
    assert_eq!(log.len(), 3, "what changed nothing is not in it");
    assert_eq!(log[2].audited.after.as_deref(), Some(r#"{"bound":true,"revocations":1}"#));
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

pub async fn the_entries_of_one_player_are_found_on_all_boards(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 3, 5), played("bob", 2, 4, 7)]).await;
    // Another period of the boards that reset.
    world.apply(&[played("ann", 3, 30 * DAY_MS, 6)]).await;
    let plan = world.plan().await;
    let mut slots: Vec<_> = plan.projections.iter().map(|one| one.slot).collect();
    let found = world.store.entries_of(player("ann"), slots.clone()).await.expect("answers");
    let mut expected = Vec::new();
    slots.sort_unstable();
    for slot in slots.clone() {
        let mut periods = world.store.periods(slot, 100).await.expect("answers");
        periods.sort_unstable();
        for board in periods.into_iter().map(|period| BoardKey { slot, period }) {
            let entries = world.store.entries(board, vec![player("ann")]).await.expect("answers");
            expected.extend(entries[0].map(|entry| (board, entry)));
        }
    }
    assert_eq!(found, expected);
    let boards: BTreeSet<_> = found.iter().map(|(board, _)| board.slot).collect();
    assert!(found.len() > boards.len(), "one board has two periods: {found:?}");
    let nobody = world.store.entries_of(player("nobody"), slots).await.expect("answers");
    assert_eq!(nobody, []);
    assert_eq!(world.store.entries_of(player("ann"), Vec::new()).await.expect("answers"), []);
}

pub async fn a_secret_that_was_bound_and_never_used_is_forgotten(database: &dyn Database) {
    let mut world = World::new(database).await;
    for (id, ms) in
        [("idle", 1), ("other", 1), ("late", 50), ("named", 1), ("plays", 1), ("cheats", 1)]
    {
        let bound = world.store.bind_secret(player(id), "hash".to_owned(), at(ms)).await;
        assert!(bound.expect("answers").hash.is_some());
    }
    world.store.set_nickname(player("named"), "Ann".into(), at(2)).await.expect("sets");
    world.apply(&[played("plays", 1, 0, 5), played("cheats", 2, 0, 5)]).await;
    // Nothing of this one counts any more, and yet nobody else is to bind it.
    world.decide("cheats", Meant::Ids(vec![Uuid::from_u128(2)]), true).await;
    let forget = async || world.store.forget_unused_bindings(at(50), 1).await.expect("forgets");
    assert_eq!([forget().await, forget().await, forget().await], [1, 1, 0]);
    for (id, is_bound) in [
        ("idle", false),
        ("other", false),
        ("late", true),
        ("named", true),
        ("plays", true),
        ("cheats", true),
    ] {
        let binding = world.store.binding(player(id)).await.expect("answers");
        assert_eq!(binding.hash.is_some(), is_bound, "{id}");
    }
    let again = world.store.bind_secret(player("idle"), "hash".to_owned(), at(60)).await;
    assert_eq!(again.expect("answers").hash.as_deref(), Some("hash"));
}
