//! The definition in force and its projections.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::{Plan, Projection, ProjectionKind, WantedProjection};
use scoreline_core::game::Definition;
use scoreline_core::store::{Adopted, ProjectionStore, Result};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use crate::plan;
use crate::rows::get;
use crate::session::{Session, Tx, View, sql};
use crate::state::{self, next_slot, outdate_plans};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl ProjectionStore for PostgresStore {
    async fn adopt(&self, definition: Arc<Definition>, now: Timestamp) -> Result<Adopted> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let mut wanted = definition.wanted_projections();
            wanted.extend(wanted_tournaments(&definition, &plan::planned(&tx).await?));
            let no_history = has_no_history(&tx).await?;
            let source = values![&*definition.source];
            let mut changed = tx.execute(sql!("state/define"), source).await? > 0;
            for one in &wanted {
                changed |= want(&tx, one, no_history).await?;
            }
            for projection in plan::projections(&tx).await? {
                changed |= unwant(&tx, &projection, &definition, &wanted, now).await?;
            }
            if changed {
                outdate_plans(&tx).await?;
            }
            let plan = plan::read(&tx, definition).await?;
            tx.commit().await?;
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
        self.read(|session| async move { plan::definition_text(&session).await }).await
    }

    async fn plan(&self, definition: Arc<Definition>) -> Result<Arc<Plan>> {
        self.write(move |database| async move {
            // Several queries, one view of the data.
            let tx = database.begin(View::Still).await?;
            let plan = plan::read(&tx, definition).await?;
            tx.commit().await?;
            Ok(Arc::new(plan))
        })
        .await
    }

    async fn plan_version(&self) -> Result<i64> {
        self.read(|session| async move { state::plan_version(&session).await }).await
    }
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
    let Some(tournament) = plan::one_tournament(tx, &projection.name).await? else {
        return Ok(false);
    };
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
