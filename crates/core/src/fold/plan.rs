//! The plan: which projections an event of each type touches.
//!
//! It is worked out once from the projections, which say themselves what they count, and the
//! tournaments, which say when, and then used for every event. A change of the definition, a
//! projection or a tournament makes another plan.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::analytics_plan::{AnalyticsTarget, TypeReading};
use super::judging::Judging;
use super::projection::{FIGURES, FIRST_SEEN, LAST_SEEN, Meaning, Projection, ProjectionKind};
use super::reading::{Fields, Reading, Target};
use crate::event::Event;
use crate::game::deciding;
use crate::game::{Board, Definition, Order, Schedule};
use crate::id::PlayerId;
use crate::ticket::{Ticket, TicketKey};
use crate::time::Timestamp;
use crate::tournament::Tournament;

/// Which events a board counts, by time.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    Forever,
    Periods(Box<Schedule>),
    Window {
        starts_at: Timestamp,
        ends_at: Timestamp,
        sealed_at: Option<Timestamp>,
        closed_at: Option<Timestamp>,
    },
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

/// What happens to events of one type.
#[derive(Debug, Clone, Default)]
pub(super) struct TypePlan {
    /// The payload fields that some target looks at.
    pub fields: Fields,
    pub boards: Vec<BoardTarget>,
    /// Boards of sealed tournaments, apart because an event applied after the last seal passes them
    /// by: a game that has seen hundreds of tournaments must not pay for them with every event.
    pub sealed_boards: Vec<BoardTarget>,
    /// The last of their seals.
    pub last_sealed_at: Option<Timestamp>,
    pub statistics: Vec<StatisticTarget>,
    /// What they say of analytics, for each of [`Plan::analytics`].
    pub analytics: Vec<TypeReading>,
}

/// Which projections an event of each type touches.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which state of the store it was made from. A store refuses to apply by an outdated plan.
    pub version: i64,
    /// The definition it was made from. What a tournament in force reads decides in it, too, whatever has
    /// become of its board.
    pub definition: Arc<Definition>,
    /// The projections it writes.
    pub projections: Vec<Projection>,
    /// All tournaments that are not cancelled.
    pub tournaments: Vec<Tournament>,
    pub(super) types: FxHashMap<Arc<str>, TypePlan>,
    /// What happens to events of all other types.
    pub(super) other_types: TypePlan,
    pub(super) analytics: Vec<AnalyticsTarget>,
    pub(super) figures: Target,
    pub(super) first_seen: Target,
    pub(super) last_seen: Target,
    pub(super) judging: Judging,
    ticket_key: Option<TicketKey>,
}

impl Plan {
    /// Works out the plan: each projection counts what it means itself, and a tournament's within
    /// its time. `projections` are those that the store keeps; of `tournaments`, cancelled ones are
    /// left out.
    ///
    /// # Panics
    ///
    /// If a built-in projection is missing: a store that adopted a definition has them all.
    pub fn new(
        version: i64,
        definition: Arc<Definition>,
        projections: Vec<Projection>,
        tournaments: Vec<Tournament>,
    ) -> Self {
        let built_in = |kind: ProjectionKind, name: &str| {
            let found = projections.iter().find(|one| one.kind == kind && &*one.name == name);
            let Some(found) = found else { panic!("the store adopted {} {name}", kind.as_str()) };
            Target::of(found)
        };
        let tournaments: Vec<Tournament> =
            tournaments.into_iter().filter(|one| one.cancelled_at.is_none()).collect();
        let windows: FxHashMap<&str, Scope> =
            tournaments.iter().map(|one| (&*one.id, Scope::of(one))).collect();
        let open =
            |name: &str| tournaments.iter().any(|one| *one.id == *name && one.sealed_at.is_none());
        let counting = projections.iter().filter_map(|one| match &one.meaning {
            Meaning::Board(board) if one.kind != ProjectionKind::Tournament || open(&one.name) => {
                Some(&**board)
            }
            _ => None,
        });
        let definition = deciding::with_boards(definition, counting);
        let mut types: FxHashMap<Arc<str>, TypePlan> = FxHashMap::default();
        let mut analytics = Vec::new();
        for projection in &projections {
            let target = Target::of(projection);
            match (&projection.meaning, projection.kind) {
                (Meaning::Board(board), ProjectionKind::Tournament) => {
                    // A cancelled tournament keeps its entries and gains nothing.
                    let Some(window) = windows.get(&*projection.name) else { continue };
                    let plan = types.entry(Arc::clone(&board.measure.event)).or_default();
                    plan.add_board(target, window.clone(), board);
                }
                (Meaning::Board(board), _) => {
                    let reset = board.reset.clone().map(Box::new);
                    let scope = reset.map_or(Scope::Forever, Scope::Periods);
                    let plan = types.entry(Arc::clone(&board.measure.event)).or_default();
                    plan.add_board(target, scope, board);
                }
                (Meaning::Statistic(measure), _) => {
                    let plan = types.entry(Arc::clone(&measure.event)).or_default();
                    let measure = plan.fields.reading(measure);
                    plan.statistics.push(StatisticTarget { target, measure });
                }
                (Meaning::Analytics(meaning), _) => {
                    analytics.push(AnalyticsTarget { target, meaning: Arc::clone(meaning) });
                }
                (Meaning::BuiltIn, _) => {}
            }
        }
        let other_types = read_analytics(&analytics, &mut types);
        Self {
            version,
            figures: built_in(ProjectionKind::Figures, FIGURES),
            first_seen: built_in(ProjectionKind::Statistic, FIRST_SEEN),
            last_seen: built_in(ProjectionKind::Statistic, LAST_SEEN),
            judging: Judging::new(&definition, &projections),
            ticket_key: None,
            types,
            other_types,
            analytics,
            definition,
            projections,
            tournaments,
        }
    }

    /// The same plan with the key that tickets are signed with, if its definition has tickets.
    #[must_use]
    pub fn with_ticket_key(mut self, key: &str) -> Self {
        if let Some(tickets) = &self.definition.tickets {
            let key = TicketKey::new(key);
            self.judging.ask_for_tickets(tickets, key.clone());
            self.ticket_key = Some(key);
        }
        self
    }

    /// The ticket that the answer to an event brings, if it begins a run.
    pub fn ticket_for(
        &self,
        player: &PlayerId,
        event_type: &str,
        ticket: Ticket,
    ) -> Option<String> {
        let tickets = self.definition.tickets.as_ref().filter(|one| *one.begins == *event_type)?;
        Some(self.ticket_key.as_ref()?.give(player, &tickets.begins, ticket))
    }

    /// The same plan without analytics. For measurements of what they cost: in a store that applied by
    /// it, verification finds their counters wrong.
    pub fn without_analytics(&self) -> Self {
        let types = self.types.iter().map(|(name, plan)| {
            let plan = TypePlan { analytics: Vec::new(), ..plan.clone() };
            (Arc::clone(name), plan)
        });
        let (types, other_types) = (types.collect(), TypePlan::default());
        Self { types, other_types, analytics: Vec::new(), ..self.clone() }
    }

    /// The projection of a board, tournament or statistic as it is asked for now.
    pub fn projection(&self, kind: ProjectionKind, name: &str) -> Option<&Projection> {
        let pending = self.of_name(kind, name).find(|projection| projection.pending);
        pending.or_else(|| self.of_name(kind, name).next())
    }

    /// The projection of a board, tournament or statistic that readers see: the former one while that
    /// of the present meaning still lacks history.
    pub fn shown(&self, kind: ProjectionKind, name: &str) -> Option<&Projection> {
        self.of_name(kind, name).find(|projection| !projection.pending)
    }

    /// Whether a projection is shown only until its successor is complete.
    pub fn is_former(&self, projection: &Projection) -> bool {
        !projection.pending
            && self.of_name(projection.kind, &projection.name).any(|other| other.pending)
    }

    fn of_name<'p>(
        &'p self,
        kind: ProjectionKind,
        name: &str,
    ) -> impl Iterator<Item = &'p Projection> {
        let of_name = move |one: &&Projection| one.kind == kind && &*one.name == name;
        self.projections.iter().filter(of_name)
    }

    /// Whether folding the events again gives what one of its projections holds. It does not for a
    /// tournament that was cancelled: nobody knows which events came before that.
    pub fn can_recompute(&self, projection: &Projection) -> bool {
        projection.kind != ProjectionKind::Tournament
            || self.tournaments.iter().any(|tournament| tournament.id == projection.name)
    }

    /// Whether an event that was applied at some time may count as of another receipt: not where a tournament
    /// is sealed in which it counts, or would count then.
    pub fn may_receive(
        &self,
        event: &Event,
        applied_at: Timestamp,
        received_at: Timestamp,
    ) -> bool {
        let Some(of_type) = self.types.get(&event.event_type) else { return true };
        let is_final = |board: &BoardTarget| match board.scope {
            Scope::Window { starts_at, ends_at, sealed_at: Some(sealed_at), .. } => {
                let is_inside = |at: Timestamp| starts_at <= at && at < ends_at;
                applied_at < sealed_at && (is_inside(event.received_at) || is_inside(received_at))
            }
            Scope::Window { .. } | Scope::Forever | Scope::Periods(_) => false,
        };
        !of_type.sealed_boards.iter().any(is_final)
    }

    /// The projections that lack part of history and that a rebuild can fill, by kind and name.
    pub fn incomplete(&self) -> Vec<(ProjectionKind, Arc<str>)> {
        let lacks = |one: &&Projection| !one.complete && !self.is_former(one);
        let fillable = self.projections.iter().filter(|one| self.can_recompute(one));
        fillable.filter(lacks).map(|one| (one.kind, Arc::clone(&one.name))).collect()
    }
}

/// Adds what events say of analytics to the plan of every type. Answers that of all other types.
fn read_analytics(
    analytics: &[AnalyticsTarget],
    types: &mut FxHashMap<Arc<str>, TypePlan>,
) -> TypePlan {
    for target in analytics {
        for measure in target.meaning.measures() {
            types.entry(Arc::clone(&measure.event)).or_default();
        }
        for (event, _) in &target.meaning.elsewhere {
            types.entry(Arc::clone(event)).or_default();
        }
    }
    let mut others = TypePlan::default();
    for target in analytics {
        for (event, plan) in &mut *types {
            let reading = TypeReading::new(&target.meaning, Some(event), &mut plan.fields);
            plan.analytics.push(reading);
        }
        let reading = TypeReading::new(&target.meaning, None, &mut others.fields);
        others.analytics.push(reading);
    }
    others
}

impl Scope {
    fn of(tournament: &Tournament) -> Self {
        let Tournament { starts_at, ends_at, sealed_at, closed_at, .. } = *tournament;
        Self::Window { starts_at, ends_at, sealed_at, closed_at }
    }
}

impl TypePlan {
    fn add_board(&mut self, target: Target, scope: Scope, board: &Board) {
        let measure = self.fields.reading(&board.measure);
        let beside = board.beside.iter().map(|sum| self.fields.place(&sum.field)).collect();
        let sealed_at = match &scope {
            Scope::Window { sealed_at, .. } => *sealed_at,
            Scope::Forever | Scope::Periods(_) => None,
        };
        self.last_sealed_at = self.last_sealed_at.max(sealed_at);
        let boards = if sealed_at.is_some() { &mut self.sealed_boards } else { &mut self.boards };
        boards.push(BoardTarget { target, scope, measure, order: board.order, beside });
    }
}
