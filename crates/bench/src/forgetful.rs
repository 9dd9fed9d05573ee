//! An intake that acknowledges and forgets: the ceiling that `scoreline bench` compares with.
//!
//! Everything before the store is done for real: reading, parsing, validating, answering. What a
//! real store adds on top is then the difference. Nothing else may use it.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::intake::{Arrival, Intake, IntakeError, IntakeFigures, Receipt, Submission};
use scoreline_core::queue::ByClass;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::{Config, Server, ServerError, Substitutes, SystemClock};

/// The command of the program under measurement that serves by [`start`].
pub const COMMAND: &str = "serve-forgetful";

/// Starts a server that acknowledges events and forgets them.
pub async fn start(config: &Config) -> Result<Server, ServerError> {
    let forgetful = |clock| Arc::new(Forgetful { clock }) as Arc<dyn Intake>;
    let substitutes = Substitutes { intake: Some(Box::new(forgetful)), ..Substitutes::default() };
    Server::start_with(config, Arc::new(SystemClock), substitutes).await
}

/// An intake that acknowledges events and forgets them.
struct Forgetful {
    clock: Arc<dyn Clock>,
}

struct Passing(Timestamp);

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
        Ok(Receipt { accepted, quarantined, conflicting: Vec::new() })
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
