//! Events that could not be applied.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::event::recognise::{self, KeptEvent, Recognised};
use scoreline_core::store::{Counts, DeadFilter, DeadStore, Result};
use scoreline_core::time::Timestamp;

use crate::state;
use crate::statement::{bind, execute, first, limit, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl DeadStore for SqliteStore {
    async fn give_up_dead(
        &self,
        filter: DeadFilter,
        note: String,
        now: Timestamp,
        rows: usize,
    ) -> Result<u64> {
        self.change_to_make_room(move |tx| {
            let given_up =
                execute(tx, sql!("dead/discard"), bind(filter.giving_up(&note, now, rows)))?;
            let counts = Counts { dead: -limit(given_up), ..Counts::default() };
            state::count(tx, counts, Timestamp::MIN)?;
            Ok(given_up as u64)
        })
        .await
    }
}

/// Puts an event among the dead, where its key is free or held by the same event. Answers whether it
/// was not there before.
pub(crate) fn put(
    tx: &Connection,
    event: &Event,
    reason: &str,
    died_at: Timestamp,
) -> Result<bool> {
    let values = bind(event.dying(reason, died_at));
    let attempts: i64 = only(tx, sql!("dead/put"), values)?;
    Ok(attempts == 1)
}

/// What an event is beside the dead one of its key, if there is one.
pub(crate) fn recognise(tx: &Connection, event: &Event) -> Result<Recognised> {
    let key = params![event.player.as_str(), event.id.as_bytes()];
    let kept: Option<KeptEvent> = first(tx, sql!("dead/kept"), key)?;
    Ok(recognise::recognise(event, kept.as_ref().map(KeptEvent::as_kept)))
}

/// Takes an event that is applied now out of the dead. Answers whether it was waiting there.
pub(crate) fn leave(tx: &Connection, event: &Event) -> Result<bool> {
    let key = params![event.player.as_str(), event.id.as_bytes()];
    let discarded_at: Option<Option<Timestamp>> = first(tx, sql!("dead/leave"), key)?;
    Ok(discarded_at == Some(None))
}
