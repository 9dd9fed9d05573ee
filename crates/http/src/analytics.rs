//! Reads exact analytics: the counters that a question needs, and what they mean.

use std::sync::Arc;

use scoreline_core::analytics::{Analytics as Meaning, CounterQuery, CounterRow, Day};
use scoreline_core::fold::{self, ANALYTICS, ProjectionKind};
use scoreline_core::operations::Operations;
use scoreline_core::store::{AnalyticsStore, StoreError};
use scoreline_core::time::{Clock, Timestamp};

use crate::problem::Problem;

/// Reads counters.
pub struct Analytics {
    store: Arc<dyn AnalyticsStore>,
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
}

/// A question about analytics, by what they mean at present.
pub struct Inquiry<'a> {
    analytics: &'a Analytics,
    projection: fold::Projection,
    /// What they mean.
    pub meaning: Arc<Meaning>,
    /// The time at which it is asked.
    pub as_of: Timestamp,
}

impl Analytics {
    /// Over these parts.
    pub fn new(
        store: Arc<dyn AnalyticsStore>,
        operations: Arc<dyn Operations>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, operations, clock }
    }

    /// Begins a question. While a changed meaning lacks history, it is about the former one.
    pub fn inquire(&self) -> Result<Inquiry<'_>, Problem> {
        let plan = self.operations.plan();
        let missing = || StoreError::Unusable("no plan is without analytics".to_owned());
        let projection = plan.shown(ProjectionKind::Analytics, ANALYTICS).ok_or_else(missing)?;
        let fold::Meaning::Analytics(meaning) = &projection.meaning else {
            return Err(missing().into());
        };
        let meaning = Arc::clone(meaning);
        let (projection, as_of) = (projection.clone(), self.clock.now());
        Ok(Inquiry { analytics: self, projection, meaning, as_of })
    }
}

impl Inquiry<'_> {
    /// The present day in the zone.
    pub fn today(&self) -> Day {
        self.meaning.calendar().day(self.as_of)
    }

    /// Whether all of history is counted. If not, a rebuild fills it.
    pub fn is_complete(&self) -> bool {
        self.projection.complete
    }

    /// The counters of each query.
    pub async fn counters(
        &self,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>, Problem> {
        Ok(self.analytics.store.counters(self.projection.slot, queries).await?)
    }
}
