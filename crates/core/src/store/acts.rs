//! Acts of operators on players.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{from_player, limit, values};
use crate::audit::Act;
use crate::ban::{Ban, PlayerBan};
use crate::fold::Plan;
use crate::id::PlayerId;
use crate::joining::{Joined, Joining};
use crate::limits::OPERATOR_PAGE_MAX;
use crate::naming::{BlockedName, Blocking, Named, NewName};
use crate::nickname::resembling;
use crate::rank::PlayerName;
use crate::review::Deciding;
use crate::session::Unbinding;
use crate::time::Timestamp;
use crate::turning::{Turning, Wish};
use crate::void::{Voided, Voiding};

/// Acts on players. Each is one transaction with its entry in the log, and doing it again changes
/// nothing.
#[async_trait]
pub trait ActStore: AskStore {
    /// Bans a player as it says, or lifts the ban. Answers whether that changed anything.
    async fn ban(&self, player: PlayerId, ban: Option<Ban>, act: Act) -> Result<bool>;

    /// Names a player, as [`super::PlayerStore::name`] does.
    async fn rename(&self, player: PlayerId, name: NewName, act: Act) -> Result<Named>;

    /// Blocks a name, or lifts the block, as [`ActStore::block_name`] and [`ActStore::unblock_name`] do.
    async fn block(&self, blocking: Blocking, act: Act) -> Result<bool>;

    /// Blocks a name: nobody can choose it any more, nor what looks like it. Who has it keeps it. Answers
    /// whether it was not blocked before.
    async fn block_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.block(Blocking { nickname, is_blocked: true }, act).await
    }

    /// Lifts the block of a name, and of what looks like it. Answers whether there was one.
    async fn unblock_name(&self, nickname: String, act: Act) -> Result<bool> {
        self.block(Blocking { nickname, is_blocked: false }, act).await
    }

    /// The blocked names in the order of their skeletons, after the one of `after`, at most `rows`.
    async fn blocked_names(&self, after: Option<String>, rows: usize) -> Result<Vec<BlockedName>> {
        let values = values![after.unwrap_or_default(), limit(rows)];
        asking::list(self, Question::BlockedNames, values).await
    }

    /// Players who are called so, or what looks like it, in the order of their ids, at most `rows`.
    async fn bearers(&self, nickname: String, rows: usize) -> Result<Vec<PlayerName>> {
        let values = values![resembling(&nickname), limit(rows)];
        asking::list(self, Question::Bearers, values).await
    }

    /// The ban of a player, if there is one.
    async fn ban_of(&self, player: PlayerId) -> Result<Option<Ban>> {
        asking::first(self, Question::BanInForce, values![&player]).await
    }

    /// Revokes the sessions of a player who is bound to a secret, and takes the secret away if it says so.
    /// Answers whether there was one.
    async fn unbind(&self, player: PlayerId, unbinding: Unbinding, act: Act) -> Result<bool>;

    /// Carries out an act on events of a player, and folds the player's state anew. Tournaments that are closed
    /// stay as they were. `plan` must be present, as in `apply`.
    async fn turn(&self, plan: Arc<Plan>, turning: Turning, act: Act) -> Result<Voided>;

    /// Makes events of a player not count, or count again, as [`ActStore::turn`] does.
    async fn void(
        &self,
        plan: Arc<Plan>,
        player: PlayerId,
        voiding: Voiding,
        act: Act,
    ) -> Result<Voided> {
        self.turn(plan, Turning { player, wish: Wish::Void(voiding) }, act).await
    }

    /// Decides about entries of a player in the review list, as [`ActStore::turn`] does. What is accepted counts as
    /// if it had never been held. Answers how many entries changed.
    async fn decide(
        &self,
        plan: Arc<Plan>,
        player: PlayerId,
        deciding: Deciding,
        act: Act,
    ) -> Result<u64> {
        let turning = Turning { player, wish: Wish::Decide(deciding) };
        Ok(self.turn(plan, turning, act).await?.changed)
    }

    /// Moves a player to another id: from now on the two are one, in all that is kept and in all that comes.
    /// Fails with [`super::StoreError::MoveRefused`] if that cannot be meant, and with
    /// [`super::StoreError::Filling`] while a projection is being filled. Nothing is applied meanwhile. `plan` must
    /// be present, as in `apply`.
    async fn move_player(&self, plan: Arc<Plan>, joining: Joining, act: Act) -> Result<Joined>;

    /// Who a player has become, if they were moved.
    async fn moved_to(&self, player: PlayerId) -> Result<Option<PlayerId>> {
        asking::first(self, Question::MovedTo, values![&player]).await
    }

    /// The players whose bans end by themselves and are over at `now`, some at a time.
    async fn bans_over(&self, now: Timestamp) -> Result<Vec<PlayerId>> {
        asking::list(self, Question::BansOver, values![now, limit(OPERATOR_PAGE_MAX)]).await
    }

    /// Everybody who is or was banned, in the order of their ids, after `after`, at most `rows`.
    async fn bans(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<PlayerBan>> {
        asking::list(self, Question::Bans, values![from_player(after.as_ref()), limit(rows)]).await
    }
}
