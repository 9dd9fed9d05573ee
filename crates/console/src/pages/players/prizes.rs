//! Prizes by the hand of an operator: awarding one, and taking one back. The store writes both down.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::tournament::{HandAward, HandPrize, Revocation};
use scoreline_http::{Problem, Slug};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::Console;
use crate::forms;
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;

/// What is awarded to whom, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct AwardForm {
    /// The player's id as an address carries it.
    id: String,
    coins: String,
    gems: String,
    note: String,
}

/// An amount as it is typed; nothing is 0.
fn amount(field: &'static str, text: &str) -> Result<i64, Problem> {
    let text = text.trim();
    let read = if text.is_empty() { Some(0) } else { text.parse().ok() };
    read.ok_or_else(|| Problem::field(field, "must be a whole number".to_owned()))
}

/// Awards a prize without a tournament. Sending the same form twice is one prize.
pub(crate) async fn award(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<AwardForm>,
) -> Result<Response, Trouble> {
    let (player, note) = (forms::player(&form.id)?, forms::note(&form.note)?);
    let amounts = [amount("coins", &form.coins)?, amount("gems", &form.gems)?];
    let prize = HandPrize::new(None, player.clone(), amounts, &note)
        .map_err(|fault| Problem::field("coins", fault.to_string()))?;
    let act = forms::act(&operator, "awardPrize", &player, note, console.clock.now());
    match console.prizes.award_prize(prize, act).await? {
        HandAward::Given(_) => Ok(Redirect::to(&player_path(&player)).into_response()),
        HandAward::GivenBefore(_) | HandAward::Taken => {
            let detail = "the player was given this for this reason before; say another reason to give \
                          it once more";
            Err(Problem::new(Slug::Conflict, detail).into())
        }
    }
}

/// Which prize is taken back from whom, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct RevokeForm {
    id: String,
    prize: String,
    note: String,
}

/// Takes a prize back.
pub(crate) async fn revoke(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<RevokeForm>,
) -> Result<Response, Trouble> {
    let (player, note) = (forms::player(&form.id)?, forms::note(&form.note)?);
    let missing = || Problem::new(Slug::NotFound, "there is no such prize");
    let prize = Uuid::try_parse(&form.prize).map_err(|_| missing())?;
    let act = forms::act(&operator, "revokePrize", &prize, note, console.clock.now());
    match console.prizes.revoke_prize(prize, act).await? {
        Revocation::Revoked(_) | Revocation::RevokedBefore(_) => {
            Ok(Redirect::to(&player_path(&player)).into_response())
        }
        Revocation::NotFound => Err(missing().into()),
    }
}
