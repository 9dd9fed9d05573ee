//! New events in batches as large as a worker's.

use scoreline_core::event::Event;
use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::limits::{BATCH_EVENTS_MAX, QUEUE_CLAIM_EVENTS_MAX};
use scoreline_core::store::Batch;
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::workload::{Ingest, Request, Workload};

/// Events of one player in a request.
const REQUEST_EVENTS: usize = 20;

/// Makes events, one request after the other.
pub struct Batches {
    workload: Ingest,
    definition: Definition,
    requests: u64,
}

impl Batches {
    /// Of the first so many players. No two runs make the same events.
    pub fn new(players: u64, run: u64) -> Self {
        let workload = Ingest::new(REQUEST_EVENTS, players, run);
        Self { workload, definition: Definition::sample(), requests: 0 }
    }

    /// The next batch.
    pub fn batch(&mut self) -> anyhow::Result<Batch> {
        Ok(Batch { events: self.next(QUEUE_CLAIM_EVENTS_MAX)?, ..Batch::default() })
    }

    /// The next events, `count` or a few more.
    pub fn next(&mut self, count: usize) -> anyhow::Result<Vec<Event>> {
        let mut events = Vec::with_capacity(count);
        while events.len() < count {
            let now = SystemClock.now();
            let Request::Post { body, .. } = self.workload.request(self.requests, now) else {
                continue;
            };
            self.requests += 1;
            let body = Body::parse(&body, BATCH_EVENTS_MAX)?;
            let mut validator = Validator::new(&self.definition, now, body.sent_at, None);
            for (index, raw) in body.events.iter().enumerate() {
                let event = validator.check(index, raw);
                events.push(event.map_err(|rejected| anyhow::anyhow!(rejected.message))?);
            }
        }
        Ok(events)
    }
}
