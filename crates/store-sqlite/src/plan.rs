//! What a plan is made of: the definition in force, the projections, and the tournaments.

use std::sync::Arc;

use rusqlite::Connection;
use scoreline_core::fold::{Plan, Projection};
use scoreline_core::game::Definition;
use scoreline_core::reconcile::Retired;
use scoreline_core::store::{Result, check_in_force};
use scoreline_core::tournament::Tournament;

use crate::state;
use crate::statement::{first, list, only, sql};

/// The text of the definition in force, once there is one.
pub(crate) fn definition_text(connection: &Connection) -> Result<Option<String>> {
    first(connection, sql!("state/definition"), ())
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) fn read(tx: &Connection, definition: Arc<Definition>) -> Result<Plan> {
    check_in_force(definition_text(tx)?.as_deref(), &definition)?;
    let version = state::plan_version(tx)?;
    let plan = Plan::new(version, definition, projections(tx)?, planned(tx)?);
    Ok(plan.with_ticket_key(&only::<String>(tx, sql!("ticket/key"), ())?))
}

/// The projections that are not retired.
pub(crate) fn projections(connection: &Connection) -> Result<Vec<Projection>> {
    list(connection, sql!("projection/list"), ())
}

/// The projections that are retired.
pub(crate) fn retired(connection: &Connection) -> Result<Vec<Retired>> {
    list(connection, sql!("projection/retired"), ())
}

/// The tournaments that a plan is about: those that are not cancelled.
pub(crate) fn planned(connection: &Connection) -> Result<Vec<Tournament>> {
    list(connection, sql!("tournament/planned"), ())
}
