//! Nodes on one queue, and short words for what tests do with them.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::game::Class;
use scoreline_core::id::DatabaseId;
use scoreline_core::intake::Submission;
use scoreline_core::queue::shares::Shares;
use scoreline_core::queue::{
    Hold, Lease, Leased, Parcel, Queue, QueueFigures, QueueSettings, Settled,
};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use super::Broker;
use crate::game::{at, played};

/// More events than any test has.
pub const ALL: usize = 1_000_000;
/// How long a test waits for what comes at once.
pub const SOON: Duration = Duration::from_secs(20);

/// A node at work.
pub struct Node(pub Arc<dyn Queue>);

/// The database whose nodes a test sees.
pub const DATABASE: DatabaseId = DatabaseId(Uuid::from_u128(1));

/// A node with the settings of a server.
pub async fn node(broker: &dyn Broker) -> Node {
    Node(broker.connect(QueueSettings::of(DATABASE)).await)
}

/// Two of them.
pub async fn two_nodes(broker: &dyn Broker) -> (Node, Node) {
    (node(broker).await, node(broker).await)
}

/// A parcel of this many events that were received at `ms`. No two are alike if `no` is not.
pub fn parcel(no: u32, events: u32, ms: i64) -> Parcel {
    let ids = (0..events).map(|n| u128::from(no) << 32 | u128::from(n));
    let events = ids.map(|id| played("ann", id, ms, i64::from(no))).collect();
    Parcel::pack(&Submission { events, rejected: Vec::new() }).expect("events")
}

/// The number that a parcel was made with.
pub fn no(leased: &Leased) -> u32 {
    let submission = leased.parcel.unpack().expect("readable");
    u32::try_from(submission.events[0].id.as_u128() >> 32).expect("small")
}

/// The numbers of parcels, in their order.
pub fn nos(leased: &[Leased]) -> Vec<u32> {
    leased.iter().map(no).collect()
}

/// Their leases.
pub fn leases(leased: &[Leased]) -> Vec<Lease> {
    leased.iter().map(|leased| leased.lease.clone()).collect()
}

/// How many events they hold.
pub fn events(leased: &[Leased]) -> u64 {
    leased.iter().map(|leased| u64::from(leased.parcel.events())).sum()
}

impl Node {
    pub async fn push(&self, class: Class, parcel: &Parcel) {
        self.0.push(class, parcel).await.expect("takes a parcel");
    }

    /// Pushes parcels of one event with these numbers, received in the order of their numbers.
    pub async fn push_each(&self, class: Class, numbers: impl IntoIterator<Item = u32>) {
        for no in numbers {
            self.push(class, &parcel(no, 1, i64::from(no))).await;
        }
    }

    pub async fn claim(&self, events_max: usize) -> Vec<Leased> {
        self.0.claim(events_max, &Shares::default()).await.expect("hands out work")
    }

    /// Claims the only parcel there is.
    pub async fn claim_one(&self) -> Leased {
        let mut leased = self.claim(ALL).await;
        assert_eq!(leased.len(), 1, "one parcel can be claimed");
        leased.remove(0)
    }

    /// Claims until nothing is left that can be claimed.
    pub async fn drain(&self) -> Vec<Leased> {
        let mut drained = Vec::new();
        loop {
            let leased = self.claim(ALL).await;
            if leased.is_empty() {
                return drained;
            }
            drained.extend(leased);
        }
    }

    pub async fn assert_nothing_to_claim(&self) {
        let leased = self.claim(ALL).await;
        assert!(leased.is_empty(), "nothing can be claimed, but {:?} came", nos(&leased));
    }

    pub async fn settle(&self, leased: &[Leased]) -> Vec<Hold> {
        let settled: Vec<Settled> =
            leases(leased).into_iter().map(|lease| Settled { lease, dead: 0 }).collect();
        self.0.settle(&settled).await.expect("settles")
    }

    pub async fn settle_all_held(&self, leased: &[Leased]) {
        assert_eq!(self.settle(leased).await, vec![Hold::Held; leased.len()]);
    }

    pub async fn retry(&self, leased: &[Leased], pause: Duration) -> Vec<Hold> {
        self.0.retry(&leases(leased), pause).await.expect("delays")
    }

    pub async fn put_off(&self, leased: &[Leased], pause: Duration) -> Vec<Hold> {
        self.0.put_off(&leases(leased), pause).await.expect("delays")
    }

    pub async fn release(&self, leased: &[Leased]) -> Vec<Hold> {
        self.0.release(&leases(leased)).await.expect("releases")
    }

    pub async fn extend(&self, leased: &[Leased]) -> Vec<Hold> {
        self.0.extend(&leases(leased)).await.expect("extends")
    }

    pub async fn figures(&self) -> QueueFigures {
        self.0.figures().await.expect("counts")
    }

    pub async fn watermark(&self) -> Option<Timestamp> {
        self.0.watermark().await.expect("tells its watermark")
    }

    /// Asserts that the oldest receipt is of `ms`.
    pub async fn assert_watermark(&self, ms: i64, when: &str) {
        assert_eq!(self.watermark().await, Some(at(ms)), "{when}");
    }

    pub async fn pause(&self, class: Class) {
        self.0.pause(class).await.expect("pauses");
    }

    pub async fn resume(&self, class: Class) {
        self.0.resume(class).await.expect("resumes");
    }
}

/// The time of a whole lease and a little more.
pub fn a_lease() -> Duration {
    QueueSettings::of(DATABASE).lease + Duration::from_secs(1)
}
