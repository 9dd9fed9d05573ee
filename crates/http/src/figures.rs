//! The events of a time span in numbers, summed up from the figures that the store keeps.
//!
//! A sum is kept for a second, so that any number of dashboards cost one query a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use scoreline_core::fold::{
    COARSE_GRAIN_MS, FIGURES, FINE_GRAIN_MS, Figure, ProjectionKind, Sketch,
};
use scoreline_core::operations::Operations;
use scoreline_core::store::{self, FigureRow, FigureStore, Totals};
use scoreline_core::time::{Clock, Timestamp};

/// How long a summary may be reused.
const SUMMARY_KEPT: Duration = Duration::from_secs(1);

/// How long the hours of some days may be reused.
const HOURS_KEPT: Duration = Duration::from_secs(10);
/// Beginnings whose hours are kept.
const HOURS_MAX: u64 = 4;

/// A time span that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timeframe {
    /// The last hour.
    Hour,
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
}

impl Timeframe {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name by which it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// The name in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
        }
    }

    fn grain_ms(self) -> i64 {
        match self {
            Self::Hour => FINE_GRAIN_MS,
            Self::Day | Self::Week | Self::Month => COARSE_GRAIN_MS,
        }
    }
}

/// The events of a time span in numbers.
#[derive(Debug, Default)]
pub struct Summary {
    /// Events.
    pub events: i64,
    /// Different players, estimated where there are many.
    pub unique_users: u64,
    /// The time of the first event.
    pub first_event: Option<Timestamp>,
    /// The time of the last event.
    pub last_event: Option<Timestamp>,
    /// From the receipt of an event to its being applied, in seconds, on average.
    pub processing_seconds: f64,
    /// The types, the most frequent first.
    pub types: Vec<TypeSummary>,
    /// The events of each hour that had some.
    pub hours: Vec<(Timestamp, i64)>,
}

/// The events of one type.
#[derive(Debug, Clone)]
pub struct TypeSummary {
    /// The type.
    pub event_type: String,
    /// Events.
    pub events: i64,
    /// Different players, estimated where there are many.
    pub unique_users: u64,
}

/// All events of one hour.
#[derive(Debug, Clone)]
pub struct Hour {
    /// When it began.
    pub start: Timestamp,
    /// Events.
    pub events: i64,
    /// Their players.
    pub players: Sketch,
}

/// Reads figures.
pub struct Figures {
    store: Arc<dyn FigureStore>,
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
    summaries: Cache<Timeframe, Arc<Summary>>,
    hours: Cache<Timestamp, Arc<Vec<Hour>>>,
}

impl Figures {
    /// Reads figures from the store.
    pub fn new(
        store: Arc<dyn FigureStore>,
        operations: Arc<dyn Operations>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let summaries = Cache::builder().time_to_live(SUMMARY_KEPT).build();
        let hours = Cache::builder().time_to_live(HOURS_KEPT).max_capacity(HOURS_MAX).build();
        Self { store, operations, clock, summaries, hours }
    }

    /// What there is of events since the database was made.
    pub async fn totals(&self) -> store::Result<Totals> {
        self.store.totals().await
    }

    /// The events of a time span, at most a second old.
    pub async fn summary(&self, timeframe: Timeframe) -> store::Result<Arc<Summary>> {
        if let Some(summary) = self.summaries.get(&timeframe) {
            return Ok(summary);
        }
        let from = self.clock.now().plus_ms(-timeframe.hours() * COARSE_GRAIN_MS);
        let summary = Arc::new(summed(&self.rows(timeframe.grain_ms(), from).await?));
        self.summaries.insert(timeframe, Arc::clone(&summary));
        Ok(summary)
    }

    /// The hours that had events, from one on, at most ten seconds old.
    pub async fn hours(&self, from: Timestamp) -> store::Result<Arc<Vec<Hour>>> {
        if let Some(hours) = self.hours.get(&from) {
            return Ok(hours);
        }
        let rows = self.rows(COARSE_GRAIN_MS, from).await?;
        let of_all_types = rows.into_iter().filter(|row| row.event_type.is_empty());
        let hour = |row: FigureRow| {
            let Figure { events, players, .. } = row.figure;
            Hour { start: row.start, events, players }
        };
        let hours = Arc::new(of_all_types.map(hour).collect::<Vec<_>>());
        self.hours.insert(from, Arc::clone(&hours));
        Ok(hours)
    }

    /// About how many events the last five minutes had. Figures lie in slots of five minutes: of the
    /// one in which the last five minutes began, as much counts as lies within them.
    pub async fn recent_events(&self) -> store::Result<u64> {
        let since = self.clock.now().plus_ms(-FINE_GRAIN_MS);
        let rows = self.rows(FINE_GRAIN_MS, since).await?;
        let of_all_types = rows.iter().filter(|row| row.event_type.is_empty());
        let counted = of_all_types.map(|row| {
            let before_ms = since.ms_since(row.start).clamp(0, FINE_GRAIN_MS);
            let within =
                row.figure.events.unsigned_abs() * (FINE_GRAIN_MS - before_ms).unsigned_abs();
            within.div_ceil(FINE_GRAIN_MS.unsigned_abs())
        });
        Ok(counted.sum())
    }

    async fn rows(&self, grain_ms: i64, from: Timestamp) -> store::Result<Vec<FigureRow>> {
        let plan = self.operations.plan();
        let figures = plan.projection(ProjectionKind::Figures, FIGURES);
        let slot = figures.expect("every plan has the figures").slot;
        self.store.figures(slot, grain_ms, from).await
    }
}

/// The sum of some figures. Those with an empty type are of all types together.
fn summed(rows: &[FigureRow]) -> Summary {
    let mut by_type: BTreeMap<&str, Figure> = BTreeMap::new();
    let mut by_hour: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for FigureRow { start, event_type, figure } in rows {
        by_type
            .entry(event_type)
            .and_modify(|known| known.merge(figure))
            .or_insert_with(|| figure.clone());
        if event_type.is_empty() {
            *by_hour.entry(start.floor_to(COARSE_GRAIN_MS)).or_default() += figure.events;
        }
    }
    // Where all events are voided, there is nothing to tell.
    let Some(all) = by_type.remove("").filter(|all| all.events > 0) else {
        return Summary::default();
    };
    let counting = by_type.into_iter().filter(|(_, figure)| figure.events > 0);
    let mut types: Vec<(&str, Figure)> = counting.collect();
    types.sort_by(|a, b| b.1.events.cmp(&a.1.events).then(a.0.cmp(b.0)));
    let types = types.into_iter().map(|(name, figure)| TypeSummary {
        event_type: name.to_owned(),
        events: figure.events,
        unique_users: figure.players.len(),
    });
    Summary {
        events: all.events,
        unique_users: Sketch::len(&all.players),
        first_event: Some(all.first_at),
        last_event: Some(all.last_at),
        processing_seconds: all.processing_ms as f64 / all.events as f64 / 1_000.0,
        types: types.collect(),
        hours: by_hour.into_iter().filter(|(_, events)| *events > 0).collect(),
    }
}
