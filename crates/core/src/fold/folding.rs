//! A fold under way.
//!
//! Players are numbered as they come, so that an event costs one look-up of its player however many
//! projections it touches; keys are put in order once, at the end.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::analytics::AnalyticsFold;
use super::facts::{self, Fact};
use super::plan::{BoardTarget, Scope, StatisticTarget};
use super::reading::{Reading, Target};
use super::{
    BoardChange, COARSE_GRAIN_MS, Changes, FINE_GRAIN_MS, Figure, FigureKey, FoldOverflow, Layer,
    Plan, Sketch, StatisticChange, baseline_slot,
};
use crate::event::Event;
use crate::game::{Operator, Period};
use crate::id::{BoardKey, PlayerId, Slot};
use crate::limits::BOARD_SUMS_MAX;
use crate::time::Timestamp;
use crate::void::Voids;

/// A player's number within one fold.
type PlayerNo = usize;

/// Changes by key, unordered.
pub(super) struct Folding<'p> {
    plan: &'p Plan,
    layer: Layer,
    players: Players,
    boards: FxHashMap<(BoardKey, PlayerNo), BoardChange>,
    statistics: FxHashMap<(PlayerNo, Slot), StatisticChange>,
    figures: FxHashMap<(Timestamp, Arc<str>), FigureCount>,
    analytics: Vec<AnalyticsFold<'p>>,
    /// The period last looked up for each board: events of one batch were received together.
    periods: FxHashMap<Slot, Period>,
}

/// One event, and what is known of it before its targets are looked at.
#[derive(Clone, Copy)]
struct Subject<'e> {
    event: &'e Event,
    applied_at: Timestamp,
    player: PlayerNo,
    voids: &'e Voids,
    is_voided: bool,
}

impl Subject<'_> {
    /// Whether the event was voided as far as a board is concerned: one of a tournament that is closed goes
    /// by what was voided when it was closed.
    fn does_not_count(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Window { closed_at: Some(closed_at), .. } => {
                self.voids.were_in_force(*closed_at)
            }
            Scope::Forever | Scope::Periods(_) | Scope::Window { .. } => self.is_voided,
        }
    }
}

/// A fine figure that is being counted. Its players are sorted and deduplicated once, at the end.
struct FigureCount {
    events: i64,
    processing_ms: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    player_hashes: Vec<u32>,
}

impl<'p> Folding<'p> {
    pub fn new(plan: &'p Plan, layer: Layer) -> Self {
        Self {
            plan,
            layer,
            players: Players::default(),
            boards: FxHashMap::default(),
            statistics: FxHashMap::default(),
            figures: FxHashMap::default(),
            analytics: AnalyticsFold::of_targets(&plan.analytics, |target| slot(layer, target)),
            periods: FxHashMap::default(),
        }
    }

    /// Takes an event in.
    pub fn add(
        &mut self,
        event: &Event,
        applied_at: Timestamp,
        voids: &Voids,
    ) -> Result<(), FoldOverflow> {
        let player = self.players.number(&event.player);
        let is_voided = voids.are_in_force();
        let subject = Subject { event, applied_at, player, voids, is_voided };
        self.add_figures(subject);
        let plan = self.plan;
        let seen = event.counted_at.as_ms();
        self.add_statistic(subject, &plan.first_seen, StatisticChange::AtLeast(-seen))?;
        self.add_statistic(subject, &plan.last_seen, StatisticChange::AtLeast(seen))?;
        let of_type = plan.types.get(&event.event_type).unwrap_or(&plan.other_types);
        let facts = facts::read(&event.payload, of_type.fields.names());
        for target in &of_type.boards {
            self.add_board(subject, target, &facts)?;
        }
        if of_type.last_sealed_at.is_some_and(|sealed_at| applied_at < sealed_at) {
            for target in &of_type.sealed_boards {
                self.add_board(subject, target, &facts)?;
            }
        }
        for StatisticTarget { target, measure } in &of_type.statistics {
            let Some(value) = self.value(measure, &facts)? else { continue };
            let change = match measure.operator {
                Operator::Sum | Operator::Count => StatisticChange::Add(value.into()),
                Operator::Best | Operator::Latest => StatisticChange::AtLeast(value),
            };
            self.add_statistic(subject, target, change)?;
        }
        // Nothing of what is voided is in analytics.
        let counting = if is_voided { &mut [] } else { &mut self.analytics[..] };
        for analytics in counting {
            analytics.add(event, player, &of_type.analytics, &facts);
        }
        Ok(())
    }

    fn add_board(
        &mut self,
        subject: Subject<'_>,
        target: &BoardTarget,
        facts: &[Fact<'_>],
    ) -> Result<(), FoldOverflow> {
        let event = subject.event;
        if subject.does_not_count(&target.scope) {
            return Ok(());
        }
        let Some(slot) = self.slot(&target.target) else { return Ok(()) };
        let Some(score) = self.value(&target.measure, facts)? else { return Ok(()) };
        let Some(period) = self.period(subject, target) else { return Ok(()) };
        let mut sums = [0; BOARD_SUMS_MAX];
        for (sum, place) in sums.iter_mut().zip(&target.beside) {
            *sum = facts[*place].as_integer().unwrap_or(0).into();
        }
        let operator = target.measure.operator;
        let change = BoardChange {
            operator,
            points: target.order.points(score).into(),
            reached_at: event.received_at,
            attempts: 1,
            last_at: event.counted_at,
            last_id: (operator == Operator::Latest).then_some(event.id),
            sums,
        };
        match self.boards.entry((BoardKey { slot, period }, subject.player)) {
            Entry::Occupied(mut known) => known.get_mut().merge(&change)?,
            Entry::Vacant(none) => {
                none.insert(change);
            }
        }
        Ok(())
    }

    fn add_statistic(
        &mut self,
        subject: Subject<'_>,
        target: &Target,
        change: StatisticChange,
    ) -> Result<(), FoldOverflow> {
        if subject.is_voided {
            return Ok(());
        }
        let Some(slot) = self.slot(target) else { return Ok(()) };
        match self.statistics.entry((subject.player, slot)) {
            Entry::Occupied(mut known) => known.get_mut().merge(change)?,
            Entry::Vacant(none) => {
                none.insert(change);
            }
        }
        Ok(())
    }

    /// Figures count events that are not voided. Their times and players, about which they only estimate,
    /// are those of all that came in: neither can be taken out of a maximum or a sketch.
    fn add_figures(&mut self, subject: Subject<'_>) {
        let Subject { event, applied_at, player, .. } = subject;
        if self.slot(&self.plan.figures).is_none() {
            return;
        }
        let start = event.counted_at.floor_to(FINE_GRAIN_MS);
        let key = (start, Arc::clone(&event.event_type));
        let count = self.figures.entry(key).or_insert_with(|| FigureCount {
            events: 0,
            processing_ms: 0,
            first_at: event.counted_at,
            last_at: event.counted_at,
            player_hashes: Vec::new(),
        });
        if !subject.is_voided {
            count.events += 1;
            count.processing_ms += applied_at.ms_since(event.received_at).max(0);
        }
        count.first_at = count.first_at.min(event.counted_at);
        count.last_at = count.last_at.max(event.counted_at);
        count.player_hashes.push(self.players.hashes[player]);
    }

    /// Where the rows of a projection lie in this layer, if they do.
    fn slot(&self, target: &Target) -> Option<Slot> {
        slot(self.layer, target)
    }

    /// What an event contributes. See [`FoldOverflow`] for stored events with values too large.
    fn value(&self, measure: &Reading, facts: &[Fact<'_>]) -> Result<Option<i64>, FoldOverflow> {
        match measure.value(facts) {
            Err(FoldOverflow) if self.layer != Layer::Live => Ok(None),
            value => value,
        }
    }

    fn period(&mut self, subject: Subject<'_>, target: &BoardTarget) -> Option<Timestamp> {
        let received_at = subject.event.received_at;
        match &target.scope {
            Scope::Forever => Some(Timestamp::EPOCH),
            Scope::Window { starts_at, ends_at, sealed_at, .. } => {
                let inside = *starts_at <= received_at && received_at < *ends_at;
                let open = sealed_at.is_none_or(|sealed_at| subject.applied_at < sealed_at);
                (inside && open).then_some(Timestamp::EPOCH)
            }
            Scope::Periods(schedule) => {
                let known = self.periods.get(&target.target.live);
                if let Some(period) = known.filter(|period| period.contains(received_at)) {
                    return Some(period.start);
                }
                let period = schedule.period_at(received_at);
                self.periods.insert(target.target.live, period);
                Some(period.start)
            }
        }
    }

    pub fn finish(self) -> Changes {
        let figures = self
            .slot(&self.plan.figures)
            .map_or_else(Vec::new, |slot| finish_figures(slot, self.figures));
        let (players, places) = self.players.in_order();
        let analytics =
            self.analytics.into_iter().map(|analytics| analytics.finish(&players)).collect();
        let mut boards: Vec<_> = self.boards.into_iter().collect();
        boards.sort_unstable_by_key(|((board, player), _)| (*board, places[*player]));
        let mut statistics: Vec<_> = self.statistics.into_iter().collect();
        statistics.sort_unstable_by_key(|((player, slot), _)| (places[*player], *slot));
        Changes {
            boards: boards
                .into_iter()
                .map(|((board, player), change)| (board, players[player].clone(), change))
                .collect(),
            statistics: statistics
                .into_iter()
                .map(|((player, slot), change)| (players[player].clone(), slot, change))
                .collect(),
            figures,
            analytics,
        }
    }
}

/// Where the rows of a projection lie in a layer, if they do.
fn slot(layer: Layer, target: &Target) -> Option<Slot> {
    match layer {
        Layer::Live | Layer::Recompute => Some(target.live),
        Layer::Fill(slot) => {
            target.filling.map(|filling| filling.slot).filter(|filling| *filling == slot)
        }
        Layer::Baseline => Some(baseline_slot(target.projection)),
    }
}

/// The players of one fold, numbered as they came.
#[derive(Default)]
struct Players {
    numbers: FxHashMap<PlayerId, PlayerNo>,
    /// The hash of each, for the sketches of figures.
    hashes: Vec<u32>,
    last: Option<(PlayerId, PlayerNo)>,
}

impl Players {
    fn number(&mut self, player: &PlayerId) -> PlayerNo {
        if let Some((_, number)) = self.last.as_ref().filter(|(last, _)| last == player) {
            return *number;
        }
        let known = self.numbers.get(player).copied();
        let number = known.unwrap_or_else(|| {
            let next = self.hashes.len();
            self.numbers.insert(player.clone(), next);
            self.hashes.push(Sketch::hash(player.as_str()));
            next
        });
        self.last = Some((player.clone(), number));
        number
    }

    /// The players by number, and each one's place among all of them by id.
    fn in_order(self) -> (Vec<PlayerId>, Vec<usize>) {
        let mut by_id: Vec<_> = self.numbers.into_iter().collect();
        by_id.sort_unstable();
        let mut places = vec![0; by_id.len()];
        for (place, (_, number)) in by_id.iter().enumerate() {
            places[*number] = place;
        }
        by_id.sort_unstable_by_key(|(_, number)| *number);
        (by_id.into_iter().map(|(player, _)| player).collect(), places)
    }
}

/// Derives, from the fine figures by type, the coarse ones and those of all types together.
fn finish_figures(
    slot: Slot,
    counts: FxHashMap<(Timestamp, Arc<str>), FigureCount>,
) -> Vec<(FigureKey, Figure)> {
    let all_types: Arc<str> = Arc::from("");
    let mut figures: FxHashMap<FigureKey, Figure> = FxHashMap::default();
    for ((start, event_type), count) in counts {
        let figure = Figure {
            events: count.events,
            processing_ms: count.processing_ms,
            first_at: count.first_at,
            last_at: count.last_at,
            players: Sketch::from_hashes(count.player_hashes),
        };
        for grain_ms in [FINE_GRAIN_MS, COARSE_GRAIN_MS] {
            for event_type in [&event_type, &all_types] {
                let key = FigureKey {
                    slot,
                    grain_ms,
                    start: start.floor_to(grain_ms),
                    event_type: Arc::clone(event_type),
                };
                figures
                    .entry(key)
                    .and_modify(|known| known.merge(&figure))
                    .or_insert_with(|| figure.clone());
            }
        }
    }
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    figures
}
