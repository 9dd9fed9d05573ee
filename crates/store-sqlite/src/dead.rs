//! Events that could not be applied.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{Counts, DeadEvent, DeadFilter, DeadStore, Page, Result};
use scoreline_core::time::Timestamp;

use crate::bounds::{After, from, until};
use crate::error::translate;
use crate::rows;
use crate::state;
use crate::statement::{begin, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl DeadStore for SqliteStore {
    async fn dead(
        &self,
        filter: DeadFilter,
        after: Option<EventKey>,
        rows: usize,
    ) -> Result<Page<DeadEvent, EventKey>> {
        self.read(move |connection| {
            let DeadFilter { event: of, reason, discarded } = &filter;
            let after = After::new(after, of.from);
            let values = params![
                after.time(),
                after.id(),
                until(of.until),
                of.event_type,
                of.player.as_ref().map(PlayerId::as_str),
                reason,
                discarded,
                limit(rows),
            ];
            let found = list(connection, sql!("dead/page"), values, rows::read)?;
            Ok(Page::of(found, rows, |dead: &DeadEvent| dead.event.key))
        })
        .await
    }

    async fn discard_dead(&self, filter: DeadFilter, note: String, now: Timestamp) -> Result<u64> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let of = &filter.event;
            let values = params![
                from(of.from),
                until(of.until),
                of.event_type,
                of.player.as_ref().map(PlayerId::as_str),
                filter.reason,
                now.as_ms(),
                note,
            ];
            let given_up = execute(&tx, sql!("dead/discard"), values)?;
            let counts = Counts { dead: -limit(given_up), ..Counts::default() };
            state::count(&tx, counts, Timestamp::MIN)?;
            tx.commit().map_err(translate)?;
            Ok(given_up as u64)
        })
        .await
    }
}

/// Puts an event among the dead. Answers whether it was not there before.
pub(crate) fn put(
    tx: &Connection,
    event: &Event,
    reason: &str,
    died_at: Timestamp,
) -> Result<bool> {
    let values = params![
        event.key.time.as_ms(),
        event.key.id.as_bytes(),
        event.player.as_str(),
        &*event.event_type,
        event.received_at.as_ms(),
        rows::stored_counted_at(event),
        &*event.payload,
        reason,
        died_at.as_ms(),
    ];
    let attempts: i64 = only(tx, sql!("dead/put"), values, rows::read)?;
    Ok(attempts == 1)
}

/// Takes an event that is applied now out of the dead. Answers whether it was waiting there.
pub(crate) fn leave(tx: &Connection, key: EventKey) -> Result<bool> {
    let values = params![key.time.as_ms(), key.id.as_bytes()];
    let discarded_at: Option<Option<Timestamp>> =
        first(tx, sql!("dead/leave"), values, rows::read)?;
    Ok(discarded_at == Some(None))
}
