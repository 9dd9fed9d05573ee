//! `POST /api/v2/prizes`: an operator awards a prize by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::PRIZE_AMOUNT_MAX;
use scoreline_core::store::PrizeStore;
use scoreline_core::time::Clock;
use scoreline_core::tournament::{HandAward, HandPrize};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::acted::ActedPrize;
use crate::access::{Endpoint, Scope};
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, UserId, Whole};

/// How much of something is in a prize.
type Amount = Whole<0, AMOUNT_MAX, 0>;
/// The most of it.
#[expect(clippy::cast_possible_truncation, reason = "it is small enough for every machine")]
const AMOUNT_MAX: usize = PRIZE_AMOUNT_MAX.unsigned_abs() as usize;

/// What is in a prize.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PrizeItems)]
struct Items {
    #[serde(default)]
    coins: Amount,
    #[serde(default)]
    gems: Amount,
}

/// A prize, for whom and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AwardPrizeRequest, example = json!({
    "user_id": "device-1", "items": { "coins": 500, "gems": 25 }, "note": "the outage of 3 March",
}))]
struct Wanted {
    /// Who gets it.
    user_id: UserId,
    /// At least one of them.
    items: Items,
    /// Why.
    note: Note,
    /// The id of the prize. Without one it is made of player, items and note, so that the same request is the
    /// same prize.
    prize_id: Option<Uuid>,
}

impl Fields for Wanted {}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Awards a prize without a tournament. The player finds it among the pending ones. Sending the request again
/// changes nothing.
#[utoipa::path(
    post, path = "/api/v2/prizes", tag = "Prizes", operation_id = "awardPrize",
    request_body = Wanted,
    responses((status = 200, description = "The player has the prize", body = ActedPrize), Clash),
)]
async fn handle(
    operator: Operator,
    State(prizes): State<Arc<dyn PrizeStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<ActedPrize>, Problem> {
    let Wanted { user_id, items, note, prize_id } = wanted;
    let amounts =
        [items.coins, items.gems].map(|amount| i64::try_from(amount.0).unwrap_or(i64::MAX));
    let prize = HandPrize::new(prize_id, user_id.0, amounts, &note.0)
        .map_err(|fault| Problem::field("items", fault.to_string()))?;
    let act = operator.act(&prize.player, Some(note.0), clock.now());
    match prizes.award_prize(prize, act).await? {
        HandAward::Given(prize) => Ok(Json(ActedPrize::of(&prize, true))),
        HandAward::GivenBefore(prize) => Ok(Json(ActedPrize::of(&prize, false))),
        HandAward::Taken => {
            Err(Problem::new(Slug::Conflict, "prize_id is the id of another prize"))
        }
    }
}
