//! The parts of a server in `/api/health`, and how some of them are judged.

use scoreline_core::intake::QueueLink;
use scoreline_core::nodes::Node;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Condition;
use crate::openapi::Moment;

/// The parts of the server.
#[derive(Serialize, ToSchema)]
pub(super) struct Services {
    pub(super) database: DatabaseService,
    pub(super) redis: RedisService,
    pub(super) queue: QueueService,
    pub(super) ranks: RanksService,
    pub(super) nodes: NodesService,
    pub(super) scheduler: SchedulerService,
}

/// The database.
#[derive(Serialize, ToSchema)]
pub(super) struct DatabaseService {
    pub(super) status: Condition,
    /// Milliseconds.
    #[serde(rename = "responseTime")]
    pub(super) response_ms: u64,
    pub(super) reason: Option<String>,
}

/// Redis.
#[derive(Serialize, ToSchema)]
pub(super) struct RedisService {
    pub(super) status: Condition,
    /// Why events go to the database directly, or why the workers wait, while they do.
    pub(super) reason: Option<String>,
    /// Why it may lose accepted events, where `SCORELINE_QUEUE_ACCEPTS` allows that.
    pub(super) risks: Vec<String>,
    /// How often the queue lost what waited in it.
    pub(super) losses: u64,
    /// About how many events that were.
    pub(super) lost_events: u64,
}

/// The way in.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueService {
    pub(super) status: Condition,
    /// `direct` or `redis`.
    pub(super) mode: &'static str,
    /// Why events are not taken, while they are not.
    pub(super) reason: Option<String>,
}

/// The ranks.
#[derive(Serialize, ToSchema)]
pub(super) struct RanksService {
    pub(super) status: Condition,
    /// Rankings that are loaded.
    pub(super) boards: usize,
    pub(super) reason: Option<String>,
}

/// The nodes on the same database.
#[derive(Serialize, ToSchema)]
pub(super) struct NodesService {
    pub(super) status: Condition,
    /// All but the one that answers.
    pub(super) others: Vec<OtherNode>,
}

/// Another node on the same database.
#[derive(Serialize, ToSchema)]
pub(super) struct OtherNode {
    pub(super) node: String,
    pub(super) address: String,
    pub(super) version: String,
    /// When it was last heard of.
    #[schema(value_type = Moment)]
    pub(super) reported_at: Timestamp,
}

/// The jobs that run by themselves.
#[derive(Serialize, ToSchema)]
pub(super) struct SchedulerService {
    pub(super) status: Condition,
    pub(super) failing: Vec<FailingJob>,
}

/// A job that fails.
#[derive(Serialize, ToSchema)]
pub(super) struct FailingJob {
    pub(super) job: &'static str,
    /// How often in a row.
    pub(super) failures: u32,
    pub(super) reason: String,
}

pub(super) fn redis_service(queue: Option<&QueueLink>) -> RedisService {
    let status = match queue {
        None => Condition::NotConfigured,
        Some(QueueLink { away: Some(_), .. }) => Condition::Unhealthy,
        Some(QueueLink { held_up: Some(_), .. }) => Condition::Degraded,
        Some(_) => Condition::Healthy,
    };
    RedisService {
        status,
        reason: queue.and_then(|queue| queue.away.clone().or_else(|| queue.held_up.clone())),
        risks: queue.map_or_else(Vec::new, |queue| queue.risks.clone()),
        losses: queue.map_or(0, |queue| queue.losses.times),
        lost_events: queue.map_or(0, |queue| queue.losses.events),
    }
}

pub(super) fn nodes_service(others: Vec<Node>) -> NodesService {
    let others = others
        .into_iter()
        .map(|Node { report, reported_at }| OtherNode {
            node: report.node.to_string(),
            address: report.address,
            version: report.version,
            reported_at,
        })
        .collect();
    NodesService { status: Condition::Healthy, others }
}

/// Why boards are not shown as they are now, while they are not.
pub(super) fn outdated_ranks(age_ms: i64) -> Option<String> {
    (age_ms > 0).then(|| {
        let seconds = age_ms.div_euclid(1_000);
        format!("the database was last heard {seconds} s ago, and the boards are as of then")
    })
}
