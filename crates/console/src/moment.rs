//! The state of the server at one moment, shared by all who look at it within a second.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::alert::Reading;
use scoreline_core::fold::Plan;
use scoreline_core::store::StoreFigures;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{State, in_time};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::console::Console;
use crate::history::Rates;

/// For how long a moment may be looked at: however many pages are open, the database is asked twice in
/// two seconds.
const KEPT: Duration = Duration::from_millis(900);

/// The state of the server at one moment.
pub(crate) struct Moment {
    /// When it was.
    pub now: Timestamp,
    /// All parts.
    pub state: State,
    /// The figures that have thresholds, those above them first.
    pub readings: Vec<Reading>,
    /// How this node does.
    pub rates: Rates,
    /// The size of the database, where it says.
    pub store: Option<StoreFigures>,
    /// What events are applied by.
    pub plan: Arc<Plan>,
}

/// The last moment that somebody looked at.
#[derive(Default)]
pub(crate) struct Moments(Mutex<Option<(Instant, Arc<Moment>)>>);

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
            rates: self.history.lock().rates(),
            plan: self.operations.plan(),
            store,
            state,
        }
    }
}
