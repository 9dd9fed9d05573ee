//! What a definition would change if it were put in force.
//!
//! [`preview`] asks the same function as the store, [`reconcile`], and names its steps as a [`Change`] each;
//! it adds the tournaments that go on unchanged, and the stored events whose type is removed. It
//! reads nothing and changes nothing.

mod change;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fold::{Plan, WantedProjection};
use crate::game::{Definition, EventType};
use crate::reconcile::{Step, reconcile};
use crate::time::Timestamp;
use crate::tournament::{Tournament, due};

pub use change::{Change, RECENT_DAYS};

/// What a preview looks at beside the plan in force.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Whether any event was ever applied.
    pub has_history: bool,
    /// How many events of each type happened in the last [`RECENT_DAYS`].
    pub recent: BTreeMap<Arc<str>, u64>,
}

/// What putting `new` in force at `now` would change; empty if nothing.
pub fn preview(plan: &Plan, new: &Definition, stored: &Stored, now: Timestamp) -> Vec<Change> {
    let old = &plan.definition;
    let mut changes = Vec::new();
    if old.game.name != new.game.name {
        let (from, to) = (old.game.name.clone(), new.game.name.clone());
        changes.push(Change::Game { from, to });
    }
    changes.extend(of_event_types(old, new, stored));
    changes.extend(of_projections(plan, new, stored));
    if old.game.main_board != new.game.main_board {
        let (from, to) = (Arc::clone(&old.game.main_board), Arc::clone(&new.game.main_board));
        changes.push(Change::MainBoard { from, to });
    }
    changes.extend(of_series(plan, new, now));
    changes.extend(plan.tournaments.iter().filter_map(|one| of_tournament(one, old, new)));
    changes
}

fn of_event_types(old: &Definition, new: &Definition, stored: &Stored) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, event) in &new.events {
        let name = Arc::clone(name);
        match old.events.get(&name) {
            None => changes.push(Change::EventTypeAdded { name }),
            Some(before) if !before.is_written_like(event) => {
                changes.push(Change::EventTypeChanged { name });
            }
            Some(EventType { .. }) => {}
        }
    }
    let removed = old.events.keys().filter(|name| !new.events.contains_key(*name));
    changes.extend(removed.map(|name| Change::EventTypeRemoved {
        name: Arc::clone(name),
        recent: stored.recent.get(name).copied().unwrap_or(0),
    }));
    changes
}

fn of_projections(plan: &Plan, new: &Definition, stored: &Stored) -> Vec<Change> {
    let wanted = new.wanted_projections();
    let steps = reconcile(&wanted, &plan.projections, &[], stored.has_history);
    steps.iter().filter_map(|step| of_step(plan, &wanted, step)).collect()
}

fn of_step(plan: &Plan, wanted: &[WantedProjection], step: &Step) -> Option<Change> {
    let kept = |no| plan.projections.iter().find(|one| one.no == no);
    match step {
        Step::Create { wanted, complete, pending }
        | Step::Revive { wanted, complete, pending, .. } => {
            let (kind, name) = (wanted.kind, Arc::clone(&wanted.name));
            Some(match plan.shown(kind, &name) {
                None => Change::Added { kind, name, starts_empty: !complete },
                Some(shown) => Change::MeaningChanged {
                    kind,
                    name,
                    from: shown.fingerprint.clone(),
                    to: wanted.meaning.fingerprint(),
                    shows_former: *pending,
                },
            })
        }
        Step::Retire { no } => {
            let kept = kept(*no)?;
            let (kind, name) = (kept.kind, Arc::clone(&kept.name));
            let successor = wanted.iter().find(|one| one.kind == kind && one.name == name);
            let shown = plan.shown(kind, &name).map(|shown| &shown.fingerprint);
            match successor {
                None if kept.pending => None,
                None => Some(Change::Removed { kind, name }),
                Some(one) if Some(&one.meaning.fingerprint()) == shown => {
                    Some(Change::TakenBack { kind, name })
                }
                Some(_) => None,
            }
        }
        Step::Describe { .. } | Step::Show { .. } | Step::AbandonFill { .. } => None,
    }
}

fn of_series(plan: &Plan, new: &Definition, now: Timestamp) -> Vec<Change> {
    let old = &plan.definition;
    let mut changes = Vec::new();
    for series in new.tournaments.values() {
        let known = |id: &Arc<str>| plan.tournaments.iter().any(|one| one.id == *id);
        let creates = due(series, new, now).into_iter().map(|one| one.id);
        let creates = creates.filter(|id| !known(id)).collect();
        let name = Arc::clone(&series.name);
        match old.tournaments.get(&name) {
            None => changes.push(Change::SeriesAdded { name, creates }),
            Some(before) if before != series => {
                changes.push(Change::SeriesChanged { name, creates });
            }
            Some(_) => {}
        }
    }
    let removed = old.tournaments.keys().filter(|name| !new.tournaments.contains_key(*name));
    changes.extend(removed.map(|name| Change::SeriesRemoved { name: Arc::clone(name) }));
    changes
}

/// What an open tournament has to do with the change, if anything.
fn of_tournament(one: &Tournament, old: &Definition, new: &Definition) -> Option<Change> {
    if one.closed_at.is_some() {
        return None;
    }
    let (id, event) = (Arc::clone(&one.id), &one.board.measure.event);
    let is_sealed = one.sealed_at.is_some();
    if !is_sealed && old.events.contains_key(event) && !new.events.contains_key(event) {
        return Some(Change::TournamentStarved { id, event: Arc::clone(event) });
    }
    let name = &one.board.name;
    let meaning =
        |game: &Definition| game.boards.get(name).map(|board| board.without_resets().fingerprint());
    let although = match (meaning(old), meaning(new)) {
        (before, now) if before != now => match now {
            None => Some(format!("leaderboard {name} is gone")),
            Some(_) => Some(format!("leaderboard {name} counts something else")),
        },
        _ => of_its_series(one, old, new),
    };
    although.map(|although| Change::TournamentKept { id, although })
}

fn of_its_series(one: &Tournament, old: &Definition, new: &Definition) -> Option<String> {
    let series = one.series.as_ref()?;
    let before = old.tournaments.get(series)?;
    match new.tournaments.get(series) {
        None => Some(format!("its series {series} ends")),
        Some(after) if after != before => Some(format!("its series {series} changes")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::ProjectionKind;
    use crate::game::SAMPLE;
    use crate::id::{ProjectionNo, Slot};
    use crate::tournament::NewTournament;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-25T10:00:00Z").expect("a time")
    }

    fn game(text: &str) -> Definition {
        Definition::parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
    }

    /// The plan of the sample, with its tournaments of this week and the next.
    fn plan() -> Plan {
        let definition = Arc::new(Definition::sample());
        let series = definition.tournaments.values().next().expect("a series");
        let new = due(series, &definition, now());
        let wanted = definition.wanted_projections().into_iter();
        let wanted = wanted.chain(new.iter().map(NewTournament::wanted_projection));
        let projections: Vec<_> =
            (1..).zip(wanted).map(|(no, one)| one.made(ProjectionNo(no), Slot(no), true)).collect();
        let tournaments = new.into_iter().map(|new| Tournament {
            id: new.id,
            series: new.series,
            name: new.name,
            board: new.board,
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            prizes: new.prizes,
            projection: ProjectionNo(1),
            slot: Slot(1),
            cancelled_at: None,
            sealed_at: None,
            closed_at: None,
            participants: None,
        });
        let tournaments = tournaments.collect();
        Plan::new(1, definition, projections, tournaments)
    }

    fn changes(text: &str) -> Vec<(String, String)> {
        let events = BTreeMap::from([(Arc::from("game_ended"), 12)]);
        let stored = Stored { has_history: true, recent: events };
        let changes = preview(&plan(), &game(text), &stored, now());
        let told = |change: &Change| (change.kind().to_owned(), change.words());
        changes.iter().map(told).collect()
    }

    fn kinds(text: &str) -> Vec<String> {
        changes(text).into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn the_same_definition_changes_nothing() {
        assert_eq!(changes(SAMPLE), []);
        assert_eq!(changes(&format!("{SAMPLE}\n# a remark\n")), []);
    }

    #[test]
    fn a_board_that_is_added_starts_empty() {
        let more = "\n[leaderboards.longest]\nevent = \"game_ended\"\noperator = \"best\"\n\
                    score = \"duration_seconds\"\n";
        let found = changes(&format!("{SAMPLE}{more}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "board_added");
        assert!(found[0].1.contains("starts empty"), "{found:?}");
    }

    #[test]
    fn a_filter_that_changes_is_told_and_tournaments_keep_what_was_promised() {
        let filtered = "where = { game_mode = \"endless\" }";
        assert!(SAMPLE.contains(filtered), "the sample filters by mode");
        let other =
            SAMPLE.replace(filtered, "where = { game_mode = \"endless\", platform = \"ios\" }");
        let found = changes(&other);
        let board =
            found.iter().find(|(kind, words)| kind == "board_changed" && words.contains("global"));
        let (_, words) = board.unwrap_or_else(|| panic!("{found:?}"));
        assert!(words.contains("marked as outdated"), "{words}");
        let kept = found.iter().filter(|(kind, _)| kind == "tournament_kept").count();
        assert_eq!(kept, 2, "this week's and the next: {found:?}");
    }

    #[test]
    fn a_series_that_ends_leaves_its_tournaments() {
        let start = SAMPLE.find("[tournaments.weekly]").expect("a series");
        let rest = &SAMPLE[start..];
        let end = rest.find("\n[statistics").map_or(rest.len(), |end| end);
        let without = format!("{}{}", &SAMPLE[..start], &rest[end..]);
        assert_eq!(kinds(&without), ["series_removed", "tournament_kept", "tournament_kept"]);
    }

    #[test]
    fn another_game_is_told_first() {
        let own = format!("name = {:?}", Definition::sample().game.name);
        let found = changes(&SAMPLE.replacen(&own, "name = \"Dune\"", 1));
        assert_eq!(found[0].0, "game_replaced");
    }

    #[test]
    fn a_change_that_is_taken_back_misses_nothing() {
        let plan = plan();
        let mut projections = plan.projections.clone();
        let global = plan.projection(ProjectionKind::Board, "global").expect("the sample's board");
        let mut other = global.clone();
        other.no = ProjectionNo(99);
        other.fingerprint = "something else".to_owned();
        (other.complete, other.pending) = (false, true);
        projections.push(other);
        let plan = Plan::new(2, Arc::clone(&plan.definition), projections, plan.tournaments);
        let stored = Stored { has_history: true, recent: BTreeMap::new() };
        let found = preview(&plan, &game(SAMPLE), &stored, now());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].kind(), found[0].subject()), ("board_restored", "global"));
        assert!(!found[0].lacks_history());
    }
}
