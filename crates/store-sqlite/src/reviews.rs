//! Judging events as they are applied: which of them are held for review.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::fold::{Asked, Judged, Known, Plan};
use scoreline_core::id::EventKey;
use scoreline_core::review::Held;
use scoreline_core::store::{InReview, Result, ReviewStore};
use scoreline_core::ticket::UsedTicket;
use scoreline_core::time::Timestamp;
use scoreline_core::void::Voids;

use crate::statement::{execute, first, list, only, sql};
use crate::store::SqliteStore;

impl ReviewStore for SqliteStore {}

/// Judges new events, and writes down what follows. What is held is among the `voided` since.
pub(crate) fn judge(
    tx: &Connection,
    plan: &Plan,
    new: &[&Event],
    voided: &mut HashMap<EventKey, Voids>,
    applied_at: Timestamp,
    some_are_moved: bool,
) -> Result<InReview> {
    let Some(judged) = plan.to_judge(new, voided) else { return Ok(InReview::default()) };
    let known = read(tx, plan.asked_before(&judged), some_are_moved)?;
    let Judged { held, memories, used, followed } = plan.judge(&judged, known);
    for UsedTicket { run, until } in &used {
        let values = params![run.player.as_str(), run.id.as_bytes(), until.as_ms()];
        execute(tx, sql!("ticket/use"), values)?;
    }
    for (player, memory) in &memories {
        execute(tx, sql!("suspicion/remember"), params![player.as_str(), memory.to_text()])?;
    }
    for one in &held {
        hold(tx, one, applied_at)?;
        voided.insert(one.event.key(), Voids::since(applied_at));
    }
    Ok(InReview::of(&held, followed))
}

fn read(tx: &Connection, asked: Asked, some_are_moved: bool) -> Result<Known> {
    let mut known = Known::default();
    for player in if some_are_moved { asked.bearers() } else { Vec::new() } {
        let former = list(tx, sql!("joining/aliases"), [player.as_str()])?;
        known.former.insert(player, former);
    }
    for player in asked.remembered {
        let memory: Option<String> = first(tx, sql!("suspicion/memory"), [player.as_str()])?;
        if let Some(Err(error)) = memory.map(|memory| known.remember(player, &memory)) {
            tracing::warn!(memory.error = %error, "what is remembered of a player is forgotten");
        }
    }
    for run in asked.tickets {
        let key = params![run.player.as_str(), run.id.as_bytes()];
        if only(tx, sql!("ticket/is_used"), key)? {
            known.used.insert(run);
        }
    }
    for (board, player) in asked.bests {
        let entry = params![board.slot.0, board.period.as_ms(), player.as_str()];
        let best: Option<(i64, i64)> = first(tx, sql!("suspicion/best"), entry)?;
        if let Some(best) = best {
            known.bests.insert((board, player), best);
        }
    }
    Ok(known)
}

fn hold(tx: &Connection, held: &Held<'_>, at: Timestamp) -> Result<()> {
    let Held { event, rule, reason, is_refused } = held;
    let key = params![event.player.as_str(), event.id.as_bytes(), at.as_ms()];
    execute(tx, sql!("void/begin"), key)?;
    let values = params![
        event.player.as_str(),
        event.id.as_bytes(),
        event.time.as_ms(),
        &*event.event_type,
        event.received_at.as_ms(),
        event.stored_counted_at(),
        event.content.0,
        &*event.payload,
        rule,
        reason,
        at.as_ms(),
        is_refused.then_some(at.as_ms()),
    ];
    execute(tx, sql!("review/hold"), values).map(drop)
}
