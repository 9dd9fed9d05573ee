//! The change feed: a table that every transaction which changes what nodes hold copies of writes last.
//!
//! Transactions do not commit in the order of their numbers, so a reader goes by snapshots: it reads the
//! rows of all transactions that its last snapshot did not see, and a new snapshot in the same
//! statement. So it hears each commit once, whatever overtakes what. Rows are pruned by snapshots too.

use async_trait::async_trait;
use scoreline_core::feed::{self, Commit, CommitNo, Heard, Position};
use scoreline_core::limits::{FEED_BYTES_MAX, FEED_KEPT_MS};
use scoreline_core::store::{FeedStore, Result, StoreError};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::ear::Ear;
use crate::rows::get;
use crate::session::sql;
use crate::snapshot::Snapshot;
use crate::store::PostgresStore;
use crate::telling::number;
use crate::value::values;

#[async_trait]
impl FeedStore for PostgresStore {
    async fn position(&self) -> Result<Position> {
        self.write(|database| async move {
            let rung = database.ear.rung();
            let rows = database.ear.ask(sql!("feed/position"), &[]).await?;
            Ok(position(rung, get(first(&rows)?, 0)?))
        })
        .await
    }

    async fn changes_after(&self, position: &Position) -> Result<Heard> {
        let position = position.clone();
        self.write(|database| async move { after(&database.ear, &position).await }).await
    }

    async fn listen(&self, position: &Position) {
        let rung = position.0.split_once('/').and_then(|(rung, _)| rung.parse().ok());
        self.database.ear.listen(rung).await;
    }

    async fn prune_feed(&self) -> Result<()> {
        self.read(|session| async move {
            session.execute(sql!("feed/prune"), values![FEED_KEPT_MS]).await.map(drop)
        })
        .await
    }
}

/// A snapshot, and how many announcements were heard when it was taken: one that comes between a look
/// and the wait for the next is not missed.
fn position(rung: u64, snapshot: &str) -> Position {
    Position(format!("{rung}/{snapshot}").into())
}

async fn after(ear: &Ear, since: &Position) -> Result<Heard> {
    let Some((_, since)) = since.0.split_once('/') else { return Ok(Heard::Lost) };
    let since = Snapshot::parse(since)?;
    let rung = ear.rung();
    let end = since.end.to_string();
    let in_progress: Vec<String> = since.in_progress.iter().map(u64::to_string).collect();
    let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&end, Type::TEXT), (&in_progress, Type::TEXT_ARRAY), (&FEED_BYTES_MAX, Type::INT8)];
    let rows = ear.ask(sql!("feed/after"), &values).await?;
    let (now, pruned): (String, String) = (get(first(&rows)?, 0)?, get(first(&rows)?, 1)?);
    if !since.sees_all_of(&Snapshot::parse(&pruned)?) {
        return Ok(Heard::Lost);
    }
    let mut commits = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(no) = get::<Option<&str>>(row, 3)? else { continue };
        let Some(body) = get::<Option<&[u8]>>(row, 4)? else { return Ok(Heard::Lost) };
        // A newer version of Scoreline may write what this one cannot read.
        let Ok(changes) = feed::decode(body) else { return Ok(Heard::Lost) };
        commits.push(Commit { no: CommitNo(number(no)?), changes: changes.into() });
    }
    Ok(Heard::Commits { commits, position: position(rung, &now) })
}

fn first(rows: &[Row]) -> Result<&Row> {
    rows.first().ok_or_else(|| StoreError::Unusable("the change feed has no state".to_owned()))
}
