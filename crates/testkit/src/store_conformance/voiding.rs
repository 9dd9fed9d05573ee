//! Events that do not count: a player's state is what the others give, along every path.

use std::sync::Arc;

use scoreline_core::analytics::{By, CounterQuery, Day, DayRange, MeasureName};
use scoreline_core::audit::AuditFilter;
use scoreline_core::ban::Ban;
use scoreline_core::event::Event;
use scoreline_core::feed::Heard;
use scoreline_core::fold::{ANALYTICS, COARSE_GRAIN_MS, FIGURES, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{Batch, EventFilter, Store, StoreError};
use scoreline_core::time::Clock;
use scoreline_core::void::{Meant, Voided, Voiding, Voids};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{self, DAY_MS, assorted, at, played, player, with_board};

pub(super) const ALL: Meant = Meant::Fitting { event_type: None, from: None, until: None };

fn ids<const N: usize>(ids: [u128; N]) -> Meant {
    Meant::Ids(ids.map(Uuid::from_u128).into())
}

/// Events that happened from one time to another.
fn between(from_ms: i64, until_ms: i64) -> Meant {
    Meant::Fitting { event_type: None, from: Some(at(from_ms)), until: Some(at(until_ms)) }
}

impl World<'_> {
    /// Makes events not count, or count again, and learns when that was.
    pub(crate) async fn decide(&mut self, id: &str, meant: Meant, void: bool) -> Voided {
        self.clock.advance(1);
        let voiding = Voiding { meant, void, dry_run: false };
        let act = act("voidEvents", id, self.clock.now().ms_since(at(0)));
        let plan = self.plan().await;
        let done = self.store.void(plan, player(id), voiding, act).await.expect("decides");
        self.learn_voids().await;
        done
    }

    /// Voids an event while it comes for the first time.
    async fn void_on_the_way(&mut self, other: &Arc<dyn Store>, event: Event) {
        let now = self.clock.advance(10);
        let act = act("voidEvents", event.player.as_str(), now.ms_since(at(0)));
        let voiding = Voiding { meant: Meant::Ids(vec![event.id]), void: true, dry_run: false };
        let (plan, batch) =
            (self.plan().await, Batch { events: vec![event.clone()], ..Batch::default() });
        let (applied, voided) = tokio::join!(
            other.apply(Arc::clone(&plan), batch, now),
            self.store.void(plan, event.player.clone(), voiding, act),
        );
        assert_eq!((applied.expect("applies").applied, voided.expect("voids").changed), (1, 1));
        self.learn(&[event]).await;
    }

    pub(crate) async fn learn_voids(&mut self) {
        let stored = self.store.scan(EventFilter::default(), None, SCAN_EVENTS).await;
        for one in stored.expect("scans") {
            self.voids.insert(one.event.key(), one.voids);
        }
    }

    async fn is_voided(&self, id: &str) -> Vec<bool> {
        let filter = EventFilter { player: Some(player(id)), ..EventFilter::default() };
        let stored = self.store.scan(filter, None, SCAN_EVENTS).await.expect("scans");
        stored.iter().map(|one| one.voids.are_in_force()).collect()
    }
}

fn voided(matched: u64, changed: u64) -> Voided {
    Voided { matched, changed }
}

pub async fn an_event_that_is_voided_while_it_comes_does_not_count(database: &dyn Database) {
    let mut world = World::new(database).await;
    let other = database.open().await;
    world.apply(&[played("ann", 1_000, 10, 90)]).await;
    for no in 0..12 {
        world.void_on_the_way(&other, played("ann", no, 20, 50)).await;
        world.void_on_the_way(&other, played(&format!("p{no}"), no, 20, 50)).await;
    }
    world.learn_voids().await;
    world.check().await;
    assert_eq!(world.ranking(world.board("best").await).await, [("ann".to_owned(), 90)]);
}

pub async fn what_is_voided_does_not_count_until_it_is_taken_back(database: &dyn Database) {
    let mut world = World::new(database).await;
    let games = [played("ann", 1, 10, 90), played("ann", 2, 20, 50), played("bob", 3, 30, 70)];
    world.apply(&games).await;
    let board = world.board("best").await;
    let entry = async |world: &World<'_>| {
        world.store.entries(board, vec![player("ann")]).await.expect("answers")[0]
    };
    let before = entry(&world).await.expect("an entry");
    assert_eq!(world.decide("ann", ids([1]), true).await, voided(1, 1));
    let ranked = |rows: [(&str, i64); 2]| rows.map(|(id, points)| (id.to_owned(), points));
    assert_eq!(world.ranking(board).await, ranked([("bob", 70), ("ann", 50)]));
    assert_eq!(world.is_voided("ann").await, [true, false]);
    world.check().await;
    let without = entry(&world).await.expect("an entry");
    assert!(
        without.version() > before.version(),
        "nobody who holds it takes the old one for newer"
    );
    assert_eq!(world.decide("ann", ids([1]), true).await, voided(1, 0), "again changes nothing");
    world.apply(&games).await;
    world.check().await;

    assert_eq!(world.decide("ann", ALL, false).await, voided(2, 1));
    assert_eq!(world.ranking(board).await, ranked([("ann", 90), ("bob", 70)]));
    let after = entry(&world).await.expect("an entry");
    assert!(after.version() > without.version());
    assert_eq!((after.standing, after.attempts), (before.standing, before.attempts));
    world.check().await;
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers");
    assert_eq!(log.rows.len(), 2, "what changed nothing is not in the log");
}

pub async fn figures_and_analytics_count_what_is_not_voided(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(60, 1)).await;
    world.apply(&[played("ann", 1, 10, 90), played("ann", 2, DAY_MS, 50)]).await;
    let slot = world.projection(ProjectionKind::Figures, FIGURES).await.slot;
    let events = async |world: &World<'_>| {
        let rows = world.store.figures(slot, COARSE_GRAIN_MS, at(-9 * DAY_MS)).await;
        let all = rows.expect("answers").into_iter().filter(|row| row.event_type.is_empty());
        all.map(|row| row.figure.events).sum::<i64>()
    };
    assert_eq!(events(&world).await.unsigned_abs(), world.known.len() as u64);
    let active = async |world: &World<'_>| {
        let slot = world.projection(ProjectionKind::Analytics, ANALYTICS).await.slot;
        let days = DayRange { from: Day(i32::MIN), until: Day(i32::MAX) };
        let query = CounterQuery { measure: MeasureName::Active, by: By::All, value: None, days };
        let rows = world.store.counters(slot, vec![query]).await.expect("answers").remove(0);
        rows.iter().map(|row| row.count).sum::<i64>()
    };
    let (all, days) = (events(&world).await, active(&world).await);
    world.decide("ann", ids([2]), true).await;
    assert_eq!((events(&world).await, active(&world).await), (all - 1, days - 1));
    world.check().await;
    world.decide("ann", ids([2]), false).await;
    assert_eq!((events(&world).await, active(&world).await), (all, days));
    world.check().await;
    let names = world.known.keys().map(|key| key.player.clone()).collect::<Vec<PlayerId>>();
    for id in names {
        world.decide(id.as_str(), ALL, true).await;
    }
    assert_eq!((events(&world).await, active(&world).await), (0, 0));
    world.check().await;
}

pub async fn a_player_of_whom_nothing_counts_has_no_place_and_no_statistics(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    world
        .apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50), played("bob", 3, 30, 70)])
        .await;
    assert_eq!(world.decide("ann", between(0, 100), true).await, voided(2, 2));
    world.check().await;
    assert_eq!(world.store.profile(player("ann")).await.expect("answers"), None);
    for name in ["best", "latest", "total", "games", "weekly"] {
        let slot = world.projection(ProjectionKind::Board, name).await.slot;
        for period in world.store.periods(slot, 9).await.expect("answers") {
            let board = BoardKey { slot, period };
            let found = world.store.entries(board, vec![player("ann")]).await.expect("answers");
            assert_eq!(found, [None], "{name}");
        }
    }
    // What comes later counts from nothing.
    world.apply(&[played("ann", 4, 40, -5)]).await;
    world.check().await;
    world.decide("ann", ALL, false).await;
    world.check().await;
}

pub async fn what_arrives_after_it_was_voided_does_not_count(database: &dyn Database) {
    let mut world = World::new(database).await;
    assert_eq!(world.decide("ann", ids([1, 2]), true).await, voided(2, 2));
    world
        .apply(&[played("ann", 1, 10, 90), played("ann", 3, 20, 50), played("bob", 1, 30, 70)])
        .await;
    world.learn_voids().await;
    let board = world.board("best").await;
    let expected = [("bob", 70), ("ann", 50)].map(|(id, points)| (id.to_owned(), points));
    assert_eq!(world.ranking(board).await, expected, "the same id of another player counts");
    world.check().await;
    world.decide("ann", ids([1, 2]), false).await;
    world.apply(&[played("ann", 2, 40, 95)]).await;
    world.check().await;
}

pub async fn events_that_arrive_while_others_are_voided_count(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("bob", 2, 20, 50)]).await;
    let (plan, other) = (world.plan().await, database.open().await);
    let mut sent = Vec::new();
    for round in 0..24_u128 {
        let ms = i64::try_from(round).expect("small") * 40;
        let batch: Vec<_> = (0..5).map(|n| played("ann", 100 + round * 5 + n, ms, 7)).collect();
        sent.extend(batch.iter().cloned());
        let voiding = Voiding { meant: ALL, void: round % 2 == 0, dry_run: false };
        let act = act("voidEvents", "ann", world.clock.advance(1).ms_since(at(0)));
        let batch = Batch { events: batch, ..Batch::default() };
        let applied = other.apply(Arc::clone(&plan), batch, world.clock.now());
        let voided = world.store.void(Arc::clone(&plan), player("ann"), voiding, act);
        let (applied, voided) = tokio::join!(applied, voided);
        assert_eq!(applied.expect("applies").applied, 5);
        voided.expect("decides");
    }
    world.learn(&sent).await;
    world.learn_voids().await;
    world.check().await;
}

pub async fn only_looking_changes_nothing(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50)]).await;
    let position = world.store.position().await.expect("answers");
    let looking = Voiding { meant: between(15, 30), void: true, dry_run: true };
    let plan = world.plan().await;
    let look =
        |voiding| world.store.void(Arc::clone(&plan), player("ann"), voiding, act("a", "b", 1));
    assert_eq!(look(looking.clone()).await.expect("looks"), voided(1, 1));
    assert_eq!(look(Voiding { void: false, ..looking }).await.expect("looks"), voided(1, 0));
    world.check().await;
    let heard = world.store.changes_after(&position).await.expect("answers");
    assert!(matches!(heard, Heard::Commits { commits, .. } if commits.is_empty()));
    assert_eq!(world.store.audit(AuditFilter::default(), None, 9).await.expect("answers").rows, []);
    world.create("cup", "best", 0, 1_000).await;
    let outdated = Voiding { meant: ALL, void: true, dry_run: false };
    assert!(matches!(look(outdated).await, Err(StoreError::StalePlan)));
    world.check().await;
}

pub async fn a_tournament_follows_until_it_is_closed_and_stays_then(database: &dyn Database) {
    let mut world = World::new(database).await;
    for name in ["open", "sealed", "closed"] {
        world.create(name, "best", 0, 1_000).await;
    }
    world
        .apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50), played("bob", 3, 30, 70)])
        .await;
    world.apply(&[played("cy", 4, 40, 80), played("cy", 5, 50, 10)]).await;
    world.seal("closed").await;
    world.decide("cy", ids([4]), true).await;
    world.close("closed").await;
    world.seal("sealed").await;
    world.decide("ann", ids([1]), true).await;
    let first = async |world: &World<'_>, name: &str| {
        let board = world.tournament_board(name).await;
        world.ranking(board).await[0].0.clone()
    };
    let leaders = [first(&world, "open").await, first(&world, "sealed").await];
    assert_eq!(leaders, ["bob", "bob"], "not paid yet");
    assert_eq!(first(&world, "closed").await, "ann");
    world.check().await;
    // What was voided before the closing and counts again afterwards changes nothing there either.
    world.decide("cy", ids([4]), false).await;
    world.check().await;
    let board = world.tournament_board("closed").await;
    let points =
        |id: &str, rows: &[(String, i64)]| rows.iter().find(|row| row.0 == id).map(|row| row.1);
    assert_eq!(points("cy", &world.ranking(board).await), Some(10));
    world.close("sealed").await;
    let won: Vec<_> = world.prizes("sealed").await.into_iter().map(|one| one.player).collect();
    assert_eq!(won, ["cy", "bob", "ann"].map(player));
    world.check().await;
}

pub async fn retention_merges_what_counts_and_nothing_else(database: &dyn Database) {
    let mut world = World::new(database).await;
    world
        .apply(&[played("ann", 1, 10, 90), played("ann", 2, 20, 50), played("bob", 3, 30, 70)])
        .await;
    world.decide("ann", ids([1]), true).await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(10);
    world.apply(&[played("ann", 4, 20 * DAY_MS, 60)]).await;
    world.remove_before(before).await;
    assert_eq!(world.removed.len(), 3);
    world.check().await;
    assert_eq!(world.decide("ann", ALL, false).await, voided(1, 0), "what is gone stays as it was");
    world.decide("ann", ALL, true).await;
    world.check().await;
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.fill(best.no, 2).await;
    world.check().await;
}

pub async fn a_projection_that_is_filled_meanwhile_holds_what_counts(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(60, 1)).await;
    let names = world.known.keys().map(|key| key.player.clone()).collect::<Vec<PlayerId>>();
    world.adopt(with_board(game::definition(), "more", "score", 10)).await;
    let more = world.projection(ProjectionKind::Board, "more").await.no;
    let record = world.projection(ProjectionKind::Statistic, "record").await.no;
    let analytics = world.projection(ProjectionKind::Analytics, ANALYTICS).await.no;
    let figures = world.projection(ProjectionKind::Figures, FIGURES).await.no;
    let filling = [more, record, analytics, figures];
    for no in filling {
        world.store.start_fill(no).await.expect("starts");
        world.store.fill_step(world.plan().await, no, 13).await.expect("fills");
    }
    for id in names.iter().map(PlayerId::as_str) {
        world.decide(id, between(-DAY_MS, 0), true).await;
    }
    for no in filling {
        world.store.fill_step(world.plan().await, no, 13).await.expect("fills");
    }
    for id in names.iter().map(PlayerId::as_str) {
        world.decide(id, between(0, 7 * DAY_MS), true).await;
        world.decide(id, between(-DAY_MS, 500), false).await;
    }
    for no in filling {
        world.fill(no, 13).await;
    }
    world.check().await;
}

/// Events, resends, acts that are taken back and taken back again, bans, retention, rebuilds and closings,
/// in any order: after each, the state is the fold of what counts.
pub async fn any_mixture_of_acts_ends_in_the_fold_of_what_counts(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", -DAY_MS, 7 * DAY_MS).await;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut closed = 0;
    for round in 0..36 {
        let names: Vec<String> = {
            let mut names: Vec<_> = world.known.keys().map(|key| key.player.to_string()).collect();
            names.dedup();
            names
        };
        let anybody = |n: u64| names[usize::try_from(n).expect("small") % names.len()].clone();
        match pick(9) {
            _ if names.is_empty() => drop(world.apply(&assorted(30, round)).await),
            0..=2 => drop(world.apply(&assorted(20, round / 2)).await),
            3 | 4 => {
                let from = i64::try_from(pick(2_000)).expect("small") - 1_000;
                world.decide(&anybody(pick(99)), between(from, from + 1_500), true).await;
            }
            5 => drop(world.decide(&anybody(pick(99)), ALL, pick(2) == 0).await),
            6 => {
                let from = i64::try_from(pick(2_000)).expect("small") - 1_000;
                world.decide(&anybody(pick(99)), between(from, from + 900), false).await;
            }
            7 => {
                let kinds = [
                    (ProjectionKind::Board, "total"),
                    (ProjectionKind::Board, "weekly"),
                    (ProjectionKind::Analytics, ANALYTICS),
                    (ProjectionKind::Figures, FIGURES),
                ];
                let (kind, name) = kinds[usize::try_from(pick(4)).expect("small")];
                let no = world.projection(kind, name).await.no;
                world.fill(no, 17).await;
            }
            _ => {
                world.seal("cup").await;
                world.close("cup").await;
                closed += 1;
            }
        }
        world.learn_voids().await;
        world.check().await;
    }
    assert!(closed > 0 && world.voids.values().any(Voids::are_in_force));
    let before = world.clock.now().plus_ms(1);
    world.remove_before(before).await;
    world.check().await;
    let ban = Ban { shadow: false, until: None };
    let banned = world.known.keys().next().expect("a player").player.clone();
    world.store.ban(banned, Some(ban), act("banPlayer", "it", 1)).await.expect("bans");
    world.check().await;
}
