//! Looking at the server: the state of the moment, for pages and live streams.

use std::sync::Arc;
use std::time::Duration;

use scoreline_http::parts::in_time;
use tokio::time::Instant;

use crate::console::Console;
use crate::moment::Moment;

/// For how long a moment may be looked at: however many pages are open, the database is asked twice in
/// two seconds.
const KEPT: Duration = Duration::from_millis(900);

impl Console {
    /// How the server is, at most a second ago.
    pub(crate) async fn moment(&self) -> Arc<Moment> {
        // Held while the database is asked: whoever comes meanwhile has the same answer.
        let mut last = self.moments.0.lock().await;
        if let Some((at, moment)) = &*last
            && at.elapsed() < KEPT
        {
            return Arc::clone(moment);
        }
        let moment = Arc::new(self.look().await);
        *last = Some((Instant::now(), Arc::clone(&moment)));
        moment
    }

    /// Forgets the last moment: something was just changed.
    pub(crate) async fn look_again(&self) {
        *self.moments.0.lock().await = None;
    }

    async fn look(&self) -> Moment {
        let state = self.vitals.state().await;
        let measured = self.vitals.measured(state.totals.unwrap_or_default(), &state.intake);
        let store = match &state.ping {
            Ok(()) => in_time(self.vitals.store.store_figures()).await.ok(),
            Err(_) => None,
        };
        Moment {
            now: self.clock.now(),
            readings: self.vitals.thresholds.readings(&measured),
            rates: self.history.lock().rates(self.since_start(), &self.counters()),
            plan: self.operations.plan(),
            store,
            state,
        }
    }
}
