//! How much of the queue the workers of a node hold at once. How large parcels are shows only once they are
//! taken, so workers take them one after another, and none while much is held.
//!
//! While one of them is at work, the next one lets events gather for a moment: a transaction costs much, and
//! each further event in it little.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scoreline_core::limits::{QUEUE_CLAIM_EVENTS_MAX, QUEUE_GATHER_MS, QUEUE_HELD_BYTES_MAX};
use scoreline_core::queue::{Leased, QueueError};
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// How long events gather while others are being applied.
const GATHER: Duration = Duration::from_millis(QUEUE_GATHER_MS);

/// Whether a claim that brought this many events was about full, so that it left more behind.
pub(super) fn left_more(events: usize) -> bool {
    2 * events >= QUEUE_CLAIM_EVENTS_MAX
}

/// What the workers of a node hold of the queue.
#[derive(Default)]
pub(super) struct Room {
    bytes: AtomicUsize,
    /// Who may take next, and what was taken last.
    turn: Mutex<Option<Taken>>,
    freed: Notify,
}

/// What was taken last.
struct Taken {
    at: Instant,
    /// Whether more waited.
    left_more: bool,
}

/// Bytes that a worker holds, until it lets go.
pub(super) struct Held<'r> {
    room: &'r Room,
    bytes: usize,
}

impl Room {
    /// Takes parcels once there is room for them; none any more once `stop` is cancelled.
    pub async fn take(
        &self,
        claim: impl Future<Output = Result<Vec<Leased>, QueueError>>,
        stop: &CancellationToken,
    ) -> Result<(Vec<Leased>, Held<'_>), QueueError> {
        let nothing = || Ok((Vec::new(), Held { room: self, bytes: 0 }));
        let mut turn = tokio::select! {
            turn = self.turn.lock() => turn,
            () = stop.cancelled() => return nothing(),
        };
        while self.bytes.load(Ordering::Acquire) >= QUEUE_HELD_BYTES_MAX {
            // Only who has the turn waits, so one permit is kept for it.
            tokio::select! {
                () = self.freed.notified() => {}
                () = stop.cancelled() => return nothing(),
            }
        }
        if let Some(last) = turn.as_ref().filter(|last| !last.left_more) {
            self.gather(last.at + GATHER, stop).await;
        }
        if stop.is_cancelled() {
            return nothing();
        }
        let leased = claim.await?;
        let events: usize = leased.iter().map(|one| one.lease.events as usize).sum();
        *turn = Some(Taken { at: Instant::now(), left_more: left_more(events) });
        let bytes = leased.iter().map(|one| one.parcel.encoded().len()).sum();
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        Ok((leased, Held { room: self, bytes }))
    }

    /// Waits until nobody is at work any more, at most until `until`.
    async fn gather(&self, until: Instant, stop: &CancellationToken) {
        while self.bytes.load(Ordering::Acquire) > 0 {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = sleep_until(until) => return,
                () = self.freed.notified() => {}
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.room.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        self.room.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use scoreline_core::game::Class;
    use scoreline_core::queue::{Lease, Parcel};
    use scoreline_core::time::Timestamp;

    use super::*;

    fn parcels(bytes: usize) -> Vec<Leased> {
        let encoded: Arc<[u8]> = vec![0; bytes].into();
        let lease = Lease { class: Class::Bulk, id: Arc::from("1"), delivery: 1, events: 1 };
        let parcel = Parcel::from_stored(encoded, 1, Timestamp::EPOCH);
        vec![Leased { lease, parcel, attempts: 0 }]
    }

    #[tokio::test]
    async fn nobody_takes_more_while_much_is_held_and_the_next_one_does_when_it_is_let_go() {
        let (room, stop) = (Room::default(), CancellationToken::new());
        let take = |bytes| room.take(async move { Ok(parcels(bytes)) }, &stop);
        let (_, small) = take(10).await.expect("there is room");
        let (_, large) = take(QUEUE_HELD_BYTES_MAX).await.expect("there is room");
        let mut next = pin!(take(5));
        let waits = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(waits.is_pending(), "much is held");
        drop(large);
        let (_, third) = next.await.expect("there is room again");
        drop((small, third));
        assert_eq!(room.bytes.load(Ordering::Acquire), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn events_gather_while_some_are_at_work_but_not_for_long_and_not_where_more_wait() {
        let (room, stop) = (Room::default(), CancellationToken::new());
        let take = |bytes| room.take(async move { Ok(parcels(bytes)) }, &stop);
        let begun = Instant::now();
        let (_, first) = take(10).await.expect("there is room");
        assert_eq!(begun.elapsed(), Duration::ZERO, "nobody is at work");
        let (_, second) = take(10).await.expect("there is room");
        assert_eq!(begun.elapsed(), GATHER);
        drop((first, second));
        let (_, third) = take(10).await.expect("there is room");
        assert_eq!(begun.elapsed(), GATHER, "nobody is at work any more");
        let mut fourth = pin!(take(10));
        assert!(fourth.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(third);
        let (_, _fourth) = fourth.await.expect("there is room");
        assert_eq!(begun.elapsed(), GATHER, "until the others are done");
        let many = || async {
            let mut many = parcels(10);
            many[0].lease.events = 2_000;
            Ok(many)
        };
        let (_, _fifth) = room.take(many(), &stop).await.expect("there is room");
        let (_, _sixth) = room.take(many(), &stop).await.expect("there is room");
        assert_eq!(begun.elapsed(), 2 * GATHER, "more waited already");
    }

    #[tokio::test]
    async fn nobody_takes_anything_once_they_are_to_stop() {
        let (room, stop) = (Room::default(), CancellationToken::new());
        let (_, _large) = room
            .take(async { Ok(parcels(QUEUE_HELD_BYTES_MAX)) }, &stop)
            .await
            .expect("there is room");
        let mut next = pin!(room.take(async { unreachable!("it is too late") }, &stop));
        let waits = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(waits.is_pending(), "much is held");
        stop.cancel();
        let (taken, _) = next.await.expect("there is nothing to wait for");
        assert!(taken.is_empty());
        let other = Room::default();
        let late = other.take(async { unreachable!("it is too late") }, &stop).await;
        assert!(late.expect("takes nothing").0.is_empty());
    }
}
