//! Reading tournaments: one by its id, the one that runs, and lists of them.
//!
//! While the database is away, those that this node has planned by are known, and of others nothing
//! can be told.

use std::sync::Arc;

use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::operations::Operations;
use scoreline_core::store::TournamentStore;
use scoreline_core::time::Clock;
use scoreline_core::tournament::{Tournament, TournamentStatus};

use crate::database::Database;
use crate::problem::{Problem, Slug};

/// Reads tournaments.
pub struct Tournaments {
    /// Holds them.
    pub(crate) store: Arc<dyn TournamentStore>,
    /// Knows those that this node plans by.
    pub(crate) operations: Arc<dyn Operations>,
    /// Tells which status one has.
    pub(crate) clock: Arc<dyn Clock>,
    /// Knows whether the store is away.
    pub(crate) database: Arc<Database>,
}

impl Tournaments {
    /// A tournament by its id; `None` if there is none.
    pub async fn find(&self, id: &str) -> Result<Option<Tournament>, Problem> {
        if let Some(found) = self.database.ask(self.store.tournament(Arc::from(id))).await? {
            return Ok(found);
        }
        match self.planned().into_iter().find(|one| *one.id == *id) {
            Some(known) => Ok(Some(known)),
            None => Err(Problem::new(Slug::Unavailable, "the database is away; try again")),
        }
    }

    /// The tournament that runs now. One that an operator made comes before those of a series: it is
    /// what players are invited to.
    pub async fn current(&self) -> Result<Option<Tournament>, Problem> {
        let open = match self.database.ask(self.store.open_tournaments()).await? {
            Some(open) => open,
            None => self.planned(),
        };
        let now = self.clock.now();
        let active = open.into_iter().filter(|one| one.status_at(now) == TournamentStatus::Active);
        Ok(active.min_by_key(|one| (one.series.is_some(), one.ends_at)))
    }

    /// The tournaments that this node plans by.
    fn planned(&self) -> Vec<Tournament> {
        let plan = self.operations.plan();
        plan.tournaments.iter().filter(|one| one.closed_at.is_none()).cloned().collect()
    }

    /// A page of the tournaments of a status, or of all, the latest start first.
    pub async fn page(
        &self,
        status: Option<TournamentStatus>,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Tournament>, Problem> {
        let Some(status) = status else { return Ok(self.store.tournaments(offset, limit).await?) };
        // What status one has depends on the time, so the store cannot filter by it; there are few.
        let now = self.clock.now();
        let wanted = offset.saturating_add(limit);
        let (mut found, mut seen) = (Vec::new(), 0);
        while found.len() < wanted {
            let some = self.store.tournaments(seen, OPERATOR_PAGE_MAX).await?;
            seen += some.len();
            let is_last = some.len() < OPERATOR_PAGE_MAX;
            found.extend(some.into_iter().filter(|one| one.status_at(now) == status));
            if is_last {
                break;
            }
        }
        Ok(found.into_iter().skip(offset).take(limit).collect())
    }
}
