//! Makes events not count, or count again, player by player.

use std::collections::BTreeMap;

use scoreline_core::audit::Act;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::operations::{OperationError, VoidOrder};
use scoreline_core::store::{EventFilter, StoreError};
use scoreline_core::void::Voided;
use uuid::Uuid;

use super::Operator;

/// How often an act begins anew because the plan has changed meanwhile.
const PLANS_MAX: usize = 5;

impl Operator {
    pub(super) async fn void_events(
        &self,
        order: VoidOrder,
        act: Act,
    ) -> Result<Voided, OperationError> {
        let mut total = Voided::default();
        for (player, ids) in self.meant(&order).await? {
            let act = Act { target: player.to_string(), ..act.clone() };
            let done = self.void_of(player, ids, &order, act).await?;
            total.matched += done.matched;
            total.changed += done.changed;
        }
        if !order.dry_run && total.changed > 0 {
            tracing::info!(
                void.events = total.changed,
                void.counts = !order.void,
                "an operator decided whether events count"
            );
        }
        Ok(total)
    }

    /// Whose events are meant, and which of the ids are theirs.
    async fn meant(
        &self,
        order: &VoidOrder,
    ) -> Result<BTreeMap<PlayerId, Vec<Uuid>>, OperationError> {
        if let Some(player) = &order.player {
            return Ok([(player.clone(), order.ids.clone().unwrap_or_default())].into());
        }
        let (event_type, from, until) = match &order.ids {
            Some(_) => (None, None, None),
            None => (order.event_type.clone(), order.from, order.until),
        };
        let filter = EventFilter { event_type, player: None, from, until };
        let mut meant: BTreeMap<PlayerId, Vec<Uuid>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.engine.store.scan(filter.clone(), after, SCAN_EVENTS).await?;
            for one in &page {
                let is_meant = order.ids.as_ref().is_none_or(|ids| ids.contains(&one.event.id));
                if is_meant {
                    let of_player = meant.entry(one.event.player.clone()).or_default();
                    if order.ids.is_some() {
                        of_player.push(one.event.id);
                    }
                }
            }
            let Some(last) = page.last() else { return Ok(meant) };
            after = Some(last.position.clone());
        }
    }

    async fn void_of(
        &self,
        player: PlayerId,
        ids: Vec<Uuid>,
        order: &VoidOrder,
        act: Act,
    ) -> Result<Voided, OperationError> {
        let voiding = order.of_player(ids);
        let store = &self.engine.store;
        for _ in 1..PLANS_MAX {
            let plan = self.engine.plans.follow().await?;
            match store.void(plan, player.clone(), voiding.clone(), act.clone()).await {
                Err(StoreError::StalePlan) => {}
                outcome => return Ok(outcome?),
            }
        }
        Ok(store.void(self.engine.plans.follow().await?, player, voiding, act).await?)
    }
}
