//! Removes what is too old: raw events after the retention, figures that no answer needs any more,
//! and rows of projections that were retired.
//!
//! Removal has time; events have not. So it goes in short steps, and between two steps it leaves
//! the store to others for as long as the step took.

use scoreline_core::limits::{SCAN_EVENTS, UNUSED_BINDING_DAYS};
use scoreline_core::time::Timestamp;

use super::{HOUR_MS, Scheduler};
use crate::jobs::JobError;
use crate::removal::{LONGEST_PAUSE, Removal};

const DAY_MS: i64 = 24 * HOUR_MS;
/// Fine figures answer for the last hour; a day more lets an operator look back.
const FINE_FIGURES_MS: i64 = 26 * HOUR_MS;

impl Scheduler {
    pub(super) async fn remove_events(&self, now: Timestamp) -> Result<(), JobError> {
        let (engine, before) = (&self.engine, self.kept_since(now));
        let started = engine.clock.monotonic();
        let mut removal = Removal::new(engine, before);
        while !self.stop.is_cancelled() && engine.time.trusted().is_some() {
            let Some(pause) = removal.step().await? else { break };
            self.pause(pause).await;
        }
        let events = removal.events;
        if events > 0 {
            let duration_ms =
                u64::try_from((engine.clock.monotonic() - started).as_millis()).unwrap_or(u64::MAX);
            tracing::info!(
                retention.events = events,
                retention.before = %before,
                retention.duration_ms = duration_ms,
                "events past the retention were removed"
            );
        }
        Ok(())
    }

    /// Lets go of what is set aside for too long, or is too much, and refuses what waits for review so long.
    pub(super) async fn trim_set_aside(&self, now: Timestamp) -> Result<(), JobError> {
        let keeper = &self.engine.set_aside;
        let is_trusted = self.engine.time.trusted().is_some();
        if is_trusted {
            keeper.remove_old(now).await?;
        }
        keeper.keep_bounds().await?;
        let days = i64::from(keeper.figures().max.days);
        let before = if is_trusted { now.plus_ms(-days * DAY_MS) } else { Timestamp::MIN };
        Ok(self.engine.refuse_overdue(before, now).await?)
    }

    /// Forgets the secrets that were bound and never used.
    pub(super) async fn forget_bindings(&self, now: Timestamp) -> Result<(), JobError> {
        let before = now.plus_ms(-UNUSED_BINDING_DAYS * DAY_MS);
        while !self.stop.is_cancelled() {
            let store = &self.engine.store;
            if store.forget_unused_bindings(before, SCAN_EVENTS).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Gives space that is free within the database back to the disk.
    pub(super) async fn give_space_back(&self) -> Result<(), JobError> {
        let clock = &self.engine.clock;
        while !self.stop.is_cancelled() {
            let step = clock.monotonic();
            if self.engine.store.give_back(false).await? == 0 {
                break;
            }
            self.pause((clock.monotonic() - step).min(LONGEST_PAUSE)).await;
        }
        Ok(())
    }

    pub(super) async fn remove_figures(&self, now: Timestamp) -> Result<(), JobError> {
        let fine = now.plus_ms(-FINE_FIGURES_MS);
        Ok(self.engine.store.remove_figures(fine, self.kept_since(now)).await?)
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
