//! The definition in force, its projections, and the plan they make.

use std::sync::Arc;

use scoreline_core::fold::{Filling, Plan, Projection, ProjectionKind, WantedProjection};
use scoreline_core::game::Definition;
use scoreline_core::id::{EventKey, ProjectionNo, Slot};
use scoreline_core::store::{Adopted, Result, StoreError};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;
use tokio_postgres::Row;

use crate::pool::Database;
use crate::rows::{self, get};
use crate::session::{Session, Tx, sql};
use crate::state::{self, next_slot, outdate_plans};
use crate::tournaments;
use crate::value::values;

/// Puts a definition in force.
pub(crate) async fn adopt(
    database: &Database,
    definition: &Arc<Definition>,
    now: Timestamp,
) -> Result<Adopted> {
    let tx = state::begin_alone(database).await?;
    let mut wanted = definition.wanted_projections();
    wanted.extend(wanted_tournaments(definition, &tournaments::planned(&tx).await?));
    let no_history = has_no_history(&tx).await?;
    let mut changed = tx.execute(sql!("state/define"), values![&*definition.source]).await? > 0;
    for one in &wanted {
        changed |= want(&tx, one, no_history).await?;
    }
    for projection in read_all(&tx).await? {
        changed |= unwant(&tx, &projection, definition, &wanted, now).await?;
    }
    if changed {
        outdate_plans(&tx).await?;
    }
    let plan = read_plan(&tx, Arc::clone(definition)).await?;
    tx.commit().await?;
    let incomplete = plan
        .projections
        .iter()
        .filter(|projection| !projection.complete)
        .map(|projection| (projection.kind, Arc::clone(&projection.name)))
        .collect();
    Ok(Adopted { plan: Arc::new(plan), incomplete })
}

/// Whether nothing was ever applied: then every projection holds all of history.
async fn has_no_history(tx: &Session) -> Result<bool> {
    Ok(state::totals(tx).await?.applied == 0)
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
pub(crate) async fn want(tx: &Tx, wanted: &WantedProjection, complete: bool) -> Result<bool> {
    let WantedProjection { kind, name, fingerprint } = wanted;
    let key = values![kind.as_str(), &**name, *fingerprint];
    let found: Option<(i64, bool)> =
        tx.first(sql!("projection/find"), key, |row| Ok((get(row, 0)?, get(row, 1)?))).await?;
    match found {
        Some((_, false)) => return Ok(false),
        Some((no, true)) => {
            // Its rows missed what came since: it starts over in a slot of its own.
            tx.execute(sql!("slot/drop_live"), values![no]).await?;
            let slot = next_slot(tx).await?;
            tx.execute(sql!("projection/revive"), values![no, slot, complete]).await?;
        }
        None => {
            let slot = next_slot(tx).await?;
            let values = values![kind.as_str(), &**name, *fingerprint, slot, complete];
            tx.execute(sql!("projection/create"), values).await?;
        }
    }
    Ok(true)
}

/// Lets go of a projection that the definition no longer asks for. Answers whether that changed
/// anything.
async fn unwant(
    tx: &Tx,
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
        return leave_as_it_is(tx, projection, definition).await;
    }
    abandon_fill(tx, projection).await?;
    tx.execute(sql!("projection/retire"), values![projection.no.0, now.as_ms()]).await?;
    Ok(true)
}

/// A tournament is never without a projection: where its board no longer says what it counts, it
/// keeps the standings it has. If it was still running, events go by from now on that it misses.
async fn leave_as_it_is(tx: &Tx, projection: &Projection, definition: &Definition) -> Result<bool> {
    let Some(tournament) = tournaments::one(tx, &projection.name).await? else { return Ok(false) };
    let board = definition.boards.get(&tournament.board);
    if board.is_some_and(|board| board.tournament_fingerprint() == projection.fingerprint) {
        return Ok(false);
    }
    let mut changed = abandon_fill(tx, projection).await?;
    let is_open = tournament.sealed_at.is_none() && tournament.cancelled_at.is_none();
    if is_open && projection.complete && !has_no_history(tx).await? {
        tx.execute(sql!("projection/outdate"), values![projection.no.0]).await?;
        changed = true;
    }
    Ok(changed)
}

/// Ends a fill that can no longer come to its end. Answers whether there was one.
pub(crate) async fn abandon_fill(tx: &Tx, projection: &Projection) -> Result<bool> {
    if projection.filling.is_none() {
        return Ok(false);
    }
    tx.execute(sql!("slot/drop_filling"), values![projection.no.0]).await?;
    tx.execute(sql!("projection/abandon_fill"), values![projection.no.0]).await?;
    Ok(true)
}

/// The text of the definition in force, once there is one.
pub(crate) async fn definition_text(session: &Session) -> Result<Option<String>> {
    session.first(sql!("state/definition"), values![], |row| get(row, 0)).await
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) async fn read_plan(tx: &Session, definition: Arc<Definition>) -> Result<Plan> {
    if definition_text(tx).await?.as_deref() != Some(&*definition.source) {
        return Err(StoreError::Conflict(
            "another game definition is in force; reload it".to_owned(),
        ));
    }
    let version = state::plan_version(tx).await?;
    Ok(Plan::new(version, definition, read_all(tx).await?, tournaments::planned(tx).await?))
}

/// Fails if the plan is outdated.
pub(crate) async fn check_present(tx: &Session, plan: &Plan) -> Result<()> {
    if state::plan_version(tx).await? == plan.version { Ok(()) } else { Err(StoreError::StalePlan) }
}

/// A present plan with how far fillings have come by now. That moves with every step of a rebuild,
/// without making another plan.
pub(crate) async fn with_cursors(tx: &Session, plan: &Arc<Plan>) -> Result<Arc<Plan>> {
    if plan.projections.iter().all(|projection| projection.filling.is_none()) {
        return Ok(Arc::clone(plan));
    }
    let projections = read_all(tx).await?;
    if projections == plan.projections {
        return Ok(Arc::clone(plan));
    }
    let (definition, tournaments) = (Arc::clone(&plan.definition), plan.tournaments.clone());
    Ok(Arc::new(Plan::new(plan.version, definition, projections, tournaments)))
}

/// One projection that is not retired.
pub(crate) async fn one(session: &Session, no: ProjectionNo) -> Result<Option<Projection>> {
    Ok(read_all(session).await?.into_iter().find(|projection| projection.no == no))
}

async fn read_all(session: &Session) -> Result<Vec<Projection>> {
    session.list(sql!("projection/list"), values![], projection).await
}

fn projection(row: &Row) -> Result<Projection> {
    let kind = kind(row, 1)?;
    let passed = match rows::maybe_time(row, 7)? {
        Some(time) => Some(EventKey { time, id: get(row, 8)? }),
        None => None,
    };
    let filling_slot: Option<i64> = get(row, 6)?;
    Ok(Projection {
        no: ProjectionNo(get(row, 0)?),
        kind,
        name: rows::text(row, 2)?,
        fingerprint: get(row, 3)?,
        slot: Slot(get(row, 4)?),
        complete: get(row, 5)?,
        filling: filling_slot.map(|slot| Filling { slot: Slot(slot), passed }),
    })
}

/// The kind of a projection out of a column.
pub(crate) fn kind(row: &Row, column: usize) -> Result<ProjectionKind> {
    let kind: &str = get(row, column)?;
    ProjectionKind::from_name(kind).ok_or_else(|| rows::unknown("kind of projection", kind))
}
