//! What a plan is made of: the definition in force, the projections, and the tournaments.

use std::sync::Arc;

use scoreline_core::fold::{Filling, Meaning, Plan, Projection, ProjectionKind};
use scoreline_core::game::{Board, Definition, PrizeTier};
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::reconcile::Retired;
use scoreline_core::store::{Result, check_in_force};
use scoreline_core::tournament::Tournament;
use tokio_postgres::Row;

use crate::rows::{self, get};
use crate::session::{Session, sql};
use crate::state;
use crate::value::values;

/// The text of the definition in force, once there is one.
pub(crate) async fn definition_text(session: &Session) -> Result<Option<String>> {
    session.first(sql!("state/definition"), values![], |row| get(row, 0)).await
}

/// The plan as of now. Reads more than once, so it needs a transaction around it.
pub(crate) async fn read(tx: &Session, definition: Arc<Definition>) -> Result<Plan> {
    check_in_force(definition_text(tx).await?.as_deref(), &definition)?;
    let version = state::plan_version(tx).await?;
    Ok(Plan::new(version, definition, projections(tx).await?, planned(tx).await?))
}

/// One projection that is not retired.
pub(crate) async fn one_projection(
    session: &Session,
    no: ProjectionNo,
) -> Result<Option<Projection>> {
    Ok(projections(session).await?.into_iter().find(|projection| projection.no == no))
}

/// The projections that are not retired.
pub(crate) async fn projections(session: &Session) -> Result<Vec<Projection>> {
    session.list(sql!("projection/list"), values![], projection).await
}

fn projection(row: &Row) -> Result<Projection> {
    let filling_slot: Option<i64> = get(row, 6)?;
    let kind = kind(row, 1)?;
    Ok(Projection {
        no: ProjectionNo(get(row, 0)?),
        kind,
        name: rows::text(row, 2)?,
        fingerprint: get(row, 3)?,
        meaning: Meaning::from_text(kind, get(row, 7)?)?,
        slot: Slot(get(row, 4)?),
        complete: get(row, 5)?,
        pending: get(row, 8)?,
        filling: filling_slot.map(|slot| Filling { slot: Slot(slot) }),
    })
}

/// The projections that are retired.
pub(crate) async fn retired(session: &Session) -> Result<Vec<Retired>> {
    let retired = session.list(sql!("projection/retired"), values![], |row| {
        Ok(Retired {
            no: ProjectionNo(get(row, 0)?),
            kind: kind(row, 1)?,
            name: rows::text(row, 2)?,
            fingerprint: get(row, 3)?,
        })
    });
    retired.await
}

/// The kind of a projection out of a column.
pub(crate) fn kind(row: &Row, column: usize) -> Result<ProjectionKind> {
    let kind: &str = get(row, column)?;
    ProjectionKind::from_name(kind).ok_or_else(|| rows::unknown("kind of projection", kind))
}

/// The tournaments that a plan is about: those that are not cancelled.
pub(crate) async fn planned(session: &Session) -> Result<Vec<Tournament>> {
    session.list(sql!("tournament/planned"), values![], tournament).await
}

/// One tournament.
pub(crate) async fn one_tournament(session: &Session, id: &str) -> Result<Option<Tournament>> {
    session.first(sql!("tournament/one"), values![id], tournament).await
}

/// A tournament out of the columns of the queries about them.
pub(crate) fn tournament(row: &Row) -> Result<Tournament> {
    let series: Option<String> = get(row, 1)?;
    let prizes: Vec<PrizeTier> = serde_json::from_str(get(row, 6)?).map_err(rows::damaged)?;
    let participants: Option<i64> = get(row, 12)?;
    Ok(Tournament {
        id: rows::text(row, 0)?,
        series: series.map(Arc::from),
        name: get(row, 2)?,
        board: Arc::new(Board::from_text(get(row, 3)?)?),
        starts_at: rows::time(row, 4)?,
        ends_at: rows::time(row, 5)?,
        prizes,
        projection: ProjectionNo(get(row, 7)?),
        slot: Slot(get(row, 8)?),
        cancelled_at: rows::maybe_time(row, 9)?,
        sealed_at: rows::maybe_time(row, 10)?,
        closed_at: rows::maybe_time(row, 11)?,
        participants: participants.map(i64::unsigned_abs),
    })
}
