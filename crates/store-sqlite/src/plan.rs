//! What a plan is made of: the definition in force, the projections, and the tournaments.

use std::sync::Arc;

use rusqlite::{Connection, Row};
use scoreline_core::fold::{Filling, Meaning, Plan, Projection, ProjectionKind};
use scoreline_core::game::{Board, Definition, PrizeTier};
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::reconcile::Retired;
use scoreline_core::store::{Result, check_in_force};
use scoreline_core::tournament::Tournament;

use crate::statement::{first, list, sql};
use crate::{rows, state};

/// The text of the definition in force, once there is one.
pub(crate) fn definition_text(connection: &Connection) -> Result<Option<String>> {
    first(connection, sql!("state/definition"), (), |row| row.get(0))
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) fn read(tx: &Connection, definition: Arc<Definition>) -> Result<Plan> {
    check_in_force(definition_text(tx)?.as_deref(), &definition)?;
    let version = state::plan_version(tx)?;
    Ok(Plan::new(version, definition, projections(tx)?, planned(tx)?))
}

/// One projection that is not retired.
pub(crate) fn one_projection(
    connection: &Connection,
    no: ProjectionNo,
) -> Result<Option<Projection>> {
    Ok(projections(connection)?.into_iter().find(|projection| projection.no == no))
}

/// The projections that are not retired.
pub(crate) fn projections(connection: &Connection) -> Result<Vec<Projection>> {
    list(connection, sql!("projection/list"), (), projection)
}

fn projection(row: &Row<'_>) -> rusqlite::Result<Projection> {
    let filling_slot: Option<i64> = row.get(6)?;
    let kind = kind(row, 1)?;
    Ok(Projection {
        no: ProjectionNo(row.get(0)?),
        kind,
        name: rows::text(row, 2)?,
        fingerprint: row.get(3)?,
        meaning: meaning(row, 7, kind)?,
        slot: Slot(row.get(4)?),
        complete: row.get(5)?,
        pending: row.get(8)?,
        filling: filling_slot.map(|slot| Filling { slot: Slot(slot) }),
    })
}

/// The projections that are retired.
pub(crate) fn retired(connection: &Connection) -> Result<Vec<Retired>> {
    list(connection, sql!("projection/retired"), (), |row| {
        Ok(Retired {
            no: ProjectionNo(row.get(0)?),
            kind: kind(row, 1)?,
            name: rows::text(row, 2)?,
            fingerprint: row.get(3)?,
        })
    })
}

fn meaning(row: &Row<'_>, column: usize, kind: ProjectionKind) -> rusqlite::Result<Meaning> {
    let text = row.get_ref(column)?.as_str()?;
    Meaning::from_text(kind, text).map_err(|error| rows::damaged(column, error))
}

/// The kind of a projection out of a column.
pub(crate) fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<ProjectionKind> {
    let kind = row.get_ref(column)?.as_str()?;
    ProjectionKind::from_name(kind).ok_or_else(|| rows::unknown(column, "kind of projection", kind))
}

/// The tournaments that a plan is about: those that are not cancelled.
pub(crate) fn planned(connection: &Connection) -> Result<Vec<Tournament>> {
    list(connection, sql!("tournament/planned"), (), tournament)
}

/// One tournament.
pub(crate) fn one_tournament(connection: &Connection, id: &str) -> Result<Option<Tournament>> {
    first(connection, sql!("tournament/one"), [id], tournament)
}

/// A tournament out of the columns of the queries about them.
pub(crate) fn tournament(row: &Row<'_>) -> rusqlite::Result<Tournament> {
    let series: Option<String> = row.get(1)?;
    let prizes: Vec<PrizeTier> =
        serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(|error| rows::damaged(6, error))?;
    let participants: Option<i64> = row.get(12)?;
    let board = Board::from_text(row.get_ref(3)?.as_str()?);
    Ok(Tournament {
        id: rows::text(row, 0)?,
        series: series.map(Arc::from),
        name: row.get(2)?,
        board: board.map(Arc::new).map_err(|error| rows::damaged(3, error))?,
        starts_at: rows::time(row, 4)?,
        ends_at: rows::time(row, 5)?,
        prizes,
        projection: ProjectionNo(row.get(7)?),
        slot: Slot(row.get(8)?),
        cancelled_at: rows::maybe_time(row, 9)?,
        sealed_at: rows::maybe_time(row, 10)?,
        closed_at: rows::maybe_time(row, 11)?,
        participants: participants.map(i64::unsigned_abs),
    })
}
