//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::reconcile::{Step, reconcile};
use scoreline_core::store::{Adopted, ProjectionStore, Result};
use scoreline_core::time::Timestamp;

use crate::plan;
use crate::state::{self, next_slot, outdate_plans};
use crate::statement::{bind, execute, sql, view};
use crate::store::SqliteStore;

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.change(move |tx| {
            let (kept, retired) = (plan::projections(tx)?, plan::retired(tx)?);
            let has_history = state::totals(tx)?.applied > 0;
            let steps = reconcile(&definition.wanted_projections(), &kept, &retired, has_history);
            let defined = execute(tx, sql!("state/define"), [&*definition.source])? > 0;
            if defined || !steps.is_empty() {
                carry_out(tx, &steps, now)?;
                outdate_plans(tx)?;
            }
            Ok(Adopted::by(plan::read(tx, definition)?))
        })
        .await
    }

    async fn definition(&self) -> Result<Option<String>> {
        self.read(|connection| plan::definition_text(connection)).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.read(move |connection| {
            let tx = view(connection)?;
            plan::read(&tx, definition).map(Arc::new)
        })
        .await
    }

    async fn plan_version(&self) -> Result<i64> {
        self.read(|connection| state::plan_version(connection)).await
    }
}

/// Carries out steps one by one, in their order.
pub(crate) fn carry_out(tx: &Connection, steps: &[Step], now: Timestamp) -> Result<()> {
    for step in steps {
        match step {
            Step::Create { wanted, complete, pending } => {
                let values = wanted.creation(next_slot(tx)?, *complete, *pending);
                execute(tx, sql!("projection/create"), bind(values))?;
            }
            Step::Revive { no, wanted, complete, pending } => {
                let (text, slot) = (wanted.meaning.to_text(), next_slot(tx)?);
                let values = params![no.0, text, slot, complete, pending];
                execute(tx, sql!("projection/revive"), values)?;
            }
            Step::Describe { no, wanted } => {
                let text = wanted.meaning.to_text();
                execute(tx, sql!("projection/describe"), params![no.0, text])?;
            }
            Step::Show { no } => {
                execute(tx, sql!("projection/show"), [no.0])?;
            }
            Step::AbandonFill { no } => {
                execute(tx, sql!("slot/drop_filling"), [no.0])?;
                execute(tx, sql!("projection/abandon_fill"), [no.0])?;
            }
            Step::Retire { no } => {
                execute(tx, sql!("slot/drop_live"), [no.0])?;
                execute(tx, sql!("projection/retire"), params![no.0, now.as_ms()])?;
            }
        }
    }
    Ok(())
}
