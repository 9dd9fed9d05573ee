//! What a plan is made of: the definition in force, the projections, and the tournaments.

use std::sync::Arc;

use scoreline_core::fold::{Plan, Projection};
use scoreline_core::game::Definition;
use scoreline_core::reconcile::Retired;
use scoreline_core::store::{Result, check_in_force};
use scoreline_core::tournament::Tournament;

use crate::rows;
use crate::session::{Session, sql};
use crate::state;
use crate::value::values;

/// The text of the definition in force, once there is one.
pub(crate) async fn definition_text(session: &Session) -> Result<Option<String>> {
    session.first(sql!("state/definition"), values![], rows::read).await
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) async fn read(tx: &Session, definition: Arc<Definition>) -> Result<Plan> {
    check_in_force(definition_text(tx).await?.as_deref(), &definition)?;
    let version = state::plan_version(tx).await?;
    let plan = Plan::new(version, definition, projections(tx).await?, planned(tx).await?);
    let key: String = tx.only(sql!("ticket/key"), values![], rows::read).await?;
    Ok(plan.with_ticket_key(&key))
}

/// The projections that are not retired.
pub(crate) async fn projections(session: &Session) -> Result<Vec<Projection>> {
    session.list(sql!("projection/list"), values![], rows::read).await
}

/// The projections that are retired.
pub(crate) async fn retired(session: &Session) -> Result<Vec<Retired>> {
    session.list(sql!("projection/retired"), values![], rows::read).await
}

/// The tournaments that a plan is about: those that are not cancelled.
pub(crate) async fn planned(session: &Session) -> Result<Vec<Tournament>> {
    session.list(sql!("tournament/planned"), values![], rows::read).await
}
