//! Refuses quickly while a server is known to be down, and finds out when it is back.
//!
//! After a failure nothing is admitted for a while; then one probe at a time, until one succeeds.
//! The pauses grow with every failure in a row. The direct intake stands behind one for the store,
//! the queue's intake and workers behind one for each of the servers they need. Pure: the time comes
//! in as an argument.

use std::time::{Duration, Instant};

/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause: how late the return of a server may be noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether a server is known to be down.
#[derive(Debug, Default)]
pub struct Breaker {
    /// Failures since work last succeeded.
    failures: u32,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
struct Trouble {
    reason: String,
    probe_at: Instant,
    probing: bool,
}

/// Whether something may go to the server now.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Granted,
    /// It may, and decides by its outcome whether others may.
    Probe,
    /// It may not.
    Refused {
        /// Why not: the error of the last failure.
        reason: String,
        /// How long until the next probe.
        wait: Duration,
    },
}

impl Breaker {
    /// Asks whether something may go to the server. After [`Admission::Probe`], its outcome must be
    /// told.
    pub fn admit(&mut self, now: Instant) -> Admission {
        let Some(trouble) = &mut self.trouble else { return Admission::Granted };
        if now >= trouble.probe_at && !trouble.probing {
            trouble.probing = true;
            return Admission::Probe;
        }
        let wait = trouble.probe_at.saturating_duration_since(now);
        Admission::Refused { reason: trouble.reason.clone(), wait }
    }

    /// Notes that work succeeded. Answers whether the server was known to be down until now.
    pub fn succeeded(&mut self) -> bool {
        self.failures = 0;
        self.trouble.take().is_some()
    }

    /// The server answers again, though no work was done yet: if the next work fails, the pauses go
    /// on growing. Answers whether the server was known to be down until now.
    pub fn answered(&mut self) -> bool {
        self.trouble.take().is_some()
    }

    /// Notes that work or a probe failed. Answers whether the server was not known to be down until
    /// now.
    pub fn failed(&mut self, reason: String, now: Instant) -> bool {
        let doublings = self.failures.min(8);
        self.failures = self.failures.saturating_add(1);
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        let began = self.trouble.is_none();
        self.trouble = Some(Trouble { reason, probe_at: now + pause, probing: false });
        began
    }

    /// Why nothing is admitted, while nothing is.
    pub fn refusing(&self) -> Option<&str> {
        self.trouble.as_ref().map(|trouble| &*trouble.reason)
    }

    /// When the next probe is due, if one is and none is under way.
    pub fn probe_at(&self) -> Option<Instant> {
        self.trouble.as_ref().filter(|trouble| !trouble.probing).map(|trouble| trouble.probe_at)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn one_probe_at_a_time_goes_through_while_a_server_is_down() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        assert_eq!(breaker.admit(start), Admission::Granted);
        assert!(breaker.failed("down".to_owned(), start), "the first failure begins the trouble");
        assert_eq!(
            breaker.admit(start),
            Admission::Refused { reason: "down".to_owned(), wait: ms(250) }
        );
        assert_eq!(breaker.admit(start + ms(250)), Admission::Probe);
        assert!(matches!(breaker.admit(start + ms(250)), Admission::Refused { .. }));
        assert!(!breaker.failed("still down".to_owned(), start + ms(260)));
        assert!(matches!(breaker.admit(start + ms(700)), Admission::Refused { .. }));
        assert_eq!(breaker.admit(start + ms(760)), Admission::Probe);
        assert!(breaker.succeeded());
        assert_eq!(breaker.admit(start + ms(760)), Admission::Granted);
        assert_eq!(breaker.refusing(), None);
    }

    #[test]
    fn pauses_grow_to_their_limit_and_start_small_again_after_success() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        let pause_after_failure = |breaker: &mut Breaker| {
            breaker.failed("down".to_owned(), now);
            breaker.probe_at().map(|at| at - now)
        };
        let pauses: Vec<_> = (0..7).filter_map(|_| pause_after_failure(&mut breaker)).collect();
        let expected = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000].map(ms);
        assert_eq!(pauses, expected);
        assert!(breaker.answered(), "an answered ping ends the trouble");
        assert_eq!(pause_after_failure(&mut breaker), Some(ms(5_000)), "but does not forget it");
        breaker.succeeded();
        assert_eq!(pause_after_failure(&mut breaker), Some(ms(250)));
    }
}
