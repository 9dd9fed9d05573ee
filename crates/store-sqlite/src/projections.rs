//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::store::{Adopted, ProjectionStore, Result, adopting};
use scoreline_core::time::Timestamp;

use crate::plan;
use crate::state::{self, outdate_plans};
use crate::statement::{carry_out, execute, sql, view};
use crate::store::SqliteStore;

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.change(move |tx| {
            let (kept, retired) = (plan::projections(tx)?, plan::retired(tx)?);
            let applied = state::totals(tx)?.applied;
            let is_new = execute(tx, sql!("state/define"), [&*definition.source])? > 0;
            if let Some(steps) = adopting(&definition, &kept, &retired, applied, is_new) {
                carry_out(tx, steps.iter().flat_map(|step| step.orders(now)))?;
                outdate_plans(tx, None)?;
            }
            Ok(Adopted::by(plan::read(tx, definition)?))
        })
        .await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.read(move |connection| {
            let tx = view(connection)?;
            plan::read(&tx, definition).map(Arc::new)
        })
        .await
    }
}
