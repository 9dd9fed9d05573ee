//! A Redis with a password, over TLS.

use scoreline_core::queue::{Queue, QueueError, Result};
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_testkit::redis::{PASSWORD, RedisServer};

use crate::broker::{RedisBroker, options};

scoreline_testkit::queue_conformance!(RedisBroker::start_guarded().await);

async fn ping(options: RedisOptions) -> Result<()> {
    RedisQueue::connect(options).expect("the address is right").ping().await
}

#[tokio::test]
async fn whoever_has_no_or_the_wrong_password_is_refused_without_showing_it() {
    let server = RedisServer::start_guarded().await;
    for wrong in ["", ":sardine@"] {
        let url = server.url().replace(&format!(":{PASSWORD}@"), wrong);
        let error = ping(RedisOptions { url, ..options(&server) }).await.expect_err("refused");
        assert!(matches!(error, QueueError::Failed(_)), "{error:?}");
        let shown = format!("{error} {error:?} {:?}", options(&server));
        assert!(!shown.contains("sardine") && !shown.contains(PASSWORD), "{shown}");
    }
    ping(options(&server)).await.expect("answers");
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_is_not_talked_to() {
    let server = RedisServer::start_guarded().await;
    let unknown = RedisOptions { root_certificate: None, ..options(&server) };
    let error = ping(unknown).await.expect_err("refused");
    assert!(matches!(error, QueueError::Unreachable(_)), "{error:?}");
    let plain = RedisOptions::new(server.url().replace("rediss://", "redis://"), DATABASE);
    assert!(ping(plain).await.is_err(), "it speaks nothing but TLS");
}
