//! What core decides and a store writes: statements by name, each with its values.
//!
//! Both stores keep the statements under the same names in `queries/`, so what is written, in which order
//! and with which values, is said here once. A store carries orders out one after another in the
//! transaction in which they were decided. What answers rows, or takes lists, a store asks itself.

mod acts;
mod earlier;
mod erasures;
mod joining;
mod players;
mod projections;
mod retention;
mod tournaments;

use super::values::{Values, owned};
use crate::audit::Audited;
use crate::feed::Change;

pub(super) use earlier::receive;
pub use erasures::Gone;
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
    /// Takes a statistic from players.
    SweepStatistics,
    /// Notes up to which player a statistic is taken away.
    NoteSwept,
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
    /// Gives up entries of quarantine.
    GiveUpQuarantined,
    /// Gives up dead events.
    GiveUpDead,
    /// Forgets sessions that were ended and are over by themselves.
    ForgetEndedSessions,
    /// Ends a session.
    EndSession,
    /// Notes that a key was used.
    NoteKeyUse,
    /// Keeps the note about the clock.
    NoteClock,
    /// Notes that an id of a player who is erased is not to come in again.
    BuryAlias,
    /// Forgets which players became a player who is erased.
    ForgetMoved,
    /// Gives a prize of a player who is moved to the other.
    MovePrize,
    /// The same, as a prize without a tournament.
    DetachPrize,
    /// Keeps the prize of a place that stands apart.
    PlacePrize,
    /// Notes under the name of a place that stands apart that it was passed over.
    PassOverApart,
    /// Notes that the other was passed over where the player who is moved was.
    JoinPassedOver,
    /// Forgets that the player who is moved was passed over.
    LeavePassedOver,
    /// Gives the dead events of a player who is moved to the other.
    MoveDead,
    /// Lets a dead event be as of an earlier receipt.
    BringDeadForward,
    /// Gives the entries of the quarantine of a player who is moved to the other.
    MoveRejected,
    /// Lets those who became the player who is moved be the other.
    FollowMoved,
    /// Notes who a player has become.
    NoteMoved,
    /// Says of an entry of the review list that it is decided.
    DecideReview,
    /// Lets the copy of an event in the review list have another receipt.
    ReceiveReview,
    /// Removes an entry of the review list.
    RemoveReview,
    /// Gives the entries of the review list of a player who is moved to the other.
    MoveReviews,
    /// Gives which tickets of a player who is moved came back to the other.
    MoveTickets,
    /// Removes what is remembered of a player for rules.
    ForgetMemory,
    /// Removes which tickets of a player came back.
    ForgetTickets,
    /// Takes the secret away that a player is bound to.
    Unbind,
    /// Blocks a name, unless it is blocked.
    BlockName,
    /// Lifts the block of a name.
    UnblockName,
    /// Marks a prize revoked.
    RevokePrize,
    /// Keeps that somebody asked for a player to be erased.
    AskForErasure,
    /// Forgets that somebody asked for that.
    ForgetErasureRequest,
    /// Writes an act down that needs no more than orders.
    NoteAct,
}

/// The text of a statement in `queries/` of the crate that asks for it.
#[macro_export]
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $name, ".sql"))
    };
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
            $crate::store::Statement::SweepStatistics => $sql!("slot/sweep_statistics"),
            $crate::store::Statement::NoteSwept => $sql!("slot/note_swept"),
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
            $crate::store::Statement::GiveUpQuarantined => $sql!("quarantine/discard"),
            $crate::store::Statement::GiveUpDead => $sql!("dead/discard"),
            $crate::store::Statement::ForgetEndedSessions => $sql!("sign_out/forget"),
            $crate::store::Statement::EndSession => $sql!("sign_out/end"),
            $crate::store::Statement::NoteKeyUse => $sql!("access_key/use"),
            $crate::store::Statement::NoteClock => $sql!("clock/write"),
            $crate::store::Statement::BuryAlias => $sql!("erasure/alias"),
            $crate::store::Statement::ForgetMoved => $sql!("joining/forget"),
            $crate::store::Statement::MovePrize => $sql!("joining/prize"),
            $crate::store::Statement::DetachPrize => $sql!("joining/detach_prize"),
            $crate::store::Statement::PlacePrize => $sql!("joining/place_prize"),
            $crate::store::Statement::PassOverApart => $sql!("joining/pass_over_apart"),
            $crate::store::Statement::JoinPassedOver => $sql!("joining/passed_over"),
            $crate::store::Statement::LeavePassedOver => $sql!("joining/leave_passed_over"),
            $crate::store::Statement::MoveDead => $sql!("joining/dead"),
            $crate::store::Statement::BringDeadForward => $sql!("dead/bring_forward"),
            $crate::store::Statement::MoveRejected => $sql!("joining/rejected"),
            $crate::store::Statement::FollowMoved => $sql!("joining/follow"),
            $crate::store::Statement::NoteMoved => $sql!("joining/note"),
            $crate::store::Statement::DecideReview => $sql!("review/decide"),
            $crate::store::Statement::ReceiveReview => $sql!("review/receive"),
            $crate::store::Statement::RemoveReview => $sql!("review/remove"),
            $crate::store::Statement::MoveReviews => $sql!("joining/reviews"),
            $crate::store::Statement::MoveTickets => $sql!("joining/tickets"),
            $crate::store::Statement::ForgetMemory => $sql!("erasure/memory"),
            $crate::store::Statement::ForgetTickets => $sql!("erasure/tickets"),
            $crate::store::Statement::Unbind => $sql!("player/unbind"),
            $crate::store::Statement::BlockName => $sql!("player/block_name"),
            $crate::store::Statement::UnblockName => $sql!("player/unblock_name"),
            $crate::store::Statement::RevokePrize => $sql!("prize/revoke"),
            $crate::store::Statement::AskForErasure => $sql!("erasure/ask"),
            $crate::store::Statement::ForgetErasureRequest => $sql!("erasure/forget_request"),
            $crate::store::Statement::NoteAct => $sql!("audit/note"),
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
    pub(super) fn new(statement: Statement, values: Values<'v>) -> Self {
        Self { statement, values }
    }

    /// The order without what it borrows.
    pub(super) fn into_owned(self) -> Order<'static> {
        Order { statement: self.statement, values: owned(self.values) }
    }
}

/// What an act of an operator writes at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// What is changed.
    pub orders: Vec<Order<'static>>,
    /// Its entry in the log.
    pub audited: Audited,
    /// What nodes are told.
    pub changes: Vec<Change>,
}

/// The statements of orders, for tests.
#[cfg(test)]
fn statements(orders: &[Order<'_>]) -> Vec<Statement> {
    orders.iter().map(|order| order.statement).collect()
}
