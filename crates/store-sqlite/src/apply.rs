//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::event::recognise::{
    self, BesideDead, Burial, KeptEvent, Recognised, burial, conflicting,
};
use scoreline_core::event::{Event, Rejected};
use scoreline_core::fold::Plan;
use scoreline_core::store::{
    Admitted, Applied, Batch, Care, CrashHook, CrashPoint, Halves, Result, StoreError, Tally,
    Written, by_player,
};
use scoreline_core::time::Timestamp;

use crate::changes::Writer;
use crate::error::translate;
use crate::numbers::PlayerNumbers;
use crate::shapes::Shapes;
use crate::state;
use crate::statement::{first, sql};
use crate::telling::Feed;
use crate::{dead, earlier, moved, quarantine, reviews, tombstones, voided};

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
        let mut batch = Admitted::all(batch);
        if begun.some_are_moved {
            batch.follow(&moved::became(&tx, &batch)?);
        }
        if let Some(key) = &begun.erasure_key {
            batch.leave_out(&tombstones::erased_of(&tx, key, &batch)?);
        }
        let mut work = Work {
            tx: &tx,
            insert: tx.prepare_cached(sql!("event/insert")).map_err(translate)?,
            numbers: PlayerNumbers::new(&tx)?,
            shapes: Shapes::new(&tx, &plan.definition)?,
            writer: Writer::new(&tx)?,
            plan,
            crash,
            tally: Tally::begin(&begun, *now),
        };
        work.quarantine(&batch)?;
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
        work.bring_forward()?;
        let mut tally = work.finish();
        state::count(&tx, tally.counts, tally.applied_at)?;
        tx.tell(tally.changes());
        crash.pass(CrashPoint::ChangesWritten)?;
        let told = tx.commit()?;
        crash.pass(CrashPoint::ApplyCommitted)?;
        Ok(tally.applied(told, &batch))
    }
}

/// An event with its place in the batch.
type Placed<'e> = (usize, &'e Event);

/// A batch on its way.
struct Work<'t> {
    tx: &'t Connection,
    insert: CachedStatement<'t>,
    numbers: PlayerNumbers<'t>,
    shapes: Shapes<'t>,
    writer: Writer<'t>,
    plan: &'t Plan,
    crash: &'t CrashHook,
    tally: Tally,
}

/// What became of some of the events.
struct Outcome<'e> {
    written: Written,
    duplicates: usize,
    earlier: Vec<Event>,
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
                    self.shapes.forget();
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
        let mut earlier = Vec::new();
        // The dead hold their keys as well.
        let beside = self.beside_dead(events)?;
        for (no, (place, event)) in events.iter().enumerate() {
            let (dead, event) = (beside.recognised(no), beside.counting(no, event));
            let recognised =
                if dead == Recognised::Conflicting { dead } else { self.store(event)? };
            match recognised {
                Recognised::New => new.push(event),
                Recognised::Duplicate => duplicates += 1,
                Recognised::Earlier => {
                    duplicates += 1;
                    earlier.push(event.clone());
                }
                Recognised::Conflicting => conflicting.push((*place, events[no].1)),
            }
            // An event that is stored is not to wait among the dead, however it came there.
            if dead.is_repetition() {
                revived += usize::from(dead::leave(self.tx, event)?);
            }
        }
        self.crash.pass(CrashPoint::EventsInserted)?;
        let mut voided = HashMap::new();
        if self.tally.some_are_voided {
            voided = voided::in_force(self.tx, &new)?;
        }
        let Tally { applied_at, some_are_moved, .. } = self.tally;
        let in_review =
            reviews::judge(self.tx, self.plan, &new, &mut voided, applied_at, some_are_moved)?;
        let changes = self.plan.fold_new(&new, &voided, applied_at)?;
        let touched = self.writer.write(&mut self.numbers, &changes)?;
        let written = Written::of(&new, revived, touched, in_review);
        Ok(Outcome { written, duplicates, earlier, conflicting })
    }

    fn beside_dead(&self, events: &[Placed<'t>]) -> Result<BesideDead> {
        if !self.tally.some_are_dead {
            return Ok(BesideDead::default());
        }
        let events: Vec<&Event> = events.iter().map(|(_, event)| *event).collect();
        dead::beside(self.tx, &events)
    }

    /// Stores an event if its key is free, and answers what it is.
    fn store(&mut self, event: &Event) -> Result<Recognised> {
        let (shape_no, values) = self.shapes.of(event)?;
        let inserted = self.insert.execute(params![
            self.numbers.of(&event.player)?,
            event.id.as_bytes(),
            event.time.as_ms(),
            shape_no,
            event.received_at.as_ms(),
            event.stored_counted_at(),
            self.tally.applied_at.as_ms(),
            event.content.0,
            &*values,
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
        self.tally.earlier.extend(outcome.earlier);
        for (place, event) in outcome.conflicting {
            self.reject(&conflicting(event))?;
            self.tally.note_conflict(place);
        }
        Ok(())
    }

    /// Lets events count as of the first receipt of all their copies.
    fn bring_forward(&mut self) -> Result<()> {
        let earlier = std::mem::take(&mut self.tally.earlier);
        for (player, copies) in by_player(&earlier) {
            let touched = earlier::bring_forward(self.tx, self.plan, player, &copies)?;
            self.tally.touched.extend(touched);
        }
        Ok(())
    }

    fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let beside = dead::beside(self.tx, &[event])?;
        let (dead, event) = (beside.recognised(0), beside.counting(0, event));
        let stored = self.recognise(event)?;
        match burial(stored, dead) {
            Burial::Dies => return self.bury(event, reason.to_owned()),
            Burial::CameAgain => self.tally.note_copy(stored, event),
            Burial::Conflicts => self.reject(&conflicting(event))?,
        }
        // What is stored or in quarantine is not to wait among the dead.
        if dead.is_repetition() {
            self.tally.note_revived(usize::from(dead::leave(self.tx, event)?));
        }
        Ok(())
    }

    fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(self.tx, event, &reason, self.tally.applied_at)?;
        self.tally.note_death(event.key(), reason, is_new);
        Ok(())
    }

    /// Lets go of the statements, which borrow from the transaction.
    fn finish(self) -> Tally {
        self.tally
    }
}
