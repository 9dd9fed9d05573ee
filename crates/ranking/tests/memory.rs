//! Boards in memory forget, stay small, and their readers get their turn while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Entry, PlayerEntry, PlayerName, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::Boards;

fn board(slot: i64) -> BoardKey {
    BoardKey { slot: Slot(slot), period: Timestamp::EPOCH }
}

fn player(n: i64) -> PlayerId {
    PlayerId::new(&format!("0193f0a2-1111-7abc-8def-{n:012x}")).expect("a player id")
}

/// As a game of some months leaves it: times over half a year, a sum beside the score.
fn entry(n: i64, version: i64, points: i64) -> Entry {
    let last_at = Timestamp::EPOCH.plus_ms(1_795_392_000_000 + n * 7_919 % 180 * 86_400_000 + n);
    let reached_at = last_at.plus_ms(-(n % 977) * 3_600_000);
    let mut sums = [0; BOARD_SUMS_MAX];
    sums[0] = n * 6_151 % 400_000;
    Entry {
        standing: Standing { points, reached_at },
        attempts: version,
        last_at,
        sums,
        taken_back: 0,
    }
}

fn stored(n: i64, points: i64) -> PlayerEntry {
    PlayerEntry { player: player(n), entry: entry(n, 1, points) }
}

fn update(slot: i64, n: i64, version: i64, points: i64) -> Update {
    Update { board: board(slot), player: player(n), entry: entry(n, version, points) }
}

async fn load(boards: &Boards, slot: i64, players: std::ops::Range<i64>) {
    boards.begin_load(board(slot));
    let standings = players.map(|n| stored(n, n)).collect();
    boards.load(board(slot), standings).await.expect("loaded");
}

#[tokio::test]
async fn players_of_forgotten_boards_are_forgotten() {
    let boards = Boards::new();
    load(&boards, 1, 0..1_000).await;
    load(&boards, 2, 500..2_000).await;
    assert_eq!(boards.players(), 2_000);
    let newcomers = [update(1, 5_000, 1, 1), update(2, 5_000, 1, 2), update(2, 5_000, 2, 3)];
    boards.set(&newcomers).await;
    assert_eq!(boards.players(), 2_001);
    load(&boards, 1, 0..700).await;
    assert_eq!(boards.players(), 2_001);
    boards.unload(board(2)).await;
    assert_eq!(boards.players(), 700);
    boards.unload(board(1)).await;
    assert_eq!(boards.players(), 0);
}

#[tokio::test]
async fn a_refused_load_leaves_no_players_behind() {
    let boards = Boards::new();
    boards.begin_load(board(1));
    // More than an index keeps for a load that does not come.
    let updates: Vec<Update> = (0..4_096).map(|n| update(1, n, 1, n)).collect();
    for _ in 0..257 {
        boards.set(&updates).await;
    }
    let refused = boards.load(board(1), vec![stored(1, 1)]).await;
    assert!(refused.is_err(), "updates were dropped, so the standings may be outdated");
    assert_eq!(boards.players(), 0);
    load(&boards, 1, 0..10).await;
    assert_eq!(boards.players(), 10);
}

#[tokio::test]
async fn a_named_player_on_three_boards_takes_less_than_a_hundred_and_fifty_bytes() {
    let boards = Boards::new();
    let players = 100_000;
    for slot in 1..=3 {
        load(&boards, slot, 0..players).await;
    }
    let names = (0..players).map(|n| PlayerName {
        player: player(n),
        nickname: format!("player {n}"),
        version: Version(n),
    });
    boards.set_names(&names.collect::<Vec<_>>());
    let loaded = boards.heap_bytes();
    // After every entry was moved as well.
    for slot in 1..=3 {
        let moved = |n| update(slot, n, 2, n * 7_919 % players);
        boards.set(&(0..players).map(moved).collect::<Vec<_>>()).await;
    }
    let moved = boards.heap_bytes();
    for bytes in [loaded, moved] {
        let each = bytes / usize::try_from(players).expect("positive");
        assert!((50..150).contains(&each), "{each} bytes a player");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_boards_while_batches_and_loads_come_in() {
    let boards = Boards::new();
    let players = 3_000;
    load(&boards, 1, 0..players).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (boards, done) = (boards.clone(), Arc::clone(&done));
        async move {
            let mut reads = 0_u64;
            while !done.load(Ordering::Acquire) || reads == 0 {
                let places = boards.range(board(1), 0, 5_000).expect("it stays loaded");
                assert_eq!(places.len(), 3_000, "a player who moves is never missing");
                assert!(
                    places.is_sorted_by_key(|place| std::cmp::Reverse(place.entry.standing.points)),
                    "in order"
                );
                let one = player(i64::try_from(reads).expect("few") % 3_000);
                let around = boards.around(board(1), &one, 2).expect("loaded");
                assert!(around.iter().any(|place| place.player == one));
                reads += 1;
                tokio::task::yield_now().await;
            }
        }
    });
    for round in 0..20_i64 {
        let updates: Vec<Update> =
            (0..players).map(|n| update(1, n, round + 2, n * (round + 3) % 1_009)).collect();
        boards.set(&updates).await;
        if round % 5 == 0 {
            load(&boards, 1, 0..players).await;
            load(&boards, 2, 0..round).await;
            boards.unload(board(2)).await;
        }
    }
    done.store(true, Ordering::Release);
    reader.await.expect("no reader saw a torn board");
    assert_eq!(boards.players(), 3_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_between_an_announcement_and_the_end_of_its_load() {
    let boards = Boards::new();
    for round in 0..20_i64 {
        boards.begin_load(board(1));
        let writer = tokio::spawn({
            let boards = boards.clone();
            async move {
                for n in 0..2_000 {
                    boards.set(&[update(1, n, 2, 10_000 + n)]).await;
                }
            }
        });
        let stored = (0..2_000).map(|n| stored(n, n)).collect();
        boards.load(board(1), stored).await.expect("loaded");
        writer.await.expect("all written");
        let places = boards.range(board(1), 0, 2_000).expect("loaded");
        let points: Vec<i64> = places.iter().map(|place| place.entry.standing.points).collect();
        let expected: Vec<i64> = (10_000..12_000).rev().collect();
        assert_eq!(points, expected, "round {round}");
        boards.unload(board(1)).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn only_players_on_some_board_are_remembered(
        batches in prop::collection::vec(
            // An entry of no attempt is none.
            prop::collection::vec((1..4_i64, 0..40_i64, 1..4_i64, 0..9_i64), 0..20),
            0..12,
        ),
        unloaded in 1..4_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let boards = Boards::new();
            for slot in 1..4 {
                load(&boards, slot, 0..5).await;
            }
            let mut model: std::collections::BTreeSet<(i64, i64)> =
                (1..4).flat_map(|slot| (0..5).map(move |n| (slot, n))).collect();
            for batch in batches {
                let mut updates = Vec::new();
                for (slot, n, version, points) in batch {
                    model.insert((slot, n));
                    updates.push(update(slot, n, version, points));
                }
                boards.set(&updates).await;
            }
            boards.unload(board(unloaded)).await;
            model.retain(|(slot, _)| *slot != unloaded);
            let remembered: std::collections::BTreeSet<i64> =
                model.iter().map(|(_, n)| *n).collect();
            assert_eq!(boards.players(), remembered.len());
            for slot in (1..4).filter(|slot| *slot != unloaded) {
                let expected = model.iter().filter(|(on, _)| *on == slot).count() as u64;
                assert_eq!(boards.len(board(slot)).expect("loaded"), expected);
            }
        });
    }
}
