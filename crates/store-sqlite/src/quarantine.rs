//! Events that the definition does not allow.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use scoreline_core::event::{RejectCode, Rejected};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{
    Counts, Page, QuarantineEntry, QuarantineFilter, QuarantineNo, QuarantineStore, Result,
};
use scoreline_core::time::Timestamp;

use crate::bounds::{from, until};
use crate::error::translate;
use crate::rows;
use crate::state;
use crate::statement::{begin, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl QuarantineStore for SqliteStore {
    async fn quarantine(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        rows: usize,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        self.read(move |connection| {
            let values = params![
                after.map_or(0, |after| after.0),
                filter.event_type,
                filter.code,
                filter.player.as_ref().map(PlayerId::as_str),
                from(filter.from),
                until(filter.until),
                filter.discarded,
                limit(rows),
            ];
            let found = list(connection, sql!("quarantine/page"), values, entry)?;
            let next = found.last().filter(|_| found.len() == rows).map(|entry| entry.no);
            Ok(Page { rows: found, next })
        })
        .await
    }

    async fn discard_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
    ) -> Result<u64> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let values = params![
                filter.event_type,
                filter.code,
                filter.player.as_ref().map(PlayerId::as_str),
                from(filter.from),
                until(filter.until),
                now.as_ms(),
                note,
            ];
            let given_up = execute(&tx, sql!("quarantine/discard"), values)?;
            let counts = Counts { quarantined: -limit(given_up), ..Counts::default() };
            state::count(&tx, counts, Timestamp::MIN)?;
            tx.commit().map_err(translate)?;
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
    ];
    let times_seen: i64 = only(tx, sql!("quarantine/put"), values, |row| row.get(0))?;
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
    let discarded_at = first(tx, sql!("quarantine/leave"), [no.0], |row| rows::maybe_time(row, 0))?;
    Ok(discarded_at == Some(None))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<QuarantineEntry> {
    let code = row.get_ref(6)?.as_str()?;
    let code = RejectCode::ALL
        .into_iter()
        .find(|known| known.as_str() == code)
        .ok_or_else(|| rows::unknown(6, "reject code", code))?;
    let player: Option<String> = row.get(4)?;
    let note: Option<String> = row.get(15)?;
    let index = usize::try_from(rows::count(row, 2)?).unwrap_or(usize::MAX);
    Ok(QuarantineEntry {
        no: QuarantineNo(row.get(0)?),
        rejected: Rejected {
            digest: rows::uuid(row, 1)?,
            index,
            event_type: row.get(3)?,
            player: player.as_deref().map(PlayerId::from_stored),
            event_id: row.get(5)?,
            code,
            field: row.get(7)?,
            message: row.get(8)?,
            received_at: rows::time(row, 9)?,
            sent_at: rows::maybe_time(row, 10)?,
            occurrence: row.get(11)?,
            raw: Box::from(row.get_ref(12)?.as_str()?),
        },
        times_seen: rows::count(row, 13)?,
        discarded: rows::maybe_time(row, 14)?.zip(note),
    })
}
