//! What is set aside stays within its bounds.

use scoreline_core::event::{RejectCode, Rejected};
use scoreline_core::limits::{DEAD_OF_PLAYER_ALARMING_MAX, ROOM_STEP_EVENTS};
use scoreline_core::store::{
    Batch, DeadFilter, LetGo, Measured, QuarantineFilter, SetAside, SetAsideKind, Size,
};
use scoreline_core::time::Clock;

use super::Database;
use super::world::World;
use crate::game::{self, ENDED, at, event};

/// More than fits into any statistic.
const OVERFLOWING: &str = r#"{"mode":"endless","seconds":9e15}"#;

async fn reject(world: &mut World<'_>, rejected: &[Rejected]) {
    world.apply_batch(Batch { rejected: rejected.to_vec(), ..Batch::default() }).await;
}

async fn measured(world: &World<'_>, place: SetAside) -> Measured {
    world.store.measure_set_aside(place).await.expect("answers")
}

async fn let_go(world: &World<'_>, place: SetAside, which: LetGo) -> Size {
    world.store.let_go(place, which).await.expect("answers")
}

async fn quarantined(world: &World<'_>) -> Vec<i64> {
    let all = world.store.quarantine(QuarantineFilter::default(), None, 100).await;
    all.expect("answers").rows.iter().map(|entry| entry.no.0).collect()
}

pub async fn what_is_set_aside_is_measured_with_the_kind_that_goes_first(database: &dyn Database) {
    let mut world = World::new(database).await;
    for place in SetAside::ALL {
        assert_eq!(measured(&world, place).await, Measured::default());
    }
    let many: Vec<Rejected> =
        (1..=3).map(|id| game::rejected(None, id, 0, RejectCode::WrongType)).collect();
    let one = game::rejected(None, 9, 0, RejectCode::OutOfRange);
    let bytes: u64 = many.iter().chain([&one]).map(Rejected::kept_bytes).sum();
    reject(&mut world, &many).await;
    reject(&mut world, &[one.clone(), one]).await;
    let kind = |name: &str, given_up| Some(SetAsideKind { name: name.to_owned(), given_up });
    let found = measured(&world, SetAside::Quarantine).await;
    assert_eq!(found.size, Size { events: 4, bytes }, "what came twice lies there once");
    assert_eq!(found.first_to_go, kind("wrong_type", false));
    let of_code =
        QuarantineFilter { code: Some("out_of_range".to_owned()), ..QuarantineFilter::default() };
    world
        .store
        .discard_quarantined(of_code, "no use".into(), at(50), usize::MAX)
        .await
        .expect("answers");
    let found = measured(&world, SetAside::Quarantine).await;
    assert_eq!(found.first_to_go, kind("out_of_range", true), "what was given up goes first");
    assert_eq!(found.size.bytes, bytes);
}

pub async fn the_oldest_of_a_kind_go_until_there_is_room(database: &dyn Database) {
    let mut world = World::new(database).await;
    for id in 1..=6 {
        let code = if id == 1 { RejectCode::OutOfRange } else { RejectCode::WrongType };
        reject(&mut world, &[game::rejected(None, id, 0, code)]).await;
    }
    let all = quarantined(&world).await;
    let of_one = game::rejected(None, 2, 0, RejectCode::WrongType).kept_bytes();
    let which = LetGo {
        kind: Some("wrong_type".to_owned()),
        given_up: Some(false),
        bytes: Some(of_one + 1),
        ..LetGo::default()
    };
    let gone = let_go(&world, SetAside::Quarantine, which.clone()).await;
    assert_eq!(gone, Size { events: 2, bytes: 2 * of_one }, "one is not enough, two are");
    assert_eq!(quarantined(&world).await, [&all[..1], &all[3..]].concat());
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 4);
    let nothing = LetGo { given_up: Some(true), ..which };
    assert_eq!(let_go(&world, SetAside::Quarantine, nothing).await, Size::default());
    assert_eq!(let_go(&world, SetAside::Quarantine, LetGo::default()).await.events, 4);
    assert_eq!(measured(&world, SetAside::Quarantine).await, Measured::default());
    assert_eq!(world.verify().await.differing, 0);
}

pub async fn what_is_set_aside_for_too_long_goes(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[event("ann", 1, 0, ENDED, OVERFLOWING)]).await;
    world.clock.advance(1_000);
    let before = Some(world.clock.now());
    world.apply(&[event("bob", 2, 0, ENDED, OVERFLOWING)]).await;
    let filter = DeadFilter::default();
    world
        .store
        .discard_dead(filter.clone(), "no use".into(), at(50), usize::MAX)
        .await
        .expect("answers");
    world.apply(&[event("cid", 3, 0, ENDED, OVERFLOWING)]).await;
    let gone = let_go(&world, SetAside::Dead, LetGo { before, ..LetGo::default() }).await;
    assert_eq!(gone.events, 1);
    let given_up = LetGo { given_up: Some(true), ..LetGo::default() };
    assert_eq!(let_go(&world, SetAside::Dead, given_up).await.events, 1);
    let left = world.store.dead(filter, None, 10).await.expect("answers").rows;
    assert_eq!(left.iter().map(|dead| dead.event.player.as_str()).collect::<Vec<_>>(), ["cid"]);
    assert_eq!(world.store.totals().await.expect("answers").dead, 1);
    assert_eq!(world.verify().await.differing, 0);
}

pub async fn the_dead_of_one_player_count_only_so_far(database: &dyn Database) {
    let mut world = World::new(database).await;
    let many = DEAD_OF_PLAYER_ALARMING_MAX.unsigned_abs() + 5;
    let of_ann = (0..many).map(|id| event("ann", id.into(), 0, ENDED, OVERFLOWING));
    let of_bob = event("bob", 1, 0, ENDED, OVERFLOWING);
    world.apply(&of_ann.chain([of_bob]).collect::<Vec<_>>()).await;
    let found = measured(&world, SetAside::Dead).await;
    assert_eq!(found.size.events, many + 1);
    assert_eq!(found.alarming, DEAD_OF_PLAYER_ALARMING_MAX.unsigned_abs() + 1);
    assert_eq!(found.first_to_go.expect("a kind").name, ENDED);
}

pub async fn a_step_removes_only_so_many(database: &dyn Database) {
    let mut world = World::new(database).await;
    let more = ROOM_STEP_EVENTS as u128 + 1;
    let rejected: Vec<Rejected> =
        (0..more).map(|id| game::rejected(None, id, 0, RejectCode::WrongType)).collect();
    reject(&mut world, &rejected).await;
    let step = async || let_go(&world, SetAside::Quarantine, LetGo::default()).await.events;
    assert_eq!([step().await, step().await, step().await], [ROOM_STEP_EVENTS as u64, 1, 0]);
}
