//! Every answered request, counted, and those that failed on our side told in the log.
//!
//! While something is away, each of thousands of requests a second fails: the log hears of one a
//! second, with how many it was not told of. Metrics count them all.

use std::sync::Arc;

use axum::http::{Method, StatusCode, Uri};
use parking_lot::Mutex;
use scoreline_core::time::{Clock, Timestamp};

use crate::metrics::Metrics;

/// How long the log is silent after a failed request: 1 s.
const SILENCE_MS: i64 = 1_000;

/// Notes every answered request.
pub(crate) struct Observer {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    told: Mutex<Told>,
}

/// What the log was told last.
#[derive(Default)]
struct Told {
    at: Option<Timestamp>,
    /// Failed requests since then.
    passed_over: u64,
}

impl Told {
    /// Notes a request that failed at `now`. If the log is to hear of it, answers of how many before it
    /// the log did not.
    fn note(&mut self, now: Timestamp) -> Option<u64> {
        // A clock that was turned back must not silence the log.
        let quiet = 0..SILENCE_MS;
        if self.at.is_some_and(|at| quiet.contains(&now.ms_since(at))) {
            self.passed_over += 1;
            return None;
        }
        self.at = Some(now);
        Some(std::mem::take(&mut self.passed_over))
    }
}

impl Observer {
    /// Counts into `metrics`.
    pub fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self { metrics, clock, told: Mutex::default() }
    }

    /// Notes a request and the status of its answer. `route` is the pattern that it matched, not its
    /// path.
    pub fn note(&self, method: &Method, uri: &Uri, route: &str, status: StatusCode) {
        self.metrics.request(method.as_str(), route, status.as_u16());
        if !status.is_server_error() {
            return;
        }
        let note = self.told.lock().note(self.clock.now());
        if let Some(passed_over) = note {
            tracing::warn!(
                http.method = %method,
                http.path = %uri.path(),
                http.status = status.as_u16(),
                http.passed_over = passed_over,
                "request not served"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_hears_of_one_failure_a_second_and_of_how_many_it_did_not() {
        let mut told = Told::default();
        let mut note = |ms| told.note(Timestamp::from_ms(ms).expect("in range"));
        assert_eq!(note(5_000), Some(0));
        assert_eq!((note(5_000), note(5_999)), (None, None));
        assert_eq!(note(6_000), Some(2));
        assert_eq!((note(6_001), note(3_000)), (None, Some(1)), "the clock was turned back");
    }
}
