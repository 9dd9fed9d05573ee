//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.
//! Keys are written in order everywhere, so that transactions wait for each other in one direction.
//! Halves break that order; a transaction that loses a deadlock is run again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use scoreline_core::event::recognise::{self, Burial, KeptEvent, Recognised, burial, conflicting};
use scoreline_core::event::{Event, Rejected};
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::id::EventKey;
use scoreline_core::store::{
    Applied, Batch, Care, CrashPoint, Halves, Result, StoreError, Tally, Written,
};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::state::{self, Writing};
use crate::{changes, dead, keys, quarantine, tombstones, voided};

/// How often a batch is applied again after PostgreSQL took its transaction back in favour of another.
const RACES_LOST_MAX: u32 = 5;

/// Applies a batch. `now` is moved forward to the last time of application if it lies before it.
pub(crate) async fn apply(
    database: &Database,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
) -> Result<Applied> {
    let (mut care, mut races_lost) = (Care::Whole, 0);
    loop {
        match Box::pin(attempt(database, plan, batch, now, care)).await {
            Err(StoreError::Refused(_)) if care == Care::Whole => care = Care::Halves,
            // A lost deadlock is not overload, as another transaction got through: so it is tried
            // again here, instead of being reported to callers, who would wait.
            Err(StoreError::LostRace(_)) if races_lost < RACES_LOST_MAX => races_lost += 1,
            outcome => return outcome,
        }
    }
}

async fn attempt(
    database: &Database,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
    care: Care,
) -> Result<Applied> {
    database.pass(CrashPoint::ApplyBegun)?;
    let tx = state::begin(database).await?;
    plan.check_present(tx.begun.plan_version)?;
    let left = without_erased(&tx, batch).await?;
    let batch = left.as_ref().map_or(batch, |(left, _)| left);
    let applied_at = now.max(tx.begun.last_stamp);
    let (some_are_dead, some_are_voided) = (tx.begun.some_are_dead, tx.begun.some_are_voided);
    let mut work = Work {
        database,
        tx,
        plan,
        applied_at,
        some_are_dead,
        some_are_voided,
        tally: Tally::default(),
        kept: HashMap::new(),
    };
    work.quarantine(batch).await?;
    let events = first_of_each_key(&batch.events);
    match care {
        Care::Whole => {
            let written = work.write(&events).await?;
            work.take(written);
        }
        Care::Halves => work.halve(&events).await?,
    }
    work.sort_out(&batch.events).await?;
    for (event, reason) in &batch.dead {
        work.bury_unless_stored(event, reason).await?;
    }
    let Work { tx, tally, .. } = work;
    tx.tell(feed::entries(tally.touched));
    database.pass(CrashPoint::ChangesWritten)?;
    let told = tx.count_and_commit(tally.counts, applied_at).await?;
    database.pass(CrashPoint::ApplyCommitted)?;
    let applied = Applied { told, ..tally.outcome };
    Ok(match &left {
        Some((_, places)) => applied.at_places(places),
        None => applied,
    })
}

/// The batch without those who were erased, and the places that its events had; `None` where nobody was.
async fn without_erased(tx: &Writing, batch: &Batch) -> Result<Option<(Batch, Vec<usize>)>> {
    let Some(key) = &tx.begun.erasure_key else { return Ok(None) };
    let erased = tombstones::erased_of(tx, key, batch).await?;
    Ok((!erased.is_empty()).then(|| batch.without(&erased)))
}

/// The first event of each key in a batch, in the order of the keys.
fn first_of_each_key(events: &[Event]) -> Vec<&Event> {
    let mut ordered: Vec<&Event> = events.iter().collect();
    // Stable, so that the first to come stays the first of its key.
    ordered.sort_by(|a, b| (&a.player, a.id).cmp(&(&b.player, b.id)));
    ordered.dedup_by(|a, b| (&a.player, a.id) == (&b.player, b.id));
    ordered
}

/// A batch on its way.
struct Work<'b> {
    database: &'b Database,
    tx: Writing,
    plan: &'b Plan,
    applied_at: Timestamp,
    some_are_dead: bool,
    some_are_voided: bool,
    tally: Tally,
    /// What is kept under the keys of the batch that were taken before.
    kept: HashMap<EventKey, KeptEvent>,
}

/// What became of a part of the events, and what is kept under the keys that were taken before.
type Outcome = (Written, Vec<(EventKey, KeptEvent)>);

impl<'b> Work<'b> {
    async fn quarantine(&mut self, batch: &Batch) -> Result<()> {
        self.reject(&batch.rejected).await?;
        quarantine::judge(&self.tx, &batch.rejected_again).await?;
        let left = quarantine::leave(&self.tx, &batch.leaves_quarantine).await?;
        self.tally.note_released(left);
        Ok(())
    }

    async fn reject(&mut self, rejected: &[Rejected]) -> Result<()> {
        let new = quarantine::put(&self.tx, rejected).await?;
        self.tally.note_quarantined(new);
        Ok(())
    }

    /// Applies these events, or halves them until the culprit is found.
    async fn halve(&mut self, events: &[&'b Event]) -> Result<()> {
        let mut halves = Halves::of(events);
        while let Some(part) = halves.next() {
            self.tx.run("SAVEPOINT half").await?;
            match self.write(part).await {
                Ok(written) => {
                    self.tx.run("RELEASE half").await?;
                    self.take(written);
                }
                Err(StoreError::Refused(reason)) => {
                    self.tx.run("ROLLBACK TO half; RELEASE half").await?;
                    if let Some(culprit) = halves.refused(part) {
                        self.bury(culprit, reason).await?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Stores events of different keys, given in the order of these, and all that follows from those
    /// that are new.
    async fn write(&self, events: &[&'b Event]) -> Result<Outcome> {
        // The dead hold their keys as well.
        let (events, dead, mut kept) = self.without_conflicts_with_the_dead(events).await?;
        let inserted = keys::insert(&self.tx, &events, self.applied_at).await?;
        let (new, known): (Vec<&Event>, Vec<&Event>) = if inserted.len() == events.len() {
            (events, Vec::new())
        } else {
            events.into_iter().partition(|event| inserted.contains(&event.key()))
        };
        let stored = keys::kept(&self.tx, &known).await?;
        kept.extend(stored.into_iter().map(|(place, one)| (known[place].key(), one)));
        // Events that are stored already leave the dead as well: a transaction that put one there
        // could not see another that stored it at the same time.
        let revived = dead::leave(&self.tx, &dead).await?;
        self.database.pass(CrashPoint::EventsInserted)?;
        let voided = if self.some_are_voided {
            voided::in_force(&self.tx, &new).await?
        } else {
            HashMap::new()
        };
        let changes = self.plan.fold_new(&new, &voided, self.applied_at)?;
        let touched = changes::write(&self.tx, &changes, self.tx.shard).await?;
        Ok((Written::of(&new, revived, touched), kept))
    }

    /// The events without those that say something else than the dead of their keys; those of them
    /// that are among the dead; and what is kept under the keys of the others.
    async fn without_conflicts_with_the_dead(
        &self,
        events: &[&'b Event],
    ) -> Result<(Vec<&'b Event>, Vec<&'b Event>, Vec<(EventKey, KeptEvent)>)> {
        if !self.some_are_dead {
            return Ok((events.to_vec(), Vec::new(), Vec::new()));
        }
        let (mut dead, mut kept) = (Vec::new(), Vec::new());
        for (place, one) in dead::kept(&self.tx, events).await? {
            if recognise::recognise(events[place], Some(one.as_kept())) == Recognised::Duplicate {
                dead.push(events[place]);
            } else {
                kept.push((events[place].key(), one));
            }
        }
        let taken: HashSet<EventKey> = kept.iter().map(|(key, _)| key.clone()).collect();
        let left = events.iter().copied().filter(|event| !taken.contains(&event.key()));
        Ok((left.collect(), dead, kept))
    }

    fn take(&mut self, (written, kept): Outcome) {
        self.tally.take(written);
        self.kept.extend(kept);
    }

    /// Says of each event of the batch what it was: those that are new are applied by now, or dead.
    async fn sort_out(&mut self, events: &'b [Event]) -> Result<()> {
        let kept = std::mem::take(&mut self.kept);
        let kept: HashMap<_, _> =
            kept.iter().map(|(key, one)| (key.clone(), one.as_kept())).collect();
        let (mut repeated, mut rejected) = (0, Vec::new());
        let recognised = recognise::recognise_all(events, &kept);
        for (place, (event, recognised)) in events.iter().zip(recognised).enumerate() {
            match recognised {
                Recognised::New => {}
                Recognised::Duplicate => repeated += 1,
                Recognised::Conflicting => {
                    rejected.push(conflicting(event));
                    self.tally.note_conflict(place);
                }
            }
        }
        self.tally.note_duplicates(repeated);
        self.reject(&rejected).await
    }

    async fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let beside = |kept: Vec<(usize, KeptEvent)>| {
            recognise::recognise(event, kept.first().map(|(_, one)| one.as_kept()))
        };
        let stored = beside(keys::kept(&self.tx, &[event]).await?);
        let dead = beside(dead::kept(&self.tx, &[event]).await?);
        match burial(stored, dead) {
            Burial::Dies => return self.bury(event, reason.to_owned()).await,
            Burial::CameAgain => self.tally.note_duplicates(1),
            Burial::Conflicts => self.reject(&[conflicting(event)]).await?,
        }
        // What is stored or in quarantine is not to wait among the dead.
        if dead == Recognised::Duplicate {
            self.tally.note_revived(dead::leave(&self.tx, &[event]).await?);
        }
        Ok(())
    }

    async fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(&self.tx, event, &reason, self.applied_at).await?;
        self.some_are_dead = true;
        self.tally.note_death(event.key(), reason, is_new);
        Ok(())
    }
}
