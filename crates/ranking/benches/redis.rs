//! A board of a million players in a Redis of its own: how long a load takes, what an update, a rank
//! and a page cost, and how many bytes a player takes there. `cargo bench -p scoreline-ranking --bench
//! redis`, with another number of players in `PLAYERS`. The baseline of every command is one that does
//! nothing (`ping`).

use std::time::Duration;

use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{PlayerStanding, RankIndex, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::{RedisOptions, RedisRanks};
use scoreline_testkit::redis::RedisServer;
use tokio::time::Instant;

const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
/// How many players a part of a load has, as when it is read from the store.
const PART: u64 = 16_384;
const BATCH: u64 = 2_000;
const TIMES: u32 = 2_000;

/// A fixed sequence that looks random.
fn scattered(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn player(n: u64) -> PlayerId {
    let id = uuid::Uuid::from_u128(u128::from(scattered(n)) << 64 | u128::from(n));
    PlayerId::new(&id.to_string()).expect("a player id")
}

fn standing(n: u64) -> Standing {
    let points = i64::try_from(scattered(n) % 40_000).expect("small");
    let ms = i64::try_from(n % 1_000_000).expect("small");
    Standing { points, reached_at: Timestamp::EPOCH.plus_ms(ms) }
}

async fn used_memory(server: &RedisServer) -> f64 {
    let info: String = server.ask(&["INFO", "memory"]).await;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    used.and_then(|bytes| bytes.trim().parse().ok()).expect("a number")
}

/// Prints the middle and the slowest hundredth of some measurements.
fn print(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let (middle, slow) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("{what}: {middle:.0?}, 99 of 100 within {slow:.0?}");
}

/// Loads the board and prints how long that took and how large it is.
async fn load(ranks: &RedisRanks, server: &RedisServer, players: u64) {
    let empty = used_memory(server).await;
    ranks.begin_load(BOARD).await.expect("announced");
    let mut took = Duration::ZERO;
    for first in (0..players).step_by(usize::try_from(PART).expect("small")) {
        let stored =
            |n| PlayerStanding { player: player(n), standing: standing(n), version: Version(1) };
        let part = (first..players.min(first + PART)).map(stored).collect();
        let begin = Instant::now();
        ranks.load_part(BOARD, part).await.expect("taken");
        took += begin.elapsed();
    }
    let begin = Instant::now();
    ranks.finish_load(BOARD).await.expect("loaded");
    took += begin.elapsed();
    let each = (used_memory(server).await - empty) / players as f64;
    println!("{players} UUIDs: loaded in {took:.1?}, {each:.0} bytes a player");
}

async fn measure(ranks: &RedisRanks, server: &RedisServer, players: u64) {
    let mut took = Vec::new();
    for version in 2..66 {
        let update = |n: u64| Update {
            board: BOARD,
            player: player(scattered(n) % players),
            standing: standing(scattered(n) >> 8),
            version: Version(version),
        };
        let first = version.unsigned_abs() * BATCH;
        let batch: Vec<Update> = (first..first + BATCH).map(update).collect();
        let begin = Instant::now();
        ranks.set(&batch).await.expect("taken over");
        took.push(begin.elapsed());
    }
    print("update of 2,000 players", took);
    let mut connection = server.connection().await;
    let (mut nothing, mut rank, mut ranks_of_100) = (Vec::new(), Vec::new(), Vec::new());
    let (mut top, mut middle, mut around) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..u64::from(TIMES) {
        let ids: Vec<PlayerId> =
            (0..100).map(|at| player(scattered(n * 100 + at) % players)).collect();
        let begin = Instant::now();
        redis::cmd("PING").exec_async(&mut connection).await.expect("answers");
        nothing.push(begin.elapsed());
        let begin = Instant::now();
        ranks.places(BOARD, &ids[..1]).await.expect("loaded");
        rank.push(begin.elapsed());
        let begin = Instant::now();
        ranks.places(BOARD, &ids).await.expect("loaded");
        ranks_of_100.push(begin.elapsed());
        let begin = Instant::now();
        ranks.range(BOARD, 0, 15).await.expect("loaded");
        top.push(begin.elapsed());
        let begin = Instant::now();
        ranks.range(BOARD, players / 2, 15).await.expect("loaded");
        middle.push(begin.elapsed());
        let begin = Instant::now();
        ranks.around(BOARD, &ids[0], 5).await.expect("loaded");
        around.push(begin.elapsed());
    }
    for (what, took) in [
        ("ping", nothing),
        ("rank", rank),
        ("ranks of 100 players", ranks_of_100),
        ("top 15", top),
        ("15 in the middle", middle),
        ("around 5", around),
    ] {
        print(what, took);
    }
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("PLAYERS").ok().and_then(|number| number.parse().ok());
    let players = wanted.unwrap_or(if is_test { 1_000 } else { 1_000_000 });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let server = RedisServer::start_with(&["--save", ""]).await;
        let ranks = RedisRanks::connect(RedisOptions::new(server.url())).await.expect("connects");
        load(&ranks, &server, players).await;
        measure(&ranks, &server, players).await;
    });
}
