//! The plan in force, shared by everything that applies events.
//!
//! A plan is outdated as soon as the definition, a tournament or a rebuild changes, here or in
//! another process; the store says so and nothing is written. Whoever hears it asks here for the
//! next plan and tries again. Changes of the plan are made one at a time, so an older one can never
//! take the place of a newer one.

use std::sync::Arc;

use arc_swap::ArcSwap;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::store::{Adopted, Store, StoreError};
use scoreline_core::time::Timestamp;
use tokio::sync::Mutex;

/// How often one piece of work asks for another plan before it gives up. The plan changes a few
/// times a minute at most, so more in a row means that something else is wrong.
pub(crate) const STALE_PLANS_MAX: u32 = 16;

/// The plan in force.
pub struct PlanHandle {
    store: Arc<dyn Store>,
    current: ArcSwap<Plan>,
    changing: Mutex<()>,
}

impl PlanHandle {
    /// Puts `definition` in force and starts with its plan.
    pub async fn adopt_first(
        store: Arc<dyn Store>,
        definition: Arc<Definition>,
        now: Timestamp,
    ) -> Result<(Self, Adopted), StoreError> {
        let adopted = store.adopt(definition, now).await?;
        let current = ArcSwap::from(Arc::clone(&adopted.plan));
        Ok((Self { store, current, changing: Mutex::new(()) }, adopted))
    }

    /// The plan in force, as far as is known here.
    pub fn current(&self) -> Arc<Plan> {
        self.current.load_full()
    }

    /// Puts another definition in force.
    pub async fn adopt(
        &self,
        definition: Arc<Definition>,
        now: Timestamp,
    ) -> Result<Adopted, StoreError> {
        let _changing = self.changing.lock().await;
        let adopted = self.store.adopt(definition, now).await?;
        self.current.store(Arc::clone(&adopted.plan));
        Ok(adopted)
    }

    /// Answers the plan that follows `outdated`.
    pub async fn after(&self, outdated: &Plan) -> Result<Arc<Plan>, StoreError> {
        let _changing = self.changing.lock().await;
        let current = self.current();
        // Somebody else fetched it while this caller waited for its turn.
        if current.version != outdated.version {
            return Ok(current);
        }
        let plan = match self.store.plan(Arc::clone(&current.definition)).await {
            // Another node has put another definition in force.
            Err(StoreError::AnotherDefinition) => {
                self.store.plan(self.stored_definition().await?).await?
            }
            answer => answer?,
        };
        if plan.definition.source != current.definition.source {
            tracing::info!(
                "another node has put another game definition in force; it holds here too"
            );
        }
        self.current.store(Arc::clone(&plan));
        Ok(plan)
    }

    async fn stored_definition(&self) -> Result<Arc<Definition>, StoreError> {
        let text =
            self.store.definition().await?.ok_or_else(|| {
                StoreError::NotFound("a game definition in the database".to_owned())
            })?;
        let definition = Definition::parse(&text).map_err(|mistakes| {
            StoreError::Unusable(format!(
                "the game definition in force is not valid for this version: {}",
                mistakes[0]
            ))
        })?;
        Ok(Arc::new(definition))
    }

    /// Fetches the plan if the store has another one. Answers the one in force.
    pub async fn follow(&self) -> Result<Arc<Plan>, StoreError> {
        let current = self.current();
        if self.store.plan_version().await? == current.version {
            return Ok(current);
        }
        self.after(&current).await
    }
}
