//! Any sequence of batches, resends, deaths, fills and removals leaves the fold of the set.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use scoreline_core::event::Event;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::ProjectionNo;
use scoreline_core::store::{Batch, CrashHook, CrashPoint, EventFilter, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use tokio::runtime::Builder;

use super::Fate;
use crate::game::{self, DAY_MS, assorted};
use crate::store_conformance::Database;
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
    let mut doer = Doer { world, fate, events, began_at, without_a_board: false };
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
}

fn death(points: &'static [CrashPoint]) -> impl Strategy<Value = Option<CrashPoint>> {
    prop::option::weighted(0.3, prop::sample::select(points))
}

fn any_deed() -> impl Strategy<Value = Deed> {
    use CrashPoint::{
        ApplyBegun, ApplyCommitted, BaselineWritten, ChangesWritten, EventsInserted, EventsRemoved,
        FillCommitted, FillWritten, RemovalCommitted,
    };
    const SEND: &[CrashPoint] = &[ApplyBegun, EventsInserted, ChangesWritten, ApplyCommitted];
    const FILL: &[CrashPoint] = &[FillWritten, FillCommitted];
    const REMOVE: &[CrashPoint] = &[BaselineWritten, EventsRemoved, RemovalCommitted];
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
    ]
}

/// Does the deeds on a store and opens it again after each death.
struct Doer<'d> {
    world: World<'d>,
    fate: Fate,
    events: Vec<Event>,
    began_at: Timestamp,
    without_a_board: bool,
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
        }
    }

    async fn send(&mut self, from: usize, count: usize, death: Option<CrashPoint>) {
        let from = from.min(self.events.len());
        let mut sent = self.events[from..self.events.len().min(from + count)].to_vec();
        // A resend of what retention has removed would count again: the window is over.
        sent.retain(|event| !self.world.removed.contains(&event.key()));
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
        if self.world.removed.is_empty() || away.complete {
            self.world.check().await;
        }
        assert_eq!(self.world.verify().await.differing, 0);
    }
}
