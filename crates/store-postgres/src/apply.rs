//! The one transaction: store events, keep the new ones, fold them, write what changed.
//!
//! When the data of an event cannot be written, the batch is applied again in halves within one
//! transaction, until the culprit stands alone; it goes to the dead, everything else is applied.
//! Keys are written in order everywhere, so that transactions wait for each other in one direction.
//! Halves break that order; a transaction that loses a deadlock is run again.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::id::EventKey;
use scoreline_core::rank::Update;
use scoreline_core::store::{Applied, Batch, CrashPoint, Result, StoreError, Tally};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::rows;
use crate::session::sql;
use crate::state::{self, Begun};
use crate::value::values;
use crate::{changes, dead, plan, quarantine};

/// How often a batch is applied again after PostgreSQL took its transaction back in favour of another.
const RACES_LOST_MAX: u32 = 5;

/// How much of a batch stands or falls together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// All of it, which is fast: no part can be taken back alone.
    Whole,
    /// Each half, so that a culprit is found.
    Halves,
}

/// Applies a batch. `now` is moved forward to the last time of application if it lies before it.
pub(crate) async fn apply(
    database: &Database,
    plan: &Arc<Plan>,
    batch: &Batch,
    now: Timestamp,
) -> Result<Applied> {
    let (mut care, mut races_lost) = (Care::Whole, 0);
    loop {
        match attempt(database, plan, batch, now, care).await {
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
    plan.check_present(tx.plan_version)?;
    let plan = plan::with_cursors(&tx, plan).await?;
    let applied_at = now.max(tx.last_stamp);
    let some_are_dead = tx.some_are_dead;
    let mut work =
        Work { database, tx, plan: &plan, applied_at, some_are_dead, tally: Tally::default() };
    work.quarantine(batch).await?;
    let (events, repeated) = first_of_each_key(&batch.events);
    work.tally.note_duplicates(repeated.len());
    match care {
        Care::Whole => {
            let written = work.write(&events).await?;
            work.take(written);
        }
        Care::Halves => work.halve(&events).await?,
    }
    for (event, reason) in &batch.dead {
        work.bury_unless_stored(event, reason).await?;
    }
    let Work { tx, tally, .. } = work;
    tx.count(tally.counts, applied_at).await?;
    tx.tell(feed::entries(tally.touched));
    database.pass(CrashPoint::ChangesWritten)?;
    let told = tx.commit().await?;
    database.pass(CrashPoint::ApplyCommitted)?;
    Ok(Applied { told, ..tally.outcome })
}

/// The events of a batch in the order of their keys, the first of each, and the others apart.
fn first_of_each_key(events: &[Event]) -> (Vec<&Event>, Vec<&Event>) {
    let mut ordered: Vec<&Event> = events.iter().collect();
    // Stable, so that the first to come stays the first of its key.
    ordered.sort_by_key(|event| event.key);
    let mut last: Option<EventKey> = None;
    ordered.into_iter().partition(|event| last.replace(event.key) != Some(event.key))
}

/// A batch on its way.
struct Work<'b> {
    database: &'b Database,
    tx: Begun,
    plan: &'b Plan,
    applied_at: Timestamp,
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

impl<'b> Work<'b> {
    async fn quarantine(&mut self, batch: &Batch) -> Result<()> {
        let new = quarantine::put(&self.tx, &batch.rejected).await?;
        self.tally.note_quarantined(new);
        quarantine::judge(&self.tx, &batch.rejected_again).await?;
        let left = quarantine::leave(&self.tx, &batch.leaves_quarantine).await?;
        self.tally.note_released(left);
        Ok(())
    }

    /// Applies these events, or halves them until the culprit is found.
    async fn halve(&mut self, events: &[&'b Event]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.tx.run("SAVEPOINT half").await?;
        match self.write(events).await {
            Ok(written) => {
                self.tx.run("RELEASE half").await?;
                self.take(written);
                Ok(())
            }
            Err(StoreError::Refused(reason)) => {
                self.tx.run("ROLLBACK TO half; RELEASE half").await?;
                if let [culprit] = events {
                    return self.bury(culprit, reason).await;
                }
                let (first, second) = events.split_at(events.len() / 2);
                Box::pin(self.halve(first)).await?;
                Box::pin(self.halve(second)).await
            }
            Err(error) => Err(error),
        }
    }

    /// Stores events, given in the order of their keys, and all that follows from those that are
    /// new.
    async fn write(&self, events: &[&'b Event]) -> Result<Written> {
        if events.is_empty() {
            return Ok(Written { new: 0, revived: 0, duplicates: 0, touched: vec![] });
        }
        let inserted = self.insert(events).await?;
        let new: Vec<&Event> = if inserted.len() == events.len() {
            events.to_vec()
        } else {
            let inserted: BTreeSet<EventKey> = inserted.into_iter().collect();
            events.iter().copied().filter(|event| inserted.contains(&event.key)).collect()
        };
        let duplicates = events.len() - new.len();
        // Those that are stored leave as well: whoever gave one up could not see a transaction that
        // stored it at the same time.
        let revived = if self.some_are_dead { dead::leave(&self.tx, events).await? } else { 0 };
        self.database.pass(CrashPoint::EventsInserted)?;
        let changes = self.plan.fold_new(&new, self.applied_at)?;
        let touched = changes::write(&self.tx, &changes, self.tx.shard).await?;
        Ok(Written { new: new.len(), revived, duplicates, touched })
    }

    /// Stores events. Answers the keys of those that are new.
    async fn insert(&self, events: &[&Event]) -> Result<Vec<EventKey>> {
        let columns = EventColumns::of(events);
        let EventColumns { times, ids, players, types, received, counted, payloads } = columns;
        let values = values![
            times,
            ids,
            players,
            types,
            received,
            counted,
            payloads,
            self.applied_at.as_ms(),
        ];
        self.tx.list(sql!("event/insert"), values, rows::read).await
    }

    fn take(&mut self, written: Written) {
        self.tally.note_applied(written.new, written.touched);
        self.tally.note_revived(written.revived);
        self.tally.note_duplicates(written.duplicates);
    }

    async fn bury_unless_stored(&mut self, event: &Event, reason: &str) -> Result<()> {
        let key = values![event.key.time.as_ms(), event.key.id];
        if self.tx.first(sql!("event/is_stored"), key, |_| Ok(())).await?.is_some() {
            self.tally.note_duplicates(1);
            if self.some_are_dead {
                self.tally.note_revived(dead::leave(&self.tx, &[event]).await?);
            }
            return Ok(());
        }
        self.bury(event, reason.to_owned()).await
    }

    async fn bury(&mut self, event: &Event, reason: String) -> Result<()> {
        let is_new = dead::put(&self.tx, event, &reason, self.applied_at).await?;
        self.some_are_dead = true;
        self.tally.note_death(event.key, reason, is_new);
        Ok(())
    }
}

/// Events, a list a column.
struct EventColumns<'e> {
    times: Vec<i64>,
    ids: Vec<uuid::Uuid>,
    players: Vec<&'e str>,
    types: Vec<&'e str>,
    received: Vec<i64>,
    counted: Vec<Option<i64>>,
    payloads: Vec<&'e str>,
}

impl<'e> EventColumns<'e> {
    fn of(events: &[&'e Event]) -> Self {
        Self {
            times: events.iter().map(|event| event.key.time.as_ms()).collect(),
            ids: events.iter().map(|event| event.key.id).collect(),
            players: events.iter().map(|event| event.player.as_str()).collect(),
            types: events.iter().map(|event| &*event.event_type).collect(),
            received: events.iter().map(|event| event.received_at.as_ms()).collect(),
            counted: events.iter().map(|event| rows::stored_counted_at(event)).collect(),
            payloads: events.iter().map(|event| &*event.payload).collect(),
        }
    }
}
