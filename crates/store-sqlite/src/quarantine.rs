//! Events that the definition does not allow.

use rusqlite::{Connection, params};
use scoreline_core::event::Rejected;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{QuarantineNo, Result};
use scoreline_core::time::Timestamp;

use crate::statement::{execute, first, limit, only, sql};

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
        rejected.sent_by.as_deref(),
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
