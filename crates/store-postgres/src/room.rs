//! How many connections may be at work at once: as many as the settings want, or as the server gives.
//!
//! Every caller holds a place before it asks for a connection. If the server has none for it, its place is
//! taken away and it waits for another one; so the pool makes do with what it gets, and nobody is refused
//! before the wait is over. One place comes back from time to time, to find out whether there is room again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scoreline_core::store::{Result, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long after the last change one place comes back: 10 s.
const GROW_AFTER: Duration = Duration::from_secs(10);
/// How long whoever has the last place waits before the server is asked again: 100 ms.
const LAST_PAUSE: Duration = Duration::from_millis(100);

/// The places of one pool.
pub(crate) struct Room {
    places: Arc<Semaphore>,
    /// How many there are by the settings.
    wanted: usize,
    waiting: AtomicUsize,
    shortage: Mutex<Option<Shortage>>,
}

/// Places that were taken away.
struct Shortage {
    places: usize,
    changed_at: Instant,
}

/// The right to have a connection at work.
#[derive(Debug)]
pub(crate) struct Place(OwnedSemaphorePermit);

impl Room {
    pub fn new(wanted: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(wanted)),
            wanted,
            waiting: AtomicUsize::new(0),
            shortage: Mutex::default(),
        }
    }

    /// Waits for a place, but not past `until`.
    pub async fn place(&self, until: Instant) -> Result<Place> {
        self.grow();
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(Place(permit));
        }
        let waiting = Waiting::begin(&self.waiting);
        let place = timeout_at(until, Arc::clone(&self.places).acquire_owned()).await;
        drop(waiting);
        match place {
            Ok(permit) => permit.map(Place).map_err(|closed| StoreError::Failed(Box::new(closed))),
            Err(_) => Err(StoreError::Busy(self.too_long())),
        }
    }

    /// Takes a place away that the server has no connection for, unless it is the last.
    pub async fn shrink(&self, place: Place, until: Instant) {
        if self.is_taken_away(&place) {
            place.0.forget();
            return;
        }
        sleep_until(until.min(Instant::now() + LAST_PAUSE)).await;
    }

    fn is_taken_away(&self, _: &Place) -> bool {
        let mut shortage = self.shortage();
        let missing = shortage.as_ref().map_or(0, |shortage| shortage.places);
        if missing + 1 >= self.wanted {
            return false;
        }
        if missing == 0 {
            tracing::warn!(
                connections.wanted = self.wanted,
                "the database gives fewer connections than SCORELINE_DATABASE_CONNECTIONS says; \
                 callers wait for those that there are, see 'scoreline doctor'"
            );
        }
        *shortage = Some(Shortage { places: missing + 1, changed_at: Instant::now() });
        true
    }

    /// Gives one place back, if enough time has passed since something changed.
    fn grow(&self) {
        let mut shortage = self.shortage();
        let Some(found) = shortage.as_mut() else { return };
        if found.changed_at.elapsed() < GROW_AFTER {
            return;
        }
        self.places.add_permits(1);
        found.places -= 1;
        found.changed_at = Instant::now();
        if found.places == 0 {
            *shortage = None;
        }
    }

    /// How many connections there may be now, and how many the settings want.
    pub fn allowed(&self) -> (usize, usize) {
        let missing = self.shortage().as_ref().map_or(0, |shortage| shortage.places);
        (self.wanted - missing, self.wanted)
    }

    /// How many callers wait for a place.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn too_long(&self) -> String {
        match self.allowed() {
            (allowed, wanted) if allowed < wanted => format!(
                "all connections were at work for too long; the server gives {allowed} of the \
                 {wanted} that SCORELINE_DATABASE_CONNECTIONS says"
            ),
            _ => "all connections were at work for too long".to_owned(),
        }
    }

    fn shortage(&self) -> MutexGuard<'_, Option<Shortage>> {
        self.shortage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a caller as waiting until it is dropped, even if the caller gives up.
struct Waiting<'r>(&'r AtomicUsize);

impl<'r> Waiting<'r> {
    fn begin(count: &'r AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_does_not_give_is_taken_away_and_comes_back_one_by_one() {
        let room = Room::new(3);
        let [first, second] = [room.place(soon()).await, room.place(soon()).await];
        room.shrink(first.expect("there is room"), soon()).await;
        assert_eq!(room.allowed(), (2, 3));
        room.shrink(second.expect("there is room"), soon()).await;
        assert_eq!(room.allowed(), (1, 3));
        let last = room.place(soon()).await.expect("the last one stays");
        let refused = room.place(soon()).await.expect_err("nobody gives theirs back");
        assert!(refused.to_string().contains("1 of the 3"), "{refused}");
        assert_eq!(room.waiting(), 0);
        tokio::time::advance(GROW_AFTER).await;
        let grown = room.place(soon()).await.expect("one came back");
        assert_eq!(room.allowed(), (2, 3));
        room.place(soon()).await.expect_err("only one");
        tokio::time::advance(GROW_AFTER).await;
        drop((last, grown));
        room.place(soon()).await.expect("one is free");
        assert_eq!(room.allowed(), (3, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_place_is_never_taken_away() {
        let room = Room::new(1);
        for _ in 0..3 {
            let place = room.place(soon()).await.expect("there is always one");
            room.shrink(place, soon()).await;
            assert_eq!(room.allowed(), (1, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_gets_the_next_place() {
        let room = Arc::new(Room::new(1));
        let held = room.place(soon()).await.expect("there is room");
        let asked = Arc::clone(&room);
        let waits = tokio::spawn(async move { asked.place(soon()).await });
        while room.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        drop(held);
        waits.await.expect("does not panic").expect("it is free");
    }
}
