//! The state of the store as a whole, and the transactions that write.
//!
//! Transactions that apply events share a lock on the plan. One that changes the plan holds that
//! lock alone, and so sees every event that was applied by the old plan and none by the new one. A
//! transaction that counts has a shard of the counts to itself, so that none waits for the rows of
//! another.

use std::ops::Deref;
use std::sync::Arc;

use scoreline_core::feed::{self, Commit};
use scoreline_core::store::{Begun, Counts, CrashPoint, Result, Totals};
use scoreline_core::time::Timestamp;

use crate::pool::Database;
use crate::rows;
use crate::session::{Session, View, sql, together};
use crate::telling::{self, Telling};
use crate::value::{bind, values};

/// How many shards the counts and figures have: more transactions than this at once wait.
const SHARDS: i64 = 16;

/// A transaction that changes counts, with what it must know first.
pub(crate) struct Writing {
    tx: Telling,
    /// The shard that it has to itself.
    pub shard: i32,
    pub begun: Begun,
}

impl Deref for Writing {
    type Target = Telling;

    fn deref(&self) -> &Telling {
        &self.tx
    }
}

impl Writing {
    async fn after_lock(tx: Telling, shard: i32) -> Result<Self> {
        let begun = read(&tx).await?;
        Ok(Self { tx, shard, begun })
    }

    /// Adds to the counts, and puts a time of application on record: nothing is applied before it
    /// from now on.
    pub async fn count(&self, counts: Counts, applied_at: Timestamp) -> Result<()> {
        let added = bind(counts.addition(applied_at));
        let mut values = added.all();
        values.push(&self.shard);
        self.tx.execute(sql!("state/count"), &values).await?;
        Ok(())
    }

    /// As [`Writing::count`] and [`Writing::commit`], in one round trip.
    pub async fn count_and_commit(
        self,
        counts: Counts,
        applied_at: Timestamp,
    ) -> Result<Option<Commit>> {
        let added = bind(counts.addition(applied_at));
        let mut values = added.all();
        values.push(&self.shard);
        self.tx.commit_after(Some((sql!("state/count"), &values))).await
    }

    /// Makes everything durable, and tells it. Answers what is told, if there is anything.
    pub async fn commit(self) -> Result<Option<Commit>> {
        self.tx.commit().await
    }

    /// As [`Writing::commit`], of an act on a player.
    pub async fn commit_act(self, database: &Database) -> Result<()> {
        database.pass(CrashPoint::ActWritten)?;
        self.commit().await?;
        database.pass(CrashPoint::ActCommitted)
    }
}

/// Reads what is known first by a statement of its own: it must see what was committed until the locks
/// were granted.
pub(crate) async fn read(tx: &Session) -> Result<Begun> {
    tx.only(sql!("state/begin"), values![], rows::read).await
}

/// Begins a transaction beside others that apply by the same plan.
pub(crate) async fn begin(database: &Database) -> Result<Writing> {
    let tx = telling::begin(database).await?;
    let locks = database.locks;
    // The server reads the state after it has granted the locks, though it is asked for both at once.
    let asked = values![locks.plan(), locks.shards()];
    let (shard, begun) =
        together(tx.only(sql!("state/lock_shared"), asked, |row| rows::get(row, 1)), read(&tx))
            .await?;
    if let Some(shard) = shard {
        return Ok(Writing { tx, shard, begun });
    }
    let shard = wait_for_shard(&tx, locks.shards()).await?;
    Writing::after_lock(tx, shard).await
}

/// Begins a transaction that counts nothing, beside others that apply by the same plan. What it finds of a player
/// holds until it ends: nobody is moved or erased meanwhile.
pub(crate) async fn begin_beside(database: &Database) -> Result<Telling> {
    let tx = telling::begin(database).await?;
    tx.execute(sql!("state/share_plan"), values![database.locks.plan()]).await?;
    Ok(tx)
}

/// Waits for one of the shards while other transactions hold all of them. The clock picks the
/// shard, so that those who wait spread over all.
#[expect(clippy::disallowed_methods, reason = "any shard will do, so that chance may choose it")]
async fn wait_for_shard(tx: &Telling, first: i64) -> Result<i32> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let shard = i64::from(now.unwrap_or_default().subsec_nanos() / 64) % SHARDS;
    tx.execute(sql!("state/lock_exclusive"), values![first + shard]).await?;
    Ok(i32::try_from(shard).expect("a small number"))
}

/// Begins a transaction that changes the plan: it waits for all transactions that apply by the old
/// plan, and all that apply by the new plan wait for it.
pub(crate) async fn begin_alone(database: &Database) -> Result<Writing> {
    let tx = telling::begin(database).await?;
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.plan()]).await?;
    Writing::after_lock(tx, 0).await
}

/// As [`begin_alone`], for work on more rows than a statement usually has time for.
pub(crate) async fn begin_alone_long(database: &Database) -> Result<Writing> {
    let tx = Telling::of(database.begin_long(View::Moving).await?, database);
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.plan()]).await?;
    Writing::after_lock(tx, 0).await
}

/// Counts since the database was made.
pub(crate) async fn totals(session: &Session) -> Result<Totals> {
    session.only(sql!("state/totals"), values![], rows::read).await
}

/// The version of the present plan.
pub(crate) async fn plan_version(session: &Session) -> Result<i64> {
    session.only(sql!("state/version"), values![], rows::read).await
}

/// Notes that plans made so far are outdated, because of a tournament or of the definition.
pub(crate) async fn outdate_plans(tx: &Telling, tournament: Option<&Arc<str>>) -> Result<()> {
    let version = tx.only(sql!("state/bump"), values![], rows::read).await?;
    tx.tell(feed::outdated(version, tournament));
    Ok(())
}

/// A slot that was never used before.
pub(crate) async fn next_slot(tx: &Session) -> Result<i64> {
    tx.only(sql!("state/next_slot"), values![], rows::read).await
}
