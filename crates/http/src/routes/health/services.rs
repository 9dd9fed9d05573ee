//! The services of a server, as `/api/health` shows them.

use scoreline_core::intake::QueueLink;
use scoreline_core::nodes::Node;
use scoreline_core::store::{self, SetAsideFigures};
use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::Doubt;
use serde::Serialize;
use utoipa::ToSchema;

use super::condition::Condition;
use crate::limits::Counting;
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
    pub(super) clock: ClockService,
    pub(super) limits: LimitsService,
    pub(super) set_aside: SetAsideService,
}

/// The database.
#[derive(Serialize, ToSchema)]
pub(super) struct DatabaseService {
    pub(super) status: Condition,
    /// Milliseconds.
    #[serde(rename = "responseTime")]
    pub(super) response_ms: u64,
    pub(super) reason: Option<String>,
    /// What others can do to the connections on their way, where they are not encrypted and proven.
    pub(super) risks: Vec<&'static str>,
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

/// The clock by which everything goes.
#[derive(Serialize, ToSchema)]
pub(super) struct ClockService {
    pub(super) status: Condition,
    /// Since when it is in doubt, by the time that counts.
    #[schema(value_type = Option<Moment>)]
    pub(super) in_doubt_since: Option<Timestamp>,
    /// How far it is ahead of the time that counts; behind if negative.
    pub(super) offset_seconds: f64,
    /// Why it is not trusted, and the way out.
    pub(super) reason: Option<String>,
}

/// How rate limits are counted.
#[derive(Serialize, ToSchema)]
pub(super) struct LimitsService {
    pub(super) status: Condition,
    /// `all_nodes`, or `this_node` where there is no Redis or it does not answer.
    pub(super) counted_by: &'static str,
    /// Why this node counts alone, where it should not.
    pub(super) reason: Option<String>,
}

/// Events that were set aside, as far as this node knows.
#[derive(Serialize, ToSchema)]
pub(super) struct SetAsideService {
    pub(super) status: Condition,
    /// Bytes that rejected events may take, and dead ones as well.
    pub(super) bytes_max: u64,
    pub(super) quarantine: SetAsideUse,
    pub(super) dead: SetAsideUse,
}

/// What is set aside in one place.
#[derive(Serialize, ToSchema)]
pub(super) struct SetAsideUse {
    pub(super) bytes: u64,
    /// Events that this node removed since it started, because they were too many or too old.
    pub(super) removed: u64,
}

impl From<SetAsideFigures> for SetAsideService {
    fn from(figures: SetAsideFigures) -> Self {
        let used =
            |of: store::SetAsideUse| SetAsideUse { bytes: of.size.bytes, removed: of.let_go };
        Self {
            // It never costs the service anything: what is too much goes.
            status: Condition::Healthy,
            bytes_max: figures.max.bytes,
            quarantine: used(figures.quarantine),
            dead: used(figures.dead),
        }
    }
}

/// A job that fails.
#[derive(Serialize, ToSchema)]
pub(super) struct FailingJob {
    pub(super) job: &'static str,
    /// How often in a row.
    pub(super) failures: u32,
    pub(super) reason: String,
}

impl From<Option<&QueueLink>> for RedisService {
    fn from(queue: Option<&QueueLink>) -> Self {
        let status = match queue {
            None => Condition::NotConfigured,
            Some(QueueLink { away: Some(_), .. }) => Condition::Unhealthy,
            Some(QueueLink { held_up: Some(_), .. }) => Condition::Degraded,
            Some(_) => Condition::Healthy,
        };
        Self {
            status,
            reason: queue.and_then(|queue| queue.away.clone().or_else(|| queue.held_up.clone())),
            risks: queue.map_or_else(Vec::new, |queue| queue.risks.clone()),
            losses: queue.map_or(0, |queue| queue.losses.times),
            lost_events: queue.map_or(0, |queue| queue.losses.events),
        }
    }
}

impl From<Option<Doubt>> for ClockService {
    fn from(doubt: Option<Doubt>) -> Self {
        Self {
            status: if doubt.is_none() { Condition::Healthy } else { Condition::Degraded },
            in_doubt_since: doubt.map(|doubt| doubt.since),
            offset_seconds: doubt.map_or(0.0, |doubt| doubt.offset_ms as f64 / 1_000.0),
            reason: doubt.map(|doubt| doubt.to_string()),
        }
    }
}

impl From<Counting> for LimitsService {
    fn from(counting: Counting) -> Self {
        let (status, counted_by, reason) = match counting {
            Counting::Here => (Condition::Healthy, "this_node", None),
            Counting::Together => (Condition::Healthy, "all_nodes", None),
            Counting::Alone { reason } => (Condition::Degraded, "this_node", Some(reason)),
        };
        Self { status, counted_by, reason }
    }
}

impl From<Vec<Node>> for NodesService {
    fn from(others: Vec<Node>) -> Self {
        let others = others.into_iter().map(|Node { report, reported_at }| OtherNode {
            node: report.node.to_string(),
            address: report.address,
            version: report.version,
            reported_at,
        });
        Self { status: Condition::Healthy, others: others.collect() }
    }
}

impl From<Vec<(&'static str, u32, String)>> for SchedulerService {
    fn from(failing: Vec<(&'static str, u32, String)>) -> Self {
        let status = if failing.is_empty() { Condition::Healthy } else { Condition::Degraded };
        let failing =
            failing.into_iter().map(|(job, failures, reason)| FailingJob { job, failures, reason });
        Self { status, failing: failing.collect() }
    }
}
