//! The definition in force, its projections, and the plan they make.

use std::sync::Arc;

use rusqlite::{Connection, Row, params};
use scoreline_core::fold::{Filling, Plan, Projection, ProjectionKind, WantedProjection};
use scoreline_core::game::Definition;
use scoreline_core::id::{EventKey, ProjectionNo, Slot};
use scoreline_core::store::{Adopted, Result, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use crate::error::translate;
use crate::state::{self, begin, next_slot, outdate_plans};
use crate::statement::{execute, first, list, sql};
use crate::{rows, tournaments};

/// Puts a definition in force.
pub(crate) fn adopt(
    connection: &mut Connection,
    definition: &Arc<Definition>,
    now: Timestamp,
) -> Result<Adopted> {
    let tx = begin(connection)?;
    let mut wanted = definition.wanted_projections();
    wanted.extend(wanted_tournaments(definition, &tournaments::planned(&tx)?));
    let no_history = has_no_history(&tx)?;
    let mut changed = execute(&tx, sql!("state/define"), [&*definition.source])? > 0;
    for one in &wanted {
        changed |= want(&tx, one, no_history)?;
    }
    for projection in read_all(&tx)? {
        changed |= unwant(&tx, &projection, definition, &wanted, now)?;
    }
    if changed {
        outdate_plans(&tx)?;
    }
    let plan = read_plan(&tx, Arc::clone(definition))?;
    tx.commit().map_err(translate)?;
    let incomplete = plan
        .projections
        .iter()
        .filter(|projection| !projection.complete)
        .map(|projection| (projection.kind, Arc::clone(&projection.name)))
        .collect();
    Ok(Adopted { plan: Arc::new(plan), incomplete })
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
    let Some(tournament) = tournaments::one(tx, &projection.name)? else { return Ok(false) };
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

/// The text of the definition in force, once there is one.
pub(crate) fn definition_text(connection: &Connection) -> Result<Option<String>> {
    first(connection, sql!("state/definition"), (), |row| row.get(0))
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) fn read_plan(tx: &Connection, definition: Arc<Definition>) -> Result<Plan> {
    if definition_text(tx)?.as_deref() != Some(&*definition.source) {
        return Err(StoreError::Conflict(
            "another game definition is in force; reload it".to_owned(),
        ));
    }
    let version = state::plan_version(tx)?;
    Ok(Plan::new(version, definition, read_all(tx)?, tournaments::planned(tx)?))
}

/// Fails if the plan is outdated.
pub(crate) fn check_present(tx: &Connection, plan: &Plan) -> Result<()> {
    if state::plan_version(tx)? == plan.version { Ok(()) } else { Err(StoreError::StalePlan) }
}

/// A present plan with how far fillings have come by now. That moves with every step of a rebuild,
/// without making another plan.
pub(crate) fn with_cursors(tx: &Connection, plan: &Arc<Plan>) -> Result<Arc<Plan>> {
    if plan.projections.iter().all(|projection| projection.filling.is_none()) {
        return Ok(Arc::clone(plan));
    }
    let projections = read_all(tx)?;
    if projections == plan.projections {
        return Ok(Arc::clone(plan));
    }
    let (definition, tournaments) = (Arc::clone(&plan.definition), plan.tournaments.clone());
    Ok(Arc::new(Plan::new(plan.version, definition, projections, tournaments)))
}

/// One projection that is not retired.
pub(crate) fn one(connection: &Connection, no: ProjectionNo) -> Result<Option<Projection>> {
    Ok(read_all(connection)?.into_iter().find(|projection| projection.no == no))
}

fn read_all(connection: &Connection) -> Result<Vec<Projection>> {
    list(connection, sql!("projection/list"), (), projection)
}

fn projection(row: &Row<'_>) -> rusqlite::Result<Projection> {
    let kind = row.get_ref(1)?.as_str()?;
    let kind = ProjectionKind::from_name(kind)
        .ok_or_else(|| rows::unknown(1, "kind of projection", kind))?;
    let passed = match rows::maybe_time(row, 7)? {
        Some(time) => Some(EventKey { time, id: rows::uuid(row, 8)? }),
        None => None,
    };
    let filling_slot: Option<i64> = row.get(6)?;
    Ok(Projection {
        no: ProjectionNo(row.get(0)?),
        kind,
        name: rows::text(row, 2)?,
        fingerprint: row.get(3)?,
        slot: Slot(row.get(4)?),
        complete: row.get(5)?,
        filling: filling_slot.map(|slot| Filling { slot: Slot(slot), passed }),
    })
}
