//! Transactions that change what nodes hold copies of: the last thing that each of them writes is what
//! it changed, so that none commits without telling.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use scoreline_core::feed::{self, Change, Commit, CommitNo};
use scoreline_core::store::{Result, StoreError};

use crate::ear::Ear;
use crate::pool::Database;
use crate::rows::get;
use crate::session::{COMMIT, Session, Tx, View, sql, together3};
use crate::value::{Param, values};

/// A transaction that changes what is told. None commits without telling.
pub(crate) struct Telling {
    tx: Tx,
    ear: Arc<Ear>,
    changes: Mutex<Vec<Change>>,
}

impl Telling {
    /// Makes one of a transaction that has begun.
    pub fn of(tx: Tx, database: &Database) -> Self {
        Self { tx, ear: Arc::clone(&database.ear), changes: Mutex::default() }
    }

    /// Notes changes, to be told when they are committed.
    pub fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).extend(changes);
    }

    /// Makes everything durable, and tells it. Answers what is told, if there is anything. An error
    /// leaves open whether it is durable: the caller asks again.
    pub async fn commit(self) -> Result<Option<Commit>> {
        self.commit_after(None).await
    }

    /// As [`Telling::commit`], with one more statement before it.
    pub async fn commit_after(self, last: Option<(&str, &[Param<'_>])>) -> Result<Option<Commit>> {
        let Self { tx, ear, changes } = self;
        let changes = changes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tells = !changes.is_empty();
        let body = if tells { feed::encode(&changes) } else { Vec::new() };
        let told = values![body];
        // Sent at once: others wait for the rows that this transaction holds. If one of them fails, the
        // server takes the transaction back at the COMMIT.
        let ((), no, ()) = together3(
            async {
                let Some((sql, values)) = last else { return Ok(()) };
                tx.execute(sql, values).await.map(drop)
            },
            async {
                if !tells {
                    return Ok(None);
                }
                tx.only(sql!("feed/tell"), told, |row| number(get(row, 0)?)).await.map(Some)
            },
            tx.run(COMMIT),
        )
        .await?;
        tx.end();
        let Some(no) = no else { return Ok(None) };
        ear.note_commit();
        Ok(Some(Commit { no: CommitNo(no), changes: changes.into() }))
    }
}

impl Deref for Telling {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

/// Begins a short transaction that changes what is told, and nothing that a plan is made of.
pub(crate) async fn begin(database: &Database) -> Result<Telling> {
    Ok(Telling::of(database.begin(View::Moving).await?, database))
}

/// Puts a database in order that was restored from a dump of another one.
pub(crate) async fn forget_foreign(session: &Session) -> Result<()> {
    // Nothing is written otherwise: the server may take no writes now.
    if session.only(sql!("feed/is_foreign"), values![], |row| get(row, 0)).await? {
        session.execute(sql!("feed/forget_foreign"), values![]).await?;
    }
    Ok(())
}

/// The number of a transaction out of its text.
pub(crate) fn number(transaction: &str) -> Result<u64> {
    let read = transaction.parse();
    read.map_err(|_| StoreError::Unusable(format!("{transaction:?} is no transaction's number")))
}
