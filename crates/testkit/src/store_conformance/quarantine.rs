//! Quarantine.

use scoreline_core::event::{RejectCode, Rejected};
use scoreline_core::store::{Batch, QuarantineEntry, QuarantineFilter, QuarantineNo};

use super::Database;
use super::world::World;
use crate::game::{at, played, player, rejected};

async fn put(world: &mut World<'_>, ids: impl IntoIterator<Item = u128>) -> usize {
    let rejected = ids
        .into_iter()
        .map(|id| {
            let code =
                if id.is_multiple_of(2) { RejectCode::OutOfRange } else { RejectCode::WrongType };
            let player = if id < 10 { Some("ann") } else { None };
            rejected(player, id, i64::try_from(id).expect("small"), code)
        })
        .collect();
    world.apply_batch(Batch { rejected, ..Batch::default() }).await.quarantined
}

async fn list(world: &World<'_>, filter: QuarantineFilter) -> Vec<QuarantineEntry> {
    world.store.quarantine(filter, None, 100).await.expect("answers").rows
}

pub async fn a_rejected_event_is_kept_as_it_came(database: &dyn Database) {
    let mut world = World::new(database).await;
    let full = rejected(Some("ann"), 1, 5, RejectCode::NulCharacter);
    let mut bare = rejected(None, 2, 6, RejectCode::NotAnObject);
    bare.event_type = None;
    bare.event_id = None;
    bare.field = None;
    bare.sent_at = None;
    bare.raw = Box::from("[\"ö\"]");
    let batch = Batch { rejected: vec![full.clone(), bare.clone()], ..Batch::default() };
    assert_eq!(world.apply_batch(batch).await.quarantined, 2);
    let found = list(&world, QuarantineFilter::default()).await;
    assert!(found.iter().all(|entry| entry.times_seen == 1 && entry.discarded.is_none()));
    let found: Vec<_> = found.into_iter().map(|entry| entry.rejected).collect();
    assert_eq!(found, [full, bare]);
    for code in RejectCode::ALL {
        let one = rejected(None, 100 + code as u128, 7, code);
        world.apply_batch(Batch { rejected: vec![one], ..Batch::default() }).await;
        let of_code = QuarantineFilter { code: Some(code.as_str().into()), ..Default::default() };
        let found = list(&world, of_code).await;
        assert_eq!(found.last().expect("one").rejected.code, code);
    }
}

pub async fn a_resend_is_the_same_entry_seen_once_more(database: &dyn Database) {
    let mut world = World::new(database).await;
    assert_eq!(put(&mut world, [1, 2, 1]).await, 2);
    assert_eq!(put(&mut world, [2, 3]).await, 1);
    let found = list(&world, QuarantineFilter::default()).await;
    assert_eq!(found.iter().map(|entry| entry.times_seen).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 3);
}

pub async fn entries_are_listed_by_what_is_asked_and_in_pages(database: &dyn Database) {
    let mut world = World::new(database).await;
    put(&mut world, 1..=20).await;
    let of_code = QuarantineFilter { code: Some("out_of_range".into()), ..Default::default() };
    let of_ann = QuarantineFilter { player: Some(player("ann")), ..Default::default() };
    let between =
        QuarantineFilter { from: Some(at(3)), until: Some(at(6)), ..QuarantineFilter::default() };
    let of_type = QuarantineFilter { event_type: Some("paused".into()), ..Default::default() };
    for (filter, expected) in [
        (of_code.clone(), 10),
        (of_ann, 9),
        (between, 3),
        (of_type, 0),
        (QuarantineFilter::default(), 20),
    ] {
        assert_eq!(list(&world, filter.clone()).await.len(), expected, "{filter:?}");
    }
    let (mut numbers, mut after): (Vec<QuarantineNo>, _) = (Vec::new(), None);
    loop {
        let page = world.store.quarantine(of_code.clone(), after, 3).await.expect("answers");
        assert!(page.rows.len() <= 3);
        numbers.extend(page.rows.iter().map(|entry| entry.no));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(numbers.len(), 10);
    assert!(numbers.is_sorted_by(|a, b| a < b), "each once, in order");
}

pub async fn entries_leave_with_the_batch_that_replays_them(database: &dyn Database) {
    let mut world = World::new(database).await;
    put(&mut world, 1..=3).await;
    let entries = list(&world, QuarantineFilter::default()).await;
    let leaving = vec![entries[0].no, entries[2].no, QuarantineNo(9_999)];
    for expected in [1, 0] {
        let batch = Batch {
            events: vec![played("ann", 1, 0, 5)],
            leaves_quarantine: leaving.clone(),
            ..Batch::default()
        };
        assert_eq!(world.apply_batch(batch).await.applied, expected);
        let left = list(&world, QuarantineFilter::default()).await;
        assert_eq!(left, [entries[1].clone()]);
        assert_eq!(world.store.totals().await.expect("answers").quarantined, 1);
    }
    // What left and is still rejected later comes back under a new number.
    assert_eq!(put(&mut world, [1]).await, 1);
    let back = list(&world, QuarantineFilter::default()).await.pop().expect("it is back");
    assert!(back.no > entries[2].no);
    world.check().await;
}

pub async fn an_entry_that_is_rejected_again_says_what_is_wrong_now(database: &dyn Database) {
    let mut world = World::new(database).await;
    put(&mut world, [1, 2, 3, 1]).await;
    let before = list(&world, QuarantineFilter::default()).await;
    let again = |entry: &QuarantineEntry, code, field: Option<&str>| {
        let (field, message) = (field.map(str::to_owned), format!("{code:?} now"));
        (entry.no, Rejected { code, field, message, ..entry.rejected.clone() })
    };
    let unknown = (QuarantineNo(9_999), before[1].rejected.clone());
    let rejected_again = vec![
        again(&before[0], RejectCode::OutOfRange, Some("score")),
        unknown,
        again(&before[2], RejectCode::UnknownEventType, None),
    ];
    let batch = Batch { rejected_again: rejected_again.clone(), ..Batch::default() };
    assert_eq!(world.apply_batch(batch).await.quarantined, 0);
    let mut expected = before;
    expected[0].rejected = rejected_again[0].1.clone();
    expected[2].rejected = rejected_again[2].1.clone();
    assert_eq!(list(&world, QuarantineFilter::default()).await, expected, "and else as before");
    let of_code =
        QuarantineFilter { code: Some("unknown_event_type".into()), ..Default::default() };
    assert_eq!(list(&world, of_code).await, expected[2..], "it is found by what is wrong now");
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 3);
    world.check().await;
}

pub async fn entries_given_up_stay_visible_with_the_note(database: &dyn Database) {
    let mut world = World::new(database).await;
    put(&mut world, 1..=6).await;
    let of_code = QuarantineFilter { code: Some("wrong_type".into()), ..Default::default() };
    let note = "an old client".to_owned();
    for expected in [3, 0] {
        let given_up = world
            .store
            .discard_quarantined(of_code.clone(), note.clone(), at(50), usize::MAX)
            .await;
        assert_eq!(given_up.expect("answers"), expected);
    }
    assert_eq!(list(&world, of_code.clone()).await, []);
    assert_eq!(list(&world, QuarantineFilter::default()).await.len(), 3);
    let given_up = list(&world, QuarantineFilter { discarded: true, ..of_code }).await;
    assert_eq!(given_up.len(), 3);
    assert!(given_up.iter().all(|entry| entry.discarded == Some((at(50), note.clone()))));
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 3);
    // A resend of what was given up is no news.
    assert_eq!(put(&mut world, [1]).await, 0);
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 3);
}

pub async fn entries_are_grouped_by_reason_and_type_counted_and_one_of_them_chosen(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    assert_eq!(world.store.newest_quarantined().await.expect("answers"), None);
    assert_eq!(world.store.quarantine_groups(false, 10).await.expect("answers"), []);
    put(&mut world, 1..=12).await;
    let mut untyped = rejected(None, 13, 99, RejectCode::NotAnObject);
    untyped.event_type = None;
    world.apply_batch(Batch { rejected: vec![untyped], ..Batch::default() }).await;
    let groups = world.store.quarantine_groups(false, 10).await.expect("answers");
    let told: Vec<_> = groups
        .iter()
        .map(|group| (&*group.reason, group.event_type.is_empty(), group.events, group.players))
        .collect();
    // Of the even ids four are Ann's, of the odd ones five; the others have no player.
    assert_eq!(
        told,
        [("out_of_range", false, 6, 1), ("wrong_type", false, 6, 1), ("not_an_object", true, 1, 0),]
    );
    assert_eq!((groups[0].last_at, groups[2].last_at), (at(12), at(99)));
    assert_eq!(world.store.quarantine_groups(false, 1).await.expect("answers").len(), 1);
    let count = async |filter| world.store.count_quarantined(filter).await.expect("answers");
    let untyped = QuarantineFilter { event_type: Some(String::new()), ..Default::default() };
    assert_eq!(count(untyped.clone()).await, 1);
    assert_eq!(list(&world, untyped).await[0].rejected.code, RejectCode::NotAnObject);
    let of_code = QuarantineFilter { code: Some("wrong_type".into()), ..Default::default() };
    assert_eq!(count(of_code.clone()).await, 6);
    let all = list(&world, QuarantineFilter::default()).await;
    let newest = all.last().map(|entry| entry.no);
    assert_eq!(world.store.newest_quarantined().await.expect("answers"), newest);
    let only = QuarantineFilter { only: Some(all[3].no), ..Default::default() };
    assert_eq!(
        (count(only.clone()).await, list(&world, only.clone()).await),
        (1, vec![all[3].clone()])
    );
    let given_up = world.store.discard_quarantined(only, "one".into(), at(100), usize::MAX).await;
    assert_eq!(given_up.expect("is done"), 1);
    let given_up = world.store.quarantine_groups(true, 10).await.expect("answers");
    assert_eq!(given_up.len(), 1);
    assert_eq!((given_up[0].events, count(QuarantineFilter::default()).await), (1, 12));
}
