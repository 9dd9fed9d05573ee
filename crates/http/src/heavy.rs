//! Work that takes longer than other requests should wait for: inflating and checking large bodies. It
//! runs beside the threads that serve requests, few pieces at a time, and what one address may have
//! in line is bounded, so that whoever sends much waits for themselves and not others for them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::limits::{HEAVY_OF_ADDRESS_MAX, HEAVY_WAIT_MS_MAX};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of heavy work.
pub(crate) struct Heavy {
    turns: Arc<Semaphore>,
    lines: Arc<Lines>,
}

/// The places in line that each address has.
#[derive(Default)]
struct Lines {
    by_address: Mutex<HashMap<Option<IpAddr>, Arc<Semaphore>>>,
}

/// Somebody of an address who has a place in line or waits for one, until this is dropped.
struct Visitor {
    lines: Arc<Lines>,
    address: Option<IpAddr>,
    places: Option<Arc<Semaphore>>,
    place: Option<OwnedSemaphorePermit>,
}

/// The address has too much in line already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

impl Heavy {
    /// Half of the processors work on it at once, at least one.
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new((processors / 2).max(1))), lines: Arc::default() }
    }

    /// Does `work` for a client at `address` when its turn comes. Work that has begun is finished even
    /// if nobody waits for it any longer, and keeps its turn until then.
    pub async fn run<T: Send + 'static>(
        &self,
        address: Option<IpAddr>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TooMuch> {
        let mut visitor = Visitor::new(&self.lines, address);
        visitor.stand_in_line().await?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("nobody ends the turns");
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, visitor));
            done
        });
        match done.await {
            Ok(done) => Ok(done),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

impl Visitor {
    fn new(lines: &Arc<Lines>, address: Option<IpAddr>) -> Self {
        let mut by_address = lines.by_address.lock();
        let places = by_address
            .entry(address)
            .or_insert_with(|| Arc::new(Semaphore::new(HEAVY_OF_ADDRESS_MAX)));
        let places = Some(Arc::clone(places));
        Self { lines: Arc::clone(lines), address, places, place: None }
    }

    async fn stand_in_line(&mut self) -> Result<(), TooMuch> {
        let places = self.places.clone().ok_or(TooMuch)?;
        let wait = Duration::from_millis(HEAVY_WAIT_MS_MAX);
        let place = tokio::time::timeout(wait, places.acquire_owned()).await;
        self.place = Some(place.map_err(|_| TooMuch)?.expect("nobody ends the places"));
        Ok(())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.place = None;
        let mut by_address = self.lines.by_address.lock();
        self.places = None;
        // Only the map knows of it: nobody else of the address is here.
        if by_address.get(&self.address).is_some_and(|places| Arc::strong_count(places) == 1) {
            by_address.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_one_address_has_in_line_is_bounded_and_others_have_their_turn() {
        let heavy = Heavy::new();
        let address = |last| Some(IpAddr::from([10, 0, 0, last]));
        let mut visitors = Vec::new();
        for _ in 0..HEAVY_OF_ADDRESS_MAX {
            let mut visitor = Visitor::new(&heavy.lines, address(1));
            visitor.stand_in_line().await.expect("within the bound");
            visitors.push(visitor);
        }
        let asked = tokio::time::Instant::now();
        assert_eq!(heavy.run(address(1), || 1).await, Err(TooMuch));
        assert_eq!(asked.elapsed(), Duration::from_millis(HEAVY_WAIT_MS_MAX));
        assert_eq!(heavy.run(address(2), || 2).await, Ok(2), "another address has its own");
        visitors.pop();
        assert_eq!(heavy.run(address(1), || 3).await, Ok(3), "and places come back");
        visitors.clear();
        assert!(heavy.lines.by_address.lock().is_empty(), "nothing is kept of who is gone");
    }
}
