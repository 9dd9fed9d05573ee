//! Judging events as they are applied: which of them are held for review.

use std::collections::HashMap;

use scoreline_core::event::Event;
use scoreline_core::fold::{Asked, Judged, Known, Plan};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::review::Held;
use scoreline_core::store::{InReview, Result, ReviewStore};
use scoreline_core::time::Timestamp;
use scoreline_core::void::Voids;
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::state::Writing;
use crate::store::PostgresStore;
use crate::value::values;

impl ReviewStore for PostgresStore {}

/// Judges new events, and writes down what follows. What is held is among the `voided` since.
pub(crate) async fn judge(
    tx: &Writing,
    plan: &Plan,
    new: &[&Event],
    voided: &mut HashMap<EventKey, Voids>,
    applied_at: Timestamp,
) -> Result<InReview> {
    let Some(judged) = plan.to_judge(new, voided) else { return Ok(InReview::default()) };
    let known = read(tx, plan.asked_before(&judged), tx.begun.some_are_moved).await?;
    let Judged { held, memories, used, followed } = plan.judge(&judged, known);
    if !used.is_empty() {
        let players: Vec<&str> = used.iter().map(|one| one.run.player.as_str()).collect();
        let runs: Vec<Uuid> = used.iter().map(|one| one.run.id).collect();
        let until: Vec<i64> = used.iter().map(|one| one.until.as_ms()).collect();
        tx.execute(sql!("ticket/use"), values![players, runs, until]).await?;
    }
    if !memories.is_empty() {
        let players: Vec<&str> = memories.iter().map(|(player, _)| player.as_str()).collect();
        let texts: Vec<String> = memories.iter().map(|(_, memory)| memory.to_text()).collect();
        tx.execute(sql!("suspicion/remember"), values![players, texts]).await?;
    }
    hold(tx, &held, applied_at).await?;
    voided.extend(held.iter().map(|one| (one.event.key(), Voids::since(applied_at))));
    Ok(InReview::of(&held, followed))
}

/// What is remembered of players is locked: events of one player are judged one after another, whichever node
/// applies them.
async fn read(tx: &Session, asked: Asked, some_are_moved: bool) -> Result<Known> {
    let mut known = Known::default();
    if some_are_moved && !asked.tickets.is_empty() {
        let bearers = asked.bearers();
        let players: Vec<&str> = bearers.iter().map(PlayerId::as_str).collect();
        let former: Vec<(PlayerId, PlayerId)> =
            tx.list(sql!("joining/former"), values![players], rows::read).await?;
        for (player, id) in former {
            known.former.entry(player).or_default().push(id);
        }
    }
    if !asked.remembered.is_empty() {
        let players: Vec<&str> = asked.remembered.iter().map(PlayerId::as_str).collect();
        let of = values![players];
        tx.execute(sql!("suspicion/make"), of).await?;
        let found: Vec<(usize, String)> = tx.list(sql!("suspicion/lock"), of, rows::placed).await?;
        for (place, text) in found {
            if let Err(error) = known.remember(asked.remembered[place].clone(), &text) {
                tracing::warn!(memory.error = %error, "what is remembered of a player is forgotten");
            }
        }
    }
    if !asked.tickets.is_empty() {
        let players: Vec<&str> = asked.tickets.iter().map(|run| run.player.as_str()).collect();
        let runs: Vec<Uuid> = asked.tickets.iter().map(|run| run.id).collect();
        let of = values![players, runs];
        let found: Vec<EventKey> = tx.list(sql!("ticket/used"), of, rows::read).await?;
        known.used.extend(found);
    }
    if !asked.bests.is_empty() {
        let slots: Vec<i64> = asked.bests.iter().map(|(board, _)| board.slot.0).collect();
        let periods: Vec<i64> = asked.bests.iter().map(|(board, _)| board.period.as_ms()).collect();
        let players: Vec<&str> = asked.bests.iter().map(|(_, player)| player.as_str()).collect();
        let entries = values![slots, periods, players];
        let found: Vec<(usize, (i64, i64))> =
            tx.list(sql!("suspicion/best"), entries, rows::placed).await?;
        known
            .bests
            .extend(found.into_iter().map(|(place, best)| (asked.bests[place].clone(), best)));
    }
    Ok(known)
}

async fn hold(tx: &Session, held: &[Held<'_>], at: Timestamp) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let numbers =
        |of: fn(&Event) -> i64| -> Vec<i64> { held.iter().map(|one| of(one.event)).collect() };
    let texts = |of: fn(&Event) -> &str| -> Vec<String> {
        held.iter().map(|one| of(one.event).to_owned()).collect()
    };
    let ids: Vec<Uuid> = held.iter().map(|one| one.event.id).collect();
    let counted: Vec<Option<i64>> = held.iter().map(|one| one.event.stored_counted_at()).collect();
    let rules: Vec<&str> = held.iter().map(|one| one.rule).collect();
    let reasons: Vec<&str> = held.iter().map(|one| &*one.reason).collect();
    let refused: Vec<bool> = held.iter().map(|one| one.is_refused).collect();
    let values = values![
        texts(|event| event.player.as_str()),
        ids,
        numbers(|event| event.time.as_ms()),
        texts(|event| &event.event_type),
        numbers(|event| event.received_at.as_ms()),
        counted,
        numbers(|event| event.content.0),
        texts(|event| &event.payload),
        rules,
        reasons,
        refused,
        at.as_ms(),
    ];
    tx.execute(sql!("review/hold"), values).await.map(drop)
}
