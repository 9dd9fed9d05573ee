//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::event::Event;
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::rank::Update;
use scoreline_core::store::{Applied, Batch, CrashHook, CrashPoint, Result, StoreError, Tally};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::rows;
use crate::state;
use crate::statement::{first, sql};
use crate::telling::Feed;
use crate::{dead, plan, quarantine};

/// How much of a batch stands or falls together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// All of it, which is fast: no part can be taken back alone.
    Whole,
    /// Each half, so that a culprit is found.
    Halves,
}

/// Applies a batch. `now` is moved forward to the last time of application if it lies before it.
pub(crate) fn apply(
    connection: &mut Connection,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
    feed: &Feed,
    crash: &CrashHook,
) -> Result<Applied> {
    match attempt(connection, plan, batch, now, feed, crash, Care::Whole) {
        Err(StoreError::Refused(_)) => {
            attempt(connection, plan, batch, now, feed, crash, Care::Halves)
        }
        outcome => outcome,
    }
}

fn attempt(
    connection: &mut Connection,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
    feed: &Feed,
    crash: &CrashHook,
    care: Care,
) -> Result<Applied> {
    crash.pass(CrashPoint::ApplyBegun)?;
    let tx = feed.begin(connection)?;
    let begun = state::begun(&tx)?;
    plan.check_present(begun.plan_version)?;
    let plan = plan::with_cursors(&tx, plan)?;
    let applied_at = now.max(begun.last_stamp);
    let mut work = Work {
        tx: &tx,
        insert: tx.prepare_cached(sql!("event/insert")).map_err(translate)?,
        writer: Writer::new(&tx)?,
        plan: &plan,
        applied_at,
        crash,
        some_are_dead: begun.some_are_dead,
        tally: Tally::default(),
    };
    work.quarantine(batch)?;
    let events: Vec<&Event> = batch.events.iter().collect();
    match care {
        Care::Whole => {
            let written = work.write(&events)?;
            work.take(written);
        }
        Care::Halves => work.halve(&events)?,
    }
    for (event, reason) in &batch.dead {
        work.bury_unless_stored(event, reason)?;
    }
    let tally = work.finish();
    state::count(&tx, tally.counts, applied_at)?;
    tx.tell(feed::entries(tally.touched));
    crash.pass(CrashPoint::ChangesWritten)?;
    let told = tx.commit()?;
    crash.pass(CrashPoint::ApplyCommitted)?;
    Ok(Applied { told, ..tally.outcome })
}

/// A batch on its way.
struct Work<'t> {
    tx: &'t Connection,
    insert: CachedStatement<'t>,
    writer: Writer<'t>,
    plan: &'t Plan,
    applied_at: Timestamp,
    crash: &'t CrashHook,
    some_are_dead: bool,
    tally: Tally,
}

/// What became of some of the events.
struct Written {
    new: usize,
    /// The events among them that were waiting among the dead.
    revived: usize,
    duplicates: usize,
    touched: Vec<Update>,
}

impl<'t> Work<'t> {
    fn quarantine(&mut self, batch: &Batch) -> Result<()> {
        for rejected in &batch.rejected {
            if quarantine::put(self.tx, rejected)? {
                self.tally.note_quarantined(1);
            }
        }
        for (no, rejected) in &batch.rejected_again {
            quarantine::judge(self.tx, *no, rejected)?;
        }
        for no in &batch.leaves_quarantine {
            self.tally.note_released(usize::from(quarantine::leave(self.tx, *no)?));
        }
        Ok(())
    }

    /// Applies these events, or halves them until the culprit is found.
    fn halve(&mut self, events: &[&'t Event]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.tx.execute_batch("SAVEPOINT half").map_err(translate)?;
        match self.write(events) {
            Ok(written) => {
                self.tx.execute_batch("RELEASE half").map_err(translate)?;
                self.take(written);
                Ok(())
            }
            Err(StoreError::Refused(reason)) => {
                self.tx.execute_batch("ROLLBACK TO half; RELEASE half").map_err(translate)?;
                if let [culprit] = events {
                    return self.bury(culprit, reason);
                }
                let (first, second) = events.split_at(events.len() / 2);
                self.halve(first)?;
                self.halve(second)
            }
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, events: &[&'t Event]) -> Result<Written> {
        let mut new = Vec::with_capacity(events.len());
        let mut duplicates = 0;
        let mut revived = 0;
        for event in events {
            let is_new = self.insert(event)?;
            if is_new {
                new.push(*event);
            } else {
                duplicates += 1;
            }
            // An event that is stored is not to wait among the dead, however it came there.
            if self.some_are_dead {
                revived += usize::from(dead::leave(self.tx, event.key)?);
            }
        }
        self.crash.pass(CrashPoint::EventsInserted)?;
        let changes = self.plan.fold_new(&new, self.applied_at)?;
        let touched = self.writer.write(&changes)?;
        Ok(Written { new: new.len(), revived, duplicates, touched })
    }

    /// Stores an event. Answers whether it is new.
    fn insert(&mut self, event: &Event) -> Result<bool> {
        let inserted = self.insert.execute(params![
            event.key.time.as_ms(),
            event.key.id.as_bytes(),
            event.player.as_str(),
            &*event.event_type,
            event.received_at.as_ms(),
            rows::stored_counted_at(event),
            self.applied_at.as_ms(),
            &*event.payload,
        ]);
        Ok(inserted.map_err(translate)? == 1)
    }

    fn take(&mut self, written: Written) {
        self.tally.note_applied(written.new, written.touched);
        self.tally.note_duplicates(written.duplicates);
        self.tally.note_revived(written.revived);
    }

    fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let key = params![event.key.time.as_ms(), event.key.id.as_bytes()];
        if first(self.tx, sql!("event/is_stored"), key, |_| Ok(()))?.is_some() {
            self.tally.note_duplicates(1);
            if self.some_are_dead {
                self.tally.note_revived(usize::from(dead::leave(self.tx, event.key)?));
            }
            return Ok(());
        }
        self.bury(event, reason.to_owned())
    }

    fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(self.tx, event, &reason, self.applied_at)?;
        self.some_are_dead = true;
        self.tally.note_death(event.key, reason, is_new);
        Ok(())
    }

    /// Lets go of the statements, which borrow from the transaction.
    fn finish(self) -> Tally {
        self.tally
    }
}
