//! Removing what is old: raw events into baselines, figures.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::feed;
use scoreline_core::fold::{Layer, Plan};
use scoreline_core::store::{
    Counts, CrashHook, CrashPoint, Removed, Result, RetentionStore, StoredEvent, remove_figures,
};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::numbers::PlayerNumbers;
use crate::statement::{carry_out, execute, limit, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;
use crate::{scanning, state};

/// Merges stored events into the baselines, and removes them.
pub(crate) fn merge_and_remove(
    tx: &Telling<'_>,
    plan: &Plan,
    old: &[StoredEvent],
    crash: &CrashHook,
) -> Result<()> {
    let changes = plan.fold_stored(old, Layer::Baseline)?;
    Writer::new(tx)?.write(&mut PlayerNumbers::new(tx)?, &changes)?;
    crash.pass(CrashPoint::BaselineWritten)?;
    for stored in old {
        let no = scanning::event_no(&stored.position)?;
        execute(tx, sql!("event/remove"), [no])?;
        let key = params![stored.event.player.as_str(), stored.event.id.as_bytes()];
        execute(tx, sql!("review/go_with"), key)?;
    }
    state::count(tx, Counts::of_removed(old.len()), Timestamp::MIN)
}

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        most: usize,
    ) -> Result<Removed> {
        let crash = self.crash.clone();
        let removed = self.change_to_make_room(move |tx| {
            plan.check_present(state::plan_version(tx)?)?;
            if plan.is_filling() {
                // The scan that fills a projection has not seen all of them yet.
                return Ok(Removed { events: 0, finished: true });
            }
            let end = scanning::first_applied_from(tx, before)?;
            let values = params![before.as_ms(), limit(most), end];
            let old = scanning::stored(tx, sql!("retention/removable"), values)?.of_at_most(most);
            let (old, more) = (old.rows, old.is_cut);
            merge_and_remove(tx, &plan, &old, &crash)?;
            if !more {
                execute(tx, sql!("review/forget"), [before.as_ms()])?;
                execute(tx, sql!("ticket/forget"), [before.as_ms()])?;
            }
            tx.tell(feed::removal(before, old.len()));
            crash.pass(CrashPoint::EventsRemoved)?;
            Ok(Removed { events: old.len() as u64, finished: !more })
        });
        let removed = removed.await?;
        self.crash.pass(CrashPoint::RemovalCommitted)?;
        Ok(removed)
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.change_to_make_room(move |tx| {
            let given = params![fine.as_ms(), coarse.as_ms()];
            let from = only(tx, sql!("retention/note_figures"), given)?;
            carry_out(tx, remove_figures(from)).map(drop)
        })
        .await
    }
}
