//! Events that break a rule: decided once, beside the event, and a fold of what counts from then on.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::audit::AuditFilter;
use scoreline_core::erasure::{Erasure, ErasureStep};
use scoreline_core::event::Event;
use scoreline_core::feed::{Change, Heard};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::Definition;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::review::{Deciding, Review, ReviewFilter, ReviewNo, Standing};
use scoreline_core::store::{Batch, StoreError};
use scoreline_core::time::Clock;
use scoreline_core::void::{Meant, Voided, Voiding, Voids};
use uuid::Uuid;

use super::Database;
use super::access::act;
use super::world::World;
use crate::game::{DAY_MS, at, event, player};

/// A game with a rule of every kind. Those that hold nothing of a test's events are far off.
const WATCHED: &str = r#"
[game]
name = "Watched"
[events.begun.fields]
run = { type = "string" }
[events.ended.fields]
mode = { type = "string" }
run = { type = "string" }
score = { type = "integer" }
seconds = { type = "number" }
coins = { type = "integer" }
[events.raced.fields]
score = { type = "integer" }
[leaderboards.best]
event = "ended"
operator = "best"
score = "score"
beside = { coins = "coins" }
[leaderboards.total]
event = "ended"
operator = "sum"
score = "score"
[leaderboards.weekly]
event = "ended"
operator = "best"
score = "score"
reset = { cron = "0 0 * * 1" }
[leaderboards.races]
event = "raced"
operator = "best"
score = "score"
[statistics.coins]
event = "ended"
operator = "sum"
field = "coins"
[[plausibility]]
event = "ended"
field = "score"
at_most = 10
times = "seconds"
then = "review"
[[suspicion]]
event = "ended"
rule = "improvement"
board = "best"
factor = 5
amount = 500
[[suspicion]]
event = "ended"
rule = "clock"
played = "seconds"
tolerance_seconds = 10
[[suspicion]]
event = "ended"
rule = "predecessor"
before = "begun"
same = "run"
[[suspicion]]
event = "raced"
rule = "interval"
least_seconds = 5
then = "refuse"
"#;

/// The beginning of the run of a game.
fn begun(id: &str, no: u128, second: i64) -> Event {
    event(id, 1_000 + no, second * 1_000, "begun", &format!(r#"{{"run":"r{no}"}}"#))
}

/// A game that ended at `second` after so many seconds.
fn ended(id: &str, no: u128, second: i64, score: i64, seconds: i64) -> Event {
    let payload = format!(
        r#"{{"mode":"endless","run":"r{no}","score":{score},"seconds":{seconds},"coins":1}}"#
    );
    event(id, no, second * 1_000, "ended", &payload)
}

/// A whole run.
fn run(id: &str, no: u128, second: i64, score: i64, seconds: i64) -> [Event; 2] {
    [begun(id, no, second - seconds), ended(id, no, second, score, seconds)]
}

fn raced(id: &str, no: u128, ms: i64) -> Event {
    event(id, no, ms, "raced", r#"{"score":7}"#)
}

impl<'d> World<'d> {
    async fn watched(database: &'d dyn Database) -> Self {
        let mut world = World::new(database).await;
        world.adopt(Definition::parse(WATCHED).expect("no mistakes")).await;
        world
    }

    /// Applies events and learns which of them are held.
    pub(super) async fn judge(&mut self, events: &[Event]) {
        self.apply(events).await;
        self.learn_voids().await;
    }

    pub(super) async fn listed(&self, standing: Standing) -> Vec<Review> {
        let filter = ReviewFilter { standing, ..ReviewFilter::default() };
        self.store.reviews(filter, None, OPERATOR_PAGE_MAX).await.expect("answers").rows
    }

    /// The rules by which events wait, by their ids.
    async fn waiting(&self) -> Vec<(u128, String)> {
        let all = self.listed(Standing::Waiting).await;
        all.into_iter().map(|one| (one.event.id.as_u128(), one.rule)).collect()
    }

    async fn settle(&mut self, id: &str, entries: Vec<ReviewNo>, accept: bool) -> u64 {
        let ms = self.clock.advance(1).ms_since(at(0));
        let act = act("decideReviews", id, ms);
        let deciding = Deciding { entries, accept };
        let plan = self.plan().await;
        let done = self.store.decide(plan, player(id), deciding, act).await.expect("decides");
        self.learn_voids().await;
        done
    }

    async fn settle_all(&mut self, id: &str, standing: Standing, accept: bool) -> u64 {
        let listed = self.listed(standing).await;
        let of_player = listed.iter().filter(|one| one.event.player == player(id));
        let entries = of_player.map(|one| one.no).collect();
        self.settle(id, entries, accept).await
    }

    async fn standings(&self, board: &str) -> Vec<(String, i64)> {
        let board = self.board(board).await;
        self.ranking(board).await
    }
}

fn rows<const N: usize>(rows: [(&str, i64); N]) -> Vec<(String, i64)> {
    rows.map(|(id, points)| (id.to_owned(), points)).to_vec()
}

pub async fn what_breaks_a_rule_counts_once_it_is_accepted_as_if_it_had_never_been_held(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    world.judge(&run("ann", 1, 100, 50, 60)).await;
    world.judge(&run("bob", 2, 110, 90, 60)).await;
    // More points than seconds allow, better than ever before, longer than the clock allows, without a beginning.
    world.judge(&run("ann", 3, 200, 900, 60)).await;
    world.judge(&run("ann", 4, 900, 600, 70)).await;
    world.judge(&run("bob", 5, 120, 10, 60)).await;
    world.judge(&[ended("bob", 6, 900, 20, 60)]).await;
    let rules = [(3, "plausibility"), (4, "improvement"), (5, "clock"), (6, "predecessor")];
    assert_eq!(world.waiting().await, rules.map(|(id, rule)| (id, rule.to_owned())));
    let waiting = world.store.totals().await.expect("answers").in_review;
    assert_eq!(waiting.entries, 4);
    assert_eq!(waiting.since, Some(world.listed(Standing::Waiting).await[0].held_at));
    assert_eq!(world.standings("best").await, rows([("bob", 90), ("ann", 50)]));
    world.check().await;
    let own = world.store.waiting_of(player("ann")).await.expect("answers");
    assert_eq!(own.iter().map(|(event, _)| event.id.as_u128()).collect::<Vec<_>>(), [3, 4]);

    let held = world.store.entries(world.board("best").await, vec![player("ann")]).await;
    let held = held.expect("answers")[0].expect("an entry");
    assert_eq!(world.settle_all("ann", Standing::Waiting, true).await, 2);
    assert_eq!(world.standings("best").await, rows([("ann", 900), ("bob", 90)]));
    let entry = world.store.entries(world.board("best").await, vec![player("ann")]).await;
    let entry = entry.expect("answers")[0].expect("an entry");
    assert_eq!((entry.attempts, entry.standing.reached_at), (3, at(200_000)), "its own receipt");
    assert!(entry.version() > held.version());
    world.check().await;
    assert_eq!(world.settle_all("ann", Standing::Accepted, true).await, 0, "again changes nothing");
    assert_eq!(world.store.players_in_review(None, 9).await.expect("answers"), [player("bob")]);
    let log = world.store.audit(AuditFilter::default(), None, 9).await.expect("answers").rows;
    assert_eq!(log.len(), 1, "what changed nothing is not in the log");
    // What is as good as what was accepted is no improvement.
    world.judge(&run("ann", 7, 2_000, 900, 100)).await;
    assert_eq!(world.waiting().await.len(), 2);
    world.check().await;
}

pub async fn a_beginning_that_comes_late_tells_what_has_waited_for_nothing_else(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    world.judge(&[ended("ann", 1, 100, 50, 60)]).await;
    // One that is suspicious besides.
    world.judge(&[ended("ann", 2, 200, 900, 60)]).await;
    let rules = [(1, "predecessor"), (2, "plausibility")];
    assert_eq!(world.waiting().await, rules.map(|(id, rule)| (id, rule.to_owned())));
    let late = world.apply(&[begun("ann", 1, 90), begun("ann", 2, 190)]).await;
    assert_eq!(late.followed, [ended("ann", 1, 100, 50, 60).key()]);
    let again = world.apply(&[begun("ann", 1, 90)]).await;
    assert_eq!(again.followed, []);
    world.check().await;
}

pub async fn what_is_refused_does_not_count_and_can_still_be_accepted(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&run("ann", 1, 100, 50, 60)).await;
    world.judge(&run("ann", 3, 200, 900, 60)).await;
    world.judge(&[raced("ann", 20, 0), raced("ann", 21, 4_999), raced("ann", 22, 10_000)]).await;
    assert_eq!(world.waiting().await.len(), 1);
    let refused = world.listed(Standing::Refused).await;
    assert_eq!(refused.iter().map(|one| one.event.id.as_u128()).collect::<Vec<_>>(), [21]);
    assert_eq!(world.settle_all("ann", Standing::Waiting, false).await, 1);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 0);
    assert_eq!(world.standings("best").await, rows([("ann", 50)]));
    world.check().await;
    let decided = world.listed(Standing::Refused).await;
    assert_eq!(decided[0].event.id.as_u128(), 21, "the newest first");
    assert_eq!(decided[1].decided.as_ref().and_then(|one| one.note.as_deref()), Some("why"));
    assert_eq!(world.settle_all("ann", Standing::Refused, true).await, 2);
    assert_eq!(world.standings("best").await, rows([("ann", 900)]));
    world.check().await;
}

pub async fn a_repetition_is_no_second_entry_and_asks_no_rule(database: &dyn Database) {
    let mut world = World::watched(database).await;
    let games = [run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat();
    world.judge(&games).await;
    assert_eq!(world.waiting().await, [(2, "clock".to_owned())]);
    let first = world.listed(Standing::Waiting).await;
    world.judge(&games).await;
    world.judge(&games.iter().rev().cloned().collect::<Vec<_>>()).await;
    assert_eq!(world.listed(Standing::Waiting).await, first);
    world.settle_all("ann", Standing::Waiting, true).await;
    world.judge(&games).await;
    assert!(world.waiting().await.is_empty());
    world.check().await;
}

pub async fn the_list_has_the_first_receipt_of_an_event(database: &dyn Database) {
    let mut world = World::watched(database).await;
    let late = run("ann", 1, 100, 900, 60);
    world.judge(&late).await;
    let mut first = late[1].clone();
    first.received_at = first.received_at.plus_ms(-5_000);
    world.judge(std::slice::from_ref(&first)).await;
    assert_eq!(world.listed(Standing::Waiting).await[0].event, first);
    let shown = world.store.waiting_of(player("ann")).await.expect("answers");
    assert_eq!(shown[0].0.received_at, first.received_at);
    world.check().await;
}

pub async fn what_is_voided_while_it_waits_is_refused(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&[run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat()).await;
    let void = async |world: &mut World<'_>, ids: Vec<Uuid>, void| {
        let act = act("voidEvents", "ann", world.clock.advance(1).ms_since(at(0)));
        let voiding = Voiding { meant: Meant::Ids(ids), void, dry_run: false };
        let plan = world.plan().await;
        let done = world.store.void(plan, player("ann"), voiding, act).await.expect("decides");
        world.learn_voids().await;
        done
    };
    let both = [1, 2].map(Uuid::from_u128).to_vec();
    assert_eq!(void(&mut world, both.clone(), false).await, Voided { matched: 2, changed: 0 });
    assert_eq!(world.waiting().await.len(), 1, "what waits is not to count again with others");
    assert_eq!(void(&mut world, both.clone(), true).await, Voided { matched: 2, changed: 2 });
    assert!(world.waiting().await.is_empty());
    world.check().await;
    assert_eq!(void(&mut world, both, false).await, Voided { matched: 2, changed: 2 });
    assert_eq!(world.standings("best").await, rows([("ann", 60)]));
    world.check().await;
    // What was voided before it came does not count, whatever a rule says.
    void(&mut world, vec![Uuid::from_u128(3)], true).await;
    world.judge(&run("ann", 3, 120, 70, 60)).await;
    assert!(world.waiting().await.is_empty());
    world.check().await;
}

pub async fn a_tournament_that_is_closed_meanwhile_stays_as_it_was(database: &dyn Database) {
    let mut world = World::watched(database).await;
    let best = Arc::clone(&world.definition.boards["best"].name);
    for name in ["open", "closed"] {
        world.create(name, &best, 0, 1_000_000).await;
    }
    world.judge(&run("ann", 1, 100, 50, 60)).await;
    world.judge(&run("bob", 2, 100, 400, 60)).await;
    world.judge(&run("ann", 3, 110, 550, 60)).await;
    world.seal("closed").await;
    world.close("closed").await;
    let first = async |world: &World<'_>, name: &str| {
        let board = world.tournament_board(name).await;
        world.ranking(board).await[0].0.clone()
    };
    assert_eq!(first(&world, "open").await, "bob");
    world.settle_all("ann", Standing::Waiting, true).await;
    assert_eq!(first(&world, "open").await, "ann");
    assert_eq!(first(&world, "closed").await, "bob", "its prizes are paid");
    assert_eq!(world.prizes("closed").await[0].player, player("bob"));
    world.check().await;
}

pub async fn retention_passes_over_what_waits(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&[run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat()).await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(DAY_MS);
    let gone = world.store.remove_events(world.plan().await, before, 50).await.expect("removes");
    assert_eq!(gone.events, 3);
    world.removed = world.known.keys().filter(|key| key.id.as_u128() != 2).cloned().collect();
    world.check().await;
    world.settle_all("ann", Standing::Waiting, true).await;
    assert_eq!(world.standings("best").await, rows([("ann", 60)]));
    world.check().await;
    let later = world.clock.now().plus_ms(1);
    world.store.remove_events(world.plan().await, later, 50).await.expect("removes");
    world.removed = world.known.keys().cloned().collect();
    assert!(world.listed(Standing::Accepted).await.is_empty(), "what is decided goes with it");
    world.check().await;
}

pub async fn what_was_refused_leaves_the_list_with_its_event(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&[run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat()).await;
    let before = world.clock.now().plus_ms(1);
    world.clock.advance(DAY_MS);
    world.settle_all("ann", Standing::Waiting, false).await;
    let gone = world.store.remove_events(world.plan().await, before, 50).await.expect("removes");
    assert_eq!(gone.events, 4);
    world.removed = world.known.keys().cloned().collect();
    assert_eq!(world.listed(Standing::Refused).await, [], "nobody is offered to accept it");
    world.check().await;
}

pub async fn events_of_one_player_that_come_at_once_are_judged_one_after_another(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    let (plan, other) = (world.plan().await, database.open().await);
    let mut sent = Vec::new();
    for round in 0..6_u128 {
        let ms = i64::try_from(round).expect("small") * 60_000;
        let pair = [raced("ann", 2 * round, ms), raced("ann", 2 * round + 1, ms + 1)];
        let batch = |event: &Event| Batch { events: vec![event.clone()], ..Batch::default() };
        let now = world.clock.advance(10);
        let (one, two) = tokio::join!(
            world.store.apply(Arc::clone(&plan), batch(&pair[0]), now),
            other.apply(Arc::clone(&plan), batch(&pair[1]), now),
        );
        assert_eq!(one.expect("applies").applied + two.expect("applies").applied, 2);
        sent.extend(pair);
    }
    world.learn(&sent).await;
    world.learn_voids().await;
    let refused = world.listed(Standing::Refused).await;
    let pairs: BTreeSet<u128> = refused.iter().map(|one| one.event.id.as_u128() / 2).collect();
    assert_eq!((refused.len(), pairs.len()), (6, 6), "one of each pair");
    world.check().await;
}

pub async fn an_event_that_comes_while_the_first_one_of_its_player_is_accepted_counts(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    let (plan, other) = (world.plan().await, database.open().await);
    for round in 0..12_u128 {
        let id = format!("p{round}");
        let (held, next) = (ended(&id, 1, 100, 7, 60), raced(&id, 2, 0));
        world.judge(std::slice::from_ref(&held)).await;
        let waiting = world.listed(Standing::Waiting).await;
        let deciding = Deciding { entries: vec![waiting[0].no], accept: true };
        let batch = Batch { events: vec![next.clone()], ..Batch::default() };
        let now = world.clock.advance(10);
        let act = act("decideReviews", &id, now.ms_since(at(0)));
        let (applied, decided) = tokio::join!(
            other.apply(Arc::clone(&plan), batch, now),
            world.store.decide(Arc::clone(&plan), player(&id), deciding, act),
        );
        assert_eq!((applied.expect("applies").applied, decided.expect("decides")), (1, 1));
        world.learn(&[held, next]).await;
    }
    world.learn_voids().await;
    world.check().await;
}

pub async fn nothing_is_left_in_review_of_who_was_erased(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&[run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat()).await;
    world.judge(&run("bob", 3, 100, 900, 60)).await;
    let erasure = Erasure { job: Uuid::from_u128(7), player: player("ann") };
    let act = act("erasePlayer", "it", 9);
    let asked = world.store.request_erasure(erasure.clone(), "key".to_owned(), act).await;
    asked.expect("notes it");
    loop {
        let (plan, now) = (world.plan().await, world.clock.advance(1));
        let step = world.store.erase_step(plan, erasure.clone(), 9, now).await;
        if step.expect("goes on") == ErasureStep::Done {
            break;
        }
    }
    let left = world.listed(Standing::Waiting).await;
    assert_eq!(left.iter().map(|one| one.event.player.as_str()).collect::<Vec<_>>(), ["bob"]);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 1);
    let report = world.verify().await;
    assert_eq!((report.differing, report.differences), (0, vec![]));
}

pub async fn what_is_held_of_two_who_become_one_is_one_entry_of_the_other(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&run("ann", 1, 100, 50, 60)).await;
    // The same of both, and one that only one of them has been held for.
    for id in ["ann", "bob"] {
        world.judge(&run(id, 3, 200, 900, 60)).await;
    }
    world.judge(&run("bob", 4, 900, 600, 70)).await;
    world.judge(&run("ann", 4, 900, 600, 70)).await;
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 3);
    let position = world.store.position().await.expect("answers");
    let counts = world.move_to("ann", "bob").await;
    assert_eq!((counts.repeated, counts.conflicting), (4, 0));
    let heard = world.store.changes_after(&position).await.expect("answers");
    let Heard::Commits { commits, .. } = heard else { panic!("nothing was lost") };
    let told = commits.iter().flat_map(|commit| &*commit.changes);
    assert_eq!(told.filter(|one| matches!(one, Change::Review { .. })).count(), 2);
    let waiting = world.listed(Standing::Waiting).await;
    assert!(waiting.iter().all(|one| one.event.player == player("bob")));
    let mut ids: Vec<u128> = waiting.iter().map(|one| one.event.id.as_u128()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 4]);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 2);
    assert_eq!(world.standings("best").await, rows([("bob", 50)]));
    world.check().await;
    assert_eq!(world.settle_all("bob", Standing::Waiting, true).await, 2);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 0);
    assert_eq!(world.standings("best").await, rows([("bob", 900)]));
    world.check().await;
    world.erase_all("bob").await;
    for standing in Standing::ALL {
        assert_eq!(world.listed(standing).await, [], "{standing:?}");
    }
}

pub async fn what_is_held_of_one_says_nothing_of_another_event_of_the_same_id(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    world.judge(&run("ann", 3, 200, 900, 60)).await;
    world.judge(&run("bob", 3, 200, 80, 60)).await;
    let counts = world.move_to("ann", "bob").await;
    assert_eq!((counts.repeated, counts.conflicting), (1, 1));
    assert_eq!(world.waiting().await, []);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 0);
    assert_eq!(world.standings("best").await, rows([("bob", 80)]));
    world.check().await;
}

pub async fn what_was_accepted_of_either_is_not_held_again_when_they_become_one(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    for id in ["ann", "bob"] {
        world.judge(&run(id, 3, 200, 900, 60)).await;
    }
    world.judge(&run("ann", 5, 900, 950, 60)).await;
    world.settle_all("bob", Standing::Waiting, true).await;
    let of_five = world.listed(Standing::Waiting).await[1].no;
    world.settle("ann", vec![of_five], true).await;
    world.move_to("ann", "bob").await;
    assert_eq!(world.waiting().await, []);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 0);
    assert_eq!(world.listed(Standing::Accepted).await.len(), 2);
    assert_eq!(world.standings("total").await, rows([("bob", 1_850)]));
    world.check().await;
    world.check_list().await;
}

pub async fn what_was_accepted_of_one_and_voided_of_the_other_stands_as_refused(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    world.judge(&run("bob", 1, 100, 50, 60)).await;
    for id in ["ann", "bob"] {
        world.judge(&run(id, 4, 900, 600, 70)).await;
    }
    assert_eq!(world.settle_all("bob", Standing::Waiting, true).await, 1);
    world.decide("ann", Meant::Ids(vec![Uuid::from_u128(4)]), true).await;
    world.move_to("ann", "bob").await;
    assert_eq!(world.standings("best").await, rows([("bob", 50)]));
    world.check_list().await;
    world.check().await;
    assert_eq!(world.settle_all("bob", Standing::Refused, true).await, 1);
    assert_eq!(world.standings("best").await, rows([("bob", 600)]));
    world.check_list().await;
    world.check().await;
}

pub async fn the_list_is_read_in_pages_by_what_is_asked_and_every_change_is_told(
    database: &dyn Database,
) {
    let mut world = World::watched(database).await;
    let position = world.store.position().await.expect("answers");
    for no in 0..5_i64 {
        let (id, name) = (u128::from(no.unsigned_abs()), if no % 2 == 0 { "ann" } else { "bob" });
        world.judge(&run(name, id, 1_000 * (no + 1), 900, 60)).await;
    }
    let filter = |player, rule: Option<&str>| ReviewFilter {
        player,
        rule: rule.map(str::to_owned),
        ..ReviewFilter::default()
    };
    let page = world.store.reviews(filter(None, None), None, 2).await.expect("answers");
    let next = world.store.reviews(filter(None, None), page.next, 9).await.expect("answers");
    assert_eq!((page.rows.len(), next.rows.len(), next.next), (2, 3, None));
    let of_bob = filter(Some(player("bob")), Some("plausibility"));
    assert_eq!(world.store.reviews(of_bob, None, 9).await.expect("answers").rows.len(), 2);
    let none = world.store.reviews(filter(None, Some("clock")), None, 9).await.expect("answers");
    assert_eq!(none.rows, []);
    let before = |standing| ReviewFilter {
        standing,
        held_before: Some(next.rows[1].held_at),
        ..ReviewFilter::default()
    };
    let older = world.store.reviews(before(Standing::Waiting), None, 9).await.expect("answers");
    assert_eq!(older.rows.len(), 3);
    let none = world.store.reviews(before(Standing::Refused), None, 9).await.expect("answers");
    assert_eq!(none.rows, []);
    let numbers: Vec<ReviewNo> = page.rows.iter().map(|one| one.no).collect();
    let mut whose = world.store.reviewed(&numbers).await.expect("answers");
    whose.sort_unstable();
    assert_eq!(whose, [(numbers[0], player("ann")), (numbers[1], player("bob"))]);
    world.settle("ann", numbers, true).await;
    let Heard::Commits { commits, .. } =
        world.store.changes_after(&position).await.expect("answers")
    else {
        panic!("nothing was lost");
    };
    let told = commits.iter().flat_map(|commit| &*commit.changes);
    let of_ann = told.filter(|one| **one == Change::Review { player: player("ann") });
    assert_eq!(of_ann.count(), 4, "three that are held, and a decision");
    world.create("cup", "best", 0, 1_000).await;
    let plan = world.plan().await;
    world.create("other", "best", 0, 1_000).await;
    let deciding = Deciding { entries: vec![ReviewNo(1)], accept: true };
    let outdated = world.store.decide(plan, player("bob"), deciding, act("a", "b", 1)).await;
    assert!(matches!(outdated, Err(StoreError::StalePlan)));
}

impl World<'_> {
    /// Checks that the list says of every event whether it counts.
    async fn check_list(&self) {
        for standing in Standing::ALL {
            for one in self.listed(standing).await {
                let is_voided = self.voids.get(&one.event.key()).is_some_and(Voids::are_in_force);
                assert_eq!(is_voided, standing != Standing::Accepted, "{one:?}");
            }
        }
    }
}

pub async fn the_list_says_what_counts_whatever_was_voided_since(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.judge(&[run("ann", 1, 100, 50, 60), run("ann", 2, 110, 60, 60)].concat()).await;
    world.judge(&[raced("ann", 20, 0), raced("ann", 21, 4_999)]).await;
    world.settle_all("ann", Standing::Waiting, true).await;
    let ids = |standing| {
        let listed = world.listed(standing);
        async { listed.await.iter().map(|one| one.event.id.as_u128()).collect::<Vec<_>>() }
    };
    assert_eq!((ids(Standing::Accepted).await, ids(Standing::Refused).await), (vec![2], vec![21]));
    let both = || Meant::Ids([2, 21].map(Uuid::from_u128).to_vec());
    world.decide("ann", both(), true).await;
    world.check_list().await;
    assert_eq!(world.listed(Standing::Refused).await.len(), 2);
    world.check().await;
    world.decide("ann", both(), false).await;
    world.check_list().await;
    assert_eq!(world.listed(Standing::Accepted).await.len(), 2);
    assert_eq!(world.store.totals().await.expect("answers").in_review.entries, 0);
    world.check().await;
}

/// Events in any order and again, decisions, acts, rebuilds and retention: after each, the state is the fold of
/// what counts.
pub async fn any_order_and_any_decisions_end_in_the_fold_of_what_counts(database: &dyn Database) {
    let mut world = World::watched(database).await;
    world.create("cup", "best", 0, 9 * DAY_MS).await;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pick = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut sent: Vec<Event> = Vec::new();
    let mut decided = 0;
    for round in 0..40_u64 {
        let name = ["ann", "bob"][usize::from(pick(2) == 0)];
        match pick(8) {
            0..=3 => {
                let mut batch = Vec::new();
                for n in 0..4 {
                    let second = i64::try_from(pick(4_000)).expect("small") + 200;
                    let score = i64::try_from(pick(1_200)).expect("small");
                    let seconds = i64::try_from(pick(150)).expect("small");
                    batch.extend(run(name, u128::from(round * 10 + n), second, score, seconds));
                    batch.push(raced(name, u128::from(9_000 + round * 10 + n), second * 1_000));
                }
                for _ in 0..pick(6) {
                    if !sent.is_empty() {
                        let again = usize::try_from(pick(sent.len() as u64)).expect("small");
                        batch.push(sent[again].clone());
                    }
                }
                let turn = usize::try_from(pick(batch.len() as u64)).expect("small");
                batch.rotate_left(turn);
                sent.extend(batch.iter().cloned());
                world.judge(&batch).await;
            }
            4 | 5 => {
                let standing = Standing::ALL[usize::try_from(pick(3)).expect("small")];
                decided += world.settle_all(name, standing, pick(2) == 0).await;
            }
            6 => {
                let (void, ids) = (pick(2) == 0, sent.iter().map(|one| one.id).step_by(3));
                let meant = Meant::Ids(ids.collect());
                let act = act("voidEvents", name, world.clock.advance(1).ms_since(at(0)));
                let voiding = Voiding { meant, void, dry_run: false };
                let plan = world.plan().await;
                world.store.void(plan, player(name), voiding, act).await.expect("decides");
                world.learn_voids().await;
            }
            _ => {
                let name = ["best", "total", "weekly"][usize::try_from(pick(3)).expect("small")];
                let no = world.projection(ProjectionKind::Board, name).await.no;
                world.fill(no, 17).await;
            }
        }
        world.check().await;
        world.check_list().await;
    }
    assert!(decided > 5, "{decided}");
    world.seal("cup").await;
    world.close("cup").await;
    world.settle_all("ann", Standing::Refused, true).await;
    world.check().await;
}
