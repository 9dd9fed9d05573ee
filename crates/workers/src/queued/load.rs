//! What one claim brought: the events of its parcels as one batch, and what is to be told of each
//! parcel afterwards.

use scoreline_core::queue::codec::{self, CodecError};
use scoreline_core::queue::{Lease, Leased, Settled};
use scoreline_core::store::{Applied, Batch};

/// Parcels that are applied together.
#[derive(Default)]
pub(super) struct Load {
    /// Their events.
    pub batch: Batch,
    /// Their leases.
    pub leases: Vec<Lease>,
    /// The leases of parcels that only newer nodes can read.
    pub newer: Vec<Lease>,
    /// In which parcel each event came, in the order of the batch.
    parcel_of: Vec<usize>,
}

impl Load {
    /// Unpacks parcels. One that is damaged becomes an entry of quarantine, so that what can still be
    /// seen of it is kept.
    pub fn unpack(leased: &[Leased]) -> Self {
        let mut load = Self::default();
        for Leased { parcel, lease, .. } in leased {
            match parcel.unpack() {
                Ok(submission) => {
                    let place = load.leases.len();
                    load.parcel_of.extend(submission.events.iter().map(|_| place));
                    load.batch.events.extend(submission.events);
                    load.batch.rejected.extend(submission.rejected);
                }
                Err(CodecError::Newer { .. }) => {
                    load.newer.push(lease.clone());
                    continue;
                }
                Err(error @ CodecError::Damaged(_)) => {
                    tracing::error!(
                        queue.class = lease.class.as_str(),
                        queue.id = %lease.id,
                        queue.error = %error,
                        "an entry of the queue cannot be read; its bytes are in quarantine"
                    );
                    load.batch.rejected.push(codec::unreadable(parcel, &error));
                }
            }
            load.leases.push(lease.clone());
        }
        load
    }

    /// How many rows it asks the store to write.
    pub fn rows(&self) -> usize {
        self.batch.events.len() + self.batch.rejected.len()
    }

    /// What is to be told of the parcels once they are applied.
    pub fn settled(self, applied: &Applied) -> Vec<Settled> {
        let mut settled: Vec<Settled> =
            self.leases.into_iter().map(|lease| Settled { lease, dead: 0 }).collect();
        for parcel in applied.died.iter().filter_map(|place| self.parcel_of.get(*place)) {
            settled[*parcel].dead += 1;
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scoreline_core::game::Class;
    use scoreline_core::intake::Submission;
    use scoreline_core::queue::Parcel;
    use scoreline_testkit::game::played;

    use super::*;

    #[test]
    fn a_parcel_learns_how_many_of_its_events_died_whoever_they_are_of_since() {
        let parcel = |ids: &[u128], no: &str| {
            let events = ids.iter().map(|id| played("ann", *id, 0, 5)).collect();
            let submission = Submission { events, ..Submission::default() };
            let parcel = Parcel::pack(&submission).expect("there are events");
            let (class, id) = (Class::Normal, Arc::from(no));
            let lease = Lease { class, id, delivery: 1, events: 1 };
            Leased { lease, parcel, attempts: 0 }
        };
        let load = Load::unpack(&[parcel(&[1, 2], "1"), parcel(&[3], "2")]);
        let moved = played("bob", 3, 0, 5).key();
        let dead = vec![(moved, "too large".to_owned())];
        let settled = load.settled(&Applied { dead, died: vec![2], ..Applied::default() });
        assert_eq!(settled.iter().map(|one| one.dead).collect::<Vec<_>>(), [0, 1]);
    }
}
