//! Events that could not be applied.

use scoreline_core::event::Event;
use scoreline_core::event::recognise::BesideDead;
use scoreline_core::store::Result;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::value::{bind, values};

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

/// These events beside the dead that hold their keys.
pub(crate) async fn beside(tx: &Session, events: &[&Event]) -> Result<BesideDead> {
    let (players, ids) = keys(events);
    let contents: Vec<i64> = events.iter().map(|event| event.content.0).collect();
    let dead: Vec<(usize, Event)> =
        tx.list(sql!("dead/kept"), values![players, ids, contents], rows::placed).await?;
    Ok(BesideDead::of(events, dead))
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
