//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{Plan, Projection, ProjectionKind, WantedProjection};
use scoreline_core::game::Definition;
use scoreline_core::store::{Adopted, ProjectionStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use crate::error::translate;
use crate::plan;
use crate::state::{self, next_slot, outdate_plans};
use crate::statement::{begin, execute, first, sql, view};
use crate::store::SqliteStore;

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let mut wanted = definition.wanted_projections();
            wanted.extend(wanted_tournaments(&definition, &plan::planned(&tx)?));
            let no_history = has_no_history(&tx)?;
            let mut changed = execute(&tx, sql!("state/define"), [&*definition.source])? > 0;
            for one in &wanted {
                changed |= want(&tx, one, no_history)?;
            }
            for projection in plan::projections(&tx)? {
                changed |= unwant(&tx, &projection, &definition, &wanted, now)?;
            }
            if changed {
                outdate_plans(&tx)?;
            }
            let plan = plan::read(&tx, definition)?;
            tx.commit().map_err(translate)?;
            let incomplete = plan
                .projections
                .iter()
                .filter(|projection| !projection.complete)
                .map(|projection| (projection.kind, Arc::clone(&projection.name)))
                .collect();
            Ok(Adopted { plan: Arc::new(plan), incomplete })
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

/// Whether nothing was ever applied: then every projection holds all of history.
fn has_no_history(tx: &Connection) -> Result<bool> {
    Ok(state::totals(tx)?.applied == 0)
}

/// The projections of the tournaments that still gain something, as their boards now mean them.
fn wanted_tournaments(
    definition: &Definition,
    tournaments: &[Tournament],
) -> impl Iterator<Item = WantedProjection> {
    let open = tournaments.iter().filter(|tournament| tournament.sealed_at.is_none());
    open.filter_map(|tournament| {
        let board = definition.boards.get(&tournament.board)?;
        Some(WantedProjection {
            kind: ProjectionKind::Tournament,
            name: Arc::clone(&tournament.id),
            fingerprint: board.tournament_fingerprint(),
        })
    })
}

/// Makes sure that a projection exists. Answers whether that changed anything.
pub(crate) fn want(tx: &Connection, wanted: &WantedProjection, complete: bool) -> Result<bool> {
    let WantedProjection { kind, name, fingerprint } = wanted;
    let key = params![kind.as_str(), &**name, fingerprint];
    let found: Option<(i64, bool)> =
        first(tx, sql!("projection/find"), key, |row| Ok((row.get(0)?, row.get(1)?)))?;
    match found {
        Some((_, false)) => return Ok(false),
        Some((no, true)) => {
            // Its rows missed what came since: it starts over in a slot of its own.
            execute(tx, sql!("slot/drop_live"), [no])?;
            execute(tx, sql!("projection/revive"), params![no, next_slot(tx)?, complete])?;
        }
        None => {
            let values = params![kind.as_str(), &**name, fingerprint, next_slot(tx)?, complete];
            execute(tx, sql!("projection/create"), values)?;
        }
    }
    Ok(true)
}

/// Lets go of a projection that the definition no longer asks for. Answers whether that changed
/// anything.
fn unwant(
    tx: &Connection,
    projection: &Projection,
    definition: &Definition,
    wanted: &[WantedProjection],
    now: Timestamp,
) -> Result<bool> {
    let mut of_its_name =
        wanted.iter().filter(|one| one.kind == projection.kind && one.name == projection.name);
    if of_its_name.clone().any(|one| one.fingerprint == projection.fingerprint) {
        return Ok(false);
    }
    if projection.kind == ProjectionKind::Tournament && of_its_name.next().is_none() {
        return leave_as_it_is(tx, projection, definition);
    }
    abandon_fill(tx, projection)?;
    execute(tx, sql!("projection/retire"), params![projection.no.0, now.as_ms()])?;
    Ok(true)
}

/// A tournament is never without a projection: where its board no longer says what it counts, it
/// keeps the standings it has. If it was still running, events go by from now on that it misses.
fn leave_as_it_is(
    tx: &Connection,
    projection: &Projection,
    definition: &Definition,
) -> Result<bool> {
    let Some(tournament) = plan::one_tournament(tx, &projection.name)? else { return Ok(false) };
    let board = definition.boards.get(&tournament.board);
    if board.is_some_and(|board| board.tournament_fingerprint() == projection.fingerprint) {
        return Ok(false);
    }
    let mut changed = abandon_fill(tx, projection)?;
    let is_open = tournament.sealed_at.is_none() && tournament.cancelled_at.is_none();
    if is_open && projection.complete && !has_no_history(tx)? {
        execute(tx, sql!("projection/outdate"), [projection.no.0])?;
        changed = true;
    }
    Ok(changed)
}

/// Ends a fill that can no longer come to its end. Answers whether there was one.
pub(crate) fn abandon_fill(tx: &Connection, projection: &Projection) -> Result<bool> {
    if projection.filling.is_none() {
        return Ok(false);
    }
    execute(tx, sql!("slot/drop_filling"), [projection.no.0])?;
    execute(tx, sql!("projection/abandon_fill"), [projection.no.0])?;
    Ok(true)
}
