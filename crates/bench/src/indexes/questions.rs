//! The questions asked with an index and without it: those of a server to its store, by the same
//! statements.

use std::sync::Arc;

use scoreline_core::fold::{COARSE_GRAIN_MS, FIGURES, Plan, ProjectionKind};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::BOARD_PAGE_DEFAULT;
use scoreline_core::review::{ReviewFilter, ReviewNo};
use scoreline_core::store::{
    DeadFilter, DeadNo, EventFilter, QuarantineFilter, QuarantineNo, Store, Text,
};
use scoreline_core::time::Timestamp;
use scoreline_traffic::players::player_id;

use super::DAY_MS;
use super::trial::TrialSizes;
use crate::error::{Error, Result};
/// A name that nobody has been given in a trial: to find that out takes as long as to find one.
const NAME: &str = "Nobody";
/// Rows of a page that operators and players look at.
const PAGE: usize = 100;

/// Indexes that are taken away together, and what is asked of them.
pub struct Group {
    /// The indexes.
    pub indexes: &'static [&'static str],
    /// Whether events can be applied without them, so that their price can be told.
    pub is_written: bool,
    /// The questions.
    pub questions: &'static [Question],
}

impl Group {
    /// The names of the indexes, as a page shows them.
    pub fn names(&self) -> String {
        let quoted: Vec<String> = self.indexes.iter().map(|index| format!("`{index}`")).collect();
        quoted.join(", ")
    }
}

/// A question.
pub struct Question {
    /// What it is about.
    pub family: Family,
    /// What is asked.
    pub what: What,
    /// The same in words.
    pub text: &'static str,
}

/// Kinds of questions, each with the factor by which an index must make them faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Aggregation,
    Board,
    Prizes,
    Failed,
    History,
    Operating,
}

impl Family {
    /// The kind in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Aggregation => "events by type and time",
            Self::Board => "leaderboard page",
            Self::Prizes => "prizes",
            Self::Failed => "failed events",
            Self::History => "player history",
            Self::Operating => "operating",
        }
    }

    /// The factor that is expected, where one is.
    pub fn expected(self) -> Option<f64> {
        match self {
            Self::Aggregation => Some(5.0),
            Self::Board | Self::Prizes => Some(3.0),
            Self::Failed | Self::History | Self::Operating => None,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum What {
    FiguresOfADay,
    RecentEvents,
    RecentEventsOfPlayer,
    EventsOfPlayerByTime,
    RowsOfAPage,
    PendingPrizes,
    PrizeHistory,
    PrizesOfTournament,
    Tournaments,
    Dead,
    Quarantined,
    Changes,
    BearersOfAName,
    NamesOfOtherRules,
    NamesThatBeginSo,
    GroupsOfQuarantine,
    Reviews,
    WaitingOfPlayer,
    PlayersInReview,
}

/// Every index that is not there for the sake of uniqueness alone.
pub const GROUPS: &[Group] = &[
    group(
        &["figures_pkey", "figure_players_pkey"],
        false,
        &[question(Family::Aggregation, What::FiguresOfADay, "figures of a day by hour and type")],
    ),
    group(
        &["events_pkey"],
        false,
        &[
            question(Family::History, What::RecentEventsOfPlayer, "the last events of a player"),
            question(Family::History, What::EventsOfPlayerByTime, "events of a player by time"),
        ],
    ),
    group(
        &["events_by_application"],
        true,
        &[question(Family::Operating, What::RecentEvents, "the last events applied")],
    ),
    group(
        &["board_entries_pkey"],
        false,
        &[question(Family::Board, What::RowsOfAPage, "rows of 15 players")],
    ),
    group(
        &["prizes_by_player"],
        false,
        &[
            question(Family::Prizes, What::PendingPrizes, "pending prizes of a player"),
            question(Family::Prizes, What::PrizeHistory, "the last prizes of a player"),
        ],
    ),
    group(
        &["prizes_by_rank"],
        false,
        &[question(Family::Prizes, What::PrizesOfTournament, "prizes of a tournament by rank")],
    ),
    group(
        &["players_by_skeleton"],
        true,
        &[
            question(Family::Operating, What::BearersOfAName, "players of a name"),
            question(Family::Operating, What::NamesThatBeginSo, "players whose names begin so"),
        ],
    ),
    group(
        &["players_by_rules"],
        true,
        &[question(Family::Operating, What::NamesOfOtherRules, "names that other rules compared")],
    ),
    group(
        &["tournaments_by_start"],
        false,
        &[question(Family::Operating, What::Tournaments, "the last tournaments")],
    ),
    group(
        &["dead_events_pkey"],
        false,
        &[question(Family::Failed, What::Dead, "a page of dead events")],
    ),
    group(
        &["quarantine_by_group"],
        true,
        &[question(
            Family::Failed,
            What::GroupsOfQuarantine,
            "quarantined events by reason and type",
        )],
    ),
    group(
        &["quarantine_pkey"],
        false,
        &[question(Family::Failed, What::Quarantined, "a page of quarantined events")],
    ),
    group(
        &["reviews_waiting"],
        false,
        &[question(Family::Failed, What::Reviews, "a page of events that wait for review")],
    ),
    group(
        &["reviews_waiting_of"],
        false,
        &[
            question(Family::Failed, What::WaitingOfPlayer, "what waits of a player"),
            question(Family::Failed, What::PlayersInReview, "players of whom something waits"),
        ],
    ),
    group(
        &["changes_by_xid"],
        true,
        &[question(Family::Operating, What::Changes, "what was committed since a moment ago")],
    ),
];

const fn group(
    indexes: &'static [&'static str],
    is_written: bool,
    questions: &'static [Question],
) -> Group {
    Group { indexes, is_written, questions }
}

const fn question(family: Family, what: What, text: &'static str) -> Question {
    Question { family, what, text }
}

/// A filled store, and what keys are drawn from.
pub struct World {
    pub store: Arc<dyn Store>,
    pub plan: Arc<Plan>,
    board: BoardKey,
    figures: Slot,
    players: u64,
    tournaments: u64,
    failed: u64,
    now: Timestamp,
}

impl World {
    /// What was filled up to `now`.
    pub fn new(
        store: Arc<dyn Store>,
        plan: Arc<Plan>,
        sizes: &TrialSizes,
        now: Timestamp,
    ) -> Result<Self> {
        let slot = |kind, name: &str| {
            let found = plan.projection(kind, name).map(|projection| projection.slot);
            found.ok_or_else(|| Error::Unexpected(format!("the store has no projection {name}")))
        };
        let slots = (
            slot(ProjectionKind::Board, &plan.definition.game.main_board)?,
            slot(ProjectionKind::Figures, FIGURES)?,
        );
        let board = BoardKey { slot: slots.0, period: Timestamp::EPOCH };
        Ok(Self {
            board,
            figures: slots.1,
            players: sizes.players,
            tournaments: sizes.prizes.div_ceil(1_000.min(sizes.players)),
            failed: sizes.failed,
            now,
            store,
            plan,
        })
    }

    /// Asks a question with the keys that `luck` draws.
    pub async fn ask(&self, what: What, luck: u64) -> Result<()> {
        let store = &self.store;
        match what {
            What::FiguresOfADay => {
                let from = self.now.plus_ms(-DAY_MS);
                store.figures(self.figures, COARSE_GRAIN_MS, from).await?;
            }
            What::RecentEvents => {
                drop(store.recent(EventFilter::default(), PAGE, Text::Nothing).await?);
            }
            What::RecentEventsOfPlayer => {
                drop(store.recent(self.of_player(luck)?, PAGE, Text::Nothing).await?);
            }
            What::EventsOfPlayerByTime => {
                store.scan(self.of_player(luck)?, None, PAGE).await?;
            }
            What::PendingPrizes => drop(store.pending_prizes(self.player(luck)?).await?),
            What::PrizeHistory => drop(store.prize_history(self.player(luck)?, PAGE, false).await?),
            What::PrizesOfTournament => {
                let id = format!("trial_{}", 1 + luck % self.tournaments);
                store.prizes_of(Arc::from(id), 0, PAGE).await?;
            }
            What::Tournaments => drop(store.tournaments(0, 20).await?),
            What::Dead => {
                let after =
                    i64::try_from(luck % self.failed).map_err(Error::unexpected("a number"))?;
                store.dead(DeadFilter::default(), Some(DeadNo(after)), PAGE).await?;
            }
            What::Quarantined => {
                let after =
                    i64::try_from(luck % self.failed).map_err(Error::unexpected("a number"))?;
                let filter = QuarantineFilter::default();
                store.quarantine(filter, Some(QuarantineNo(after)), PAGE).await?;
            }
            What::Reviews => {
                let after =
                    i64::try_from(luck % self.failed).map_err(Error::unexpected("a number"))?;
                let filter = ReviewFilter::default();
                store.reviews(filter, Some(ReviewNo(after)), PAGE).await?;
            }
            What::WaitingOfPlayer => drop(store.waiting_of(self.player(luck)?).await?),
            What::PlayersInReview => {
                drop(store.players_in_review(Some(self.player(luck)?), PAGE).await?);
            }
            What::Changes => {
                let position = store.position().await?;
                store.changes_after(&position).await?;
            }
            What::NamesThatBeginSo => drop(store.called_like(NAME[..3].to_owned(), PAGE).await?),
            What::GroupsOfQuarantine => drop(store.quarantine_groups(false, PAGE).await?),
            What::BearersOfAName => drop(store.bearers(NAME.to_owned(), PAGE).await?),
            What::NamesOfOtherRules => drop(store.renew_resemblance(PAGE).await?),
            What::RowsOfAPage => {
                let players = (0..BOARD_PAGE_DEFAULT as u64).map(|n| self.player(luck ^ n));
                store.entries(self.board, players.collect::<Result<_>>()?).await?;
            }
        }
        Ok(())
    }

    fn player(&self, luck: u64) -> Result<PlayerId> {
        PlayerId::new(&player_id(luck % self.players)).map_err(Error::unexpected("a player"))
    }

    fn of_player(&self, luck: u64) -> Result<EventFilter> {
        Ok(EventFilter { player: Some(self.player(luck)?), ..EventFilter::default() })
    }
}
