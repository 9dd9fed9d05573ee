//! Questions that one statement answers, by name, with values, read as rows; and orders that need no more than
//! a transaction of their own.
//!
//! Both stores keep the statements under the same names in `queries/`, so which is asked, with which values
//! and what its rows mean is said once, in the default methods of the traits beside this file. What is read
//! by the thousand or on the way of every request, a store answers itself.

use async_trait::async_trait;
use uuid::Uuid;

use super::orders::Order;
use super::rows::{Columns, Stored};
use super::values::{Values, owned};
use super::{Cell, Page, Result, StoreError};
use crate::limits::PAGE_BYTES_MAX;

/// A statement that answers rows. [`question_text`](crate::question_text) says where its text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The newest events.
    Recent,
    /// The newest events of a player.
    RecentOfPlayer,
    /// The definition in force.
    Definition,
    /// The version of the present plan.
    PlanVersion,
    /// Access keys.
    Keys,
    /// A page of the log of acts.
    Audit,
    /// Blocked names.
    BlockedNames,
    /// Who is called so.
    Bearers,
    /// Whose names begin like this.
    CalledLike,
    /// Whose ids begin like this.
    KnownLike,
    /// The names of players.
    Names,
    /// Players whose sessions were revoked.
    Revocations,
    /// Bans, and their lack.
    Bans,
    /// The ban of a player.
    BanInForce,
    /// Bans that are over.
    BansOver,
    /// A page of dead events.
    Dead,
    /// How many dead events there are.
    DeadCount,
    /// Dead events by what they have in common.
    DeadGroups,
    /// The newest dead event.
    NewestDead,
    /// A page of quarantine.
    Quarantine,
    /// How many entries there are in quarantine.
    QuarantineCount,
    /// Entries of quarantine by what they have in common.
    QuarantineGroups,
    /// The newest entry of quarantine.
    NewestQuarantined,
    /// A player's entries on boards.
    EntriesOf,
    /// The periods of a board.
    Periods,
    /// What analytics keep of a player.
    AnalyticsOf,
    /// Counts since the database was made.
    Totals,
    /// The note about the clock.
    ClockNote,
    /// A page of tournaments.
    Tournaments,
    /// One tournament.
    Tournament,
    /// Tournaments that are not over.
    OpenTournaments,
    /// The prizes of a tournament.
    PrizesOf,
    /// Prizes of a player that wait to be claimed.
    PendingPrizes,
    /// All prizes of a player.
    PrizeHistory,
    /// A player's prizes in numbers.
    PrizeStatistics,
    /// Players who are being erased.
    PendingErasures,
    /// How far the erasure of a player is.
    Erasure,
    /// The job that erases whoever has a tombstone.
    ErasureOf,
    /// The key of tombstones.
    ErasureKey,
    /// The tombstones of erased players.
    Tombstones,
    /// Who a player has become.
    MovedTo,
    /// Whether a session was ended.
    IsSessionEnded,
    /// How much is in quarantine.
    QuarantineMeasure,
    /// How many dead events there are, and of how many bytes.
    DeadMeasure,
    /// Removes entries of quarantine, and answers which.
    QuarantineLetGo,
    /// Removes dead events, and answers which.
    DeadLetGo,
    /// A page of the review list: what waits.
    Reviews,
    /// A page of the review list: what is decided.
    DecidedReviews,
    /// Whose entries of the review list are.
    Reviewed,
    /// The events of a player that wait for review.
    WaitingOf,
    /// Players of whom something waits for review.
    PlayersInReview,
    /// Whether somebody asked for a player to be erased.
    IsErasureAsked,
    /// For whom that was asked.
    ErasureRequests,
}

/// The text of a [`Question`], by the macro of a store that reads a file of `queries/`.
#[macro_export]
macro_rules! question_text {
    ($question:expr, $sql:ident) => {
        match $question {
            $crate::store::Question::Recent => $sql!("event/recent"),
            $crate::store::Question::RecentOfPlayer => $sql!("event/recent_player"),
            $crate::store::Question::Definition => $sql!("state/definition"),
            $crate::store::Question::PlanVersion => $sql!("state/version"),
            $crate::store::Question::Keys => $sql!("access_key/list"),
            $crate::store::Question::Audit => $sql!("audit/page"),
            $crate::store::Question::BlockedNames => $sql!("player/blocked_names"),
            $crate::store::Question::Bearers => $sql!("player/bearers"),
            $crate::store::Question::CalledLike => $sql!("player/called_like"),
            $crate::store::Question::KnownLike => $sql!("player/known_like"),
            $crate::store::Question::Names => $sql!("player/names"),
            $crate::store::Question::Revocations => $sql!("player/revocations"),
            $crate::store::Question::Bans => $sql!("ban/page"),
            $crate::store::Question::BanInForce => $sql!("ban/in_force"),
            $crate::store::Question::BansOver => $sql!("ban/over"),
            $crate::store::Question::Dead => $sql!("dead/page"),
            $crate::store::Question::DeadCount => $sql!("dead/count"),
            $crate::store::Question::DeadGroups => $sql!("dead/groups"),
            $crate::store::Question::NewestDead => $sql!("dead/newest"),
            $crate::store::Question::Quarantine => $sql!("quarantine/page"),
            $crate::store::Question::QuarantineCount => $sql!("quarantine/count"),
            $crate::store::Question::QuarantineGroups => $sql!("quarantine/groups"),
            $crate::store::Question::NewestQuarantined => $sql!("quarantine/newest"),
            $crate::store::Question::EntriesOf => $sql!("board/entries_of"),
            $crate::store::Question::Periods => $sql!("board/periods"),
            $crate::store::Question::AnalyticsOf => $sql!("analytics/parts_of"),
            $crate::store::Question::Totals => $sql!("state/totals"),
            $crate::store::Question::ClockNote => $sql!("clock/read"),
            $crate::store::Question::Tournaments => $sql!("tournament/page"),
            $crate::store::Question::Tournament => $sql!("tournament/one"),
            $crate::store::Question::OpenTournaments => $sql!("tournament/open"),
            $crate::store::Question::PrizesOf => $sql!("prize/of_tournament"),
            $crate::store::Question::PendingPrizes => $sql!("prize/pending"),
            $crate::store::Question::PrizeHistory => $sql!("prize/history"),
            $crate::store::Question::PrizeStatistics => $sql!("prize/statistics"),
            $crate::store::Question::PendingErasures => $sql!("erasure/pending"),
            $crate::store::Question::Erasure => $sql!("erasure/one"),
            $crate::store::Question::ErasureOf => $sql!("erasure/job_of"),
            $crate::store::Question::ErasureKey => $sql!("erasure/key"),
            $crate::store::Question::Tombstones => $sql!("erasure/tombstones"),
            $crate::store::Question::MovedTo => $sql!("joining/moved_to"),
            $crate::store::Question::IsSessionEnded => $sql!("sign_out/is_ended"),
            $crate::store::Question::QuarantineMeasure => $sql!("quarantine/measure"),
            $crate::store::Question::DeadMeasure => $sql!("dead/measure"),
            $crate::store::Question::QuarantineLetGo => $sql!("quarantine/let_go"),
            $crate::store::Question::DeadLetGo => $sql!("dead/let_go"),
            $crate::store::Question::Reviews => $sql!("review/page"),
            $crate::store::Question::DecidedReviews => $sql!("review/decided"),
            $crate::store::Question::Reviewed => $sql!("review/reviewed"),
            $crate::store::Question::WaitingOf => $sql!("review/waiting_of"),
            $crate::store::Question::PlayersInReview => $sql!("review/players"),
            $crate::store::Question::IsErasureAsked => $sql!("erasure/is_asked"),
            $crate::store::Question::ErasureRequests => $sql!("erasure/requests"),
        }
    };
}

impl Question {
    /// After how many bytes its answer is cut: events may be large, and are read page by page.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Dead
            | Self::Quarantine
            | Self::Reviews
            | Self::DecidedReviews
            | Self::WaitingOf => PAGE_BYTES_MAX,
            _ => usize::MAX,
        }
    }
}

/// A row of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(pub Vec<Cell>);

/// Answering questions, and carrying out orders.
#[async_trait]
pub trait AskStore: Send + Sync + 'static {
    /// All rows that answer a question, until they hold [`Question::bytes_max`].
    async fn ask(&self, question: Question, values: Values<'static>) -> Result<Vec<Answer>>;

    /// Carries orders out one after another, all of them or none.
    async fn order(&self, orders: Vec<Order<'static>>) -> Result<()>;
}

/// What all rows of an answer are.
pub(super) async fn list<T: Stored>(
    store: &(impl AskStore + ?Sized),
    question: Question,
    values: Values<'_>,
) -> Result<Vec<T>> {
    store.ask(question, owned(values)).await?.iter().map(|row| T::read(row, 0)).collect()
}

/// A page of an answer, of which at most `rows` were asked for.
pub(super) async fn page<T: Stored, C>(
    store: &(impl AskStore + ?Sized),
    question: Question,
    values: Values<'_>,
    rows: usize,
    cursor: impl FnOnce(&T) -> C,
) -> Result<Page<T, C>> {
    let answers = store.ask(question, owned(values)).await?;
    let bytes: usize = answers.iter().map(Answer::bytes).sum();
    let is_cut = answers.len() >= rows || bytes >= question.bytes_max();
    let rows: Vec<T> = answers.iter().map(|row| T::read(row, 0)).collect::<Result<_>>()?;
    let next = rows.last().filter(|_| is_cut).map(cursor);
    Ok(Page { rows, next })
}

/// What the first row of an answer is, if there is one.
pub(super) async fn first<T: Stored>(
    store: &(impl AskStore + ?Sized),
    question: Question,
    values: Values<'_>,
) -> Result<Option<T>> {
    Ok(list(store, question, values).await?.into_iter().next())
}

/// What the row of an answer is that always has one.
pub(super) async fn only<T: Stored>(
    store: &(impl AskStore + ?Sized),
    question: Question,
    values: Values<'_>,
) -> Result<T> {
    let found = first(store, question, values).await?;
    found.ok_or_else(|| StoreError::Unusable("a row that always exists is missing".to_owned()))
}

impl Answer {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let of_cell = |cell: &Cell| match cell {
            Cell::Text(text) => text.len(),
            Cell::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        self.0.iter().map(of_cell).sum()
    }

    fn cell(&self, column: usize) -> Result<&Cell> {
        self.0.get(column).ok_or_else(|| self.damaged(column, "there is no such column".to_owned()))
    }

    fn unlike(&self, column: usize, wanted: &str) -> StoreError {
        self.damaged(column, format!("{wanted} is wanted, and {:?} is there", self.0.get(column)))
    }
}

impl Columns for Answer {
    type Error = StoreError;

    fn integer(&self, column: usize) -> Result<i64> {
        self.maybe_integer(column)?.ok_or_else(|| self.unlike(column, "a number"))
    }

    fn maybe_integer(&self, column: usize) -> Result<Option<i64>> {
        match self.cell(column)? {
            Cell::Integer(number) => Ok(Some(*number)),
            Cell::Empty => Ok(None),
            _ => Err(self.unlike(column, "a number")),
        }
    }

    fn truth(&self, column: usize) -> Result<bool> {
        self.integer(column).map(|number| number != 0)
    }

    fn text(&self, column: usize) -> Result<&str> {
        self.maybe_text(column)?.ok_or_else(|| self.unlike(column, "a text"))
    }

    fn maybe_text(&self, column: usize) -> Result<Option<&str>> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(Some(text)),
            Cell::Empty => Ok(None),
            _ => Err(self.unlike(column, "a text")),
        }
    }

    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        match self.cell(column)? {
            Cell::Bytes(bytes) => Ok(Some(bytes)),
            Cell::Empty => Ok(None),
            _ => Err(self.unlike(column, "bytes")),
        }
    }

    fn uuid(&self, column: usize) -> Result<Uuid> {
        self.maybe_uuid(column)?.ok_or_else(|| self.unlike(column, "an id"))
    }

    fn maybe_uuid(&self, column: usize) -> Result<Option<Uuid>> {
        let id = |bytes| Uuid::from_slice(bytes).map_err(|_| self.unlike(column, "an id"));
        self.maybe_bytes(column)?.map(id).transpose()
    }

    fn integers(&self, column: usize) -> Result<Vec<i64>> {
        serde_json::from_str(self.text(column)?).map_err(|_| self.unlike(column, "numbers"))
    }

    fn damaged(&self, column: usize, reason: String) -> StoreError {
        let row = "a row holds what no version of Scoreline writes";
        StoreError::Unusable(format!("column {column}: {reason}: {row}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_cell_of_another_kind_is_damage_and_an_empty_one_is_a_lack() {
        let id = Uuid::from_u128(7);
        let row = Answer(vec![
            Cell::Integer(1),
            Cell::Text("ann".to_owned()),
            Cell::Empty,
            Cell::Bytes(id.as_bytes().to_vec()),
            Cell::Text("[3,-4]".to_owned()),
        ]);
        assert!(row.truth(0).expect("a truth"));
        assert_eq!(row.time(0).expect("a time"), Timestamp::from_stored_ms(1));
        assert_eq!(row.text(1).expect("a text"), "ann");
        assert_eq!(row.uuid(3).expect("an id"), id);
        assert_eq!(row.integers(4).expect("numbers"), [3, -4]);
        assert_eq!(row.maybe_integer(2).expect("a lack"), None);
        assert_eq!(row.maybe_text(2).expect("a lack"), None);
        assert_eq!(row.maybe_uuid(2).expect("a lack"), None);
        for wrong in [row.integer(1), row.integer(2), row.integer(9)] {
            let told = wrong.expect_err("is no number").to_string();
            assert!(told.contains("column"), "{told}");
        }
        row.text(0).expect_err("a number");
        row.uuid(1).expect_err("a text");
    }
}
