//! What the ranks of a tournament win, as answers say it.

use scoreline_core::game::PrizeTier;
use serde::Serialize;
use utoipa::ToSchema;

/// What a rank, or each of some ranks, wins.
#[derive(Serialize, ToSchema)]
pub(super) struct TierPrize {
    coins: i64,
    gems: i64,
    /// Such as `1st Place` or `4th-10th Place`.
    label: String,
    /// The rank, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
    /// The ranks, where they are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ranks: Option<Vec<u64>>,
}

impl From<&PrizeTier> for TierPrize {
    fn from(tier: &PrizeTier) -> Self {
        let is_one = tier.first_rank == tier.last_rank;
        Self {
            coins: tier.coins,
            gems: tier.gems,
            label: tier.label(),
            rank: is_one.then_some(tier.first_rank),
            ranks: (!is_one).then(|| (tier.first_rank..=tier.last_rank).collect()),
        }
    }
}
