//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{
    Award, Close, Counts, CrashPoint, Result, StoreError, TournamentStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::{Seen, Transition};
use scoreline_core::tournament::{NewTournament, Ranking, Tournament};

use crate::pool::Database;
use crate::session::{Session, View, sql};
use crate::state::{self, outdate_plans};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{plan, rows};

#[async_trait]
impl TournamentStore for PostgresStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            if tx.carry_out([new.creation()]).await? == 0 {
                return Ok(false);
            }
            let first = new.first_step(last_receipt(&tx).await?);
            tx.carry_out(first.orders(new.starts_at)).await?;
            outdate_plans(&tx, Some(&new.id)).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn move_tournament(
        &self,
        id: Arc<str>,
        transition: Transition,
        now: Timestamp,
    ) -> Result<()> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let last_receipt = last_receipt(&tx).await?;
            let seen = Seen { last_receipt, last_applied: tx.begun.last_stamp };
            let kept = plan::projections(&tx).await?;
            let Some(moved) = found.moved(transition, now, seen, &kept)? else { return Ok(()) };
            if let Some(at) = moved.stamp {
                tx.count(Counts::default(), at).await?;
            }
            tx.carry_out(moved.orders).await?;
            outdate_plans(&tx, Some(&id)).await?;
            database.pass(CrashPoint::SealWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::SealCommitted)
        })
        .await
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        self.write(move |database| async move {
            // Ranking a large board takes a second; others go on meanwhile, because a sealed board
            // rests.
            let (ranking, acts_ranked) = rank_sealed(&database, &id).await?;
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let acts = (acts_ranked, acts(&tx).await?);
            let close = found.closing(&ranking, acts, now, tx.begun.last_stamp)?;
            let due = match close {
                Close::Done(award) => return Ok(award),
                Close::Award(due) => due,
            };
            let passed_over: Vec<&str> = ranking.passed_over.iter().map(PlayerId::as_str).collect();
            tx.execute(sql!("tournament/pass_over"), values![&*id, passed_over]).await?;
            let mut prizes = 0;
            for prize in &due.prizes {
                prizes += tx.carry_out([prize.award()]).await?;
                database.pass(CrashPoint::PrizeWritten)?;
            }
            tx.count(Counts::default(), due.closed_at).await?;
            tx.carry_out([due.mark]).await?;
            outdate_plans(&tx, Some(&id)).await?;
            database.pass(CrashPoint::CloseWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::CloseCommitted)?;
            Ok(Award { prizes, participants: ranking.participants })
        })
        .await
    }
}

async fn one(session: &Session, id: &str) -> Result<Option<Tournament>> {
    session.first(sql!("tournament/one"), values![id], rows::read).await
}

async fn must_find(session: &Session, id: &str) -> Result<Tournament> {
    let found = one(session, id).await?;
    found.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// The last receipt of all stored events.
async fn last_receipt(session: &Session) -> Result<Option<Timestamp>> {
    session.only(sql!("event/last_receipt"), values![], rows::read).await
}

/// How many acts there were that change who is ranked, or by what.
async fn acts(session: &Session) -> Result<i64> {
    session.only(sql!("state/acts"), values![], rows::read).await
}

/// Ranks a tournament's board. The board of a sealed tournament does not change meanwhile, but for
/// acts of operators.
pub(crate) async fn rank(session: &Session, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let is_closed = tournament.closed_at.is_some();
    let passed_over: Vec<PlayerId> = session
        .list(sql!("tournament/passed_over"), values![&*tournament.id, slot, is_closed], rows::read)
        .await?;
    let entries = session.only(sql!("board/count"), values![slot], rows::read).await?;
    let values = values![slot, tournament.ranks_read(&passed_over)];
    let best = session.list(sql!("board/best_players"), values, rows::read).await?;
    Ok(Ranking::of(best, entries, passed_over))
}

/// A tournament that is sealed, with its final ranking.
async fn rank_sealed(database: &Database, id: &str) -> Result<(Ranking, i64)> {
    // Several queries, one view of the data.
    let tx = database.begin_long(View::Still).await?;
    let found = must_find(&tx, id).await?;
    found.close()?;
    let ranking = (rank(&tx, &found).await?, acts(&tx).await?);
    tx.commit().await?;
    Ok(ranking)
}
