//! What operators and keys did: who, what, to whom, when, why and from where.

use std::net::IpAddr;

use uuid::Uuid;

use crate::time::Timestamp;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name of a key, or how else somebody proved to be an operator.
    pub name: String,
    /// The key, where it was one.
    pub key: Option<Uuid>,
    /// Where the request came from, if that is known.
    pub address: Option<IpAddr>,
}

/// Something that an operator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who did it.
    pub by: Actor,
    /// What: the name of the operation, as the HTTP API has it.
    pub what: String,
    /// To what: a player, a key, a path.
    pub target: String,
    /// Why, if they said so.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An act with what it changed, as JSON. A side is empty where nothing was there, or where that is not
/// known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// What was done.
    pub act: Act,
    /// As it was before.
    pub before: Option<String>,
    /// As it is since.
    pub after: Option<String>,
}

impl Act {
    /// The act with what it changed.
    pub fn changed(
        self,
        before: Option<&serde_json::Value>,
        after: Option<&serde_json::Value>,
    ) -> Audited {
        let text = |side: Option<&serde_json::Value>| side.map(ToString::to_string);
        Audited { act: self, before: text(before), after: text(after) }
    }
}

/// The number of an entry of the log. Later acts have greater ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditNo(pub i64);

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number.
    pub no: AuditNo,
    /// What was done, and what it changed.
    pub audited: Audited,
}

/// Which entries to list. Absent conditions hold for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// By whom, by name.
    pub who: Option<String>,
    /// What was done.
    pub what: Option<String>,
    /// To what.
    pub target: Option<String>,
}
