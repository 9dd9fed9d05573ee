//! Deciding about events in review, player by player, for whoever asks for it: an operator, the job that refuses what
//! nobody has decided, or a beginning that came after the event that follows it.

use std::collections::BTreeSet;

use scoreline_core::audit::{Act, Actor};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::limits::REVIEWS_DECIDED_MAX;
use scoreline_core::review::{ByPlayer, Deciding, Review, ReviewFilter, overdue};
use scoreline_core::store::{Result, Store, StoreError};
use scoreline_core::time::Timestamp;

use crate::engine::Engine;
use crate::plan::PlanHandle;

/// How often a decision begins anew because the plan has changed meanwhile.
const PLANS_MAX: usize = 5;

/// What is decided without an operator.
fn own_act(note: &str, at: Timestamp) -> Act {
    Act {
        by: Actor { name: "scoreline".to_owned(), key: None, address: None },
        what: "decideReviews".to_owned(),
        target: String::new(),
        note: Some(note.to_owned()),
        at,
    }
}

/// Decides about entries of a player by whichever plan is in force.
async fn decide_of(
    store: &dyn Store,
    plans: &PlanHandle,
    player: PlayerId,
    deciding: Deciding,
    act: Act,
) -> Result<u64> {
    for _ in 1..PLANS_MAX {
        let plan = plans.follow().await?;
        match store.decide(plan, player.clone(), deciding.clone(), act.clone()).await {
            Err(StoreError::StalePlan) => {}
            outcome => return outcome,
        }
    }
    store.decide(plans.follow().await?, player, deciding, act).await
}

/// Accepts events that were held for nothing else than that their beginnings had not come. If this fails, or the
/// process dies before it, they wait for an operator.
pub(crate) async fn accept_followed(
    store: &dyn Store,
    plans: &PlanHandle,
    followed: &[EventKey],
    now: Timestamp,
) -> Result<()> {
    let players: BTreeSet<&PlayerId> = followed.iter().map(|key| &key.player).collect();
    for player in players {
        let is_meant = |one: &Review| followed.iter().any(|key| *key == one.event.key());
        let fitting = ReviewFilter { player: Some(player.clone()), ..ReviewFilter::default() };
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let page = store.reviews(fitting.clone(), after, REVIEWS_DECIDED_MAX).await?;
            entries.extend(page.rows.iter().filter(|one| is_meant(one)).map(|one| one.no));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if !entries.is_empty() {
            let act = own_act("what it follows came later", now);
            let act = Act { target: player.to_string(), ..act };
            let deciding = Deciding { entries, accept: true };
            decide_of(store, plans, player.clone(), deciding, act).await?;
        }
    }
    Ok(())
}

impl Engine {
    /// Decides about entries, of each player in a step of its own. Answers how many changed.
    pub(crate) async fn decide_all(&self, meant: ByPlayer, accept: bool, act: &Act) -> Result<u64> {
        let (mut total, mut gone) = (0, None);
        for (player, entries) in meant {
            let act = Act { target: player.to_string(), ..act.clone() };
            let deciding = Deciding { entries, accept };
            match decide_of(&*self.store, &self.plans, player, deciding, act).await {
                Ok(changed) => total += changed,
                // Whoever is being erased, or has just been moved, keeps the others from nothing.
                Err(error @ (StoreError::Erased | StoreError::Moved)) => gone = Some(error),
                Err(error) => return Err(error),
            }
        }
        match gone {
            Some(error) if total == 0 => Err(error),
            _ => Ok(total),
        }
    }

    /// Refuses what was held before a time and still waits, and the oldest of what is too much: events that wait are
    /// kept, whatever their age.
    pub(crate) async fn refuse_overdue(&self, before: Timestamp, now: Timestamp) -> Result<()> {
        let act = own_act("nobody has decided in time", now);
        loop {
            let waiting = self.store.totals().await?.in_review;
            if waiting.entries == 0 {
                return Ok(());
            }
            let oldest = ReviewFilter::default();
            let oldest = self.store.reviews(oldest, None, REVIEWS_DECIDED_MAX).await?.rows;
            let overdue = overdue(&oldest, waiting.entries, before);
            if overdue.is_empty() {
                return Ok(());
            }
            let refused = match self.decide_all(overdue, false, &act).await {
                // The erasure that is under way takes its entries along.
                Err(StoreError::Erased | StoreError::Moved) => return Ok(()),
                refused => refused?,
            };
            if refused == 0 {
                return Ok(());
            }
            tracing::warn!(
                review.entries = refused,
                "events in review were refused, as nobody has decided about them in time"
            );
        }
    }
}
