//! The note about the clock.

use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::ClockNote;

use super::Database;
use crate::game::at;

fn note(epoch: i64, last_at: Timestamp, offset_ms: Option<i64>) -> ClockNote {
    ClockNote { epoch, last_at, offset_ms }
}

pub async fn the_latest_note_about_the_clock_stays_within_an_epoch(database: &dyn Database) {
    let store = database.open().await;
    assert_eq!(store.clock_note().await.expect("it answers"), None);
    for (given, kept) in [
        (note(0, at(5_000), None), note(0, at(5_000), None)),
        (note(0, at(4_000), Some(-9_000)), note(0, at(5_000), Some(-9_000))),
        (note(0, at(6_000), None), note(0, at(6_000), None)),
    ] {
        store.note_clock(given).await.expect("it is kept");
        let again = database.open().await;
        assert_eq!(again.clock_note().await.expect("it answers"), Some(kept));
    }
}

pub async fn a_later_epoch_may_go_back_and_an_earlier_one_changes_nothing(database: &dyn Database) {
    let store = database.open().await;
    for given in
        [note(0, at(5_000), Some(7)), note(1, at(1_000), None), note(0, at(9_000), Some(7))]
    {
        store.note_clock(given).await.expect("it is kept");
    }
    assert_eq!(store.clock_note().await.expect("it answers"), Some(note(1, at(1_000), None)));
}
