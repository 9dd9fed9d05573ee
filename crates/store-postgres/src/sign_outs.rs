//! Sessions of operators that were ended before their time.

use async_trait::async_trait;
use scoreline_core::store::{Result, SignOutStore};
use scoreline_core::time::Timestamp;

use crate::session::{View, sql};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl SignOutStore for PostgresStore {
    async fn end_session(
        &self,
        session: String,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            tx.execute(sql!("sign_out/forget"), values![now.as_ms()]).await?;
            tx.execute(sql!("sign_out/end"), values![session, expires_at.as_ms()]).await?;
            tx.commit().await
        })
        .await
    }
}
