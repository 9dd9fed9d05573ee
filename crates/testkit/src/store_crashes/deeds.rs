//! Any sequence of batches, resends, deaths, fills, removals and acts on players leaves the fold of what counts.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use scoreline_core::audit::Act;
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erasure, ErasureStep};
use scoreline_core::event::Event;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::{EventKey, PlayerId, ProjectionNo};
use scoreline_core::store::{Batch, CrashHook, CrashPoint, EventFilter, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::void::{Meant, Voiding};
use tokio::runtime::Builder;
use uuid::Uuid;

use super::Fate;
use crate::game::{self, ASSORTED_PLAYERS, DAY_MS, assorted, at, player};
use crate::store_conformance::Database;
use crate::store_conformance::access::act;
use crate::store_conformance::world::World;

/// Attempts to find a smaller sequence that fails.
const SHRINKS_MAX: u32 = 200;

/// Does `cases` random sequences of deeds, each on a new database that `database` makes, and checks
/// after every deed that the store verifies.
pub fn survive_any<D: Database>(cases: u32, database: impl Fn(CrashHook) -> D) {
    let config =
        ProptestConfig { cases, max_shrink_iters: SHRINKS_MAX, ..ProptestConfig::default() };
    let sequences = (prop::collection::vec(any_deed(), 1..30), 0..1_000_u64);
    let outcome = TestRunner::new(config).run(&sequences, |(deeds, seed)| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(live(&deeds, seed, &database))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, (deeds, seed))) => {
            panic!("{reason}, with the events of {seed} and {deeds:#?}")
        }
        Err(abort) => panic!("{abort}"),
    }
}

async fn live<D: Database>(
    deeds: &[Deed],
    seed: u64,
    database: impl Fn(CrashHook) -> D,
) -> Result<(), TestCaseError> {
    let fate = Fate::default();
    let database = database(fate.hook());
    let world = World::new(&database).await;
    let (events, began_at) = (assorted(300, seed), world.clock.now());
    let erasures = Vec::new();
    let mut doer = Doer { world, fate, events, began_at, without_a_board: false, erasures };
    for deed in deeds {
        doer.act(deed).await;
        prop_assert_eq!(doer.world.verify().await.differences, vec![], "after {:?}", deed);
    }
    doer.finish().await;
    Ok(())
}

#[derive(Debug, Clone)]
enum Deed {
    /// Sends some of the events, perhaps again, and dies at the point, if any, before the answer.
    Send {
        from: usize,
        count: usize,
        death: Option<CrashPoint>,
    },
    StartFill {
        projection: usize,
    },
    StepFill {
        projection: usize,
        events: usize,
        death: Option<CrashPoint>,
    },
    /// Removes what was applied in the first milliseconds, as many as this says.
    Remove {
        before_ms: i64,
        events: usize,
        death: Option<CrashPoint>,
    },
    Sweep,
    ToggleBoard,
    /// Makes events of a player that were played in the first milliseconds not count, or count again.
    Decide {
        player: usize,
        until_ms: i64,
        void: bool,
        death: Option<CrashPoint>,
    },
    Ban {
        player: usize,
        on: bool,
    },
    Move {
        from: usize,
        to: usize,
        death: Option<CrashPoint>,
    },
    /// Asks that a player be erased, and takes so many events at a step.
    Erase {
        player: usize,
        events: usize,
        death: Option<CrashPoint>,
    },
}

fn death(points: &'static [CrashPoint]) -> impl Strategy<Value = Option<CrashPoint>> {
    prop::option::weighted(0.3, prop::sample::select(points))
}

fn any_deed() -> impl Strategy<Value = Deed> {
    use CrashPoint::{
        ActCommitted, ActWritten, ApplyBegun, ApplyCommitted, BaselineWritten, ChangesWritten,
        EventsInserted, EventsRemoved, FillCommitted, FillWritten, RemovalCommitted,
    };
    const SEND: &[CrashPoint] = &[ApplyBegun, EventsInserted, ChangesWritten, ApplyCommitted];
    const FILL: &[CrashPoint] = &[FillWritten, FillCommitted];
    const REMOVE: &[CrashPoint] = &[BaselineWritten, EventsRemoved, RemovalCommitted];
    const ACT: &[CrashPoint] = &[ActWritten, ActCommitted];
    const ERASE: &[CrashPoint] = &[BaselineWritten, EventsRemoved, ActWritten, ActCommitted];
    /// On either side of moments at which events were played.
    const UNTIL_MS: &[i64] = &[-DAY_MS, 0, 500_000, 9 * DAY_MS];
    prop_oneof![
        6 => (0..300_usize, 0..60_usize, death(SEND))
            .prop_map(|(from, count, death)| Deed::Send { from, count, death }),
        2 => (0..14_usize).prop_map(|projection| Deed::StartFill { projection }),
        4 => (0..14_usize, 1..80_usize, death(FILL)).prop_map(|(projection, events, death)| {
            Deed::StepFill { projection, events, death }
        }),
        1 => (prop::sample::select(&[0, 40, 90, DAY_MS][..]), 1..90_usize, death(REMOVE))
            .prop_map(|(before_ms, events, death)| Deed::Remove { before_ms, events, death }),
        1 => Just(Deed::Sweep),
        1 => Just(Deed::ToggleBoard),
        3 => (any_player(), prop::sample::select(UNTIL_MS), any::<bool>(), death(ACT)).prop_map(
            |(player, until_ms, void, death)| Deed::Decide { player, until_ms, void, death }
        ),
        1 => (any_player(), any::<bool>()).prop_map(|(player, on)| Deed::Ban { player, on }),
        1 => (any_player(), any_player(), death(ACT))
            .prop_map(|(from, to, death)| Deed::Move { from, to, death }),
        1 => (any_player(), 1..60_usize, death(ERASE))
            .prop_map(|(player, events, death)| Deed::Erase { player, events, death }),
    ]
}

fn any_player() -> impl Strategy<Value = usize> {
    0..ASSORTED_PLAYERS.len()
}

/// Does the deeds on a store and opens it again after each death.
struct Doer<'d> {
    world: World<'d>,
    fate: Fate,
    events: Vec<Event>,
    began_at: Timestamp,
    without_a_board: bool,
    /// Those that were asked for, in that order.
    erasures: Vec<Erasure>,
}

impl Doer<'_> {
    async fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Send { from, count, death } => self.send(*from, *count, *death).await,
            Deed::StartFill { projection } => {
                let no = self.projection(*projection).await;
                self.world.store.start_fill(no).await.expect("starts");
            }
            Deed::StepFill { projection, events, death } => {
                let no = self.projection(*projection).await;
                self.die_at(*death);
                let plan = self.world.plan().await;
                let step = self.world.store.fill_step(plan, no, *events).await;
                match self.survive(step).await {
                    None | Some(Ok(_) | Err(StoreError::NotFilling(_))) => {}
                    Some(Err(other)) => panic!("{other}"),
                }
            }
            Deed::Remove { before_ms, events, death } => {
                self.die_at(*death);
                let plan = self.world.plan().await;
                let before = self.began_at.plus_ms(*before_ms);
                let step = self.world.store.remove_events(plan, before, *events).await;
                if let Some(step) = self.survive(step).await {
                    step.expect("removes");
                }
                self.note_removed().await;
            }
            Deed::Sweep => {
                self.world.store.sweep_retired(30).await.expect("sweeps");
            }
            Deed::ToggleBoard => {
                self.without_a_board = !self.without_a_board;
                let mut definition = game::definition();
                if self.without_a_board {
                    definition = game::without_boards(definition, &["total"]);
                }
                self.world.adopt(definition).await;
            }
            Deed::Decide { player, until_ms, void, death } => {
                let until = Some(at(*until_ms));
                self.decide(*player, until, *void, *death).await;
            }
            Deed::Ban { player, on } => {
                let Some(player) = self.someone(*player) else { return };
                let ban = on.then_some(Ban { shadow: false, until: None });
                let act = self.act_on("banPlayer", &player);
                self.world.store.ban(player, ban, act).await.expect("bans");
            }
            Deed::Move { from, to, death } => self.move_player(*from, *to, *death).await,
            Deed::Erase { player, events, death } => self.erase(*player, *events, *death).await,
        }
    }

    /// Who a player is by now; `None` if they were erased.
    fn someone(&self, n: usize) -> Option<PlayerId> {
        let player = player(ASSORTED_PLAYERS[n]);
        let player = self.world.moved.get(&player).cloned().unwrap_or(player);
        (!self.world.erased.contains(&player)).then_some(player)
    }

    fn act_on(&self, what: &str, player: &PlayerId) -> Act {
        act(what, player.as_str(), self.world.clock.advance(1).ms_since(at(0)))
    }

    async fn decide(
        &mut self,
        n: usize,
        until: Option<Timestamp>,
        void: bool,
        death: Option<CrashPoint>,
    ) {
        let Some(player) = self.someone(n) else { return };
        let meant = Meant::Fitting { event_type: None, from: None, until };
        let voiding = Voiding { meant, void, dry_run: false };
        self.die_at(death);
        loop {
            let (plan, act) = (self.world.plan().await, self.act_on("voidEvents", &player));
            let done = self.world.store.void(plan, player.clone(), voiding.clone(), act).await;
            if let Some(done) = self.survive(done).await {
                done.expect("decides");
                break;
            }
        }
        self.world.learn_voids().await;
    }

    async fn move_player(&mut self, from: usize, to: usize, death: Option<CrashPoint>) {
        let (Some(from), Some(to)) = (self.someone(from), self.someone(to)) else { return };
        let world = &self.world;
        let is_gone = |key: &EventKey| world.removed.contains(key);
        let twice = |key: &&EventKey| {
            let others = EventKey { player: to.clone(), id: key.id };
            world.known.contains_key(&others) && (is_gone(key) || is_gone(&others))
        };
        // Of what retention has removed, nobody knows whether both had it.
        if from == to || world.known.keys().filter(|key| key.player == from).any(|key| twice(&key))
        {
            return;
        }
        self.die_at(death);
        loop {
            self.world.clock.advance(1);
            let moved = self.world.try_to_move(from.as_str(), to.as_str(), false).await;
            match self.survive(moved).await {
                None => {}
                Some(Err(StoreError::Filling)) => return,
                Some(moved) => {
                    assert_eq!(moved.expect("moves").to, to);
                    return self.world.learn_move(&from, to).await;
                }
            }
        }
    }

    /// Asks that a player be erased, and goes on with the first erasure that is not done.
    async fn erase(&mut self, n: usize, events: usize, death: Option<CrashPoint>) {
        if let Some(player) = self.someone(n) {
            let job = Uuid::from_u128(1_000 + self.erasures.len() as u128);
            self.erasures.push(self.world.ask_to_erase(player.as_str(), job).await);
            self.world.learn_erased(player);
        }
        let mut next = None;
        for erasure in &self.erasures {
            let state = self.world.store.erasure(erasure.job).await.expect("answers");
            if state.expect("a job").finished_at.is_none() {
                next = Some(erasure.clone());
                break;
            }
        }
        let Some(erasure) = next else { return };
        self.die_at(death);
        let (plan, now) = (self.world.plan().await, self.world.clock.advance(1));
        let step = self.world.store.erase_step(plan, erasure, events, now).await;
        if let Some(step) = self.survive(step).await {
            step.expect("goes on");
        }
    }

    async fn send(&mut self, from: usize, count: usize, death: Option<CrashPoint>) {
        let from = from.min(self.events.len());
        let mut sent = self.events[from..self.events.len().min(from + count)].to_vec();
        // A resend of what retention has removed would count again: the window is over.
        sent.retain(|event| {
            let id = event.id;
            let player = self.world.moved.get(&event.player).unwrap_or(&event.player).clone();
            !self.world.removed.contains(&EventKey { player, id })
        });
        self.die_at(death);
        loop {
            let batch = Batch { events: sent.clone(), ..Batch::default() };
            let now = self.world.clock.advance(10);
            let applied = self.world.store.apply(self.world.plan().await, batch, now).await;
            if let Some(applied) = self.survive(applied).await {
                assert_eq!(applied.expect("applies").dead, []);
                break;
            }
        }
        self.world.learn(&sent).await;
        // What was voided by its id before it came.
        self.world.learn_voids().await;
    }

    async fn projection(&self, n: usize) -> ProjectionNo {
        let plan = self.world.plan().await;
        plan.projections[n % plan.projections.len()].no
    }

    fn die_at(&self, death: Option<CrashPoint>) {
        if let Some(point) = death {
            self.fate.set(point, 0);
        }
    }

    /// The answer, unless the store died before it: then it is opened again.
    async fn survive<T>(&mut self, answer: Result<T, StoreError>) -> Option<Result<T, StoreError>> {
        self.fate.forget();
        if matches!(answer, Err(StoreError::Unreachable(_))) {
            self.world.store = self.world.database.open().await;
            return None;
        }
        Some(answer)
    }

    async fn note_removed(&mut self) {
        let kept: BTreeSet<_> = self
            .world
            .scan(&EventFilter::default(), 1_000)
            .await
            .into_iter()
            .map(|(event, _)| event.key())
            .collect();
        self.world.removed =
            self.world.known.keys().filter(|key| !kept.contains(key)).cloned().collect();
    }

    async fn finish(mut self) {
        if self.without_a_board {
            self.act(&Deed::ToggleBoard).await;
        }
        // A board that was not in the definition while events were removed lacks them for good.
        let away = self.world.projection(ProjectionKind::Board, "total").await;
        for projection in self.world.plan().await.projections.clone() {
            if projection.no != away.no || self.world.removed.is_empty() {
                self.world.fill(projection.no, 50).await;
            }
        }
        for erasure in &self.erasures {
            while self.world.erase_step(erasure, 20).await != ErasureStep::Done {}
        }
        let left = self.world.scan(&EventFilter::default(), 1_000).await;
        assert!(left.iter().all(|(event, _)| !self.world.erased.contains(&event.player)));
        if self.world.removed.is_empty() || away.complete {
            self.world.check().await;
        }
        assert_eq!(self.world.verify().await.differing, 0);
    }
}
