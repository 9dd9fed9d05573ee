//! What an act on some events of a player changes in figures and analytics.
//!
//! A player's parts of analytics are folded anew, as boards are. What is a plain sum of events (figures,
//! money, currencies) has no state of a player: there the events that count no longer are taken out, and
//! those that count again put in.

use std::collections::{BTreeMap, BTreeSet};

use super::refold_given::{AnalyticsRewrite, Folded, Kept, Refold, Replaced};
use super::{
    AnalyticsChange, Changes, Figure, FigureKey, FoldOverflow, Layer, Meaning, Plan, Projection,
    ProjectionKind,
};
use crate::analytics::{Analytics, Counters, Part, PlayerParts, StateError, replace_part};
use crate::id::Slot;
use crate::time::Timestamp;
use crate::void::{Span, Voids};

impl Plan {
    /// The slots whose parts a refold reads: live ones, those being filled, and baselines.
    pub fn refolded_parts(&self) -> Vec<i64> {
        let analytics = self.projections.iter().filter(|one| one.kind == ProjectionKind::Analytics);
        let slots = analytics.flat_map(|one| {
            let filling = one.filling.map(|filling| filling.slot);
            [Some(one.slot), Some(one.baseline()), filling].into_iter().flatten()
        });
        slots.map(|slot| slot.0).collect()
    }

    /// What becomes of analytics. Those that lack history are left as they are until they are filled.
    pub(super) fn refold_analytics(
        &self,
        from: &Refold<'_>,
        folded: &[Folded],
    ) -> Result<Vec<AnalyticsRewrite>, StateError> {
        let mut rewrites = Vec::new();
        for projection in &self.projections {
            let Meaning::Analytics(meaning) = &projection.meaning else { continue };
            for one in folded {
                let Some(slot) = slot_in(projection, one.layer) else { continue };
                let baseline = from.rows.parts_in(projection.baseline());
                let mut due = PlayerParts::of_kept(baseline.map(|(part, bytes)| (part, &**bytes)))?;
                of_slot(&one.all, slot).for_each(|change| {
                    change.players.iter().for_each(|player| due.merge(&player.parts));
                });
                let mut counters = Counters::default();
                for (changes, sign) in [(&one.out, -1), (&one.into, 1)] {
                    let sums = of_slot(changes, slot).flat_map(|change| &change.counts);
                    counters.add_all(sums.map(|(key, amount)| (key.clone(), sign * amount)));
                }
                rewrites.push(rewrite(from, slot, &due, meaning, counters)?);
            }
        }
        rewrites.retain(|one| !(one.parts.is_empty() && one.counts.is_empty()));
        Ok(rewrites)
    }

    /// What figures gain. Those that retention has removed stay away.
    pub(super) fn refold_figures(
        &self,
        from: &Refold<'_>,
        folded: &[Folded],
    ) -> Vec<(FigureKey, Figure)> {
        let mut gained = Vec::new();
        for one in folded {
            let figures = self.projections.iter().filter(|one| one.kind == ProjectionKind::Figures);
            let slots: Vec<Slot> = figures.filter_map(|of| slot_in(of, one.layer)).collect();
            for (changes, sign) in [(&one.out, -1), (&one.into, 1)] {
                let of_slots = changes.figures.iter().filter(|(key, _)| slots.contains(&key.slot));
                for (key, figure) in of_slots.filter(|(key, _)| from.figures_from.hold(key)) {
                    let mut figure = figure.clone();
                    figure.events *= sign;
                    figure.processing_ms *= sign;
                    gained.push((key.clone(), figure));
                }
            }
        }
        gained
    }
}

impl Plan {
    /// What figures gain by events that count at another time from now on, beside their numbers: the times and the
    /// players of what came in only grow. So what those gave as they were stays, in the baselines, where it counts no event.
    pub(super) fn traces(
        &self,
        from: &Refold<'_>,
    ) -> Result<Vec<(FigureKey, Figure)>, FoldOverflow> {
        let is_elsewhere =
            |one: &&Replaced<'_>| one.before.event.counted_at != one.after.event.counted_at;
        let elsewhere: Vec<&Replaced<'_>> = from.replaced.iter().filter(is_elsewhere).collect();
        if elsewhere.is_empty() {
            return Ok(Vec::new());
        }
        let fills = self.projections.iter().filter_map(|one| one.filling);
        let fills = fills.map(|filling| Layer::Fill(filling.slot));
        let mut gained = Vec::new();
        for layer in [Layer::Recompute, Layer::Baseline].into_iter().chain(fills) {
            let before = elsewhere.iter().map(|one| &one.before);
            let after = elsewhere.iter().map(|one| &one.after).filter(from.is_in(layer));
            match layer {
                Layer::Live | Layer::Recompute => gained.extend(self.seen(after, layer)?),
                Layer::Baseline => gained.extend(self.seen(before, layer)?),
                Layer::Fill(_) => gained.extend(self.seen(before.chain(after), layer)?),
            }
        }
        gained.retain(|(key, _)| from.figures_from.hold(key));
        Ok(gained)
    }

    /// What figures of a layer say of events that came in and do not count.
    pub(super) fn seen<'k>(
        &self,
        events: impl Iterator<Item = &'k Kept<'k>>,
        layer: Layer,
    ) -> Result<Vec<(FigureKey, Figure)>, FoldOverflow> {
        let voided = Voids::of(vec![Span { from: Timestamp::MIN, until: None }]);
        let events = events.map(|one| (one.event, one.applied_at, &voided));
        Ok(self.fold_counting(events, layer)?.figures)
    }
}

/// Figures of the same key put together, in the order of keys.
pub(super) fn merged(
    gained: impl IntoIterator<Item = (FigureKey, Figure)>,
) -> Vec<(FigureKey, Figure)> {
    let mut all: BTreeMap<FigureKey, Figure> = BTreeMap::new();
    for (key, figure) in gained {
        match all.get_mut(&key) {
            Some(known) => known.merge(&figure),
            None => drop(all.insert(key, figure)),
        }
    }
    all.into_iter().collect()
}

/// The slot of a projection that is brought to what the events of a layer say.
fn slot_in(projection: &Projection, layer: Layer) -> Option<Slot> {
    match layer {
        Layer::Fill(slot) => projection.fills(slot).then_some(slot),
        Layer::Live | Layer::Recompute | Layer::Baseline => {
            projection.complete.then_some(projection.slot)
        }
    }
}

fn of_slot(changes: &Changes, slot: Slot) -> impl Iterator<Item = &AnalyticsChange> {
    changes.analytics.iter().filter(move |change| change.slot == slot)
}

/// Puts the parts that are due in place of those that are kept.
fn rewrite(
    from: &Refold<'_>,
    slot: Slot,
    due: &PlayerParts,
    meaning: &Analytics,
    mut counters: Counters,
) -> Result<AnalyticsRewrite, StateError> {
    let known: BTreeMap<Part, &Vec<u8>> = from.rows.parts_in(slot).collect();
    let kept = due.to_kept();
    let all: BTreeSet<Part> = known.keys().chain(kept.keys()).copied().collect();
    let mut parts = Vec::new();
    for part in all {
        let (known, new) = (known.get(&part).copied(), kept.get(&part));
        if known != new {
            replace_part(part, known.map(Vec::as_slice), due, meaning, &mut counters)?;
            parts.push((part, new.cloned()));
        }
    }
    Ok(AnalyticsRewrite { slot, parts, counts: counters.into_sorted() })
}
