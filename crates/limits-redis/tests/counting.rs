//! What nodes count together, on a real Redis.

use std::time::Duration;

use scoreline_limits_redis::{LimitsError, RedisLimits};
use scoreline_testkit::redis::RedisServer;

fn node(url: &str, namespace: &str) -> RedisLimits {
    RedisLimits::connect(url, namespace, None).expect("an address")
}

async fn spend(node: &RedisLimits, whose: &str, seconds: u64) -> Duration {
    let spent = [(whose.to_owned(), Duration::from_secs(seconds))];
    node.spend(&spent).await.expect("Redis answers")[0]
}

/// A time, less what has passed since.
#[track_caller]
fn is_about(whole_in: Duration, seconds: u64) {
    let most = Duration::from_secs(seconds);
    assert!(whole_in <= most && whole_in > most.mul_f64(0.5), "{whole_in:?} of {most:?}");
}

#[tokio::test]
async fn what_two_nodes_spend_adds_up_and_comes_back() {
    let redis = RedisServer::start().await;
    let (one, two) = (node(&redis.url(), "game"), node(&redis.url(), "game"));
    is_about(spend(&one, "ann", 600).await, 600);
    is_about(spend(&two, "ann", 600).await, 1_200);
    is_about(spend(&two, "ben", 60).await, 60);
    is_about(spend(&node(&redis.url(), "other"), "ann", 60).await, 60);
    let expires_ms: i64 = redis.ask(&["PTTL", "{game:limits}:ann"]).await;
    is_about(Duration::from_millis(expires_ms.try_into().expect("it expires")), 1_200);
    let batch =
        [("ann".to_owned(), Duration::from_secs(1)), ("eve".to_owned(), Duration::from_secs(40))];
    let whole_in = one.spend(&batch).await.expect("Redis answers");
    is_about(whole_in[0], 1_201);
    is_about(whole_in[1], 40);
}

#[tokio::test]
async fn a_redis_that_is_away_is_an_error_within_a_bounded_time_and_used_again_when_it_is_back() {
    let mut redis = RedisServer::start().await;
    let node = node(&redis.url(), "game");
    assert!(node.spend(&[]).await.expect("it is there").is_empty());
    redis.kill();
    let error = node.spend(&[("ann".to_owned(), Duration::from_secs(1))]).await.expect_err("away");
    assert!(matches!(error, LimitsError::Unanswered(_)), "{error}");
    redis.run().await;
    is_about(spend(&node, "ann", 60).await, 60);
}

#[tokio::test]
async fn a_redis_that_is_silent_is_not_waited_for() {
    let redis = RedisServer::start().await;
    let node = node(&redis.url(), "game");
    is_about(spend(&node, "ann", 600).await, 600);
    redis.signal("STOP");
    let asked = tokio::time::timeout(Duration::from_secs(10), node.spend(&[])).await;
    asked.expect("it gives up by itself").expect_err("no answer");
    redis.signal("CONT");
}
