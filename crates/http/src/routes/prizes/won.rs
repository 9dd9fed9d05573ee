//! A prize, as answers show it.

use scoreline_core::prize::{
    AWARD_LABEL, AWARD_MESSAGE, celebration_message, rank_label, total_value,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::openapi::Moment;

/// What was won, or awarded by an operator.
#[derive(Serialize, ToSchema)]
pub(super) struct WonPrize {
    prize_id: Uuid,
    /// Empty if an operator awarded it.
    tournament_id: String,
    tournament_name: String,
    /// 0 if an operator awarded it.
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
        let won = prize.won.as_ref();
        let award = || AWARD_LABEL.to_owned();
        Self {
            prize_id: prize.id,
            tournament_id: won.map(|won| won.tournament_id.to_string()).unwrap_or_default(),
            tournament_name: won.map_or_else(award, |won| won.tournament_name.clone()),
            rank: won.map_or(0, |won| won.rank),
            rank_label: won.map_or_else(award, |won| rank_label(won.rank)),
            coins: prize.coins,
            gems: prize.gems,
            awarded_at: prize.awarded_at,
            total_value: total_value(prize.coins, prize.gems),
            celebration_message: won
                .map_or_else(|| AWARD_MESSAGE.to_owned(), |won| celebration_message(won.rank)),
        }
    }
}
