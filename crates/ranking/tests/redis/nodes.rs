//! Several nodes, and loads that meet or never come to an end.

use scoreline_core::rank::{RankError, RankIndex};
use scoreline_testkit::redis::RedisServer;

use super::{BOARD, load, node, player, row, update, whole};

#[tokio::test]
async fn two_nodes_that_load_a_board_at_once_both_end_with_all_of_it() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let (a, b) = (node(&server).await, node(&server).await);
    let standings = row(4);
    a.begin_load(BOARD).await.expect("announced");
    a.load_part(BOARD, standings[..2].to_vec()).await.expect("taken");
    b.begin_load(BOARD).await.expect("announced");
    b.load_part(BOARD, standings[..3].to_vec()).await.expect("taken");
    // Both loads take it over, and so does the board once the first has ended.
    a.set(&[update(1, 2, 100)]).await.expect("taken over");
    a.load_part(BOARD, standings[2..].to_vec()).await.expect("taken");
    a.finish_load(BOARD).await.expect("loaded");
    let first = [(1, 100), (0, 4), (2, 2), (3, 1)].map(|(n, at)| (player(n).to_string(), at));
    assert_eq!(whole(&b).await, first);
    b.set(&[update(3, 2, 50)]).await.expect("taken over");
    b.load_part(BOARD, standings[3..].to_vec()).await.expect("taken");
    b.finish_load(BOARD).await.expect("loaded");
    let second = [(1, 100), (3, 50), (0, 4), (2, 2)].map(|(n, at)| (player(n).to_string(), at));
    assert_eq!(whole(&a).await, second);
    assert_eq!(keys(&server).await, 4, "the board, its two parts and the list of boards");
}

#[tokio::test]
async fn a_load_that_begins_again_forgets_its_parts_and_keeps_its_updates() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let ranks = node(&server).await;
    ranks.begin_load(BOARD).await.expect("announced");
    ranks.load_part(BOARD, row(600)).await.expect("taken");
    ranks.set(&[update(7, 2, 1_000), update(900, 1, 5)]).await.expect("taken over");
    ranks.begin_load(BOARD).await.expect("announced");
    ranks.finish_load(BOARD).await.expect("loaded");
    let kept = [(7, 1_000), (900, 5)].map(|(n, at)| (player(n).to_string(), at));
    assert_eq!(whole(&ranks).await, kept);
    assert_eq!(keys(&server).await, 4);
}

#[tokio::test]
async fn what_a_node_left_that_died_in_a_load_goes_by_itself() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let (dead, alive) = (node(&server).await, node(&server).await);
    dead.begin_load(BOARD).await.expect("announced");
    dead.load_part(BOARD, row(3)).await.expect("taken");
    alive.set(&[update(8, 1, 9)]).await.expect("taken over");
    // Every key of the load ends at some time, whoever wrote it last.
    let all: Vec<String> = server.ask(&["KEYS", "*{1/0}*"]).await;
    assert_eq!(all.len(), 3, "{all:?}");
    for key in &all {
        let ttl: i64 = server.ask(&["PTTL", key]).await;
        assert!((1..=360_000).contains(&ttl), "{key} stays for {ttl} ms");
    }
    load(&alive, row(2)).await;
    for key in server.ask::<Vec<String>>(&["KEYS", "*{1/0}*"]).await {
        let ttl: i64 = server.ask(&["PTTL", &key]).await;
        assert!(ttl > 0 || !all.contains(&key), "{key} stays");
        assert!(ttl < 0 || all.contains(&key), "{key} of a board goes");
    }
    // As time does it.
    let loads = all.iter().find(|key| key.ends_with(":loads")).expect("announced");
    server.ask::<i64>(&["DEL", loads]).await;
    assert!(matches!(dead.finish_load(BOARD).await, Err(RankError::NotLoaded)));
    assert_eq!(alive.len(BOARD).await.expect("loaded"), 2);
}

#[tokio::test]
async fn a_board_that_another_node_unloads_in_a_load_is_refused() {
    let server = RedisServer::start_with(&["--save", ""]).await;
    let (a, b) = (node(&server).await, node(&server).await);
    a.begin_load(BOARD).await.expect("announced");
    a.load_part(BOARD, row(3)).await.expect("taken");
    b.unload(BOARD).await.expect("forgotten");
    assert!(matches!(a.load_part(BOARD, row(3)).await, Err(RankError::NotLoaded)));
    assert!(matches!(a.finish_load(BOARD).await, Err(RankError::NotLoaded)));
    assert_eq!(keys(&server).await, 0);
}

async fn keys(server: &RedisServer) -> u64 {
    server.ask(&["DBSIZE"]).await
}
