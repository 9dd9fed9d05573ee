//! Every answered request, counted, and those that failed on our side told in the log.
//!
//! While something is away, each of thousands of requests a second fails: the log hears of one a
//! second, with how many it was not told of. Metrics count them all.

use std::sync::Arc;

use axum::http::{Method, StatusCode, Uri};
use scoreline_core::time::Clock;

use crate::metrics::Metrics;
use crate::seldom::Seldom;

/// Notes every answered request.
pub struct Observer {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    told: Seldom,
}

impl Observer {
    /// Counts into `metrics`.
    pub(crate) fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self { metrics, clock, told: Seldom::default() }
    }

    /// Notes a request and the status of its answer. `route` is the pattern that it matched, not its
    /// path.
    pub fn note(&self, method: &Method, uri: &Uri, route: &str, status: StatusCode) {
        self.metrics.request(method.as_str(), route, status.as_u16());
        if !status.is_server_error() {
            return;
        }
        if let Some(passed_over) = self.told.note(self.clock.now()) {
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
