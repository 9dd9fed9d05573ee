//! Removes what is too old: raw events after the retention, figures that no answer needs any more,
//! and rows of projections that were retired.
//!
//! Removal has time; events have not. So it goes in short steps, and between two steps it leaves
//! the store to others for as long as the step took.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::StoreError;
use scoreline_core::time::Timestamp;

use super::{HOUR_MS, MINUTE_MS, Scheduler};
use crate::jobs::JobError;
use crate::plan::STALE_PLANS_MAX;

const DAY_MS: i64 = 24 * HOUR_MS;
/// Fine figures answer for the last hour; a day more lets an operator look back.
const FINE_FIGURES_MS: i64 = 26 * HOUR_MS;
/// The longest pause between two steps.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Scheduler {
    pub(super) async fn remove_events(&self, now: Timestamp) -> Result<(), JobError> {
        let outcome = self.remove_events_before(self.kept_since(now)).await;
        if outcome.is_err() {
            self.removal.lock().retry(now, MINUTE_MS);
        }
        outcome
    }

    async fn remove_events_before(&self, before: Timestamp) -> Result<(), JobError> {
        let engine = &self.engine;
        let clock = &self.engine.clock;
        let started = clock.monotonic();
        let mut plan = engine.plans.current();
        let (mut events, mut stale) = (0, 0);
        while !self.stop.is_cancelled() && engine.time.trusted().is_some() {
            let step = clock.monotonic();
            match engine.store.remove_events(Arc::clone(&plan), before, SCAN_EVENTS).await {
                Ok(removed) => {
                    events += removed.events;
                    stale = 0;
                    if removed.finished || removed.events == 0 {
                        break;
                    }
                }
                Err(StoreError::StalePlan) if stale < STALE_PLANS_MAX => {
                    stale += 1;
                    plan = engine.plans.after(&plan).await?;
                }
                Err(error) => return Err(error.into()),
            }
            self.pause((clock.monotonic() - step).min(LONGEST_PAUSE)).await;
        }
        if events > 0 {
            let duration_ms =
                u64::try_from((clock.monotonic() - started).as_millis()).unwrap_or(u64::MAX);
            tracing::info!(
                retention.events = events,
                retention.before = %before,
                retention.duration_ms = duration_ms,
                "events past the retention were removed"
            );
        }
        Ok(())
    }

    pub(super) async fn remove_figures(&self, now: Timestamp) -> Result<(), JobError> {
        let fine = now.plus_ms(-FINE_FIGURES_MS);
        let outcome = self.engine.store.remove_figures(fine, self.kept_since(now)).await;
        if outcome.is_err() {
            self.figures_removal.lock().retry(now, MINUTE_MS);
        }
        Ok(outcome?)
    }

    pub(super) async fn sweep_retired(&self) -> Result<(), JobError> {
        let clock = &self.engine.clock;
        while !self.stop.is_cancelled() {
            let step = clock.monotonic();
            if self.engine.store.sweep_retired(SCAN_EVENTS).await? == 0 {
                break;
            }
            self.pause((clock.monotonic() - step).min(LONGEST_PAUSE)).await;
        }
        Ok(())
    }

    fn kept_since(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(-i64::from(self.retention_days) * DAY_MS)
    }
}
