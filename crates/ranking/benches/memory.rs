//! Three boards of a million players each: what an update, a rank and a page cost, and how many bytes
//! a player takes. The standard library's sorted set, which cannot tell ranks, is the baseline of an
//! update; counting in it is the baseline of a rank. `cargo bench -p scoreline-ranking`.

use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Entry, PlayerEntry, PlayerName, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::Boards;
use tokio::runtime::Runtime;
use tokio::time::Instant;

const PLAYERS: u64 = 1_000_000;
const BOARD: BoardKey = board(1);

const fn board(slot: i64) -> BoardKey {
    BoardKey { slot: Slot(slot), period: Timestamp::EPOCH }
}

/// A fixed sequence that looks random.
fn scattered(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The `n`-th player: a UUID, or a text of 36 characters that is none.
fn player(n: u64, uuids: bool) -> PlayerId {
    let mixed = u128::from(scattered(n)) << 64 | u128::from(n);
    let text =
        if uuids { uuid::Uuid::from_u128(mixed).to_string() } else { format!("dev-{mixed:032x}") };
    PlayerId::new(&text).expect("a player id")
}

fn points(n: u64) -> i64 {
    i64::try_from(scattered(n) % 40_000).expect("small")
}

fn standing(n: u64) -> Standing {
    let ms = i64::try_from(n % 1_000_000).expect("small");
    Standing { points: points(n), reached_at: Timestamp::EPOCH.plus_ms(ms) }
}

/// A row as a game of some months leaves it: games over half a year, and a sum beside the score.
fn entry(n: u64, version: i64) -> Entry {
    let mut standing = standing(n);
    let days = i64::try_from(scattered(n) % 180).expect("small");
    standing.reached_at = standing.reached_at.plus_ms(1_780_000_000_000 + days * 86_400_000);
    let mut sums = [0; BOARD_SUMS_MAX];
    sums[0] = i64::try_from(scattered(n ^ 7) % 400_000).expect("small");
    let last_at = standing.reached_at.plus_ms(sums[0] * 1_000);
    Entry { standing, attempts: version, last_at, sums, taken_back: 0 }
}

fn load(runtime: &Runtime, boards: &Boards, slot: i64, uuids: bool) {
    let entry = |n| PlayerEntry {
        player: player(n, uuids),
        entry: entry(n, i64::try_from(scattered(n ^ 3) % 500).expect("small")),
    };
    let entries: Vec<PlayerEntry> = (0..PLAYERS).map(entry).collect();
    runtime.block_on(async {
        boards.begin_load(board(slot));
        let start = Instant::now();
        for part in entries.chunks(8_192) {
            boards.load_part(board(slot), part.to_vec()).await.expect("announced");
        }
        boards.finish_load(board(slot)).await.expect("announced");
        let kind = if uuids { "UUIDs" } else { "texts of 36 characters" };
        let bytes = boards.heap_bytes() as f64 / PLAYERS as f64;
        println!("{PLAYERS} {kind}: board {slot} in {:.0?}, {bytes:.1} bytes", start.elapsed());
    });
}

fn loaded(runtime: &Runtime, uuids: bool) -> Boards {
    let boards = Boards::new();
    for slot in 1..=3 {
        load(runtime, &boards, slot, uuids);
    }
    let names: Vec<PlayerName> = (0..PLAYERS)
        .map(|n| PlayerName {
            player: player(n, uuids),
            nickname: format!("player {n}"),
            version: Version(1_795_392_000_000),
        })
        .collect();
    boards.set_names(&names);
    println!("with names: {:.1} bytes a player", boards.heap_bytes() as f64 / PLAYERS as f64);
    boards
}

fn memory(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    drop(loaded(&runtime, false));
    let ranks = loaded(&runtime, true);
    let ids: Vec<PlayerId> = (0..4_096).map(|n| player(scattered(n) % PLAYERS, true)).collect();
    let mut group = criterion.benchmark_group("a_million_players");

    let batches: Vec<Vec<Update>> = (0..64)
        .map(|batch| {
            (0..2_000)
                .map(|n| scattered(batch * 2_000 + n))
                .map(|n| Update {
                    board: BOARD,
                    player: player(n % PLAYERS, true),
                    entry: entry(n >> 8, i64::try_from(1_000 + batch).expect("small")),
                })
                .collect()
        })
        .collect();
    let mut next = batches.iter().cycle();
    group.throughput(Throughput::Elements(2_000));
    group.bench_function("update_in_batches_of_2000", |bench| {
        bench.iter(|| {
            let batch = next.next().expect("a cycle does not end");
            runtime.block_on(ranks.set(black_box(batch)));
        });
    });
    let mut ids = ids.chunks(1).cycle();
    group.throughput(Throughput::Elements(1));
    group.bench_function("rank", |bench| {
        bench.iter(|| {
            let id = ids.next().expect("a cycle does not end");
            ranks.places(BOARD, black_box(id)).expect("loaded")
        });
    });
    for (name, offset) in [("top_15", 0), ("15_in_the_middle", PLAYERS / 2)] {
        group.bench_function(name, |bench| {
            bench.iter(|| ranks.range(BOARD, black_box(offset), 15).expect("loaded"));
        });
    }
    group.bench_function("around_5", |bench| {
        bench.iter(|| {
            let id = ids.next().expect("a cycle does not end");
            ranks.around(BOARD, black_box(&id[0]), 5).expect("loaded")
        });
    });
    group.finish();
    println!("after the updates: {:.1} bytes a player", ranks.heap_bytes() as f64 / PLAYERS as f64);
}

/// The same with what the standard library has.
fn baseline(criterion: &mut Criterion) {
    let key = |standing: Standing, n: u64| (-standing.points, standing.reached_at, n);
    let mut standings: HashMap<u64, Standing> = (0..PLAYERS).map(|n| (n, standing(n))).collect();
    let mut set: BTreeSet<_> = standings.iter().map(|(n, at)| key(*at, *n)).collect();
    let mut group = criterion.benchmark_group("sorted_set_of_the_standard_library");
    group.sample_size(10);
    let mut next = 0;
    group.bench_function("update", |bench| {
        bench.iter(|| {
            next += 1;
            let (n, new) = (scattered(next) % PLAYERS, standing(scattered(next) >> 8));
            let old = standings.insert(n, new).expect("a known player");
            set.remove(&key(old, n));
            set.insert(key(new, n));
        });
    });
    group.bench_function("rank_by_counting_10000th", |bench| {
        let entry = *set.iter().nth(10_000).expect("enough players");
        bench.iter(|| set.range(..black_box(entry)).count());
    });
    group.finish();
}

criterion_group!(benches, memory, baseline);
criterion_main!(benches);
