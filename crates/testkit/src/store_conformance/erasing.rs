//! Erasing players.

use std::sync::Arc;

use scoreline_core::audit::AuditFilter;
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erasure, ErasureState, ErasureStep, Tombstone};
use scoreline_core::event::RejectCode;
use scoreline_core::feed::{Change, Heard};
use scoreline_core::fold::{FINE_GRAIN_MS, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::naming::NewName;
use scoreline_core::store::{Batch, DeadFilter, EventFilter, QuarantineFilter, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::HandPrize;
use scoreline_core::void::{Meant, Voiding};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{self, at, played, player};

const KEY: &str = "the key of this database";
const JOB: Uuid = Uuid::from_u128(77);

impl World<'_> {
    pub(crate) async fn ask_to_erase(&self, id: &str, job: Uuid) -> Erasure {
        let erasure = Erasure { job, player: player(id) };
        let target = Erasure::placeholder(job);
        let act = act("erasePlayer", &target, 9);
        let asked = self.store.request_erasure(erasure.clone(), KEY.to_owned(), act).await;
        assert_eq!(asked.expect("notes it"), job);
        erasure
    }

    /// Knows that a player is erased.
    pub(crate) fn learn_erased(&mut self, player: PlayerId) {
        let before = self.known.len();
        self.known.retain(|key, _| key.player != player);
        self.removed.retain(|key| key.player != player);
        self.left += (before - self.known.len()) as u64;
        self.erased.insert(player);
    }

    pub(crate) async fn erase_step(&self, erasure: &Erasure, events: usize) -> ErasureStep {
        let (plan, now) = (self.plan().await, self.clock.advance(1));
        self.store.erase_step(plan, erasure.clone(), events, now).await.expect("goes on")
    }

    async fn job(&self, job: Uuid) -> ErasureState {
        self.store.erasure(job).await.expect("answers").expect("a job")
    }

    /// Erases a player, and answers how that ended.
    async fn erase(&self, id: &str) -> ErasureState {
        let erasure = self.ask_to_erase(id, JOB).await;
        while self.erase_step(&erasure, 3).await != ErasureStep::Done {}
        self.job(JOB).await
    }

    pub(crate) async fn verifies(&self) {
        let report = self.verify().await;
        assert_eq!((report.differing, report.differences), (0, vec![]));
    }

    /// Whether anybody of this name has an entry on any board.
    pub(super) async fn is_on_a_board(&self, id: &str) -> bool {
        let plan = self.plan().await;
        let slots = plan.projections.iter().flat_map(|one| [one.slot, one.baseline()]).collect();
        !self.store.entries_of(player(id), slots).await.expect("answers").is_empty()
    }
}

pub async fn nothing_is_left_of_who_was_erased_and_nothing_comes_in_again(database: &dyn Database) {
    let world = World::new(database).await;
    let games = [played("ann", 1, 10, 90), played("ann", 2, 20, 50), played("bob", 3, 30, 70)];
    let dead = vec![(played("ann", 8, 10, 5), "for a test".to_owned())];
    let rejected = vec![
        game::rejected(Some("ann"), 5, 1, RejectCode::OutOfRange),
        game::rejected(Some("bob"), 6, 1, RejectCode::OutOfRange),
    ];
    let batch = Batch { events: games.to_vec(), dead, rejected, ..Batch::default() };
    let now = world.clock.advance(10);
    world.store.apply(world.plan().await, batch, now).await.expect("applies");
    world.store.set_nickname(player("ann"), "Ann".into(), at(0)).await.expect("sets");
    world.store.bind_secret(player("ann"), "hash".into(), at(0)).await.expect("binds");
    let ban = Some(Ban { shadow: true, until: None });
    world.store.ban(player("ann"), ban, act("banPlayer", "ann", 4)).await.expect("bans");
    let voiding = Voiding { meant: Meant::Ids(vec![games[1].id]), void: true, dry_run: false };
    let void = act("voidEvents", "ann", 5);
    let voided = world.store.void(world.plan().await, player("ann"), voiding.clone(), void).await;
    assert_eq!(voided.expect("voids").changed, 1);
    let figures = async |world: &World<'_>| {
        let slot = world.projection(ProjectionKind::Figures, "figures").await.slot;
        world.store.figures(slot, FINE_GRAIN_MS, Timestamp::MIN).await.expect("answers")
    };
    let counted = figures(&world).await;

    let job_of = async |id: &str| world.store.erasure_of(player(id)).await.expect("answers");
    assert_eq!(job_of("ann").await, None);
    let state = world.erase("ann").await;
    assert!(state.finished_at.is_some());
    assert_eq!((job_of("ann").await, job_of("bob").await), (Some(JOB), None));
    let receipt: serde_json::Value =
        serde_json::from_str(&state.receipt.expect("a receipt")).expect("JSON");
    assert_eq!(
        (&receipt["events"], &receipt["dead"], &receipt["rejected"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(world.store.pending_erasures().await.expect("answers"), []);
    let left = world.scan(&EventFilter::default(), 10).await;
    let left: Vec<_> = left.iter().map(|(event, _)| event.player.clone()).collect();
    assert_eq!(left, [player("bob")]);
    assert!(!world.is_on_a_board("ann").await);
    assert_eq!(world.store.profile(player("ann")).await.expect("answers"), None);
    assert_eq!(world.store.binding(player("ann")).await.expect("answers").hash, None);
    assert_eq!(world.store.ban_of(player("ann")).await.expect("answers"), None);
    let kept = world.store.quarantine(QuarantineFilter::default(), None, 9).await;
    assert_eq!(kept.expect("answers").rows.len(), 1, "that of the other");
    assert_eq!(world.store.dead(DeadFilter::default(), None, 9).await.expect("answers").rows, []);
    assert_eq!(figures(&world).await, counted, "counts stay");
    world.verifies().await;
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers");
    assert_eq!(log.rows.len(), 3);
    assert!(log.rows.iter().all(|one| one.audited.act.target.starts_with("erased-")), "{log:?}");

    // What comes later is not taken in, and what others sent with it is.
    let late = Batch {
        events: vec![played("ann", 1, 10, 90), played("ann", 9, 40, 99), played("bob", 4, 50, 71)],
        dead: vec![(played("ann", 10, 10, 5), "for a test".to_owned())],
        rejected: vec![game::rejected(Some("ann"), 11, 1, RejectCode::OutOfRange)],
        ..Batch::default()
    };
    let now = world.clock.advance(10);
    let applied = world.store.apply(world.plan().await, late, now).await.expect("applies");
    assert_eq!((applied.applied, applied.quarantined, applied.dead.len()), (1, 0, 0));
    let conflicting = game::event("bob", 4, 50, "ended", r#"{"mode":"story","score":1}"#);
    let late = Batch { events: vec![played("ann", 9, 40, 99), conflicting], ..Batch::default() };
    let applied = world.store.apply(world.plan().await, late, now).await.expect("applies");
    assert_eq!((applied.applied, applied.conflicting), (0, vec![1]), "by the place it was sent at");
    let name = NewName::of("Ann".to_owned(), false);
    let prize = HandPrize::new(None, player("ann"), [1, 0], "why").expect("a prize");
    let refused = [
        world.store.name(player("ann"), name.clone(), at(0)).await.err(),
        world.store.rename(player("ann"), name, act("renamePlayer", "ann", 6)).await.err(),
        world.store.bind_secret(player("ann"), "hash".into(), at(0)).await.err(),
        world.store.award_prize(prize, act("awardPrize", "ann", 6)).await.err(),
        world.store.ban(player("ann"), None, act("unbanPlayer", "ann", 6)).await.err(),
        {
            let void = act("voidEvents", "ann", 6);
            world.store.void(world.plan().await, player("ann"), voiding, void).await.err()
        },
    ];
    for refused in refused {
        assert!(matches!(refused, Some(StoreError::Erased)), "{refused:?}");
    }
    world.verifies().await;
    // A rebuild finds nothing of them either.
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.fill(best.no, 3).await;
    assert!(!world.is_on_a_board("ann").await);
    world.verifies().await;
}

pub async fn a_player_is_erased_step_by_step_and_everything_agrees_after_each(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let games: Vec<_> = (1..=7).zip(1..).map(|(n, s)| played("ann", n, s * 1_000, 10)).collect();
    world.apply(&games).await;
    world.apply(&[played("bob", 20, 5, 7)]).await;
    let erasure = world.ask_to_erase("ann", JOB).await;
    let banned = world.store.ban_of(player("ann")).await.expect("answers");
    assert_eq!(banned, Some(Ban { shadow: false, until: None }), "those behind move up at once");
    let begun = world.job(JOB).await;
    assert_eq!((begun.events, begun.removed, begun.receipt), (7, 0, None));
    world.verifies().await;
    let late = Batch { events: vec![played("ann", 9, 40, 99)], ..Batch::default() };
    let now = world.clock.advance(10);
    let applied = world.store.apply(world.plan().await, late, now).await.expect("applies");
    assert_eq!(applied.applied, 0, "from the request on");
    for (removed, left) in [(3, 4), (3, 1), (1, 0)] {
        // Whoever goes on needs to know nothing but what is stored.
        let pending = world.store.pending_erasures().await.expect("answers");
        assert_eq!(pending, std::slice::from_ref(&erasure));
        assert_eq!(world.erase_step(&pending[0], 3).await, ErasureStep::Removed(removed));
        assert_eq!(world.job(JOB).await.removed, 7 - left);
        assert!(world.is_on_a_board("ann").await, "until the last step");
        world.verifies().await;
    }
    assert_eq!(world.erase_step(&erasure, 3).await, ErasureStep::Done);
    assert_eq!(world.erase_step(&erasure, 3).await, ErasureStep::Done, "there is nothing left");
    assert!(!world.is_on_a_board("ann").await);
    world.verifies().await;
    world.remove_before(world.clock.now().plus_ms(1)).await;
    world.verifies().await;
}

pub async fn a_request_is_one_job_however_often_it_is_made(database: &dyn Database) {
    let world = World::new(database).await;
    world.ask_to_erase("nobody ever heard of", JOB).await;
    let ask = async |id: &str, job: u128| {
        let job = Uuid::from_u128(job);
        let erasure = Erasure { job, player: player(id) };
        let act = act("erasePlayer", &Erasure::placeholder(job), 9);
        world.store.request_erasure(erasure, "another key".to_owned(), act).await.expect("notes")
    };
    assert_eq!(ask("nobody ever heard of", 78).await, JOB);
    let pending = world.store.pending_erasures().await.expect("answers");
    assert_eq!(world.erase_step(&pending[0], 3).await, ErasureStep::Done);
    assert_eq!(ask("nobody ever heard of", 79).await, JOB, "also when it is done");
    assert_eq!(world.store.erasure(Uuid::from_u128(79)).await.expect("answers"), None);
    assert_eq!(ask("another", 80).await, Uuid::from_u128(80));
    let key = world.store.erasure_key().await.expect("answers");
    assert_eq!(key.as_deref(), Some(KEY), "the first key stays");
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers");
    assert_eq!(log.rows.len(), 2, "what changed nothing is not in the log");
}

pub async fn what_was_paid_keeps_its_places_under_a_name_that_says_nothing(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.create("next", "best", 0, 2_000).await;
    let games = ["ann", "bob", "cy"].into_iter().zip([1, 2, 3]);
    let games: Vec<_> = games.map(|(id, n)| played(id, n, 1, 100)).collect();
    world.apply(&games).await;
    world.apply(&[played("ann", 4, 2, 300), played("bob", 5, 2, 200)]).await;
    world.seal("cup").await;
    world.close("cup").await;
    let prizes = world.store.prizes_of(Arc::from("cup"), 0, 9).await.expect("answers");
    world.erase("ann").await;
    let placeholder = Erasure::placeholder(JOB);
    let anonymous = world.store.prizes_of(Arc::from("cup"), 0, 9).await.expect("answers");
    assert_eq!(anonymous.len(), prizes.len());
    for (was, is) in prizes.iter().zip(&anonymous) {
        if was.player == player("ann") {
            assert_eq!(is.player, placeholder);
            assert_ne!(is.id, was.id, "the id of a prize is made of the player's");
            assert!(is.claimed_at.is_some(), "nobody claims it by the name of the placeholder");
        } else {
            assert_eq!(is, was);
        }
    }
    assert_eq!(world.store.prize_history(player("ann"), 9, true).await.expect("answers"), []);
    world.verifies().await;
    let next = world.tournament_board("next").await;
    let left: Vec<_> = world.ranking(next).await.into_iter().map(|row| row.0).collect();
    assert_eq!(left, ["bob", "cy"], "what runs passes to those who are left");
    assert!(!world.is_on_a_board("ann").await);
    world.remove_before(world.clock.now().plus_ms(1)).await;
    world.verifies().await;
}

pub async fn while_a_projection_is_filled_an_erasure_waits(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.store.start_fill(best.no).await.expect("starts");
    let erasure = world.ask_to_erase("ann", JOB).await;
    assert_eq!(world.erase_step(&erasure, 3).await, ErasureStep::Waits);
    assert_eq!(world.scan(&EventFilter::default(), 10).await.len(), 2);
    world.fill(best.no, 3).await;
    while world.erase_step(&erasure, 3).await != ErasureStep::Done {}
    assert!(!world.is_on_a_board("ann").await);
    world.verifies().await;
    let board = BoardKey { slot: world.board("best").await.slot, period: Timestamp::EPOCH };
    assert_eq!(world.entries(board).await.len(), 1);
}

pub async fn tombstones_are_told_and_listed_in_pages(database: &dyn Database) {
    let world = World::new(database).await;
    assert_eq!(world.store.erasure_key().await.expect("answers"), None);
    assert_eq!(world.store.tombstones(None, 9).await.expect("answers"), []);
    let position = world.store.position().await.expect("answers");
    let ids = ["ann", "bob", "cy"];
    for (id, job) in ids.into_iter().zip(1..) {
        world.ask_to_erase(id, Uuid::from_u128(job)).await;
    }
    let mut expected: Vec<_> = ids.iter().map(|id| Tombstone::of(KEY, &player(id))).collect();
    expected.sort_unstable();
    let page = async |after, rows| world.store.tombstones(after, rows).await.expect("answers");
    assert_eq!(page(None, 9).await, expected);
    assert_eq!(page(None, 2).await, expected[..2]);
    assert_eq!(page(Some(expected[1]), 9).await, expected[2..]);
    let heard = world.store.changes_after(&position).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("the feed reaches back") };
    let mut told: Vec<_> = commits
        .iter()
        .flat_map(|commit| commit.changes.to_vec())
        .filter_map(|change| match change {
            Change::Erased(tombstone) => Some(tombstone),
            _ => None,
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, expected);
}
