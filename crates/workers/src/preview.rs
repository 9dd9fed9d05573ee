//! What putting a definition file in force would change: reads the file and the store, and changes
//! neither. A running server asks this for its operators, and the command line where none runs.

use std::path::Path;
use std::sync::Arc;

use scoreline_core::fold::{COARSE_GRAIN_MS, FIGURES, Plan, ProjectionKind};
use scoreline_core::game::{Definition, choose};
use scoreline_core::operations::OperationError;
use scoreline_core::reload::{Change, RECENT_DAYS, Stored, preview};
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::Timestamp;

use crate::definition_file;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What would change if the definition in `file` took the place of that of `plan` at `now`. If it
/// is the definition of another game, that is one of the changes.
pub async fn preview_definition(
    store: &dyn Store,
    plan: &Plan,
    file: Option<&Path>,
    now: Timestamp,
) -> Result<Vec<Change>, OperationError> {
    let definition = chosen_definition(store, file, true).await?;
    let stored = stored(store, plan, &definition, now).await?;
    Ok(preview(plan, &definition, &stored, now))
}

/// The definition to go on with: that in `file`, or without one that of the store.
pub(crate) async fn chosen_definition(
    store: &dyn Store,
    file: Option<&Path>,
    replace_game: bool,
) -> Result<Arc<Definition>, OperationError> {
    let given = definition_file::read(file).await?;
    let chosen = choose(store.definition().await?.as_deref(), given, replace_game)?;
    Ok(Arc::clone(chosen.definition()))
}

/// What a preview has to know of the data.
async fn stored(
    store: &dyn Store,
    plan: &Plan,
    definition: &Definition,
    now: Timestamp,
) -> Result<Stored, StoreError> {
    let mut stored = Stored { has_history: store.totals().await?.applied > 0, ..Stored::default() };
    // Figures are read for event types that are gone only: usually there are none.
    if plan.definition.events.keys().all(|name| definition.events.contains_key(name)) {
        return Ok(stored);
    }
    let figures = plan.projection(ProjectionKind::Figures, FIGURES);
    let slot = figures.expect("every plan has the figures").slot;
    let from = now.plus_ms(-RECENT_DAYS * DAY_MS);
    for row in store.figures(slot, COARSE_GRAIN_MS, from).await? {
        *stored.recent.entry(row.event_type).or_default() += row.figure.events.unsigned_abs();
    }
    Ok(stored)
}
