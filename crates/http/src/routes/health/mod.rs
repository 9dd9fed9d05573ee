//! Health and metrics. Never limited, never cached, cheap at any volume; here, how well the whole
//! server is.

pub(super) mod events;
pub(super) mod metrics;
pub(super) mod pool;
pub(super) mod probes;
mod services;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use scoreline_core::alert::{Alert, Figures, Level};
use scoreline_core::intake::IntakeFigures;
use scoreline_core::store::{self, StoreError, Totals};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use services::{
    DatabaseService, FailingJob, QueueService, RanksService, SchedulerService, Services,
    nodes_service, outdated_ranks, redis_service,
};

use crate::app::App;
use crate::openapi::Moment;

/// How long the database may take for an answer.
const ANSWER_LONGEST: Duration = Duration::from_secs(5);

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

    /// With what status a whole server in this condition answers.
    fn code(self) -> StatusCode {
        match self {
            Self::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        }
    }
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

fn alerts(app: &App, totals: Totals, intake: &IntakeFigures) -> Vec<Alert> {
    let oldest_ms =
        intake.oldest_waiting.map_or(0, |oldest| app.clock.now().ms_since(oldest).max(0));
    let pool = app.store.pool();
    app.settings.thresholds.alerts(&Figures {
        waiting: intake.waiting_by_class.total(),
        capacity_per_second: intake.capacity_per_second,
        failed: totals.dead,
        losses: intake.queue.as_ref().map_or(0, |queue| queue.recent_losses.times),
        queue_is_foreign: intake.queue.as_ref().is_some_and(|queue| queue.foreign),
        worker_utilization_percent: intake.current_load_percent,
        pool_utilization_percent: pool.utilization_percent(),
        database_load_percent: pool.load_percent,
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
pub(crate) async fn health(State(app): State<App>) -> Response {
    let content = judge(&app).await;
    (content.status.code(), Json(content)).into_response()
}

/// The same as `/api/health`.
#[utoipa::path(
    get, path = "/health", tag = "Health", operation_id = "healthShort",
    responses(
        (status = 200, description = "It can serve", body = Health),
        (status = 503, description = "It cannot take or show anything", body = Health),
    ),
)]
pub(crate) async fn short(app: State<App>) -> Response {
    health(app).await
}

/// What the database answers, unless it is silent: whoever asks for health must hear of that.
async fn in_time<T>(question: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    let answer = tokio::time::timeout(ANSWER_LONGEST, question).await;
    answer.unwrap_or_else(|_| {
        let reason = format!("it did not answer within {} s", ANSWER_LONGEST.as_secs());
        Err(StoreError::Busy(reason))
    })
}

/// Whether events can be put nowhere. Where a queue takes them, the database may be away for a while.
fn is_broken(intake: &IntakeFigures, database_answers: bool) -> bool {
    let queue_takes_events = intake.queue.as_ref().is_some_and(|queue| queue.away.is_none());
    intake.refusing.is_some() || !(database_answers || queue_takes_events)
}

fn failing_jobs(app: &App) -> Vec<FailingJob> {
    let jobs = app.operations.jobs().into_iter();
    jobs.filter_map(|job| {
        let (failures, reason) = job.failing?;
        Some(FailingJob { job: job.name, failures, reason })
    })
    .collect()
}

async fn judge(app: &App) -> Health {
    let asked = app.clock.monotonic();
    let ping = in_time(app.store.ping()).await;
    let response_ms =
        u64::try_from((app.clock.monotonic() - asked).as_millis()).unwrap_or(u64::MAX);
    let totals = match &ping {
        Ok(()) => in_time(app.store.totals()).await.unwrap_or_default(),
        Err(_) => Totals::default(),
    };
    let intake = app.intake.figures();
    let boards = app.ranks.boards().loaded().len();
    let outdated = outdated_ranks(app.ranks.age_ms());
    let failing = failing_jobs(app);
    let alerts = alerts(app, totals, &intake);
    let others = app.operations.other_nodes();
    let redis = redis_service(intake.queue.as_ref());
    let strained = !failing.is_empty()
        || ping.is_err()
        || outdated.is_some()
        || redis.reason.is_some()
        || alerts.iter().any(|alert| alert.level == Level::Critical);
    let status = match (is_broken(&intake, ping.is_ok()), strained) {
        (true, _) => Condition::Unhealthy,
        (false, true) => Condition::Degraded,
        (false, false) => Condition::Healthy,
    };
    let scheduler = if failing.is_empty() { Condition::Healthy } else { Condition::Degraded };
    let performance = Performance {
        events_applied: totals.applied,
        events_waiting: intake.waiting_by_class.total(),
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
        ranks: RanksService { status: Condition::of(outdated.is_none()), boards, reason: outdated },
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
