//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::id::PlayerId;
use scoreline_core::reconcile::{Step, abandoned_fill};
use scoreline_core::store::{Award, Counts, CrashPoint, Result, StoreError, TournamentStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::Ranking;
use scoreline_core::tournament::{Closing, NewTournament, Tournament, life};

use crate::plan::{one_projection, one_tournament, tournament};
use crate::pool::Database;
use crate::projections;
use crate::rows::{self, limit};
use crate::session::{Session, View, sql};
use crate::state::{self, outdate_plans_of};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl TournamentStore for PostgresStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let prizes = serde_json::to_string(&new.prizes).expect("prize tiers are plain data");
            let values = values![
                &*new.id,
                new.series.as_deref(),
                new.name,
                new.starts_at.as_ms(),
                new.ends_at.as_ms(),
                prizes,
            ];
            if tx.execute(sql!("tournament/create"), values).await? == 0 {
                return Ok(false);
            }
            let create = Step::Create {
                wanted: new.wanted_projection(),
                complete: new.is_complete(last_receipt(&tx).await?),
                pending: false,
            };
            projections::carry_out(&tx, &[create], new.starts_at).await?;
            outdate_plans_of(&tx, &new.id).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn tournaments(&self, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
        self.read(move |session| async move {
            let values = values![limit(rows), limit(offset)];
            session.list(sql!("tournament/page"), values, tournament).await
        })
        .await
    }

    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        self.read(move |session| async move { one_tournament(&session, &id).await }).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        self.read(|session| async move {
            session.list(sql!("tournament/open"), values![], tournament).await
        })
        .await
    }

    async fn cancel_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let life::Step::Do(at) = found.cancel(now)? else { return Ok(()) };
            tx.execute(sql!("tournament/cancel"), values![&*id, at.as_ms()]).await?;
            let projection = one_projection(&tx, found.projection).await?;
            let abandoned: Vec<Step> = projection.iter().filter_map(abandoned_fill).collect();
            projections::carry_out(&tx, &abandoned, now).await?;
            outdate_plans_of(&tx, &id).await?;
            tx.commit().await.map(drop)
        })
        .await
    }

    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let ends_at = found.end(now, last_receipt(&tx).await?)?;
            tx.execute(sql!("tournament/end"), values![&*id, ends_at.as_ms()]).await?;
            outdate_plans_of(&tx, &id).await?;
            tx.commit().await.map(drop)
        })
        .await
    }

    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let life::Step::Do(sealed_at) = found.seal(now, tx.last_stamp)? else {
                return Ok(());
            };
            // On record, so that nothing is applied before it from now on.
            tx.count(Counts::default(), sealed_at).await?;
            tx.execute(sql!("tournament/seal"), values![&*id, sealed_at.as_ms()]).await?;
            outdate_plans_of(&tx, &id).await?;
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
            let (ranking, acts_seen) = rank_sealed(&database, &id).await?;
            let tx = state::begin_alone(&database).await?;
            let found = must_find(&tx, &id).await?;
            let participants = ranking.participants;
            if let Closing::Closed { participants: noted } = found.close()? {
                let participants = noted.unwrap_or(participants);
                return Ok(Award { prizes: 0, participants });
            }
            if acts(&tx).await? != acts_seen {
                let reason = "an operator changed who is ranked; the tournament is ranked again";
                return Err(StoreError::LostRace(reason.to_owned()));
            }
            let passed_over: Vec<&str> = ranking.passed_over.iter().map(PlayerId::as_str).collect();
            tx.execute(sql!("tournament/pass_over"), values![&*id, passed_over]).await?;
            let mut prizes = 0;
            for prize in found.awards(&ranking.best, now) {
                let values = values![
                    prize.id,
                    &*id,
                    prize.player.as_str(),
                    prize.rank.cast_signed(),
                    prize.coins,
                    prize.gems,
                    now.as_ms(),
                ];
                prizes += tx.execute(sql!("prize/award"), values).await?;
                database.pass(CrashPoint::PrizeWritten)?;
            }
            let values = values![&*id, now.as_ms(), participants.cast_signed()];
            tx.execute(sql!("tournament/close"), values).await?;
            outdate_plans_of(&tx, &id).await?;
            database.pass(CrashPoint::CloseWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::CloseCommitted)?;
            Ok(Award { prizes, participants })
        })
        .await
    }
}

async fn must_find(session: &Session, id: &str) -> Result<Tournament> {
    one_tournament(session, id)
        .await?
        .ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// The last receipt of all stored events.
async fn last_receipt(session: &Session) -> Result<Option<Timestamp>> {
    session.only(sql!("event/last_receipt"), values![], |row| rows::maybe_time(row, 0)).await
}

/// How many acts there were that change who is ranked, or by what.
async fn acts(session: &Session) -> Result<i64> {
    session.only(sql!("state/acts"), values![], rows::read).await
}

/// Ranks a tournament's board. The board of a sealed tournament does not change meanwhile, but for
/// acts of operators.
pub(crate) async fn rank(session: &Session, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let passed_over: Vec<PlayerId> = if tournament.closed_at.is_some() {
        let of = values![&*tournament.id];
        session.list(sql!("tournament/passed_over"), of, rows::read).await?
    } else {
        session.list(sql!("ban/on_board"), values![slot], rows::read).await?
    };
    let entries =
        session.only(sql!("board/count"), values![slot], |row| rows::count(row, 0)).await?;
    let wanted = tournament.winning_ranks().saturating_add(passed_over.len() as u64);
    let values = values![slot, wanted.cast_signed()];
    let best = session.list(sql!("board/best_players"), values, |row| rows::player(row, 0)).await?;
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
