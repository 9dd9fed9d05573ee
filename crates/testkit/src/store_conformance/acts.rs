//! Acts of operators on players: what they change, and that every path obeys them.

use std::sync::Arc;

use scoreline_core::audit::AuditFilter;
use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::feed::{Change, Heard};
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
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
        prizes
            .into_iter()
            .map(|prize| (prize.won.expect("won").rank, prize.player.to_string()))
            .collect()
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

/// Latin, then with letters of Cyrillic that look the same.
const LOOK_ALIKES: [&str; 2] = ["Ace", "\u{410}\u{441}\u{435}"];

fn unique(nickname: &str) -> NewName {
    NewName { heeds_blocks: true, ..NewName::of(nickname.to_owned(), true) }
}

pub async fn a_name_that_is_unique_goes_to_the_first_of_many_who_want_it_or_a_look_alike(
    database: &dyn Database,
) {
    let world = World::new(database).await;
    let stores = [database.open().await, database.open().await];
    let wanted = (0..12).map(|no| {
        let (store, name) = (Arc::clone(&stores[no % 2]), unique(LOOK_ALIKES[no / 6]));
        tokio::spawn(async move { store.name(player(&format!("p{no}")), name, at(1)).await })
    });
    let mut given = Vec::new();
    for (no, one) in wanted.collect::<Vec<_>>().into_iter().enumerate() {
        match one.await.expect("no panic").expect("answers") {
            Named::Given => given.push(format!("p{no}")),
            Named::Taken => {}
            Named::Blocked => panic!("nobody blocked it"),
        }
    }
    assert_eq!(given.len(), 1, "{given:?}");
    let bearers = async |name: &str| {
        let found = world.store.bearers(name.to_owned(), 9).await.expect("answers");
        found.into_iter().map(|one| one.player.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(bearers("a c e").await, given);

    // Its bearer may write it otherwise; one who is called otherwise since sets it free.
    let first = player(&given[0]);
    let name = async |id: &PlayerId, name: NewName| {
        world.store.name(id.clone(), name, at(2)).await.expect("answers")
    };
    assert_eq!(name(&first, unique("ACE")).await, Named::Given);
    assert_eq!(name(&player("late"), unique("ace")).await, Named::Taken);
    assert_eq!(name(&first, unique("Bee")).await, Named::Given);
    assert_eq!(name(&player("late"), unique("ace")).await, Named::Given);
    // Where names need not be unique, everybody may be called so.
    assert_eq!(name(&first, NewName::of("Ace".to_owned(), false)).await, Named::Given);
    assert_eq!(bearers("ace").await.len(), 2);
}

pub async fn a_blocked_name_cannot_be_chosen_but_given_and_stays_with_who_has_it(
    database: &dyn Database,
) {
    let world = World::new(database).await;
    let store = &world.store;
    store.set_nickname(player("ann"), "Ace".to_owned(), at(0)).await.expect("named");
    let blocked = async |name: &str, no: i64| {
        let mut act = act("blockName", name, no);
        act.note = Some("why".to_owned());
        store.block_name(name.to_owned(), act).await.expect("answers")
    };
    assert!(blocked("Ace", 5).await);
    assert!(!blocked("ACE", 6).await, "it is already");
    let listed = store.blocked_names(None, 9).await.expect("answers");
    let [one] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&*one.nickname, one.blocked_at, one.note.as_deref()), ("Ace", at(5), Some("why")));
    assert_eq!(store.blocked_names(Some(one.skeleton.clone()), 9).await.expect("answers"), []);
    for name in LOOK_ALIKES {
        let chosen = store.name(player("bob"), unique(name), at(7)).await.expect("answers");
        assert_eq!(chosen, Named::Blocked, "{name}");
    }
    let kept = store.nicknames(vec![player("ann"), player("bob")]).await.expect("answers");
    assert_eq!(kept, [Some("Ace".to_owned()), None]);

    let renamed = NewName::of("Ace".to_owned(), false);
    let act_on_bob = act("renamePlayer", "bob", 8);
    assert_eq!(
        store.rename(player("bob"), renamed, act_on_bob).await.expect("answers"),
        Named::Given
    );
    let taken = NewName::of("Ace".to_owned(), true);
    let act_on_cy = act("renamePlayer", "cy", 9);
    assert_eq!(store.rename(player("cy"), taken, act_on_cy).await.expect("answers"), Named::Taken);

    let lift = async || {
        let act = act("unblockName", "Ace", 10);
        store.unblock_name("ace".to_owned(), act).await.expect("answers")
    };
    assert!(lift().await);
    assert!(!lift().await);
    let log = store.audit(AuditFilter::default(), None, 9).await.expect("answers");
    let acts: Vec<&str> = log.rows.iter().map(|entry| &*entry.audited.act.what).collect();
    assert_eq!(
        acts,
        ["unblockName", "renamePlayer", "blockName"],
        "what changed nothing is not there"
    );
}

/// As if a version of other rules had written everything that is compared.
async fn compare_by_other_rules(database: &dyn Database, players: &[(&str, i64)]) {
    for (id, rules) in players {
        database
            .tamper(&format!(
                "UPDATE players SET nickname_skeleton = 'other {id}', nickname_rules = {rules}
                 WHERE player_id = '{id}'"
            ))
            .await;
    }
    database.tamper("UPDATE blocked_names SET skeleton = 'other ' || skeleton, rules = 1").await;
}

pub async fn names_that_other_rules_compared_are_compared_anew_and_stay_what_they_are(
    database: &dyn Database,
) {
    let world = World::new(database).await;
    let store = &world.store;
    let names = [("ann", "Ace"), ("bob", "Bee"), ("cy", "Cee"), ("dan", "Dee")];
    for (id, name) in names {
        store.set_nickname(player(id), name.to_owned(), at(1)).await.expect("named");
    }
    store.block_name("Eve".to_owned(), act("blockName", "Eve", 2)).await.expect("blocks");
    let listed = async || {
        let blocked = store.blocked_names(None, 9).await.expect("answers");
        (store.names(None, 9).await.expect("answers"), blocked)
    };
    let before = listed().await;
    let renew = async |rows| store.renew_resemblance(rows).await.expect("renews");
    assert_eq!(renew(9).await, 0, "these rules did all of it");

    compare_by_other_rules(database, &[("ann", 1), ("bob", i64::MAX), ("cy", 2)]).await;
    let bearers =
        async |name: &str| store.bearers(name.to_owned(), 9).await.expect("answers").len();
    assert_eq!([bearers("Ace").await, bearers("Dee").await], [0, 1]);
    let position = store.position().await.expect("answers");
    // Step by step, and by whoever has the turn.
    let other = database.open().await;
    let mut steps = vec![renew(1).await, other.renew_resemblance(1).await.expect("renews")];
    while steps.last() != Some(&0) {
        steps.push(renew(1).await);
    }
    assert_eq!(steps, [2, 1, 1, 0], "a name and a block, two names, nothing");
    for name in ["ace", "bee", "CEE", "d e e"] {
        assert_eq!(bearers(name).await, 1, "{name}");
        let taken = store.name(player("late"), unique(name), at(3)).await.expect("answers");
        assert_eq!(taken, Named::Taken, "{name}");
    }
    let blocked = store.name(player("late"), unique("eve"), at(3)).await.expect("answers");
    assert_eq!(blocked, Named::Blocked);
    assert_eq!(listed().await, before, "nobody is called otherwise, nothing is blocked anew");
    let heard = store.changes_after(&position).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("the feed reaches back") };
    assert!(commits.iter().all(|commit| commit.changes.is_empty()), "{commits:?}");
}

pub async fn blocked_names_that_have_become_the_same_are_one(database: &dyn Database) {
    let world = World::new(database).await;
    let store = &world.store;
    for (no, name) in ["Ace", "Bee"].into_iter().enumerate() {
        let blocked = store.block_name(name.to_owned(), act("blockName", name, no as i64));
        assert!(blocked.await.expect("blocks"));
    }
    // Other rules told the two apart.
    compare_by_other_rules(database, &[]).await;
    database.tamper("UPDATE blocked_names SET nickname = 'A c e' WHERE nickname = 'Bee'").await;
    while store.renew_resemblance(9).await.expect("renews") > 0 {}
    let left = store.blocked_names(None, 9).await.expect("answers");
    let [one] = &left[..] else { panic!("{left:?}") };
    assert_eq!((&*one.nickname, &*one.skeleton), ("Ace", "ace"));
    let chosen = store.name(player("ann"), unique("ace"), at(3)).await.expect("answers");
    assert_eq!(chosen, Named::Blocked);
}
