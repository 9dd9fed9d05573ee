//! What the memory index does beyond the contract: it forgets, it stays small, and its readers get
//! their turn while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{PlayerStanding, RankIndex, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::MemoryRanks;

fn board(slot: i64) -> BoardKey {
    BoardKey { slot: Slot(slot), period: Timestamp::EPOCH }
}

fn player(n: i64) -> PlayerId {
    PlayerId::new(&format!("0193f0a2-1111-7abc-8def-{n:012x}")).expect("a player id")
}

fn standing(points: i64) -> Standing {
    Standing { points, reached_at: Timestamp::EPOCH }
}

fn stored(n: i64, points: i64) -> PlayerStanding {
    PlayerStanding { player: player(n), standing: standing(points), version: Version(1) }
}

fn update(slot: i64, n: i64, version: i64, points: i64) -> Update {
    let (board, player, standing) = (board(slot), player(n), standing(points));
    Update { board, player, standing, version: Version(version) }
}

async fn load(ranks: &MemoryRanks, slot: i64, players: std::ops::Range<i64>) {
    ranks.begin_load(board(slot)).await.expect("announced");
    let standings = players.map(|n| stored(n, n)).collect();
    ranks.load(board(slot), standings).await.expect("loaded");
}

#[tokio::test]
async fn players_of_forgotten_boards_are_forgotten() {
    let ranks = MemoryRanks::new();
    load(&ranks, 1, 0..1_000).await;
    load(&ranks, 2, 500..2_000).await;
    assert_eq!(ranks.players(), 2_000);
    let newcomers = [update(1, 5_000, 1, 1), update(2, 5_000, 1, 2), update(2, 5_000, 2, 3)];
    ranks.set(&newcomers).await.expect("taken over");
    assert_eq!(ranks.players(), 2_001);
    load(&ranks, 1, 0..700).await;
    assert_eq!(ranks.players(), 2_001);
    ranks.unload(board(2)).await.expect("forgotten");
    assert_eq!(ranks.players(), 700);
    ranks.unload(board(1)).await.expect("forgotten");
    assert_eq!(ranks.players(), 0);
}

#[tokio::test]
async fn a_refused_load_leaves_no_players_behind() {
    let ranks = MemoryRanks::new();
    ranks.begin_load(board(1)).await.expect("announced");
    // More than an index keeps for a load that does not come.
    let updates: Vec<Update> = (0..4_096).map(|n| update(1, n, 1, n)).collect();
    for _ in 0..257 {
        ranks.set(&updates).await.expect("taken over");
    }
    let refused = ranks.load(board(1), vec![stored(1, 1)]).await;
    assert!(refused.is_err(), "updates were dropped, so the standings may be outdated");
    assert_eq!(ranks.players(), 0);
    load(&ranks, 1, 0..10).await;
    assert_eq!(ranks.players(), 10);
}

#[tokio::test]
async fn a_player_takes_less_than_a_hundred_bytes() {
    let ranks = MemoryRanks::new();
    let players = 150_000;
    load(&ranks, 1, 0..players).await;
    let loaded = ranks.heap_bytes();
    // After every entry was moved as well.
    let updates: Vec<Update> = (0..players).map(|n| update(1, n, 2, n * 7_919 % players)).collect();
    ranks.set(&updates).await.expect("taken over");
    let moved = ranks.heap_bytes();
    for bytes in [loaded, moved] {
        let each = bytes / usize::try_from(players).expect("positive");
        assert!((1..100).contains(&each), "{each} bytes a player");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_boards_while_batches_and_loads_come_in() {
    let ranks = MemoryRanks::new();
    let players = 3_000;
    load(&ranks, 1, 0..players).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (ranks, done) = (ranks.clone(), Arc::clone(&done));
        async move {
            let mut reads = 0_u64;
            while !done.load(Ordering::Acquire) || reads == 0 {
                let places = ranks.range(board(1), 0, 5_000).await.expect("it stays loaded");
                assert_eq!(places.len(), 3_000, "a player who moves is never missing");
                assert!(
                    places.is_sorted_by_key(|place| std::cmp::Reverse(place.standing.points)),
                    "in order"
                );
                let one = player(i64::try_from(reads).expect("few") % 3_000);
                let around = ranks.around(board(1), &one, 2).await.expect("loaded");
                assert!(around.iter().any(|place| place.player == one));
                reads += 1;
                tokio::task::yield_now().await;
            }
        }
    });
    for round in 0..20_i64 {
        let updates: Vec<Update> =
            (0..players).map(|n| update(1, n, round + 2, n * (round + 3) % 1_009)).collect();
        ranks.set(&updates).await.expect("taken over");
        if round % 5 == 0 {
            load(&ranks, 1, 0..players).await;
            load(&ranks, 2, 0..round).await;
            ranks.unload(board(2)).await.expect("forgotten");
        }
    }
    done.store(true, Ordering::Release);
    reader.await.expect("no reader saw a torn board");
    assert_eq!(ranks.players(), 3_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_between_an_announcement_and_the_end_of_its_load() {
    let ranks = MemoryRanks::new();
    for round in 0..20_i64 {
        ranks.begin_load(board(1)).await.expect("announced");
        let writer = tokio::spawn({
            let ranks = ranks.clone();
            async move {
                for n in 0..2_000 {
                    ranks.set(&[update(1, n, 2, 10_000 + n)]).await.expect("taken over");
                }
            }
        });
        let stored = (0..2_000).map(|n| stored(n, n)).collect();
        ranks.load(board(1), stored).await.expect("loaded");
        writer.await.expect("all written");
        let places = ranks.range(board(1), 0, 2_000).await.expect("loaded");
        let points: Vec<i64> = places.iter().map(|place| place.standing.points).collect();
        let expected: Vec<i64> = (10_000..12_000).rev().collect();
        assert_eq!(points, expected, "round {round}");
        ranks.unload(board(1)).await.expect("forgotten");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn only_players_on_some_board_are_remembered(
        batches in prop::collection::vec(
            prop::collection::vec((1..4_i64, 0..40_i64, 0..4_i64, 0..9_i64), 0..20),
            0..12,
        ),
        unloaded in 1..4_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let ranks = MemoryRanks::new();
            for slot in 1..4 {
                load(&ranks, slot, 0..5).await;
            }
            let mut model: std::collections::BTreeSet<(i64, i64)> =
                (1..4).flat_map(|slot| (0..5).map(move |n| (slot, n))).collect();
            for batch in batches {
                let mut updates = Vec::new();
                for (slot, n, version, points) in batch {
                    model.insert((slot, n));
                    updates.push(update(slot, n, version, points));
                }
                ranks.set(&updates).await.expect("taken over");
            }
            ranks.unload(board(unloaded)).await.expect("forgotten");
            model.retain(|(slot, _)| *slot != unloaded);
            let remembered: std::collections::BTreeSet<i64> =
                model.iter().map(|(_, n)| *n).collect();
            assert_eq!(ranks.players(), remembered.len());
            for slot in (1..4).filter(|slot| *slot != unloaded) {
                let expected = model.iter().filter(|(on, _)| *on == slot).count() as u64;
                assert_eq!(ranks.len(board(slot)).await.expect("loaded"), expected);
            }
        });
    }
}
