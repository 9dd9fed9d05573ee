//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::store::{Adopted, ProjectionStore, Result, adopting};
use scoreline_core::time::Timestamp;

use crate::plan;
use crate::session::{View, sql};
use crate::state::{self, outdate_plans};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl ProjectionStore for PostgresStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let (kept, retired) = (plan::projections(&tx).await?, plan::retired(&tx).await?);
            let applied = state::totals(&tx).await?.applied;
            let source = values![&*definition.source];
            let is_new = tx.execute(sql!("state/define"), source).await? > 0;
            if let Some(steps) = adopting(&definition, &kept, &retired, applied, is_new) {
                tx.carry_out(steps.iter().flat_map(|step| step.orders(now))).await?;
                outdate_plans(&tx, None).await?;
            }
            let plan = plan::read(&tx, definition).await?;
            tx.commit().await?;
            Ok(Adopted::by(plan))
        })
        .await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.write(move |database| async move {
            // Several queries, one view of the data.
            let tx = database.begin(View::Still).await?;
            let plan = plan::read(&tx, definition).await?;
            tx.commit().await?;
            Ok(Arc::new(plan))
        })
        .await
    }
}
