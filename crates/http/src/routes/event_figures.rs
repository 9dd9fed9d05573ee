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
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
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

/// `GET /api/events/stats?timeframe=1h|24h|7d|30d`
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin_or_local(&app, &headers)?;
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
    let mut answer = (*history).clone();
    let summary = &mut answer["summary"];
    let waiting: u64 = intake.waiting_by_class.iter().sum();
    summary["pending_events"] = (waiting + intake.active).into();
    summary["failed_events"] = totals.dead.into();
    summary["quarantined_events"] = totals.quarantined.into();
    summary["duplicate_events"] = totals.duplicates.into();
    answer["queue"] = queue(&intake, totals, app.clock.now());
    Ok(Json(answer))
}

/// What the figures say of a time span.
async fn history(app: &App, timeframe: &Timeframe) -> Result<Value, Problem> {
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
    let event_types: Vec<Value> = types
        .iter()
        .map(|(name, figure)| {
            json!({
                "event_type": name,
                "count": figure.events,
                "unique_users": figure.players.len(),
            })
        })
        .collect();
    let hours: Vec<Value> =
        by_hour.into_iter().map(|(hour, count)| json!({ "hour": hour, "count": count })).collect();
    let events = all.as_ref().map_or(0, |figure| figure.events);
    let seconds = all.as_ref().map(|figure| figure.processing_ms as f64 / events as f64 / 1_000.0);
    Ok(json!({
        "success": true,
        "timeframe": timeframe.title,
        "summary": {
            "total_events": events,
            "processed_events": events,
            "unique_users": all.as_ref().map_or(0, |figure| Sketch::len(&figure.players)),
            "event_types": event_types.len(),
            "first_event": all.as_ref().map(|figure| figure.first_at),
            "last_event": all.as_ref().map(|figure| figure.last_at),
            "avg_processing_time_seconds": seconds.unwrap_or(0.0),
        },
        "event_types": event_types,
        "hourly_distribution": hours,
    }))
}

fn queue(intake: &IntakeFigures, totals: Totals, now: Timestamp) -> Value {
    let waiting: u64 = intake.waiting_by_class.iter().sum();
    let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
    let by_class: serde_json::Map<String, Value> = Class::ALL
        .iter()
        .zip(intake.waiting_by_class.iter().zip(intake.paused))
        .map(|(class, (waiting, paused))| {
            (class.as_str().to_owned(), json!({ "waiting": waiting, "paused": paused }))
        })
        .collect();
    json!({
        "mode": intake.mode,
        "waiting": waiting,
        "active": intake.active,
        "delayed": intake.delayed,
        "failed": totals.dead,
        "completed": intake.completed,
        "workers": intake.workers,
        "capacity_per_second": intake.capacity_per_second,
        "current_load_percent": intake.current_load_percent,
        "oldest_waiting_seconds": oldest_ms as f64 / 1_000.0,
        "paused": intake.paused.iter().all(|paused| *paused),
        "by_class": by_class,
    })
}
