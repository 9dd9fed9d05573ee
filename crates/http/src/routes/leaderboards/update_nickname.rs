//! `POST /api/v2/leaderboard/update-nickname`: what a player is called.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::naming::NewName;
use scoreline_core::operations::Operations;
use scoreline_core::store::PlayerStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::auth::Caller;
use crate::boards::Boards;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Text, UserId};

/// What a player wants to be called.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "user_id": "device-1", "nickname": "Ada" }))]
struct Nickname {
    user_id: UserId,
    /// 3 to 20 letters, numbers and spaces of any script, unless the definition says otherwise; spaces
    /// around it are left out.
    nickname: Text,
}

impl Fields for Nickname {
    const NEEDS: Option<&'static str> = Some("user_id and nickname required");
}

/// A nickname that is in force.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "message": "Nickname updated successfully", "user_id": "device-1", "nickname": "Ada",
}))]
struct NicknameAnswer {
    success: bool,
    message: &'static str,
    user_id: String,
    /// As it is shown: trimmed.
    nickname: String,
}

/// A player names themselves, a game server anybody.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// Names a player, on every board and at once.
#[utoipa::path(
    post, path = "/api/v2/leaderboard/update-nickname", tag = "Leaderboards",
    operation_id = "updateNickname",
    request_body = Nickname,
    responses((status = 200, description = "The name is in force", body = NicknameAnswer), Clash),
)]
async fn handle(
    State(players): State<Arc<dyn PlayerStore>>,
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    caller: Caller,
    Body(wanted): Body<Nickname>,
) -> Result<Json<NicknameAnswer>, Problem> {
    let player = wanted.user_id.0;
    caller.speaker.may_be(&player)?;
    let definition = operations.definition();
    // Released clients show these very words.
    let name = NewName::chosen(&wanted.nickname.0, &definition.game.nicknames)
        .map_err(|error| Problem::in_words("nickname", &error.to_string()))?;
    let nickname = name.nickname.clone();
    if let Some(refusal) = players.name(player.clone(), name, clock.now()).await?.refusal() {
        return Err(Problem::in_words("nickname", refusal));
    }
    boards.show_at_once().await;
    let (message, user_id) = ("Nickname updated successfully", player.to_string());
    Ok(Json(NicknameAnswer { success: true, message, user_id, nickname }))
}
