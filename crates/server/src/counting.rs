//! Rate limits that are counted by all nodes: this one tells the others through Redis what it spent.

use std::sync::Arc;
use std::time::Duration;

use scoreline_http::parts::{Counting, RateLimits};
use scoreline_limits_redis::RedisLimits;

use crate::config::Config;
use crate::error::ServerError;

/// How often others are told. What a client can take too much by asking several nodes is what it can ask them
/// within this time (docs/adr/0018).
const TELL_EVERY: Duration = Duration::from_millis(200);
/// How long to wait after Redis did not answer.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What the nodes share, where there is a Redis.
pub(crate) fn shared_limits(config: &Config) -> Result<Option<RedisLimits>, ServerError> {
    let Some(redis) = config.profile.redis() else { return Ok(None) };
    let root_certificate = redis.root_certificate.as_deref();
    Ok(Some(RedisLimits::connect(&redis.url, &config.namespace, root_certificate)?))
}

/// Tells others what was spent here for as long as it runs, and hears what they spent.
pub(crate) async fn count_together(limits: Arc<RateLimits>, shared: Option<RedisLimits>) {
    let Some(shared) = shared else { return };
    let mut is_alone = false;
    loop {
        let told = limits.exchange(|spent| tell(&shared, spent)).await;
        match (limits.counting(), is_alone) {
            (Counting::Alone { reason }, false) => {
                is_alone = true;
                tracing::warn!(
                    limits.reason = reason,
                    "rate limits are counted by this node alone"
                );
            }
            (Counting::Together, true) if told.is_ok() => {
                is_alone = false;
                tracing::info!("rate limits are counted by all nodes again");
            }
            _ => {}
        }
        tokio::time::sleep(if told.is_ok() { TELL_EVERY } else { TRY_AGAIN }).await;
    }
}

async fn tell(
    shared: &RedisLimits,
    spent: Vec<scoreline_http::parts::Spent>,
) -> Result<Vec<Duration>, String> {
    let spent: Vec<(String, Duration)> =
        spent.into_iter().map(|spent| (spent.whose, spent.cost)).collect();
    shared.spend(&spent).await.map_err(|error| error.to_string())
}
