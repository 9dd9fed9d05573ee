//! What is written of one player when their events are folded anew.

use super::{Order, Statement};
use crate::fold::Rewrite;
use crate::id::PlayerId;
use crate::store::values::values;

impl Rewrite {
    /// What brings the rows of a player to this.
    pub fn orders<'v>(&self, player: &'v PlayerId) -> Vec<Order<'v>> {
        let put = |(board, row): &(_, crate::fold::PlayerRow)| {
            Order::new(Statement::PutBoardEntry, row.put(*board, player))
        };
        let mut orders: Vec<Order<'v>> = self.boards.iter().map(put).collect();
        orders.extend(self.statistics.as_ref().map(|statistics| {
            if statistics.is_empty() {
                return Order::new(Statement::RemoveStatistics, values![player]);
            }
            let (slots, amounts): (Vec<i64>, Vec<i64>) =
                statistics.iter().map(|(slot, amount)| (slot.0, amount)).unzip();
            Order::new(Statement::PutStatistics, values![player, slots, amounts])
        }));
        orders
    }
}

#[cfg(test)]
mod tests {
    use super::super::statements;
    use super::*;
    use crate::fold::PlayerStatistics;

    #[test]
    fn statistics_that_nothing_is_left_of_are_removed_and_unchanged_ones_are_not_written() {
        let ann = PlayerId::from_stored("ann");
        let unchanged = Rewrite::default();
        assert_eq!(unchanged.orders(&ann), []);
        let gone = Rewrite { statistics: Some(PlayerStatistics::default()), ..Rewrite::default() };
        assert_eq!(statements(&gone.orders(&ann)), [Statement::RemoveStatistics]);
    }
}
