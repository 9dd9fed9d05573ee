//! What can happen to a server, and what somebody else can do to its data.

use std::time::Duration;

use scoreline_core::rank::{RankError, RankIndex};
use scoreline_ranking::RedisRanks;
use scoreline_testkit::redis::RedisServer;
use tokio::time::Instant;

use super::{BOARD, SOON, load, node, player, row, until_reached, update, whole};

async fn is_not_loaded(ranks: &RedisRanks) -> bool {
    matches!(ranks.len(BOARD).await, Err(RankError::NotLoaded))
}

fn is_unreachable<T: std::fmt::Debug>(answer: &Result<T, RankError>) -> bool {
    matches!(answer, Err(RankError::Unreachable(_)))
}

#[tokio::test]
async fn ranks_may_be_set_up_before_their_server() {
    let mut server = RedisServer::start_with(&["--save", ""]).await;
    server.kill();
    let ranks = node(&server).await;
    assert!(is_unreachable(&ranks.len(BOARD).await));
    server.run().await;
    until_reached(&ranks).await;
    load(&ranks, row(2)).await;
    assert_eq!(ranks.len(BOARD).await.expect("loaded"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_updates_and_reads_is_away_and_then_back() {
    let mut server = RedisServer::start().await;
    let ranks = node(&server).await;
    load(&ranks, row(50)).await;
    for round in 1..=3_i64 {
        let (writer, reader) = (ranks.clone(), ranks.clone());
        let deadline = Instant::now() + SOON;
        let write = tokio::spawn(async move {
            let mut version = round * 1_000_000;
            loop {
                version += 1;
                if let Err(error) = writer.set(&[update(3, version, version)]).await {
                    return error;
                }
                assert!(Instant::now() < deadline, "nothing happens");
            }
        });
        let read = tokio::spawn(async move {
            loop {
                if let Err(error) = reader.places(BOARD, &[player(3)]).await {
                    return error;
                }
                assert!(Instant::now() < deadline, "nothing happens");
            }
        });
        server.kill();
        for error in [write.await.expect("ends"), read.await.expect("ends")] {
            assert!(matches!(error, RankError::Unreachable(_)), "{error}");
        }
        let begin = Instant::now();
        for _ in 0..100 {
            assert!(is_unreachable(&ranks.range(BOARD, 0, 10).await));
        }
        assert!(begin.elapsed() < Duration::from_millis(400), "{:?}", begin.elapsed());
        server.run().await;
        until_reached(&ranks).await;
        // An update was lost on the way: what Redis kept of the board is outdated.
        assert!(is_not_loaded(&ranks).await, "an outdated board is read");
        load(&ranks, row(50)).await;
        assert_eq!(ranks.len(BOARD).await.expect("loaded"), 50);
    }
}

#[tokio::test]
async fn a_server_that_is_silent_costs_one_short_wait() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    load(&ranks, row(2)).await;
    server.signal("STOP");
    let begin = Instant::now();
    assert!(is_unreachable(&ranks.len(BOARD).await));
    assert!(begin.elapsed() < Duration::from_millis(900), "{:?}", begin.elapsed());
    let begin = Instant::now();
    assert!(is_unreachable(&ranks.set(&[update(1, 2, 9)]).await));
    assert!(begin.elapsed() < Duration::from_millis(100), "{:?}", begin.elapsed());
    server.signal("CONT");
    until_reached(&ranks).await;
    assert!(is_not_loaded(&ranks).await, "an outdated board is read");
}

#[tokio::test]
async fn a_server_that_lost_everything_is_loaded_again() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    load(&ranks, row(3)).await;
    ranks.begin_load(BOARD).await.expect("announced");
    server.ask::<()>(&["FLUSHALL"]).await;
    server.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    assert!(is_not_loaded(&ranks).await);
    ranks.set(&[update(1, 2, 9)]).await.expect("passed over");
    assert!(matches!(ranks.load_part(BOARD, row(3)).await, Err(RankError::NotLoaded)));
    assert_eq!(ranks.loaded().await.expect("a list"), []);
    load(&ranks, row(2)).await;
    assert_eq!(whole(&ranks).await.len(), 2);
    assert_eq!(ranks.loaded().await.expect("a list"), [(BOARD, 2)]);
}

#[tokio::test]
async fn a_server_that_went_back_in_time_is_not_believed() {
    let mut server = RedisServer::start().await;
    let ranks = node(&server).await;
    load(&ranks, row(3)).await;
    let copy = server.copy();
    ranks.set(&[update(1, 2, 9)]).await.expect("taken over, and forgotten");
    server.kill();
    server.put_back(&copy);
    server.run().await;
    // Nobody has met a broken connection, and the board looks whole.
    let late = node(&server).await;
    assert!(is_not_loaded(&late).await, "an outdated board is read");
    assert!(is_not_loaded(&ranks).await, "an outdated board is read");
    load(&late, row(3)).await;
    assert_eq!(ranks.len(BOARD).await.expect("loaded"), 3);
}

#[tokio::test]
async fn a_load_that_a_server_forgot_a_part_of_comes_to_nothing() {
    let mut server = RedisServer::start().await;
    let ranks = node(&server).await;
    ranks.begin_load(BOARD).await.expect("announced");
    ranks.load_part(BOARD, row(3)).await.expect("taken");
    server.kill();
    server.run().await;
    until_reached(&ranks).await;
    assert!(matches!(ranks.finish_load(BOARD).await, Err(RankError::NotLoaded)));
}

#[tokio::test]
async fn a_node_that_could_not_tell_what_it_committed_is_behind_until_it_has_put_that_right() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let (ranks, other) = (node(&server).await, node(&server).await);
    load(&ranks, row(3)).await;
    assert!(!ranks.is_behind());
    server.signal("STOP");
    assert!(is_unreachable(&ranks.set(&[update(1, 2, 9)]).await));
    assert!(ranks.is_behind() && !other.is_behind());
    server.signal("CONT");
    until_reached(&ranks).await;
    assert!(is_not_loaded(&other).await, "it is forgotten for all");
    assert!(!ranks.is_behind());
}

#[tokio::test]
async fn a_board_of_which_a_part_is_gone_does_not_count_as_loaded() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    for end in [":order", ":players", ":live"] {
        for players in [3, 0] {
            load(&ranks, row(players)).await;
            let keys: Vec<String> = server.ask(&["KEYS", "*{1/0}*"]).await;
            let Some(key) = keys.iter().find(|key| key.ends_with(end)) else {
                assert!(players == 0 && end == ":order", "{keys:?}");
                continue;
            };
            server.ask::<i64>(&["DEL", key]).await;
            assert!(is_not_loaded(&ranks).await, "without {end}");
        }
    }
}

#[tokio::test]
async fn a_full_server_takes_no_updates_and_keeps_no_outdated_board() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    load(&ranks, row(3)).await;
    server.ask::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(is_unreachable(&ranks.set(&[update(1, 2, 9)]).await));
    assert!(is_not_loaded(&ranks).await, "an outdated board is read");
    assert!(is_unreachable(&ranks.begin_load(BOARD).await));
    server.ask::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    load(&ranks, row(3)).await;
    assert_eq!(ranks.len(BOARD).await.expect("loaded"), 3);
}

#[tokio::test]
async fn a_replica_takes_no_updates() {
    let primary = RedisServer::start_with(&["--save", ""]).await;
    let replica = RedisServer::start_with(&["--save", ""]).await;
    let port = primary.port().to_string();
    replica.ask::<()>(&["REPLICAOF", "127.0.0.1", &port]).await;
    let ranks = node(&replica).await;
    assert!(is_unreachable(&ranks.begin_load(BOARD).await));
    assert!(is_unreachable(&ranks.unload(BOARD).await));
}
