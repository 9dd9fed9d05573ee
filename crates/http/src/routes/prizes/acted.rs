//! What awarding a prize by hand and revoking one answer.

use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::openapi::Moment;

/// A prize after an operator's act.
#[derive(Serialize, ToSchema)]
#[schema(as = ActedPrize, example = json!({
    "success": true, "changed": true, "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90",
    "user_id": "device-1", "coins": 500, "gems": 25, "awarded_at": "2026-11-23T10:00:00.000Z",
    "claimed_at": null, "revoked_at": null,
}))]
pub(super) struct ActedPrize {
    success: bool,
    /// Whether the request changed anything.
    changed: bool,
    prize_id: Uuid,
    user_id: String,
    coins: i64,
    gems: i64,
    #[schema(value_type = Moment)]
    awarded_at: Timestamp,
    /// When the player claimed it, if they did.
    #[schema(value_type = Option<Moment>)]
    claimed_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    #[schema(value_type = Option<Moment>)]
    revoked_at: Option<Timestamp>,
}

impl ActedPrize {
    /// A prize, and whether the request changed anything.
    pub fn of(prize: &Prize, changed: bool) -> Self {
        Self {
            success: true,
            changed,
            prize_id: prize.id,
            user_id: prize.player.to_string(),
            coins: prize.coins,
            gems: prize.gems,
            awarded_at: prize.awarded_at,
            claimed_at: prize.claimed_at,
            revoked_at: prize.revoked_at,
        }
    }
}
