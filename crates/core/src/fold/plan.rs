//! The plan: which projections an event of each type touches.
//!
//! It is worked out once from the definition, the projections the store keeps for it, and the
//! tournaments, and then used for every event. A change of any of the three makes another plan.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::game::{Definition, Filter, Measure, Operator, Order, Schedule};
use crate::id::{EventKey, ProjectionNo, Slot};
use crate::time::Timestamp;
use crate::tournament::Tournament;

/// The name of the built-in statistic that holds a player's first event, as negative milliseconds.
pub const FIRST_SEEN: &str = "first_seen";
/// The name of the built-in statistic that holds a player's last event, in milliseconds.
pub const LAST_SEEN: &str = "last_seen";
/// The name of the built-in projection that holds the operating figures.
pub const FIGURES: &str = "figures";

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
}

impl ProjectionKind {
    /// The kind as the store and the command line write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Tournament => "tournament",
            Self::Statistic => "statistic",
            Self::Figures => "figures",
        }
    }

    /// The kind that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Board, Self::Tournament, Self::Statistic, Self::Figures]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A projection as the definition asks for it. The store looks for one of the same kind, name and
/// fingerprint, and makes it if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedProjection {
    /// What it holds.
    pub kind: ProjectionKind,
    /// The board's, tournament's or statistic's name.
    pub name: Arc<str>,
    /// Its meaning in one line.
    pub fingerprint: String,
}

/// A projection as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Its number.
    pub no: ProjectionNo,
    /// What it holds.
    pub kind: ProjectionKind,
    /// The board's, tournament's or statistic's name.
    pub name: Arc<str>,
    /// Its meaning in one line.
    pub fingerprint: String,
    /// Where its live rows lie.
    pub slot: Slot,
    /// Whether it holds all of history. A board added to a game with history does not until it was
    /// rebuilt.
    pub complete: bool,
    /// The rebuild under way, if there is one.
    pub filling: Option<Filling>,
}

/// A rebuild under way: its slot holds the fold of all events up to `passed`.
///
/// An event that arrives meanwhile with a key the scan has passed is folded into both slots; one
/// with a later key only into the live one, because the scan will come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    /// The slot being filled.
    pub slot: Slot,
    /// The key up to which, inclusive, the scan has come. `None` before its first step.
    pub passed: Option<EventKey>,
}

impl Projection {
    /// Where the fold of its removed raw events lies.
    pub fn baseline(&self) -> Slot {
        baseline_slot(self.no)
    }
}

/// Where the fold of a projection's removed raw events lies: live and filling slots are positive.
pub fn baseline_slot(no: ProjectionNo) -> Slot {
    Slot(-no.0)
}

/// Which events a board counts, by time.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    Forever,
    Periods(Box<Schedule>),
    Window { starts_at: Timestamp, ends_at: Timestamp, sealed_at: Option<Timestamp> },
}

#[derive(Debug, Clone)]
pub(super) struct Target {
    pub projection: ProjectionNo,
    pub live: Slot,
    pub filling: Option<Filling>,
}

impl Target {
    fn of(projection: &Projection) -> Self {
        let Projection { no, slot, filling, .. } = projection;
        Self { projection: *no, live: *slot, filling: *filling }
    }
}

#[derive(Debug, Clone)]
pub(super) struct BoardTarget {
    pub target: Target,
    pub scope: Scope,
    pub measure: Reading,
    pub order: Order,
    /// Places of the beside sums' fields in [`TypePlan::fields`].
    pub beside: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct StatisticTarget {
    pub target: Target,
    pub measure: Reading,
}

/// A measure with its fields resolved to places in [`TypePlan::fields`].
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub filter: Vec<(usize, crate::game::Condition)>,
    pub operator: Operator,
    pub field: Option<usize>,
    pub scale: i64,
}

/// What happens to events of one type.
#[derive(Debug, Clone, Default)]
pub(super) struct TypePlan {
    /// The payload fields that some target looks at.
    pub fields: Vec<Arc<str>>,
    pub boards: Vec<BoardTarget>,
    /// Boards of sealed tournaments, apart because an event applied after the last seal passes them
    /// by: a game that has seen hundreds of tournaments must not pay for them with every event.
    pub sealed_boards: Vec<BoardTarget>,
    /// The last of their seals.
    pub last_sealed_at: Option<Timestamp>,
    pub statistics: Vec<StatisticTarget>,
}

/// Which projections an event of each type touches.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which state of the store it was made from. A store refuses to apply by an outdated plan.
    pub version: i64,
    /// The definition it was made from.
    pub definition: Arc<Definition>,
    /// The projections it writes.
    pub projections: Vec<Projection>,
    /// All tournaments that are not cancelled.
    pub tournaments: Vec<Tournament>,
    pub(super) types: FxHashMap<Arc<str>, TypePlan>,
    pub(super) figures: Target,
    pub(super) first_seen: Target,
    pub(super) last_seen: Target,
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
            fingerprint: "built in".to_owned(),
        });
        let boards = self.boards.values().map(|board| WantedProjection {
            kind: ProjectionKind::Board,
            name: Arc::clone(&board.name),
            fingerprint: board.fingerprint(),
        });
        let statistics = self.statistics.values().map(|statistic| WantedProjection {
            kind: ProjectionKind::Statistic,
            name: Arc::clone(&statistic.name),
            fingerprint: statistic.measure.to_string(),
        });
        built_in.into_iter().chain(boards).chain(statistics).collect()
    }
}

impl Plan {
    /// Works out the plan. `projections` are those the store keeps for
    /// [`Definition::wanted_projections`] and for the tournaments; others are ignored.
    ///
    /// # Panics
    ///
    /// If a wanted projection is missing: a store that adopted the definition has them all.
    pub fn new(
        version: i64,
        definition: Arc<Definition>,
        projections: Vec<Projection>,
        tournaments: Vec<Tournament>,
    ) -> Self {
        let kept = |kind: ProjectionKind, name: &str| {
            projections
                .iter()
                .find(|projection| projection.kind == kind && &*projection.name == name)
                .unwrap_or_else(|| panic!("the store adopted {} {name}", kind.as_str()))
        };
        let find = |kind: ProjectionKind, name: &str| Target::of(kept(kind, name));
        let mut types: FxHashMap<Arc<str>, TypePlan> = FxHashMap::default();
        for board in definition.boards.values() {
            let scope =
                board.reset.clone().map_or(Scope::Forever, |reset| Scope::Periods(Box::new(reset)));
            types.entry(Arc::clone(&board.measure.event)).or_default().add_board(
                find(ProjectionKind::Board, &board.name),
                scope,
                board,
            );
        }
        let tournaments: Vec<Tournament> =
            tournaments.into_iter().filter(|one| one.cancelled_at.is_none()).collect();
        for tournament in &tournaments {
            // A tournament whose board left the definition, or was sealed before its board changed
            // its meaning, keeps what it has and gains nothing.
            let Some(board) = definition.boards.get(&tournament.board) else { continue };
            let projection = kept(ProjectionKind::Tournament, &tournament.id);
            if projection.fingerprint != board.tournament_fingerprint() {
                continue;
            }
            let target = Target::of(projection);
            let scope = Scope::Window {
                starts_at: tournament.starts_at,
                ends_at: tournament.ends_at,
                sealed_at: tournament.sealed_at,
            };
            types
                .entry(Arc::clone(&board.measure.event))
                .or_default()
                .add_board(target, scope, board);
        }
        for statistic in definition.statistics.values() {
            let plan = types.entry(Arc::clone(&statistic.measure.event)).or_default();
            let target = find(ProjectionKind::Statistic, &statistic.name);
            let measure = plan.reading(&statistic.measure);
            plan.statistics.push(StatisticTarget { target, measure });
        }
        Self {
            version,
            figures: find(ProjectionKind::Figures, FIGURES),
            first_seen: find(ProjectionKind::Statistic, FIRST_SEEN),
            last_seen: find(ProjectionKind::Statistic, LAST_SEEN),
            types,
            definition,
            projections,
            tournaments,
        }
    }

    /// The projection of a board, tournament or statistic.
    pub fn projection(&self, kind: ProjectionKind, name: &str) -> Option<&Projection> {
        self.projections
            .iter()
            .find(|projection| projection.kind == kind && &*projection.name == name)
    }

    /// Whether this plan says what one of its projections holds. It does not for a tournament that
    /// was cancelled, or whose board has left the definition or changed its meaning since.
    pub fn can_recompute(&self, projection: &Projection) -> bool {
        let board_of = |tournament: &Tournament| self.definition.boards.get(&tournament.board);
        projection.kind != ProjectionKind::Tournament
            || self.tournaments.iter().any(|tournament| {
                tournament.id == projection.name
                    && board_of(tournament).is_some_and(|board| {
                        board.tournament_fingerprint() == projection.fingerprint
                    })
            })
    }
}

impl TypePlan {
    fn place(&mut self, field: &Arc<str>) -> usize {
        self.fields.iter().position(|known| known == field).unwrap_or_else(|| {
            self.fields.push(Arc::clone(field));
            self.fields.len() - 1
        })
    }

    fn reading(&mut self, measure: &Measure) -> Reading {
        let Filter { tests } = &measure.filter;
        let filter =
            tests.iter().map(|test| (self.place(&test.field), test.condition.clone())).collect();
        Reading {
            filter,
            operator: measure.operator,
            field: measure.field.as_ref().map(|field| self.place(field)),
            scale: measure.scale,
        }
    }

    fn add_board(&mut self, target: Target, scope: Scope, board: &crate::game::Board) {
        let measure = self.reading(&board.measure);
        let beside = board.beside.iter().map(|sum| self.place(&sum.field)).collect();
        let sealed_at = match &scope {
            Scope::Window { sealed_at, .. } => *sealed_at,
            Scope::Forever | Scope::Periods(_) => None,
        };
        self.last_sealed_at = self.last_sealed_at.max(sealed_at);
        let boards = if sealed_at.is_some() { &mut self.sealed_boards } else { &mut self.boards };
        boards.push(BoardTarget { target, scope, measure, order: board.order, beside });
    }
}
