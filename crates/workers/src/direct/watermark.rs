//! Which requests are on their way in, and since when.
//!
//! A tournament may close once nothing received before its end is still on its way. So a request
//! is stamped and counted in one step, under one lock: there is no moment in which it has a receipt
//! that [`Watermark::now`] does not know of. Stamps never run backwards, not even when the system
//! clock does, so what arrives after a reading is never stamped before it. Only where a clock that was
//! ahead is put right and that is trusted do they begin anew; whoever closes something asks for that.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::intake::Arrival;
use scoreline_core::time::{Clock, Timestamp};

/// Receipts, each as often as it is held. Many requests share a millisecond, so this stays small.
#[derive(Debug, Default)]
pub(super) struct Receipts(BTreeMap<Timestamp, usize>);

impl Receipts {
    pub fn add(&mut self, receipt: Timestamp) {
        *self.0.entry(receipt).or_insert(0) += 1;
    }

    pub fn remove(&mut self, receipt: Timestamp) {
        if let Some(count) = self.0.get_mut(&receipt) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&receipt);
            }
        }
    }

    pub fn oldest(&self) -> Option<Timestamp> {
        self.0.first_key_value().map(|(receipt, _)| *receipt)
    }
}

/// The requests on their way in.
pub(super) struct Watermark {
    clock: Arc<dyn Clock>,
    open: Mutex<Open>,
}

struct Open {
    /// The latest time that was stamped or answered.
    latest: Timestamp,
    /// Which epoch of the clock that is of.
    epoch: i64,
    receipts: Receipts,
}

/// A stamped request; it counts as open until this is dropped.
struct Ticket {
    received_at: Timestamp,
    watermark: Arc<Watermark>,
}

impl Watermark {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        let open = Open { latest: Timestamp::MIN, epoch: 0, receipts: Receipts::default() };
        Arc::new(Self { clock, open: Mutex::new(open) })
    }

    /// Stamps a request and counts it as open.
    pub fn arrive(self: &Arc<Self>) -> Box<dyn Arrival> {
        let mut open = self.open.lock();
        let received_at = open.advance(&*self.clock);
        open.receipts.add(received_at);
        drop(open);
        Box::new(Ticket { received_at, watermark: Arc::clone(self) })
    }

    /// The receipt of the oldest open request, or the present time if none is open: nothing that
    /// was or will be received before it is outstanding.
    pub fn now(&self) -> Timestamp {
        let mut open = self.open.lock();
        match open.receipts.oldest() {
            Some(oldest) => oldest,
            None => open.advance(&*self.clock),
        }
    }
}

impl Open {
    fn advance(&mut self, clock: &dyn Clock) -> Timestamp {
        let (epoch, now) = (clock.epoch(), clock.now());
        self.latest = if epoch == self.epoch { self.latest.max(now) } else { now };
        self.epoch = epoch;
        self.latest
    }
}

impl Arrival for Ticket {
    fn received_at(&self) -> Timestamp {
        self.received_at
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.watermark.open.lock().receipts.remove(self.received_at);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::{Duration, Instant};

    use super::*;

    /// What it shows, and its epoch.
    struct Hand(AtomicI64, AtomicI64);

    impl Hand {
        fn new(ms: i64) -> Arc<Self> {
            Arc::new(Self(AtomicI64::new(ms), AtomicI64::new(0)))
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_stored_ms(self.0.load(Ordering::SeqCst))
        }

        fn monotonic(&self) -> Instant {
            unreachable!("nothing is measured")
        }

        fn uptime(&self) -> Duration {
            unreachable!("nothing is measured")
        }

        fn epoch(&self) -> i64 {
            self.1.load(Ordering::SeqCst)
        }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_stored_ms(ms)
    }

    #[test]
    fn the_watermark_stays_at_the_oldest_open_request_until_it_is_dropped() {
        let clock = Hand::new(100);
        let watermark = Watermark::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(watermark.now(), at(100));

        let first = watermark.arrive();
        let twin = watermark.arrive();
        clock.0.store(200, Ordering::SeqCst);
        let second = watermark.arrive();
        assert_eq!((first.received_at(), second.received_at()), (at(100), at(200)));
        clock.0.store(300, Ordering::SeqCst);
        assert_eq!(watermark.now(), at(100));
        drop(first);
        assert_eq!(watermark.now(), at(100), "the twin of the same millisecond is still open");
        drop(twin);
        assert_eq!(watermark.now(), at(200));
        drop(second);
        assert_eq!(watermark.now(), at(300));
    }

    #[test]
    fn nothing_is_stamped_before_what_was_answered_though_the_clock_runs_backwards() {
        let clock = Hand::new(500);
        let watermark = Watermark::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let answered = watermark.now();
        clock.0.store(400, Ordering::SeqCst);
        assert!(watermark.arrive().received_at() >= answered);
        assert_eq!(watermark.now(), at(500));

        clock.1.store(1, Ordering::SeqCst);
        assert_eq!(watermark.now(), at(400), "the clock was set back on purpose");
    }

    #[test]
    fn no_request_is_stamped_unseen_while_others_read_the_watermark() {
        struct Ticking(AtomicI64);
        impl Clock for Ticking {
            fn now(&self) -> Timestamp {
                Timestamp::from_stored_ms(self.0.fetch_add(1, Ordering::SeqCst))
            }

            fn monotonic(&self) -> Instant {
                unreachable!("nothing is measured")
            }

            fn uptime(&self) -> Duration {
                unreachable!("nothing is measured")
            }
        }
        let watermark = Watermark::new(Arc::new(Ticking(AtomicI64::new(0))));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let before = watermark.now();
                        let ticket = watermark.arrive();
                        assert!(ticket.received_at() >= before, "stamped before a reading");
                        assert!(watermark.now() <= ticket.received_at(), "an open one was passed");
                    }
                });
            }
        });
    }
}
