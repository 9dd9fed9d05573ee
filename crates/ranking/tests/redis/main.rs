//! Ranks on real Redis servers: the suite of rank indexes, and what only Redis can do to one.

mod faults;
mod nodes;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{PlayerStanding, RankError, RankIndex, Standing, Update, Version};
use scoreline_core::time::Timestamp;
use scoreline_ranking::{RedisOptions, RedisRanks};
use scoreline_testkit::redis::{PASSWORD, RedisCluster, RedisServer};
use tokio::time::Instant;

const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
/// How long something may take that happens soon.
const SOON: Duration = Duration::from_secs(20);

fn player(n: u64) -> PlayerId {
    PlayerId::new(&format!("player-{n:05}")).expect("a player id")
}

fn standing(points: i64) -> Standing {
    Standing { points, reached_at: Timestamp::EPOCH }
}

fn update(n: u64, version: i64, points: i64) -> Update {
    Update {
        board: BOARD,
        player: player(n),
        standing: standing(points),
        version: Version(version),
    }
}

/// `n` players in their first version, the first with the most points.
fn row(n: u64) -> Vec<PlayerStanding> {
    let points = |at: u64| i64::try_from(n - at).expect("small");
    let stored = |at| PlayerStanding {
        player: player(at),
        standing: standing(points(at)),
        version: Version(1),
    };
    (0..n).map(stored).collect()
}

fn options(server: &RedisServer) -> RedisOptions {
    let root_certificate = server.root_certificate();
    RedisOptions { root_certificate, ..RedisOptions::new(server.url()) }
}

async fn node(server: &RedisServer) -> RedisRanks {
    RedisRanks::connect(options(server)).await.expect("the address is right")
}

async fn load(ranks: &RedisRanks, standings: Vec<PlayerStanding>) {
    ranks.begin_load(BOARD).await.expect("announced");
    ranks.load(BOARD, standings).await.expect("loaded");
}

/// Points by place, with the players' numbers.
async fn whole(ranks: &RedisRanks) -> Vec<(String, i64)> {
    let places = ranks.range(BOARD, 0, 100_000).await.expect("loaded");
    places.into_iter().map(|place| (place.player.to_string(), place.standing.points)).collect()
}

/// Waits until the ranks answer, whatever they say.
async fn until_reached(ranks: &RedisRanks) {
    let deadline = Instant::now() + SOON;
    while let Err(RankError::Unreachable(error)) = ranks.len(BOARD).await {
        assert!(Instant::now() < deadline, "Redis is not found again: {error}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// An index whose boards nobody else sees.
async fn alone(options: RedisOptions) -> RedisRanks {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let namespace = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    RedisRanks::connect(RedisOptions { namespace, ..options }).await.expect("connects")
}

#[tokio::test]
async fn ranks_in_redis_pass_the_suite_of_rank_indexes() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    scoreline_testkit::rank_conformance!(one_by_one: alone(options(&server)));
}

#[tokio::test]
async fn ranks_behind_a_password_and_tls_pass_the_suite() {
    let server = RedisServer::start_guarded().await;
    scoreline_testkit::rank_conformance!(one_by_one: alone(options(&server)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranks_in_a_cluster_pass_the_suite() {
    let cluster = RedisCluster::start().await;
    scoreline_testkit::rank_conformance!(one_by_one: alone(RedisOptions::new(cluster.url())));
}

#[tokio::test]
async fn boards_longer_than_any_step_are_written_and_read_whole() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    load(&ranks, row(9_000)).await;
    let updates: Vec<Update> = (0..2_000).map(|n| update(n, 2, -1)).collect();
    ranks.set(&updates).await.expect("taken over");
    let places = ranks.range(BOARD, 0, usize::MAX).await.expect("loaded");
    assert_eq!(places.len(), 9_000);
    assert!((1..).zip(&places).all(|(rank, place)| rank == place.rank));
    assert_eq!(places[0].player, player(2_000));
    assert_eq!(places[8_999].player, player(1_999));
    let asked: Vec<PlayerId> = places.iter().map(|place| place.player.clone()).collect();
    let found = ranks.places(BOARD, &asked).await.expect("loaded");
    assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), places);
}

#[tokio::test]
async fn a_malformed_address_or_namespace_is_refused_without_repeating_it() {
    for url in ["", "swordfish", "http://:swordfish@host", "redis://:swordfish@host:port"] {
        let refused = RedisRanks::connect(RedisOptions::new(url)).await.err().expect("refused");
        let shown = format!("{refused} {refused:?} {:?}", RedisOptions::new(url));
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
    let namespace = "{a}".to_owned();
    let options = RedisOptions { namespace, ..RedisOptions::new("redis://127.0.0.1") };
    assert!(RedisRanks::connect(options).await.is_err());
}
