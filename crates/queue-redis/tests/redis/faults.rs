//! What can happen to a server, and what somebody else can do to its data.

use std::time::Duration;

use redis::Value;
use scoreline_core::game::Class::{self, Bulk, Critical, Normal};
use scoreline_core::queue::loss::Losses;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Amount, Hold, Leased, Queue, QueueError, QueueSettings, Result, Settled,
};
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_testkit::queue_conformance::Broker;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_testkit::queue_conformance::world::{Node, SOON, node, nos, parcel};
use scoreline_testkit::redis::RedisServer;
use tokio::time::Instant;

use crate::broker::{RedisBroker, key};

/// A node, and the server that it stands on.
async fn start() -> (RedisBroker, RedisQueue) {
    let broker = RedisBroker::start().await;
    let queue = broker.node(QueueSettings::of(DATABASE));
    (broker, queue)
}

fn is_unreachable<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(QueueError::Unreachable(_)))
}

async fn push(queue: &RedisQueue, no: u32, events: u32) -> Result<()> {
    queue.push(Normal, &parcel(no, events, i64::from(no))).await
}

async fn claim(queue: &RedisQueue) -> Result<Vec<Leased>> {
    queue.claim(1_000_000, &Shares::default()).await
}

fn settled(leased: &[Leased]) -> Vec<Settled> {
    leased.iter().map(|leased| Settled { lease: leased.lease.clone(), dead: 0 }).collect()
}

/// Tries until it succeeds; answers how long that took.
async fn until_it_works(mut attempt: impl AsyncFnMut() -> Result<()>) -> Duration {
    let begin = Instant::now();
    while let Err(error) = attempt().await {
        assert!(begin.elapsed() < SOON, "it does not come back: {error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begin.elapsed()
}

/// Returns once a node listens to the server for work.
async fn until_somebody_waits(server: &RedisServer) {
    let deadline = Instant::now() + SOON;
    while !server.ask::<String>(&["INFO", "clients"]).await.contains("blocked_clients:1") {
        assert!(Instant::now() < deadline, "nobody waits");
    }
}

#[tokio::test]
async fn a_server_that_was_killed_has_kept_everything_and_is_used_again_at_once() {
    let (mut broker, queue) = start().await;
    push(&queue, 1, 3).await.expect("takes a parcel");
    let leased = claim(&queue).await.expect("hands out work");
    push(&queue, 2, 4).await.expect("takes a parcel");
    broker.server.kill();
    let begin = Instant::now();
    assert!(is_unreachable(&push(&queue, 3, 1).await));
    assert!(is_unreachable(&claim(&queue).await));
    assert!(is_unreachable(&queue.wait(SOON).await));
    assert!(is_unreachable(&queue.ping().await));
    assert!(begin.elapsed() < Duration::from_secs(2), "a server that is gone is noticed at once");

    broker.server.run().await;
    let took = until_it_works(async || queue.ping().await).await;
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    let holds = queue.settle(&settled(&leased)).await.expect("settles what was leased before");
    assert_eq!(holds, [Hold::Held]);
    assert_eq!(nos(&claim(&queue).await.expect("hands out work")), [2]);
    assert_eq!(queue.figures().await.expect("counts").losses, Losses::default());
}

#[tokio::test]
async fn who_waits_while_the_server_goes_is_told_and_can_wait_again_when_it_is_back() {
    let (mut broker, queue) = start().await;
    claim(&queue).await.expect("nothing");
    let (waited, ()) = tokio::join!(queue.wait(SOON), async {
        until_somebody_waits(&broker.server).await;
        broker.server.kill();
    });
    assert!(is_unreachable(&waited));
    broker.server.run().await;
    until_it_works(async || queue.wait(Duration::from_millis(10)).await).await;
    let sender = broker.node(QueueSettings::of(DATABASE));
    let begin = Instant::now();
    let (waited, pushed) = tokio::join!(queue.wait(SOON), push(&sender, 1, 1));
    pushed.expect("takes a parcel");
    waited.expect("is woken");
    assert!(begin.elapsed() < SOON / 2);
}

#[tokio::test]
async fn a_queue_may_be_set_up_before_its_server() {
    let mut server = RedisServer::start().await;
    server.kill();
    let queue = RedisQueue::connect(RedisOptions::new(server.url(), DATABASE))
        .expect("the address is right");
    assert!(is_unreachable(&push(&queue, 1, 1).await));
    assert!(is_unreachable(&queue.preflight().await));
    server.run().await;
    push(&queue, 1, 1).await.expect("takes a parcel");
    assert_eq!(queue.preflight().await.expect("answers"), []);
}

#[tokio::test]
async fn a_server_that_is_silent_does_not_keep_anybody_for_long() {
    let (broker, queue) = start().await;
    push(&queue, 1, 1).await.expect("takes a parcel");
    broker.server.signal("STOP");
    let begin = Instant::now();
    let (pushed, claimed, pinged) = tokio::join!(push(&queue, 2, 1), claim(&queue), queue.ping());
    assert!(is_unreachable(&pushed) && is_unreachable(&claimed) && is_unreachable(&pinged));
    assert!(begin.elapsed() < Duration::from_secs(10), "it took {:?}", begin.elapsed());
    broker.server.signal("CONT");
    until_it_works(async || queue.ping().await).await;
    let figures = queue.figures().await.expect("counts");
    // What was sent while it was silent may have arrived nevertheless.
    assert!(figures.by_class[Normal].open_events() >= 1);
    assert_eq!(figures.losses, Losses::default());
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_sent_again() {
    let (broker, queue) = start().await;
    push(&queue, 1, 1).await.expect("takes a parcel");
    broker.server.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    let leased = claim(&queue).await.expect("hands out work");
    broker.server.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(queue.settle(&settled(&leased)).await.expect("settles"), [Hold::Held]);
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_queue() {
    let broker = RedisBroker::start().await;
    let nodes: Vec<RedisQueue> = (0..8).map(|_| broker.node(QueueSettings::of(DATABASE))).collect();
    let pushes = nodes.iter().zip(1..).map(|(queue, no)| push(queue, no, 1));
    for pushed in futures_util::future::join_all(pushes).await {
        pushed.expect("takes a parcel");
    }
    for queue in &nodes {
        let figures = queue.figures().await.expect("counts");
        assert_eq!(figures.by_class[Normal].waiting, Amount { events: 8, parcels: 8 });
        assert_eq!(figures.losses, Losses::default());
    }
    assert_eq!(claim(&nodes[3]).await.expect("hands out work").len(), 8);
}

#[tokio::test]
async fn a_group_that_was_destroyed_comes_back_with_all_that_was_not_settled() {
    let (broker, queue) = start().await;
    for no in 1..=4 {
        push(&queue, no, no).await.expect("takes a parcel");
    }
    let leased = queue.claim(3, &Shares::default()).await.expect("hands out work");
    assert_eq!(nos(&leased), [1, 2]);
    queue.settle(&settled(&leased[..1])).await.expect("settles");
    broker.server.ask::<i64>(&["XGROUP", "DESTROY", &key(Normal, "work"), "workers"]).await;
    let holds = queue.settle(&settled(&leased)).await.expect("settles what there is");
    assert_eq!(holds, [Hold::Gone; 2], "nobody's lease is known any more");
    let figures = queue.figures().await.expect("counts");
    assert_eq!(figures.by_class[Normal].waiting, Amount { events: 9, parcels: 3 });
    assert_eq!(figures.by_class[Normal].active, Amount::default());
    let leased = claim(&queue).await.expect("hands out work");
    assert_eq!(nos(&leased), [2, 3, 4]);
    queue.settle(&settled(&leased)).await.expect("settles");
    let figures = queue.figures().await.expect("counts");
    assert_eq!(figures.losses, Losses::default(), "nothing is lost");
    assert_eq!(figures.by_class[Normal].completed, 10);
    assert_eq!(queue.watermark().await.expect("answers"), None);
}

#[tokio::test]
async fn a_stream_that_was_deleted_is_counted_as_lost() {
    let (broker, queue) = start().await;
    for no in 1..=3 {
        push(&queue, no, 10).await.expect("takes a parcel");
    }
    let leased = queue.claim(15, &Shares::default()).await.expect("hands out work");
    queue.retry(&[leased[0].lease.clone()], SOON).await.expect("delays");
    broker.server.ask::<i64>(&["DEL", &key(Normal, "work")]).await;
    assert_eq!(claim(&queue).await.expect("answers"), []);
    let figures = queue.figures().await.expect("counts");
    // One waited, one was leased and is safe with its worker, one is delayed and kept elsewhere.
    assert_eq!(figures.losses, Losses { times: 1, events: 10 });
    assert_eq!(figures.by_class[Normal].open_events(), 10);
    broker.age(SOON).await;
    assert_eq!(nos(&claim(&queue).await.expect("hands out work")), [1]);
}

#[tokio::test]
async fn parcels_that_somebody_deleted_hold_up_neither_claims_nor_the_watermark() {
    let (broker, queue) = start().await;
    for no in 1..=4 {
        push(&queue, no, 10).await.expect("takes a parcel");
    }
    let leased = queue.claim(15, &Shares::default()).await.expect("hands out work");
    assert_eq!(nos(&leased), [1, 2]);
    let work = key(Normal, "work");
    let entries: Vec<(String, Value)> = broker.server.ask(&["XRANGE", &work, "-", "+"]).await;
    let ids: Vec<&str> = entries.iter().map(|(id, _)| &**id).collect();
    broker.server.ask::<i64>(&["XDEL", &work, ids[0], ids[3]]).await;
    let oldest = queue.watermark().await.expect("answers");
    assert_eq!(oldest, Some(leased[1].parcel.received_at()));
    broker.age(QueueSettings::of(DATABASE).lease * 2).await;
    let mut came = nos(&claim(&queue).await.expect("hands out work"));
    came.extend(nos(&claim(&queue).await.expect("hands out what was put in order")));
    came.sort_unstable();
    came.dedup();
    assert_eq!(came, [2, 3]);
    let figures = queue.figures().await.expect("counts");
    assert_eq!(figures.by_class[Normal].open_events(), 20);
    assert_eq!(figures.losses.times, 1);
}

#[tokio::test]
async fn counters_that_were_deleted_are_counted_anew() {
    let (broker, queue) = start().await;
    for no in 1..=3 {
        push(&queue, no, 10).await.expect("takes a parcel");
    }
    let leased = queue.claim(5, &Shares::default()).await.expect("hands out work");
    broker.server.ask::<i64>(&["DEL", &key(Normal, "counts")]).await;
    let figures = queue.figures().await.expect("counts");
    assert_eq!(figures.by_class[Normal].waiting, Amount { events: 30, parcels: 3 });
    assert_eq!(queue.settle(&settled(&leased)).await.expect("answers"), [Hold::Gone]);
    assert_eq!(nos(&claim(&queue).await.expect("hands out work")), [1, 2, 3]);
}

#[tokio::test]
async fn a_server_that_went_back_in_time_is_noticed() {
    let (mut broker, queue) = start().await;
    push(&queue, 1, 5).await.expect("takes a parcel");
    let copy = broker.server.copy();
    push(&queue, 2, 7).await.expect("takes a parcel");
    let leased = claim(&queue).await.expect("hands out work");
    broker.server.kill();
    broker.server.put_back(&copy);
    broker.server.run().await;
    let figures = queue.figures().await.expect("counts");
    assert_eq!(figures.losses, Losses { times: 1, events: 7 });
    assert_eq!(figures.by_class[Normal].waiting, Amount { events: 5, parcels: 1 });
    let holds = queue.settle(&settled(&leased)).await.expect("answers");
    assert_eq!(holds, [Hold::Gone; 2], "their ids may be given again");
    assert_eq!(nos(&claim(&queue).await.expect("hands out work")), [1]);
    assert_eq!(queue.figures().await.expect("counts").losses.times, 1);
}

#[tokio::test]
async fn a_server_without_memory_takes_nothing_and_drains() {
    let (broker, queue) = start().await;
    for no in 1..=6 {
        push(&queue, no, 1).await.expect("takes a parcel");
    }
    let leased = queue.claim(4, &Shares::default()).await.expect("hands out work");
    queue.retry(&[leased[0].lease.clone()], Duration::ZERO).await.expect("delays");
    broker.server.ask::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let refused = push(&queue, 7, 1).await;
    assert!(matches!(&refused, Err(QueueError::Overloaded { class: Normal, .. })), "{refused:?}");
    // The node learns the limit from its figures, and refuses without asking.
    queue.figures().await.expect("counts");
    let refused = queue.push(Critical, &parcel(8, 1, 0)).await;
    assert!(matches!(refused, Err(QueueError::Overloaded { class: Critical, .. })));
    assert_eq!(queue.settle(&settled(&leased[1..2])).await.expect("settles"), [Hold::Held]);
    assert_eq!(queue.release(&[leased[2].lease.clone()]).await.expect("releases"), [Hold::Held]);
    let again = [leased[3].lease.clone()];
    assert_eq!(queue.retry(&again, Duration::ZERO).await.expect("delays"), [Hold::Held]);
    queue.pause(Bulk).await.expect("pauses");
    queue.resume(Bulk).await.expect("resumes");
    let mut came = claim(&queue).await.expect("hands out work");
    came.extend(claim(&queue).await.expect("hands out work"));
    let mut numbers = nos(&came);
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 3, 4, 5, 6]);
    assert_eq!(queue.settle(&settled(&came)).await.expect("settles"), [Hold::Held; 5]);
    let figures = queue.figures().await.expect("counts").by_class[Normal];
    assert_eq!((figures.open_events(), figures.completed, figures.stale), (0, 6, 0));
    assert_eq!(queue.watermark().await.expect("answers"), None);
    broker.server.ask::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    queue.figures().await.expect("counts");
    push(&queue, 9, 1).await.expect("takes a parcel again");
}

#[tokio::test]
async fn a_server_short_of_memory_refuses_the_least_urgent_first() {
    let (broker, queue) = start().await;
    // So much that what connections need does not count.
    broker.server.ask::<i64>(&["SETRANGE", "filler", "30000000", "x"]).await;
    let used = queue.figures().await.expect("counts").memory.used_bytes;
    let most = (used * 100 / 85).to_string();
    broker.server.ask::<()>(&["CONFIG", "SET", "maxmemory", &most]).await;
    queue.figures().await.expect("counts");
    let refused = queue.push(Bulk, &parcel(1, 1, 0)).await;
    assert!(matches!(refused, Err(QueueError::Overloaded { class: Bulk, .. })));
    push(&queue, 2, 1).await.expect("takes what is more urgent");
}

#[tokio::test]
async fn a_server_that_cannot_keep_what_it_is_given_says_so() {
    let (broker, queue) = start().await;
    push(&queue, 1, 1).await.expect("takes a parcel");
    let is_not_durable = |answer: Result<()>| matches!(answer, Err(QueueError::NotDurable(_)));
    broker.server.ask::<()>(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    assert!(is_not_durable(push(&queue, 2, 1).await));
    assert!(is_not_durable(queue.ping().await));
    broker.server.ask::<()>(&["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    queue.ping().await.expect("takes writes again");

    let primary = RedisServer::start().await;
    broker.server.ask::<()>(&["REPLICAOF", "127.0.0.1", &primary.port().to_string()]).await;
    // It answers as before until it has copied its primary.
    let deadline = Instant::now() + SOON;
    while !is_not_durable(queue.ping().await) {
        assert!(Instant::now() < deadline, "a replica takes writes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        queue
            .preflight()
            .await
            .expect("answers")
            .iter()
            .any(|objection| { objection.about == scoreline_core::queue::ObjectionKind::ReadOnly })
    );
}

#[tokio::test]
async fn a_server_that_forgets_or_evicts_is_objected_to_in_words() {
    use scoreline_core::queue::ObjectionKind::{Evicting, Unsynced, Volatile};
    let server = RedisServer::start_with(&["--save", ""]).await;
    server.ask::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let queue = RedisQueue::connect(RedisOptions::new(server.url(), DATABASE))
        .expect("the address is right");
    let objections = queue.preflight().await.expect("answers");
    let about: Vec<_> = objections.iter().map(|objection| objection.about).collect();
    assert_eq!(about, [Volatile, Evicting]);
    assert!(objections[0].message.contains("appendonly yes"));
    assert!(objections[1].message.contains("noeviction"));
    server.ask::<()>(&["CONFIG", "SET", "appendonly", "yes"]).await;
    server.ask::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;
    let objections = queue.preflight().await.expect("answers");
    assert_eq!(objections.iter().map(|one| one.about).collect::<Vec<_>>(), [Unsynced]);
    assert!(objections[0].message.contains("everysec"), "{objections:?}");
    server.ask::<()>(&["CONFIG", "SET", "appendfsync", "always"]).await;
    assert_eq!(queue.preflight().await.expect("answers"), []);
}

#[tokio::test]
async fn a_server_that_keeps_its_settings_to_itself_is_not_taken_on_trust() {
    let server = RedisServer::start().await;
    let words = ["ACL", "SETUSER", "guest", "on", ">guest", "~*", "&*", "+@all", "-config"];
    server.ask::<()>(&words).await;
    let url = format!("redis://guest:guest@127.0.0.1:{}", server.port());
    let queue =
        RedisQueue::connect(RedisOptions::new(url, DATABASE)).expect("the address is right");
    let objections = queue.preflight().await.expect("answers");
    assert_eq!(objections.len(), 1);
    assert!(objections[0].message.contains("does not tell"), "{objections:?}");
}

#[tokio::test]
async fn consumers_that_hold_something_are_never_forgotten() {
    let (broker, queue) = start().await;
    for class in Class::ALL {
        queue.push(class, &parcel(1, 1, 0)).await.expect("takes a parcel");
    }
    let leased = claim(&queue).await.expect("hands out work");
    let idle = broker.node(QueueSettings::of(DATABASE));
    assert_eq!(claim(&idle).await.expect("nothing"), []);
    queue.preflight().await.expect("answers");
    assert_eq!(queue.settle(&settled(&leased)).await.expect("settles"), [Hold::Held; 3]);
}

#[tokio::test]
async fn two_games_on_one_server_do_not_see_each_other() {
    let broker = RedisBroker::start().await;
    let other = RedisOptions {
        namespace: "other".to_owned(),
        ..RedisOptions::new(broker.server.url(), DATABASE)
    };
    let other = RedisQueue::connect(other).expect("the address is right");
    let node: Node = node(&broker).await;
    node.push(Normal, &parcel(1, 1, 0)).await;
    assert_eq!(claim(&other).await.expect("answers"), []);
    node.claim_one().await;
    let wrong = RedisOptions {
        namespace: "{all}".to_owned(),
        ..RedisOptions::new(broker.server.url(), DATABASE)
    };
    assert!(RedisQueue::connect(wrong).is_err(), "braces would move the hash tag");
}
