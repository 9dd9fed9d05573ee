//! An intake that acknowledges and forgets: the ceiling that `scoreline bench` compares with.
//!
//! Everything before the store is done for real: reading, parsing, validating, answering. What a
//! real store adds on top is then the difference. Nothing else may use it.

use async_trait::async_trait;
use scoreline_core::intake::{Arrival, Intake, IntakeError, IntakeFigures, Receipt, Submission};
use scoreline_core::queue::ByClass;
use scoreline_core::time::{Clock, Timestamp};
use std::sync::Arc;

/// See the module.
pub(crate) struct Forgetful {
    clock: Arc<dyn Clock>,
}

struct Passing(Timestamp);

impl Forgetful {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl Arrival for Passing {
    fn received_at(&self) -> Timestamp {
        self.0
    }
}

#[async_trait]
impl Intake for Forgetful {
    fn arrive(&self) -> Box<dyn Arrival> {
        Box::new(Passing(self.clock.now()))
    }

    async fn submit(
        &self,
        _arrival: Box<dyn Arrival>,
        submission: Submission,
    ) -> Result<Receipt, IntakeError> {
        let (accepted, quarantined) = (submission.events.len(), submission.rejected.len());
        Ok(Receipt { accepted, quarantined })
    }

    fn watermark(&self) -> Timestamp {
        self.clock.now()
    }

    fn figures(&self) -> IntakeFigures {
        IntakeFigures {
            mode: "nothing is stored",
            waiting_by_class: ByClass::default(),
            active: 0,
            delayed: 0,
            completed: 0,
            duplicates: 0,
            workers: 0,
            capacity_per_second: None,
            current_load_percent: 0.0,
            oldest_waiting: None,
            paused: ByClass::default(),
            refusing: None,
            queue: None,
        }
    }
}
