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
use serde_json::{Value, json};

use crate::app::App;
use crate::metrics::Readings;
use crate::problem::{Problem, Slug};

/// The connections in numbers, judged by the configured thresholds.
fn pool_json(app: &App, pool: PoolFigures) -> Value {
    let threshold = app.settings.thresholds.pool_utilization;
    let percent = utilization(pool);
    let (health, message) = if percent > threshold.critical {
        ("critical", "nearly all connections are in use: look for slow operator queries")
    } else if percent > threshold.warning {
        ("warning", "most connections are in use")
    } else {
        ("healthy", "connections are free")
    };
    json!({
        "total": pool.total,
        "idle": pool.idle,
        "waiting": pool.waiting,
        "max": pool.max,
        "utilization": format!("{percent:.2}%"),
        "utilization_percent": (percent * 100.0).round() / 100.0,
        "health": health,
        "message": message,
    })
}

fn utilization(pool: PoolFigures) -> f64 {
    if pool.max == 0 {
        0.0
    } else {
        f64::from(pool.total - pool.idle) * 100.0 / f64::from(pool.max)
    }
}

fn alerts(app: &App, totals: Totals, intake: &IntakeFigures) -> Vec<Alert> {
    let oldest_ms =
        intake.oldest_waiting.map_or(0, |oldest| app.clock.now().ms_since(oldest).max(0));
    app.settings.thresholds.alerts(&Figures {
        waiting: intake.waiting_by_class.iter().sum(),
        capacity_per_second: intake.capacity_per_second,
        failed: totals.dead,
        worker_utilization_percent: intake.current_load_percent,
        pool_utilization_percent: utilization(app.store.pool()),
        database_load_percent: None,
        oldest_waiting_seconds: oldest_ms as f64 / 1_000.0,
    })
}

/// How it is about the queue in Redis.
fn redis_json(queue: Option<&QueueLink>) -> Value {
    let Some(queue) = queue else { return json!({ "status": "not_configured" }) };
    let status = match (&queue.away, &queue.held_up) {
        (Some(_), _) => "unhealthy",
        (None, Some(_)) => "degraded",
        (None, None) => "healthy",
    };
    json!({
        "status": status,
        "reason": queue.away.as_ref().or(queue.held_up.as_ref()),
        "losses": queue.losses.times,
        "lost_events": queue.losses.events,
    })
}

fn nodes_json(others: &[Node]) -> Value {
    let others: Vec<Value> = others
        .iter()
        .map(|node| {
            json!({
                "node": node.report.node.to_string(),
                "address": node.report.address,
                "version": node.report.version,
                "reported_at": node.reported_at,
            })
        })
        .collect();
    json!({ "status": "healthy", "others": others })
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

/// `GET /api/health`, `GET /health`
pub(crate) async fn health(State(app): State<Arc<App>>) -> Response {
    let asked = Instant::now();
    let ping = app.store.ping().await;
    let response_ms = asked.elapsed().as_millis();
    let totals = app.store.totals().await.unwrap_or_default();
    let intake = app.intake.figures();
    let loaded = app.ranks.index().loaded().await;
    let failing: Vec<Value> = app
        .operations
        .jobs()
        .into_iter()
        .filter_map(|job| {
            let (times, reason) = job.failing?;
            Some(json!({ "job": job.name, "failures": times, "reason": reason }))
        })
        .collect();
    let alerts = alerts(&app, totals, &intake);
    // Where a queue takes events, the database may be away for a while.
    let queue_takes_events = intake.queue.as_ref().is_some_and(|queue| queue.away.is_none());
    let broken = intake.refusing.is_some() || (ping.is_err() && !queue_takes_events);
    let others = app.operations.other_nodes();
    let unshared = unshared_ranks(&app, &others);
    let strained = !failing.is_empty()
        || loaded.is_err()
        || ping.is_err()
        || unshared.is_some()
        || intake
            .queue
            .as_ref()
            .is_some_and(|queue| queue.away.is_some() || queue.held_up.is_some())
        || alerts.iter().any(|alert| alert.level == Level::Critical);
    let status = match (broken, strained) {
        (true, _) => "unhealthy",
        (false, true) => "degraded",
        (false, false) => "healthy",
    };
    let word = |fine: bool| if fine { "healthy" } else { "unhealthy" };
    let content = json!({
        "status": status,
        "timestamp": app.clock.now(),
        "version": env!("CARGO_PKG_VERSION"),
        "uptime": app.clock.now().ms_since(app.started_at).max(0) / 1_000,
        "services": {
            "database": {
                "status": word(ping.is_ok()),
                "responseTime": response_ms,
                "reason": ping.err().map(|error| error.to_string()),
            },
            "redis": redis_json(intake.queue.as_ref()),
            "queue": {
                "status": word(intake.refusing.is_none()),
                "mode": intake.mode,
                "reason": intake.refusing,
            },
            "ranks": {
                "status": word(loaded.is_ok() && unshared.is_none()),
                "boards": loaded.as_ref().map_or(0, Vec::len),
                "reason": loaded.as_ref().err().map(ToString::to_string).or(unshared),
            },
            "nodes": nodes_json(&others),
            "scheduler": { "status": if failing.is_empty() { "healthy" } else { "degraded" }, "failing": failing },
        },
        "performance": {
            "events_applied": totals.applied,
            "events_waiting": intake.waiting_by_class.iter().sum::<u64>(),
            "capacity_per_second": intake.capacity_per_second,
            "current_load_percent": intake.current_load_percent,
        },
        "alerts": alerts,
    });
    let code = if broken { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(content)).into_response()
}

/// `GET /api/events/health`
pub(crate) async fn events(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
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
        (Err(_), _) => "unhealthy",
        (Ok(()), true) => "degraded",
        (Ok(()), false) => "healthy",
    };
    let waiting = if stuck { intake.waiting_by_class.iter().sum::<u64>() } else { 0 };
    Ok(Json(json!({
        "success": true,
        "status": status,
        "database": if database.is_ok() { "connected" } else { "disconnected" },
        "recent_events": recent,
        "stuck_events": waiting,
        "timestamp": now,
    })))
}

/// `GET /api/health/pool`
pub(crate) async fn pool(State(app): State<Arc<App>>) -> Json<Value> {
    Json(pool_json(&app, app.store.pool()))
}

/// `GET /livez`
pub(crate) async fn livez() -> &'static str {
    "ok"
}

/// `GET /readyz`
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if app.ready.load(Ordering::Acquire) {
        Ok("ok")
    } else {
        Err(Problem::new(Slug::Unavailable, "the server is starting or shutting down"))
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let readings = Readings {
        now: app.clock.now(),
        totals: app.store.totals().await?,
        intake: app.intake.figures(),
        store: app.store.store_figures().await?,
        pool: app.store.pool(),
        jobs: app.operations.jobs(),
    };
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.text(&readings)).into_response())
}
