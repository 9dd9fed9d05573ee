//! What is written when a player is moved to another id.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Order, Statement};
use crate::event::Event;
use crate::fold::{JoinedRows, PlayerRow};
use crate::id::{BoardKey, PlayerId};
use crate::joining::Joining;
use crate::review::ReviewNo;
use crate::store::values::values;
use crate::time::Timestamp;
use crate::tournament::Prize;

impl Joining {
    /// What brings the rows of both to what is joined. Those of the player who is moved go.
    pub(in crate::store) fn rows(&self, joined: &JoinedRows) -> Vec<Order<'static>> {
        let (player, placeholder) = (&self.player, self.placeholder());
        let put = |owner: &PlayerId, rows: &[(BoardKey, PlayerRow)]| -> Vec<Order<'static>> {
            let put = |(board, row): &(BoardKey, PlayerRow)| {
                Order::new(Statement::PutBoardEntry, row.put(*board, owner)).into_owned()
            };
            rows.iter().map(put).collect()
        };
        let gone =
            [Statement::EraseEntries, Statement::EraseAnalytics, Statement::RemoveStatistics];
        let mut orders: Vec<Order<'static>> =
            gone.map(|one| Order::new(one, values![player]).into_owned()).into();
        orders.extend(joined.rewrite.orders(&self.to).into_iter().map(Order::into_owned));
        orders.extend(put(&self.to, &joined.baselines));
        orders.extend(put(&placeholder, &joined.apart));
        orders
    }

    /// What becomes of prizes, of which some are `apart`: their places are not the other's. There the prize stays
    /// in the tournament as one that nobody can claim, and what was won is the other's as if given by hand.
    pub(in crate::store) fn prizes(
        &self,
        all: &[Prize],
        apart: &[&Prize],
        at: Timestamp,
    ) -> Vec<Order<'static>> {
        let mut orders = Vec::new();
        for prize in all {
            let values = values![prize.id, &self.to];
            if !apart.iter().any(|one| one.id == prize.id) {
                orders.push(Order::new(Statement::MovePrize, values).into_owned());
                continue;
            }
            orders.push(Order::new(Statement::DetachPrize, values).into_owned());
            let Some(won) = &prize.won else { continue };
            let placeholder = self.placeholder();
            let id = Prize::id_of(&won.tournament_id, &placeholder);
            let (tournament, rank) = (&*won.tournament_id, won.rank);
            let mut values = values![id, tournament, &placeholder, rank, prize.coins, prize.gems];
            values.extend(values![prize.awarded_at, at]);
            orders.push(Order::new(Statement::PlacePrize, values).into_owned());
        }
        orders
    }

    /// What becomes of the review list, of which some entries are `gone` and others are refused, as their events do not
    /// count any more; of the tickets that came back; and of what is remembered for rules: it is forgotten.
    pub(in crate::store) fn reviews(
        &self,
        gone: Vec<ReviewNo>,
        refused: Vec<ReviewNo>,
        at: Timestamp,
    ) -> Vec<Order<'static>> {
        let Self { player, to, .. } = self;
        let both = |statement| Order::new(statement, values![player, to]).into_owned();
        let of_moved = |statement| Order::new(statement, values![player]).into_owned();
        let remove = |no: ReviewNo| Order::new(Statement::RemoveReview, values![no.0]);
        let refuse = |no: ReviewNo| {
            let values = values![no.0, at, false, None::<String>];
            Order::new(Statement::DecideReview, values)
        };
        let gone = gone.into_iter().map(remove);
        let mut orders: Vec<Order<'static>> = gone.chain(refused.into_iter().map(refuse)).collect();
        orders.extend([
            both(Statement::MoveReviews),
            both(Statement::MoveTickets),
            of_moved(Statement::ForgetTickets),
            of_moved(Statement::ForgetMemory),
        ]);
        orders
    }

    /// The dead, the quarantine, who was passed over by the tournaments that stand apart and by others, and the
    /// note that everybody obeys from now on.
    pub(in crate::store) fn rest(
        &self,
        apart: &BTreeSet<Arc<str>>,
        at: Timestamp,
    ) -> Vec<Order<'static>> {
        let Self { player, to, .. } = self;
        let placeholder = self.placeholder();
        let stands_apart = apart.iter().map(|tournament| {
            let values = values![&**tournament, player, &placeholder];
            Order::new(Statement::PassOverApart, values).into_owned()
        });
        let both = |statement| Order::new(statement, values![player, to]).into_owned();
        let mut orders: Vec<Order<'static>> = stands_apart.collect();
        orders.extend([
            both(Statement::JoinPassedOver),
            Order::new(Statement::LeavePassedOver, values![player]).into_owned(),
            both(Statement::MoveDead),
            both(Statement::MoveRejected),
            both(Statement::FollowMoved),
            Order::new(Statement::NoteMoved, values![player, to, at]).into_owned(),
        ]);
        orders
    }
}

impl Event {
    /// Lets the dead event of this key be as of the receipt of this copy of it.
    pub(in crate::store) fn bring_dead_forward(&self) -> Order<'static> {
        let (received_at, counted_at) = (self.received_at, self.stored_counted_at());
        let values = values![&self.player, self.id, self.time, received_at, counted_at];
        Order::new(Statement::BringDeadForward, values).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::statements;
    use super::*;
    use crate::tournament::Win;

    #[test]
    fn what_was_won_at_a_place_that_stands_apart_is_given_by_hand_and_the_place_keeps_a_prize() {
        let player = PlayerId::from_stored("ann");
        let (to, id) = (PlayerId::from_stored("bob"), Uuid::from_u128(7));
        let joining = Joining { player: player.clone(), to, id, dry_run: false };
        let prize = |id: u128, won| Prize {
            id: Uuid::from_u128(id),
            won,
            player: player.clone(),
            coins: 5,
            gems: 1,
            awarded_at: Timestamp::EPOCH,
            claimed_at: None,
            revoked_at: None,
        };
        let won =
            Win { tournament_id: Arc::from("cup"), tournament_name: "Cup".to_owned(), rank: 2 };
        let all = [prize(1, Some(won)), prize(2, None)];
        let at = Timestamp::EPOCH.plus_ms(9);
        let orders = joining.prizes(&all, &[&all[0]], at);
        let expected = [Statement::DetachPrize, Statement::PlacePrize, Statement::MovePrize];
        assert_eq!(statements(&orders), expected);
        let placeholder = joining.placeholder();
        let id = Prize::id_of("cup", &placeholder);
        let mut values = values![id, "cup", &placeholder, 2_u64, 5_i64, 1_i64];
        values.extend(values![Timestamp::EPOCH, at]);
        assert_eq!(orders[1].values, values);
    }
}
