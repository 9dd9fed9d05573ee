//! The state of two players who are one from now on.
//!
//! What can be folded anew is folded anew: from the events of both, and from both baselines put together. A
//! tournament that is closed is paid, so its places stay: that of the player who is moved becomes the other's
//! where the other had none, and else stands apart. No event of theirs counts there any more; what they gave lies
//! in the baseline.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::plan::Scope;
use super::refold_counts::merged;
use super::refold_given::{
    AnalyticsRewrite, FiguresFrom, Kept, PlayerRow, PlayerRows, Refold, RefoldError, Replaced,
    Rewrite, Turned,
};
use super::{
    Figure, FigureKey, FoldOverflow, Layer, Meaning, Plan, PlayerStatistics, Projection,
    ProjectionKind,
};
use crate::analytics::{Analytics, Counters, Part, PlayerParts, StateError, replace_part};
use crate::game::Operator;
use crate::id::{BoardKey, Slot};
use crate::time::Timestamp;

/// What the state of two players is joined from.
pub struct Join<'j> {
    /// Retired projections, whose baselines are kept.
    pub retired: &'j [Projection],
    /// What is kept of the player who is moved.
    pub moved: &'j PlayerRows,
    /// What is kept of the one who they become.
    pub rows: &'j PlayerRows,
    /// All events of the two from now on, each once, as the other's.
    pub events: Vec<Kept<'j>>,
    /// Those of the player who is moved, as they were.
    pub before: Vec<Kept<'j>>,
    /// Of those, the ones that counted and are kept no longer.
    pub gone: Vec<Kept<'j>>,
    /// Those of `events` that are kept in another form.
    pub replaced: Vec<Replaced<'j>>,
    /// The events that are kept and count no longer.
    pub turned: BTreeSet<Uuid>,
    /// How many of `events`, from the first on, were of the player who is moved.
    pub came: usize,
    /// Where figures begin.
    pub figures_from: FiguresFrom,
}

/// What is to be written of two players who are one from now on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JoinedRows {
    /// What the other gains, with figures.
    pub rewrite: Rewrite,
    /// The other's entries in baselines.
    pub baselines: Vec<(BoardKey, PlayerRow)>,
    /// Places of paid tournaments that stand apart, live ones and baselines.
    pub apart: Vec<(BoardKey, PlayerRow)>,
}

/// A place of the player who is moved in a tournament that is closed.
struct Place<'p> {
    projection: &'p Projection,
    board: BoardKey,
    row: PlayerRow,
    /// Whether the other has one there as well.
    stands_apart: bool,
}

impl Plan {
    /// The slots that joining reads the boards of.
    pub fn joined_slots(&self, retired: &[Projection]) -> Vec<i64> {
        slots_of(self.projections.iter().chain(retired), |one| one.board().is_some())
    }

    /// The slots whose parts joining reads.
    pub fn joined_parts(&self, retired: &[Projection]) -> Vec<i64> {
        let all = self.projections.iter().chain(retired);
        slots_of(all, |one| one.kind == ProjectionKind::Analytics)
    }

    /// Whether an event may count for a tournament that is closed.
    pub fn was_paid_for(&self, one: &Kept<'_>) -> bool {
        let Some(of_type) = self.types.get(&one.event.event_type) else { return false };
        of_type.sealed_boards.iter().any(|target| match &target.scope {
            Scope::Window { starts_at, ends_at, sealed_at, closed_at: Some(_) } => {
                let received_at = one.event.received_at;
                (*starts_at..*ends_at).contains(&received_at)
                    && sealed_at.is_none_or(|sealed_at| one.applied_at < sealed_at)
            }
            Scope::Window { .. } | Scope::Forever | Scope::Periods(_) => false,
        })
    }

    /// The slots of the closed tournaments in which both players have a place.
    pub fn places_apart(&self, moved: &PlayerRows, rows: &PlayerRows) -> BTreeSet<Slot> {
        let apart = self.places(moved, rows).into_iter().filter(|place| place.stands_apart);
        apart.map(|place| place.board.slot).collect()
    }

    /// Joins the state of two players.
    pub fn join(&self, from: &Join<'_>) -> Result<JoinedRows, RefoldError> {
        let places = self.places(from.moved, from.rows);
        let mut rows = from.rows.clone();
        self.join_boards(from, &places, &mut rows)?;
        join_statistics(self.all(from), from.moved, &mut rows.statistics)?;
        let joined_parts = self.join_parts(from, &mut rows)?;

        let mut rewrite = self.refold(&Refold {
            rows: &rows,
            events: from.events.clone(),
            passed: BTreeMap::new(),
            turned: Turned { ids: from.turned.clone(), void: true },
            gone: from.gone.clone(),
            replaced: from.replaced.clone(),
            figures_from: from.figures_from,
        })?;
        let is_changed = |(board, row): &(&BoardKey, &PlayerRow)| {
            from.rows.boards.get(*board).is_none_or(|known| known != *row)
        };
        let changed = rows.boards.iter().filter(is_changed).map(|(board, row)| (*board, *row));
        let (baselines, live): (Vec<_>, Vec<_>) = changed.partition(|(board, _)| board.slot.0 < 0);
        rewrite.boards.extend(live);
        rewrite.boards.sort_unstable_by_key(|(board, _)| *board);
        let statistics = rewrite.statistics.take().unwrap_or(rows.statistics);
        rewrite.statistics = (statistics != from.rows.statistics).then_some(statistics);
        rewrite.analytics.extend(joined_parts);
        self.take_back_live_parts(from, &mut rewrite.analytics)?;
        rewrite.figures = self.joined_figures(from, rewrite.figures)?;
        let apart = places.iter().filter(|place| place.stands_apart).flat_map(Place::both_layers);
        Ok(JoinedRows { rewrite, baselines, apart: apart.collect() })
    }

    fn all<'p>(&'p self, from: &Join<'p>) -> impl Iterator<Item = &'p Projection> + use<'p> {
        self.projections.iter().chain(from.retired)
    }

    /// The places of the player who is moved in tournaments that are closed.
    fn places(&self, moved: &PlayerRows, rows: &PlayerRows) -> Vec<Place<'_>> {
        let is_closed = |one: &&Projection| {
            one.kind == ProjectionKind::Tournament
                && self.tournaments.iter().any(|of| of.id == one.name && of.closed_at.is_some())
        };
        let has_place = |rows: &PlayerRows, board| {
            rows.boards.get(&board).copied().filter(|row| row.held.attempts > 0)
        };
        let place = |projection: &'_ Projection| {
            let board = BoardKey { slot: projection.slot, period: Timestamp::EPOCH };
            let row = has_place(moved, board)?;
            Some((board, row, has_place(rows, board).is_some()))
        };
        let closed = self.projections.iter().filter(is_closed);
        let places = closed.filter_map(|projection| {
            let (board, row, stands_apart) = place(projection)?;
            Some(Place { projection, board, row, stands_apart })
        });
        places.collect()
    }

    /// Puts baselines together, and what cannot be folded anew.
    fn join_boards(
        &self,
        from: &Join<'_>,
        places: &[Place<'_>],
        rows: &mut PlayerRows,
    ) -> Result<(), FoldOverflow> {
        let paid: BTreeSet<Slot> = places.iter().map(|place| place.projection.baseline()).collect();
        let fixed: BTreeSet<Slot> = self
            .projections
            .iter()
            .filter(|one| one.board().is_some() && !self.can_recompute(one))
            .map(|one| one.slot)
            .collect();
        for (board, row) in &from.moved.boards {
            let is_baseline = board.slot.0 < 0 && !paid.contains(&board.slot);
            if is_baseline || fixed.contains(&board.slot) {
                join_row(rows, *board, row)?;
            }
        }
        for place in places.iter().filter(|place| !place.stands_apart) {
            let slot = place.projection.baseline();
            join_row(rows, BoardKey { slot, ..place.board }, &place.row)?;
        }
        Ok(())
    }

    /// Puts parts together in baselines, and where analytics lack history. Answers what is to be written.
    fn join_parts(
        &self,
        from: &Join<'_>,
        rows: &mut PlayerRows,
    ) -> Result<Vec<AnalyticsRewrite>, StateError> {
        let mut rewrites = Vec::new();
        for projection in self.all(from) {
            let Meaning::Analytics(meaning) = &projection.meaning else { continue };
            let live = (!projection.complete).then_some(projection.slot);
            for slot in [Some(projection.baseline()), live].into_iter().flatten() {
                let rewrite = join_parts_in(slot, from.moved, from.rows, meaning)?;
                for (part, bytes) in &rewrite.parts {
                    if let Some(bytes) = bytes {
                        rows.parts.insert((slot, *part), bytes.clone());
                    }
                }
                rewrites.push(rewrite);
            }
        }
        rewrites.retain(|one| !(one.parts.is_empty() && one.counts.is_empty()));
        Ok(rewrites)
    }

    /// The live parts of the player who is moved go: what they gave is in the other's by now.
    fn take_back_live_parts(
        &self,
        from: &Join<'_>,
        rewrites: &mut Vec<AnalyticsRewrite>,
    ) -> Result<(), StateError> {
        for projection in self.projections.iter().filter(|one| one.complete) {
            let Meaning::Analytics(meaning) = &projection.meaning else { continue };
            let mut counters = Counters::default();
            take_back(from.moved.parts_in(projection.slot), meaning, &mut counters)?;
            let counts = counters.into_sorted();
            if !counts.is_empty() {
                rewrites.push(AnalyticsRewrite { slot: projection.slot, parts: vec![], counts });
            }
        }
        Ok(())
    }

    /// What figures gain: the sketches of players and the times of what came in only grow, so what the player who
    /// is moved gave to them stays, in the baselines, where it counts no event.
    fn joined_figures(
        &self,
        from: &Join<'_>,
        turned: Vec<(FigureKey, Figure)>,
    ) -> Result<Vec<(FigureKey, Figure)>, FoldOverflow> {
        let came = self.seen(from.events[..from.came].iter(), Layer::Recompute)?;
        let before = self.seen(from.before.iter(), Layer::Baseline)?;
        let gained = turned.into_iter().chain(came).chain(before);
        Ok(merged(gained.filter(|(key, _)| from.figures_from.hold(key))))
    }
}

impl Place<'_> {
    /// The place as it stands apart, and the same in the baseline, since no event gives it any more.
    fn both_layers(&self) -> [(BoardKey, PlayerRow); 2] {
        let baseline = BoardKey { slot: self.projection.baseline(), ..self.board };
        [(self.board, self.row), (baseline, self.row)]
    }
}

fn slots_of<'p>(
    projections: impl Iterator<Item = &'p Projection>,
    is_meant: impl Fn(&Projection) -> bool,
) -> Vec<i64> {
    let meant = projections.filter(|one| is_meant(one));
    meant.flat_map(|one| [one.slot.0, one.baseline().0]).collect()
}

fn join_row(rows: &mut PlayerRows, board: BoardKey, row: &PlayerRow) -> Result<(), FoldOverflow> {
    let Some(known) = rows.boards.get(&board).copied() else {
        rows.boards.insert(board, PlayerRow { taken_back: 0, ..*row });
        return Ok(());
    };
    let mut held = known.held;
    held.merge(&row.held)?;
    rows.boards.insert(board, known.replaced_by(held));
    Ok(())
}

fn join_statistics<'p>(
    projections: impl Iterator<Item = &'p Projection>,
    moved: &PlayerRows,
    statistics: &mut PlayerStatistics,
) -> Result<(), FoldOverflow> {
    for projection in projections.filter(|one| one.kind == ProjectionKind::Statistic) {
        let slot = projection.baseline();
        let Some(more) = moved.statistics.get(slot) else { continue };
        let amount = match (statistics.get(slot), is_sum(projection)) {
            (None, _) => more,
            (Some(known), true) => known.checked_add(more).ok_or(FoldOverflow)?,
            (Some(known), false) => known.max(more),
        };
        statistics.set(slot, Some(amount));
    }
    Ok(())
}

/// Whether a statistic adds up. The built-in ones are maxima.
fn is_sum(projection: &Projection) -> bool {
    match &projection.meaning {
        Meaning::Statistic(measure) => {
            matches!(measure.operator, Operator::Sum | Operator::Count)
        }
        Meaning::BuiltIn | Meaning::Board(_) | Meaning::Analytics(_) => false,
    }
}

fn join_parts_in(
    slot: Slot,
    moved: &PlayerRows,
    rows: &PlayerRows,
    meaning: &Analytics,
) -> Result<AnalyticsRewrite, StateError> {
    let bytes = |(part, bytes): (Part, &'_ Vec<u8>)| (part, bytes.clone());
    let more: BTreeMap<Part, Vec<u8>> = moved.parts_in(slot).map(bytes).collect();
    let known: BTreeMap<Part, Vec<u8>> = rows.parts_in(slot).map(bytes).collect();
    let parts_of = |all: &BTreeMap<Part, Vec<u8>>| {
        PlayerParts::of_kept(all.iter().map(|(part, bytes)| (*part, bytes.as_slice())))
    };
    let mut due = parts_of(&known)?;
    due.merge(&parts_of(&more)?);
    let (kept, mut counters, mut parts) = (due.to_kept(), Counters::default(), Vec::new());
    for part in more.keys() {
        let (known, new) = (known.get(part), kept.get(part));
        if known != new {
            replace_part(*part, known.map(Vec::as_slice), &due, meaning, &mut counters)?;
            parts.push((*part, new.cloned()));
        }
    }
    take_back(more.iter().map(|(part, bytes)| (*part, bytes)), meaning, &mut counters)?;
    Ok(AnalyticsRewrite { slot, parts, counts: counters.into_sorted() })
}

fn take_back<'b>(
    parts: impl Iterator<Item = (Part, &'b Vec<u8>)>,
    meaning: &Analytics,
    counters: &mut Counters,
) -> Result<(), StateError> {
    for (part, bytes) in parts {
        replace_part(part, Some(bytes), &PlayerParts::default(), meaning, counters)?;
    }
    Ok(())
}
