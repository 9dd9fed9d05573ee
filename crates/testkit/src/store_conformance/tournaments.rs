//! Tournaments from creation to the last claim.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::fold::ProjectionKind;
use scoreline_core::store::{Award, StoreError};
use scoreline_core::time::Clock;
use scoreline_core::tournament::{Claim, Prize, PrizeStatistics, Tournament};

use super::Database;
use super::world::World;
use crate::game::{self, ENDED, at, cup, played, player, received_at, with_board};

fn id(text: &str) -> Arc<str> {
    Arc::from(text)
}

impl World<'_> {
    pub(super) async fn create(&self, name: &str, board: &str, starts_ms: i64, ends_ms: i64) {
        let new = cup(name, board, starts_ms, ends_ms);
        assert!(self.store.create_tournament(new).await.expect("creates"));
    }

    pub(super) async fn tournament(&self, name: &str) -> Tournament {
        self.store.tournament(id(name)).await.expect("answers").expect("a tournament")
    }

    pub(super) async fn seal(&self, name: &str) {
        self.store.seal_tournament(id(name), self.clock.now()).await.expect("seals");
    }

    pub(super) async fn close(&self, name: &str) -> Award {
        self.store.close_tournament(id(name), self.clock.now()).await.expect("closes")
    }

    pub(super) async fn prizes(&self, name: &str) -> Vec<Prize> {
        self.store.prizes_of(id(name), 0, 100).await.expect("answers")
    }
}

pub async fn a_tournament_counts_what_was_received_in_its_window(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    let payload = r#"{"mode":"endless","score":50}"#;
    world
        .apply(&[
            received_at("early", 1, (500, -1), ENDED, payload),
            received_at("first", 2, (-500, 0), ENDED, payload),
            received_at("last", 3, (5_000, 999), ENDED, payload),
            received_at("late", 4, (500, 1_000), ENDED, payload),
        ])
        .await;
    let board = world.tournament_board("cup").await;
    let expected = [("first".to_owned(), 50), ("last".to_owned(), 50)];
    assert_eq!(world.ranking(board).await, expected);
    world.check().await;
}

pub async fn creating_a_tournament_again_changes_nothing(database: &dyn Database) {
    let world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    let before = world.tournament("cup").await;
    let version = world.store.plan_version().await.expect("answers");
    let mut other = cup("cup", "best", 5, 2_000);
    other.name = "Another".into();
    assert!(!world.store.create_tournament(other).await.expect("answers"));
    assert_eq!(world.tournament("cup").await, before);
    assert_eq!(world.store.plan_version().await.expect("answers"), version);
    assert_eq!((before.name.as_str(), &*before.board.name), ("Cup cup", "best"));
    assert_eq!((before.series.as_deref(), before.prizes.len()), (Some("cups"), 2));
    assert_eq!((before.starts_at, before.ends_at), (at(0), at(1_000)));
    assert_eq!(world.store.tournament(id("none")).await.expect("answers"), None);
    let plan = world.plan().await;
    assert_eq!(plan.tournaments, std::slice::from_ref(&before));
    let projection = plan.projection(ProjectionKind::Tournament, "cup").expect("a projection");
    assert_eq!((projection.no, projection.slot), (before.projection, before.slot));
}

pub async fn tournaments_are_listed_latest_start_first(database: &dyn Database) {
    let world = World::new(database).await;
    for (name, starts_ms, ends_ms) in [("b", 10, 99), ("c", 20, 50), ("a", 10, 60), ("d", 0, 20)] {
        world.create(name, "best", starts_ms, ends_ms).await;
    }
    world.store.cancel_tournament(id("b"), at(0)).await.expect("cancels");
    world.seal("d").await;
    world.close("d").await;
    let names =
        |list: Vec<Tournament>| list.iter().map(|one| one.id.to_string()).collect::<Vec<_>>();
    let page =
        async |offset, limit| names(world.store.tournaments(offset, limit).await.expect("answers"));
    assert_eq!(page(0, 10).await, ["c", "a", "b", "d"]);
    assert_eq!(page(1, 2).await, ["a", "b"]);
    assert_eq!(page(4, 2).await, [] as [&str; 0]);
    assert_eq!(names(world.store.open_tournaments().await.expect("answers")), ["c", "a"]);
    world.seal("c").await;
    assert_eq!(names(world.store.open_tournaments().await.expect("answers")), ["c", "a"]);
}

pub async fn a_tournament_that_began_before_the_last_event_is_filled_from_history(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 100, 5), played("bob", 2, 200, 7)]).await;
    world.create("running", "best", 200, 10_000).await;
    world.create("to come", "best", 201, 10_000).await;
    let complete =
        async |name: &str| world.projection(ProjectionKind::Tournament, name).await.complete;
    assert!(!complete("running").await, "what came at its start is missing");
    assert!(complete("to come").await);
    world.fill(world.tournament("running").await.projection, 10).await;
    let board = world.tournament_board("running").await;
    assert_eq!(world.ranking(board).await, [("bob".to_owned(), 7)]);
    world.apply(&[played("ann", 3, 300, 9)]).await;
    world.check().await;
}

pub async fn a_cancelled_tournament_stays_listed_and_gains_nothing(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.apply(&[played("ann", 1, 10, 5)]).await;
    world.store.cancel_tournament(id("cup"), at(20)).await.expect("cancels");
    world.store.cancel_tournament(id("cup"), at(30)).await.expect("changes nothing");
    world.apply(&[played("bob", 2, 30, 5)]).await;
    world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    let found = world.tournament("cup").await;
    assert_eq!(found.cancelled_at, Some(at(20)));
    let board = world.tournament_board("cup").await;
    assert_eq!(world.ranking(board).await, [("ann".to_owned(), 5)]);
    assert_eq!(world.store.tournaments(0, 10).await.expect("answers"), [found]);
    assert_eq!(world.store.open_tournaments().await.expect("answers"), []);
    world.check().await;
}

pub async fn ending_a_tournament_keeps_what_was_received(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.create("quiet", "best", 0, 1_000).await;
    world.store.end_tournament(id("quiet"), at(10)).await.expect("ends");
    assert_eq!(world.tournament("quiet").await.ends_at, at(10));
    world.apply(&[played("ann", 1, 100, 5)]).await;
    world.store.end_tournament(id("cup"), at(50)).await.expect("ends");
    assert_eq!(world.tournament("cup").await.ends_at, at(101));
    world.apply(&[played("bob", 2, 101, 5)]).await;
    let board = world.tournament_board("cup").await;
    assert_eq!(world.ranking(board).await, [("ann".to_owned(), 5)]);
    world.check().await;
}

pub async fn after_the_seal_nothing_changes_the_board(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.apply(&[played("ann", 1, 10, 5), played("bob", 2, 20, 4)]).await;
    let board = world.tournament_board("cup").await;
    let sealed = world.ranking(board).await;
    // A clock that went back must not put the seal before what was applied.
    world.store.seal_tournament(id("cup"), at(0)).await.expect("seals");
    let sealed_at = world.tournament("cup").await.sealed_at.expect("is sealed");
    assert!(sealed_at > world.clock.now(), "later than every application before");
    world.store.seal_tournament(id("cup"), world.clock.advance(500)).await.expect("again");
    assert_eq!(world.tournament("cup").await.sealed_at, Some(sealed_at), "the first seal stays");

    world.apply(&[played("bob", 3, 30, 100), played("eve", 4, 40, 100)]).await;
    assert_eq!(world.ranking(board).await, sealed);
    world.check().await;
    world.fill(world.tournament("cup").await.projection, 2).await;
    let filled = world.tournament_board("cup").await;
    assert_ne!(filled, board);
    assert_eq!(world.ranking(filled).await, sealed, "history says the same");
    world.check().await;
}

pub async fn prizes_go_to_the_ranks_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "fastest", 0, 1_000).await;
    // Seconds are better when fewer; equal ones go by who reached them first, then by name.
    world
        .apply(&[
            game::event("slow", 1, 5, ENDED, r#"{"mode":"endless","seconds":30}"#),
            game::event("tied late", 2, 20, ENDED, r#"{"mode":"endless","seconds":20}"#),
            game::event("tied b", 3, 10, ENDED, r#"{"mode":"endless","seconds":20}"#),
            game::event("tied a", 4, 10, ENDED, r#"{"mode":"endless","seconds":20}"#),
            game::event("winner", 5, 90, ENDED, r#"{"mode":"endless","seconds":0.001}"#),
        ])
        .await;
    world.seal("cup").await;
    assert_eq!(world.close("cup").await, Award { prizes: 3, participants: 5 });
    let closed = world.tournament("cup").await;
    assert!(closed.closed_at >= Some(world.clock.now()), "{closed:?}");
    assert_eq!(closed.participants, Some(5));
    let prizes = world.prizes("cup").await;
    let rank = |one: &Prize| one.won.as_ref().map_or(0, |won| won.rank);
    let won: Vec<_> =
        prizes.iter().map(|one| (rank(one), one.player.as_str(), one.coins, one.gems)).collect();
    assert_eq!(won, [(1, "winner", 100, 10), (2, "tied a", 50, 0), (3, "tied b", 50, 0)]);
    assert!(prizes.iter().all(|prize| {
        prize.awarded_at == world.clock.now()
            && prize.claimed_at.is_none()
            && prize.won.as_ref().is_some_and(|won| won.tournament_name == "Cup cup")
    }));
    let ids: BTreeSet<_> = prizes.iter().map(|prize| prize.id).collect();
    assert_eq!(ids.len(), 3);
    let page = world.store.prizes_of(id("cup"), 1, 1).await.expect("answers");
    assert_eq!(page, prizes[1..2]);

    world.clock.advance(1_000);
    assert_eq!(world.close("cup").await, Award { prizes: 0, participants: 5 });
    assert_eq!(world.prizes("cup").await, prizes);
    assert_eq!(world.tournament("cup").await, closed);
    world.check().await;
}

pub async fn closing_at_once_from_many_sides_awards_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    let events: Vec<_> = (0..30).map(|n| played(&format!("{n}"), n, n as i64, n as i64)).collect();
    world.apply(&events).await;
    world.seal("cup").await;
    let other = database.open().await;
    let now = world.clock.now();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = Arc::clone(if task % 2 == 0 { &world.store } else { &other });
            tokio::spawn(async move { store.close_tournament(id("cup"), now).await })
        })
        .collect();
    let mut prizes = 0;
    for task in tasks {
        let award = task.await.expect("does not panic").expect("closes");
        assert_eq!(award.participants, 30);
        prizes += award.prizes;
    }
    assert_eq!(prizes, 3);
    assert_eq!(world.prizes("cup").await.len(), 3);
    world.check().await;
}

pub async fn only_what_fits_the_state_can_be_done(database: &dyn Database) {
    let world = World::new(database).await;
    let now = world.clock.now();
    world.create("cup", "best", 0, 1_000).await;
    let conflict = |answer: Result<(), StoreError>| {
        assert!(matches!(answer, Err(StoreError::Unfit(_))), "{answer:?}");
    };
    let close = world.store.close_tournament(id("cup"), now).await;
    conflict(close.map(|_| ()));
    conflict(world.store.end_tournament(id("cup"), at(-1)).await);
    conflict(world.store.end_tournament(id("cup"), at(1_000)).await);
    world.seal("cup").await;
    conflict(world.store.cancel_tournament(id("cup"), now).await);
    conflict(world.store.end_tournament(id("cup"), at(500)).await);
    world.create("off", "best", 0, 1_000).await;
    world.store.cancel_tournament(id("off"), now).await.expect("cancels");
    conflict(world.store.seal_tournament(id("off"), now).await);
    conflict(world.store.end_tournament(id("off"), at(500)).await);
    conflict(world.store.close_tournament(id("off"), now).await.map(|_| ()));
    for answer in [
        world.store.cancel_tournament(id("none"), now).await,
        world.store.end_tournament(id("none"), now).await,
        world.store.seal_tournament(id("none"), now).await,
        world.store.close_tournament(id("none"), now).await.map(|_| ()),
    ] {
        assert!(matches!(answer, Err(StoreError::NotFound(_))), "{answer:?}");
    }
    assert_eq!(world.close("cup").await, Award { prizes: 0, participants: 0 }, "nobody came");
}

pub async fn the_first_claim_of_the_owner_wins(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("cup", "best", 0, 1_000).await;
    world.apply(&[played("ann", 1, 10, 5), played("bob", 2, 20, 4)]).await;
    world.seal("cup").await;
    world.close("cup").await;
    let prizes = world.prizes("cup").await;
    let claim = async |prize: uuid::Uuid, who: &str, ms| {
        world.store.claim_prize(prize, player(who), at(ms)).await.expect("answers")
    };
    assert_eq!(claim(prizes[0].id, "bob", 50).await, Claim::NotFound, "it is someone else's");
    assert_eq!(claim(uuid::Uuid::nil(), "ann", 50).await, Claim::NotFound);
    assert_eq!(world.prizes("cup").await, prizes, "neither left a trace");
    let claimed = Prize { claimed_at: Some(at(60)), ..prizes[0].clone() };
    assert_eq!(claim(prizes[0].id, "ann", 60).await, Claim::Claimed(claimed.clone()));
    assert_eq!(claim(prizes[0].id, "ann", 70).await, Claim::AlreadyClaimed(claimed));

    let tasks: Vec<_> = (0..10)
        .map(|ms| {
            let (store, prize) = (Arc::clone(&world.store), prizes[1].id);
            tokio::spawn(async move { store.claim_prize(prize, player("bob"), at(ms)).await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        let claim = task.await.expect("does not panic").expect("answers");
        first += usize::from(matches!(claim, Claim::Claimed(_)));
    }
    assert_eq!(first, 1);
    world.check().await;
}

pub async fn a_players_prizes_are_told_in_lists_and_numbers(database: &dyn Database) {
    let mut world = World::new(database).await;
    for (n, name) in ["one", "two", "three"].into_iter().enumerate() {
        let starts_ms = i64::try_from(n).expect("small") * 1_000;
        world.create(name, "best", starts_ms, starts_ms + 1_000).await;
        let ann = if name == "two" { 3 } else { 9 };
        let (first, second) = (n as u128 * 2, n as u128 * 2 + 1);
        world
            .apply(&[played("ann", first, starts_ms, ann), played("bob", second, starts_ms, 5)])
            .await;
        world.seal(name).await;
        world.clock.advance(1_000);
        world.close(name).await;
    }
    let names = |prizes: Vec<Prize>| {
        let won = prizes.into_iter().filter_map(|prize| prize.won);
        won.map(|won| won.tournament_id.to_string()).collect::<Vec<_>>()
    };
    let pending = async || names(world.store.pending_prizes(player("ann")).await.expect("answers"));
    let history = async |limit| {
        names(world.store.prize_history(player("ann"), limit, false).await.expect("answers"))
    };
    assert_eq!(pending().await, ["one", "two", "three"]);
    assert_eq!(history(10).await, ["three", "two", "one"]);
    assert_eq!(history(2).await, ["three", "two"]);
    let prize = world.store.pending_prizes(player("ann")).await.expect("answers").remove(0);
    world.store.claim_prize(prize.id, player("ann"), world.clock.now()).await.expect("claims");
    assert_eq!(pending().await, ["two", "three"]);
    assert_eq!(history(10).await, ["three", "two", "one"], "claimed ones stay");
    let found = world.store.prize_statistics(player("ann")).await.expect("answers");
    let expected = PrizeStatistics {
        total_prizes: 3,
        claimed_prizes: 1,
        total_coins: 250,
        total_gems: 20,
        claimed_coins: 100,
        claimed_gems: 10,
        best_rank: Some(1),
        tournaments_won: 2,
    };
    assert_eq!(found, expected);
    let nobody = world.store.prize_statistics(player("nobody")).await.expect("answers");
    assert_eq!(nobody, PrizeStatistics::default());
}
