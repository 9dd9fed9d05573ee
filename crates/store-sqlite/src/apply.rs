//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::event::Event;
use scoreline_core::fold::Plan;
use scoreline_core::rank::Update;
use scoreline_core::store::{Applied, Batch, CrashHook, CrashPoint, Result, StoreError, Tally};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::rows;
use crate::state;
use crate::statement::{begin, first, sql};
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
    crash: &CrashHook,
) -> Result<Applied> {
    match attempt(connection, plan, batch, now, crash, Care::Whole) {
        Err(StoreError::Refused(_)) => attempt(connection, plan, batch, now, crash, Care::Halves),
        outcome => outcome,
    }
}

fn attempt(
    connection: &mut Connection,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
    crash: &CrashHook,
    care: Care,
) -> Result<Applied> {
    crash.pass(CrashPoint::ApplyBegun)?;
    let tx = begin(connection)?;
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
        duplicates: Vec::new(),
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
    work.touch_duplicates()?;
    let tally = work.finish();
    state::count(&tx, tally.counts, applied_at)?;
    crash.pass(CrashPoint::ChangesWritten)?;
    tx.commit().map_err(translate)?;
    crash.pass(CrashPoint::ApplyCommitted)?;
    Ok(tally.outcome)
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
    duplicates: Vec<&'t Event>,
}

/// What became of a part of the events.
struct Written<'e> {
    new: usize,
    /// The events among them that were waiting among the dead.
    revived: usize,
    duplicates: Vec<&'e Event>,
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

    fn write(&mut self, events: &[&'t Event]) -> Result<Written<'t>> {
        let mut new = Vec::with_capacity(events.len());
        let mut duplicates = Vec::new();
        let mut revived = 0;
        for event in events {
            let is_new = self.insert(event)?;
            if is_new { &mut new } else { &mut duplicates }.push(*event);
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

    fn take(&mut self, written: Written<'t>) {
        self.tally.note_applied(written.new, written.touched);
        self.tally.note_duplicates(written.duplicates.len());
        self.tally.note_revived(written.revived);
        self.duplicates.extend(written.duplicates);
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

    /// Reads the standings that duplicates touched when they came first.
    fn touch_duplicates(&mut self) -> Result<()> {
        for (board, player) in self.plan.touched_by(&self.duplicates, self.applied_at) {
            let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
            let found = first(self.tx, sql!("board/standing"), key, rows::read)?;
            // A board that misses some of history does not know every player of it.
            let Some((standing, version)) = found else { continue };
            self.tally.outcome.touched.push(Update { board, player, standing, version });
        }
        Ok(())
    }

    /// Lets go of the statements, which borrow from the transaction.
    fn finish(self) -> Tally {
        self.tally
    }
}
