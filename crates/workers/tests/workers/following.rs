//! Boards in memory follow what is committed, by this node or behind its back, and say how old they are.

use scoreline_core::id::{BoardKey, Slot};
use scoreline_core::limits::{ASKED_BOARDS_MAX, FEED_POLL_MS};
use scoreline_core::session::Unbinding;
use scoreline_core::store::{ActStore, PlayerStore, TournamentStore};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::compare;
use scoreline_testkit::store_conformance::access::act;

use crate::support::faults::{Fault, Point};
use crate::support::{World, eventually, player};

async fn names(world: &World) -> Vec<Option<String>> {
    let places = world.ranks().range(world.board("best"), 0, 10).await.expect("ranks").answer;
    places.into_iter().map(|place| place.nickname).collect()
}

#[tokio::test]
async fn what_is_committed_behind_the_back_of_the_workers_shows() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    let now = world.clock.now();
    world.store.set_nickname(player("bob"), "Bob".to_owned(), now).await.expect("named");
    let shows = || async { names(&world).await == [Some("Bob".to_owned()), None] };
    eventually("the name shows", shows).await;
}

#[tokio::test]
async fn who_asks_right_after_a_change_sees_it() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    for name in ["Ada", "Ada Lovelace"] {
        let now = world.clock.now();
        world.store.set_nickname(player("ada"), name.to_owned(), now).await.expect("named");
        world.ranks().catch_up().await.expect("heard");
        assert_eq!(names(&world).await, [Some(name.to_owned())]);
    }
}

#[tokio::test]
async fn a_node_that_lost_the_thread_loads_anew_and_shows_the_old_meanwhile() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let best = world.board("best");
    world.store.fail(Point::BoardPage, Fault::Failed);
    world.store.lose_thread();
    world.ranks().catch_up().await.expect_err("the boards cannot be loaded");
    assert_eq!(world.ranking(best).await, [("ada".to_owned(), 10)], "as of the last commit heard");
    world.store.repair();
    world.ranks().catch_up().await.expect("loaded anew");
    assert_eq!(world.ranking(best).await, [("ada".to_owned(), 10)]);
    world.send(&[world.run("bob", 20)]).await.expect("accepted");
    assert_eq!(world.ranking(best).await.len(), 2, "it follows again");
}

#[tokio::test]
async fn while_the_feed_cannot_be_read_answers_say_how_old_they_are() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let best = world.board("best");
    let age_ms = || async { world.ranks().len(best).await.expect("held").age_ms };
    world.ranks().catch_up().await.expect("heard");
    assert_eq!(age_ms().await, 0);
    world.store.fail(Point::ChangesAfter, Fault::Failed);
    eventually("it shows", || async { age_ms().await > 2 * FEED_POLL_MS.cast_signed() }).await;
    assert_eq!(world.ranking(best).await, [("ada".to_owned(), 10)], "exact as of then");
    world.store.repair();
    eventually("it is heard again", || async { age_ms().await == 0 }).await;
}

#[tokio::test]
async fn a_change_of_the_plan_behind_the_back_of_the_workers_is_acted_on_at_once() {
    let world = World::new().await.restarted_with(true).await;
    let before = world.plan().version;
    let open = world.store.open_tournaments().await.expect("tournaments");
    let upcoming = open.last().expect("the next one");
    let cancelled = world.store.cancel_tournament(upcoming.id.clone(), world.clock.now()).await;
    cancelled.expect("it is cancelled");
    eventually("the plan is another", || async { world.plan().version > before }).await;
}

#[tokio::test]
async fn boards_that_anybody_may_ask_for_do_not_fill_the_memory() {
    let world = World::new().await;
    let held = world.ranks().boards().loaded().len();
    for slot in (1_000..).take(2 * ASKED_BOARDS_MAX) {
        let board = BoardKey { slot: Slot(slot), period: Timestamp::EPOCH };
        assert_eq!(world.ranking(board).await, []);
    }
    let loaded = world.ranks().boards().loaded().len();
    assert!(loaded <= held + ASKED_BOARDS_MAX + 1, "{loaded} boards");
    assert!(world.ranks().holds(world.board("best")), "the current ones stay");
}

#[tokio::test]
async fn a_comparison_finds_what_drifted_apart_and_nothing_else() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10), world.run("bob", 20)]).await.expect("accepted");
    let (best, ranks) = (world.board("best"), world.ranks());
    let found = compare(&ranks, best, 10).await.expect("compared").expect("held");
    assert_eq!((found.compared, found.differing), (2, 0));
    // What nobody committed.
    let places = ranks.places(best, &[player("ada")]).await.expect("held").answer;
    let mut update = scoreline_core::rank::Update {
        board: best,
        player: player("eve"),
        entry: places[0].as_ref().expect("on the board").entry,
    };
    ranks.boards().set(&[&update]).await;
    (update.player, update.entry.attempts) = (player("ada"), 9);
    ranks.boards().set(&[&update]).await;
    let found = compare(&ranks, best, 1).await.expect("compared").expect("held");
    assert_eq!((found.compared, found.differing, found.listed.len()), (2, 2, 1));
    assert_eq!(found.listed[0].player, player("ada"));
    let nowhere = BoardKey { slot: Slot(1_000), period: Timestamp::EPOCH };
    assert_eq!(compare(&ranks, nowhere, 10).await.expect("compared"), None);
}

#[tokio::test]
async fn a_node_hears_which_sessions_another_one_revoked_and_knows_it_if_it_lost_the_thread() {
    let world = World::new().await;
    let (now, ada) = (world.clock.now(), player("ada"));
    world.store.bind_secret(ada.clone(), "hash".to_owned(), now).await.expect("bound");
    let revoke = async || {
        let act = act("unbindPlayer", "ada", 1);
        world.store.unbind(ada.clone(), Unbinding::Sessions, act).await.expect("revoked")
    };
    assert!(revoke().await);
    eventually("the first is heard of", || async { world.ranks().revocations_of(&ada) == 1 }).await;
    world.store.lose_thread();
    assert!(revoke().await);
    eventually("the second one too", || async { world.ranks().revocations_of(&ada) == 2 }).await;
}
