//! Events that the definition does not allow.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::event::Rejected;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Counts, QuarantineFilter, QuarantineNo, QuarantineStore, Result};
use scoreline_core::time::Timestamp;

use crate::state;
use crate::statement::{bind, execute, first, limit, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl QuarantineStore for SqliteStore {
    async fn give_up_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
        rows: usize,
    ) -> Result<u64> {
        self.change_to_make_room(move |tx| {
            let values = bind(filter.giving_up(&note, now, rows));
            let given_up = execute(tx, sql!("quarantine/discard"), values)?;
            let counts = Counts { quarantined: -limit(given_up), ..Counts::default() };
            state::count(tx, counts, Timestamp::MIN)?;
            Ok(given_up as u64)
        })
        .await
    }
}

/// Keeps a rejected event. Answers whether it is new.
pub(crate) fn put(tx: &Connection, rejected: &Rejected) -> Result<bool> {
    let values = params![
        rejected.digest.as_bytes(),
        limit(rejected.index),
        rejected.event_type,
        rejected.player.as_ref().map(PlayerId::as_str),
        rejected.event_id,
        rejected.code.as_str(),
        rejected.field,
        rejected.message,
        rejected.received_at.as_ms(),
        rejected.sent_at.map(Timestamp::as_ms),
        rejected.occurrence,
        &*rejected.raw,
        rejected.kept_bytes().cast_signed(),
    ];
    let times_seen: i64 = only(tx, sql!("quarantine/put"), values)?;
    Ok(times_seen == 1)
}

/// Notes what is wrong with an entry that was checked again.
pub(crate) fn judge(tx: &Connection, no: QuarantineNo, rejected: &Rejected) -> Result<()> {
    let Rejected { code, field, message, .. } = rejected;
    execute(tx, sql!("quarantine/judge"), params![no.0, code.as_str(), field, message])?;
    Ok(())
}

/// Takes an entry that is replayed out of quarantine. Answers whether it was waiting there.
pub(crate) fn leave(tx: &Connection, no: QuarantineNo) -> Result<bool> {
    let discarded_at: Option<Option<Timestamp>> = first(tx, sql!("quarantine/leave"), [no.0])?;
    Ok(discarded_at == Some(None))
}
