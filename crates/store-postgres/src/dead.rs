//! Events that could not be applied.

use async_trait::async_trait;
use scoreline_core::event::Event;
use scoreline_core::event::recognise::KeptEvent;
use scoreline_core::store::{Counts, DeadFilter, DeadStore, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::state;
use crate::store::PostgresStore;
use crate::value::{bind, values};

#[async_trait]
impl DeadStore for PostgresStore {
    async fn give_up_dead(
        &self,
        filter: DeadFilter,
        note: String,
        now: Timestamp,
        rows: usize,
    ) -> Result<u64> {
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            let chosen = bind(filter.giving_up(&note, now, rows));
            let given_up = tx.execute(sql!("dead/discard"), &chosen.all()).await?;
            let counts = Counts { dead: -given_up.cast_signed(), ..Counts::default() };
            tx.count(counts, Timestamp::MIN).await?;
            tx.commit().await?;
            Ok(given_up)
        })
        .await
    }
}

/// Puts an event among the dead, where its key is free or held by the same event. Answers whether it
/// was not there before.
pub(crate) async fn put(
    tx: &Session,
    event: &Event,
    reason: &str,
    died_at: Timestamp,
) -> Result<bool> {
    let dead = bind(event.dying(reason, died_at));
    let attempts: i64 = tx.only(sql!("dead/put"), &dead.all(), rows::read).await?;
    Ok(attempts == 1)
}

/// What the dead say that hold the keys of these events, by the events' places.
pub(crate) async fn kept(tx: &Session, events: &[&Event]) -> Result<Vec<(usize, KeptEvent)>> {
    let (players, ids) = keys(events);
    tx.list(sql!("dead/kept"), values![players, ids], rows::placed).await
}

/// Takes events that are applied now out of the dead. Answers how many of them were waiting there.
pub(crate) async fn leave(tx: &Session, events: &[&Event]) -> Result<usize> {
    if events.is_empty() {
        return Ok(0);
    }
    let (players, ids) = keys(events);
    let discarded_at: Vec<Option<i64>> =
        tx.list(sql!("dead/leave"), values![players, ids], rows::read).await?;
    Ok(discarded_at.iter().filter(|at| at.is_none()).count())
}

fn keys<'e>(events: &[&'e Event]) -> (Vec<&'e str>, Vec<Uuid>) {
    events.iter().map(|event| (event.player.as_str(), event.id)).unzip()
}
