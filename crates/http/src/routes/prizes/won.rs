//! A prize, as answers show it.

use scoreline_core::prize::{celebration_message, rank_label, total_value};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::openapi::Moment;

/// What was won.
#[derive(Serialize, ToSchema)]
pub(super) struct WonPrize {
    prize_id: Uuid,
    tournament_id: String,
    tournament_name: String,
    rank: u64,
    /// Such as `1st Place`.
    rank_label: String,
    coins: i64,
    gems: i64,
    #[schema(value_type = Moment)]
    awarded_at: Timestamp,
    /// Coins and ten times the gems.
    total_value: i64,
    celebration_message: String,
}

impl From<&Prize> for WonPrize {
    fn from(prize: &Prize) -> Self {
        Self {
            prize_id: prize.id,
            tournament_id: prize.tournament_id.to_string(),
            tournament_name: prize.tournament_name.clone(),
            rank: prize.rank,
            rank_label: rank_label(prize.rank),
            coins: prize.coins,
            gems: prize.gems,
            awarded_at: prize.awarded_at,
            total_value: total_value(prize.coins, prize.gems),
            celebration_message: celebration_message(prize.rank),
        }
    }
}
