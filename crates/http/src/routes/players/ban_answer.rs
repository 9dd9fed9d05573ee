//! Banning a player and lifting a ban: what both do and answer.

use std::sync::Arc;

use axum::Json;
use scoreline_core::audit::Act;
use scoreline_core::ban::Ban;
use scoreline_core::id::PlayerId;
use scoreline_core::store::ActStore;
use serde::Serialize;
use utoipa::ToSchema;

use crate::boards::Boards;
use crate::problem::Problem;

/// Whether a player is banned now.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "banned": true, "shadow": false, "changed": true,
}))]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct BanAnswer {
    success: bool,
    user_id: String,
    /// Whether the player is banned now.
    banned: bool,
    /// Whether the player is shown the boards as if there were no ban.
    shadow: bool,
    /// Whether that was otherwise before.
    changed: bool,
}

/// Bans a player, or lifts the ban, and shows it on the boards at once.
pub(super) async fn carry_out(
    acts: &Arc<dyn ActStore>,
    boards: &Boards,
    player: PlayerId,
    ban: Option<Ban>,
    act: Act,
) -> Result<Json<BanAnswer>, Problem> {
    let changed = acts.ban(player.clone(), ban, act).await?;
    boards.show_at_once().await;
    let (banned, shadow) = (ban.is_some(), ban.is_some_and(|ban| ban.shadow));
    Ok(Json(BanAnswer { success: true, user_id: player.to_string(), banned, shadow, changed }))
}
