//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use crate::audit::Act;
use crate::ban::{Ban, PlayerBan};
use crate::fold::Plan;
use crate::id::PlayerId;
use crate::naming::{BlockedName, Named, NewName};
use crate::rank::PlayerName;
use crate::session::Unbinding;
use crate::time::Timestamp;
use crate::void::{Voided, Voiding};

/// Acts on players. Each is one transaction with its entry in the log, and doing it again changes
/// nothing.
#[async_trait]
pub trait ActStore: Send + Sync + 'static {
    /// Bans a player as it says, or lifts the ban. Answers whether that changed anything.
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool>;

    /// Names a player, as [`super::PlayerStore::name`] does.
    async fn rename(&self, player: PlayerId, name: NewName, act: Act) -> Result<Named>;

    /// Blocks a name: nobody can choose it any more, nor what looks like it. Who has it keeps it. Answers
    /// whether it was not blocked before.
    async fn block_name(&self, nickname: String, act: Act) -> Result<bool>;

    /// Lifts the block of a name, and of what looks like it. Answers whether there was one.
    async fn unblock_name(&self, nickname: String, act: Act) -> Result<bool>;

    /// The blocked names in the order of their skeletons, after the one of `after`, at most `limit`.
    async fn blocked_names(&self, after: Option<String>, limit: usize) -> Result<Vec<BlockedName>>;

    /// Players who are called so, or what looks like it, in the order of their ids, at most `limit`.
    async fn bearers(&self, nickname: String, limit: usize) -> Result<Vec<PlayerName>>;

    /// The ban of a player, if there is one.
    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>>;

    /// Revokes the sessions of a player who is bound to a secret, and takes the secret away if it says so.
    /// Answers whether there was one.
    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool>;

    /// Makes events of a player not count, or count again, and folds the player's state anew. Tournaments
    /// that are closed stay as they were. `plan` must be present, as in `apply`.
    async fn void(
        &self,
        plan: Arc<Plan>,
        player: PlayerId,
        voiding: Voiding,
        act: Act,
    ) -> Result<Voided>;

    /// The players whose bans end by themselves and are over at `now`, some at a time.
    async fn bans_over(&self, now: Timestamp) -> Result<Vec<PlayerId>>;

    /// Everybody who is or was banned, in the order of their ids, after `after`, at most `limit`.
    async fn bans(&self, after: Option<PlayerId>, limit: usize) -> Result<Vec<PlayerBan>>;
}
