//! `GET /api/events/stats`: the events of a time span in numbers, cheap enough to ask every second.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::game::Class;
use scoreline_core::intake::{Intake, IntakeFigures};
use scoreline_core::limits::FLAWS_LISTED_MAX;
use scoreline_core::store::Totals;
use scoreline_core::time::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::figures::{Figures, Summary, Timeframe};
use crate::metrics::Metrics;
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::query::StrictQuery;

/// The time span that is asked for. Released dashboards send other words too, and expect the figures
/// of a day for them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "String")]
struct AskedTimeframe(Timeframe);

impl Default for AskedTimeframe {
    fn default() -> Self {
        Self(Timeframe::Day)
    }
}

impl From<String> for AskedTimeframe {
    fn from(text: String) -> Self {
        let known = Timeframe::ALL.into_iter().find(|timeframe| timeframe.name() == text);
        known.map(Self).unwrap_or_default()
    }
}

impl PartialSchema for AskedTimeframe {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .default(Some(Timeframe::Day.name().into()))
            .into()
    }
}

impl ToSchema for AskedTimeframe {}

/// What to count.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `1h`, `24h`, `7d` or `30d`; anything else counts as `24h`.
    #[serde(default)]
    #[param(inline)]
    timeframe: AskedTimeframe,
}

impl Fields for Asked {}

/// The events of a time span in numbers.
#[derive(Serialize, ToSchema)]
struct EventFigures {
    success: bool,
    /// In words, such as `24 hours`.
    timeframe: &'static str,
    summary: EventSummary,
    event_types: Vec<TypeFigure>,
    hourly_distribution: Vec<HourFigure>,
    /// Values that were set aside because they are not as defined, whatever the time span: of accepted events,
    /// by this node, since its process started. At most 100 types and fields, the most frequent ones.
    flaws: Vec<FlawFigure>,
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
#[derive(Serialize, ToSchema)]
struct TypeFigure {
    event_type: String,
    count: i64,
    /// Different players: exactly up to 640 of them, with a standard error of 1.6 % beyond.
    unique_users: u64,
}

/// The flaws of one field.
#[derive(Serialize, ToSchema)]
struct FlawFigure {
    event_type: String,
    /// `(undeclared)` for fields that the definition does not have, all together.
    field: String,
    count: u64,
}

/// The events of one hour.
#[derive(Serialize, ToSchema)]
struct HourFigure {
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
    /// Measured over the last minute at full load; null if there was no full load.
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

/// Figures tell of all players together; a developer at home needs no token for them.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::AnalyticsRead, routes!(handle))
}

/// The events of a time span in numbers, cheap enough to ask every second.
///
/// In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/events/stats", tag = "Events", operation_id = "eventFigures",
    params(Asked),
    responses((status = 200, description = "The figures", body = EventFigures)),
)]
async fn handle(
    State(figures): State<Arc<Figures>>,
    State(intake): State<Arc<dyn Intake>>,
    State(clock): State<Arc<dyn Clock>>,
    State(metrics): State<Arc<Metrics>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<EventFigures>, Problem> {
    let timeframe = asked.timeframe.0;
    let intake = intake.figures();
    let totals = figures.totals().await?;
    let found = figures.summary(timeframe).await?;
    let types = found.types.iter().map(|one| TypeFigure {
        event_type: one.event_type.clone(),
        count: one.events,
        unique_users: one.unique_users,
    });
    let flaws = metrics.flaws(FLAWS_LISTED_MAX).into_iter().map(|one| FlawFigure {
        event_type: one.event_type,
        field: one.field,
        count: one.count,
    });
    let hours = found.hours.iter().map(|&(hour, count)| HourFigure { hour, count });
    Ok(Json(EventFigures {
        success: true,
        timeframe: timeframe.title(),
        summary: summary(&found, &intake, totals),
        event_types: types.collect(),
        hourly_distribution: hours.collect(),
        flaws: flaws.collect(),
        queue: queue(&intake, totals, clock.now()),
    }))
}

fn summary(found: &Summary, intake: &IntakeFigures, totals: Totals) -> EventSummary {
    EventSummary {
        total_events: found.events,
        processed_events: found.events,
        pending_events: intake.waiting_by_class.total() + intake.active,
        failed_events: totals.dead,
        quarantined_events: totals.quarantined,
        duplicate_events: totals.duplicates,
        unique_users: found.unique_users,
        event_types: found.types.len(),
        first_event: found.first_event,
        last_event: found.last_event,
        avg_processing_time_seconds: found.processing_seconds,
    }
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
