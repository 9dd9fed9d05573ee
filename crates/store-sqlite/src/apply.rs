//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::event::recognise::{self, Burial, KeptEvent, Recognised, burial, conflicting};
use scoreline_core::event::{Event, Rejected};
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::store::{
    Applied, Batch, Care, CrashHook, CrashPoint, Halves, Result, StoreError, Tally, Written,
};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::numbers::PlayerNumbers;
use crate::state;
use crate::statement::{first, sql};
use crate::telling::Feed;
use crate::{dead, quarantine, tombstones, voided};

/// A batch, and what it is applied by.
pub(crate) struct Order {
    pub plan: Arc<Plan>,
    pub batch: Batch,
    /// Moved forward to the last time of application if it lies before it.
    pub now: Timestamp,
    pub feed: Feed,
    pub crash: CrashHook,
}

impl Order {
    pub fn carry_out(&self, connection: &mut Connection) -> Result<Applied> {
        match self.attempt(connection, Care::Whole) {
            Err(StoreError::Refused(_)) => self.attempt(connection, Care::Halves),
            outcome => outcome,
        }
    }

    fn attempt(&self, connection: &mut Connection, care: Care) -> Result<Applied> {
        let Self { plan, batch, now, feed, crash } = self;
        crash.pass(CrashPoint::ApplyBegun)?;
        let tx = feed.begin(connection)?;
        let begun = state::begun(&tx)?;
        plan.check_present(begun.plan_version)?;
        let left = without_erased(&tx, begun.erasure_key.as_deref(), batch)?;
        let batch = left.as_ref().map_or(batch, |(left, _)| left);
        let applied_at = begun.last_stamp.max(*now);
        let mut work = Work {
            tx: &tx,
            insert: tx.prepare_cached(sql!("event/insert")).map_err(translate)?,
            numbers: PlayerNumbers::new(&tx)?,
            writer: Writer::new(&tx)?,
            plan,
            applied_at,
            crash,
            some_are_dead: begun.some_are_dead,
            some_are_voided: begun.some_are_voided,
            tally: Tally::default(),
        };
        work.quarantine(batch)?;
        let events: Vec<Placed<'_>> = batch.events.iter().enumerate().collect();
        match care {
            Care::Whole => {
                let written = work.write(&events)?;
                work.take(written)?;
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
        let applied = Applied { told, ..tally.outcome };
        Ok(match &left {
            Some((_, places)) => applied.at_places(places),
            None => applied,
        })
    }
}

/// The batch without those who were erased, and the places that its events had; `None` where nobody was.
fn without_erased(
    tx: &Connection,
    key: Option<&str>,
    batch: &Batch,
) -> Result<Option<(Batch, Vec<usize>)>> {
    let Some(key) = key else { return Ok(None) };
    let erased = tombstones::erased_of(tx, key, batch)?;
    Ok((!erased.is_empty()).then(|| batch.without(&erased)))
}

/// An event with its place in the batch.
type Placed<'e> = (usize, &'e Event);

/// A batch on its way.
struct Work<'t> {
    tx: &'t Connection,
    insert: CachedStatement<'t>,
    numbers: PlayerNumbers<'t>,
    writer: Writer<'t>,
    plan: &'t Plan,
    applied_at: Timestamp,
    crash: &'t CrashHook,
    some_are_dead: bool,
    some_are_voided: bool,
    tally: Tally,
}

/// What became of some of the events.
struct Outcome<'e> {
    written: Written,
    duplicates: usize,
    conflicting: Vec<Placed<'e>>,
}

impl<'t> Work<'t> {
    fn quarantine(&mut self, batch: &Batch) -> Result<()> {
        for rejected in &batch.rejected {
            self.reject(rejected)?;
        }
        for (no, rejected) in &batch.rejected_again {
            quarantine::judge(self.tx, *no, rejected)?;
        }
        for no in &batch.leaves_quarantine {
            self.tally.note_released(usize::from(quarantine::leave(self.tx, *no)?));
        }
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected) -> Result<()> {
        if quarantine::put(self.tx, rejected)? {
            self.tally.note_quarantined(1);
        }
        Ok(())
    }

    /// Applies these events, or halves them until the culprit is found.
    fn halve(&mut self, events: &[Placed<'t>]) -> Result<()> {
        let mut halves = Halves::of(events);
        while let Some(part) = halves.next() {
            self.tx.execute_batch("SAVEPOINT half").map_err(translate)?;
            match self.write(part) {
                Ok(outcome) => {
                    self.tx.execute_batch("RELEASE half").map_err(translate)?;
                    self.take(outcome)?;
                }
                Err(StoreError::Refused(reason)) => {
                    self.tx.execute_batch("ROLLBACK TO half; RELEASE half").map_err(translate)?;
                    self.numbers.forget();
                    if let Some((_, culprit)) = halves.refused(part) {
                        self.bury(culprit, reason)?;
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    fn write(&mut self, events: &[Placed<'t>]) -> Result<Outcome<'t>> {
        let mut new = Vec::with_capacity(events.len());
        let (mut duplicates, mut conflicting, mut revived) = (0, Vec::new(), 0);
        for (place, event) in events {
            // The dead hold their keys as well.
            let dead =
                if self.some_are_dead { dead::recognise(self.tx, event)? } else { Recognised::New };
            let recognised =
                if dead == Recognised::Conflicting { dead } else { self.store(event)? };
            match recognised {
                Recognised::New => new.push(*event),
                Recognised::Duplicate => duplicates += 1,
                Recognised::Conflicting => conflicting.push((*place, *event)),
            }
            // An event that is stored is not to wait among the dead, however it came there.
            if dead == Recognised::Duplicate {
                revived += usize::from(dead::leave(self.tx, event)?);
            }
        }
        self.crash.pass(CrashPoint::EventsInserted)?;
        let voided =
            if self.some_are_voided { voided::in_force(self.tx, &new)? } else { HashMap::new() };
        let changes = self.plan.fold_new(&new, &voided, self.applied_at)?;
        let touched = self.writer.write(&changes)?;
        let written = Written::of(&new, revived, touched);
        Ok(Outcome { written, duplicates, conflicting })
    }

    /// Stores an event if its key is free, and answers what it is.
    fn store(&mut self, event: &Event) -> Result<Recognised> {
        let inserted = self.insert.execute(params![
            self.numbers.of(&event.player)?,
            event.id.as_bytes(),
            event.time.as_ms(),
            &*event.event_type,
            event.received_at.as_ms(),
            event.stored_counted_at(),
            self.applied_at.as_ms(),
            event.content.0,
            &*event.payload,
        ]);
        if inserted.map_err(translate)? == 1 { Ok(Recognised::New) } else { self.recognise(event) }
    }

    /// What an event is beside the stored one of its key, if there is one.
    fn recognise(&mut self, event: &Event) -> Result<Recognised> {
        let Some(player_no) = self.numbers.find(&event.player)? else { return Ok(Recognised::New) };
        let key = params![player_no, event.id.as_bytes()];
        let kept: Option<KeptEvent> = first(self.tx, sql!("event/kept"), key)?;
        Ok(recognise::recognise(event, kept.as_ref().map(KeptEvent::as_kept)))
    }

    fn take(&mut self, outcome: Outcome<'t>) -> Result<()> {
        self.tally.take(outcome.written);
        self.tally.note_duplicates(outcome.duplicates);
        for (place, event) in outcome.conflicting {
            self.reject(&conflicting(event))?;
            self.tally.note_conflict(place);
        }
        Ok(())
    }

    fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let dead = dead::recognise(self.tx, event)?;
        match burial(self.recognise(event)?, dead) {
            Burial::Dies => return self.bury(event, reason.to_owned()),
            Burial::CameAgain => self.tally.note_duplicates(1),
            Burial::Conflicts => self.reject(&conflicting(event))?,
        }
        // What is stored or in quarantine is not to wait among the dead.
        if dead == Recognised::Duplicate {
            self.tally.note_revived(usize::from(dead::leave(self.tx, event)?));
        }
        Ok(())
    }

    fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(self.tx, event, &reason, self.applied_at)?;
        self.some_are_dead = true;
        self.tally.note_death(event.key(), reason, is_new);
        Ok(())
    }

    /// Lets go of the statements, which borrow from the transaction.
    fn finish(self) -> Tally {
        self.tally
    }
}
