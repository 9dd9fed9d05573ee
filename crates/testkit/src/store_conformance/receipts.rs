//! An event counts as of the first receipt of all its copies, in whatever order they come.

use scoreline_core::event::Event;
use scoreline_core::fold::{ANALYTICS, FIGURES, ProjectionKind};
use scoreline_core::id::{BoardKey, EventKey};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{Batch, DeadFilter, EventFilter};
use scoreline_core::time::Timestamp;
use scoreline_core::void::{Meant, Voiding};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{
    DAY_MS, assorted, at, played, player, restamped, with_absurd_time, with_timed_id,
};

/// The game as its device sent it again, received at another time.
fn again(game: &Event, received_ms: i64) -> Event {
    restamped(game, game.time.ms_since(at(0)), received_ms)
}

impl World<'_> {
    /// Lets events be such as could not be applied.
    async fn bury(&mut self, events: &[Event]) {
        let dead = events.iter().map(|event| (event.clone(), "for a test".to_owned())).collect();
        let batch = Batch { dead, ..Batch::default() };
        let now = self.clock.advance(1);
        self.store.apply(self.plan().await, batch, now).await.expect("applies");
    }

    /// Those that could not be applied.
    async fn dead(&self) -> Vec<Event> {
        let dead = self.store.dead(DeadFilter::default(), None, 9).await.expect("answers");
        dead.rows.into_iter().map(|one| one.event).collect()
    }

    /// Applies an event that counts as of the receipt of a copy that died.
    async fn apply_as_of(&mut self, event: &Event, died: &Event) {
        assert_eq!(self.apply(std::slice::from_ref(event)).await.applied, 1);
        let known = self.known.get_mut(&event.key()).expect("it is known");
        known.0 = known.0.as_of(died);
    }

    async fn stored(&self, key: &EventKey) -> Event {
        let stored = self.scan(&EventFilter::default(), SCAN_EVENTS).await;
        stored.into_iter().find(|(event, _)| event.key() == *key).expect("it is kept").0
    }

    async fn receipt_of(&self, key: &EventKey) -> Timestamp {
        self.stored(key).await.received_at
    }
}

fn ranked<const N: usize>(rows: [(&str, i64); N]) -> Vec<(String, i64)> {
    rows.map(|(id, points)| (id.to_owned(), points)).to_vec()
}

pub async fn the_first_receipt_counts_whichever_copy_comes_first(database: &dyn Database) {
    let mut world = World::new(database).await;
    let [ann, bob] = [played("ann", 1, 10, 50), played("bob", 2, 20, 50)];
    // Ann's was received first, and comes last; Bob's comes in order. A batch holds both copies of Cem's.
    world.apply(&[again(&ann, 5_000)]).await;
    world.apply(std::slice::from_ref(&bob)).await;
    let board = world.board("best").await;
    assert_eq!(world.ranking(board).await, ranked([("bob", 50), ("ann", 50)]));
    let before = world.store.entries(board, vec![player("ann")]).await.expect("answers")[0];
    world.apply(std::slice::from_ref(&ann)).await;
    world.apply(&[again(&bob, 5_000), again(&ann, 7_000)]).await;
    let cem = with_timed_id(&played("cem", 3, 15, 50), 15);
    world.apply(&[again(&cem, 6_000), cem.clone(), again(&cem, 4_000)]).await;
    for (event, received_ms) in [(&ann, 10), (&bob, 20), (&cem, 15)] {
        assert_eq!(world.receipt_of(&event.key()).await, at(received_ms));
    }
    assert_eq!(world.ranking(board).await, ranked([("ann", 50), ("cem", 50), ("bob", 50)]));
    let after = world.store.entries(board, vec![player("ann")]).await.expect("answers")[0];
    let versions = [before, after].map(|entry| entry.expect("an entry").version());
    assert!(versions[0] < versions[1], "nobody who holds the old one takes it for newer");
    world.check().await;
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.fill(best.no, 2).await;
    world.check().await;
}

pub async fn a_tournament_that_ends_between_two_receipts_counts_the_first(database: &dyn Database) {
    let mut world = World::new(database).await;
    let orders = [("original first", 0, true), ("repetition first", 10_000, false)];
    for (name, begin_ms, _) in orders {
        world.create(name, "best", begin_ms, begin_ms + 1_000).await;
        world.create(&format!("after {name}"), "best", begin_ms + 1_000, begin_ms + 2_000).await;
    }
    for (name, begin_ms, original_first) in orders {
        let id = u128::from(begin_ms.unsigned_abs());
        let game = played("ann", id, begin_ms + 999, 50);
        let mut copies = [game.clone(), again(&game, begin_ms + 1_500)];
        if !original_first {
            copies.reverse();
        }
        world.apply(&[played("bob", id + 1, begin_ms + 5, 40)]).await;
        for copy in copies {
            world.apply(&[copy]).await;
        }
        let cup = world.tournament_board(name).await;
        let next = world.tournament_board(&format!("after {name}")).await;
        assert_eq!(world.ranking(cup).await, ranked([("ann", 50), ("bob", 40)]), "{name}");
        assert_eq!(world.ranking(next).await, ranked([]), "{name}");
        world.seal(name).await;
        assert_eq!(world.close(name).await.prizes, 2);
        let first = world.prizes(name).await.into_iter().find(|prize| prize.coins == 100);
        assert_eq!(first.expect("the first one wins").player, player("ann"));
        world.check().await;
    }
}

pub async fn what_a_sealed_tournament_says_stays_as_it_is(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    let [ann, bob] = [played("ann", 1, 500, 50), played("bob", 2, 600, 50)];
    world.apply(&[again(&ann, 1_500), again(&bob, 900)]).await;
    world.seal("cup").await;
    // Nothing received before its end was on its way, as far as anybody knew.
    world.apply(&[ann.clone(), bob.clone()]).await;
    let board = world.tournament_board("cup").await;
    assert_eq!(world.ranking(board).await, ranked([("bob", 50)]));
    assert_eq!(world.receipt_of(&ann.key()).await, at(1_500));
    assert_eq!(world.receipt_of(&bob.key()).await, at(900));
    // Of the copies of a batch the first counts that may.
    world.apply(&[again(&ann, 400), again(&ann, 1_200), again(&ann, 1_400)]).await;
    assert_eq!(world.receipt_of(&ann.key()).await, at(1_200));
    world.check().await;
    // What was applied after the seal is in no tournament, so it may move.
    let cem = played("cem", 3, 700, 50);
    world.apply(&[again(&cem, 1_700)]).await;
    world.apply(std::slice::from_ref(&cem)).await;
    assert_eq!(world.receipt_of(&cem.key()).await, at(700));
    assert_eq!(world.ranking(board).await, ranked([("bob", 50)]));
    world.close("cup").await;
    world.check().await;
}

pub async fn an_event_moves_to_the_period_of_its_first_receipt(database: &dyn Database) {
    let mut world = World::new(database).await;
    let slot = world.projection(ProjectionKind::Board, "weekly").await.slot;
    let week = |days: i64| BoardKey { slot, period: at(days * DAY_MS) };
    let game = played("ann", 1, -1, 50);
    world.apply(&[again(&game, 1), played("ann", 2, 5, 30)]).await;
    assert_eq!(world.ranking(week(0)).await, ranked([("ann", 50)]));
    world.apply(std::slice::from_ref(&game)).await;
    assert_eq!(world.ranking(week(0)).await, ranked([("ann", 30)]));
    assert_eq!(world.ranking(week(-7)).await, ranked([("ann", 50)]));
    world.check().await;
}

pub async fn a_receipt_that_moved_is_as_any_other_to_what_comes_later(database: &dyn Database) {
    let mut world = World::new(database).await;
    // Ids that hold no time lie where they were received.
    let games = [played("ann", 1, 0, 50), played("ann", 2, 10, 40), played("bob", 3, 20, 30)];
    world.apply(&games.each_ref().map(|game| again(game, 3 * DAY_MS))).await;
    let best = world.projection(ProjectionKind::Board, "best").await;
    world.store.start_fill(best.no).await.expect("starts");
    let step = world.store.fill_step(world.plan().await, best.no, 1).await.expect("fills");
    assert!(!step.finished);
    world.apply(&games).await;
    world.fill(best.no, 2).await;
    world.check().await;
    let voiding =
        |void| Voiding { meant: Meant::Ids(vec![Uuid::from_u128(4)]), void, dry_run: false };
    let late = played("bob", 4, 30, 90);
    world.apply(&[again(&late, 2 * DAY_MS)]).await;
    let now_ms = world.clock.advance(1).ms_since(at(0));
    let decide = async |world: &World<'_>, void, at_ms| {
        let (plan, by) = (world.plan().await, act("voidEvents", "bob", at_ms));
        world.store.void(plan, player("bob"), voiding(void), by).await.expect("decides")
    };
    decide(&world, true, now_ms).await;
    world.apply(std::slice::from_ref(&late)).await;
    decide(&world, false, now_ms + 5).await;
    for one in world.store.scan(EventFilter::default(), None, SCAN_EVENTS).await.expect("scans") {
        world.voids.insert(one.event.key(), one.voids);
    }
    assert_eq!(world.receipt_of(&late.key()).await, at(30));
    world.check().await;

    let removed = world.store.remove_events(world.plan().await, at(20 * DAY_MS), 10).await;
    assert_eq!(removed.expect("removes").events, 4);
    assert_eq!(world.verify().await.differing, 0);
    let batch = Batch { events: games.to_vec(), ..Batch::default() };
    let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
    assert_eq!(applied.expect("applies").applied, 3, "their ids are free again");
    assert_eq!(world.verify().await.differing, 0);
}

pub async fn what_died_was_received_all_the_same(database: &dyn Database) {
    let mut world = World::new(database).await;
    let slot = world.projection(ProjectionKind::Board, "weekly").await.slot;
    let week = |days: i64| BoardKey { slot, period: at(days * DAY_MS) };
    // Once they have died they come again, and others die while they are stored.
    let [ann, bob, cem] = ["ann", "bob", "cem"].map(|id| played(id, 1, -1, 50));
    world.bury(&[ann.clone(), again(&bob, 3_000), bob.clone(), again(&bob, 4_000)]).await;
    world.apply_as_of(&again(&ann, 5_000), &ann).await;
    world.apply_as_of(&again(&bob, 5_000), &bob).await;
    world.apply(&[again(&cem, 5_000)]).await;
    world.bury(std::slice::from_ref(&cem)).await;
    world.known.get_mut(&cem.key()).expect("it is known").0.received_at = cem.received_at;
    assert_eq!(world.ranking(week(0)).await, ranked([]));
    assert_eq!(world.ranking(week(-7)).await, ranked([("ann", 50), ("bob", 50), ("cem", 50)]));
    assert_eq!(world.dead().await, []);
    world.check().await;

    // So it is where two become one: what died of either, while the other's is stored, or died as well.
    let of = |id: &str, n| played(id, n, -1, 50);
    world.apply(&[again(&of("ann", 2), 6_000), again(&of("bob", 3), 6_000)]).await;
    world.bury(&[of("bob", 2), of("ann", 3), again(&of("bob", 4), 6_000), of("ann", 4)]).await;
    world.move_to("ann", "bob").await;
    for n in [2, 3] {
        let key = of("bob", n).key();
        assert_eq!(world.receipt_of(&key).await, at(-1));
        world.known.get_mut(&key).expect("it is known").0.received_at = at(-1);
    }
    assert_eq!(world.dead().await, [of("bob", 4)]);
    assert_eq!(world.ranking(week(0)).await, ranked([]));
    world.check().await;
}

pub async fn what_counts_as_of_its_receipt_follows_it(database: &dyn Database) {
    let mut world = World::new(database).await;
    // A day turns between the two receipts, and nobody can believe the time.
    let copy = |id: &str, n, ms| {
        with_absurd_time(again(&played(id, n, -60_000, 50), ms), at(99_000 * DAY_MS))
    };
    let copies = |id, n| [copy(id, n, 60_000), copy(id, n, -60_000)];
    let counts = async |world: &World<'_>, key: &EventKey| world.stored(key).await.counted_at;
    let [later, first] = copies("ann", 1);
    for event in
        [later, first.clone(), first, copies("bob", 1)[1].clone(), copies("bob", 1)[0].clone()]
    {
        world.apply(&[event]).await;
    }
    for id in ["ann", "bob"] {
        assert_eq!(counts(&world, &copies(id, 1)[0].key()).await, at(-60_000), "{id}");
    }
    world.check().await;
    // While figures and analytics are filled, of what a scan has come to and of what it has not; and while
    // an event does not count.
    let late: Vec<[Event; 2]> = (1..=4).map(|n| copies("cem", n)).collect();
    world.apply(&late.iter().map(|[later, _]| later.clone()).collect::<Vec<_>>()).await;
    world.decide("cem", Meant::Ids(vec![Uuid::from_u128(1), Uuid::from_u128(4)]), true).await;
    for (kind, name) in [(ProjectionKind::Analytics, ANALYTICS), (ProjectionKind::Figures, FIGURES)]
    {
        let no = world.projection(kind, name).await.no;
        world.store.start_fill(no).await.expect("starts");
        world.store.fill_step(world.plan().await, no, 4).await.expect("fills");
        let half = if kind == ProjectionKind::Analytics { &late[..2] } else { &late[2..] };
        for [_, first] in half {
            world.apply(std::slice::from_ref(first)).await;
        }
        world.fill(no, 2).await;
        world.check().await;
    }
    world.decide("cem", Meant::Ids(vec![Uuid::from_u128(1)]), false).await;
    world.check().await;
    // What died, and what another player had.
    world.bury(&[copy("dan", 1, -60_000)]).await;
    world.apply_as_of(&copy("dan", 1, 60_000), &copy("dan", 1, -60_000)).await;
    world.apply(&[copy("eve", 2, 60_000), copy("fay", 2, -60_000)]).await;
    world.move_to("fay", "eve").await;
    assert_eq!(counts(&world, &copy("eve", 2, 0).key()).await, at(-60_000));
    world.check().await;
}

pub async fn of_what_two_had_who_are_one_the_first_receipt_counts(database: &dyn Database) {
    let mut world = World::new(database).await;
    let slot = world.projection(ProjectionKind::Board, "weekly").await.slot;
    let week = |days: i64| BoardKey { slot, period: at(days * DAY_MS) };
    let as_of_bob = |game: &Event| {
        let mut game = game.clone();
        game.player = player("bob");
        game
    };
    // The weeks turn between the two receipts. Ids with a time and without one, and one that bob's do not count.
    let games = [played("ann", 1, -1, 50), played("ann", 2, -2, 40), played("ann", 3, -3, 70)];
    let games = [games[0].clone(), with_timed_id(&games[1], -2), games[2].clone()];
    world.apply(&games).await;
    let later = |game: &Event| again(&as_of_bob(game), 5_000);
    world.apply(&[later(&games[0]), later(&games[1])]).await;
    world.apply(&[later(&games[2]), played("bob", 4, 10, 30)]).await;
    world.decide("bob", Meant::Ids(vec![games[2].id]), true).await;
    world.move_to("ann", "bob").await;
    for game in &games {
        assert_eq!(world.receipt_of(&as_of_bob(game).key()).await, game.received_at);
    }
    assert_eq!(world.ranking(week(-7)).await, ranked([("bob", 50)]));
    assert_eq!(world.ranking(week(0)).await, ranked([("bob", 30)]));
    world.check().await;
    // The other way round it is the same: the move first.
    world.apply(&[played("cem", 5, -4, 60)]).await;
    world.move_to("cem", "bob").await;
    world.apply(&[again(&played("bob", 5, -4, 60), 6_000)]).await;
    assert_eq!(world.ranking(week(-7)).await, ranked([("bob", 60)]));
    world.decide("bob", Meant::Ids(vec![games[2].id]), false).await;
    assert_eq!(world.ranking(week(-7)).await, ranked([("bob", 70)]));
    world.check().await;
    for (kind, name) in [(ProjectionKind::Board, "weekly"), (ProjectionKind::Figures, FIGURES)] {
        world.fill(world.projection(kind, name).await.no, 2).await;
        world.check().await;
    }
}

pub async fn a_move_brings_no_receipt_into_what_is_paid(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "total", 0, 1_000).await;
    let [ann, bob] = ["ann", "bob"].map(|id| played(id, 1, 500, 50));
    world.apply(&[ann, again(&bob, 1_500), played("bob", 2, 600, 20)]).await;
    world.seal("cup").await;
    world.close("cup").await;
    world.clock.advance(10);
    world.move_to("ann", "bob").await;
    assert_eq!(world.receipt_of(&bob.key()).await, at(1_500));
    world.check().await;
}

pub async fn any_order_of_copies_gives_the_first_receipt_of_each(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", -2, 400_001).await;
    let copies = assorted(500, 50);
    for part in copies.chunks(7) {
        world.apply(part).await;
    }
    let mut again = 0;
    for (key, (event, _)) in &world.known {
        let same = copies.iter().filter(|one| one.key() == *key && one.content == event.content);
        let receipts: Vec<Timestamp> = same.map(|one| one.received_at).collect();
        assert_eq!(Some(&event.received_at), receipts.iter().min());
        again += usize::from(receipts[0] != event.received_at);
    }
    assert!(again > 10, "{again} were overtaken by what was received later");
    world.check().await;
}
