//! The definition in force, the projections it asks for, and the plan they make.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::values;
use crate::fold::{Plan, ProjectionKind};
use crate::game::Definition;
use crate::time::Timestamp;

/// What adopting a definition changed.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// The plan to apply by from now on.
    pub plan: Arc<Plan>,
    /// Projections that are new or have changed their meaning and do not hold history yet: their
    /// kind and name. `scoreline rebuild` fills them.
    pub incomplete: Vec<(ProjectionKind, Arc<str>)>,
}

impl Adopted {
    /// The definition is in force by this plan.
    pub fn by(plan: Plan) -> Self {
        Self { incomplete: plan.incomplete(), plan: Arc::new(plan) }
    }
}

/// Projections.
#[async_trait]
pub trait ProjectionStore: AskStore {
    /// Puts a definition in force: carries out the steps of [`crate::reconcile::reconcile`] and
    /// answers the plan. Adopting the same definition again changes nothing.
    ///
    /// A projection made while no event was ever applied is complete at once. One whose meaning
    /// changed is shown, and goes on counting, until its successor is complete. A retired projection
    /// loses its rows; asking for it again brings it back, incomplete. Tournaments keep the
    /// projection they were created with.
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted>;

    /// The text of the definition in force; `None` before the first.
    async fn definition(&self) -> Result<Option<String>> {
        asking::first(self, Question::Definition, values![]).await
    }

    /// The plan as of now, for `definition`, which must be the one in force: conflict otherwise.
    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>>;

    /// The version of the present plan. It grows with every change of the definition, the
    /// tournaments or the projections; cheap enough to ask every second.
    async fn plan_version(&self) -> Result<i64> {
        asking::only(self, Question::PlanVersion, values![]).await
    }
}
