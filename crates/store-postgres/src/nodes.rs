//! The nodes on one database: who they are, whose turn it is, and what time it is.
//!
//! All times are the database's, so it does not matter how far the clocks of nodes are apart.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use scoreline_core::nodes::{NODE_SILENT_MS, Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::values::limit;
use scoreline_core::store::{Result, StoreError};
use scoreline_core::time::Timestamp;
use tokio::time::Instant;
use tokio_postgres::Row;

use crate::migrate;
use crate::pool::Database;
use crate::rows;
use crate::session::{View, sql};
use crate::store::PostgresStore;
use crate::value::values;

async fn ask_time(database: &Database) -> Result<Timestamp> {
    let session = database.session().await?;
    session.only(sql!("node/time"), values![], rows::read).await
}

fn node(row: &Row) -> Result<Node> {
    let (node, watermark, version, (address, reported_at)) = rows::read(row)?;
    let report = NodeReport { node: NodeId(node), watermark, version, address };
    Ok(Node { report, reported_at })
}

#[async_trait]
impl Nodes for PostgresStore {
    async fn time(&self) -> Result<Timestamp> {
        self.write(|database| async move {
            let asked = Instant::now();
            let answer = ask_time(&database).await;
            if matches!(answer, Ok(_) | Err(StoreError::Busy(_))) {
                database.note_answer(asked.elapsed());
            }
            answer
        })
        .await
    }

    async fn report(&self, report: NodeReport) -> Result<()> {
        let is_first = !self.has_reported.load(Ordering::Acquire);
        self.write(move |database| async move {
            let known = limit(database.migrations.len());
            let NodeReport { node, watermark, version, address } = report;
            let values = values![node.0, watermark.as_ms(), version, address, known];
            if is_first {
                // From here on, a migration spares what this node uses.
                let tx = database.begin(View::Moving).await?;
                migrate::check(&tx, &database).await?;
                tx.execute(sql!("node/report"), values).await?;
                return tx.commit().await;
            }
            let session = database.session().await?;
            session.execute(sql!("node/report"), values).await?;
            Ok(())
        })
        .await?;
        self.has_reported.store(true, Ordering::Release);
        Ok(())
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        self.read(move |session| async move {
            session.execute(sql!("node/leave"), values![node.0]).await?;
            Ok(())
        })
        .await
    }

    async fn running(&self) -> Result<Vec<Node>> {
        self.read(|session| async move {
            session.list(sql!("node/running"), values![NODE_SILENT_MS], node).await
        })
        .await
    }

    async fn fallen(&self) -> Result<Vec<Node>> {
        self.read(|session| async move {
            session.list(sql!("node/fallen"), values![NODE_SILENT_MS], node).await
        })
        .await
    }

    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> Result<bool> {
        let name = name.to_owned();
        self.read(move |session| async move {
            let values = values![name, node.0, for_ms];
            Ok(session.execute(sql!("node/take_turn"), values).await? == 1)
        })
        .await
    }

    async fn end_turn(&self, name: &str, node: NodeId) -> Result<()> {
        let name = name.to_owned();
        self.read(move |session| async move {
            session.execute(sql!("node/end_turn"), values![name, node.0]).await?;
            Ok(())
        })
        .await
    }

    async fn secret(&self, name: &str, proposed: &str) -> Result<String> {
        let (name, proposed) = (name.to_owned(), proposed.to_owned());
        self.read(move |session| async move {
            session.execute(sql!("node/propose_secret"), values![name, proposed]).await?;
            session.only(sql!("node/secret"), values![name], rows::read).await
        })
        .await
    }
}
