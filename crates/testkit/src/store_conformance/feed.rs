//! The change feed: whoever follows it holds what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::feed::{Change, CommitNo, Heard, Position};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Entry, PlayerName, Update, Version};
use scoreline_core::store::{Batch, Store, StoreError};
use scoreline_core::time::Clock;
use scoreline_core::tournament::Claim;

use super::Database;
use super::world::World;
use crate::game::{self, DAY_MS, assorted, at, played, player, with_board};

/// Names or entries that a follower loads at once: few, so that there are several pages.
const LOADED_AT_ONCE: usize = 7;

/// A node as the feed sees it: it loads, and then only listens.
#[derive(Default)]
pub struct Follower {
    position: Option<Position>,
    entries: BTreeMap<(BoardKey, PlayerId), Entry>,
    names: BTreeMap<PlayerId, (Version, String)>,
    /// The slots whose boards it holds.
    slots: BTreeSet<Slot>,
    heard: BTreeSet<CommitNo>,
    /// All that was heard since it was last taken.
    changes: Vec<Change>,
    /// How often it had to load anew.
    pub losses: usize,
}

impl Follower {
    /// Hears all that was committed by now. Answers how many commits that were.
    pub async fn catch_up(&mut self, world: &World<'_>) -> usize {
        let mut commits = 0;
        let heard = match &self.position {
            Some(position) => world.store.changes_after(position).await.expect("tells"),
            None => Heard::Lost,
        };
        match heard {
            Heard::Commits { commits: all, position } => {
                commits = all.len();
                for commit in all {
                    assert!(self.heard.insert(commit.no), "{:?} is heard once", commit.no);
                    self.changes.extend(commit.changes.iter().cloned());
                    for change in &*commit.changes {
                        self.take_over(change);
                    }
                }
                self.position = Some(position);
            }
            Heard::Lost => {
                self.losses += usize::from(self.position.is_some());
                self.position = Some(world.store.position().await.expect("answers"));
                // Numbers may begin anew then.
                (self.entries, self.slots, self.heard) = Default::default();
                self.load_names(&*world.store).await;
            }
        }
        self.load_boards(world).await;
        commits
    }

    /// What was heard since this was last asked.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn take_over(&mut self, change: &Change) {
        match change {
            Change::Entry(Update { board, player, entry }) => {
                if self.slots.contains(&board.slot) {
                    self.take_entry(*board, player.clone(), *entry);
                }
            }
            Change::Name(name) => self.take_name(name.clone()),
            Change::Ban(_)
            | Change::Sessions(_)
            | Change::Review { .. }
            | Change::Erased(_)
            | Change::Plan { .. }
            | Change::Tournament { .. }
            | Change::Claim { .. }
            | Change::Prize { .. }
            | Change::Removal { .. } => {}
        }
    }

    fn take_entry(&mut self, board: BoardKey, player: PlayerId, entry: Entry) {
        let held = self.entries.entry((board, player)).or_insert(entry);
        if held.version() < entry.version() {
            *held = entry;
        }
    }

    fn take_name(&mut self, PlayerName { player, nickname, version }: PlayerName) {
        let held = self.names.entry(player).or_insert_with(|| (version, nickname.clone()));
        if held.0 < version {
            *held = (version, nickname);
        }
    }

    async fn load_names(&mut self, store: &dyn Store) {
        let mut after = None;
        loop {
            let page = store.names(after, LOADED_AT_ONCE).await.expect("answers");
            let is_last = page.len() < LOADED_AT_ONCE;
            after = page.last().map(|last| last.player.clone());
            for name in page {
                self.take_name(name);
            }
            if is_last {
                return;
            }
        }
    }

    /// Loads the boards of the plan that it does not hold, and forgets those that left it.
    async fn load_boards(&mut self, world: &World<'_>) {
        let slots = slots(world).await;
        self.entries.retain(|(board, _), _| slots.contains(&board.slot));
        for slot in slots.difference(&std::mem::take(&mut self.slots)) {
            for period in world.store.periods(*slot, 1_000).await.expect("answers") {
                let board = BoardKey { slot: *slot, period };
                for one in world.entries(board).await {
                    self.take_entry(board, one.player, one.entry);
                }
            }
        }
        self.slots = slots;
    }

    /// Compares what it holds with what is stored.
    pub async fn check(&self, world: &World<'_>) {
        let mut stored = BTreeMap::new();
        for slot in slots(world).await {
            for period in world.store.periods(slot, 1_000).await.expect("answers") {
                let board = BoardKey { slot, period };
                for one in world.entries(board).await {
                    stored.insert((board, one.player), one.entry);
                }
            }
        }
        // Who has an entry that counts nothing any more has no place.
        let held = self.entries.iter().filter(|(_, entry)| !entry.is_empty());
        let held: BTreeMap<_, _> = held.map(|(key, entry)| (key.clone(), *entry)).collect();
        assert_eq!(held, stored, "whoever follows holds what is stored");
        let mut fresh = Self::default();
        fresh.load_names(&*world.store).await;
        assert_eq!(self.names, fresh.names, "names");
    }
}

/// The slots of all boards in force.
async fn slots(world: &World<'_>) -> BTreeSet<Slot> {
    let plan = world.plan().await;
    let is_board = |kind| matches!(kind, ProjectionKind::Board | ProjectionKind::Tournament);
    plan.projections.iter().filter(|one| is_board(one.kind)).map(|one| one.slot).collect()
}

pub async fn whoever_follows_holds_what_is_stored(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    for (n, events) in assorted(240, 5).chunks(12).enumerate() {
        world.apply(events).await;
        let who = ["ann", "bob", "eve"][n % 3];
        let name = format!("{who} the {n}");
        world.store.set_nickname(player(who), name, world.clock.now()).await.expect("sets");
        if n % 3 == 1 {
            follower.catch_up(&world).await;
            follower.check(&world).await;
        }
        match n {
            4 => drop(world.adopt(with_board(game::definition(), "later", "score", 1)).await),
            7 => {
                let best = world.projection(ProjectionKind::Board, "best").await;
                world.fill(best.no, 30).await;
            }
            9 => {
                let cup = game::cup("cup", "best", -10, 10);
                assert!(world.store.create_tournament(cup).await.expect("creates"));
            }
            _ => {}
        }
    }
    follower.catch_up(&world).await;
    follower.check(&world).await;
    assert_eq!(follower.losses, 0);
}

pub async fn every_commit_is_heard_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    assert_eq!(follower.catch_up(&world).await, 0, "nothing was committed since");
    let mut told = BTreeSet::new();
    for events in assorted(60, 7).chunks(6) {
        told.extend(world.apply(events).await.told.map(|commit| commit.no));
    }
    assert_eq!(follower.catch_up(&world).await, told.len());
    assert_eq!(follower.heard, told, "a batch says under which number it is told");
    assert_eq!(follower.catch_up(&world).await, 0);
    let other = &mut Follower::default();
    other.catch_up(&world).await;
    assert_eq!(other.catch_up(&world).await, 0, "what was before the position is not told");
    other.check(&world).await;
}

pub async fn whatever_changes_what_nodes_hold_is_told(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    let plan = |version| Change::Plan { version };
    let cup = |version| Change::Tournament { id: "cup".into(), version };

    let named = world.store.set_nickname(player("ann"), "Ann".into(), at(7)).await;
    named.expect("sets");
    follower.catch_up(&world).await;
    let name = PlayerName {
        player: player("ann"),
        nickname: "Ann".to_owned(),
        version: Version(at(7).as_ms()),
    };
    assert_eq!(follower.take_changes(), [Change::Name(name)]);

    world.store.create_tournament(game::cup("cup", "best", -10, 10)).await.expect("creates");
    let version = world.store.plan_version().await.expect("answers");
    follower.catch_up(&world).await;
    assert_eq!(follower.take_changes(), [plan(version), cup(version)]);

    world.adopt(with_board(game::definition(), "later", "score", 1)).await;
    follower.catch_up(&world).await;
    let version = world.store.plan_version().await.expect("answers");
    assert_eq!(follower.take_changes(), [plan(version)]);
    world.adopt(with_board(game::definition(), "later", "score", 1)).await;
    follower.catch_up(&world).await;
    assert_eq!(follower.take_changes(), [], "nothing changed");

    world.apply(&[played("ann", 1, 0, 5)]).await;
    let later = world.projection(ProjectionKind::Board, "later").await;
    world.fill(later.no, 10).await;
    follower.catch_up(&world).await;
    let version = world.store.plan_version().await.expect("answers");
    assert_eq!(follower.take_changes().last(), Some(&plan(version)), "the filled slot is in force");

    let id: Arc<str> = "cup".into();
    world.store.seal_tournament(Arc::clone(&id), world.clock.now()).await.expect("seals");
    let sealed = world.store.plan_version().await.expect("answers");
    world.store.close_tournament(Arc::clone(&id), world.clock.now()).await.expect("closes");
    let closed = world.store.plan_version().await.expect("answers");
    follower.catch_up(&world).await;
    let mut changes = follower.take_changes();
    changes.sort_by_key(|change| format!("{change:?}"));
    assert_eq!(changes, [plan(sealed), plan(closed), cup(sealed), cup(closed)]);

    let prizes = world.store.prizes_of(id, 0, 1).await.expect("answers");
    let (prize, owner) = (prizes[0].id, prizes[0].player.clone());
    for _ in 0..2 {
        let claim = world.store.claim_prize(prize, owner.clone(), world.clock.now()).await;
        assert!(!matches!(claim.expect("answers"), Claim::NotFound));
    }
    follower.catch_up(&world).await;
    assert_eq!(follower.take_changes(), [Change::Claim { prize, player: owner }], "once");

    let before = at(20 * DAY_MS);
    let removed = world.store.remove_events(world.plan().await, before, 10).await;
    assert_eq!(removed.expect("removes").events, 1);
    follower.catch_up(&world).await;
    assert_eq!(follower.take_changes(), [Change::Removal { before }]);
    follower.check(&world).await;
}

pub async fn what_was_not_committed_is_not_told(database: &dyn Database) {
    let mut world = World::new(database).await;
    let outdated = world.plan().await;
    world.adopt(with_board(game::definition(), "later", "score", 1)).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    let batch = Batch { events: vec![played("ann", 1, 0, 5)], ..Batch::default() };
    let refused = world.store.apply(outdated, batch, world.clock.now()).await;
    assert!(matches!(refused, Err(StoreError::StalePlan)));
    let unknown = world.store.cancel_tournament(Arc::from("nowhere"), world.clock.now()).await;
    assert!(unknown.is_err());
    assert_eq!(follower.catch_up(&world).await, 0);
    assert_eq!(follower.take_changes(), []);
}

pub async fn who_has_not_looked_for_long_hears_all_or_is_told_to_load_anew(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let (mut sleeper, mut follower) = (Follower::default(), Follower::default());
    sleeper.catch_up(&world).await;
    follower.catch_up(&world).await;
    for events in assorted(400, 9).chunks(4) {
        world.apply(events).await;
        world.store.prune_feed().await.expect("prunes");
        follower.catch_up(&world).await;
    }
    sleeper.catch_up(&world).await;
    for one in [&sleeper, &follower] {
        one.check(&world).await;
    }
    assert_eq!(follower.losses, 0, "who looks often loses nothing");
}

/// Whatever the clocks of the nodes say.
pub async fn a_name_that_was_set_later_has_the_greater_version(database: &dyn Database) {
    let world = World::new(database).await;
    let mut follower = Follower::default();
    follower.catch_up(&world).await;
    for (name, ms) in [("first", 50), ("second", 50), ("third", 20), ("last", 0)] {
        world.store.set_nickname(player("ann"), name.to_owned(), at(ms)).await.expect("sets");
    }
    follower.catch_up(&world).await;
    assert_eq!(follower.names[&player("ann")].1, "last");
    follower.check(&world).await;
}
