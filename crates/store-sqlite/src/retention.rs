//! Removing what is old: raw events into baselines, figures, what was given up.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::feed::Change;
use scoreline_core::fold::{COARSE_GRAIN_MS, FINE_GRAIN_MS, Layer, Plan};
use scoreline_core::store::{Counts, CrashPoint, Removed, Result, RetentionStore};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::statement::{begin, execute, limit, list, only, sql};
use crate::store::SqliteStore;
use crate::{events, rows, state};

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        most: usize,
    ) -> Result<Removed> {
        let (feed, crash) = (self.feed.clone(), self.crash.clone());
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            plan.check_present(state::plan_version(&tx)?)?;
            if plan.is_filling() {
                // The scan that fills a projection has not seen all of them yet.
                return Ok(Removed { events: 0, finished: true });
            }
            let end = events::first_applied_from(&tx, before)?;
            let values = params![before.as_ms(), limit(most), end];
            let old = list(&tx, sql!("retention/removable"), values, rows::stored_event)?;
            Writer::new(&tx)?.write(&plan.fold_stored(&old, Layer::Baseline)?)?;
            crash.pass(CrashPoint::BaselineWritten)?;
            for stored in &old {
                let no = rows::event_no(stored.position.as_bytes())?;
                execute(&tx, sql!("event/remove"), [no])?;
            }
            let counts = Counts { removed: limit(old.len()), ..Counts::default() };
            state::count(&tx, counts, Timestamp::MIN)?;
            if !old.is_empty() {
                tx.tell([Change::Removal { before }]);
            }
            crash.pass(CrashPoint::EventsRemoved)?;
            tx.commit()?;
            crash.pass(CrashPoint::RemovalCommitted)?;
            Ok(Removed { events: old.len() as u64, finished: old.len() < most })
        })
        .await
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let given = params![fine.as_ms(), coarse.as_ms()];
            let (fine_from, coarse_from): (i64, i64) =
                only(&tx, sql!("retention/note_figures"), given, rows::read)?;
            for bound in [(FINE_GRAIN_MS, fine_from), (COARSE_GRAIN_MS, coarse_from)] {
                execute(&tx, sql!("retention/remove_figures"), bound)?;
                execute(&tx, sql!("retention/remove_figure_players"), bound)?;
            }
            execute(&tx, sql!("retention/remove_dead"), [coarse.as_ms()])?;
            execute(&tx, sql!("retention/remove_quarantined"), [coarse.as_ms()])?;
            tx.commit().map_err(translate)
        })
        .await
    }
}
