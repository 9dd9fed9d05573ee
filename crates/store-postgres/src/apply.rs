//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.
//! Keys are written in order everywhere, so that transactions wait for each other in one direction.
//! Halves break that order; a transaction that loses a deadlock is run again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use scoreline_core::event::recognise::{
    self, BesideDead, Burial, KeptEvent, Recognised, burial, conflicting,
};
use scoreline_core::event::{Event, Rejected};
use scoreline_core::fold::Plan;
use scoreline_core::id::EventKey;
use scoreline_core::store::{
    Admitted, Applied, Batch, Care, CrashPoint, Halves, Result, StoreError, Tally, Written,
    by_player,
};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::session::{Session, sql};
use crate::state::{self, Writing};
use crate::value::values;
use crate::{changes, dead, earlier, keys, moved, quarantine, reviews, tombstones, voided};

/// How often a batch is applied again after PostgreSQL took its transaction back in favour of another.
const RACES_LOST_MAX: u32 = 5;
/// How many races a batch may lose before it is applied while no other batch is: batches that lock their players first
/// can still lose to batches that are tried for the first time.
const RACES_LOST_BESIDE: u32 = 3;

/// Applies a batch. `now` is moved forward to the last time of application if it lies before it.
pub(crate) async fn apply(
    database: &Database,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
) -> Result<Applied> {
    let (mut care, mut races_lost) = (Care::Whole, 0);
    loop {
        match Box::pin(attempt(database, plan, batch, now, care, Among::after(races_lost))).await {
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
    among: Among,
) -> Result<Applied> {
    database.pass(CrashPoint::ApplyBegun)?;
    let tx = match among {
        Among::All | Among::Losers => state::begin(database).await?,
        Among::None => state::begin_alone(database).await?,
    };
    plan.check_present(tx.begun.plan_version)?;
    let mut batch = Admitted::all(batch);
    if tx.begun.some_are_moved {
        batch.follow(&moved::became(&tx, &batch).await?);
    }
    if let Some(key) = &tx.begun.erasure_key {
        batch.leave_out(&tombstones::erased_of(&tx, key, &batch).await?);
    }
    if among == Among::Losers {
        line_up(&tx, &batch).await?;
    }
    let tally = Tally::begin(&tx.begun, now);
    let mut work = Work { database, tx, plan, tally, kept: HashMap::new() };
    work.quarantine(&batch).await?;
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
    work.bring_forward().await?;
    let Work { tx, mut tally, .. } = work;
    tx.tell(tally.changes());
    database.pass(CrashPoint::ChangesWritten)?;
    let told = tx.count_and_commit(tally.counts, tally.applied_at).await?;
    database.pass(CrashPoint::ApplyCommitted)?;
    Ok(tally.applied(told, &batch))
}

/// Beside whom a batch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Among {
    /// Beside all others, in whatever order their rows are needed.
    All,
    /// One after another with those who have lost a race over the same players.
    Losers,
    /// Beside nobody.
    None,
}

impl Among {
    fn after(races_lost: u32) -> Self {
        match races_lost {
            0 => Self::All,
            1..RACES_LOST_BESIDE => Self::Losers,
            _ => Self::None,
        }
    }
}

/// Locks a row of each player first, in their order, so that those who have lost a race come one after another and
/// do not block each other again.
async fn line_up(tx: &Session, batch: &Batch) -> Result<()> {
    let players: BTreeSet<&str> = batch.events.iter().map(|one| one.player.as_str()).collect();
    let players: Vec<&str> = players.into_iter().collect();
    tx.execute(sql!("statistic/lock"), values![players]).await.map(drop)
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
    tally: Tally,
    /// What is kept under the keys of the batch that were taken before.
    kept: HashMap<EventKey, KeptEvent>,
}

/// What became of a part of the events.
struct Outcome {
    written: Written,
    /// What is kept under the keys that were taken before.
    kept: Vec<(EventKey, KeptEvent)>,
    /// Copies of stored events that were received before these.
    earlier: Vec<Event>,
}

/// The events whose keys the dead leave free, as they count, and those of them that are among the dead.
fn free_and_dead<'e>(
    events: &[&'e Event],
    beside: &'e BesideDead,
) -> (Vec<&'e Event>, Vec<&'e Event>) {
    if beside.is_empty() {
        return (events.to_vec(), Vec::new());
    }
    let (mut free, mut dead) = (Vec::with_capacity(events.len()), Vec::new());
    for (place, event) in events.iter().enumerate() {
        let recognised = beside.recognised(place);
        if recognised != Recognised::Conflicting {
            free.push(beside.counting(place, event));
        }
        if recognised.is_repetition() {
            dead.push(*event);
        }
    }
    (free, dead)
}

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
        let beside = if self.tally.some_are_dead {
            dead::beside(&self.tx, events).await?
        } else {
            BesideDead::default()
        };
        let (free, dead) = free_and_dead(events, &beside);
        let mut kept: Vec<(EventKey, KeptEvent)> =
            beside.conflicting().map(|dead| (dead.key(), dead.into())).collect();
        let inserted = keys::insert(&self.tx, &free, self.tally.applied_at).await?;
        let (new, known): (Vec<&Event>, Vec<&Event>) = if inserted.len() == free.len() {
            (free, Vec::new())
        } else {
            free.into_iter().partition(|event| inserted.contains(&event.key()))
        };
        let mut earlier = Vec::new();
        for (place, one) in keys::kept(&self.tx, &known).await? {
            // As of the receipt of a dead copy, which is about to leave.
            let is_earlier = || {
                let recognised = recognise::recognise(known[place], Some(one.as_kept()));
                recognised == Recognised::Earlier
            };
            if !dead.is_empty() && is_earlier() {
                earlier.push(known[place].clone());
            }
            kept.push((known[place].key(), one));
        }
        // Events that are stored already leave the dead as well: a transaction that put one there
        // could not see another that stored it at the same time.
        let revived = dead::leave(&self.tx, &dead).await?;
        self.database.pass(CrashPoint::EventsInserted)?;
        let mut voided = HashMap::new();
        if self.tally.some_are_voided {
            voided = voided::in_force(&self.tx, &new).await?;
        }
        let in_review =
            reviews::judge(&self.tx, self.plan, &new, &mut voided, self.tally.applied_at).await?;
        let changes = self.plan.fold_new(&new, &voided, self.tally.applied_at)?;
        let touched = changes::write(&self.tx, &changes, self.tx.shard).await?;
        let written = Written::of(&new, revived, touched, in_review);
        Ok(Outcome { written, kept, earlier })
    }

    fn take(&mut self, Outcome { written, kept, earlier }: Outcome) {
        self.tally.take(written);
        self.kept.extend(kept);
        self.tally.earlier.extend(earlier);
    }

    /// Says of each event of the batch what it was: those that are new are applied by now, or dead.
    async fn sort_out(&mut self, events: &'b [Event]) -> Result<()> {
        let kept = std::mem::take(&mut self.kept);
        let kept: HashMap<_, _> =
            kept.iter().map(|(key, one)| (key.clone(), one.as_kept())).collect();
        let mut rejected = Vec::new();
        let recognised = recognise::recognise_all(events, &kept);
        for (place, (event, recognised)) in events.iter().zip(recognised).enumerate() {
            match recognised {
                Recognised::New => {}
                Recognised::Duplicate | Recognised::Earlier => {
                    self.tally.note_copy(recognised, event);
                }
                Recognised::Conflicting => {
                    rejected.push(conflicting(event));
                    self.tally.note_conflict(place);
                }
            }
        }
        self.reject(&rejected).await
    }

    /// Lets events count as of the first receipt of all their copies.
    async fn bring_forward(&mut self) -> Result<()> {
        for (player, copies) in by_player(&std::mem::take(&mut self.tally.earlier)) {
            let touched = earlier::bring_forward(&self.tx, self.plan, player, &copies).await?;
            self.tally.touched.extend(touched);
        }
        Ok(())
    }

    async fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let beside = dead::beside(&self.tx, &[event]).await?;
        let (dead, event) = (beside.recognised(0), beside.counting(0, event));
        let kept = keys::kept(&self.tx, &[event]).await?;
        let stored = recognise::recognise(event, kept.first().map(|(_, one)| one.as_kept()));
        match burial(stored, dead) {
            Burial::Dies => return self.bury(event, reason.to_owned()).await,
            Burial::CameAgain => self.tally.note_copy(stored, event),
            Burial::Conflicts => self.reject(&[conflicting(event)]).await?,
        }
        // What is stored or in quarantine is not to wait among the dead.
        if dead.is_repetition() {
            self.tally.note_revived(dead::leave(&self.tx, &[event]).await?);
        }
        Ok(())
    }

    async fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(&self.tx, event, &reason, self.tally.applied_at).await?;
        self.tally.note_death(event.key(), reason, is_new);
        Ok(())
    }
}
