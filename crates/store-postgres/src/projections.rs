//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::reconcile::{Step, reconcile};
use scoreline_core::store::{Adopted, ProjectionStore, Result};
use scoreline_core::time::Timestamp;

use crate::plan;
use crate::session::{Tx, View, sql};
use crate::state::{self, next_slot, outdate_plans};
use crate::store::PostgresStore;
use crate::value::{bind, values};

#[async_trait]
impl ProjectionStore for PostgresStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let (kept, retired) = (plan::projections(&tx).await?, plan::retired(&tx).await?);
            let has_history = state::totals(&tx).await?.applied > 0;
            let steps = reconcile(&definition.wanted_projections(), &kept, &retired, has_history);
            let source = values![&*definition.source];
            let defined = tx.execute(sql!("state/define"), source).await? > 0;
            if defined || !steps.is_empty() {
                carry_out(&tx, &steps, now).await?;
                outdate_plans(&tx).await?;
            }
            let plan = plan::read(&tx, definition).await?;
            tx.commit().await?;
            Ok(Adopted::by(plan))
        })
        .await
    }

    async fn definition(&self) -> Result<Option<String>> {
        self.read(|session| async move { plan::definition_text(&session).await }).await
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

    async fn plan_version(&self) -> Result<i64> {
        self.read(|session| async move { state::plan_version(&session).await }).await
    }
}

/// Carries out steps one by one, in their order.
pub(crate) async fn carry_out(tx: &Tx, steps: &[Step], now: Timestamp) -> Result<()> {
    for step in steps {
        match step {
            Step::Create { wanted, complete, pending } => {
                let created = bind(wanted.creation(next_slot(tx).await?, *complete, *pending));
                tx.execute(sql!("projection/create"), &created.all()).await?;
            }
            Step::Revive { no, wanted, complete, pending } => {
                let slot = next_slot(tx).await?;
                let values = values![no.0, wanted.meaning.to_text(), slot, *complete, *pending];
                tx.execute(sql!("projection/revive"), values).await?;
            }
            Step::Describe { no, wanted } => {
                let values = values![no.0, wanted.meaning.to_text()];
                tx.execute(sql!("projection/describe"), values).await?;
            }
            Step::Show { no } => {
                tx.execute(sql!("projection/show"), values![no.0]).await?;
            }
            Step::AbandonFill { no } => {
                tx.execute(sql!("slot/drop_filling"), values![no.0]).await?;
                tx.execute(sql!("projection/abandon_fill"), values![no.0]).await?;
            }
            Step::Retire { no } => {
                tx.execute(sql!("slot/drop_live"), values![no.0]).await?;
                tx.execute(sql!("projection/retire"), values![no.0, now.as_ms()]).await?;
            }
        }
    }
    Ok(())
}
