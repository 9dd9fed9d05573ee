//! `GET /api/events/stats`: the events of a time span in numbers, cheap enough to ask every second.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::fold::{
    COARSE_GRAIN_MS, FIGURES, FINE_GRAIN_MS, Figure, ProjectionKind, Sketch,
};
use scoreline_core::game::Class;
use scoreline_core::intake::IntakeFigures;
use scoreline_core::store::{FigureRow, Totals};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::openapi::{Guarded, Limited, Moment};
use crate::problem::Problem;

/// A time span that can be asked for.
struct Timeframe {
    name: &'static str,
    title: &'static str,
    hours: i64,
    grain_ms: i64,
}

const TIMEFRAMES: [Timeframe; 4] = [
    Timeframe { name: "24h", title: "24 hours", hours: 24, grain_ms: COARSE_GRAIN_MS },
    Timeframe { name: "1h", title: "1 hour", hours: 1, grain_ms: FINE_GRAIN_MS },
    Timeframe { name: "7d", title: "7 days", hours: 7 * 24, grain_ms: COARSE_GRAIN_MS },
    Timeframe { name: "30d", title: "30 days", hours: 30 * 24, grain_ms: COARSE_GRAIN_MS },
];

/// What the figures say of a time span; kept for a second.
#[derive(Clone)]
pub(crate) struct History {
    title: &'static str,
    events: i64,
    unique_users: u64,
    first_event: Option<Timestamp>,
    last_event: Option<Timestamp>,
    avg_processing_time_seconds: f64,
    event_types: Vec<TypeFigure>,
    hourly_distribution: Vec<HourFigure>,
}

/// The events of a time span in numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventFigures {
    success: bool,
    /// In words, such as `24 hours`.
    timeframe: &'static str,
    summary: EventSummary,
    event_types: Vec<TypeFigure>,
    hourly_distribution: Vec<HourFigure>,
    queue: QueueFigures,
}

/// The sums of a time span, and what waits now.
#[derive(Serialize, ToSchema)]
struct EventSummary {
    total_events: i64,
    processed_events: i64,
    /// Accepted and not applied yet, now.
    pending_events: u64,
    /// Dead now.
    failed_events: u64,
    /// In quarantine now.
    quarantined_events: u64,
    /// Events that came again, since the database was made.
    duplicate_events: u64,
    /// Different players: exactly up to 640 of them, with a standard error of 1.6 % beyond.
    unique_users: u64,
    event_types: usize,
    #[schema(value_type = Option<Moment>)]
    first_event: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    last_event: Option<Timestamp>,
    avg_processing_time_seconds: f64,
}

/// The events of one type.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct TypeFigure {
    event_type: String,
    count: i64,
    /// Different players: exactly up to 640 of them, with a standard error of 1.6 % beyond.
    unique_users: u64,
}

/// The events of one hour.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct HourFigure {
    #[schema(value_type = Moment)]
    hour: Timestamp,
    count: i64,
}

/// How events are being applied.
#[derive(Serialize, ToSchema)]
struct QueueFigures {
    /// `direct` or `redis`.
    mode: &'static str,
    waiting: u64,
    active: u64,
    delayed: u64,
    failed: u64,
    /// Since the process started.
    completed: u64,
    workers: u32,
    /// Measured over the last minute at full load; null while nothing was measured.
    capacity_per_second: Option<f64>,
    /// Share of the workers' time that was busy over the last minute.
    current_load_percent: f64,
    oldest_waiting_seconds: f64,
    /// Whether every class is paused.
    paused: bool,
    by_class: ClassesFigures,
}

/// How the events of each class are being applied.
#[derive(Serialize, ToSchema)]
struct ClassesFigures {
    critical: ClassFigures,
    normal: ClassFigures,
    bulk: ClassFigures,
}

/// How the events of one class are being applied.
#[derive(Serialize, ToSchema)]
struct ClassFigures {
    waiting: u64,
    paused: bool,
}

/// What to count.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read leniently")]
struct FigureParameters {
    /// `1h`, `24h`, `7d` or `30d`; anything else counts as `24h`.
    timeframe: Option<String>,
}

/// The events of a time span in numbers, cheap enough to ask every second.
///
/// In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/events/stats", tag = "Events", operation_id = "eventFigures",
    params(FigureParameters),
    responses((status = 200, description = "The figures", body = EventFigures), Guarded, Limited),
    security((), ("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn handle(
    State(app): State<App>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<EventFigures>, Problem> {
    app.auth.operator_or_local(&headers)?;
    // Released dashboards send other words too, and expect the figures of a day for them.
    let wanted = parameters.get("timeframe").map(String::as_str);
    let named = TIMEFRAMES.iter().find(|timeframe| wanted == Some(timeframe.name));
    let timeframe = named.unwrap_or(&TIMEFRAMES[0]);
    let intake = app.intake.figures();
    let totals = app.store.totals().await?;
    let history = if let Some(history) = app.summaries.get(timeframe.name) {
        history
    } else {
        let history = Arc::new(history(&app, timeframe).await?);
        app.summaries.insert(timeframe.name, Arc::clone(&history));
        history
    };
    let history = History::clone(&history);
    let summary = EventSummary {
        total_events: history.events,
        processed_events: history.events,
        pending_events: intake.waiting_by_class.total() + intake.active,
        failed_events: totals.dead,
        quarantined_events: totals.quarantined,
        duplicate_events: totals.duplicates,
        unique_users: history.unique_users,
        event_types: history.event_types.len(),
        first_event: history.first_event,
        last_event: history.last_event,
        avg_processing_time_seconds: history.avg_processing_time_seconds,
    };
    Ok(Json(EventFigures {
        success: true,
        timeframe: history.title,
        summary,
        event_types: history.event_types,
        hourly_distribution: history.hourly_distribution,
        queue: queue(&intake, totals, app.clock.now()),
    }))
}

/// What the figures say of a time span.
async fn history(app: &App, timeframe: &Timeframe) -> Result<History, Problem> {
    let plan = app.operations.plan();
    let slot =
        plan.projection(ProjectionKind::Figures, FIGURES).expect("every plan has the figures").slot;
    let from = app.clock.now().plus_ms(-timeframe.hours * COARSE_GRAIN_MS);
    let rows = app.store.figures(slot, timeframe.grain_ms, from).await?;
    let mut by_type: BTreeMap<&str, Figure> = BTreeMap::new();
    let mut by_hour: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for FigureRow { start, event_type, figure } in &rows {
        by_type
            .entry(event_type)
            .and_modify(|known| known.merge(figure))
            .or_insert_with(|| figure.clone());
        if event_type.is_empty() {
            *by_hour.entry(start.floor_to(COARSE_GRAIN_MS)).or_default() += figure.events;
        }
    }
    let all = by_type.remove("");
    let mut types: Vec<(&str, Figure)> = by_type.into_iter().collect();
    types.sort_by(|a, b| b.1.events.cmp(&a.1.events).then(a.0.cmp(b.0)));
    let event_types = types.into_iter().map(|(name, figure)| TypeFigure {
        event_type: name.to_owned(),
        count: figure.events,
        unique_users: figure.players.len(),
    });
    let hours = by_hour.into_iter().map(|(hour, count)| HourFigure { hour, count });
    let events = all.as_ref().map_or(0, |figure| figure.events);
    let seconds = all.as_ref().map(|figure| figure.processing_ms as f64 / events as f64 / 1_000.0);
    Ok(History {
        title: timeframe.title,
        events,
        unique_users: all.as_ref().map_or(0, |figure| Sketch::len(&figure.players)),
        first_event: all.as_ref().map(|figure| figure.first_at),
        last_event: all.as_ref().map(|figure| figure.last_at),
        avg_processing_time_seconds: seconds.unwrap_or(0.0),
        event_types: event_types.collect(),
        hourly_distribution: hours.collect(),
    })
}

fn queue(intake: &IntakeFigures, totals: Totals, now: Timestamp) -> QueueFigures {
    let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
    let of_class = |class| ClassFigures {
        waiting: intake.waiting_by_class[class],
        paused: intake.paused[class],
    };
    QueueFigures {
        mode: intake.mode,
        waiting: intake.waiting_by_class.total(),
        active: intake.active,
        delayed: intake.delayed,
        failed: totals.dead,
        completed: intake.completed,
        workers: intake.workers,
        capacity_per_second: intake.capacity_per_second,
        current_load_percent: intake.current_load_percent,
        oldest_waiting_seconds: oldest_ms as f64 / 1_000.0,
        paused: intake.paused.iter().all(|(_, paused)| *paused),
        by_class: ClassesFigures {
            critical: of_class(Class::Critical),
            normal: of_class(Class::Normal),
            bulk: of_class(Class::Bulk),
        },
    }
}
