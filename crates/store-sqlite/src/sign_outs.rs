//! Sessions of operators that were ended before their time.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::store::{Result, SignOutStore};
use scoreline_core::time::Timestamp;

use crate::statement::{execute, sql};
use crate::store::SqliteStore;

#[async_trait]
impl SignOutStore for SqliteStore {
    async fn end_session(
        &self,
        session: String,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.change(move |tx| {
            execute(tx, sql!("sign_out/forget"), [now.as_ms()])?;
            execute(tx, sql!("sign_out/end"), params![session, expires_at.as_ms()]).map(drop)
        })
        .await
    }
}
