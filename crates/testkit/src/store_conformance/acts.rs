//! Acts of operators on players: what they change, and that every path obeys them.

use scoreline_core::audit::AuditFilter;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::{Change, Heard};
use scoreline_core::rank::Version;
use scoreline_core::store::Award;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{at, played, player};

const OPENLY: Ban = Ban { shadow: false, until: None };

impl World<'_> {
    async fn ban(&self, id: &str, ban: Option<Ban>) -> bool {
        self.store.ban(player(id), ban, act("banPlayer", id, 5)).await.expect("answers")
    }

    async fn winners(&self, name: &str) -> Vec<(u64, String)> {
        let prizes = self.prizes(name).await;
        prizes.into_iter().map(|prize| (prize.rank, prize.player.to_string())).collect()
    }
}

pub async fn a_ban_stands_until_it_is_lifted(database: &dyn Database) {
    let world = World::new(database).await;
    assert_eq!(world.store.ban_of(player("ann")).await.expect("answers"), None);
    assert!(!world.ban("ann", None).await, "there is nothing to lift");
    assert!(world.ban("ann", Some(OPENLY)).await);
    assert!(!world.ban("ann", Some(OPENLY)).await, "the same again");
    let shadow = Ban { shadow: true, until: Some(at(900)) };
    assert!(world.ban("ann", Some(shadow)).await);
    let other = database.open().await;
    assert_eq!(other.ban_of(player("ann")).await.expect("answers"), Some(shadow));
    assert!(world.ban("ann", None).await);
    assert_eq!(world.store.ban_of(player("ann")).await.expect("answers"), None);
    let kept = PlayerBan { player: player("ann"), ban: None, version: Version(3) };
    assert_eq!(world.store.bans(None, 9).await.expect("answers"), [kept], "its version stays");
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers");
    assert_eq!(log.rows.len(), 3, "what changed nothing is not in the log");
}

pub async fn bans_are_listed_in_pages_and_those_that_are_over_apart(database: &dyn Database) {
    let world = World::new(database).await;
    for (id, until) in [("cy", None), ("ann", Some(at(50))), ("bob", Some(at(60)))] {
        world.ban(id, Some(Ban { shadow: false, until })).await;
    }
    let over = async |ms| world.store.bans_over(at(ms)).await.expect("answers");
    assert_eq!(over(49).await, []);
    assert_eq!(over(50).await, [player("ann")]);
    assert_eq!(over(99).await, [player("ann"), player("bob")]);
    world.ban("ann", None).await;
    assert_eq!(over(99).await, [player("bob")]);
    let first = world.store.bans(None, 2).await.expect("answers");
    let rest = world.store.bans(Some(player("bob")), 2).await.expect("answers");
    let ids = |page: Vec<PlayerBan>| page.into_iter().map(|one| one.player).collect::<Vec<_>>();
    assert_eq!((ids(first), ids(rest)), (["ann", "bob"].map(player).into(), vec![player("cy")]));
}

pub async fn every_ban_is_told_with_a_greater_version(database: &dyn Database) {
    let world = World::new(database).await;
    let position = world.store.position().await.expect("answers");
    world.ban("ann", Some(OPENLY)).await;
    world.ban("ann", Some(OPENLY)).await;
    world.ban("ann", None).await;
    let heard = world.store.changes_after(&position).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("the thread is not lost") };
    let mut told: Vec<PlayerBan> = Vec::new();
    for change in commits.iter().flat_map(|commit| &*commit.changes) {
        let Change::Ban(ban) = change else { panic!("{change:?}") };
        told.push(ban.clone());
    }
    told.sort_by_key(|ban| ban.version);
    let of = |ban, version| PlayerBan { player: player("ann"), ban, version: Version(version) };
    assert_eq!(told, [of(Some(OPENLY), 1), of(None, 2)]);
}

pub async fn who_is_banned_when_a_tournament_closes_wins_nothing(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    let events =
        [("cheat", 1, 99), ("shady", 2, 98), ("ann", 3, 97), ("bob", 4, 96), ("cy", 5, 95)];
    let events = events.map(|(id, n, points)| played(id, n, 1, points));
    world.apply(&events).await;
    world.ban("cheat", Some(OPENLY)).await;
    world.ban("shady", Some(Ban { shadow: true, until: None })).await;
    world.ban("on no board", Some(OPENLY)).await;
    world.seal("cup").await;
    assert_eq!(world.close("cup").await, Award { prizes: 3, participants: 3 });
    let won = [(1, "ann"), (2, "bob"), (3, "cy")].map(|(rank, id)| (rank, id.to_owned()));
    assert_eq!(world.winners("cup").await, won);
    world.check().await;
    // What happens afterwards does not change what was won.
    world.ban("cheat", None).await;
    world.ban("ann", Some(OPENLY)).await;
    assert_eq!(world.close("cup").await, Award { prizes: 0, participants: 3 });
    assert_eq!(world.winners("cup").await, won);
    world.check().await;
}
