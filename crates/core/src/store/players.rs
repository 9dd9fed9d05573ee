//! What is kept of a player beside their scores: nickname, secret, statistics.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{from_player, limit, values};
use crate::analytics::Part;
use crate::id::{PlayerId, Slot};
use crate::naming::{Named, NewName};
use crate::nickname::resembling;
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

/// Before what the texts are that begin like this. Both databases compare by bytes.
fn behind(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
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

    /// Players whose names begin like this, or like what looks like it, in the order of what their names look
    /// like, at most `rows`. Nobody if nothing is left of the beginning to compare by.
    async fn called_like(&self, beginning: String, rows: usize) -> Result<Vec<PlayerName>> {
        let skeleton = resembling(&beginning);
        if skeleton.is_empty() {
            return Ok(Vec::new());
        }
        let before = behind(&skeleton);
        asking::list(self, Question::CalledLike, values![skeleton, before, limit(rows)]).await
    }

    /// Players of whom anything is known and whose ids begin like this, in their order, at most `rows`.
    /// `analytics` is the slot of the analytics that are shown.
    async fn known_like(
        &self,
        analytics: Slot,
        beginning: PlayerId,
        rows: usize,
    ) -> Result<Vec<PlayerId>> {
        let before = behind(beginning.as_str());
        let part = Part::Life.number();
        let values = values![&beginning, before, analytics.0, part, limit(rows)];
        asking::list(self, Question::KnownLike, values).await
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

    /// Works out anew what at most `rows` names of players, and as many blocked ones, are compared by, where
    /// rules other than [`RESEMBLING_RULES`](crate::nickname::RESEMBLING_RULES) did so. Names, blocks and their
    /// versions stay. Of blocked names that have become the same, one stays. Answers how many names there
    /// were; 0 once there is none left.
    async fn renew_resemblance(&self, rows: usize) -> Result<u64>;

    /// The players whose sessions were ever revoked, in the order of their ids, after `after`, at most
    /// `rows`.
    async fn revocations(&self, after: Option<PlayerId>, rows: usize) -> Result<Vec<Revocations>> {
        let values = values![from_player(after.as_ref()), limit(rows)];
        asking::list(self, Question::Revocations, values).await
    }
}
