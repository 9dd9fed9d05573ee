//! The state of the server at one moment, shared by all who look at it within a second.

use std::sync::Arc;

use scoreline_core::alert::Reading;
use scoreline_core::fold::Plan;
use scoreline_core::store::StoreFigures;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::State;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::history::Rates;

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
pub(crate) struct Moments(pub Mutex<Option<(Instant, Arc<Moment>)>>);
