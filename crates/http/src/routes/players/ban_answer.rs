//! What banning a player and lifting a ban answer.

use serde::Serialize;
use utoipa::ToSchema;

/// Whether a player is banned now.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "banned": true, "shadow": false, "changed": true,
}))]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct BanAnswer {
    pub success: bool,
    pub user_id: String,
    /// Whether the player is banned now.
    pub banned: bool,
    /// Whether the player is shown the boards as if there were no ban.
    pub shadow: bool,
    /// Whether that was otherwise before.
    pub changed: bool,
}
