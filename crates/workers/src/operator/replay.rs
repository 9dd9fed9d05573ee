//! Replays of dead and of quarantined events.
//!
//! Both go through the applier like any other event, so what was applied meanwhile is a duplicate
//! and repeating a replay changes nothing. They work page by page; one that is interrupted has done
//! its first pages.

use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, RejectCode, Rejected};
use scoreline_core::game::Definition;
use scoreline_core::operations::{OperationError, Requeued, Retried};
use scoreline_core::store::{Batch, DeadFilter, QuarantineEntry, QuarantineFilter};
use serde_json::value::RawValue;

use super::Operator;

/// Events of one page: at their greatest size they fit into memory many times over.
const PAGE_EVENTS: usize = 500;

impl Operator {
    pub(super) async fn replay_dead(
        &self,
        filter: DeadFilter,
        limit: usize,
    ) -> Result<Retried, OperationError> {
        let mut total = Retried::default();
        let mut after = None;
        let mut left = limit;
        while left > 0 {
            let page = self.engine.store.dead(filter.clone(), after, left.min(PAGE_EVENTS)).await?;
            if page.rows.is_empty() {
                break;
            }
            left -= page.rows.len().min(left);
            let events: Vec<Event> = page.rows.into_iter().map(|dead| dead.event).collect();
            let tried = events.len() as u64;
            let applied = self.applier.apply(Batch { events, ..Batch::default() }).await?;
            // An event whose id belongs to another one by now has left the dead for quarantine.
            let failed = (applied.dead.len() + applied.conflicting.len()) as u64;
            total.retried += tried;
            total.failed += failed;
            total.processed += tried - failed;
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        tracing::info!(
            replay.retried = total.retried,
            replay.processed = total.processed,
            replay.failed = total.failed,
            "dead events were tried again"
        );
        Ok(total)
    }

    pub(super) async fn replay_quarantine(
        &self,
        filter: QuarantineFilter,
    ) -> Result<Requeued, OperationError> {
        let mut total = Requeued::default();
        let mut after = None;
        loop {
            let page = self.engine.store.quarantine(filter.clone(), after, PAGE_EVENTS).await?;
            let definition = self.engine.plans.current().definition.clone();
            let mut batch = Batch::default();
            for entry in &page.rows {
                match checked_again(entry, &definition, self.retention_days) {
                    Some(Ok(event)) => {
                        batch.events.push(event);
                        batch.leaves_quarantine.push(entry.no);
                    }
                    Some(Err(rejected)) if !is_said(entry, &rejected) => {
                        batch.rejected_again.push((entry.no, *rejected));
                    }
                    Some(Err(_)) | None => {}
                }
            }
            let allowed = batch.events.len();
            let conflicting = if allowed > 0 || !batch.rejected_again.is_empty() {
                self.applier.apply(batch).await?.conflicting.len()
            } else {
                0
            };
            // A conflicting one is in quarantine again, under another code.
            let accepted = allowed - conflicting;
            total.checked += page.rows.len() as u64;
            total.accepted += accepted as u64;
            total.still_rejected += (page.rows.len() - accepted) as u64;
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        tracing::info!(
            replay.checked = total.checked,
            replay.accepted = total.accepted,
            replay.still_rejected = total.still_rejected,
            "quarantined events were checked again"
        );
        Ok(total)
    }
}

/// The event of an entry if `definition` allows it now, or what is wrong with it now; `None` if its
/// definition does not matter.
fn checked_again(
    entry: &QuarantineEntry,
    definition: &Definition,
    retention_days: u32,
) -> Option<Result<Event, Box<Rejected>>> {
    let rejected = &entry.rejected;
    // None of these was rejected by the definition: its sender was not who they said, its id belongs
    // to another event, or it is no JSON; or not all of it is kept.
    let codes = [RejectCode::WrongPlayer, RejectCode::ConflictingId, RejectCode::InvalidJson];
    if codes.contains(&rejected.code) || rejected.is_cut() {
        return None;
    }
    let raw: &RawValue = serde_json::from_str(&rejected.raw).ok()?;
    let validator = Validator::new(definition, rejected.received_at, rejected.sent_at, None);
    let mut validator = validator.with_retention(retention_days);
    let checked = validator.check_again(rejected.occurrence, raw);
    Some(checked.map(|mut event| {
        event.sent_by.clone_from(&rejected.sent_by);
        event
    }))
}

/// Whether an entry says already what is wrong.
fn is_said(entry: &QuarantineEntry, now: &Rejected) -> bool {
    let said = |of: &Rejected| (of.code, of.field.clone(), of.message.clone());
    said(&entry.rejected) == said(now)
}
