//! Events that count as of an earlier receipt than the one that is kept.

use scoreline_core::event::Event;
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::Update;
use scoreline_core::store::Result;

use crate::state::Writing;
use crate::{keys, voids};

/// Lets stored events of a player count as of the receipts of these copies, where those are earlier. Answers the
/// entries that follow.
///
/// All rows of the player are locked, beside those that the batch wrote: where two transactions do so with the
/// same players they may block each other, and one of them is run again.
pub(crate) async fn bring_forward(
    tx: &Writing,
    plan: &Plan,
    player: &PlayerId,
    copies: &[&Event],
) -> Result<Vec<Update>> {
    let kept = voids::kept(tx, plan, player).await?;
    let Some(forward) = plan.bring_forward(copies, kept)? else { return Ok(Vec::new()) };
    keys::bring_forward(tx, &forward.moved).await?;
    tx.carry_out(forward.receipts(player)).await?;
    voids::put(tx, player, &forward.rewrite).await
}
