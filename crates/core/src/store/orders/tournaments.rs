//! The life of a tournament as orders. What is decided stands in `crate::tournament::life`.

use super::{Order, Statement};
use crate::fold::Projection;
use crate::store::values::values;
use crate::store::{Award, StoreError};
use crate::time::Timestamp;
use crate::tournament::life::{Seen, Step, Transition};
use crate::tournament::{Closing, NewTournament, Prize, Ranking, Tournament, Unfit};

/// What a transition of a tournament writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// To be put on record as a time of application, so that nothing is applied before it from now on.
    pub stamp: Option<Timestamp>,
    /// The rest.
    pub orders: Vec<Order<'static>>,
}

/// What closing a tournament writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Close {
    /// Nothing: it is closed already.
    Done(Award),
    /// Its prizes, and the mark that it is closed.
    Award(Awarding),
}

/// What is written of a tournament that is closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Awarding {
    /// To be put on record as a time of application.
    pub closed_at: Timestamp,
    /// What is won.
    pub prizes: Vec<Prize>,
    /// The mark that it is closed.
    pub mark: Order<'static>,
}

impl NewTournament {
    /// What creates it.
    pub fn creation(&self) -> Order<'_> {
        let prizes = serde_json::to_string(&self.prizes).expect("prize tiers are plain data");
        let series = self.series.as_deref();
        let values = values![&*self.id, series, &self.name, self.starts_at, self.ends_at, prizes];
        Order::new(Statement::CreateTournament, values)
    }
}

impl Prize {
    /// What awards it.
    pub fn award(&self) -> Order<'_> {
        let Self { id, player, won, coins, gems, awarded_at, .. } = self;
        let tournament = won.as_ref().map(|won| &*won.tournament_id);
        let rank = won.as_ref().map(|won| won.rank.cast_signed());
        let values = values![*id, tournament, player, rank, *coins, *gems, *awarded_at];
        Order::new(Statement::AwardPrize, values)
    }
}

impl Tournament {
    /// What a transition writes; `None` if it was made before. `kept` are the projections.
    pub fn moved(
        &self,
        transition: Transition,
        now: Timestamp,
        seen: Seen,
        kept: &[Projection],
    ) -> Result<Option<Moved>, Unfit> {
        let Step::Do(at) = self.transition(transition, now, seen)? else { return Ok(None) };
        let (statement, stamp) = match transition {
            Transition::Cancel => (Statement::CancelTournament, None),
            Transition::End => (Statement::EndTournament, None),
            Transition::Seal => (Statement::SealTournament, Some(at)),
        };
        let mut orders = vec![Order::new(statement, values![self.id.to_string(), at])];
        for step in self.steps_after(transition, kept) {
            orders.extend(step.orders(now).into_iter().map(Order::into_owned));
        }
        Ok(Some(Moved { stamp, orders }))
    }

    /// What closing writes by a `ranking` that was made when there had been `acts_ranked` acts of operators
    /// that change who is ranked, where there are `acts` now.
    pub fn closing(
        &self,
        ranking: &Ranking,
        (acts_ranked, acts): (i64, i64),
        now: Timestamp,
        last_stamp: Timestamp,
    ) -> Result<Close, StoreError> {
        let participants = ranking.participants;
        if let Closing::Closed { participants: noted } = self.close()? {
            let participants = noted.unwrap_or(participants);
            return Ok(Close::Done(Award { prizes: 0, participants }));
        }
        if acts != acts_ranked {
            let reason = "an operator changed who is ranked; the tournament is ranked again";
            return Err(StoreError::LostRace(reason.to_owned()));
        }
        let closed_at = Self::closing_time(now, last_stamp);
        let values = values![self.id.to_string(), closed_at, participants];
        let mark = Order::new(Statement::CloseTournament, values);
        let prizes = self.awards(&ranking.best, now);
        Ok(Close::Award(Awarding { closed_at, prizes, mark }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::statements;
    use super::*;
    use crate::id::PlayerId;
    use crate::rank::Standing;
    use crate::tournament::sample::{at, cup};

    fn sealed() -> Tournament {
        Tournament { sealed_at: Some(at(210)), ..cup() }
    }

    fn ranking() -> Ranking {
        let standing = Standing { points: 5, reached_at: at(150) };
        Ranking::of(vec![(PlayerId::from_stored("ann"), standing)], 3, Vec::new())
    }

    #[test]
    fn only_a_seal_is_put_on_record_as_a_time_of_application() {
        let seen = Seen { last_receipt: None, last_applied: at(150) };
        let moved = |transition| {
            let moved = cup().moved(transition, at(150), seen, &[]).expect("it fits");
            let moved = moved.expect("nothing was done yet");
            (statements(&moved.orders), moved.stamp)
        };
        assert_eq!(moved(Transition::Cancel), (vec![Statement::CancelTournament], None));
        assert_eq!(moved(Transition::End), (vec![Statement::EndTournament], None));
        assert_eq!(moved(Transition::Seal), (vec![Statement::SealTournament], Some(at(151))));
        assert_eq!(sealed().moved(Transition::Seal, at(300), seen, &[]), Ok(None));
    }

    #[test]
    fn closing_awards_once_and_ranks_again_where_an_act_came_between() {
        let close =
            |tournament: Tournament, acts| tournament.closing(&ranking(), acts, at(220), at(230));
        let Ok(Close::Award(due)) = close(sealed(), (4, 4)) else { panic!("its prizes are due") };
        let Awarding { closed_at, prizes, mark } = due;
        assert_eq!((closed_at, prizes.len()), (at(231), 1));
        assert_eq!(mark.values, values!["cup", at(231), 3_u64]);
        assert!(matches!(close(sealed(), (4, 5)), Err(StoreError::LostRace(_))));
        assert!(matches!(close(cup(), (4, 4)), Err(StoreError::Unfit(_))), "it is not sealed");
        let closed = Tournament { closed_at: Some(at(220)), participants: Some(7), ..sealed() };
        let Ok(Close::Done(done)) = close(closed, (4, 5)) else { panic!("it was closed before") };
        assert_eq!(done, Award { prizes: 0, participants: 7 });
    }
}
