//! Events that the definition does not allow.

use std::collections::BTreeMap;

use scoreline_core::event::Rejected;
use scoreline_core::id::PlayerId;
use scoreline_core::store::values::limit;
use scoreline_core::store::{QuarantineNo, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows::{self, storable};
use crate::session::{Session, sql};
use crate::value::values;

/// Keeps rejected events. Answers how many are new.
pub(crate) async fn put(tx: &Session, rejected: &[Rejected]) -> Result<usize> {
    if rejected.is_empty() {
        return Ok(0);
    }
    // One statement cannot touch a row twice: what comes more than once is counted before.
    let mut entries: BTreeMap<Uuid, (&Rejected, i64)> = BTreeMap::new();
    for one in rejected {
        entries.entry(one.digest).or_insert((one, 0)).1 += 1;
    }
    let of = |read: fn(&Rejected) -> i64| -> Vec<i64> {
        entries.values().map(|(one, _)| read(one)).collect()
    };
    let texts = |read: fn(&Rejected) -> Option<&str>| -> Vec<Option<String>> {
        entries.values().map(|(one, _)| read(one).map(|text| storable(text).into_owned())).collect()
    };
    let digests: Vec<Uuid> = entries.keys().copied().collect();
    let sent_at: Vec<Option<i64>> =
        entries.values().map(|(one, _)| one.sent_at.map(Timestamp::as_ms)).collect();
    let seen: Vec<i64> = entries.values().map(|(_, times)| *times).collect();
    let values = values![
        digests,
        of(|one| limit(one.index)),
        texts(|one| one.event_type.as_deref()),
        texts(|one| one.player.as_ref().map(PlayerId::as_str)),
        texts(|one| one.event_id.as_deref()),
        texts(|one| Some(one.code.as_str())),
        texts(|one| one.field.as_deref()),
        texts(|one| Some(&one.message)),
        of(|one| one.received_at.as_ms()),
        sent_at,
        of(|one| i64::from(one.occurrence)),
        texts(|one| Some(&one.raw)),
        of(|one| one.kept_bytes().cast_signed()),
        texts(|one| one.sent_by.as_deref()),
        seen,
    ];
    let kept: Vec<(Uuid, i64)> = tx.list(sql!("quarantine/put"), values, rows::read).await?;
    let is_new = |(digest, times_seen): &&(Uuid, i64)| {
        entries.get(digest).is_some_and(|(_, times)| times == times_seen)
    };
    Ok(kept.iter().filter(is_new).count())
}

/// Notes what is wrong with entries that were checked again.
pub(crate) async fn judge(tx: &Session, entries: &[(QuarantineNo, Rejected)]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = entries.iter().map(|(no, _)| no.0).collect();
    let texts = |read: fn(&Rejected) -> Option<&str>| -> Vec<Option<String>> {
        entries.iter().map(|(_, one)| read(one).map(|text| storable(text).into_owned())).collect()
    };
    let values = values![
        numbers,
        texts(|one| Some(one.code.as_str())),
        texts(|one| one.field.as_deref()),
        texts(|one| Some(&one.message)),
    ];
    tx.execute(sql!("quarantine/judge"), values).await?;
    Ok(())
}

/// Takes entries that are replayed out of quarantine. Answers how many of them were waiting there.
pub(crate) async fn leave(tx: &Session, entries: &[QuarantineNo]) -> Result<usize> {
    if entries.is_empty() {
        return Ok(0);
    }
    let mut numbers: Vec<i64> = entries.iter().map(|no| no.0).collect();
    numbers.sort_unstable();
    let discarded_at: Vec<Option<i64>> =
        tx.list(sql!("quarantine/leave"), values![numbers], rows::read).await?;
    Ok(discarded_at.iter().filter(|at| at.is_none()).count())
}
