//! What nodes count together of rate limits, on Redis: for each of those who are counted, when their allowance is whole
//! again.
//!
//! A node tells in batches what it spent and hears what all have spent; who is counted and when that is done is for
//! `http`. Every key goes by itself when the allowance is whole, so what is kept here is a few minutes old at most and
//! may be lost without harm.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::{FromRedisValue, RedisError};
use scoreline_redis_link::{Link, Server, Source, is_namespace};

/// How long Redis may take for an answer. A node that hears nothing counts by itself, so there is no use in
/// waiting.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(250);

static SPEND: LazyLock<Source> =
    LazyLock::new(|| Source::new(include_str!("../scripts/spend.lua")));

/// Why there is no way to Redis, or no answer from it.
#[derive(Debug, thiserror::Error)]
pub enum LimitsError {
    /// The namespace cannot be part of a key.
    #[error("the namespace may have letters, digits and -_.: only, at most 100")]
    Namespace,
    /// The address cannot be read. It is not repeated, because it may hold a password.
    #[error("{0}")]
    Address(RedisError),
    /// Redis did not do what it was asked to.
    #[error("Redis does not count limits: {0}")]
    Unanswered(RedisError),
}

/// One node's way to what all nodes count.
pub struct RedisLimits {
    link: Link,
    prefix: String,
}

impl RedisLimits {
    /// A way to the Redis at `url`, which need not be there yet.
    pub fn connect(
        url: &str,
        namespace: &str,
        root_certificate: Option<&[u8]>,
    ) -> Result<Self, LimitsError> {
        if !is_namespace(namespace) {
            return Err(LimitsError::Namespace);
        }
        let server = Server::parse(url, root_certificate).map_err(LimitsError::Address)?;
        let link = Link::new(Arc::new(server), RESPONSE_TIMEOUT);
        // One hash tag: a batch goes to one server of a cluster.
        Ok(Self { link, prefix: format!("{{{namespace}:limits}}:") })
    }

    /// Adds what was spent, by names that all nodes use and how long it takes until that much comes back; answers for
    /// each how long it takes until the allowance is whole. A batch that is repeated because the connection broke may
    /// count twice, which is over as soon as that much comes back.
    pub async fn spend(&self, spent: &[(String, Duration)]) -> Result<Vec<Duration>, LimitsError> {
        if spent.is_empty() {
            let answer = self.link.send(&redis::cmd("PING")).await;
            return answer.map(|_| Vec::new()).map_err(LimitsError::Unanswered);
        }
        let keys: Vec<String> =
            spent.iter().map(|(whose, _)| format!("{}{whose}", self.prefix)).collect();
        let answer = SPEND
            .run(&self.link, &keys, |cmd| {
                for (_, cost) in spent {
                    cmd.arg(u64::try_from(cost.as_micros()).unwrap_or(u64::MAX));
                }
            })
            .await;
        let whole_in = answer.and_then(|answer| Ok(Vec::<u64>::from_redis_value(answer)?));
        let whole_in = whole_in.map_err(LimitsError::Unanswered)?;
        Ok(whole_in.into_iter().map(Duration::from_micros).collect())
    }
}
