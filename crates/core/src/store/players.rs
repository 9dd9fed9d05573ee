//! What is kept of a player beside their scores: nickname, secret, statistics.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{from_player, limit, values};
use crate::id::{PlayerId, Slot};
use crate::naming::{Named, NewName};
use crate::rank::PlayerName;
use crate::session::{Binding, Revocations};
use crate::time::Timestamp;

/// A player's name and statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayerProfile {
    /// The nickname, if they set one.
    pub nickname: Option<String>,
    /// The value of every statistic that has one, by its live slot.
    pub statistics: Vec<(Slot, i64)>,
}

impl PlayerProfile {
    /// The profile made of a nickname and statistics; `None` if the player has neither.
    pub fn known(nickname: Option<String>, statistics: Vec<(Slot, i64)>) -> Option<Self> {
        let is_known = nickname.is_some() || !statistics.is_empty();
        is_known.then_some(Self { nickname, statistics })
    }
}

/// Players.
#[async_trait]
pub trait PlayerStore: AskStore {
    /// Names a player, known or not yet known, unless the name is another player's and must be unique, or
    /// is blocked. Of two who want the same name at once, one gets it. The version of a name only grows,
    /// whatever the clocks say.
    async fn name(&self, player: PlayerId, name: NewName, now: Timestamp) -> Result<Named>;

    /// Names a player, whoever else is called so.
    async fn set_nickname(&self, player: PlayerId, nickname: String, now: Timestamp) -> Result<()> {
        self.name(player, NewName::of(nickname, false), now).await.map(drop)
    }

    /// The nicknames of these players, in their order.
    async fn nicknames(&self, players: Vec<PlayerId>) -> Result<Vec<Option<String>>>;

    /// The nicknames of all players who have one, in the order of their ids, after `after`, at most
    /// `limit`.
    async fn names(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<PlayerName>> {
        asking::list(self, Question::Names, values![from_player(after.as_ref()), limit(rows)]).await
    }

    /// A player's name and statistics; `None` if nothing was ever heard of them.
    async fn profile(&self, player: PlayerId) -> Result<Option<PlayerProfile>>;

    /// What a player is bound to.
    async fn binding(&self, player: PlayerId) -> Result<Binding>;

    /// Binds a secret's hash to a player who has none. Answers what the player is bound to since: of two
    /// who come at once, one is bound.
    async fn bind_secret(&self, player: PlayerId, hash: String, now: Timestamp) -> Result<Binding>;

    /// Forgets the secrets that were bound before `before` to players of whom nothing else is known: no event, no
    /// name. At most `limit`; answers how many. Whoever has such a secret may bind it again.
    async fn forget_unused_bindings(&self, before: Timestamp, limit: usize) -> Result<u64>;

    /// The players whose sessions were ever revoked, in the order of their ids, after `after`, at most
    /// `rows`.
    async fn revocations(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<Revocations>> {
        let values = values![from_player(after.as_ref()), limit(rows)];
        asking::list(self, Question::Revocations, values).await
    }
}
