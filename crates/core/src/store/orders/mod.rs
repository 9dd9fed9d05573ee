//! What core decides and a store writes: statements by name, each with its values.
//!
//! Both stores keep the statements under the same names in `queries/`, so what is written, in which order
//! and with which values, is said here once. A store carries orders out one after another in the
//! transaction in which they were decided. What answers rows, or takes lists, a store asks itself.

mod erasures;
mod players;
mod projections;
mod retention;
mod tournaments;

use super::values::{Value, Values};

pub use projections::{Sweeping, adopting, finish_fill};
pub use retention::remove_figures;
pub use tournaments::{Close, Moved};

/// A statement that answers no rows. [`statement_text`](crate::statement_text) says where its text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// Takes a slot that was never used before.
    TakeSlot,
    /// Makes a projection in the slot that was taken last.
    CreateProjection,
    /// Brings a retired projection back, in the slot that was taken last.
    ReviveProjection,
    /// Writes down anew what a projection means.
    DescribeProjection,
    /// Shows a projection that was pending.
    ShowProjection,
    /// Ends a fill before its time.
    AbandonFill,
    /// Puts the slot that was filled in place of the live one.
    FinishFill,
    /// Retires a projection.
    RetireProjection,
    /// Leaves the live slot of a projection to be swept.
    DropLive,
    /// Leaves the slot that a projection is filled in to be swept.
    DropFilling,
    /// Copies the entries of a board.
    CopyBoard,
    /// Copies a statistic.
    CopyStatistics,
    /// Copies figures.
    CopyFigures,
    /// Copies who was counted in figures.
    CopyFigurePlayers,
    /// Copies players' states.
    CopyAnalytics,
    /// Copies counters.
    CopyAnalyticsCounters,
    /// Removes entries of a board.
    SweepBoard,
    /// Removes figures.
    SweepFigures,
    /// Removes who was counted in figures.
    SweepFigurePlayers,
    /// Removes players' states.
    SweepAnalytics,
    /// Removes counters.
    SweepAnalyticsCounters,
    /// Removes figures that are too old.
    RemoveFigures,
    /// Removes who was counted in figures that are too old.
    RemoveFigurePlayers,
    /// Creates a tournament, unless there is one of its id.
    CreateTournament,
    /// Marks a tournament cancelled.
    CancelTournament,
    /// Moves a tournament's end.
    EndTournament,
    /// Marks a tournament sealed.
    SealTournament,
    /// Marks a tournament closed.
    CloseTournament,
    /// Awards a prize, unless the player has one of the tournament.
    AwardPrize,
    /// Puts an entry of a board in place of what is there.
    PutBoardEntry,
    /// Puts a player's statistics in place of what is there.
    PutStatistics,
    /// Removes a player's statistics.
    RemoveStatistics,
    /// Lets the placeholder take over the places of a player who is erased.
    KeepPlaces,
    /// Removes the entries of a player who is erased.
    EraseEntries,
    /// Removes what analytics keep of a player who is erased.
    EraseAnalytics,
    /// Removes which events of a player who is erased were voided.
    EraseVoids,
    /// Removes the prizes that operators gave to a player who is erased.
    EraseAwards,
    /// Lets the placeholder take over that a player who is erased was passed over.
    ErasePassedOver,
    /// Takes out of the log of acts who a player was who is erased.
    EraseActs,
    /// Notes that a player is to be erased.
    RequestErasure,
    /// Notes how many events of a player who is erased are gone.
    NoteErased,
    /// Lets the placeholder take over a prize of a player who is erased.
    ErasePrize,
    /// Ends an erasure.
    FinishErasure,
}

/// The text of a [`Statement`], by the macro of a store that reads a file of `queries/`.
#[macro_export]
macro_rules! statement_text {
    ($statement:expr, $sql:ident) => {
        match $statement {
            $crate::store::Statement::TakeSlot => $sql!("state/take_slot"),
            $crate::store::Statement::CreateProjection => $sql!("projection/create"),
            $crate::store::Statement::ReviveProjection => $sql!("projection/revive"),
            $crate::store::Statement::DescribeProjection => $sql!("projection/describe"),
            $crate::store::Statement::ShowProjection => $sql!("projection/show"),
            $crate::store::Statement::AbandonFill => $sql!("projection/abandon_fill"),
            $crate::store::Statement::FinishFill => $sql!("projection/finish_fill"),
            $crate::store::Statement::RetireProjection => $sql!("projection/retire"),
            $crate::store::Statement::DropLive => $sql!("slot/drop_live"),
            $crate::store::Statement::DropFilling => $sql!("slot/drop_filling"),
            $crate::store::Statement::CopyBoard => $sql!("slot/copy_board"),
            $crate::store::Statement::CopyStatistics => $sql!("slot/copy_statistics"),
            $crate::store::Statement::CopyFigures => $sql!("slot/copy_figures"),
            $crate::store::Statement::CopyFigurePlayers => $sql!("slot/copy_figure_players"),
            $crate::store::Statement::CopyAnalytics => $sql!("slot/copy_analytics"),
            $crate::store::Statement::CopyAnalyticsCounters => {
                $sql!("slot/copy_analytics_counters")
            }
            $crate::store::Statement::SweepBoard => $sql!("slot/sweep_board"),
            $crate::store::Statement::SweepFigures => $sql!("slot/sweep_figures"),
            $crate::store::Statement::SweepFigurePlayers => $sql!("slot/sweep_figure_players"),
            $crate::store::Statement::SweepAnalytics => $sql!("slot/sweep_analytics"),
            $crate::store::Statement::SweepAnalyticsCounters => {
                $sql!("slot/sweep_analytics_counters")
            }
            $crate::store::Statement::RemoveFigures => $sql!("retention/remove_figures"),
            $crate::store::Statement::RemoveFigurePlayers => {
                $sql!("retention/remove_figure_players")
            }
            $crate::store::Statement::CreateTournament => $sql!("tournament/create"),
            $crate::store::Statement::CancelTournament => $sql!("tournament/cancel"),
            $crate::store::Statement::EndTournament => $sql!("tournament/end"),
            $crate::store::Statement::SealTournament => $sql!("tournament/seal"),
            $crate::store::Statement::CloseTournament => $sql!("tournament/close"),
            $crate::store::Statement::AwardPrize => $sql!("prize/award"),
            $crate::store::Statement::PutBoardEntry => $sql!("board/put"),
            $crate::store::Statement::PutStatistics => $sql!("statistic/put"),
            $crate::store::Statement::RemoveStatistics => $sql!("statistic/remove"),
            $crate::store::Statement::KeepPlaces => $sql!("erasure/keep_places"),
            $crate::store::Statement::EraseEntries => $sql!("erasure/entries"),
            $crate::store::Statement::EraseAnalytics => $sql!("erasure/analytics"),
            $crate::store::Statement::EraseVoids => $sql!("erasure/voids"),
            $crate::store::Statement::EraseAwards => $sql!("erasure/awards"),
            $crate::store::Statement::ErasePassedOver => $sql!("erasure/passed_over"),
            $crate::store::Statement::EraseActs => $sql!("erasure/acts"),
            $crate::store::Statement::RequestErasure => $sql!("erasure/request"),
            $crate::store::Statement::NoteErased => $sql!("erasure/note_removed"),
            $crate::store::Statement::ErasePrize => $sql!("erasure/prize"),
            $crate::store::Statement::FinishErasure => $sql!("erasure/finish"),
        }
    };
}

/// A statement to be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Order<'v> {
    /// Which.
    pub statement: Statement,
    /// Its values, in its order.
    pub values: Values<'v>,
}

impl<'v> Order<'v> {
    fn new(statement: Statement, values: Values<'v>) -> Self {
        Self { statement, values }
    }

    /// The order without what it borrows.
    fn into_owned(self) -> Order<'static> {
        let values = self.values.into_iter().map(Value::into_owned).collect();
        Order { statement: self.statement, values }
    }
}

/// The statements of orders, for tests.
#[cfg(test)]
fn statements(orders: &[Order<'_>]) -> Vec<Statement> {
    orders.iter().map(|order| order.statement).collect()
}
