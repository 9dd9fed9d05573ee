//! Which projections a rebuild fills from history.

use crate::fold::{Plan, Projection, ProjectionKind};
use crate::operations::{OperationError, RebuildScope};
use crate::suggestion::did_you_mean;

/// The projections of `plan` that `scope` asks for and that history can fill, in the order of the
/// plan. A name that nothing has is invalid, one that cannot be filled a conflict.
pub fn chosen(plan: &Plan, scope: &RebuildScope) -> Result<Vec<Projection>, OperationError> {
    if let RebuildScope::Named(names) = scope {
        for name in names {
            check_name(plan, name)?;
        }
    }
    let is_wanted = |projection: &&Projection| match scope {
        RebuildScope::Incomplete => projection.is_incomplete(),
        RebuildScope::All => !is_closed(plan, projection),
        RebuildScope::Named(names) => names.iter().any(|name| **name == *projection.name),
    };
    Ok(fillable(plan).filter(is_wanted).cloned().collect())
}

/// The rebuilds that an earlier process left unfinished.
pub fn interrupted(plan: &Plan) -> Vec<Projection> {
    fillable(plan).filter(|projection| projection.filling.is_some()).cloned().collect()
}

/// The boards of tournaments that are not closed and do not hold their history: of those created
/// while their time was running.
pub fn unfilled_tournaments(plan: &Plan) -> impl Iterator<Item = &Projection> {
    fillable(plan).filter(|projection| {
        projection.kind == ProjectionKind::Tournament
            && projection.is_incomplete()
            && !is_closed(plan, projection)
    })
}

/// A former projection is not filled: its successor is, and takes its place.
fn fillable(plan: &Plan) -> impl Iterator<Item = &Projection> {
    plan.projections
        .iter()
        .filter(|projection| !plan.is_former(projection) && plan.can_recompute(projection))
}

fn check_name(plan: &Plan, name: &str) -> Result<(), OperationError> {
    if fillable(plan).any(|projection| *projection.name == *name) {
        return Ok(());
    }
    if plan.projections.iter().any(|projection| *projection.name == *name) {
        return Err(OperationError::TournamentCancelled(name.to_owned()));
    }
    let names = fillable(plan).map(|projection| &*projection.name);
    let hint = did_you_mean(name, names).map(|hint| format!(" ({hint})")).unwrap_or_default();
    let reason = format!("{name:?} is no board, tournament or statistic{hint}");
    Err(OperationError::Invalid { field: "names", reason })
}

fn is_closed(plan: &Plan, projection: &Projection) -> bool {
    projection.kind == ProjectionKind::Tournament
        && plan.tournaments.iter().any(|one| one.id == projection.name && one.closed_at.is_some())
}
