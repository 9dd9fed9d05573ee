//! Listing stored events.

use std::collections::BTreeSet;

use scoreline_core::store::{EventFilter, Text};

use super::Database;
use super::world::World;
use crate::game::{ENDED, assorted, at, event, played, player, received_at};

pub async fn recent_events_come_newest_first(database: &dyn Database) {
    let mut world = World::new(database).await;
    let received_late = received_at("ann", 1, (-900, 900), ENDED, "{}");
    world.apply(&[received_late]).await;
    for n in 0..20 {
        world.apply(&[played(["ann", "bob"][n % 2], 10 + n as u128, n as i64, 5)]).await;
    }
    world.apply(&[event("bob", 99, 500, "paused", "{}")]).await;

    let recent =
        world.store.recent(EventFilter::default(), 5, Text::Beginning).await.expect("answers");
    let received: Vec<_> = recent.iter().map(|stored| stored.event.received_at).collect();
    assert_eq!(received, [at(500), at(19), at(18), at(17), at(16)], "the last applied first");

    let of = |event_type: Option<&str>, id: Option<&str>| EventFilter {
        event_type: event_type.map(str::to_owned),
        player: id.map(player),
        ..EventFilter::default()
    };
    for (filter, expected) in [
        (of(Some("paused"), None), vec![at(500)]),
        (of(None, Some("ann")), vec![at(18), at(16), at(14)]),
        (of(Some(ENDED), Some("bob")), vec![at(19), at(17), at(15)]),
        (of(Some("unheard_of"), None), vec![]),
        (EventFilter { until: Some(at(0)), ..EventFilter::default() }, vec![at(900)]),
        (
            EventFilter { from: Some(at(3)), until: Some(at(5)), ..EventFilter::default() },
            vec![at(4), at(3)],
        ),
    ] {
        let recent = world.store.recent(filter.clone(), 3, Text::Beginning).await.expect("answers");
        let received: Vec<_> = recent.iter().map(|stored| stored.event.received_at).collect();
        assert_eq!(received, expected, "{filter:?}");
    }
}

pub async fn scanning_in_pages_visits_every_event_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    for seed in 0..4 {
        world.apply(&assorted(100, seed)).await;
    }
    let whole = world.scan(&EventFilter::default(), 10_000).await;
    assert_eq!(whole.len(), world.known.len());
    assert!(whole.is_sorted_by_key(|(_, applied_at)| *applied_at));
    for page in [1, 2, 7, 64] {
        assert_eq!(world.scan(&EventFilter::default(), page).await, whole, "in pages of {page}");
    }
}

pub async fn filters_narrow_a_scan(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(300, 6)).await;
    let all = world.scan(&EventFilter::default(), 1_000).await;
    let mut sizes = BTreeSet::new();
    for filter in [
        EventFilter { event_type: Some("paused".into()), ..EventFilter::default() },
        EventFilter { player: Some(player("çelik")), ..EventFilter::default() },
        EventFilter { from: Some(at(0)), until: Some(at(400_000)), ..EventFilter::default() },
        EventFilter {
            event_type: Some(ENDED.into()),
            player: Some(player("ann")),
            from: Some(at(-2)),
            until: Some(at(1)),
        },
    ] {
        let expected: Vec<_> = all
            .iter()
            .filter(|(event, _)| {
                filter.event_type.as_ref().is_none_or(|wanted| **wanted == *event.event_type)
                    && filter.player.as_ref().is_none_or(|wanted| *wanted == event.player)
                    && filter.from.is_none_or(|from| from <= event.time)
                    && filter.until.is_none_or(|until| event.time < until)
            })
            .cloned()
            .collect();
        sizes.insert(expected.len());
        assert_eq!(world.scan(&filter, 3).await, expected, "{filter:?}");
    }
    assert!(!sizes.contains(&0) && sizes.len() > 2, "every filter finds something: {sizes:?}");
}
