//! How the database ranks while Redis is away: a node is started with a Redis, the Redis is killed,
//! and ranks are read while events come in.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use scoreline_server::Config;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::load::{DRAIN, Load, Pace, SystemClock};
use scoreline_traffic::report::Report;
use scoreline_traffic::workload::{Mixed, RankReads, Workload};

use crate::commands::bench::measured::Measured;
use crate::commands::bench::ms;
use crate::commands::bench::shared::throwaway::Redis;
use crate::output::note;

/// Reads a second: ranks, first rows with the reader's own rank, neighbours.
const READS_PER_SECOND: f64 = 300.0;

/// Measures on the database of the settings, in which so many players are on the main board. Answers
/// the 99th percentile of reads in milliseconds; `None` where there is no Redis to start.
pub async fn measure(
    config: &Config,
    folder: &Path,
    (players, duration): (u64, Duration),
    report: &mut Report,
) -> anyhow::Result<Option<f64>> {
    let redis = match Redis::start(&folder.join("redis")).await {
        Ok(redis) => redis,
        Err(error) => {
            note!("  ranks while Redis is away are not measured: {error:#}");
            return Ok(None);
        }
    };
    let database = config.postgres.as_ref().map_or("", |postgres| &postgres.url);
    let settings = [
        ("DATABASE_URL", database),
        ("REDIS_URL", &*redis.url),
        ("SCORELINE_NAMESPACE", &*config.namespace),
    ];
    let node = Measured::start("serve", &folder.join("node"), &settings).await?;
    let mut options = BenchOptions::new(node.target.clone());
    (options.players, options.duration, options.warm_up) = (players, duration, Duration::ZERO);
    let events = Bench::new(options.clone());
    let reads = [
        (3, "/api/v2/leaderboard/user/"),
        (2, "/api/v2/leaderboard/global?user_id="),
        (1, "/api/v2/leaderboards/global/players/"),
    ]
    .map(|(share, path)| (share, Arc::new(RankReads::of(path, players)) as Arc<dyn Workload>));
    let reads: Arc<dyn Workload> = Arc::new(Mixed::new(reads.into()));
    let load = |name: &str, duration| Load {
        name: name.to_owned(),
        target: node.target.clone(),
        pace: Pace::Open { per_second: READS_PER_SECOND },
        connections: options.connections,
        warm_up: Duration::ZERO,
        duration,
        drain: DRAIN,
        requests_max: None,
        clock: Arc::new(SystemClock),
    };
    let before = load("ranks out of Redis", duration / 3).run(Arc::clone(&reads)).await?;
    note!("  {}", before.summary());
    // Killed.
    drop(redis);
    let reads = load("ranks while Redis is away", duration).run(reads);
    let (reads, mut events) = tokio::try_join!(reads, events.acknowledgement())?;
    "events beside them".clone_into(&mut events.name);
    note!("  {}\n  {}", reads.summary(), events.summary());
    let p99_ms = ms(reads.p99_us);
    report.phases.extend([before, reads, events]);
    node.stop().await?;
    Ok(Some(p99_ms))
}
