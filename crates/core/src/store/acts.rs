//! Acts of operators on players.

use async_trait::async_trait;

use super::Result;
use crate::audit::Act;
use crate::ban::{Ban, PlayerBan};
use crate::id::PlayerId;
use crate::time::Timestamp;

/// Acts on players. Each is one transaction with its entry in the log, and doing it again changes
/// nothing.
#[async_trait]
pub trait ActStore: Send + Sync + 'static {
    /// Bans a player as it says, or lifts the ban. Answers whether that changed anything.
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool>;

    /// The ban of a player, if there is one.
    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>>;

    /// The players whose bans end by themselves and are over at `now`, some at a time.
    async fn bans_over(&self, now: Timestamp) -> Result<Vec<PlayerId>>;

    /// Everybody who is or was banned, in the order of their ids, after `after`, at most `limit`.
    async fn bans(&self, after: Option<PlayerId>, limit: usize) -> Result<Vec<PlayerBan>>;
}
