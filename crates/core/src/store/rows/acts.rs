//! Rows of access keys and of the log of what operators did.

use super::{Columns, Stored};
use crate::access::Scopes;
use crate::audit::{Act, Actor, AuditEntry, AuditNo, Audited};
use crate::key::Key;

/// `key_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at`.
impl Stored for Key {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let scopes = row.text(first + 3)?;
        let scopes = Scopes::from_text(scopes)
            .ok_or_else(|| row.damaged(first + 3, format!("{scopes:?} are no scopes")))?;
        Ok(Self {
            id: row.uuid(first)?,
            name: row.text(first + 1)?.to_owned(),
            hash: row.text(first + 2)?.to_owned(),
            scopes,
            created_at: row.time(first + 4)?,
            expires_at: row.maybe_time(first + 5)?,
            revoked_at: row.maybe_time(first + 6)?,
            last_used_at: row.maybe_time(first + 7)?,
        })
    }
}

/// `audit_no, at, who, key_id, address, what, target, note, before, after`.
impl Stored for AuditEntry {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let by = Actor {
            name: row.text(first + 2)?.to_owned(),
            key: row.maybe_uuid(first + 3)?,
            address: row.maybe_text(first + 4)?.and_then(|text| text.parse().ok()),
        };
        let act = Act {
            by,
            what: row.text(first + 5)?.to_owned(),
            target: row.text(first + 6)?.to_owned(),
            note: row.own_text(first + 7)?,
            at: row.time(first + 1)?,
        };
        let (before, after) = (row.own_text(first + 8)?, row.own_text(first + 9)?);
        Ok(Self { no: AuditNo(row.integer(first)?), audited: Audited { act, before, after } })
    }
}
