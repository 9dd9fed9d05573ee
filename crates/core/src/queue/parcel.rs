//! What one entry of the queue holds.

use std::sync::Arc;

use super::ByClass;
use super::codec::{self, CodecError};
use crate::event::Event;
use crate::game::{Class, Definition};
use crate::intake::Submission;
use crate::limits::QUEUE_PARCEL_BYTES_MAX;
use crate::time::Timestamp;

/// Events of one class out of one submission, encoded, with what a queue must know about them.
///
/// Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    encoded: Arc<[u8]>,
    events: u32,
    received_at: Timestamp,
}

impl Parcel {
    /// Packs events, at least one. `None` if there are none.
    pub fn pack(submission: &Submission) -> Option<Self> {
        let Submission { events, rejected } = submission;
        let received_at = events
            .iter()
            .map(|event| event.received_at)
            .chain(rejected.iter().map(|rejected| rejected.received_at))
            .min()?;
        let count = events.len() + rejected.len();
        Some(Self {
            encoded: codec::encode(submission, received_at).into(),
            events: u32::try_from(count).unwrap_or(u32::MAX),
            received_at,
        })
    }

    /// Puts a parcel together from what a queue kept. For queues only.
    pub fn from_stored(encoded: Arc<[u8]>, events: u32, received_at: Timestamp) -> Self {
        Self { encoded, events, received_at }
    }

    /// Its events. What of them is of a newer version must be released, for nodes that know it;
    /// what is damaged goes to quarantine as [`codec::unreadable`].
    pub fn unpack(&self) -> Result<Submission, CodecError> {
        codec::decode(&self.encoded)
    }

    /// The encoded events.
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// How many events it holds, rejected ones among them.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// The oldest receipt of its events.
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }
}

/// Packs a submission into parcels of one class each, in the order in which they are to be pushed: the least
/// urgent class first, the events of a class in their order. A class has one parcel, unless its events are larger
/// than [`QUEUE_PARCEL_BYTES_MAX`] together: who takes parcels knows only afterwards how large they are.
///
/// Rejected events travel with the least urgent of them, or as bulk if there are no others: so they
/// never make an urgent parcel wait or be refused.
pub fn parcels(submission: Submission, definition: &Definition) -> Vec<(Class, Parcel)> {
    let mut by_class = ByClass::<Submission>::default();
    let mut least_urgent = None;
    for event in submission.events {
        let class = class_of(&event, definition);
        least_urgent = least_urgent.max(Some(class));
        by_class[class].events.push(event);
    }
    by_class[least_urgent.unwrap_or(Class::Bulk)].rejected = submission.rejected;
    let mut packed = Vec::new();
    for class in Class::ALL.into_iter().rev() {
        let parts = portions(std::mem::take(&mut by_class[class]));
        packed.extend(parts.iter().filter_map(|part| Some((class, Parcel::pack(part)?))));
    }
    packed
}

/// Parts of a submission that are small enough for a parcel each, or hold a single event.
fn portions(submission: Submission) -> Vec<Submission> {
    let Submission { events, rejected } = submission;
    let (mut parts, mut bytes) = (vec![Submission { events: Vec::new(), rejected }], 0);
    for event in events {
        let more = event.payload.len();
        if bytes > 0 && bytes + more > QUEUE_PARCEL_BYTES_MAX {
            parts.push(Submission::default());
            bytes = 0;
        }
        bytes += more;
        let part = parts.last_mut().expect("there is always one");
        part.events.push(event);
    }
    parts
}

/// The class of an event. One whose type has just left the definition counts as the least urgent.
fn class_of(event: &Event, definition: &Definition) -> Class {
    definition.events.get(&event.event_type).map_or(Class::Bulk, |kind| kind.class)
}
