use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::sender::ProxyHeader;

fn limits(shared_by: Option<&str>) -> RateLimits {
    let shared_by = shared_by.map(|secret| secret.as_bytes().to_vec());
    let allowed = Allowed { per_minute: Some(60), body_bytes_max: 1_024, shared_by };
    let senders = Senders { trusted: Vec::new(), header: ProxyHeader::default() };
    RateLimits::new(allowed, senders)
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, last])
}

fn player(id: &str) -> PlayerId {
    PlayerId::new(id).expect("valid")
}

/// What nodes share, without a server.
#[derive(Default)]
struct Shared(Mutex<BTreeMap<String, Duration>>);

impl Shared {
    fn tell(&self, spent: Vec<Spent>) -> Ready<Result<Vec<Duration>, String>> {
        let mut known = self.0.lock();
        let sum = |spent: Spent| {
            let whole_in = known.entry(spent.whose).or_default();
            *whole_in += spent.cost;
            *whole_in
        };
        ready(Ok(spent.into_iter().map(sum).collect()))
    }
}

#[test]
fn who_guesses_is_held_up_and_the_player_is_not() {
    let (limits, ann) = (limits(None), player("ann"));
    let tries = (0..1_000).take_while(|_| limits.guess(Some(address(1)), &ann).is_ok()).count();
    assert!((20..25).contains(&tries), "{tries}");
    limits.guess(Some(address(2)), &ann).expect("the player comes from elsewhere");
    limits.guess(Some(address(1)), &player("ben")).expect("another player");
}

#[test]
fn new_players_are_limited_by_address_and_in_all() {
    let limits = limits(None);
    let bound = |last| (0..1_000).take_while(|_| limits.bind(Some(address(last))).is_ok()).count();
    let first = bound(1);
    // A limit gives a little back while the test runs.
    let about = |limit: u32| limit as usize..limit as usize + limit as usize / 10;
    assert!(about(BINDINGS_OF_ADDRESS_PER_MINUTE).contains(&first), "{first}");
    let in_all = first + (2..=200).map(bound).sum::<usize>();
    assert!(about(BINDINGS_PER_MINUTE).contains(&in_all), "{in_all}");
}

#[tokio::test(start_paused = true)]
async fn nodes_that_tell_each_other_refuse_together() {
    let (one, two, shared) = (limits(Some("s")), limits(Some("s")), Shared::default());
    let ann = player("ann");
    for _ in 0..58 {
        one.players([&ann].into_iter()).expect("she has sixty");
    }
    for _ in 0..2 {
        two.players([&ann].into_iter()).expect("the last two");
    }
    one.exchange(|spent| shared.tell(spent)).await.expect("it answers");
    two.exchange(|spent| shared.tell(spent)).await.expect("it answers");
    two.players([&ann].into_iter()).expect_err("the second node heard of the first");
    two.players([&player("ben")].into_iter()).expect("another player");
    assert_eq!((one.counting(), two.counting()), (Counting::Together, Counting::Together));
}

#[tokio::test]
async fn what_is_shared_names_nobody_and_another_secret_is_another_name() {
    let (one, other, shared) = (limits(Some("s")), limits(Some("t")), Shared::default());
    for limits in [&one, &other] {
        for _ in 0..3 {
            limits.players([&player("ann")].into_iter()).expect("the first");
            limits.guess(Some(address(1)), &player("ann")).expect("the first");
        }
        limits.exchange(|spent| shared.tell(spent)).await.expect("it answers");
    }
    let names: Vec<String> = shared.0.lock().keys().cloned().collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(!names.iter().any(|name| name.contains("ann") || name.contains("203")), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hears_nothing_counts_alone_and_says_why() {
    let limits = limits(Some("s"));
    let silent = async || {
        limits.players([&player("ann")].into_iter()).expect("she has sixty");
        limits.players([&player("ann")].into_iter()).expect("she has sixty");
        limits.exchange(async |_| Err("it is away".to_owned())).await
    };
    assert_eq!(silent().await, Err("it is away".to_owned()));
    assert_eq!(limits.counting(), Counting::Together, "once is nothing");
    tokio::time::advance(Duration::from_secs(3)).await;
    silent().await.expect_err("still");
    assert_eq!(limits.counting(), Counting::Alone { reason: "it is away".to_owned() });
    let shared = Shared::default();
    limits.players([&player("ann")].into_iter()).expect("she has sixty");
    limits.players([&player("ann")].into_iter()).expect("she has sixty");
    limits.exchange(|spent| shared.tell(spent)).await.expect("it answers");
    assert_eq!(limits.counting(), Counting::Together);
    let told: Vec<Duration> = shared.0.lock().values().copied().collect();
    assert_eq!(told, [Duration::from_secs(2)], "what came before is not told afterwards");
}
