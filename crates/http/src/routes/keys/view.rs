//! A key as it is shown: all but its secret, which nobody has.

use scoreline_core::access::Scope;
use scoreline_core::key::Key;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::openapi::Moment;

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Key, example = json!({
    "key_id": "0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b", "name": "ann", "scopes": ["boards:read"],
    "created_at": "2026-11-23T10:00:00.000Z", "expires_at": null, "revoked_at": null,
    "last_used_at": "2026-11-23T10:05:00.000Z", "is_good": true,
}))]
pub(super) struct KeyView {
    key_id: Uuid,
    name: String,
    /// What it may do.
    scopes: Vec<&'static str>,
    #[schema(value_type = Moment)]
    created_at: Timestamp,
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    revoked_at: Option<Timestamp>,
    /// To the minute.
    #[schema(value_type = Option<Moment>)]
    last_used_at: Option<Timestamp>,
    /// Whether it is neither revoked nor expired.
    is_good: bool,
}

impl KeyView {
    /// The key as of `now`.
    pub fn at(now: Timestamp, key: &Key) -> Self {
        Self {
            key_id: key.id,
            name: key.name.clone(),
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
            is_good: key.check(now).is_ok(),
        }
    }
}
