//! Health and metrics. Never limited, never cached, cheap at any volume.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use scoreline_core::alert::{Alert, Figures, Level};
use scoreline_core::fold::{FINE_GRAIN_MS, ProjectionKind};
use scoreline_core::intake::{IntakeFigures, QueueLink};
use scoreline_core::nodes::Node;
use scoreline_core::store::{PoolFigures, Totals};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::metrics::Readings;
use crate::openapi::{Moment, Unlimited, Unready};
use crate::problem::{Problem, Slug};

/// How well something is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Condition {
    Healthy,
    /// It serves, but somebody should look.
    Degraded,
    /// It does not serve.
    Unhealthy,
    /// It is not part of this setup.
    NotConfigured,
}

impl Condition {
    fn of(is_fine: bool) -> Self {
        if is_fine { Self::Healthy } else { Self::Unhealthy }
    }
}

/// The connections to the database.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pool {
    total: u32,
    idle: u32,
    waiting: u32,
    max: u32,
    /// In percent, as text.
    #[schema(example = "4.00%")]
    utilization: String,
    utilization_percent: f64,
    health: PoolHealth,
    message: &'static str,
}

/// How well the connections suffice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PoolHealth {
    Healthy,
    Warning,
    Critical,
}

/// Whether the server is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: Condition,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
    version: &'static str,
    /// Seconds since the process started.
    uptime: i64,
    services: Services,
    performance: Performance,
    /// Figures above their thresholds.
    #[schema(value_type = Vec<AlertView>)]
    alerts: Vec<Alert>,
}

/// The parts of the server.
#[derive(Serialize, ToSchema)]
struct Services {
    database: DatabaseService,
    redis: RedisService,
    queue: QueueService,
    ranks: RanksService,
    nodes: NodesService,
    scheduler: SchedulerService,
}

/// The database.
#[derive(Serialize, ToSchema)]
struct DatabaseService {
    status: Condition,
    /// Milliseconds.
    #[serde(rename = "responseTime")]
    response_ms: u64,
    reason: Option<String>,
}

/// Redis.
#[derive(Serialize, ToSchema)]
struct RedisService {
    status: Condition,
    /// Why events go to the database directly, or why the workers wait, while they do.
    reason: Option<String>,
    /// Why it may lose accepted events, where `SCORELINE_QUEUE_ACCEPTS` allows that.
    risks: Vec<String>,
    /// How often the queue lost what waited in it.
    losses: u64,
    /// About how many events that were.
    lost_events: u64,
}

/// The way in.
#[derive(Serialize, ToSchema)]
struct QueueService {
    status: Condition,
    /// `direct` or `redis`.
    mode: &'static str,
    /// Why events are not taken, while they are not.
    reason: Option<String>,
}

/// The ranks.
#[derive(Serialize, ToSchema)]
struct RanksService {
    status: Condition,
    /// Rankings that are loaded.
    boards: usize,
    reason: Option<String>,
}

/// The nodes on the same database.
#[derive(Serialize, ToSchema)]
struct NodesService {
    status: Condition,
    /// All but the one that answers.
    others: Vec<OtherNode>,
}

/// Another node on the same database.
#[derive(Serialize, ToSchema)]
struct OtherNode {
    node: String,
    address: String,
    version: String,
    /// When it was last heard of.
    #[schema(value_type = Moment)]
    reported_at: Timestamp,
}

/// The jobs that run by themselves.
#[derive(Serialize, ToSchema)]
struct SchedulerService {
    status: Condition,
    failing: Vec<FailingJob>,
}

/// A job that fails.
#[derive(Serialize, ToSchema)]
struct FailingJob {
    job: &'static str,
    /// How often in a row.
    failures: u32,
    reason: String,
}

/// How much is done.
#[derive(Serialize, ToSchema)]
struct Performance {
    /// Since the database was made.
    events_applied: u64,
    events_waiting: u64,
    /// Measured over the last minute at full load; null while nothing was measured.
    capacity_per_second: Option<f64>,
    /// Share of the workers' time that was busy over the last minute.
    current_load_percent: f64,
}

/// A figure above its threshold.
#[derive(ToSchema)]
#[schema(as = Alert)]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
struct AlertView {
    metric: String,
    value: f64,
    warning: f64,
    critical: f64,
    level: AlertLevel,
    /// What to do about it.
    advice: String,
}

/// How bad it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
enum AlertLevel {
    Critical,
    Warning,
}

/// The connections in numbers, judged by the configured thresholds.
fn pool_view(app: &App, pool: PoolFigures) -> Pool {
    let threshold = app.settings.thresholds.pool_utilization;
    let percent = pool.utilization_percent();
    let (health, message) = if percent > threshold.critical {
        (PoolHealth::Critical, "nearly all connections are in use: look for slow operator queries")
    } else if percent > threshold.warning {
        (PoolHealth::Warning, "most connections are in use")
    } else {
        (PoolHealth::Healthy, "connections are free")
    };
    Pool {
        total: pool.total,
        idle: pool.idle,
        waiting: pool.waiting,
        max: pool.max,
        utilization: format!("{percent:.2}%"),
        utilization_percent: (percent * 100.0).round() / 100.0,
        health,
        message,
    }
}

fn alerts(app: &App, totals: Totals, intake: &IntakeFigures) -> Vec<Alert> {
    let oldest_ms =
        intake.oldest_waiting.map_or(0, |oldest| app.clock.now().ms_since(oldest).max(0));
    app.settings.thresholds.alerts(&Figures {
        waiting: intake.waiting_by_class.iter().sum(),
        capacity_per_second: intake.capacity_per_second,
        failed: totals.dead,
        losses: intake.queue.as_ref().map_or(0, |queue| queue.recent_losses.times),
        worker_utilization_percent: intake.current_load_percent,
        pool_utilization_percent: app.store.pool().utilization_percent(),
        database_load_percent: None,
        oldest_waiting_seconds: oldest_ms as f64 / 1_000.0,
    })
}

/// Whether the server is well: services, figures, alerts.
#[utoipa::path(
    get, path = "/api/health", tag = "Health", operation_id = "health",
    responses(
        (status = 200, description = "It can serve", body = Health),
        (status = 503, description = "It cannot take or show anything", body = Health),
    ),
)]
pub(crate) async fn health(State(app): State<Arc<App>>) -> Response {
    let content = judge(&app).await;
    let code = match content.status {
        Condition::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    (code, Json(content)).into_response()
}

/// The same as `/api/health`.
#[utoipa::path(
    get, path = "/health", tag = "Health", operation_id = "healthShort",
    responses(
        (status = 200, description = "It can serve", body = Health),
        (status = 503, description = "It cannot take or show anything", body = Health),
    ),
)]
pub(crate) async fn short(app: State<Arc<App>>) -> Response {
    health(app).await
}

fn redis_service(queue: Option<&QueueLink>) -> RedisService {
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

fn nodes_service(others: Vec<Node>) -> NodesService {
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

/// Ranks in one node's memory miss what another node applies.
fn unshared_ranks(app: &App, others: &[Node]) -> Option<String> {
    let unshared = !app.settings.ranks_are_shared && !others.is_empty();
    unshared.then(|| {
        format!(
            "ranks are in memory, and {} more nodes write to the same database: set REDIS_URL on \
             all of them, or run one",
            others.len()
        )
    })
}

async fn judge(app: &App) -> Health {
    let asked = Instant::now();
    let ping = app.store.ping().await;
    let response_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    let totals = app.store.totals().await.unwrap_or_default();
    let intake = app.intake.figures();
    let loaded = app.ranks.index().loaded().await;
    let failing: Vec<FailingJob> = app
        .operations
        .jobs()
        .into_iter()
        .filter_map(|job| {
            let (failures, reason) = job.failing?;
            Some(FailingJob { job: job.name, failures, reason })
        })
        .collect();
    let alerts = alerts(app, totals, &intake);
    // Where a queue takes events, the database may be away for a while.
    let queue_takes_events = intake.queue.as_ref().is_some_and(|queue| queue.away.is_none());
    let broken = intake.refusing.is_some() || (ping.is_err() && !queue_takes_events);
    let others = app.operations.other_nodes();
    let unshared = unshared_ranks(app, &others);
    let redis = redis_service(intake.queue.as_ref());
    let strained = !failing.is_empty()
        || loaded.is_err()
        || ping.is_err()
        || unshared.is_some()
        || redis.reason.is_some()
        || alerts.iter().any(|alert| alert.level == Level::Critical);
    let status = match (broken, strained) {
        (true, _) => Condition::Unhealthy,
        (false, true) => Condition::Degraded,
        (false, false) => Condition::Healthy,
    };
    let scheduler = if failing.is_empty() { Condition::Healthy } else { Condition::Degraded };
    let performance = Performance {
        events_applied: totals.applied,
        events_waiting: intake.waiting_by_class.iter().sum(),
        capacity_per_second: intake.capacity_per_second,
        current_load_percent: intake.current_load_percent,
    };
    let services = Services {
        database: DatabaseService {
            status: Condition::of(ping.is_ok()),
            response_ms,
            reason: ping.err().map(|error| error.to_string()),
        },
        redis,
        queue: QueueService {
            status: Condition::of(intake.refusing.is_none()),
            mode: intake.mode,
            reason: intake.refusing,
        },
        ranks: RanksService {
            status: Condition::of(loaded.is_ok() && unshared.is_none()),
            boards: loaded.as_ref().map_or(0, Vec::len),
            reason: loaded.as_ref().err().map(ToString::to_string).or(unshared),
        },
        nodes: nodes_service(others),
        scheduler: SchedulerService { status: scheduler, failing },
    };
    let now = app.clock.now();
    Health {
        status,
        timestamp: now,
        version: env!("CARGO_PKG_VERSION"),
        uptime: now.ms_since(app.started_at).max(0) / 1_000,
        services,
        performance,
        alerts,
    }
}

/// How the intake of events is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsHealth {
    success: bool,
    status: Condition,
    /// `connected` or `disconnected`.
    database: &'static str,
    /// Events of the last five minutes.
    recent_events: i64,
    /// Events accepted more than an hour ago and not applied.
    stuck_events: u64,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
}

/// How the intake of events is doing.
#[utoipa::path(
    get, path = "/api/events/health", tag = "Health", operation_id = "eventsHealth",
    responses(
        (status = 200, description = "How it is doing", body = EventsHealth),
        Unlimited,
    ),
)]
pub(crate) async fn events(State(app): State<Arc<App>>) -> Result<Json<EventsHealth>, Problem> {
    let database = app.store.ping().await;
    let intake = app.intake.figures();
    let plan = app.operations.plan();
    let slot = plan.projection(ProjectionKind::Figures, scoreline_core::fold::FIGURES);
    let now = app.clock.now();
    let recent: i64 = match slot {
        Some(projection) => app
            .store
            .figures(projection.slot, FINE_GRAIN_MS, now.plus_ms(-FINE_GRAIN_MS))
            .await?
            .iter()
            .filter(|row| row.event_type.is_empty())
            .map(|row| row.figure.events)
            .sum(),
        None => 0,
    };
    let an_hour_ago = now.plus_ms(-3_600_000);
    let stuck = intake.oldest_waiting.is_some_and(|oldest| oldest < an_hour_ago);
    let status = match (&database, intake.refusing.is_some() || stuck) {
        (Err(_), _) => Condition::Unhealthy,
        (Ok(()), true) => Condition::Degraded,
        (Ok(()), false) => Condition::Healthy,
    };
    let waiting = if stuck { intake.waiting_by_class.iter().sum::<u64>() } else { 0 };
    Ok(Json(EventsHealth {
        success: true,
        status,
        database: if database.is_ok() { "connected" } else { "disconnected" },
        recent_events: recent,
        stuck_events: waiting,
        timestamp: now,
    }))
}

/// The connections to the database.
#[utoipa::path(
    get, path = "/api/health/pool", tag = "Health", operation_id = "pool",
    responses((status = 200, description = "The connections", body = Pool)),
)]
pub(crate) async fn pool(State(app): State<Arc<App>>) -> Json<Pool> {
    Json(pool_view(&app, app.store.pool()))
}

/// Whether the process runs.
#[utoipa::path(
    get, path = "/livez", tag = "Health", operation_id = "livez",
    responses((status = 200, description = "It runs", body = String, content_type = "text/plain; charset=utf-8", example = "ok")),
)]
pub(crate) async fn livez() -> &'static str {
    "ok"
}

/// Whether requests may be sent here.
#[utoipa::path(
    get, path = "/readyz", tag = "Health", operation_id = "readyz",
    responses(
        (status = 200, description = "They may", body = String, content_type = "text/plain; charset=utf-8", example = "ok"),
        Unready,
    ),
)]
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if app.ready.load(Ordering::Acquire) {
        Ok("ok")
    } else {
        Err(Problem::new(Slug::Unavailable, "the server is starting or shutting down"))
    }
}

/// Figures for Prometheus; names begin with `scoreline_`.
#[utoipa::path(
    get, path = "/metrics", tag = "Health", operation_id = "metrics",
    responses(
        (
            status = 200, description = "The figures", body = String,
            content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        Unlimited,
    ),
)]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let readings = Readings {
        now: app.clock.now(),
        totals: app.store.totals().await.ok(),
        intake: app.intake.figures(),
        store: app.store.store_figures().await.ok(),
        pool: app.store.pool(),
        jobs: app.operations.jobs(),
        other_nodes: app.operations.other_nodes().len(),
    };
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text(&readings)).into_response()
}
