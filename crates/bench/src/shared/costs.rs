//! What an event costs: the processor time of each process, and bytes.

use std::time::Duration;

use scoreline_traffic::report::Table;

use super::Shared;
use super::database::Database;
use crate::error::Result;
use crate::measured::Measured;
use crate::processor_time;

/// What all processes have used up to a moment.
pub struct Used {
    scoreline: Option<Duration>,
    postgres: Option<Duration>,
    redis: Option<Duration>,
    generator: Option<Duration>,
    log_bytes: u64,
}

/// An empty table of costs.
pub fn table() -> Table {
    let columns =
        ["Scoreline, µs", "PostgreSQL, µs", "Redis, µs", "generator, µs", "write-ahead log, bytes"];
    Table::new("an applied event takes", &columns)
}

impl Shared<'_> {
    /// Reads what has been used up to now.
    pub async fn used(&self, node: &Measured, database: &Database) -> Result<Used> {
        Ok(Used {
            scoreline: processor_time::of(node.pid()),
            postgres: self.postgres.pid().and_then(processor_time::of_family),
            redis: self.redis.as_ref().and_then(|redis| processor_time::of(redis.pid()?)),
            generator: processor_time::own(),
            log_bytes: database.log_bytes().await?,
        })
    }

    /// Notes what `events` events cost since `before`.
    pub fn note_costs(&mut self, case: &str, events: u64, before: &Used, after: &Used) {
        let of_event = |total: f64| (events > 0).then(|| total / events as f64);
        let us = |before: Option<Duration>, after: Option<Duration>| {
            of_event(after?.saturating_sub(before?).as_secs_f64() * 1e6)
        };
        let log = after.log_bytes.saturating_sub(before.log_bytes);
        let figures = vec![
            us(before.scoreline, after.scoreline),
            us(before.postgres, after.postgres),
            us(before.redis, after.redis),
            us(before.generator, after.generator),
            of_event(log as f64),
        ];
        self.costs.rows.push((case.to_owned(), figures));
    }
}
