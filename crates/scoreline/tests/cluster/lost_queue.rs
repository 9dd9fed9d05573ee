//! Somebody deletes everything in Redis: the events that wait there, and the ranks.

use std::time::Duration;

use scoreline_testkit::postgres::Server;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::devices::{Devices, seed};
use crate::node::wait_for;
use crate::redis_away::{asked, play};

/// Players of a board that takes Redis seconds to take in.
const PLAYERS: u64 = 100_000;
/// How long a reader may wait meanwhile; counting takes a debug build a part of it.
const READ_LONGEST: Duration = Duration::from_secs(1);

#[test]
fn a_queue_that_lost_its_events_says_how_many_and_goes_on() {
    let cluster = Cluster::start(Server::shared().database(), 2);
    let devices = Devices::start(&cluster.nodes, 500, seed());
    devices.ledger.wait_for_more(500);
    cluster.set_paused(true);
    devices.ledger.wait_for_more(1_500);
    cluster.redis.ask::<()>(&["FLUSHALL"]);
    devices.ledger.wait_for_more(500);
    cluster.wait_for_health("the loss", |health| {
        health["services"]["redis"]["losses"] == 1
            && health["services"]["redis"]["lost_events"].as_u64().is_some_and(|lost| lost > 0)
    });
    cluster.set_paused(false);
    devices.ledger.wait_for_more(500);
    let ledger = devices.finish();
    assert_eq!((ledger.refused(), ledger.cut_off()), (0, 0), "intake never stops");
    wait_for("an empty queue", || (cluster.redis.open_events() == 0).then_some(()));
    let lost = ledger.acknowledged() - cluster.stored();
    let told = cluster.redis.count("lost_events");
    println!("lost {lost}, estimated {told}");
    assert!(lost >= 1_500 && told.abs_diff(lost) <= lost / 5, "lost {lost}, estimated {told}");
    for node in &cluster.nodes {
        assert!(node.log().contains("the queue has lost what waited in it"), "{}", node.log());
    }
    cluster.check_what_is_stored();
}

#[test]
fn ranks_that_redis_lost_are_told_by_the_database_until_they_are_there_again() {
    let cluster = Cluster::start(Server::shared().database(), 1);
    let node = &cluster.nodes[0];
    play(node, "first", 10_000);
    wait_for("somebody on the board", || (cluster.stored() == 1).then_some(()));
    cluster.database.run(&format!(
        "INSERT INTO scoreline.board_entries SELECT (jsonb_populate_record(e, \
         jsonb_build_object('player_id', 'p' || n, 'points', e.points - n))).* \
         FROM scoreline.board_entries e, generate_series(1, {PLAYERS}) n"
    ));
    cluster.redis.ask::<()>(&["FLUSHALL"]);
    let (mut told_by_the_database, mut slowest) = (0, Duration::ZERO);
    wait_for("the board out of Redis", || {
        let begin = Instant::now();
        let (friends, age) = asked(node, "/api/v2/leaderboards/global/rank?user_ids=p50000");
        slowest = slowest.max(begin.elapsed());
        assert!(slowest < READ_LONGEST, "a reader waited for {slowest:?}");
        assert_eq!(friends["players"][0]["rank"], 50_001, "{friends}");
        told_by_the_database += u32::from(age > 0);
        let (own, age) = asked(node, "/api/v2/leaderboard/user/p50000");
        (age == 0 && own["total_players"] == PLAYERS + 1).then_some(())
    });
    println!("the slowest of {told_by_the_database} answers of the database took {slowest:?}");
    assert!(told_by_the_database > 0, "the database was never asked");
}
