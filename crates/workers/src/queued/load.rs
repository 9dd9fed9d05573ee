//! What one claim brought: the events of its parcels as one batch, and what is to be told of each
//! parcel afterwards.

use rustc_hash::FxHashMap;
use scoreline_core::id::EventKey;
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
    /// In which parcel each event came.
    parcel_of: FxHashMap<EventKey, usize>,
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
                    let keys = submission.events.iter().map(|event| (event.key(), place));
                    load.parcel_of.extend(keys);
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
        for (key, _) in &applied.dead {
            if let Some(place) = self.parcel_of.get(key) {
                settled[*place].dead += 1;
            }
        }
        settled
    }
}
