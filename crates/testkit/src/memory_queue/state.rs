//! One class of a queue in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::game::Class;
use scoreline_core::queue::loss::{Losses, Sight};
use scoreline_core::queue::{Amount, ClassFigures, Hold, Lease, Leased, Parcel};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// What a class holds, and what it counts.
#[derive(Default)]
pub(super) struct ClassState {
    epoch: Option<Uuid>,
    parcels: BTreeMap<u64, Stored>,
    last_id: u64,
    pushed: u64,
    completed: u64,
    failed: u64,
    reclaimed: u64,
    stale: u64,
    losses: Losses,
    pub paused: bool,
}

struct Stored {
    parcel: Parcel,
    /// Attempts before it got its present id.
    attempts: u32,
    /// How often it was delivered under its present id, releases not counted.
    deliveries: u32,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Waiting,
    Leased { node: u32, until: Duration },
    Delayed { until: Duration },
}

/// What a node restores in a class that lost its data.
#[derive(Clone, Copy, Default)]
pub(super) struct Remembered {
    sight: Option<Sight>,
    losses: Losses,
    completed: u64,
    failed: u64,
    paused: bool,
}

impl Stored {
    fn is_claimable(&self, now: Duration) -> bool {
        match self.place {
            Place::Waiting => true,
            Place::Leased { until, .. } | Place::Delayed { until } => until <= now,
        }
    }

    fn events(&self) -> u64 {
        u64::from(self.parcel.events())
    }
}

impl ClassState {
    /// Restores what a node remembers, if the class is not the one that it saw last.
    #[expect(clippy::disallowed_methods, reason = "an epoch is a name that was never used")]
    pub fn heal(&mut self, remembered: &Remembered) {
        let found = self.sight();
        if let Some(sight) = &remembered.sight
            && let Some(lost) = sight.lost_until(found.as_ref())
        {
            self.losses = self.losses.max(remembered.losses.and(lost));
            self.completed = self.completed.max(remembered.completed);
            self.failed = self.failed.max(remembered.failed);
            self.paused |= remembered.paused;
        }
        self.epoch.get_or_insert_with(Uuid::new_v4);
    }

    pub fn remember(&self) -> Remembered {
        Remembered {
            sight: self.sight(),
            losses: self.losses,
            completed: self.completed,
            failed: self.failed,
            paused: self.paused,
        }
    }

    /// What is left of it when its data is deleted: no id is ever given twice.
    pub fn emptied(&self) -> Self {
        Self { last_id: self.last_id, ..Self::default() }
    }

    fn sight(&self) -> Option<Sight> {
        let unclaimed = self.parcels.values().filter(|stored| stored.place.is_unclaimed());
        let unclaimed = unclaimed.map(Stored::events).sum();
        Some(Sight { epoch: self.epoch?, pushed: self.pushed, unclaimed })
    }

    pub fn push(&mut self, parcel: Parcel) {
        self.pushed += u64::from(parcel.events());
        self.append(Stored { parcel, attempts: 0, deliveries: 0, place: Place::Waiting });
    }

    fn append(&mut self, stored: Stored) {
        self.last_id += 1;
        self.parcels.insert(self.last_id, stored);
    }

    /// Events that could be claimed now.
    pub fn claimable_events(&self, now: Duration) -> u64 {
        if self.paused {
            return 0;
        }
        self.parcels.values().filter(|one| one.is_claimable(now)).map(Stored::events).sum()
    }

    /// How long until a parcel can be claimed.
    pub fn next_in(&self, now: Duration) -> Option<Duration> {
        let pause = |stored: &Stored| match stored.place {
            Place::Waiting => Duration::ZERO,
            Place::Leased { until, .. } | Place::Delayed { until } => until.saturating_sub(now),
        };
        if self.paused { None } else { self.parcels.values().map(pause).min() }
    }

    pub fn claim(
        &mut self,
        class: Class,
        events: u64,
        node: u32,
        now: Duration,
        until: Duration,
    ) -> Vec<Leased> {
        let mut leased = Vec::new();
        let mut left = if self.paused { 0 } else { events };
        for (id, stored) in self.parcels.iter_mut().filter(|(_, one)| one.is_claimable(now)) {
            if left == 0 {
                break;
            }
            if matches!(stored.place, Place::Leased { .. }) {
                self.reclaimed += 1;
            }
            stored.deliveries += 1;
            stored.place = Place::Leased { node, until };
            left = left.saturating_sub(stored.events());
            leased.push(Leased {
                parcel: stored.parcel.clone(),
                attempts: stored.attempts + stored.deliveries - 1,
                lease: Lease {
                    class,
                    id: Arc::from(id.to_string()),
                    delivery: stored.deliveries,
                    events: stored.parcel.events(),
                },
            });
        }
        leased
    }

    /// Who holds the parcel of a lease now.
    pub fn hold(&mut self, lease: &Lease, by: u32) -> Hold {
        let hold = match self.parcels.get(&id(lease)) {
            None => Hold::Gone,
            Some(Stored { deliveries, place: Place::Leased { node, .. }, .. })
                if *node == by && *deliveries == lease.delivery =>
            {
                Hold::Held
            }
            Some(_) => Hold::Taken,
        };
        self.stale += u64::from(hold != Hold::Held);
        hold
    }

    pub fn settle(&mut self, lease: &Lease, dead: u32) {
        self.parcels.remove(&id(lease));
        self.failed += u64::from(dead);
        self.completed += u64::from(lease.events.saturating_sub(dead));
    }

    pub fn retry(&mut self, lease: &Lease, until: Duration) {
        let Some(mut stored) = self.parcels.remove(&id(lease)) else { return };
        // Under its old id, a lease of its first delivery would fit its next first one.
        stored.attempts += stored.deliveries;
        stored.deliveries = 0;
        stored.place = Place::Delayed { until };
        self.append(stored);
    }

    pub fn put_off(&mut self, lease: &Lease, until: Duration) {
        if let Some(stored) = self.parcels.get_mut(&id(lease)) {
            stored.deliveries -= 1;
        }
        self.retry(lease, until);
    }

    pub fn release(&mut self, lease: &Lease) {
        if let Some(stored) = self.parcels.get_mut(&id(lease)) {
            stored.deliveries -= 1;
            stored.place = Place::Waiting;
        }
    }

    pub fn extend(&mut self, lease: &Lease, later: Duration) {
        if let Some(Stored { place: Place::Leased { until, .. }, .. }) =
            self.parcels.get_mut(&id(lease))
        {
            *until = later;
        }
    }

    pub fn oldest(&self) -> Option<Timestamp> {
        self.parcels.values().map(|stored| stored.parcel.received_at()).min()
    }

    pub fn open_events(&self) -> u64 {
        self.parcels.values().map(Stored::events).sum()
    }

    pub fn losses(&self) -> Losses {
        self.losses
    }

    pub fn figures(&self) -> ClassFigures {
        let amount = |counts: fn(Place) -> bool| {
            let counted = self.parcels.values().filter(|stored| counts(stored.place));
            counted.fold(Amount::default(), |sum, stored| Amount {
                events: sum.events + stored.events(),
                parcels: sum.parcels + 1,
            })
        };
        ClassFigures {
            waiting: amount(|place| matches!(place, Place::Waiting)),
            active: amount(|place| matches!(place, Place::Leased { .. })),
            delayed: amount(|place| matches!(place, Place::Delayed { .. })),
            oldest: self.oldest(),
            completed: self.completed,
            failed: self.failed,
            reclaimed: self.reclaimed,
            stale: self.stale,
            paused: self.paused,
        }
    }
}

impl Place {
    fn is_unclaimed(self) -> bool {
        !matches!(self, Self::Leased { .. })
    }
}

/// The number behind a lease. An id of another queue names nothing here.
fn id(lease: &Lease) -> u64 {
    lease.id.parse().unwrap_or(u64::MAX)
}
