//! How the database ranks while Redis is away: a node is started with a Redis, the Redis is killed,
//! and ranks are read while events come in.

use std::sync::Arc;
use std::time::Duration;

use scoreline_server::Config;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::load::{DRAIN, Load, Pace, SystemClock};
use scoreline_traffic::report::Report;
use scoreline_traffic::workload::{Mixed, RankReads, Workload};

use super::Options;
use crate::error::Result;
use crate::measured::Measured;
use crate::measurement::{folder, ms};
use crate::shared::servers::Redis;

/// Reads a second: ranks, first rows with the reader's own rank, neighbours.
const READS_PER_SECOND: f64 = 300.0;

/// Measures on the database of the settings, with `players` players on the main board. Answers the
/// 99th percentile of reads in milliseconds; `None` where there is no Redis to start.
pub async fn measure(
    config: &Config,
    options: &Options,
    report: &mut Report,
) -> Result<Option<f64>> {
    let (say, players, duration) = (options.note, options.players, options.duration);
    let redis = match Redis::start() {
        Ok(redis) => redis,
        Err(error) => {
            say(format_args!("  ranks while Redis is away are not measured: {error}"));
            return Ok(None);
        }
    };
    let folder = folder()?;
    let database = config.profile.postgres().map_or("", |postgres| &postgres.url);
    let url = redis.url();
    let settings = [
        ("DATABASE_URL", database),
        ("REDIS_URL", &*url),
        ("SCORELINE_NAMESPACE", &*config.namespace),
    ];
    let node = Measured::start(&options.program, "serve", folder.path(), &settings).await?;
    let mut load_options = BenchOptions::new(node.target.clone());
    (load_options.players, load_options.duration, load_options.warm_up) =
        (players, duration, Duration::ZERO);
    let events = Bench::new(load_options.clone());
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
        connections: load_options.connections,
        warm_up: Duration::ZERO,
        duration,
        drain: DRAIN,
        requests_max: None,
        clock: Arc::new(SystemClock),
    };
    let before = load("ranks out of Redis", duration / 3).run(Arc::clone(&reads)).await?;
    say(format_args!("  {}", before.summary()));
    // Kills the Redis.
    drop(redis);
    let reads = load("ranks while Redis is away", duration).run(reads);
    let (reads, mut events) = tokio::try_join!(reads, events.acknowledgement())?;
    "events beside them".clone_into(&mut events.name);
    say(format_args!("  {}\n  {}", reads.summary(), events.summary()));
    let p99_ms = ms(reads.p99_us);
    report.phases.extend([before, reads, events]);
    node.stop().await?;
    Ok(Some(p99_ms))
}
