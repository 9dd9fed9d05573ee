//! A tournament for the tests of this crate.

use std::sync::Arc;

use super::Tournament;
use crate::game::{Definition, PrizeTier};
use crate::id::{ProjectionNo, Slot};
use crate::time::Timestamp;

/// So many milliseconds after the beginning of all time stamps.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::EPOCH.plus_ms(ms)
}

/// A tournament from 100 to 200, with coins for the first and fewer for the third and fourth.
pub(crate) fn cup() -> Tournament {
    let tier = |first_rank, last_rank, coins| PrizeTier { first_rank, last_rank, coins, gems: 0 };
    Tournament {
        id: Arc::from("cup"),
        series: None,
        name: "Cup".to_owned(),
        board: Arc::new(Definition::sample().boards[0].without_resets()),
        starts_at: at(100),
        ends_at: at(200),
        prizes: vec![tier(1, 1, 100), tier(3, 4, 10)],
        projection: ProjectionNo(1),
        slot: Slot(1),
        cancelled_at: None,
        sealed_at: None,
        closed_at: None,
        participants: None,
    }
}
