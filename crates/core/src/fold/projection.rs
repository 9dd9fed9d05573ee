//! Projections: what is kept as a fold of the events, and what each of them means.
//!
//! A projection carries its own meaning, so that it can go on counting, be verified and be filled
//! after the definition has changed: a tournament keeps what its board meant when it was created,
//! and a board whose meaning changed is shown by its former one until the new one holds history.

use std::borrow::Cow;
use std::sync::Arc;

use crate::analytics::Analytics;
use crate::game::{Board, Definition, MeaningError, Measure};
use crate::id::{ProjectionNo, Slot};

/// The name of the built-in statistic that holds a player's first event, as negative milliseconds.
pub const FIRST_SEEN: &str = "first_seen";
/// The name of the built-in statistic that holds a player's last event, in milliseconds.
pub const LAST_SEEN: &str = "last_seen";
/// The name of the built-in projection that holds the operating figures.
pub const FIGURES: &str = "figures";

/// The name of the projection that holds players' states and the counters of analytics.
pub const ANALYTICS: &str = "analytics";

/// What a projection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProjectionKind {
    /// A board of the definition.
    Board,
    /// One tournament's board.
    Tournament,
    /// A player statistic.
    Statistic,
    /// The operating figures.
    Figures,
    /// Exact analytics.
    Analytics,
}

impl ProjectionKind {
    /// The kind as the store and the command line write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Tournament => "tournament",
            Self::Statistic => "statistic",
            Self::Figures => "figures",
            Self::Analytics => "analytics",
        }
    }

    /// The kind that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Board, Self::Tournament, Self::Statistic, Self::Figures, Self::Analytics]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// What a projection counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// What the program itself knows: the figures, a player's first and last event.
    BuiltIn,
    /// The entries of a board. That of a tournament does not reset.
    Board(Arc<Board>),
    /// A number for each player.
    Statistic(Arc<Measure>),
    /// Players' states and the counters made of them.
    Analytics(Arc<Analytics>),
}

impl Meaning {
    /// The meaning in one line. Two projections of the same kind, name and fingerprint hold the same.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::BuiltIn => "built in".to_owned(),
            Self::Board(board) => board.fingerprint(),
            Self::Statistic(measure) => measure.to_string(),
            Self::Analytics(analytics) => analytics.fingerprint(),
        }
    }

    /// The meaning as a store keeps it; empty for what is built in.
    pub fn to_text(&self) -> String {
        match self {
            Self::BuiltIn => String::new(),
            Self::Board(board) => board.to_text(),
            Self::Statistic(measure) => measure.to_text(),
            Self::Analytics(analytics) => analytics.to_text(),
        }
    }

    /// The meaning that a store has kept.
    pub fn from_text(kind: ProjectionKind, text: &str) -> Result<Self, MeaningError> {
        match kind {
            _ if text.is_empty() => Ok(Self::BuiltIn),
            ProjectionKind::Board | ProjectionKind::Tournament => {
                Board::from_text(text).map(|board| Self::Board(Arc::new(board)))
            }
            ProjectionKind::Analytics => {
                Analytics::from_text(text).map(|analytics| Self::Analytics(Arc::new(analytics)))
            }
            ProjectionKind::Statistic | ProjectionKind::Figures => {
                Measure::from_text(text).map(|measure| Self::Statistic(Arc::new(measure)))
            }
        }
    }
}

/// A projection as the definition or a tournament asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedProjection {
    /// What it holds.
    pub kind: ProjectionKind,
    /// The board's, tournament's or statistic's name.
    pub name: Arc<str>,
    /// What it counts.
    pub meaning: Meaning,
}

impl WantedProjection {
    /// The projection that a store makes of this.
    pub fn made(self, no: ProjectionNo, slot: Slot, complete: bool) -> Projection {
        let fingerprint = self.meaning.fingerprint();
        let Self { kind, name, meaning } = self;
        let (pending, filling) = (false, None);
        Projection { no, kind, name, fingerprint, meaning, slot, complete, pending, filling }
    }
}

/// A projection as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Its number.
    pub no: ProjectionNo,
    /// What it holds.
    pub kind: ProjectionKind,
    /// The board's, tournament's or statistic's name.
    pub name: Arc<str>,
    /// Its meaning in one line.
    pub fingerprint: String,
    /// What it counts.
    pub meaning: Meaning,
    /// Where its live rows lie.
    pub slot: Slot,
    /// Whether it holds all of history. A board added to a game with history does not until it was
    /// rebuilt.
    pub complete: bool,
    /// Whether the former projection of its name is shown, and goes on counting, until this one is
    /// complete.
    pub pending: bool,
    /// The rebuild under way, if there is one.
    pub filling: Option<Filling>,
}

/// A rebuild under way. Its slot gains nothing but by the steps of the scan, which comes to every
/// event, however new, before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    /// The slot being filled.
    pub slot: Slot,
}

impl Projection {
    /// Where the fold of its removed raw events lies.
    pub fn baseline(&self) -> Slot {
        baseline_slot(self.no)
    }

    /// Whether it is filled in this slot.
    pub fn fills(&self, slot: Slot) -> bool {
        self.filling.is_some_and(|filling| filling.slot == slot)
    }

    /// Whether it does not hold all of history yet.
    pub fn is_incomplete(&self) -> bool {
        !self.complete || self.filling.is_some()
    }

    /// What it counts, if it is the entries of a board or a tournament.
    pub fn board(&self) -> Option<&Arc<Board>> {
        match &self.meaning {
            Meaning::Board(board) => Some(board),
            Meaning::BuiltIn | Meaning::Statistic(_) | Meaning::Analytics(_) => None,
        }
    }

    /// What people call it: `board global`, `figures`.
    pub fn title(&self) -> Cow<'static, str> {
        match self.kind {
            ProjectionKind::Figures => Cow::Borrowed(FIGURES),
            ProjectionKind::Analytics => Cow::Borrowed(ANALYTICS),
            kind => Cow::Owned(format!("{} {}", kind.as_str(), self.name)),
        }
    }
}

/// Where the fold of a projection's removed raw events lies: live and filling slots are positive.
pub fn baseline_slot(no: ProjectionNo) -> Slot {
    Slot(-no.0)
}

impl Definition {
    /// The projections this definition asks for, beside those of tournaments.
    pub fn wanted_projections(&self) -> Vec<WantedProjection> {
        let built_in = [
            (ProjectionKind::Figures, FIGURES),
            (ProjectionKind::Statistic, FIRST_SEEN),
            (ProjectionKind::Statistic, LAST_SEEN),
        ]
        .map(|(kind, name)| WantedProjection {
            kind,
            name: Arc::from(name),
            meaning: Meaning::BuiltIn,
        });
        let boards = self.boards.values().map(|board| WantedProjection {
            kind: ProjectionKind::Board,
            name: Arc::clone(&board.name),
            meaning: Meaning::Board(Arc::new(board.clone())),
        });
        let statistics = self.statistics.values().map(|statistic| WantedProjection {
            kind: ProjectionKind::Statistic,
            name: Arc::clone(&statistic.name),
            meaning: Meaning::Statistic(Arc::new(statistic.measure.clone())),
        });
        let analytics = WantedProjection {
            kind: ProjectionKind::Analytics,
            name: Arc::from(ANALYTICS),
            meaning: Meaning::Analytics(Arc::new(self.analytics.clone())),
        };
        built_in.into_iter().chain(boards).chain(statistics).chain([analytics]).collect()
    }
}
