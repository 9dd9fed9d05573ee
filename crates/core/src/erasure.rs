//! Erasing players: what is left of one who was erased, and that nothing of them comes in again.
//!
//! An erasure begins with a tombstone, from which on nothing of the player is taken in, and with a ban, so
//! that those behind move up at once. Then the player's events go, some at a time: as by retention, what
//! they gave is merged into the baselines first, so that whatever is compared meanwhile agrees. The last step
//! takes the player's rows away, live ones and baselines. What is left are counts: figures, and the counters
//! of analytics, to which the player's days are added and of which no row says whose they are.
//!
//! The places of a tournament that is paid are not given to others: a placeholder stands there, with a name that
//! has nothing to do with the player's id.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ban::Ban;
use crate::fold::{Plan, PlayerRows, ProjectionKind};
use crate::id::{PlayerId, Slot};
use crate::rank::Update;
use crate::time::Timestamp;

/// What is kept of an erased player's id: a hash under a key that the database has. It tells whether an id
/// is the one that was erased, and not which one that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tombstone(pub Uuid);

impl Tombstone {
    /// The tombstone of a player.
    pub fn of(key: &str, player: &PlayerId) -> Self {
        let digest = Sha256::new()
            .chain_update((key.len() as u64).to_be_bytes())
            .chain_update(key)
            .chain_update(player.as_str())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(Uuid::from_bytes(bytes))
    }
}

/// That somebody asked for a player to be erased, without having proved to be that player. Nothing comes of it until an
/// operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// Whom.
    pub player: PlayerId,
    /// What they said beside it.
    pub message: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// A player who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The job that does it.
    pub job: Uuid,
    /// Whom.
    pub player: PlayerId,
}

impl Erasure {
    /// Who stands where the player stood, where somebody must, and whom the log of acts names.
    pub fn placeholder(job: Uuid) -> PlayerId {
        PlayerId::from_stored(&format!("erased-{}", job.simple()))
    }

    /// Under which the player is while the job runs, so that those behind move up at once.
    pub const BAN: Ban = Ban { shadow: false, until: None };
}

/// How a job is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureState {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// How many events there were.
    pub events: u64,
    /// How many of them are gone.
    pub removed: u64,
    /// What was erased, as JSON.
    pub receipt: Option<String>,
}

impl ErasureState {
    /// How far it has come, from 0 to 1. The last step is as much as one event.
    pub fn progress(&self) -> f64 {
        if self.finished_at.is_some() {
            return 1.0;
        }
        let removed = self.removed.min(self.events);
        removed as f64 / (self.events + 1) as f64
    }
}

/// What a step of an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureStep {
    /// Nothing: a projection is being filled, whose scan has not seen all of the events yet.
    Waits,
    /// So many events are gone; there is more to do.
    Removed(u64),
    /// The player is erased.
    Done,
}

/// How much was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Raw events.
    pub events: u64,
    /// Entries on boards and in tournaments.
    pub entries: u64,
    /// Prizes, which stand under the placeholder.
    pub prizes: u64,
    /// Places of paid tournaments that the placeholder has.
    pub places: u64,
    /// Events that could not be applied.
    pub dead: u64,
    /// Entries of the quarantine.
    pub rejected: u64,
}

impl Erased {
    /// What the last step erases, after `removed` events went before it.
    pub fn of(removed: i64, vacated: &Vacated, remains: &Remains) -> Self {
        let Remains { prizes, dead, rejected, .. } = remains;
        let (entries, places) = (vacated.entries, vacated.places);
        let [prizes, dead, rejected] =
            [prizes.len(), dead.len(), rejected.len()].map(|count| count as u64);
        Self { events: removed.unsigned_abs(), entries, prizes, places, dead, rejected }
    }

    /// The receipt, which says nothing of who it was.
    pub fn receipt(&self) -> Value {
        let Self { events, entries, prizes, places, dead, rejected } = self;
        json!({
            "events": events, "entries": entries, "prizes": prizes, "places_kept_anonymous": places,
            "dead": dead, "rejected": rejected,
        })
    }
}

/// What else was kept of a player when the last step took it away.
#[derive(Debug, Clone, PartialEq)]
pub struct Remains {
    /// Prizes that were won, each with its tournament.
    pub prizes: Vec<(Uuid, Arc<str>)>,
    /// When dead events were given up, if they were.
    pub dead: Vec<Option<i64>>,
    /// The same of entries of the quarantine.
    pub rejected: Vec<Option<i64>>,
    /// When entries of the review list were decided, if they were.
    pub reviews: Vec<Option<i64>>,
    /// Who became the player.
    pub aliases: Vec<PlayerId>,
    /// The version of the name, if there was one.
    pub named: Option<i64>,
    /// That of the ban.
    pub banned: Option<i64>,
}

/// What the last step of an erasure changes on boards.
#[derive(Debug, Clone, PartialEq)]
pub struct Vacated {
    /// The slots in which the placeholder takes the player's rows over, live ones and baselines.
    pub kept_slots: Vec<Slot>,
    /// Everything that nodes hold of it, as it is since.
    pub updates: Vec<Update>,
    /// How many entries the player had.
    pub entries: u64,
    /// How many of them the placeholder has since.
    pub places: u64,
}

impl Plan {
    /// What becomes of the rows of a player who is erased.
    pub fn vacate(&self, erasure: &Erasure, rows: &PlayerRows) -> Vacated {
        let paid: BTreeSet<Slot> = self.paid().map(|one| one.slot).collect();
        let counting = |slot: &dyn Fn(Slot) -> bool| {
            let live = rows.boards.iter().filter(|(board, row)| {
                board.slot.0 > 0 && row.held.attempts > 0 && slot(board.slot)
            });
            live.count() as u64
        };
        let placeholder = Erasure::placeholder(erasure.job);
        let mut updates = rows.emptied().updates(&erasure.player);
        updates.extend(rows.of_slots(&paid).updates(&placeholder));
        Vacated {
            kept_slots: self.paid().flat_map(|one| [one.slot, one.baseline()]).collect(),
            updates,
            entries: counting(&|_| true),
            places: counting(&|slot| paid.contains(&slot)),
        }
    }

    /// The projections of tournaments whose prizes are awarded.
    fn paid(&self) -> impl Iterator<Item = &crate::fold::Projection> {
        let is_paid = |name: &str| {
            self.tournaments.iter().any(|one| *one.id == *name && one.closed_at.is_some())
        };
        self.projections
            .iter()
            .filter(move |one| one.kind == ProjectionKind::Tournament && is_paid(&one.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_is_the_players_and_the_databases_own() {
        let [ann, bob] = ["ann", "bob"].map(PlayerId::from_stored);
        assert_eq!(Tombstone::of("key", &ann), Tombstone::of("key", &ann));
        assert_ne!(Tombstone::of("key", &ann), Tombstone::of("key", &bob));
        assert_ne!(Tombstone::of("key", &ann), Tombstone::of("yek", &ann));
        let shifted = PlayerId::from_stored("yann");
        assert_ne!(Tombstone::of("ke", &shifted), Tombstone::of("key", &ann));
    }

    #[test]
    fn a_job_is_whole_only_when_it_is_done() {
        let state = |removed, finished_at| ErasureState {
            requested_at: Timestamp::EPOCH,
            finished_at,
            events: 9,
            removed,
            receipt: None,
        };
        let progress = |removed| state(removed, None).progress();
        assert!((progress(0) - 0.0).abs() < 1e-9 && (progress(9) - 0.9).abs() < 1e-9);
        assert!((state(9, Some(Timestamp::EPOCH)).progress() - 1.0).abs() < 1e-9);
    }
}
