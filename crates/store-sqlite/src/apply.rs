//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::event::Event;
use scoreline_core::fold::{Changes, Layer, Plan};
use scoreline_core::rank::Update;
use scoreline_core::store::{Applied, Batch, CrashHook, CrashPoint, Result, StoreError};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::state::{self, Counts};
use crate::statement::{begin, first, sql};
use crate::{dead, plan, quarantine, rows};

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
    if begun.plan_version != plan.version {
        return Err(StoreError::StalePlan);
    }
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
        counts: Counts::default(),
        outcome: Applied::default(),
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
    let (counts, outcome) = (work.counts, work.finish());
    state::count(&tx, counts, applied_at)?;
    crash.pass(CrashPoint::ChangesWritten)?;
    tx.commit().map_err(translate)?;
    crash.pass(CrashPoint::ApplyCommitted)?;
    Ok(outcome)
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
    counts: Counts,
    outcome: Applied,
    duplicates: Vec<&'t Event>,
}

/// What became of some of the events.
struct Written<'e> {
    new: usize,
    /// Those that were waiting among the dead.
    revived: i64,
    duplicates: Vec<&'e Event>,
    touched: Vec<Update>,
}

impl<'t> Work<'t> {
    fn quarantine(&mut self, batch: &Batch) -> Result<()> {
        for rejected in &batch.rejected {
            if quarantine::put(self.tx, rejected)? {
                self.outcome.quarantined += 1;
                self.counts.quarantined += 1;
            }
        }
        for (no, rejected) in &batch.rejected_again {
            quarantine::judge(self.tx, *no, rejected)?;
        }
        for no in &batch.leaves_quarantine {
            self.counts.quarantined -= i64::from(quarantine::leave(self.tx, *no)?);
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
                revived += i64::from(dead::leave(self.tx, event.key)?);
            }
        }
        self.crash.pass(CrashPoint::EventsInserted)?;
        let changes = self.fold(&new)?;
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

    fn fold(&self, events: &[&Event]) -> Result<Changes> {
        self.plan
            .fold(events.iter().map(|event| (*event, self.applied_at)), Layer::Live)
            .map_err(|overflow| StoreError::Refused(overflow.to_string()))
    }

    fn take(&mut self, written: Written<'t>) {
        self.outcome.applied += written.new;
        self.outcome.duplicates += written.duplicates.len();
        self.outcome.touched.extend(written.touched);
        self.counts.applied += as_count(written.new);
        self.counts.duplicates += as_count(written.duplicates.len());
        self.counts.dead -= written.revived;
        self.duplicates.extend(written.duplicates);
    }

    fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let key = params![event.key.time.as_ms(), event.key.id.as_bytes()];
        if first(self.tx, sql!("event/is_stored"), key, |_| Ok(()))?.is_some() {
            self.outcome.duplicates += 1;
            self.counts.duplicates += 1;
            if self.some_are_dead {
                self.counts.dead -= i64::from(dead::leave(self.tx, event.key)?);
            }
            return Ok(());
        }
        self.bury(event, reason.to_owned())
    }

    fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        self.counts.dead += i64::from(dead::put(self.tx, event, &reason, self.applied_at)?);
        self.some_are_dead = true;
        self.outcome.dead.push((event.key, reason));
        Ok(())
    }

    /// Reads the standings that duplicates touched when they came first.
    fn touch_duplicates(&mut self) -> Result<()> {
        if self.duplicates.is_empty() {
            return Ok(());
        }
        // Only the keys matter. A repeat of a great value may overflow where each alone does not.
        let folded = match self.fold(&self.duplicates) {
            Ok(changes) => changes.boards,
            Err(_) => self
                .duplicates
                .iter()
                .filter_map(|event| self.fold(&[*event]).ok())
                .flat_map(|changes| changes.boards)
                .collect(),
        };
        for (board, player, _) in folded {
            let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
            let found = first(self.tx, sql!("board/standing"), key, |row| {
                rows::versioned_standing(row, 0)
            })?;
            // A board that misses some of history does not know every player of it.
            let Some((standing, version)) = found else { continue };
            self.outcome.touched.push(Update { board, player, standing, version });
        }
        Ok(())
    }

    fn finish(self) -> Applied {
        self.outcome
    }
}

fn as_count(events: usize) -> i64 {
    i64::try_from(events).expect("events that fit into memory")
}
