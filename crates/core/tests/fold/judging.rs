//! Rules over several events: what each of them holds, and what it is told of it.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;
use scoreline_core::event::Event;
use scoreline_core::fold::{Known, Plan};
use scoreline_core::game::Definition;
use scoreline_core::id::{PlayerId, ProjectionNo, Slot};
use scoreline_core::suspicion::Memory;

use crate::game::event;

const GAME: &str = r#"
[game]
name = "Watched"
[events.begun.fields]
run = { type = "string" }
[events.ended.fields]
run = { type = "string" }
score = { type = "integer" }
ms = { type = "integer" }
[leaderboards.best]
event = "ended"
operator = "best"
score = "score"
[leaderboards.fastest]
event = "ended"
operator = "best"
score = "ms"
order = "ascending"
"#;

/// The plan of the game with these rules; its boards hold all of history, or not.
fn plan(rules: &str, complete: bool) -> Plan {
    let definition = Arc::new(Definition::parse(&format!("{GAME}{rules}")).expect("no mistakes"));
    let projections = definition
        .wanted_projections()
        .into_iter()
        .zip(1..)
        .map(|(wanted, no)| wanted.made(ProjectionNo(no), Slot(100 + no), complete))
        .collect();
    Plan::new(1, definition, projections, Vec::new())
}

fn ended(id: u128, second: i64, score: i64, ms: i64) -> Event {
    let payload = format!(r#"{{"run":"r{id}","score":{score},"ms":{ms}}}"#);
    event("ann", id, (second * 1_000, second * 1_000), "ended", &payload)
}

fn begun(id: u128, second: i64) -> Event {
    let payload = format!(r#"{{"run":"r{id}"}}"#);
    event("ann", 1_000 + id, (second * 1_000, second * 1_000), "begun", &payload)
}

/// A store of what is remembered, and of the best of the player.
#[derive(Default)]
struct Judge {
    memories: HashMap<PlayerId, Memory>,
    best: Option<(i64, i64)>,
}

impl Judge {
    /// Judges a batch. Answers what is held, each with the rule and whether it is refused at once.
    fn judge(&mut self, plan: &Plan, events: &[Event]) -> Vec<(u128, &'static str, bool)> {
        let events: Vec<&Event> = events.iter().collect();
        let asked = plan.asked_before(&events);
        let bests = asked.bests.into_iter().zip(self.best.into_iter().cycle()).collect();
        let known = Known { memories: self.memories.clone(), bests, ..Known::default() };
        let judged = plan.judge(&events, known);
        self.memories.extend(judged.memories);
        let told = |held: &scoreline_core::review::Held<'_>| {
            assert!(!held.reason.is_empty());
            (held.event.id.as_u128(), held.rule, held.is_refused)
        };
        judged.held.iter().map(told).collect()
    }
}

fn rule(rest: &str) -> String {
    format!("[[suspicion]]\nevent = \"ended\"\n{rest}\n")
}

#[test]
fn a_game_without_rules_asks_nothing() {
    let plan = plan("", true);
    assert_eq!(plan.to_judge(&[], &HashMap::new()), None);
    assert_eq!(Judge::default().judge(&plan, &[ended(1, 1, 9, 1)]), []);
}

#[test]
fn an_improvement_is_judged_by_factor_amount_or_both_and_only_after_so_many_events() {
    let held = |rest: &str, complete: bool, best: Option<(i64, i64)>, score: i64| {
        let plan =
            plan(&rule(&format!("rule = \"improvement\"\nboard = \"best\"\n{rest}")), complete);
        let mut judge = Judge { best, ..Judge::default() };
        !judge.judge(&plan, &[ended(1, 1, score, 1)]).is_empty()
    };
    let factor = |best, score| held("factor = 3", true, best, score);
    assert!(!factor(None, 999), "there is nothing to compare with");
    assert!(!factor(Some((100, 1)), 300));
    assert!(factor(Some((100, 1)), 301));
    assert!(!factor(Some((0, 1)), 301), "anything is many times nothing");
    assert!(!held("factor = 3", false, Some((100, 1)), 999), "the board lacks history");
    assert!(!held("factor = 3\nafter = 5", true, Some((100, 4)), 999));
    assert!(held("factor = 3\nafter = 5", true, Some((100, 5)), 999));
    let both = |best, score| held("factor = 3\namount = 500", true, Some((best, 1)), score);
    assert!(!both(100, 600) && both(100, 601) && !both(1_000, 3_000) && both(0, 501));
    let amount = |score| held("amount = 500", true, Some((-100, 1)), score);
    assert!(!amount(400) && amount(401));
}

#[test]
fn a_time_that_is_better_the_smaller_it_is_is_compared_the_other_way_round() {
    let plan = plan(&rule("rule = \"improvement\"\nboard = \"fastest\"\nfactor = 2"), true);
    let held = |ms| {
        let mut judge = Judge { best: Some((-1_000, 1)), ..Judge::default() };
        judge.judge(&plan, &[ended(1, 1, 0, ms)]).len()
    };
    assert_eq!([held(1_200), held(500), held(499), held(0)], [0, 0, 1, 1]);
}

#[test]
fn within_a_batch_what_counted_before_is_what_later_events_are_compared_with() {
    let plan = plan(&rule("rule = \"improvement\"\nboard = \"best\"\nfactor = 3"), true);
    let mut judge = Judge { best: Some((100, 1)), ..Judge::default() };
    let batch = [ended(3, 30, 700, 1), ended(2, 20, 250, 1), ended(1, 10, 900, 1)];
    assert_eq!(judge.judge(&plan, &batch), [(1, "improvement", false)]);
}

#[test]
fn an_event_is_counted_once_however_many_rules_compare_with_its_board() {
    let improvement =
        |rest: &str| rule(&format!("rule = \"improvement\"\nboard = \"best\"\n{rest}"));
    let both = format!("{}{}", improvement("factor = 3\nafter = 3"), improvement("amount = 9000"));
    let batch = [ended(1, 10, 10, 1), ended(2, 20, 20, 1), ended(3, 30, 900, 1)];
    assert_eq!(Judge::default().judge(&plan(&both, true), &batch), [], "two counted before it");
}

#[test]
fn whoever_is_compared_with_a_board_is_judged_alone_and_nothing_more_is_remembered() {
    let plan = plan(&rule("rule = \"improvement\"\nboard = \"best\"\nfactor = 3"), true);
    let event = ended(1, 10, 10, 1);
    assert_eq!(plan.asked_before(&[&event]).remembered, std::slice::from_ref(&event.player));
    assert_eq!(plan.judge(&[&event], Known::default()).memories, []);
}

#[test]
fn what_cannot_be_read_of_a_player_is_forgotten() {
    let mut known = Known::default();
    known.remember(PlayerId::from_stored("ann"), "7").expect_err("is no memory");
    assert!(known.memories.is_empty());
}

#[test]
fn a_game_must_follow_a_beginning_of_the_same_run() {
    let plan = plan(&rule("rule = \"predecessor\"\nbefore = \"begun\"\nsame = \"run\""), true);
    let mut judge = Judge::default();
    let held = |id| (id, "predecessor", false);
    assert_eq!(judge.judge(&plan, &[ended(1, 20, 1, 1), begun(1, 10)]), [], "in any order");
    assert_eq!(judge.judge(&plan, &[ended(2, 20, 1, 1)]), [held(2)]);
    assert_eq!(
        judge.judge(&plan, &[begun(3, 40), ended(3, 30, 1, 1)]),
        [held(3)],
        "it began later"
    );
    assert_eq!(judge.judge(&plan, &[begun(4, 50)]), []);
    assert_eq!(judge.judge(&plan, &[ended(4, 60, 1, 1)]), [], "of another batch");
    let nameless = event("ann", 5, (70_000, 70_000), "ended", r#"{"score":1}"#);
    assert_eq!(judge.judge(&plan, &[nameless]), [held(5)]);
    let other = event("bob", 4, (60_000, 60_000), "ended", r#"{"run":"r4","score":1}"#);
    assert_eq!(judge.judge(&plan, &[other]), [held(4)], "of somebody else");
}

#[test]
fn what_misses_nothing_but_its_beginning_is_told_once_that_comes() {
    let clock = "rule = \"clock\"\nplayed = \"ms\"\nunit = \"milliseconds\"\ntolerance_seconds = 5";
    let predecessor = "rule = \"predecessor\"\nbefore = \"begun\"\nsame = \"run\"";
    let plan = plan(&format!("{}{}", rule(predecessor), rule(clock)), true);
    let mut judge = Judge::default();
    let events = [ended(1, 10, 1, 1), ended(2, 11, 1, 9_000)];
    let held = [(1, "predecessor", false), (2, "clock", false)];
    assert_eq!(judge.judge(&plan, &events), held, "the clock is the reason wherever it stands");
    let followed = |judge: &Judge, event: &Event| {
        let known = Known { memories: judge.memories.clone(), ..Known::default() };
        plan.judge(&[event], known).followed
    };
    assert_eq!(followed(&judge, &begun(1, 9)), [events[0].key()]);
    assert_eq!(followed(&judge, &begun(2, 9)), []);
    assert_eq!(followed(&judge, &begun(1, 11)), [], "it began later");
}

#[test]
fn the_clock_and_the_interval_hold_what_cannot_have_been_played() {
    let clock = "rule = \"clock\"\nplayed = \"ms\"\nunit = \"milliseconds\"\ntolerance_seconds = 5";
    let both = format!(
        "{}{}",
        rule(clock),
        rule("rule = \"interval\"\nleast_seconds = 3\nthen = \"refuse\"")
    );
    let plan = plan(&both, true);
    let mut judge = Judge::default();
    assert_eq!(judge.judge(&plan, &[ended(1, 100, 1, 60_000)]), []);
    assert_eq!(judge.judge(&plan, &[ended(2, 150, 1, 55_000)]), []);
    assert_eq!(judge.judge(&plan, &[ended(3, 160, 1, 15_001)]), [(3, "clock", false)]);
    assert_eq!(judge.judge(&plan, &[ended(4, 162, 1, 1)]), [(4, "interval", true)]);
    // Of those that are older than what is remembered, nobody can tell.
    let many: Vec<Event> = (0..20)
        .map(|n| ended(10 + n, 1_000 + 10 * i64::try_from(n).expect("small"), 1, 1))
        .collect();
    assert_eq!(judge.judge(&plan, &many), []);
    assert_eq!(judge.judge(&plan, &[ended(50, 500, 1, 1)]), [(50, "clock", false)]);
}

#[test]
fn a_plausibility_rule_may_hold_instead_of_turning_away() {
    let rules = "[[plausibility]]\nevent = \"ended\"\nfield = \"score\"\nat_most = 2\ntimes = \"ms\"\nthen = \"review\"\n";
    let plan = plan(rules, true);
    let mut judge = Judge::default();
    let batch = [ended(1, 1, 20, 10), ended(2, 2, 21, 10)];
    assert_eq!(judge.judge(&plan, &batch), [(2, "plausibility", false)]);
    assert!(judge.memories.is_empty(), "such a rule looks at the event alone");
    let nothing = event("ann", 3, (1, 1), "ended", r#"{"score":"x","ms":10}"#);
    assert_eq!(judge.judge(&plan, &[nothing]), []);
}

proptest! {
    /// What a batch holds does not depend on the order in which its events stand in it.
    #[test]
    fn a_batch_is_judged_the_same_in_any_order(
        times in prop::collection::vec((0..500_i64, 0..90_000_i64), 1..12),
        turn in 0..12_usize,
    ) {
        let clock = "rule = \"clock\"\nplayed = \"ms\"\nunit = \"milliseconds\"\ntolerance_seconds = 5";
        let plan = plan(&format!("{}{}", rule(clock), rule("rule = \"predecessor\"\nbefore = \"begun\"\nsame = \"run\"")), true);
        let mut events: Vec<Event> = (0..).zip(&times).map(|(id, (second, ms))| ended(id, *second, 1, *ms)).collect();
        events.extend((0..).zip(&times).step_by(2).map(|(id, (second, _))| begun(id, *second - 1)));
        let first = Judge::default().judge(&plan, &events);
        let turn = turn % events.len();
        events.rotate_left(turn);
        prop_assert_eq!(&first, &Judge::default().judge(&plan, &events));
        events.reverse();
        prop_assert_eq!(&first, &Judge::default().judge(&plan, &events));
    }
}
