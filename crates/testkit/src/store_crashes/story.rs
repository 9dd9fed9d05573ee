//! A story in which everything happens, told again with a death at each passing of a point.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::erasure::ErasureStep;
use scoreline_core::event::{Event, RejectCode};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::store::{
    Batch, CrashHook, CrashPoint, DeadFilter, QuarantineFilter, StoreError,
};
use scoreline_core::time::Clock;
use scoreline_core::tournament::Claim;
use scoreline_core::void::{Meant, Voiding};
use uuid::Uuid;

use super::Fate;
use crate::game::{self, ASSORTED_PLAYERS, ENDED, assorted, at, event, played, player, restamped};
use crate::store_conformance::Database;
use crate::store_conformance::access::act;
use crate::store_conformance::feed::Follower;
use crate::store_conformance::world::World;

/// More times than any step of the story passes one point.
const PASSINGS_MAX: usize = 100;

/// A story in which everything happens; each step is repeated until it is answered.
struct Story<'d> {
    world: World<'d>,
    /// Hears of everything, across all deaths.
    follower: Follower,
    deaths: usize,
}

impl Story<'_> {
    /// Does one step until it is answered. After a death the store is opened again.
    async fn insist<T>(&mut self, step: impl AsyncFn(&World<'_>) -> Result<T, StoreError>) -> T {
        loop {
            self.world.clock.advance(10);
            match step(&self.world).await {
                Ok(answer) => {
                    self.follower.catch_up(&self.world).await;
                    return answer;
                }
                Err(StoreError::Unreachable(_)) => {
                    self.deaths += 1;
                    assert!(self.deaths < 10, "one death is enough");
                    self.world.store = self.world.database.open().await;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }

    async fn apply(&mut self, events: &[Event], all: &mut Vec<Event>) {
        self.insist(async |world| {
            let batch = Batch {
                events: events.to_vec(),
                rejected: vec![game::rejected(Some("ann"), 1, 5, RejectCode::OutOfRange)],
                ..Batch::default()
            };
            world.store.apply(world.plan().await, batch, world.clock.now()).await
        })
        .await;
        all.extend_from_slice(events);
        self.world.learn(all).await;
    }

    async fn tell(&mut self) {
        let mut all = Vec::new();
        assert!(
            self.world
                .store
                .create_tournament(game::cup("cup", "best", -10, 10))
                .await
                .expect("creates")
        );
        let first: Vec<_> = distinct(assorted(60, 1));
        self.apply(&first, &mut all).await;
        let ann = played("ann", 90, 1, 50);
        self.apply(&[ann.clone(), played("bob", 91, 2, 40)], &mut all).await;
        // One is stamped anew, the other says something else.
        self.apply(&[restamped(&ann, 5, 6), played("bob", 91, 2, 70)], &mut all).await;
        self.insist(async |world| {
            let dying = event("eve", 92, 3, ENDED, r#"{"mode":"endless","seconds":9e15}"#);
            let events = vec![dying, played("bob", 91, 2, 40)];
            let batch = Batch { events, ..Batch::default() };
            world.store.apply(world.plan().await, batch, world.clock.now()).await
        })
        .await;
        self.world.check().await;
        self.turn_and_move().await;

        let best = self.world.projection(ProjectionKind::Board, "best").await;
        let before = best.slot;
        self.insist(async |world| world.store.start_fill(best.no).await).await;
        self.insist(async |world| {
            let step = world.store.fill_step(world.plan().await, best.no, 30).await;
            // The step that was not answered may have been the last.
            let after = world.projection(ProjectionKind::Board, "best").await.slot;
            match step {
                Ok(progress) if !progress.finished => Ok(false),
                Err(StoreError::NotFilling(_)) if after != before => Ok(true),
                other => other.map(|progress| progress.finished),
            }
        })
        .await;
        self.fill_to_the_end(best.no, before).await;
        self.world.check().await;

        self.insist(async |world| {
            world.store.seal_tournament(Arc::from("cup"), world.clock.now()).await
        })
        .await;
        self.apply(&[played("eve", 93, 4, 1_000)], &mut all).await;
        self.insist(async |world| {
            world.store.close_tournament(Arc::from("cup"), world.clock.now()).await
        })
        .await;
        self.claim_once().await;
        self.remove_all().await;
        self.erase_one().await;
    }

    /// An event does not count and counts again, another never does, and two players become one.
    async fn turn_and_move(&mut self) {
        for (id, void) in [(90, true), (90, false), (91, true)] {
            let ids = vec![Uuid::from_u128(id)];
            let of = player(if id == 90 { "ann" } else { "bob" });
            self.insist(async |world| {
                let act = act("voidEvents", of.as_str(), world.clock.now().ms_since(at(0)));
                let voiding = Voiding { meant: Meant::Ids(ids.clone()), void, dry_run: false };
                world.store.void(world.plan().await, of.clone(), voiding, act).await
            })
            .await;
            self.world.learn_voids().await;
            self.world.check().await;
        }
        let [.., to, from] = ASSORTED_PLAYERS;
        let joined = self.insist(async |world| world.try_to_move(from, to, false).await).await;
        self.world.learn_move(&player(from), joined.to).await;
        self.world.check().await;
    }

    async fn erase_one(&mut self) {
        let [.., who, _] = ASSORTED_PLAYERS;
        let erasure = self.world.ask_to_erase(who, Uuid::from_u128(1)).await;
        self.world.learn_erased(player(who));
        let step = async |world: &World<'_>| {
            let (plan, now) = (world.plan().await, world.clock.now());
            world.store.erase_step(plan, erasure.clone(), 3, now).await
        };
        while self.insist(step).await != ErasureStep::Done {}
    }

    async fn fill_to_the_end(&mut self, no: ProjectionNo, before: Slot) {
        while self.world.projection(ProjectionKind::Board, "best").await.slot == before {
            self.insist(async |world| {
                match world.store.fill_step(world.plan().await, no, 30).await {
                    Err(StoreError::NotFilling(_)) => Ok(()),
                    other => other.map(|_| ()),
                }
            })
            .await;
        }
    }

    async fn claim_once(&mut self) {
        let prizes = self.world.store.prizes_of(Arc::from("cup"), 0, 10).await.expect("answers");
        assert_eq!(prizes.len(), 3, "one for every winning rank");
        let (prize, winner) = (prizes[0].id, prizes[0].player.clone());
        let mut claims = 0;
        for _ in 0..2 {
            let claim = self
                .insist(async |world| {
                    world.store.claim_prize(prize, winner.clone(), world.clock.now()).await
                })
                .await;
            claims += usize::from(matches!(claim, Claim::Claimed(_)));
        }
        // Only an answer that was lost with its process cannot be recovered.
        assert!(claims == 1 || self.deaths > 0 && claims == 0, "{claims} claims");
        let numbers = self.world.store.prize_statistics(winner).await.expect("answers");
        assert_eq!(numbers.claimed_prizes, 1);
    }

    async fn remove_all(&mut self) {
        let before = at(20 * game::DAY_MS);
        loop {
            let step = self
                .insist(async |world| {
                    world.store.remove_events(world.plan().await, before, 25).await
                })
                .await;
            if step.finished {
                break;
            }
        }
        let old = self
            .world
            .known
            .iter()
            .filter(|(_, (event, _))| event.counted_at < before && event.received_at < before);
        self.world.removed = old.map(|(key, _)| key.clone()).collect();
        assert!(self.world.removed.len() > 30);
    }

    async fn end(self) {
        self.world.check().await;
        self.follower.check(&self.world).await;
        let store = &self.world.store;
        let dead = store.dead(DeadFilter::default(), None, 10).await.expect("answers").rows;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].event.player, player("eve"));
        let kept = store.quarantine(QuarantineFilter::default(), None, 10).await;
        let codes = kept.expect("answers").rows.into_iter().map(|entry| entry.rejected.code);
        let codes: BTreeSet<_> = codes.collect();
        let expected = [RejectCode::OutOfRange, RejectCode::ConflictingId];
        assert_eq!(codes, BTreeSet::from(expected));
        let quarantined = store.totals().await.expect("answers").quarantined;
        assert_eq!(quarantined, 2, "the same entries however often they came");
    }
}

/// The first of the events of every key.
fn distinct(events: Vec<Event>) -> Vec<Event> {
    let mut keys = BTreeSet::new();
    events.into_iter().filter(|event| keys.insert(event.key())).collect()
}

/// Tells the story once for every time that it passes `point`, each with a death there, each on a
/// new database that `database` makes.
pub async fn survive<D: Database>(point: CrashPoint, database: impl Fn(CrashHook) -> D) {
    let mut passings = 0;
    loop {
        let fate = Fate::default();
        let database = database(fate.hook());
        let mut story =
            Story { world: World::new(&database).await, follower: Follower::default(), deaths: 0 };
        fate.set(point, passings);
        story.tell().await;
        if fate.is_pending() {
            // The whole story passes the point less often than that.
            assert!(passings > 0, "the story passes {point:?}");
            assert_eq!(story.deaths, 0);
            return;
        }
        assert_eq!(story.deaths, 1);
        story.end().await;
        passings += 1;
        assert!(passings < PASSINGS_MAX, "the story comes to an end");
    }
}
